"""One set of observations as its own page shows it: every value, every correction, who and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from patients.eligibility import protocol_for
from patients.models import Journey
from patients.selectors import results_of_events
from toxicity.icans_fields import IcansFields
from toxicity.models import Observation, ObservationSet
from toxicity.observations.catalog import CATALOG, ObservationCode
from toxicity.observations.cells import Tone
from toxicity.observations.forms import SupportFields
from toxicity.observations.limits import limits_for
from toxicity.observations.pictures import tone_of, usual_words
from toxicity.observations.rows import not_taken_of
from toxicity.observations.words import SITES, label_words, not_taken_words, observation_words
from toxicity.pictures import AssessmentPicture, assessment_picture
from toxicity.words import domain_words

Text = str | Promise

_HYPOTENSION: Final = {
    True: gettext_lazy("Hypotension, judged by a person"),
    False: gettext_lazy("No hypotension, judged by a person"),
}
_FLAGS: Final = {
    name: field.label
    for name, field in (SupportFields.base_fields | IcansFields.base_fields).items()
    if name not in ("hypotension", "temperature_site")
}


@dataclass(frozen=True, slots=True)
class Correction:
    """A value that was put right: what it was, by whom it was struck, when and why."""

    words: str
    struck_by: str
    struck_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class SetRow:
    """One kind of observation in a set. `words` is empty when what was recorded was taken back."""

    label: Text
    words: str
    unit: str
    usual: str
    tone: Tone
    was: Sequence[Correction]


@dataclass(frozen=True, slots=True)
class SetPicture:
    """A set, its values in the order of the flowsheet, what was said beside them, and the grades it gave.

    `ungraded` are scales that stayed as they were, with what nobody looked at again.
    """

    found: ObservationSet
    rows: Sequence[SetRow]
    beside: Sequence[Text]
    graded: AssessmentPicture | None
    ungraded: Sequence[tuple[str, Sequence[Text]]]


def set_picture(journey: Journey, found: ObservationSet) -> SetPicture:
    """A set of a journey with its observations at hand."""
    day = found.observed_at.astimezone(journey.center.zone).date()
    by_code: dict[str, list[Observation]] = {}
    for each in found.observations.all():
        by_code.setdefault(each.code, []).append(each)
    return SetPicture(
        found=found,
        rows=[_row(journey, code, by_code[code], day) for code in CATALOG if code in by_code],
        beside=_beside(found),
        graded=_graded(found),
        ungraded=ungraded_words(found.ungraded),
    )


def ungraded_words(ungraded: dict[str, list[str]]) -> list[tuple[str, Sequence[Text]]]:
    """Scales that a round could not lower, with the domains that were worse when last looked at."""
    return [(scale.upper(), domain_words(domains)) for scale, domains in ungraded.items()]


def _row(journey: Journey, code: ObservationCode, entered: Sequence[Observation], day: date) -> SetRow:
    limit = limits_for(journey.patient.birth_date, day, protocol_for(journey).bedside).get(code)
    standing = next((each for each in entered if each.struck_at is None), None)
    return SetRow(
        label=label_words(code),
        words=_words(standing) if standing else "",
        unit=CATALOG[code].printed,
        usual=usual_words(limit, CATALOG[code].decimals),
        tone=tone_of(standing, limit) if standing else "",
        was=[
            Correction(_words(each), each.struck_by, each.struck_at, each.struck_reason)
            for each in entered
            if each is not standing
        ],
    )


def _words(row: Observation) -> str:
    return observation_words(ObservationCode(row.code), value=row.value, word=row.word, parts=row.parts)


def _beside(found: ObservationSet) -> list[Text]:
    """What was said beside the values, in words."""
    told = found.circumstances
    site = dict(SITES).get(told.get("temperature_site", ""))
    words: list[Text] = [site] if site else []
    if told.get("hypotension") is not None:
        words.append(_HYPOTENSION[told["hypotension"]])
    words += [label for name, label in _FLAGS.items() if told.get(name) is True and label]
    return [*words, *not_taken_words(not_taken_of(told))]


def _graded(found: ObservationSet) -> AssessmentPicture | None:
    if found.assessment is None:
        return None
    return assessment_picture(found.assessment, results_of_events([found.assessment.event_id]))
