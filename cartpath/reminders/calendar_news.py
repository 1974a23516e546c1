"""Notes which events of a journey change the calendar, in the transaction that writes them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from cartpath.ledger.models import Chain, Event
from cartpath.reminders.calendar_story import TOLD_KINDS
from cartpath.reminders.models import CalendarNews

# What is written down later than that is history and no news: an imported journey tells nobody anything.
FRESH: Final = timedelta(days=1)


class CalendarNewsReader:
    """Writes a row for each event that people may have to be told of, so that none is ever lost.

    It only adds rows: many bookings of a center at once don't wait for each other.
    """

    name = "calendar_news"

    def read(self, chain: Chain, events: Sequence[Event]) -> None:
        """Take in new events."""
        news = [event for event in events if event.kind in TOLD_KINDS and _is_fresh(event)]
        if news:
            CalendarNews.objects.bulk_create(
                CalendarNews(event_id=event.pk, center_id=chain.center_id) for event in news
            )

    def rebuild(self, chain: Chain, events: Sequence[Event]) -> None:
        """Nothing to make anew: what people were told stays told."""


def _is_fresh(event: Event) -> bool:
    return event.recorded_at - event.occurred_at < FRESH
