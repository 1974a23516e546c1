"""What the red flags of a child are judged from, read at the bedside."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Final

from django.db.models import Max

from patients.models import Journey
from toxicity.alerts.rules.facts import Facts, Given, Graded, Point, Prompted
from toxicity.bedside import Bedside, Look, Reading
from toxicity.grading.capd import CapdAnswer, score_capd
from toxicity.grading.crs import OxygenDevice
from toxicity.grading.ice import MAX_ICE_TOTAL, Ice, ice_range
from toxicity.grading.iec_hs import check_iec_hs
from toxicity.laboratory.facts import facts_of as laboratory_facts
from toxicity.laboratory.judging import iec_hs_input
from toxicity.models import Assessment, ObservationSet
from toxicity.observations.catalog import ObservationCode

# So far back a correction still takes back the alert it raised. What lies further back may hang on values
# that are no longer looked at, and then only ends by easing.
_TAKEN_BACK_WITHIN: Final = timedelta(hours=24)

# Inputs of an assessment, under the code of the same observation.
_OF_CRS: Final = {"temperature_c": ObservationCode.TEMPERATURE_C}
_OF_ICANS: Final = {
    "seizure": ObservationCode.SEIZURE,
    "raised_icp": ObservationCode.RAISED_ICP,
    "capd_total": ObservationCode.CAPD,
    "ice_total": ObservationCode.ICE,
}
# Oxygen without a deficit, or as at home, is no need of oxygen (ASTCT 2019).
_NO_NEED: Final = frozenset({"oxygen_for_comfort", "oxygen_baseline_support"})
_HYPERINFLAMMATION: Final = ("ferritin", "fibrinogen", "alt", "ast", "anc", "platelets")

Points = dict[str, list[Point]]


def facts_of(
    journey: Journey, *, at: datetime, look: Look, own_emergencies: frozenset[str] = frozenset()
) -> Facts:
    """The facts at `at`, or at the latest moment known when that is later: an entry may be of before.

    `own_emergencies` are signs that raise an emergency by themselves.
    """
    moment = _latest_moment(journey, at)
    seen = look(moment)
    points = _points(seen)
    return Facts(
        at=moment,
        since=moment - _TAKEN_BACK_WITHIN,
        figures=seen.figures,
        points={code: sorted(found, key=attrgetter("at")) for code, found in points.items()},
        crs=[*_graded("crs", seen.graded)],
        icans=[*_graded("icans", seen.graded, own_emergencies)],
        given=[Given(each.given_at, each.agent, str(each.pk)) for each in seen.given],
        prompted=[*_prompted(journey, seen)],
        systolic_limit=_systolic_limit(seen),
        own_systolic=_own(seen, ObservationCode.SYSTOLIC),
        own_ice=_own(seen, ObservationCode.ICE),
        own_capd=_own(seen, ObservationCode.CAPD),
    )


def _latest_moment(journey: Journey, at: datetime) -> datetime:
    sets = ObservationSet.objects.filter(journey_id=journey.pk, struck_at=None)
    assessed = Assessment.objects.filter(journey_id=journey.pk, struck_at=None)
    known = [
        sets.aggregate(latest=Max("observed_at"))["latest"],
        assessed.aggregate(latest=Max("assessed_at"))["latest"],
    ]
    latest: datetime = max([at, *(each for each in known if each is not None)])
    return latest


def _points(seen: Bedside) -> Points:
    points: Points = defaultdict(list)
    for code, readings in seen.readings.items():
        for reading in readings:
            point = _point(code, reading)
            # What was seen before the infusion is what the child is compared with.
            if point is not None and (seen.infused_at is None or point.at >= seen.infused_at):
                points[code].append(point)
    for count in seen.laboratory.get("anc", ()):
        points["anc"].append(Point(count.at, count.compared, str(count.set_id)))
    # One that was made of a set says the same again, which raises nothing more.
    for assessment in seen.graded:
        _add_assessment(points, assessment)
    return points


def _point(code: str, reading: Reading) -> Point | None:
    value = reading.value
    if code == ObservationCode.OXYGEN_DEVICE and reading.circumstances.keys() & _NO_NEED:
        value = OxygenDevice.NONE.value
    if value is None and code == ObservationCode.ICE and reading.parts:
        value = _ice_at_most(Ice(**reading.parts))
    return None if value is None else Point(reading.at, value, str(reading.set_id))


def _ice_at_most(ice: Ice) -> int | None:
    """The total, or what the tested items allow at most. With all still possible, the test says nothing."""
    lowest, highest = ice_range(ice)
    return highest if lowest == highest or highest < MAX_ICE_TOTAL else None


def _add_assessment(points: Points, assessment: Assessment) -> None:
    """What an assessment was graded from."""
    ref, at = str(assessment.pk), assessment.assessed_at
    crs: Mapping[str, Any] = assessment.crs["inputs"] if assessment.crs else {}
    icans: Mapping[str, Any] = assessment.icans["inputs"] if assessment.icans else {}
    known = {code: crs.get(name) for name, code in _OF_CRS.items()}
    known |= {code: icans.get(name) for name, code in _OF_ICANS.items()}
    oxygen = crs.get("oxygen") or {}
    device = oxygen.get("device")
    if device and (oxygen.get("for_comfort") or oxygen.get("baseline_support")):
        device = OxygenDevice.NONE.value
    known |= {
        ObservationCode.OXYGEN_DEVICE: device,
        ObservationCode.OXYGEN_FLOW: oxygen.get("flow_l_min"),
    }
    if known[ObservationCode.ICE] is None and icans.get("ice"):
        known[ObservationCode.ICE] = _ice_at_most(Ice(**icans["ice"]))
    if known[ObservationCode.CAPD] is None and icans.get("capd_answers"):
        answers = tuple(CapdAnswer(answer) for answer in icans["capd_answers"])
        known[ObservationCode.CAPD] = score_capd(answers).total
    for code, value in known.items():
        if value is not None:
            points[code].append(Point(at, value, ref))


def _graded(
    scale: str, assessed: Sequence[Assessment], own_emergencies: frozenset[str] = frozenset()
) -> Iterator[Graded]:
    """The grades that count: a clinician's own is never a lower bound."""
    for each in assessed:
        answer, grade = getattr(each, scale), getattr(each, f"{scale}_final")
        if answer is None or grade is None:
            continue
        is_signed = getattr(each, f"{scale}_confirmed_grade") is not None
        at_least = bool(answer["result"].get("at_least")) and not is_signed
        rest = _rest(answer["result"], grade, own_emergencies)
        yield Graded(each.assessed_at, grade, at_least, str(each.pk), rest)


