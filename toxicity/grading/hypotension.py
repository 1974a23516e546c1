"""The systolic pressure below which a child is hypotensive, by age.

Source: Pediatric Advanced Life Support (PALS): term newborn 60 mmHg, infant 70, child 1 to 10 years
70 + 2 x age in years, above 10 years 90. Hagedoorn et al. (Crit Care 2019;23:380) found these limits below
the 5th percentile of teenagers: a fall from the child's own baseline counts too. Adult limits never apply.
"""

from dataclasses import dataclass
from math import floor
from typing import Annotated, Final

from annotated_types import Ge, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.sentences import say

__all__ = ["HypotensionLimitInput", "calculate_hypotension_limit", "systolic_limit"]

PALS_SOURCE: Final = "Pediatric Advanced Life Support (PALS); Hagedoorn et al., Crit Care 2019;23:380"

DAYS_PER_YEAR: Final = 365.25
LAST_NEWBORN_DAY: Final = 28
NEWBORN_MMHG: Final = 60
INFANT_MMHG: Final = 70
CHILD_FROM_YEARS: Final = 1
CHILD_BASE_MMHG: Final = 70
CHILD_MMHG_PER_YEAR: Final = 2
# Both formulas meet at 10 years.
HIGHEST_MMHG: Final = 90

# An age in years that was made from days must not lose a day to rounding.
_ROUNDING_DAYS: Final = 1e-6


@dataclass(frozen=True, slots=True)
class HypotensionLimitInput:
    """`age_years` at the measurement, fractions for infants; `systolic` in mmHg when it was measured."""

    __pydantic_config__ = INPUT_CONFIG

    age_years: Annotated[float, Ge(0), Le(120)]
    systolic: Annotated[float, Ge(0), Le(350)] | None = None


def systolic_limit(age_years: float) -> int:
    """The lowest normal systolic pressure in mmHg (PALS); below it the child is hypotensive. Source: PALS."""
    if age_years >= CHILD_FROM_YEARS:
        return min(CHILD_BASE_MMHG + CHILD_MMHG_PER_YEAR * floor(age_years), HIGHEST_MMHG)
    completed_days = floor(age_years * DAYS_PER_YEAR + _ROUNDING_DAYS)
    return NEWBORN_MMHG if completed_days <= LAST_NEWBORN_DAY else INFANT_MMHG


def calculate_hypotension_limit(given: HypotensionLimitInput) -> Answer:
    """The `hypotension_limit` calculator; `below` is None without a pressure. Source: PALS."""
    limit = systolic_limit(given.age_years)
    explanation: list[str] = [
        say(
            "The lowest normal systolic pressure at {age:g} years is {limit} mmHg.",
            age=given.age_years,
            limit=limit,
        ),
        say("Compare with the child's own baseline: in teenagers this limit misses hypotension."),
    ]
    return Answer(
        name="hypotension_limit",
        result={"limit_mmhg": limit, "below": None if given.systolic is None else given.systolic < limit},
        source=PALS_SOURCE,
        explanation=explanation,
    )
