"""When to think of IEC-HS, what fired, and whether a clinician has answered it.

The rule gives a checklist and a prompt, never a grade. A prompt is answered by a review of the same trigger;
it opens again when something new fires, or the center's hours after a clinician chose to watch (design).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from cartpath.core.actor import Actor
from cartpath.core.answers import Answer
from patients.models import Journey
from patients.provenance import NO_REASON, Record, computed
from toxicity.grading.iec_hs import IecHsInput, calculate_iec_hs
from toxicity.laboratory.enums import HyperinflammationDecision
from toxicity.laboratory.facts import facts_of
from toxicity.laboratory.inputs import HyperinflammationDetails
from toxicity.laboratory.judging import Facts, iec_hs_input
from toxicity.laboratory.selectors import hyperinflammation_reviews
from toxicity.models import HyperinflammationReview


@dataclass(frozen=True, slots=True)
class Prompt:
    """Whether to think of IEC-HS now; `fires` is None while deciding values are unknown.

    `trigger` holds the codes of what fired, `last` the latest review. `is_open`: it fires and waits for a
    clinician.
    """

    fires: bool | None
    trigger: tuple[str, ...]
    answer: Answer
    inputs: IecHsInput
    last: HyperinflammationReview | None
    is_open: bool


def prompt_of(facts: Facts, reviews: Sequence[HyperinflammationReview]) -> Prompt:
    """The prompt from values and reviews (latest first) that are at hand."""
    inputs = iec_hs_input(facts)
    answer = calculate_iec_hs(inputs)
    fires, trigger = answer.result["prompt"], answer.result["trigger"]
    fired = tuple(str(code) for code in trigger) if isinstance(trigger, list) else ()
    last = next((row for row in reviews if row.considered_at <= facts.at), None)
    return Prompt(
        fires=fires if isinstance(fires, bool) else None,
        trigger=fired,
        answer=answer,
        inputs=inputs,
        last=last,
        is_open=fires is True and not _answered(last, fired, facts),
    )


def prompt(journey: Journey, *, at: datetime) -> Prompt:
    """The prompt of a child at a time; three queries."""
    return prompt_of(facts_of(journey, at=at), hyperinflammation_reviews(journey.pk))


def considered_answer(journey: Journey, details: HyperinflammationDetails, *, at: datetime) -> dict[str, Any]:
    """The checklist as a clinician considered it, with its inputs, as JSON."""
    asked = iec_hs_input(
        facts_of(journey, at=at),
        hemophagocytosis=details.hemophagocytosis,
        onset_as_crs_resolves=details.onset_as_crs_resolves,
        other_explanation=details.other_explanation,
    )
    return asdict(calculate_iec_hs(asked)) | {"inputs": asdict(asked)}


def hyperinflammation_record(
    answer: Mapping[str, Any], details: HyperinflammationDetails, *, by: Actor
) -> Record:
    """What the ledger keeps of it: the prompt of the rule beside the decision of the clinician."""
    agreed = answer["result"]["prompt"] is (details.decision != HyperinflammationDecision.ABSENT.value)
    return computed(
        "iec_hs",
        value=answer["result"]["prompt"],
        inputs=answer["inputs"],
        answer=answer,
        confirmed=details.decision != HyperinflammationDecision.ABSENT.value,
        by=by,
        reason="" if agreed else details.note or NO_REASON,
    )


def _answered(last: HyperinflammationReview | None, fired: tuple[str, ...], facts: Facts) -> bool:
    if last is None or not set(fired) <= set(last.answer["result"]["trigger"]):
        return False
    is_watched = facts.at - last.considered_at < facts.figures.watch
    return last.decision != HyperinflammationDecision.WATCH or is_watched
