"""What a protocol expects of one journey, made concrete. Pure: facts and a protocol in, a plan out.

The plan is computed from all facts each time, so it doesn't depend on the order in which they became known.
Rules, each with its reason:

* An item is counted from its anchor: the first effective event of the anchor's kind in clinical time, or
  the latest, as the protocol says. A second infusion therefore moves only what says `latest`.
* Planned dates never move. When the anchor changes, what is still open from the old one is canceled, and
  the new one plans anew under the next occurrence numbers; so nobody is told of a date that silently became
  another one, and what was asked earlier stays on record.
* Rows that carry validity dates are taken as in force on the anchor's local day.
* Of what outlives a patient (registry forms), what was due by the day of death stays, and the next one, which
  reports the death. To ask for fifteen more about a dead child would be wrong.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Literal

from cartpath.core.dates import local_midnight
from cartpath.protocols.expected import Occurrence, occurrences
from cartpath.protocols.plan import ExpectedItem
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
    }
)

# Which event of several is the anchor.
Mode = Literal["first", "latest"]


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


def plan(facts: Sequence[Fact], protocol: Protocol, zone: tzinfo) -> list[Planned]:
    """Every reminder of a journey, the closed ones included.

    `facts` are the journey's events in the ledger's order, at least those of `relevant_kinds`; `zone` is the
    center's.
    """
    story = Story.of(facts)
    numbered: Counter[str] = Counter()
    planned: list[Planned] = []
    for kind, mode in dict.fromkeys((row.anchor, row.anchor_event) for row in protocol.plan()):
        for reign in reigns(facts, kind, mode):
            on = reign.anchor.occurred_at.astimezone(zone).date()
            for item in _items(protocol, kind, mode, on):
                new = _concrete(item, reign, story, zone, after=numbered[item.item])
                numbered[item.item] += len(new)
                planned += new
    return _ended_by_death(planned, story, zone)


def relevant_kinds(protocol: Protocol) -> frozenset[str]:
    """Kinds of event that can change the plan of a journey on this protocol, apart from corrections."""
    kinds = set(ALWAYS_RELEVANT)
    for row in protocol.plan():
        kinds |= {row.anchor, row.fulfilled_by.kind, *row.stops_with}
        if row.skipped_by is not None:
            kinds.add(row.skipped_by.kind)
    return frozenset(kinds)


def reigns(facts: Iterable[Fact], kind: str, mode: Mode) -> list[Reign]:
    """The events that were the anchor at some time, in the order in which they became it.

    Replays the ledger's order, so an event keeps its place in the list whatever is recorded later.
    """
    alive: dict[int, Fact] = {}
    crowned: dict[int, Fact] = {}
    struck: dict[int, Fact] = {}
    for fact in facts:
        if fact.corrects_id is not None:
            struck[fact.corrects_id] = fact
            alive.pop(fact.corrects_id, None)
        elif fact.kind != kind:
            continue
        if fact.kind == kind:
            alive[fact.id] = fact
        chosen = _chosen(alive.values(), mode)
        if chosen is not None:
            crowned.setdefault(chosen.id, chosen)
    lasting = [anchor for anchor in crowned.values() if anchor.id not in struck]
    return [_reign(anchor, struck.get(anchor.id), lasting, mode) for anchor in crowned.values()]


def _chosen(candidates: Iterable[Fact], mode: Mode) -> Fact | None:
    pick = min if mode == "first" else max
    return pick(candidates, key=lambda fact: fact.when, default=None)


def _reign(anchor: Fact, struck_by: Fact | None, lasting: Sequence[Fact], mode: Mode) -> Reign:
    if struck_by is not None:
        return Reign(anchor=anchor, struck_by=struck_by)
    if mode == "first":
        current = _chosen(lasting, mode)
        return Reign(anchor=anchor, dethroned_by=current if current != anchor else None)
    return Reign(anchor=anchor, successor=_chosen((f for f in lasting if f.when > anchor.when), "first"))


def _concrete(item: ExpectedItem, reign: Reign, story: Story, zone: tzinfo, *, after: int) -> list[Planned]:
    """The occurrences of one item under one anchor, numbered on from `after`, open or closed."""
    due = occurrences(item, reign.anchor.occurred_at, zone)
    numbered = {after + each.occurrence: each for each in due}
    closed = closings(item, numbered, reign, story)
    return [
        Planned(
            item=item,
            occurrence=number,
            due=each,
            anchor=reign.anchor,
            notify_at=_notify_at(each, zone),
            closing=closed.get(number),
            acknowledged=story.acknowledged(item.item, number),
        )
        for number, each in numbered.items()
    ]


def _notify_at(due: Occurrence, zone: tzinfo) -> datetime:
    """At its hour for what is counted in hours; for a calendar item in the morning its window opens."""
    if due.first_on is None:
        return due.due_at
    return datetime.combine(due.first_on, NOTICE_TIME, tzinfo=zone).astimezone(UTC)


def _items(protocol: Protocol, kind: str, mode: Mode, on: date) -> Iterator[ExpectedItem]:
    """Items counted from this anchor that are in force on a day."""
    for row in protocol.plan():
        if (row.anchor, row.anchor_event) == (kind, mode) and row.in_force(on):
            yield from row.items()


def _ended_by_death(planned: list[Planned], story: Story, zone: tzinfo) -> list[Planned]:
    death = next(iter(story.of_kind("died")), None)
    if death is None:
        return planned
    died_on = date.fromisoformat(death.data["died_on"])
    end = local_midnight(died_on + timedelta(days=1), zone)
    ahead = [each for each in planned if each.closing is None and each.due.due_at >= end]
    ahead.sort(key=lambda each: (each.due.due_at, each.item.item, each.occurrence))
    last_wanted = ahead[:1]
    pointless = Closing(Cause.DIED, death)
    return [
        replace(each, closing=pointless) if each in ahead and each not in last_wanted else each
        for each in planned
    ]
