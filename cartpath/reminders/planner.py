"""What a protocol expects of one journey, made concrete. Pure: facts and a protocol in, a plan out.

The plan is computed from all facts each time, so it doesn't depend on the order in which they became known.
Rules, each with its reason:

* An item is counted from its anchor: the first effective event of the anchor's kind in clinical time, the
  latest, or each of them for itself, as the protocol says. A second infusion moves only what says `latest`.
* Planned dates never move. When the anchor changes, what is still open from the old one is canceled, and
  the new one plans anew under the next occurrence numbers; so nobody is told of a date that silently became
  another one, and what was asked earlier stays on record.
* Rows that carry validity dates are taken as in force on the anchor's local day.
* An item whose moment its anchor says is due then: whoever recorded the anchor worked it out.
* A birthday counts from the child's birth and is planned only where it comes after the anchor's day.
* Of the registry forms, which outlive a patient, what was due by the day of death stays, and the next one,
  which reports the death. To ask for fifteen more about a dead child would be wrong.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from cartpath.core.dates import local_midnight
from cartpath.protocols.expected import Occurrence, occurrences
from cartpath.protocols.plan import AnchorMode, ExpectedItem, Series
from cartpath.protocols.schema import Protocol
from cartpath.reminders.closing import Closing, Story, closings
from cartpath.reminders.enums import Cause
from cartpath.reminders.facts import Fact, Reign

# When the working day begins: calendar items are announced then, on the first local day of their window.
NOTICE_TIME: Final = time(7)

# Kinds of event that matter on every protocol.
ALWAYS_RELEVANT: Final = frozenset(
    {
        "referred",
        "accepted",
        "protocol_changed",
        "died",
        "closed",
        "reminder_acknowledged",
        "reminder_completed",
        "reminder_snoozed",
    }
)

# Birthdays move when the child's birth date is corrected.
BIRTH_CHANGES: Final = "patient_changed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """One reminder as it must be. All times are UTC; `notify_at` is when somebody is to be told of it."""

    item: ExpectedItem
    occurrence: int
    due: Occurrence
    anchor: Fact
    notify_at: datetime
    closing: Closing | None
    acknowledged: Fact | None
    snoozed: Fact | None


@dataclass(frozen=True, slots=True)
class _Anchoring:
    """What rows that share an anchor say about it: its kinds, the values it must have, which of several."""

    kinds: tuple[str, ...]
    match: tuple[tuple[str, str], ...]
    mode: AnchorMode

    @classmethod
    def of(cls, row: Series) -> "_Anchoring":
        """How one row is anchored."""
        return cls((row.anchor, *row.anchor_also), tuple(sorted(row.anchor_match.items())), row.anchor_event)

    def fits(self, fact: Fact) -> bool:
        """Whether an event can be this anchor."""
        return fact.kind in self.kinds and all(fact.data.get(key) == value for key, value in self.match)


@dataclass(frozen=True, slots=True)
class _World:
    """What every item of one journey is planned against."""

    story: Story
    zone: tzinfo
    birth: date | None


def plan(
    facts: Sequence[Fact], protocol: Protocol, zone: tzinfo, *, birth: date | None = None
) -> list[Planned]:
    """Every reminder of a journey, the closed ones included.

    `facts` are the journey's events in the ledger's order, at least those of `relevant_kinds`; `zone` is the
    center's. `birth` is the child's birth date; without it no birthday is planned.
    """
    world = _World(Story.of(facts), zone, birth)
    anchored: dict[_Anchoring, list[Series]] = {}
    for row in protocol.plan():
        anchored.setdefault(_Anchoring.of(row), []).append(row)
    numbered: Counter[str] = Counter()
    planned: list[Planned] = []
    for anchoring, rows in anchored.items():
        candidates = [fact for fact in facts if fact.corrects_id is not None or anchoring.fits(fact)]
        for reign in reigns(candidates, anchoring.fits, anchoring.mode):
            on = reign.anchor.occurred_at.astimezone(zone).date()
            for item in protocol.items_of(rows, on):
                new = _concrete(item, reign, world, after=numbered[item.item])
                numbered[item.item] += len(new)
                planned += new
    return _ended_by_death(planned, protocol, world)


def counts_birthdays(protocol: Protocol) -> bool:
    """Whether any row of a protocol is counted from the birth."""
    return any(row.at.ages for row in protocol.plan())


def relevant_kinds(protocol: Protocol) -> frozenset[str]:
    """Kinds of event that can change the plan of a journey on this protocol, apart from corrections."""
    kinds = set(ALWAYS_RELEVANT)
    for row in protocol.plan():
        kinds |= {row.anchor, *row.anchor_also, *row.fulfilled_by.kinds, *row.stops_with}
        if row.skipped_by is not None:
            kinds |= set(row.skipped_by.kinds)
        if row.at.ages:
            kinds.add(BIRTH_CHANGES)
    return frozenset(kinds)


def reigns(facts: Iterable[Fact], fits: Callable[[Fact], bool], mode: AnchorMode) -> list[Reign]:
    """The events that were the anchor at some time, in the order in which they became it.

    Replays the ledger's order, so an event keeps its place in the list whatever is recorded later. `fits`
    says which events can be the anchor; of `each`, every one reigns for itself and none follows another.
    """
    alive: dict[int, Fact] = {}
    crowned: dict[int, Fact] = {}
    struck: dict[int, Fact] = {}
    # Who reigns now: with each fact only this one and the new one can be chosen, until one is struck.
    chosen: list[Fact] = []
    for fact in facts:
        if fact.corrects_id is not None:
            struck[fact.corrects_id] = fact
            if alive.pop(fact.corrects_id, None) in chosen:
                chosen = list(alive.values())
        if fits(fact):
            alive[fact.id] = fact
            chosen.append(fact)
        elif fact.corrects_id is None:
            continue
        chosen = _chosen(chosen, mode)
        crowned.update({each.id: each for each in chosen if each.id not in crowned})
    lasting = sorted(
        (anchor for anchor in crowned.values() if anchor.id not in struck), key=lambda anchor: anchor.when
    )
    return [_reign(anchor, struck.get(anchor.id), lasting, mode) for anchor in crowned.values()]


def _chosen(candidates: Iterable[Fact], mode: AnchorMode) -> list[Fact]:
    found = sorted(candidates, key=lambda fact: fact.when)
    return {"first": found[:1], "latest": found[-1:], "each": found}[mode]


def _reign(anchor: Fact, struck_by: Fact | None, lasting: Sequence[Fact], mode: AnchorMode) -> Reign:
    if struck_by is not None:
        return Reign(anchor=anchor, struck_by=struck_by)
    if mode == "first":
        (current,) = _chosen(lasting, mode)
        return Reign(anchor=anchor, dethroned_by=current if current != anchor else None)
    if mode == "each":
        return Reign(anchor=anchor)
    place = bisect_right(lasting, anchor.when, key=lambda fact: fact.when)
    return Reign(anchor=anchor, successor=lasting[place] if place < len(lasting) else None)


def _concrete(item: ExpectedItem, reign: Reign, world: _World, *, after: int) -> list[Planned]:
    """The occurrences of one item under one anchor, numbered on from `after`, open or closed."""
    due = occurrences(item, reign.anchor.occurred_at, world.zone, world.birth, reign.anchor.data)
    numbered = {after + each.occurrence: each for each in due}
    closed = closings(item, numbered, reign, world.story) if numbered else {}
    return [
        Planned(
            item=item,
            occurrence=number,
            due=each,
            anchor=reign.anchor,
            notify_at=_notify_at(each, world.zone),
            closing=closed.get(number),
            acknowledged=world.story.acknowledged(item.item, number),
            snoozed=world.story.snoozed(item.item, number),
        )
        for number, each in numbered.items()
    ]


def _notify_at(due: Occurrence, zone: tzinfo) -> datetime:
    """At its hour for what is counted in hours; for a calendar item in the morning its window opens."""
    if due.first_on is None:
        return due.due_at
    return datetime.combine(due.first_on, NOTICE_TIME, tzinfo=zone).astimezone(UTC)


def _ended_by_death(planned: list[Planned], protocol: Protocol, world: _World) -> list[Planned]:
    death = next(iter(world.story.of_kind("died")), None)
    if death is None:
        return planned
    died_on = date.fromisoformat(death.data["died_on"])
    end = local_midnight(died_on + timedelta(days=1), world.zone)
    forms = {row.id for row in protocol.follow_up.registry}
    ahead = [
        each
        for each in planned
        if each.item.series in forms and each.closing is None and each.due.due_at >= end
    ]
    ahead.sort(key=lambda each: (each.due.due_at, each.item.item, each.occurrence))
    pointless = {(each.item.item, each.occurrence) for each in ahead[1:]}
    closing = Closing(Cause.DIED, death)
    return [
        replace(each, closing=closing) if (each.item.item, each.occurrence) in pointless else each
        for each in planned
    ]
