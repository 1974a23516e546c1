"""What the ledger keeps of an episode: its facts, and the record of the rule that found it."""

from typing import Any, Final

from cartpath.core.answers import Answer
from cartpath.core.sentences import Sentence, say
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent
from cartpath.protocols.rows import Figure
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.provenance import Record, computed
from toxicity.episodes.rules import Course
from toxicity.grading.astct import ASTCT, ASTCT_VERSION
from toxicity.models.episodes import Scale

RULE: Final = "episode"
_SOURCE: Final = "Lee et al. 2019 (onset); the hours until it has resolved are the center's"


def opened(journey: Journey, scale: Scale, number: int, course: Course) -> NewEvent:
    """The event of an episode that began."""
    facts = {"scale": scale.value, "number": number, "recurrence_of": number - 1 or None}
    begun = [say("Grade {grade}: an episode of {scale} begins.", grade=course.onset_grade, scale=scale.label)]
    if number > 1:
        begun.append(say("The episode before had resolved: it is a recurrence."))
    record = _record(journey, "open", facts | _onset(course), begun)
    return NewEvent(
        EventKind.EPISODE_OPENED, course.onset_at, facts | {"grade": course.onset_grade, "computed": [record]}
    )


def resolved(journey: Journey, scale: Scale, number: int, course: Course, rule: Figure) -> NewEvent:
    """The event of an episode that resolved: `occurred_at` is the first assessment without a sign."""
    facts = {
        "scale": scale.value,
        "number": number,
        **_onset(course),
        "peak_at": course.peak_at,
        "peak_grade": course.peak_grade,
        "peak_at_least": course.peak_at_least,
        "last_sign_at": course.last_sign_at,
        "settled_at": course.settled_at,
    }
    told = [
        say("No sign for {hours:g} hours or more, and nothing missing: resolved.", hours=rule.value),
    ]
    record = _record(journey, "resolved", facts | {"hours": rule.value}, told, rule)
    return NewEvent(
        EventKind.EPISODE_RESOLVED, course.resolved_at or course.last_sign_at, facts | {"computed": [record]}
    )


def _onset(course: Course) -> dict[str, Any]:
    return {"onset_at": course.onset_at, "onset_grade": course.onset_grade}


def _record(
    journey: Journey, state: str, inputs: dict[str, Any], told: list[Sentence], rule: Figure | None = None
) -> Record:
    answer = Answer(
        name=RULE,
        result={"state": state},
        scale=ASTCT,
        scale_version=ASTCT_VERSION,
        source=_SOURCE,
        explanation=list(told),
    )
    return computed(
        RULE,
        value=state,
        inputs=inputs,
        answer=answer,
        protocol=protocol_for(journey) if rule else None,
        rows=[rule] if rule else [],
    )
