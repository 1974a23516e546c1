"""Thrombocytopenia after immune effector cells (T-ICAHT), early and late.

Source: EHA/EBMT ICAHT applied to platelets, table seen at ash-sap.org view-large/12809257. Early (day 0-30)
counts cumulative days below a limit; a recovery that is not stable (below 3 days, or, for counts below 20,
within 7 days after a transfusion) counts into the total. Late (day 31-100) needs at least two counts.

Days without a count are filled as for ICAHT (Liang 2024), which the table itself does not say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Final

from annotated_types import Ge, Le, MaxLen

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.sentences import say
from toxicity.grading.daily_counts import MOST_DAYS_JOINED, fill_gaps, lowest_by_day

__all__ = ["TIcahtGrade", "TIcahtInput", "calculate_t_icaht", "grade_t_icaht"]

T_ICAHT: Final = "T-ICAHT"
T_ICAHT_SOURCE: Final = "T-ICAHT (ash-sap.org view-large/12809257); gaps filled as by Liang 2024 for ICAHT"

EARLY_LAST_DAY: Final = 30
LATE_FIRST_DAY: Final = 31
LATE_LAST_DAY: Final = 100
LEAST_LATE_COUNTS: Final = 2

LOW_BELOW: Final = 100
SEVERE_BELOW: Final = 50
PROFOUND_BELOW: Final = 20
# Fewest days of each grade, worst first.
PROFOUND_DAYS: Final = ((14, 4), (1, 3))
SEVERE_DAYS: Final = ((7, 2), (1, 1))
LATE_SEVERE_GRADE: Final = 2
LATE_LOW_GRADE: Final = 1
TRANSFUSION_DAYS: Final = 7

Day = Annotated[int, Ge(-3650), Le(36500)]


@dataclass(frozen=True, slots=True)
class TIcahtInput:
    """Platelets in 10^9/L by day after infusion, the days of platelet transfusions, and the end.

    None is unknown: without `transfusion_days` a recovery can't be called free of transfusion.
    """

    __pydantic_config__ = INPUT_CONFIG

    platelets: (
        Annotated[tuple[tuple[Day, Annotated[float, Ge(0), Le(10_000)]], ...], MaxLen(10_000)] | None
    ) = None
    transfusion_days: Annotated[tuple[Day, ...], MaxLen(1000)] | None = None
    last_follow_up_day: Annotated[int, Ge(0), Le(36500)] | None = None
    progression_day: Annotated[int, Ge(0), Le(36500)] | None = None
    next_therapy_day: Annotated[int, Ge(0), Le(36500)] | None = None


@dataclass(frozen=True, slots=True)
class TIcahtGrade:
    """Early and late grade, None when the window holds no count (late: fewer than two)."""

    early_grade: int | None
    late_grade: int | None
    days_below_50: int | None
    days_below_20: int | None
    missing: tuple[str, ...]
    explanation: tuple[str, ...]


def grade_t_icaht(given: TIcahtInput) -> TIcahtGrade:
    """Grade early and late T-ICAHT. Source: T-ICAHT, ash-sap.org 12809257."""
    end = given.last_follow_up_day
    counts = {
        day: count for day, count in lowest_by_day(given.platelets or ()).items() if end is None or day <= end
    }
    early_end = EARLY_LAST_DAY if end is None else min(EARLY_LAST_DAY, end)
    filled = fill_gaps(counts, last_day=early_end)
    transfused = frozenset(given.transfusion_days or ())
    below_50 = _days_below(SEVERE_BELOW, filled, frozenset())
    below_20 = _days_below(PROFOUND_BELOW, filled, transfused)
    early = max(_grade(PROFOUND_DAYS, below_20), _grade(SEVERE_DAYS, below_50)) if filled else None
    late, late_because = _late(given, counts, transfused)

    missing: list[str] = []
    if len(filled) < EARLY_LAST_DAY + 1:
        missing.append("platelets")
    if given.transfusion_days is None:
        missing.append("transfusion_days")
    if end is None:
        missing.append("last_follow_up_day")
    return TIcahtGrade(
        early_grade=early,
        late_grade=late,
        days_below_50=below_50 if filled else None,
        days_below_20=below_20 if filled else None,
        missing=tuple(missing),
        explanation=(_why_early(early, below_50, below_20), late_because),
    )


def calculate_t_icaht(given: TIcahtInput) -> Answer:
    """The `t_icaht` calculator. Source: T-ICAHT, ash-sap.org 12809257."""
    graded = grade_t_icaht(given)
    return Answer(
        name="t_icaht",
        result={
            "early_grade": graded.early_grade,
            "late_grade": graded.late_grade,
            "days_below_50": graded.days_below_50,
            "days_below_20": graded.days_below_20,
            "at_least": bool(graded.missing),
        },
        scale=T_ICAHT,
        scale_version="2023",
        source=T_ICAHT_SOURCE,
        explanation=list(graded.explanation),
        missing=list(graded.missing),
    )


def _days_below(limit: float, counts: Mapping[int, float], transfused: frozenset[int]) -> int:
    """Low days, with the days of every recovery between them that was not stable."""
    low = sorted(day for day, count in counts.items() if count < limit)
    days = len(low)
    for before, after in pairwise(low):
        between = range(before + 1, after)
        known = all(day in counts for day in between)
        if known and not _stable(between, transfused):
            days += len(between)
    return days


def _stable(recovery: range, transfused: frozenset[int]) -> bool:
    """Three days in a row, none of which lies within 7 days after a transfusion."""
    free = [
        day for day in recovery if not any(day - TRANSFUSION_DAYS <= given <= day for given in transfused)
    ]
    run = 0
    for place, day in enumerate(free):
        run = run + 1 if place and day == free[place - 1] + 1 else 1
        if run > MOST_DAYS_JOINED:
            return True
    return False


def _grade(table: tuple[tuple[int, int], ...], days: int) -> int:
    return next((grade for fewest, grade in table if days >= fewest), 0)


def _late(
    given: TIcahtInput, counts: Mapping[int, float], transfused: frozenset[int]
) -> tuple[int | None, str]:
    ends = (LATE_LAST_DAY, given.last_follow_up_day, given.progression_day, given.next_therapy_day)
    last_day = min(end for end in ends if end is not None)
    late = {day: count for day, count in counts.items() if LATE_FIRST_DAY <= day <= last_day}
    if len(late) < LEAST_LATE_COUNTS:
        return None, say(
            "Late: fewer than two counts between day {first} and day {last}.",
            first=LATE_FIRST_DAY,
            last=last_day,
        )
    lowest, second = sorted(late.values())[:LEAST_LATE_COUNTS]
    if second >= LOW_BELOW:
        return 0, say("Late: no low count that another one confirms: grade 0.")
    filled = fill_gaps(late, first_day=min(late), last_day=max(late))
    days = _days_below(PROFOUND_BELOW, filled, transfused)
    by_count = LATE_SEVERE_GRADE if lowest < SEVERE_BELOW else LATE_LOW_GRADE
    grade = max(by_count, _grade(PROFOUND_DAYS, days))
    return grade, say(
        "Late: lowest count {count:g}, {days} days below {limit}: grade {grade}.",
        count=lowest,
        days=days,
        limit=PROFOUND_BELOW,
        grade=grade,
    )


def _why_early(grade: int | None, below_50: int, below_20: int) -> str:
    if grade is None:
        return say("Early: no count between day 0 and day {last}.", last=EARLY_LAST_DAY)
    return say(
        "Early: {severe} days below 50 and {profound} days below 20: grade {grade}.",
        severe=below_50,
        profound=below_20,
        grade=grade,
    )
