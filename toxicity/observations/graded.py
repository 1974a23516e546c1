"""From a round at the bedside to the grades of CRS and ICANS, and to the checks that it completes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from patients.models import Journey
from toxicity.assessing import Answers, answers_for
from toxicity.grades import age_at
from toxicity.grading.crs import CrsInput, Oxygen
from toxicity.grading.hypotension import systolic_limit
from toxicity.grading.icans import Consciousness, IcansInput, Instrument, instrument_for
from toxicity.grading.vasopressors import counts_as_vasopressor
from toxicity.inputs import AssessmentDetails
from toxicity.models import Assessment
from toxicity.observations.catalog import VITAL_CODES, ObservationCode
from toxicity.observations.inputs import ObservationEntry
from toxicity.observations.limits import Pressure, age_in_years, hypotension_from
from toxicity.observations.selectors import (
    LOOKS_BACK,
    Pressors,
    bolus_given,
    capd_in_shift,
    has_delay,
    pressors,
)

_C = ObservationCode
_SIGNS_OF_CRS: Final = frozenset({_C.TEMPERATURE_C, _C.SYSTOLIC, _C.VASOPRESSORS, _C.OXYGEN_DEVICE})
_SIGNS_OF_ICANS: Final = frozenset(
    {_C.ICE, _C.CAPD, _C.CONSCIOUSNESS, _C.SEIZURE, _C.MOTOR_WEAKNESS, _C.RAISED_ICP}
)


@dataclass(frozen=True, slots=True)
class Graded:
    """What a round gives: the assessment to store (None for nothing to grade) with the rules' answers.

    `ungraded` names, for a scale that the round can't lower, the domains nobody looked at that were worse
    before. `pressure` is how hypotension was judged, `limit` the lowest normal systolic pressure in mmHg.
    """

    details: AssessmentDetails | None
    answers: Answers
    ungraded: dict[str, list[str]]
    pressure: Pressure
    limit: int


@dataclass(frozen=True, slots=True)
class Completed:
    """Which checks a round completes."""

    vitals: bool
    neuro: bool
    weight: bool


def instrument_of(journey: Journey, entry: ObservationEntry, *, at: datetime) -> Instrument:
    """ICE or CAPD: by the child's age that day and a developmental delay that was named, now or before."""
    delay = entry.developmental_delay or has_delay(journey.pk, at=at)
    return instrument_for(age_at(journey, at).years, developmental_delay=delay) or "CAPD"


def completed_by(
    journey: Journey, entry: ObservationEntry, instrument: Instrument, *, at: datetime
) -> Completed:
    """Which checks a round completes.

    Vital signs need temperature, pulse, pressure, respiration and saturation: one that could not be taken,
    whatever the reason, is unknown, so the check stays due. A neurological check needs
    consciousness, strength and the bedside test: ICE each time, CAPD once a shift, for it is rated from the
    whole of it. Who can't be woken can't be tested: consciousness and strength are enough then.
    """
    seen = entry.observed
    return Completed(
        vitals=seen.issuperset(VITAL_CODES),
        neuro={_C.CONSCIOUSNESS, _C.MOTOR_WEAKNESS} <= seen and _is_tested(journey, entry, instrument, at),
        weight=_C.WEIGHT_KG in seen,
    )


def _is_tested(journey: Journey, entry: ObservationEntry, instrument: Instrument, at: datetime) -> bool:
    if entry.consciousness is Consciousness.UNAROUSABLE:
        return True
    if instrument == "ICE":
        return entry.ice is not None
    if entry.capd is not None or entry.capd_unable:
        return True
    return capd_in_shift(journey, at=at) is not None


def graded(
    journey: Journey, entry: ObservationEntry, *, at: datetime, instead_of: Assessment | None = None
) -> Graded:
    """Grade a round at `at`. Before the infusion there is nothing to grade.

    `instead_of` is the assessment that this one will take the place of; it counts for nothing.

    A round that leaves a domain out gives a grade "at least", and one that leaves out the very domain that
    made the last grade gives none: what nobody looked at again can't have gone.
    """
    limit = hypotension_limit(journey, at=at)
    if journey.infused_at is None or at < journey.infused_at:
        return Graded(None, Answers(), {}, Pressure(None, None), limit)
    known = _pressors(journey, entry, at)
    pressure = _pressure(journey, entry, known, limit, at)
    found = AssessmentDetails(crs=_crs(entry, pressure, known), icans=_icans(entry))
    answers = answers_for(journey, found, at=at)
    before = [each for each in _lately(journey, at) if instead_of is None or each.pk != instead_of.pk]
    hidden = {
        "crs": _hidden(answers.crs, [each.crs for each in before]),
        "icans": _hidden(answers.icans, [each.icans for each in before]),
    }
    ungraded = {scale: domains for scale, domains in hidden.items() if domains}
    kept = replace(
        found,
        crs=None if "crs" in ungraded else found.crs,
        icans=None if "icans" in ungraded else found.icans,
    )
    return Graded(
        details=None if kept == AssessmentDetails() else kept,
        answers=Answers(
            crs=None if kept.crs is None else answers.crs, icans=None if kept.icans is None else answers.icans
        ),
        ungraded=ungraded,
        pressure=pressure,
        limit=limit,
    )