def _rest(result: Mapping[str, Any], grade: int, own_emergencies: frozenset[str]) -> int | None:
    """The grade of the other domains; None where somebody gave another one than they make."""
    domains: Mapping[str, int | None] = result.get("domains") or {}
    known = {domain: found for domain, found in domains.items() if found is not None}
    if not own_emergencies & known.keys() or max(known.values()) != grade:
        return None
    return max((found for domain, found in known.items() if domain not in own_emergencies), default=0)


def _prompted(journey: Journey, seen: Bedside) -> Iterator[Prompted]:
    """What each sample of the last days says about hyperinflammation; nothing is read without ferritin."""
    if not seen.laboratory.get("ferritin"):
        return
    whole = laboratory_facts(journey, at=seen.at)
    samples = {
        reading.at: str(reading.set_id)
        for analyte in _HYPERINFLAMMATION
        for reading in seen.laboratory.get(analyte, ())
        if seen.infused_at is None or reading.at >= seen.infused_at
    }
    for at in sorted(samples):
        checked = check_iec_hs(iec_hs_input(replace(whole, at=at)))
        yield Prompted(at, checked.prompt, checked.trigger, samples[at])


def _systolic_limit(seen: Bedside) -> int | None:
    limit = seen.limits.get(ObservationCode.SYSTOLIC)
    urgent = limit.urgent_low if limit else None
    return None if urgent is None else int(urgent)


def _own(seen: Bedside, code: ObservationCode) -> float | None:
    """The child's own last value before the infusion."""
    own = seen.baseline.get(code)
    return own.number if own else None
