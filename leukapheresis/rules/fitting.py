"""Whether all parts of a collection are there and free at a time, and on which resource each.

The same resources are asked for again and again while a year is looked through, so answers are kept.

Source: the center's own resources and their plan.
"""

from bisect import bisect_left
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Final, Literal

from cartpath.core.sentences import say
from leukapheresis.rules.bundle import Need, Span
from leukapheresis.rules.opening import Opening
from leukapheresis.rules.presence import Almanac, Presence, presence

MINUTE: Final = 60
HOUR: Final = 3600
NAMES_TOLD: Final = 3

# What parts are called in sentences; pages translate them.
PART_LABELS: Final[Mapping[str, str]] = {
    "machine": "Apheresis machine",
    "chair": "Chair or bed",
    "nurse": "Apheresis nurse",
    "anesthesia": "Anesthesia",
    "line_placement": "Line placement",
    "picu_bed": "Intensive care bed",
    "red_cell_prime": "Red cells for the prime",
    "courier": "Courier",
    "cryopreservation": "Cryopreservation",
}
# Parts that come after the collection: their hours are a cut-off for it.
CUT_OFFS: Final = frozenset({"courier", "cryopreservation"})

MissCode = Literal["busy", "lead_time", "cut_off", "closed", "hours", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A resource that a center keeps; the buffers in minutes stay free around every use of it."""

    key: Hashable
    name: str
    kind: str
    opening: Opening
    capacity: int = 1
    lead_hours: int = 0
    before_minutes: int = 0
    after_minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One part that a collection takes, as the rules ask for it or a person decided.

    An unsure one is still undecided: it is looked for, and doesn't stand in the way. `only` is the resource
    that was named, `prefer` the one it has now.
    """

    part: str
    spans: tuple[Span, ...] = (Span(),)
    lead_hours: int = 0
    rows: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    is_sure: bool = True
    only: Hashable | None = None
    prefer: Hashable | None = None

    @classmethod
    def of(cls, need: Need, *, is_sure: bool = True, only: Hashable | None = None) -> "Ask":
        """What a need of the bundle asks for."""
        return cls(
            part=need.part,
            spans=need.spans,
            lead_hours=need.lead_hours,
            rows=need.rows,
            sources=need.sources,
            is_sure=is_sure,
            only=only,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A unit of a resource that is free from `start` to `end`, buffers included."""

    part: str
    key: Hashable
    name: str
    unit: int
    start: int
    end: int

    def collides(self, other: "Seat") -> bool:
        """Whether two seats are the same unit at the same time."""
        same = self.key == other.key and self.unit == other.unit
        return same and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A part that can't be had from `start` to `end`, and the resources that fail for the hardest reason."""

    ask: Ask
    code: MissCode
    start: int
    end: int
    resources: tuple[Kept, ...] = ()

    @property
    def part(self) -> str:
        """The part that is missing."""
        return self.ask.part


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What can be had at a time and what can't; the unsure parts beside, with whether they are free."""

    seats: tuple[Seat, ...] = ()
    misses: tuple[Miss, ...] = ()
    unsure: tuple[tuple[str, bool], ...] = ()


# The uses of one unit of a resource in order: when each begins and when each ends. They never overlap.
Uses = tuple[Sequence[int], Sequence[int]]
BusyUnits = Mapping[tuple[Hashable, int], Uses]


class Unit:
    """Everything an apheresis unit keeps, during a search that begins `now`."""

    def __init__(self, kept: Iterable[Kept], busy: BusyUnits, almanac: Almanac, *, now: int) -> None:
        self.almanac = almanac
        self.now = now
        self._busy = busy
        self._by_kind: dict[str, list[Kept]] = {}
        for resource in kept:
            self._by_kind.setdefault(resource.kind, []).append(resource)
        self._presences: dict[Hashable, Presence] = {}
        self._shared: dict[Hashable, Presence] = {}
        self._seats: dict[Hashable, Seat | Miss] = {}

    def of_kind(self, kind: str) -> Sequence[Kept]:
        """The resources of a kind."""
        return self._by_kind.get(kind, ())

    def presence_of(self, resource: Kept) -> Presence:
        """When a resource is there; those with the same hours and closures share the answer."""
        known = self._presences.get(resource.key)
        if known is None:
            opening = resource.opening
            alike = (tuple(opening.hours), tuple(opening.open_days), tuple(opening.closed))
            known = self._shared.get(alike)
            if known is None:
                known = self._shared[alike] = presence(opening, self.almanac)
            self._presences[resource.key] = known
        return known

    def is_free(self, resource: Kept, unit: int, start: int, end: int) -> bool:
        """Whether nothing takes a unit of a resource between two moments."""
        uses = self._busy.get((resource.key, unit))
        if uses is None:
            return True
        starts, ends = uses
        before = bisect_left(starts, end)
        return before == 0 or ends[before - 1] <= start

    def has_room(self, resource: Kept, start: int, end: int) -> bool:
        """Whether any unit of a resource is free between two moments, with its buffers."""
        begins = start - resource.before_minutes * MINUTE
        ends = end + resource.after_minutes * MINUTE
        return any(self.is_free(resource, unit, begins, ends) for unit in range(1, resource.capacity + 1))

    def fit(self, asks: Iterable[Ask], start: int, end: int, *, taken: Collection[Seat] = ()) -> Fit:
        """Every part for a collection from `start` to `end`; `taken` are seats its other days take."""
        seats: list[Seat] = []
        misses: list[Miss] = []
        unsure: list[tuple[str, bool]] = []
        for ask in asks:
            begins, ends = self.around(ask, start, end)
            found = self.seat(ask, begins, ends, taken=taken)
            if not ask.is_sure:
                unsure.append((ask.part, isinstance(found, Seat)))
            elif isinstance(found, Seat):
                seats.append(found)
            else:
                misses.append(found)
        return Fit(seats=tuple(seats), misses=tuple(misses), unsure=tuple(unsure))

    def first_missing(self, asks: Iterable[Ask], start: int, end: int) -> Ask | None:
        """The first sure part that can't be had for a collection from `start` to `end`."""
        for ask in asks:
            if ask.is_sure and isinstance(self.seat(ask, *self.around(ask, start, end)), Miss):
                return ask
        return None

    def around(self, ask: Ask, start: int, end: int) -> tuple[int, int]:
        """From when to when a part is taken for a collection: as `Need.around`."""
        if len(ask.spans) == 1:
            return self._around(ask.spans[0], start, end)
        each = [self._around(span, start, end) for span in ask.spans]
        return min(begins for begins, _ends in each), max(ends for _begins, ends in each)

    def _around(self, span: Span, start: int, end: int) -> tuple[int, int]:
        begins = (start if span.from_of == "start" else end) + span.from_minutes * MINUTE
        until = (start if span.until_of == "start" else end) + span.until_minutes * MINUTE
        if span.until_next_morning is not None:
            until = max(until, self._morning(end, span.until_next_morning))
        return begins, until

    def seat(self, ask: Ask, start: int, end: int, *, taken: Collection[Seat] = ()) -> Seat | Miss:
        """The first resource that is there, can be ordered in time and is free; or why there is none."""
        if taken:
            return self._seat(ask, start, end, taken)
        key = (ask.part, start, end, ask.lead_hours, ask.only, ask.prefer)
        known = self._seats.get(key)
        if known is None:
            known = self._seats[key] = self._seat(ask, start, end, ())
        return known

    def _morning(self, end: int, hour: int) -> int:
        return self.almanac.second(self.almanac.day_of(end) + 1, time(hour))

    def _seat(self, ask: Ask, start: int, end: int, taken: Collection[Seat]) -> Seat | Miss:
        missed: list[tuple[MissCode, Kept]] = []
        for resource in self._candidates(ask):
            if not self.presence_of(resource).covers(start, end):
                missed.append(("hours", resource))
            elif self._is_late(ask, resource, start):
                missed.append(("lead_time", resource))
            else:
                found = self._free_seat(ask, resource, start, end, taken)
                if found is not None:
                    return found
                missed.append(("busy", resource))
        code = _hardest({why for why, _resource in missed})
        those = tuple(resource for why, resource in missed if why == code)
        return Miss(ask=ask, code=code, start=start, end=end, resources=those)

    def _candidates(self, ask: Ask) -> Iterable[Kept]:
        resources = self.of_kind(ask.part)
        if ask.only is not None:
            return [resource for resource in resources if resource.key == ask.only]
        if ask.prefer is not None:
            return sorted(resources, key=lambda resource: resource.key != ask.prefer)
        return resources

    def _is_late(self, ask: Ask, resource: Kept, start: int) -> bool:
        lead_hours = max(ask.lead_hours, resource.lead_hours)
        return lead_hours > 0 and self.now + lead_hours * HOUR > start

    def _free_seat(
        self, ask: Ask, resource: Kept, start: int, end: int, taken: Collection[Seat]
    ) -> Seat | None:
        begins = start - resource.before_minutes * MINUTE
        ends = end + resource.after_minutes * MINUTE
        for unit in range(1, resource.capacity + 1):
            if not self.is_free(resource, unit, begins, ends):
                continue
            seat = Seat(
                part=ask.part, key=resource.key, name=resource.name, unit=unit, start=begins, end=ends
            )
            if not taken or not any(map(seat.collides, taken)):
                return seat
        return None

    def told(self, miss: Miss) -> tuple[MissCode, str]:
        """Why a part can't be had, in a sentence; a closure and a cut-off have codes of their own."""
        label = PART_LABELS[miss.part]
        if miss.code == "busy":
            return "busy", say("{part}: taken ({names}).", part=label, names=_names(miss.resources))
        if miss.code == "lead_time":
            hours = max(miss.ask.lead_hours, min(each.lead_hours for each in miss.resources))
            ready_at = self.almanac.moment(self.now + hours * HOUR)
            return "lead_time", say(
                "{part}: must be ordered {hours} h ahead, so from {moment} on.",
                part=label,
                hours=hours,
                moment=f"{ready_at:%d-%b-%Y %H:%M}",
            )
        if miss.code == "hours":
            return self._not_there(miss, label)
        return "none", say("{part}: none is in use.", part=label)

    def _not_there(self, miss: Miss, label: str) -> tuple[MissCode, str]:
        """A part that is closed that day, or works other hours."""
        day = date.fromordinal(self.almanac.day_of(miss.start))
        closures = (closure for each in miss.resources for closure in each.opening.closed)
        closure = next((each for each in closures if each.covers(day)), None)
        if closure is not None:
            note = closure.note or closure.kind
            return "closed", say(
                "{part}: closed on {day} ({note}).", part=label, day=f"{day:%d-%b-%Y}", note=note
            )
        end = self._clock(miss.end)
        cut_off = self._cut_off(miss) if miss.part in CUT_OFFS else None
        if cut_off is not None:
            return "cut_off", say(
                "{part}: needed until {end}, and it closes at {closes}.",
                part=label,
                end=end,
                closes=self._clock(cut_off),
            )
        start = self._clock(miss.start)
        return "hours", say("{part}: not there from {start} to {end}.", part=label, start=start, end=end)

    def _cut_off(self, miss: Miss) -> int | None:
        """When the last of the resources closes that day, if it is open at all and too early."""
        day = self.almanac.day_of(miss.start)
        whole = self.almanac.midnight(day), self.almanac.midnight(day + 1)
        spans = (span for each in miss.resources for span in self.presence_of(each).within(*whole))
        last = max((end for _start, end in spans), default=None)
        return last if last is not None and last < miss.end else None

    def _clock(self, second: int) -> str:
        return f"{self.almanac.moment(second):%H:%M}"


def _hardest(codes: Collection[MissCode]) -> MissCode:
    """Of several resources the one that is only taken speaks first: it may come free."""
    order: tuple[MissCode, ...] = ("busy", "lead_time", "hours")
    return next((code for code in order if code in codes), "none")


def _names(resources: Sequence[Kept]) -> str:
    told = ", ".join(resource.name for resource in resources[:NAMES_TOLD])
    return f"{told}, …" if len(resources) > NAMES_TOLD else told