def hypotension_limit(journey: Journey, *, at: datetime) -> int:
    """The lowest normal systolic pressure of the child's age, in mmHg."""
    day = at.astimezone(journey.center.zone).date()
    return systolic_limit(age_in_years(journey.patient.birth_date, day))


def _pressors(journey: Journey, entry: ObservationEntry, at: datetime) -> Pressors:
    """What was charted now, else what the record says runs."""
    if entry.vasopressors is not None:
        return Pressors(entry.vasopressors)
    return pressors(journey.pk, at=at) if _is_about_crs(entry) else Pressors()


def _pressure(
    journey: Journey, entry: ObservationEntry, known: Pressors, limit: int, at: datetime
) -> Pressure:
    if entry.hypotension is None and not entry.observed & {_C.SYSTOLIC, _C.VASOPRESSORS}:
        return Pressure(None, None)
    keeps_up = any(map(counts_as_vasopressor, known.running))
    return hypotension_from(
        systolic=entry.systolic,
        limit=limit,
        vasopressors=True if keeps_up else None if known.unclear else False,
        fluid_bolus=bolus_given(journey, at=at),
        judged=entry.hypotension,
    )


def _is_about_crs(entry: ObservationEntry) -> bool:
    return bool(entry.observed & _SIGNS_OF_CRS) or entry.hypotension is not None


def _crs(entry: ObservationEntry, pressure: Pressure, known: Pressors) -> CrsInput | None:
    if not _is_about_crs(entry):
        return None
    oxygen = None
    if entry.oxygen_device is not None:
        oxygen = Oxygen(
            device=entry.oxygen_device,
            flow_l_min=entry.oxygen_flow,
            for_comfort=entry.oxygen_for_comfort,
            baseline_support=entry.oxygen_baseline_support,
        )
    return CrsInput(
        temperature_c=entry.temperature_c,
        fever_other_cause=entry.fever_other_cause,
        # One more may run: then what is known to run gives no more than a lower bound.
        hypotension=None if known.running and known.unclear else pressure.hypotensive,
        vasopressors=known.running if known.running else entry.vasopressors,
        oxygen=oxygen,
    )


def _icans(entry: ObservationEntry) -> IcansInput | None:
    if not entry.observed & _SIGNS_OF_ICANS and not entry.capd_unable:
        return None
    return IcansInput(
        developmental_delay=entry.developmental_delay,
        ice=entry.ice,
        capd_answers=entry.capd,
        capd_unable=entry.capd_unable,
        new_change_attributed=entry.new_change_attributed,
        consciousness=entry.consciousness,
        consciousness_other_cause=entry.consciousness_other_cause,
        seizure=entry.seizure,
        motor_weakness=entry.motor_weakness,
        raised_icp=entry.raised_icp,
        intracranial_hemorrhage=entry.intracranial_hemorrhage,
    )


def _lately(journey: Journey, at: datetime) -> list[Assessment]:
    """Assessments of the last days, latest first."""
    found = Assessment.objects.filter(
        journey_id=journey.pk, struck_at=None, assessed_at__gt=at - LOOKS_BACK, assessed_at__lte=at
    )
    return list(found.order_by("-assessed_at", "-event_id").only("crs", "icans"))


def _hidden(answer: dict[str, Any] | None, before: Sequence[Any]) -> list[str]:
    """Domains that were left out now and that, when last looked at, gave more than the grade now."""
    if answer is None:
        return []
    grade = answer["result"]["grade"]
    return [domain for domain in answer["missing"] if _last_known(domain, before) > grade]


def _last_known(domain: str, before: Sequence[Any]) -> int:
    """The grade a domain gave when it was last looked at; `before` are the answers of a scale."""
    for answer in before:
        found = answer["result"]["domains"].get(domain) if answer else None
        if found is not None:
            return int(found)
    return 0
