"""What ends an expected item: doing it, skipping it, or no longer wanting it. Pure.

An occurrence is closed by the first of these in clinical time:

* It is fulfilled by the event the protocol names. An event that names the item in its data counts whenever
  it happened; any other counts from the anchor on (items in hours: from the opening of the window), so that
  an assessment before the infusion doesn't pass for one after it.
* An event fulfils the occurrence of a series whose window it lies in, or else the last one that had opened.
  Earlier ones that are still open are overtaken: nobody can do yesterday's assessment today.
* Somebody completes it by hand, or the protocol's `skipped_by` event settles it.
* An event of a kind in `stops_with`, not before the anchor, makes it pointless; so does a newer anchor.
* Where an item says `same`, only events that share that value with its anchor speak about it. One that has
  no such value at all can't fulfil it, but can stop it: the death of a child ends every case.
* The anchor itself neither fulfils nor stops anything.

An item that doesn't stop with death (a registry form) isn't stopped by the closing that goes with it either.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cartpath.protocols.expected import Occurrence
from cartpath.protocols.plan import ExpectedItem, Fulfilment
from cartpath.reminders.enums import Cause, ReminderState
from cartpath.reminders.facts import Fact, Reign

_STOP_CAUSES: Final = {"died": Cause.DIED, "closed": Cause.JOURNEY_CLOSED}
_DONE: Final = frozenset({Cause.FULFILLED, Cause.BY_HAND})

# The occurrences of one item under one anchor, by number, in order.
Due = Mapping[int, Occurrence]


@dataclass(frozen=True, slots=True)
class Closing:
    """Why an occurrence is no longer open, and the event that ended it."""

    cause: Cause
    fact: Fact

    @property
    def state(self) -> ReminderState:
        """Completed when it was done, canceled otherwise."""
        return ReminderState.COMPLETED if self.cause in _DONE else ReminderState.CANCELED


# An occurrence's number, and something that would close it.
Ending = tuple[int, Closing]


@dataclass(frozen=True, slots=True)
class Story:
    """The effective facts of a journey, found by kind, in clinical order."""

    by_kind: Mapping[str, Sequence[Fact]]

    @classmethod
    def of(cls, facts: Sequence[Fact]) -> "Story":
        """Leave out what a later event corrects."""
        corrected = {fact.corrects_id for fact in facts}
        by_kind: dict[str, list[Fact]] = {}
        for fact in sorted(facts, key=lambda fact: fact.when):
            if fact.id not in corrected:
                by_kind.setdefault(fact.kind, []).append(fact)
        return cls(by_kind)

    def of_kind(self, kind: str) -> Sequence[Fact]:
        """Effective facts of one kind, earliest first."""
        return self.by_kind.get(kind, ())

    def between(self, kind: str, reign: Reign) -> Sequence[Fact]:
        """Effective facts of one kind from the anchor of a reign to its successor, earliest first."""
        facts = self.of_kind(kind)
        first = bisect_left(facts, reign.anchor.when, key=_when)
        last = bisect_left(facts, reign.successor.when, key=_when) if reign.successor else len(facts)
        return facts[first:last]

    def matching(self, fulfilment: Fulfilment, reign: Reign | None = None) -> list[Fact]:
        """Effective facts that fulfil what the protocol names, earliest first; of one reign where given."""
        facts = [
            fact
            for kind in fulfilment.kinds
            for fact in (self.between(kind, reign) if reign else self.of_kind(kind))
        ]
        found = [fact for fact in facts if fulfilment.matches(fact.kind, fact.data)]
        return sorted(found, key=lambda fact: fact.when) if fulfilment.also else found

    def acknowledged(self, item: str, occurrence: int) -> Fact | None:
        """The first acknowledgement of a reminder."""
        return next(self._about("reminder_acknowledged", item, occurrence), None)

    def snoozed(self, item: str, occurrence: int) -> Fact | None:
        """The last snooze of a reminder: a later one replaces those before."""
        return max(
            self._about("reminder_snoozed", item, occurrence), key=lambda fact: fact.when, default=None
        )

    def completed_by_hand(self, item: str, occurrence: int) -> Fact | None:
        """The first completion of a reminder by hand."""
        return next(self._about("reminder_completed", item, occurrence), None)

    def _about(self, kind: str, item: str, occurrence: int) -> Iterator[Fact]:
        return (fact for fact in self.of_kind(kind) if _names(fact, item, occurrence))


def outlives_journey(item: ExpectedItem) -> bool:
    """Whether an item is still wanted after the patient's death, as a registry form is."""
    return "died" not in item.stops_with


