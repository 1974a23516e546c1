"""Where a child's vital signs usually lie, by age, and below which pressure a child is hypotensive.

Source: American Heart Association, Pediatric Advanced Life Support (PALS) 2020 for heart rate (awake),
respiratory rate and systolic pressure by age; PALS for hypotension, see `toxicity.grading.hypotension`;
ASTCT 2019 for fever. The limits of oxygen saturation and of low temperature are the center's own figures.
Limits shade a row and never grade: ASTCT knows no number for oxygen saturation.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal

from cartpath.core.dates import add_months, months_between
from cartpath.protocols.bedside_rows import BedsideFigures
from toxicity.grading.hypotension import PALS_SOURCE, systolic_limit

__all__ = [
    "Band",
    "Because",
    "Limit",
    "Pressure",
    "Status",
    "age_in_years",
    "band_of",
    "hypotension_from",
    "limits_for",
    "status_of",
]

PALS_RANGES_SOURCE: Final = "American Heart Association, Pediatric Advanced Life Support, 2020"
FEVER_SOURCE: Final = "ASTCT consensus, Lee et al., Biol Blood Marrow Transplant 2019;25:625-638"
DESIGN: Final = "DESIGN"

FEVER_FROM_C: Final = 38.0

Status = Literal["normal", "low", "high", "urgent_low"]
Because = Literal["judged", "vasopressor", "below_limit", "fluid_bolus", "normal_pressure"]
Confirmation = Literal["confirmed", "center_default"]


@dataclass(frozen=True, slots=True)
class Limit:
    """The usual range of one observation; None is no limit. `urgent_low` is where a child is in danger.

    A value on `low` or below `high_from` is normal: fever begins at its limit, so `high_from` itself is high.
    """

    low: float | None = None
    high: float | None = None
    high_from: float | None = None
    urgent_low: float | None = None
    source: str = PALS_RANGES_SOURCE
    status: Confirmation = "confirmed"


@dataclass(frozen=True, slots=True)
class Band:
    """Usual values of an age, both ends included: heart rate and respiratory rate per minute, mmHg."""

    id: str
    from_months: int
    heart_rate: tuple[int, int]
    respiratory_rate: tuple[int, int]
    systolic: tuple[int, int]


# The newborn's band ends after day 28. The last one is printed for 12 to 15 years; that it holds for all who
# are older is derived.
NEWBORN: Final = Band("newborn", 0, (100, 205), (30, 60), (67, 84))
BANDS: Final[Sequence[Band]] = (
    Band("infant", 0, (100, 180), (30, 53), (72, 104)),
    Band("toddler", 12, (98, 140), (22, 37), (86, 106)),
    Band("preschool", 36, (80, 120), (20, 28), (89, 112)),
    Band("school", 72, (75, 118), (18, 25), (97, 115)),
    Band("adolescent", 144, (60, 100), (12, 20), (110, 131)),
)
_LAST_NEWBORN_DAY: Final = timedelta(days=28)
_MONTHS_PER_YEAR: Final = 12
_DAYS_PER_YEAR: Final = 365.25


def age_in_years(birth: date, day: date) -> float:
    """Completed years from the first birthday on, before it the share of a year in days.

    Source: derived; the limits by age ask for whole years, and tell newborns from infants by days.
    """
    years = months_between(birth, day) // _MONTHS_PER_YEAR
    return float(years) if years >= 1 else (day - birth).days / _DAYS_PER_YEAR


def band_of(birth: date, day: date) -> Band:
    """The band of a child's age on a day. Source: PALS 2020."""
    if day - birth <= _LAST_NEWBORN_DAY and day < add_months(birth, 2):
        return NEWBORN
    starts = [band.from_months for band in BANDS]
    return BANDS[max(bisect_right(starts, months_between(birth, day)) - 1, 0)]


@lru_cache(maxsize=512)
def limits_for(birth: date, day: date, figures: BedsideFigures) -> Mapping[str, Limit]:
    """The limits of every observation that has some, on a day in a center. Source: see the module."""
    band = band_of(birth, day)
    hypotension = systolic_limit(age_in_years(birth, day))
    return MappingProxyType(
        {
            "temperature_c": Limit(
                low=figures.temperature_low,
                high_from=FEVER_FROM_C,
                source=f"{FEVER_SOURCE}; {DESIGN}",
                status="center_default",
            ),
            "heart_rate": Limit(*band.heart_rate),
            "respiratory_rate": Limit(*band.respiratory_rate),
            "systolic": Limit(*band.systolic, urgent_low=hypotension, source=PALS_SOURCE),
            "spo2": Limit(
                low=figures.spo2_low,
                urgent_low=figures.spo2_urgent,
                source=DESIGN,
                status="center_default",
            ),
        }
    )


def status_of(value: float, limit: Limit | None) -> Status:
    """Where a value lies; without a limit it is normal only in that nothing speaks against it.

    Source: see the module.
    """
    if limit is None:
        return "normal"
    if limit.urgent_low is not None and value < limit.urgent_low:
        return "urgent_low"
    if limit.low is not None and value < limit.low:
        return "low"
    if limit.high is not None and value > limit.high:
        return "high"
    if limit.high_from is not None and value >= limit.high_from:
        return "high"
    return "normal"


@dataclass(frozen=True, slots=True)
class Pressure:
    """Whether a child is hypotensive, and why that is said; `hypotensive` is None when it is not known."""

    hypotensive: bool | None
    because: Because | None


def hypotension_from(
    *,
    systolic: float | None,
    limit: float,
    vasopressors: bool | None,
    fluid_bolus: bool,
    judged: bool | None = None,
) -> Pressure:
    """Judge hypotension from what was observed; a person's own judgment goes before.

    Who needs a vasopressor or a bolus of fluid to keep the pressure counts as hypotensive, whatever the
    reading (ASTCT 2019). A normal reading says nothing while it is unknown whether a vasopressor runs
    (`vasopressors` None). `limit` is the lowest normal systolic pressure of the age in mmHg. Source: ASTCT
    2019; PALS.
    """
    if judged is not None:
        return Pressure(judged, "judged")
    if vasopressors:
        return Pressure(True, "vasopressor")
    if systolic is not None and systolic < limit:
        return Pressure(True, "below_limit")
    if fluid_bolus:
        return Pressure(True, "fluid_bolus")
    if systolic is None or vasopressors is None:
        return Pressure(None, None)
    return Pressure(False, "normal_pressure")
