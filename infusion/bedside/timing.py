"""Minutes that count at the bedside: since the thaw, and from premedication to the cells."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cartpath.protocols.rows import Limit

Place = Literal["early", "inside", "late", "unknown"]


def minutes_between(earlier: datetime | None, later: datetime | None) -> int | None:
    """Whole minutes from one time to another; None while one of them is unknown."""
    if earlier is None or later is None:
        return None
    return int((later - earlier).total_seconds() // 60)


def in_time(limit: Limit | None, minutes: int | None) -> bool | None:
    """Whether minutes keep a limit of the protocol; None without a limit or without a time.

    Source: the protocol's row `thaw_to_end_minutes`.
    """
    return None if limit is None or minutes is None else limit.holds(minutes)


@dataclass(frozen=True, slots=True)
class Lead:
    """How long before the cells a drug was given: `early` is too long before, `late` too shortly."""

    minutes: int | None
    place: Place


def lead_of(
    given_at: datetime, infused_at: datetime | None, *, least: Limit | None, most: Limit | None
) -> Lead:
    """The minutes from a drug to the cells, held against the protocol's rows.

    Source: the protocol's rows `premedication_least_minutes` and `premedication_most_minutes`.
    """
    minutes = minutes_between(given_at, infused_at)
    if minutes is None or least is None or most is None:
        return Lead(minutes, "unknown")
    if not least.holds(minutes):
        return Lead(minutes, "late")
    return Lead(minutes, "inside" if most.holds(minutes) else "early")
