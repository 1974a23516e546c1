"""Tocilizumab for CRS: the dose by weight, and whether another dose is still within the limits.

Source: prescribing information of Kymriah: 12 mg/kg below 30 kg, 8 mg/kg from 30 kg, at most 800 mg, at
least 8 hours apart, at most 4 doses; NCCN and ASCO: at most 3 within 24 hours. Adult guidelines print
8 mg/kg only, which is too little below 30 kg. The dose falls at 30 kg (358.8 mg at 29.9 kg, 240 mg at
30 kg), so the dosing weight is fixed at admission and shown. This is a figure to check, not an order.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Final

from annotated_types import Gt, Le, MaxLen

from cartpath.core.answers import Answer
from cartpath.core.dates import parse_moment
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.sentences import say

__all__ = [
    "TocilizumabDose",
    "TocilizumabDoseInput",
    "TocilizumabRoom",
    "calculate_tocilizumab_dose",
    "crosses_discontinuity",
    "tocilizumab_dose",
    "tocilizumab_limits",
    "tocilizumab_room",
]

TOCILIZUMAB_SOURCE: Final = "Kymriah prescribing information; NCCN and ASCO guidelines for the daily maximum"

HEAVIER_FROM_KG: Final = Decimal(30)
MG_PER_KG_LIGHTER: Final = 12
MG_PER_KG_HEAVIER: Final = 8
MAX_DOSE_MG: Final = Decimal(800)
LEAST_INTERVAL: Final = timedelta(hours=8)
DAY: Final = timedelta(hours=24)
MOST_IN_A_DAY: Final = 3
MOST_IN_TOTAL: Final = 4

# Years in which a dose can have been given; far outside them a time can't be compared across zones.
POSSIBLE_YEARS: Final = range(1900, 2200)

_TENTH: Final = Decimal("0.1")


TimeText = Annotated[str, MaxLen(40)]


@dataclass(frozen=True, slots=True)
class TocilizumabDoseInput:
    """The dosing weight, the times of the doses already given and of the next one.

    Times are ISO 8601 with an offset. `previous_doses` None is not known, an empty list is none given.
    """

    __pydantic_config__ = INPUT_CONFIG

    weight_kg: Annotated[float, Gt(0), Le(300)]
    previous_doses: Annotated[tuple[TimeText, ...], MaxLen(100)] | None = None
    at: TimeText | None = None


@dataclass(frozen=True, slots=True)
class TocilizumabDose:
    """`dose_mg` to one decimal, the rate that led to it, and whether the maximum cut it."""

    dose_mg: Decimal
    mg_per_kg: int
    capped: bool


def tocilizumab_dose(weight_kg: float) -> TocilizumabDose:
    """One dose for a dosing weight (Kymriah prescribing information).

    Source: Kymriah prescribing information; NCCN and ASCO.
    """
    weight = Decimal(str(weight_kg))
    mg_per_kg = MG_PER_KG_LIGHTER if weight < HEAVIER_FROM_KG else MG_PER_KG_HEAVIER
    by_weight = weight * mg_per_kg
    capped = by_weight > MAX_DOSE_MG
    dose = MAX_DOSE_MG if capped else by_weight
    return TocilizumabDose(dose_mg=dose.quantize(_TENTH, ROUND_HALF_UP), mg_per_kg=mg_per_kg, capped=capped)


def tocilizumab_limits(previous_doses: tuple[datetime, ...], at: datetime | None) -> tuple[str, ...]:
    """The limits that one more dose at `at` would break; hours are elapsed hours, also over a clock change.

    A dose exactly 8 hours after the last one is allowed, and a dose exactly 24 hours ago no longer counts
    for the day. Without `at` only the total is judged.

    Source: Kymriah prescribing information; NCCN and ASCO.
    """
    broken: list[str] = []
    if at is not None:
        elapsed = [_utc(at) - _utc(dose) for dose in previous_doses]
        if any(span < LEAST_INTERVAL for span in elapsed):
            broken.append("interval_under_8_h")
        if sum(span < DAY for span in elapsed) + 1 > MOST_IN_A_DAY:
            broken.append("more_than_3_in_24_h")
    if len(previous_doses) + 1 > MOST_IN_TOTAL:
        broken.append("more_than_4_total")
    return tuple(broken)


@dataclass(frozen=True, slots=True)
class TocilizumabRoom:
    """What the limits leave: doses of the total, and the first time one more keeps every limit.

    `next_at` is None when no dose is left; a time that has passed means that one is possible now.
    """

    left: int
    last_at: datetime | None
    next_at: datetime | None


def tocilizumab_room(previous_doses: tuple[datetime, ...]) -> TocilizumabRoom:
    """How many doses are left, and from when on one more would break no limit; None without any dose left.

    Source: Kymriah prescribing information; NCCN and ASCO.
    """
    doses = sorted(map(_utc, previous_doses))
    left = max(MOST_IN_TOTAL - len(doses), 0)
    if not doses:
        return TocilizumabRoom(left=left, last_at=None, next_at=None)
    possible = doses[-1] + LEAST_INTERVAL
    if len(doses) >= MOST_IN_A_DAY:
        possible = max(possible, doses[-MOST_IN_A_DAY] + DAY)
    return TocilizumabRoom(left=left, last_at=doses[-1], next_at=possible if left else None)


def crosses_discontinuity(dosing_kg: float, measured_kg: float) -> bool:
    """Whether two weights of one child lie on both sides of the weight at which the dose falls.

    Source: Kymriah prescribing information.
    """
    return (Decimal(str(dosing_kg)) < HEAVIER_FROM_KG) != (Decimal(str(measured_kg)) < HEAVIER_FROM_KG)


def calculate_tocilizumab_dose(given: TocilizumabDoseInput) -> Answer:
    """The `tocilizumab_dose` calculator. Raises Invalid for a time that can't be read or lies after `at`.

    Source: Kymriah prescribing information; NCCN and ASCO.
    """
    at, previous_doses = _times(given)
    dose = tocilizumab_dose(given.weight_kg)
    explanation: list[str] = [_why(dose, given.weight_kg)]
    if dose.capped:
        explanation.append(say("Cut to the maximum of {most} mg.", most=MAX_DOSE_MG))
    missing: list[str] = []
    if given.previous_doses is None:
        missing.append("previous_doses")
        explanation.append(say("Earlier doses are unknown: interval and number of doses were not judged."))
    elif previous_doses and at is None:
        missing.append("at")
        explanation.append(say("Without the time of the next dose the interval was not judged."))
    return Answer(
        name="tocilizumab_dose",
        result={
            "dose_mg": float(dose.dose_mg),
            "mg_per_kg": dose.mg_per_kg,
            "capped": dose.capped,
            "at_least": bool(missing),
        },
        source=TOCILIZUMAB_SOURCE,
        explanation=explanation,
        missing=missing,
        flags=list(tocilizumab_limits(previous_doses, at)),
    )


def _times(given: TocilizumabDoseInput) -> tuple[datetime | None, tuple[datetime, ...]]:
    texts = {f"previous_doses.{place}": text for place, text in enumerate(given.previous_doses or ())}
    if given.at is not None:
        texts["at"] = given.at
    times: dict[str, datetime] = {}
    refused: dict[str, str] = {}
    for field, text in texts.items():
        try:
            times[field] = _time(text)
        except ValueError as error:
            refused[field] = error.args[0]
    at = times.pop("at", None)
    if at is not None:
        late = [field for field, dose in times.items() if _utc(dose) > _utc(at)]
        refused |= dict.fromkeys(late, say("Lies after the time of the next dose."))
    if refused:
        raise invalid_input(refused)
    return at, tuple(times.values())


def _time(text: str) -> datetime:
    moment = parse_moment(text)
    if not isinstance(moment, datetime):
        raise ValueError(say("Give the time too: the limits are counted in hours."))
    if moment.year not in POSSIBLE_YEARS:
        raise ValueError(say("This is not a possible time."))
    return moment


def _why(dose: TocilizumabDose, weight_kg: float) -> str:
    rule = (
        say("{rate} mg/kg below {limit} kg", rate=dose.mg_per_kg, limit=HEAVIER_FROM_KG)
        if dose.mg_per_kg == MG_PER_KG_LIGHTER
        else say("{rate} mg/kg from {limit} kg", rate=dose.mg_per_kg, limit=HEAVIER_FROM_KG)
    )
    return say(
        "{rule}: {dose} mg for a dosing weight of {weight:g} kg.",
        rule=rule,
        dose=dose.dose_mg,
        weight=weight_kg,
    )


def _utc(moment: datetime) -> datetime:
    """Python subtracts two times of one zone by the clock on the wall; in UTC it can't."""
    return moment.astimezone(UTC)
