"""How fast a child grows, from two heights.

Source: DESIGN, a working default of CARTPath. Heights are compared over about a year, because a shorter span
measures the ruler more than the child. No reference percentiles are held: whether a velocity fits the child's
age and stage of puberty is for a person to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cartpath.core.answers import Answer
from cartpath.core.dates import add_months
from cartpath.core.sentences import say

SOURCE: Final = "Working default of CARTPath (DESIGN)"
LEAST_MONTHS: Final = 6
MOST_MONTHS: Final = 18
WANTED_MONTHS: Final = 12
# A visit may be held so much before its day and still count as half a year on.
TOLERANCE: Final = timedelta(days=14)
DAYS_PER_YEAR: Final = 365.25
# What two readings of one child on one day differ by, at each of the two ends.
READING_ERROR_CM: Final = 0.5


@dataclass(frozen=True, slots=True)
class Height:
    """A height in centimeters on a day."""

    measured_on: date
    cm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthVelocity:
    """Growth in cm per year, unrounded; None while unknown. `before` and `now` are the heights compared."""

    cm_per_year: float | None
    before: Height | None
    now: Height | None
    explanation: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]


def growth_velocity(heights: Sequence[Height], on: date) -> GrowthVelocity:
    """Growth up to the height of a day, from the earlier height nearest to a year before.

    The earlier height lies 6 to 18 calendar months back; 14 days less than 6 months still count. Without a
    height of the day, or an earlier one in that span, the velocity is unknown. A height below the earlier one
    carries the flag `height_fell`.

    Source: DESIGN.
    """
    now = next((each for each in reversed(heights) if each.measured_on == on), None)
    if now is None:
        said = say("No height was measured on {day}.", day=on.isoformat())
        return _unknown(None, said, "height_cm")
    before = _compared(heights, on)
    if before is None:
        said = say(
            "No height from {least} to {most} months earlier is on record.",
            least=LEAST_MONTHS,
            most=MOST_MONTHS,
        )
        return _unknown(now, said, "earlier_height_cm")
    days = (on - before.measured_on).days
    velocity = (now.cm - before.cm) / days * DAYS_PER_YEAR
    return GrowthVelocity(
        cm_per_year=velocity,
        before=before,
        now=now,
        explanation=(
            say(
                "From {before:g} cm on {first} to {now:g} cm on {last}: {days} days.",
                before=before.cm,
                first=before.measured_on.isoformat(),
                now=now.cm,
                last=on.isoformat(),
                days=days,
            ),
            say("Divided by the days, times {year:g} days in a year.", year=DAYS_PER_YEAR),
            say(
                "Half a centimeter of error at each end makes {error:.1f} cm per year.",
                error=2 * READING_ERROR_CM / days * DAYS_PER_YEAR,
            ),
            say("No reference percentiles are held: compare with the growth chart in use."),
        ),
        missing=(),
        flags=("height_fell",) if velocity < 0 else (),
    )


def _compared(heights: Sequence[Height], on: date) -> Height | None:
    """The earlier height nearest to a year before; of two as near, the earlier one."""
    first, last = add_months(on, -MOST_MONTHS), add_months(on, -LEAST_MONTHS) + TOLERANCE
    wanted = add_months(on, -WANTED_MONTHS)
    fitting = [each for each in heights if first <= each.measured_on <= last]
    return min(
        fitting, key=lambda each: (abs((each.measured_on - wanted).days), each.measured_on), default=None
    )


def _unknown(now: Height | None, said: str, missing: str) -> GrowthVelocity:
    return GrowthVelocity(
        cm_per_year=None, before=None, now=now, explanation=(said,), missing=(missing,), flags=()
    )


def growth_answer(growth: GrowthVelocity) -> Answer:
    """The velocity as every rule answers, to one decimal: more would be false precision.

    Source: DESIGN.
    """
    velocity = None if growth.cm_per_year is None else round(growth.cm_per_year, 1)
    return Answer(
        name="growth_velocity",
        result={"cm_per_year": velocity},
        source=SOURCE,
        explanation=list(growth.explanation),
        missing=list(growth.missing),
        flags=list(growth.flags),
    )
