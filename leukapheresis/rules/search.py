"""What a search for dates takes and what it answers: plain data, moments as seconds since 1970.

Source: reasons name the row or the plan they come from.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from leukapheresis.rules.fitting import Ask, Kept, MissCode, Seat, Unit

ReasonCode = Literal[
    "washout",
    "washout_unknown",
    "counts",
    "manufacturer",
    "family_away",
    "quota_full",
    "no_slot",
    "patient_busy",
    "past",
    MissCode,
]
# What is hardest to move comes first: the child's body, the maker, the calendar, other bookings.
HARDEST_FIRST: Final[tuple[ReasonCode, ...]] = (
    "past",
    "washout",
    "washout_unknown",
    "counts",
    "manufacturer",
    "lead_time",
    "closed",
    "family_away",
    "quota_full",
    "no_slot",
    "patient_busy",
    "cut_off",
    "hours",
    "none",
    "busy",
)
# A person may go on although these stand in the way, with a reason.
OVERRIDABLE: Final = frozenset({"washout", "washout_unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that stands in the way of a date: in words, with the rules that say so."""

    code: ReasonCode
    sentence: str
    rules: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def is_overridable(self) -> bool:
        """Whether a person may go on all the same."""
        return self.code in OVERRIDABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """The washout of one drug: `until` is when it ends, None when that is unknown."""

    drug: str
    until: int | None
    sentence: str
    rules: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Barrier:
    """Days, the last one included, on which something forbids a collection; None has no end."""

    reason: Reason
    first_on: date | None = None
    last_on: date | None = None

    def covers(self, day: date) -> bool:
        """Whether a day is one of them."""
        begun = self.first_on is None or self.first_on <= day
        return begun and (self.last_on is None or day <= self.last_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opportunity:
    """A time of a machine; `slot` is the slot opened for it, None where only the machine is there."""

    machine: Kept
    start: int
    end: int
    slot: Hashable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedDay:
    """One day of a collection that fits: its time, and every part with the resource it takes."""

    time: Opportunity
    seats: tuple[Seat, ...]
    unsure: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A collection that fits. It is early when it begins before a washout is known to have ended."""

    days: tuple[OfferedDay, ...]
    is_early: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DateAnswer:
    """What can be had from a date on, and all that stands in the way, the hardest first."""

    on: date
    offers: tuple[Offer, ...]
    reasons: tuple[Reason, ...]

    @property
    def is_offered(self) -> bool:
        """Whether a collection can begin on this date without anybody overriding anything."""
        return any(not offer.is_early for offer in self.offers)


# What a collection on a day on a machine takes, on its first day or a later one.
Asking = Callable[[date, Kept, bool], Sequence[Ask]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One search. `first_on` and `last_on` are the dates on which a collection may begin.

    `slots` are the free ones by the ordinal of their day, `kept_back` times of machines that were blocked;
    `quota` says why a week has no room. `barriers` count on the days named in `on_each_day` for every day of
    a collection, else for the first. `minutes` is how long a machine is taken where no slot says it.
    """

    unit: Unit
    asking: Asking
    first_on: date
    last_on: date
    days: int = 1
    minutes: int = 360
    slots: Mapping[int, Sequence[Opportunity]] = field(default_factory=dict)
    kept_back: Mapping[Hashable, Sequence[tuple[int, int]]] = field(default_factory=dict)
    walls: Sequence[Wall] = ()
    barriers: Sequence[Barrier] = ()
    away: Sequence[Barrier] = ()
    quota: Callable[[date], Reason | None] = lambda day: None
