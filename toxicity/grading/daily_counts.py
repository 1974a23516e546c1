"""Blood counts by day after infusion: one a day, short gaps filled, low days joined into spells.

Source of the rules: Liang 2024 implementation of the ICAHT criteria (public repository
"automatedicahtgrading"): the lowest count of a day, up to 7 days between two counts filled on a straight
line, spells joined over a recovery of less than 3 days (CIBMTR).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

__all__ = ["MOST_DAYS_FILLED", "MOST_DAYS_JOINED", "Spell", "fill_gaps", "lowest_by_day", "spells_of"]

# Weekly counts suffice after discharge.
MOST_DAYS_FILLED: Final = 7
# Three days above the limit are a recovery.
MOST_DAYS_JOINED: Final = 2


@dataclass(frozen=True, slots=True)
class Spell:
    """Low days, joined over short recoveries; first and last day belong to it."""

    first_day: int
    last_day: int

    @property
    def days(self) -> int:
        """Length in days, short recoveries included."""
        return self.last_day - self.first_day + 1


def lowest_by_day(values: Iterable[tuple[int, float]]) -> dict[int, float]:
    """The lowest count of each day, in order of the days. Source: Liang 2024."""
    by_day = groupby(sorted(values), key=lambda value: value[0])
    return {day: min(count for _, count in same_day) for day, same_day in by_day}


def fill_gaps(
    counts: Mapping[int, float], *, first_day: int = 0, last_day: int, rounded_to: float | None = None
) -> dict[int, float]:
    """Counts of the days from `first_day` to `last_day`, with up to 7 days between two counts interpolated.

    Interpolated counts are rounded to `rounded_to` (half to even), measured ones never. Before the first and
    after the last count up to 7 days take the nearest count. Longer gaps stay empty.

    Source: Liang 2024.
    """
    known = sorted(day for day in counts if first_day <= day <= last_day)
    filled = {day: counts[day] for day in known}
    if not known:
        return filled
    if known[0] - first_day <= MOST_DAYS_FILLED:
        filled |= dict.fromkeys(range(first_day, known[0]), counts[known[0]])
    if last_day - known[-1] <= MOST_DAYS_FILLED:
        filled |= dict.fromkeys(range(known[-1] + 1, last_day + 1), counts[known[-1]])
    for before, after in pairwise(known):
        if after - before - 1 <= MOST_DAYS_FILLED:
            slope = (counts[after] - counts[before]) / (after - before)
            for day in range(before + 1, after):
                value = counts[before] + slope * (day - before)
                filled[day] = value if rounded_to is None else float(round(value / rounded_to) * rounded_to)
    return filled


def spells_of(low_days: Iterable[int]) -> tuple[Spell, ...]:
    """Spells of low days, joined when at most 2 other days lie between them. Source: Liang 2024."""
    spells: list[Spell] = []
    for day in sorted(low_days):
        if spells and day - spells[-1].last_day - 1 <= MOST_DAYS_JOINED:
            spells[-1] = Spell(spells[-1].first_day, day)
        else:
            spells.append(Spell(day, day))
    return tuple(spells)
