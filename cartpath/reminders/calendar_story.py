"""What became of collections between two moments, told from the events of their journeys alone.

The ledger says of each booking when it was held, booked, moved and given up. Read up to one event and up to a
later one, it shows what changed in between; steps that took each other back show nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.reminders.enums import CalendarWord

# What people are told of.
TOLD_KINDS: Final = frozenset(
    {
        EventKind.APHERESIS_HELD,
        EventKind.APHERESIS_BOOKED,
        EventKind.APHERESIS_MOVED,
        EventKind.APHERESIS_DAY_ADDED,
        EventKind.APHERESIS_DAY_RELEASED,
        EventKind.APHERESIS_CANCELED,
        EventKind.APHERESIS_HOLD_RELEASED,
        EventKind.CLOSED,
    }
)
# What decides how a booking stands.
READ_KINDS: Final = TOLD_KINDS | {EventKind.COLLECTION_COMPLETED}
_GIVEN_UP: Final = frozenset({EventKind.APHERESIS_CANCELED, EventKind.APHERESIS_HOLD_RELEASED})

State = Literal["none", "held", "booked", "done"]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a collection."""

    number: int
    starts_at: datetime
    ends_at: datetime
    machine: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a booking stands at a moment."""

    state: State = "none"
    days: tuple[Day, ...] = ()
    held_until: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Whether it takes its days."""
        return self.state in ("held", "booked")


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one booking, and who did it: `(kind, id)` of each actor."""

    before: Standing
    after: Standing
    doers: frozenset[tuple[str, str]]
    told_at: datetime

    @property
    def words(self) -> tuple[CalendarWord, ...]:
        """The change in words; none when in the end nothing did."""
        return words_of(self.before, self.after)

    @property
    def is_to_come(self) -> bool:
        """Whether any day of it, before or after, had not ended when it was written."""
        return any(day.ends_at > self.told_at for day in (*self.before.days, *self.after.days))

    def by_another_than(self, user_id: int) -> bool:
        """Whether somebody else had a hand in it."""
        return bool(self.doers - {("user", str(user_id))})


def changes(events: Sequence[Event], told: Collection[int]) -> list[Change]:
    """What the events in `told` (ids) changed, booking by booking, the earliest day first.

    `events` are all of `READ_KINDS` of the journeys, in order.
    """
    journeys: dict[UUID, dict[str, Standing]] = {}
    found: dict[str, Change] = {}
    for event in events:
        standing = journeys.setdefault(event.journey_id, {})
        for booking in _touched(event, standing):
            before = standing.get(booking, Standing())
            after = standing[booking] = _after(before, event)
            if event.pk in told:
                known = found.get(booking) or Change(before, after, frozenset(), event.recorded_at)
                doers = known.doers | {(event.actor_kind, event.actor_id)}
                found[booking] = Change(known.before, after, doers, event.recorded_at)
    real = [change for change in found.values() if change.words and change.is_to_come]
    return sorted(real, key=lambda change: (change.after.days or change.before.days)[0].starts_at)


def words_of(before: Standing, after: Standing) -> tuple[CalendarWord, ...]:
    """What a person would call the way from one standing to another."""
    if not before.is_live:
        new = {"held": CalendarWord.HELD, "booked": CalendarWord.BOOKED}
        return (new[after.state],) if after.state in new else ()
    if not after.is_live:
        gone = CalendarWord.CANCELED if before.state == "booked" else CalendarWord.HOLD_ENDED
        return () if after.state == "done" else (gone,)
    old = {day.number: day for day in before.days}
    new_days = {day.number: day for day in after.days}
    happened = {
        CalendarWord.BOOKED: before.state != after.state,
        CalendarWord.MOVED: any(old[number] != new_days[number] for number in old.keys() & new_days.keys()),
        CalendarWord.DAY_ADDED: bool(new_days.keys() - old.keys()),
        CalendarWord.DAY_RELEASED: bool(old.keys() - new_days.keys()),
    }
    return tuple(word for word, did in happened.items() if did)


def _touched(event: Event, standing: dict[str, Standing]) -> Iterable[str]:
    """The bookings an event is about; the end of a journey, or of a collection, is about the live ones."""
    if event.kind in (EventKind.CLOSED, EventKind.COLLECTION_COMPLETED):
        return [booking for booking, known in standing.items() if known.is_live]
    return [event.data["booking"]] if event.data.get("booking") else []


def _after(before: Standing, event: Event) -> Standing:
    if event.kind == EventKind.COLLECTION_COMPLETED:
        return replace(before, state="done", held_until=None)
    if event.kind == EventKind.CLOSED or event.kind in _GIVEN_UP:
        return Standing()
    days = _days(event.data) or before.days
    if event.kind == EventKind.APHERESIS_HELD:
        return Standing("held", days, datetime.fromisoformat(event.data["hold_expires_at"]))
    if event.kind == EventKind.APHERESIS_BOOKED:
        return Standing("booked", days)
    return replace(before, days=days)


def _days(data: dict[str, Any]) -> tuple[Day, ...]:
    """The days of a booking as an event tells them; older events tell only the first, without a number."""
    told = data.get("days") or ([data | {"day": 1}] if data.get("starts_at") else [])
    days = [
        Day(
            number=each["day"],
            starts_at=datetime.fromisoformat(each["starts_at"]),
            ends_at=datetime.fromisoformat(each["ends_at"]),
            machine=each.get("machine") or "",
        )
        for each in told
    ]
    return tuple(sorted(days, key=lambda day: day.starts_at))
