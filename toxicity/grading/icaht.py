"""Immune effector cell-associated hematotoxicity: neutropenia after CAR T cells, early and late.

Source of the grades: Rejeski et al., EHA/EBMT consensus, Blood 2023;142:865-877. Source of the counting
rules (days without a value, joined spells, the window of the late grade): Liang 2024 implementation of the
criteria (public repository "automatedicahtgrading").

Two deliberate differences from that implementation. A measured value is never rounded: 501 is above 500
(only interpolated values are rounded to 10). A child who is alive and still under observation before day 30
is not graded 4 for a spell that has merely not ended yet: the grade is then a lower bound. CTCAE counts
below 500, this scale 500 or less; growth factor is not adjusted for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import Ge, Le, MaxLen

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.sentences import say
from toxicity.grading.daily_counts import Spell, fill_gaps, lowest_by_day, spells_of

__all__ = ["IcahtGrade", "IcahtInput", "calculate_icaht", "grade_icaht", "neutropenic_spells"]

ICAHT: Final = "EHA/EBMT ICAHT"
ICAHT_VERSION: Final = "2023"
ICAHT_SOURCE: Final = (
    "EHA/EBMT consensus, Rejeski et al., Blood 2023;142:865-877; "
    "counting rules of Liang 2024 (automatedicahtgrading)"
)

EARLY_LAST_DAY: Final = 30
LATE_FIRST_DAY: Final = 31
LATE_LAST_DAY: Final = 100

SEVERE_PER_UL: Final = 500
PROFOUND_PER_UL: Final = 100
# Fewest days of each early grade, worst first. "Never above 500" (grade 4) is judged by itself, below.
SEVERE_DAYS: Final = ((14, 3), (7, 2), (1, 1))
PROFOUND_DAYS: Final = ((14, 4), (7, 3))
# Highest count of each late grade, worst first.
LATE_UP_TO_PER_UL: Final = ((100, 4), (500, 3), (1000, 2), (1500, 1))
LATE_ABNORMAL_UP_TO_PER_UL: Final = 1500
NEVER_RECOVERED_GRADE: Final = 4

# Liang: a spell that begins on day 0 to 3 and lasts to the end was never recovered from.
NEVER_RECOVERED_FROM_DAY: Final = 3
INTERPOLATED_TO: Final = 10

Day = Annotated[int, Ge(-3650), Le(36500)]
CellsPerUl = Annotated[float, Ge(0), Le(1_000_000)]


@dataclass(frozen=True, slots=True)
class IcahtInput:
    """Neutrophils per microliter by day after infusion (day 0), and what ended the observation.

    `deceased` means that `last_follow_up_day` is the day of death. `progression_day` and `next_therapy_day`
    are None when there was none. Values before day 0 and after the last follow-up are not looked at.
    """

    __pydantic_config__ = INPUT_CONFIG

    anc: Annotated[tuple[tuple[Day, CellsPerUl], ...], MaxLen(10_000)] | None = None
    last_follow_up_day: Annotated[int, Ge(0), Le(36500)] | None = None
    deceased: bool = False
    progression_day: Annotated[int, Ge(0), Le(36500)] | None = None
    next_therapy_day: Annotated[int, Ge(0), Le(36500)] | None = None


@dataclass(frozen=True, slots=True)
class IcahtGrade:
    """Early (day 0-30) and late (day 31-100) grade, each None when no value falls in its window.

    `missing` holds "anc" when days of the early window have no value, "last_follow_up_day" when the end of
    the observation is unknown; the grades are then lower bounds.
    """

    early_grade: int | None
    late_grade: int | None
    longest_days_le_500: int | None
    longest_days_le_100: int | None
    never_recovered: bool
    missing: tuple[str, ...]
    explanation: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Early:
    grade: int
    severe_days: int
    profound_days: int
    never_recovered: bool
    complete: bool


def neutropenic_spells(limit_per_ul: float, counts: Mapping[int, float]) -> tuple[Spell, ...]:
    """Spells of days with a count at or below the limit; a day without a count belongs to none.

    Source: Rejeski 2023, Liang 2024.
    """
    return spells_of(day for day, count in counts.items() if count <= limit_per_ul)


def grade_icaht(given: IcahtInput) -> IcahtGrade:
    """Grade early and late ICAHT (EHA/EBMT 2023, counted after Liang 2024).

    Source: Rejeski 2023, Liang 2024.
    """
    counts = lowest_by_day(given.anc or ())
    if given.last_follow_up_day is not None:
        counts = {day: count for day, count in counts.items() if day <= given.last_follow_up_day}
    early = _early(given, counts)
    late_grade, late_because = _late(given, counts)
    missing: list[str] = []
    if early is None or not early.complete:
        missing.append("anc")
    if given.last_follow_up_day is None:
        missing.append("last_follow_up_day")
    return IcahtGrade(
        early_grade=early.grade if early else None,
        late_grade=late_grade,
        longest_days_le_500=early.severe_days if early else None,
        longest_days_le_100=early.profound_days if early else None,
        never_recovered=early is not None and early.never_recovered,
        missing=tuple(missing),
        explanation=(*_why_early(early), late_because),
    )


def calculate_icaht(given: IcahtInput) -> Answer:
    """The `icaht` calculator: `grade_icaht` in the shape promised to the outside.

    Source: Rejeski 2023, Liang 2024.
    """
    graded = grade_icaht(given)
    return Answer(
        name="icaht",
        result={
            "early_grade": graded.early_grade,
            "late_grade": graded.late_grade,
            "longest_days_le_500": graded.longest_days_le_500,
            "longest_days_le_100": graded.longest_days_le_100,
            "at_least": bool(graded.missing),
        },
        scale=ICAHT,
        scale_version=ICAHT_VERSION,
        source=ICAHT_SOURCE,
        explanation=list(graded.explanation),
        missing=list(graded.missing),
    )


def _early(given: IcahtInput, counts: Mapping[int, float]) -> _Early | None:
    follow_up = EARLY_LAST_DAY if given.last_follow_up_day is None else given.last_follow_up_day
    observed_to = min(EARLY_LAST_DAY, follow_up)
    measured = [day for day in counts if 0 <= day <= observed_to]
    if not measured:
        return None
    filled = fill_gaps(counts, last_day=observed_to, rounded_to=INTERPOLATED_TO)
    severe = neutropenic_spells(SEVERE_PER_UL, filled)
    severe_days = max((spell.days for spell in severe), default=0)
    profound_days = max((spell.days for spell in neutropenic_spells(PROFOUND_PER_UL, filled)), default=0)

    died_early = given.deceased and follow_up <= EARLY_LAST_DAY
    # The dead are judged by their last count; the living only when day 30 is reached.
    end = max(measured) if died_early else EARLY_LAST_DAY
    never_recovered = any(
        spell.first_day <= NEVER_RECOVERED_FROM_DAY and spell.last_day >= end for spell in severe
    )
    by_length = max(_first(SEVERE_DAYS, severe_days), _first(PROFOUND_DAYS, profound_days))
    grade = NEVER_RECOVERED_GRADE if never_recovered else by_length
    expected_to = observed_to if died_early else EARLY_LAST_DAY
    return _Early(grade, severe_days, profound_days, never_recovered, complete=len(filled) == expected_to + 1)


def _first(table: tuple[tuple[int, int], ...], days: int) -> int:
    return next((grade for fewest, grade in table if days >= fewest), 0)


def _late(given: IcahtInput, counts: Mapping[int, float]) -> tuple[int | None, str]:
    ends = (LATE_LAST_DAY, given.last_follow_up_day, given.progression_day, given.next_therapy_day)
    last_day = min(end for end in ends if end is not None)
    lowest = sorted(count for day, count in counts.items() if LATE_FIRST_DAY <= day <= last_day)[:2]
    if not lowest:
        return None, say(
            "Late: no count between day {first} and day {last}.", first=LATE_FIRST_DAY, last=last_day
        )
    grade = next((grade for highest, grade in LATE_UP_TO_PER_UL if lowest[0] <= highest), 0)
    if grade and len(lowest) > 1 and lowest[1] > LATE_ABNORMAL_UP_TO_PER_UL:
        return 0, say("Late: a single low count that no other count confirms is transient: grade 0.")
    return grade, say(
        "Late: lowest count {count:g} per microliter up to day {last}: grade {grade}.",
        count=lowest[0],
        last=last_day,
        grade=grade,
    )


def _why_early(early: _Early | None) -> tuple[str, ...]:
    if early is None:
        return (say("Early: no count between day 0 and day {last}.", last=EARLY_LAST_DAY),)
    sentences: list[str] = [
        say(
            "Early: longest spell {severe} days at 500 or less, {profound} days at 100 or less: "
            "grade {grade}.",
            severe=early.severe_days,
            profound=early.profound_days,
            grade=early.grade,
        )
    ]
    if early.never_recovered:
        sentences.append(say("Early: the count never recovered above 500: grade 4."))
    if not early.complete:
        sentences.append(say("Early: some days up to day 30 have no count, so the grade is a lower bound."))
    return tuple(sentences)
