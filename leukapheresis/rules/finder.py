"""The earliest dates on which a child's collection fits, and for every other date all that stands in the way.

A date fits when the washouts are over, recent counts don't forbid it, the maker's slot can be kept, the
family is there, the week's quota has room, and on each of the days in a row a machine and every needed part
is there, can be ordered in time, and is free. Sources are those of the rules that speak.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, NamedTuple

from cartpath.core.sentences import say
from leukapheresis.rules.fitting import MINUTE, Ask, Fit, Kept, Miss
from leukapheresis.rules.search import (
    HARDEST_FIRST,
    DateAnswer,
    Offer,
    OfferedDay,
    Opportunity,
    Reason,
    Search,
)

STEP_MINUTES: Final = 30
OPTIONS_A_DAY: Final = 6
# Of a day on which nothing fits so many times are looked at for what they lack.
TIMES_EXPLAINED: Final = 4
_MACHINE: Final = Ask(part="machine")


class Finder:
    """Looks through the dates of a search, one after the other."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._unit = search.unit
        # The parts asked for are kept with the answer, so that their identity stays theirs.
        self._fits: dict[Hashable, tuple[Sequence[Ask], Fit]] = {}
        self._others: dict[int, tuple[Sequence[Ask], list[Ask]]] = {}
        self._days: dict[tuple[int, bool], _Day] = {}

    def answers(self, *, most: int | None = None) -> list[DateAnswer]:
        """Every date of the search in order, up to and including the `most`th that is offered."""
        found = []
        offered = 0
        for day in range(self._search.first_on.toordinal(), self._search.last_on.toordinal() + 1):
            answer = self.answer(date.fromordinal(day))
            found.append(answer)
            offered += answer.is_offered
            if most is not None and offered >= most:
                break
        return found

    def answer(self, on: date) -> DateAnswer:
        """What can be had from one date on."""
        search = self._search
        barred = [*self._barred(on)]
        first = self._day(on.toordinal(), is_first=True)
        later = [self._day(on.toordinal() + number, is_first=False) for number in range(1, search.days)]
        offers: tuple[Offer, ...] = ()
        reasons = barred + [reason for day in (first, *later) for reason in day.reasons]
        if not reasons:
            offers = tuple(self._offers(first, later))
            if not offers:
                reasons.append(_own_days_collide())
        reasons += self._walls(self._begins(first))
        rank = HARDEST_FIRST.index
        unique = dict.fromkeys(sorted(reasons, key=lambda reason: rank(reason.code)))
        return DateAnswer(on=on, offers=offers, reasons=tuple(unique))

    def judge(self, time: Opportunity, *, is_first: bool = True) -> tuple[OfferedDay, tuple[Reason, ...]]:
        """One given time of a machine: what it takes, and everything that stands in its way."""
        on = date.fromordinal(self._unit.almanac.day_of(time.start))
        fit = self._fit(time, self._search.asking(on, time.machine, is_first))
        reasons = [*self._barred(on, days=1), *map(self._missing, fit.misses)]
        if is_first:
            reasons += self._walls(time.start)
        if time.start <= self._unit.now:
            reasons.append(Reason(code="past", sentence=say("This time has begun.")))
        if self._is_kept_back(time):
            sentence = say("{machine} is kept back for part of that time.", machine=time.machine.name)
            reasons.append(Reason(code="busy", sentence=sentence))
        rank = HARDEST_FIRST.index
        ordered = tuple(sorted(reasons, key=lambda reason: rank(reason.code)))
        return OfferedDay(time=time, seats=fit.seats, unsure=fit.unsure), ordered

    def _barred(self, on: date, days: int | None = None) -> list[Reason]:
        """What forbids a date whatever is free on it."""
        search = self._search
        run = [date.fromordinal(on.toordinal() + number) for number in range(days or search.days)]
        found = [barrier.reason for barrier in search.barriers if barrier.covers(on)]
        found += [barrier.reason for barrier in search.away if any(map(barrier.covers, run))]
        full = search.quota(on)
        return [*found, full] if full is not None else found

    def _walls(self, start: int) -> list[Reason]:
        """The washouts that are open at a moment, the one that ends last before the others."""
        standing = [wall for wall in self._search.walls if wall.until is None or wall.until > start]
        standing.sort(key=lambda wall: (wall.until is not None, -(wall.until or 0)))
        return [
            Reason(
                code="washout_unknown" if wall.until is None else "washout",
                sentence=wall.sentence,
                rules=wall.rules,
                sources=wall.sources,
            )
            for wall in standing
        ]

    def _begins(self, day: "_Day") -> int:
        """The earliest moment at which a day could begin; its last one when it has no time at all."""
        if day.options:
            return min(option.time.start for option in day.options)
        return day.begins if day.begins is not None else self._unit.almanac.midnight(day.ordinal + 1) - 1

    def _offers(self, first: "_Day", later: Sequence["_Day"]) -> list[Offer]:
        found = []
        for option in first.options:
            run = [option]
            for day in later:
                following = self._following(run, day)
                if following is None:
                    break
                run.append(following)
            else:
                is_early = bool(self._walls(option.time.start))
                found.append(Offer(days=tuple(run), is_early=is_early))
        return found

    def _following(self, run: Sequence[OfferedDay], day: "_Day") -> OfferedDay | None:
        """A later day of a collection, on the same machine and at the same hour where that is free."""
        machine = run[0].time.machine.key
        hour = run[0].time.start - self._unit.almanac.midnight(self._unit.almanac.day_of(run[0].time.start))
        midnight = self._unit.almanac.midnight(day.ordinal)
        taken = [seat for before in run for seat in before.seats]
        reach = max(seat.end for seat in taken)
        for option in sorted(
            day.options,
            key=lambda each: (each.time.machine.key != machine, abs(each.time.start - midnight - hour)),
        ):
            if reach <= min(seat.start for seat in option.seats):
                return option
            on = date.fromordinal(day.ordinal)
            time = option.time
            asks = self._search.asking(on, time.machine, False)
            parts = [replace(ask, only=time.machine.key) if ask.part == "machine" else ask for ask in asks]
            fit = self._unit.fit(parts, time.start, time.end, taken=taken)
            if not fit.misses:
                return OfferedDay(time=time, seats=fit.seats, unsure=fit.unsure)
        return None

    def _day(self, ordinal: int, *, is_first: bool) -> "_Day":
        is_first = is_first and self._begins_otherwise(ordinal)
        known = self._days.get((ordinal, is_first))
        if known is None:
            known = self._days[ordinal, is_first] = self._looked_through(ordinal, is_first=is_first)
        return known

    def _begins_otherwise(self, ordinal: int) -> bool:
        """Whether a first day takes other parts than a later one; mostly they are looked through once."""
        on, asking = date.fromordinal(ordinal), self._search.asking
        machines = self._unit.of_kind("machine")
        return any(asking(on, machine, True) is not asking(on, machine, False) for machine in machines)

    def _looked_through(self, ordinal: int, *, is_first: bool) -> "_Day":
        """Every time of a day: those that fit, else what the one that comes nearest lacks."""
        on = date.fromordinal(ordinal)
        groups = list(self._groups(ordinal, is_first=is_first))
        options = [option for group in groups for option in self._options(group)]
        begins = min((start for group in groups for start, _end in group.times), default=None)
        if options:
            options.sort(key=lambda option: (option.time.start, option.time.machine.name))
            return _Day(ordinal=ordinal, options=tuple(options[:OPTIONS_A_DAY]), begins=begins)
        nearest = min((miss for group in groups for miss in self._lacks(group)), key=len, default=None)
        reasons = self._no_time(on) if nearest is None else tuple(map(self._missing, nearest))
        return _Day(ordinal=ordinal, reasons=reasons, begins=begins)

    def _groups(self, ordinal: int, *, is_first: bool) -> Iterable["_Group"]:
        """The times of a day to try: free slots, and machines without any through their hours.

        Machines that are there at the same hours and ask for the same parts are tried together.
        """
        search, unit = self._search, self._unit
        on = date.fromordinal(ordinal)
        with_slots = set()
        for slot in search.slots.get(ordinal, ()):
            with_slots.add(slot.machine.key)
            if slot.start > unit.now:
                asks = search.asking(on, slot.machine, is_first)
                yield _Group(asks, ((slot.start, slot.end),), [slot.machine], slot.slot)
        alike: dict[Hashable, tuple[Sequence[Ask], list[Kept]]] = {}
        for machine in unit.of_kind("machine"):
            if machine.key in with_slots or not (machine.opening.hours or machine.opening.open_days):
                continue
            asks = search.asking(on, machine, is_first)
            key = id(asks), id(unit.presence_of(machine))
            alike.setdefault(key, (asks, []))[1].append(machine)
        for asks, machines in alike.values():
            times = self._through_the_day(machines[0], ordinal)
            if times:
                yield _Group(asks, times, machines)

    def _through_the_day(self, machine: Kept, ordinal: int) -> tuple[tuple[int, int], ...]:
        almanac, length = self._unit.almanac, self._search.minutes * MINUTE
        whole = almanac.midnight(ordinal), almanac.midnight(ordinal + 1)
        return tuple(
            (start, start + length)
            for opens, closes in self._unit.presence_of(machine).within(*whole)
            for start in range(opens, closes - length + 1, STEP_MINUTES * MINUTE)
            if start > self._unit.now
        )

    def _options(self, group: "_Group") -> list[OfferedDay]:
        """The earliest time of each machine of a group at which all parts can be had."""
        found: list[OfferedDay] = []
        waiting = list(group.machines)
        for start, end in group.times:
            roomy = [machine for machine in waiting if self._unit.has_room(machine, start, end)]
            if not roomy or self._lacks_any(group.asks, start, end):
                continue
            for machine in roomy:
                time = Opportunity(machine=machine, start=start, end=end, slot=group.slot)
                fit = self._fit(time, group.asks)
                if not fit.misses and not self._is_kept_back(time):
                    waiting.remove(machine)
                    found.append(OfferedDay(time=time, seats=fit.seats, unsure=fit.unsure))
                    if len(found) >= OPTIONS_A_DAY:
                        return found
        return found

    def _lacks_any(self, asks: Sequence[Ask], start: int, end: int) -> bool:
        """Whether a part besides the machine is missing. What was missing last is asked for first."""
        key = id(asks)
        known = self._others.get(key)
        if known is None:
            known = self._others[key] = (asks, [ask for ask in asks if ask.part != "machine"])
        others = known[1]
        missing = self._unit.first_missing(others, start, end)
        if missing is not None and others[0] is not missing:
            others.remove(missing)
            others.insert(0, missing)
        return missing is not None

    def _lacks(self, group: "_Group") -> Iterable[Sequence[Miss]]:
        """What some times of a group lack; machines that are all taken speak as one."""
        step = max(1, len(group.times) // TIMES_EXPLAINED)
        for start, end in group.times[::step]:
            time = Opportunity(machine=group.machines[0], start=start, end=end, slot=group.slot)
            misses = self._fit(time, group.asks).misses
            if misses and misses[0].part == "machine":
                yield (replace(misses[0], resources=tuple(group.machines)), *misses[1:])
            elif misses:
                yield misses

    def _is_kept_back(self, time: Opportunity) -> bool:
        """Whether a machine's time lies in one that somebody blocked."""
        if time.slot is not None:
            return False
        blocked = self._search.kept_back.get(time.machine.key, ())
        return any(begins < time.end and time.start < ends for begins, ends in blocked)

    def _fit(self, time: Opportunity, asks: Sequence[Ask]) -> Fit:
        """All parts for one time; whatever isn't the machine is asked once for all machines alike."""
        machine = next((ask for ask in asks if ask.part == "machine"), _MACHINE)
        own = self._unit.fit([replace(machine, only=time.machine.key)], time.start, time.end)
        key = (id(asks), time.start, time.end)
        known = self._fits.get(key)
        if known is None:
            rest = [ask for ask in asks if ask.part != "machine"]
            known = self._fits[key] = (asks, self._unit.fit(rest, time.start, time.end))
        others = known[1]
        return Fit(seats=own.seats + others.seats, misses=own.misses + others.misses, unsure=others.unsure)

    def _missing(self, miss: Miss) -> Reason:
        code, sentence = self._unit.told(miss)
        return Reason(code=code, sentence=sentence, rules=miss.ask.rows, sources=miss.ask.sources)

    def _no_time(self, on: date) -> tuple[Reason, ...]:
        """Why no machine has any time on a day."""
        machines = self._unit.of_kind("machine")
        closures = [closure for each in machines for closure in each.opening.closed if closure.covers(on)]
        if machines and closures and all(any(c.covers(on) for c in each.opening.closed) for each in machines):
            note = closures[0].note or closures[0].kind
            sentence = say("Closed on {day} ({note}).", day=f"{on:%d-%b-%Y}", note=note)
            return (Reason(code="closed", sentence=sentence),)
        return (
            Reason(code="no_slot", sentence=say("No machine has a free slot or working hours that day.")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """One day: the times that fit, or what the nearest one lacks; `begins` is the earliest time there is."""

    ordinal: int
    options: tuple[OfferedDay, ...] = ()
    reasons: tuple[Reason, ...] = ()
    begins: int | None = None


class _Group(NamedTuple):
    """Machines that can be tried together: the same parts, the same times; `slot` is that of a single one."""

    asks: Sequence[Ask]
    times: Sequence[tuple[int, int]]
    machines: list[Kept]
    slot: Hashable | None = None


def _own_days_collide() -> Reason:
    return Reason(
        code="patient_busy", sentence=say("The days of this collection would be in each other's way.")
    )