def closings(item: ExpectedItem, due: Due, reign: Reign, story: Story) -> dict[int, Closing]:
    """What closed each occurrence of one item under one anchor, by number; open ones are absent."""
    if reign.struck_by is not None:
        return {number: Closing(Cause.ENTERED_IN_ERROR, reign.struck_by) for number in due}
    if reign.dethroned_by is not None:
        return {number: Closing(Cause.NEW_ANCHOR, reign.dethroned_by) for number in due}
    endings = [*_settled(item, due, reign, story), *_ended(item, due, reign, story)]
    closed: dict[int, Closing] = {}
    for number, ending in sorted(endings, key=lambda each: each[1].fact.when):
        closed.setdefault(number, ending)
    return closed


def _settled(item: ExpectedItem, due: Due, reign: Reign, story: Story) -> Iterator[Ending]:
    """Endings because somebody dealt with it."""
    # Only what names an item that counts from the first anchor is looked for at all times.
    within = None if item.anchor_event == "first" else reign
    done = [fact for fact in story.matching(item.fulfilled_by, within) if _in_reign(fact, item, reign)]
    yield from _fulfilled(item, due, done)
    for number in due:
        by_hand = story.completed_by_hand(item.item, number)
        if by_hand is not None:
            wanted = item.fulfilled_by.kind == "reminder_completed"
            yield number, Closing(Cause.FULFILLED if wanted else Cause.BY_HAND, by_hand)
    if item.skipped_by is not None:
        for fact in story.matching(item.skipped_by):
            if _in_reign(fact, item, reign):
                yield from ((number, Closing(Cause.SKIPPED, fact)) for number in due)


def _ended(item: ExpectedItem, due: Due, reign: Reign, story: Story) -> Iterator[Ending]:
    """Endings because it is no longer wanted."""
    stops = [Closing(_STOP_CAUSES.get(fact.kind, Cause.STOPPED), fact) for fact in _stops(item, reign, story)]
    if reign.successor is not None:
        stops.append(Closing(Cause.NEW_ANCHOR, reign.successor))
    return ((number, stop) for stop in stops for number in due)


def _stops(item: ExpectedItem, reign: Reign, story: Story) -> Iterator[Fact]:
    for kind in item.stops_with:
        for fact in story.of_kind(kind):
            if kind == "closed" and fact.data.get("reason_code") == "died" and outlives_journey(item):
                continue
            if fact.id == reign.anchor.id or (item.same in fact.data and not _shares(fact, item, reign)):
                continue
            if kind in _STOP_CAUSES or fact.when >= reign.anchor.when:
                yield fact


def _in_reign(fact: Fact, item: ExpectedItem, reign: Reign) -> bool:
    """Whether a fact can speak about the time in which this anchor counted."""
    if reign.successor is not None and fact.when >= reign.successor.when:
        return False
    if fact.id == reign.anchor.id or not _shares(fact, item, reign):
        return False
    if item.anchor_event == "first" and fact.data.get("item") == item.item:
        return True
    return fact.when >= reign.anchor.when


def _shares(fact: Fact, item: ExpectedItem, reign: Reign) -> bool:
    """Whether a fact has the value that ties it to this anchor, where the item wants one."""
    return item.same is None or fact.data.get(item.same) == reign.anchor.data.get(item.same)


def _fulfilled(item: ExpectedItem, due: Due, done: Iterable[Fact]) -> Iterator[Ending]:
    if item.fulfilled_by.kind == "reminder_completed":
        return  # settled by hand, occurrence by occurrence
    taken: set[int] = set()
    for fact in done:
        number = next(iter(due)) if item.offset.hours is None else _meant(due, fact.occurred_at)
        if number is None or number in taken:
            continue
        taken.add(number)
        yield number, Closing(Cause.FULFILLED, fact)
        yield from ((earlier, Closing(Cause.OVERTAKEN, fact)) for earlier in due if earlier < number)


def _meant(due: Due, at: datetime) -> int | None:
    """The occurrence in whose window `at` lies, or else the last that had opened; None before the first."""
    opened = [number for number, occurrence in due.items() if occurrence.opens_at <= at]
    return opened[-1] if opened else None


def _when(fact: Fact) -> tuple[datetime, int]:
    return fact.when


def _names(fact: Fact, item: str, occurrence: int) -> bool:
    return fact.data.get("item") == item and fact.data.get("occurrence") == occurrence
