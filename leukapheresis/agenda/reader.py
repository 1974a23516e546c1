"""Notes on which days of the calendar an event of a journey shows."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final, Literal, cast
from zoneinfo import ZoneInfo

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Chain, Event
from leukapheresis.agenda.changes import calendar_touched
from leukapheresis.models import BookingDay

SEEN_IN_THE_CALENDAR: Final = frozenset(
    {
        EventKind.APHERESIS_BOOKED,
        EventKind.APHERESIS_CANCELED,
        EventKind.APHERESIS_HELD,
        EventKind.APHERESIS_HOLD_RELEASED,
        EventKind.APHERESIS_MOVED,
        EventKind.APHERESIS_DAY_ADDED,
        EventKind.APHERESIS_DAY_RELEASED,
        EventKind.APHERESIS_PARTS_CHANGED,
        EventKind.COLLECTION_DAY_RECORDED,
        EventKind.COLLECTION_COMPLETED,
        EventKind.CLOSED,
    }
)


class CalendarReader:
    """Gives the days of a journey's bookings a new version whenever the calendar would show a difference."""

    name = "calendar"

    def read(self, chain: Chain, events: Sequence[Event]) -> None:
        """Take in new events: every day the journey's bookings touch, and the time a move came from."""
        seen = [event for event in events if event.kind in SEEN_IN_THE_CALENDAR]
        if not seen:
            return
        zone = Center.objects.get(pk=chain.center_id).zone
        starts = BookingDay.objects.filter(booking__journey_id=chain.journey_id).values_list(
            "slot__starts_at", flat=True
        )
        days = {start.astimezone(zone).date() for start in starts}
        latest = seen[-1]
        days.update(day for event in seen for day in _left(event, zone))
        by = Actor(
            kind=cast("Literal['user', 'client', 'system']", latest.actor_kind),
            id=latest.actor_id,
            name=latest.actor_name,
        )
        calendar_touched(chain.center_id, days, by=by, at=latest.recorded_at)

    def rebuild(self, chain: Chain, events: Sequence[Event]) -> None:
        """Nothing to make anew: the calendar is drawn from the bookings, and this only says when to look."""


def _left(event: Event, zone: ZoneInfo) -> Iterator[date]:
    """The day that a collection was moved away from."""
    left = event.data.get("from") if event.kind == EventKind.APHERESIS_MOVED else None
    if isinstance(left, dict):
        yield datetime.fromisoformat(left["starts_at"]).astimezone(zone).date()
