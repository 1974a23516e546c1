"""The change feed: every committed event in scope, each exactly once, none ever skipped.

Events are handed out in the order (position, id). `position` is at least the number of the transaction that
wrote the event, so an event may be shown once every transaction with a number up to its position is over:
nothing can then appear before it. Readers poll with the cursor of the page before.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from cartpath.core.errors import Invalid
from cartpath.ledger.models import Event

START = "0-0"


@dataclass(frozen=True, slots=True)
class Page:
    """Events after a cursor, and the cursor to ask with next."""

    events: list[Event]
    cursor: str


def parse_cursor(cursor: str) -> tuple[int, int]:
    """`"position-id"` as numbers; raises `Invalid` naming the field."""
    position, dash, event_id = cursor.partition("-")
    if not (dash and position.isdecimal() and event_id.isdecimal() and len(cursor) < 40):
        raise Invalid(
            "invalid_input", _("Unknown cursor."), fields={"after": _("Use the cursor of the page before.")}
        )
    return int(position), int(event_id)


def changes(*, after: str, limit: int, center_ids: list[int]) -> Page:
    """Up to `limit` events after `after` in the given centers. One query."""
    position, event_id = parse_cursor(after or START)
    events = list(
        Event.objects.in_centers(center_ids)
        .extra(  # a row comparison walks the index; Q objects can't say it
            where=[
                '("ledger_event"."position", "ledger_event"."id") > (%s, %s)',
                '"ledger_event"."position" < pg_snapshot_xmin(pg_current_snapshot())::text::bigint',
            ],
            params=[position, event_id],
        )
        .order_by("position", "id")[:limit]
    )
    cursor = f"{events[-1].position}-{events[-1].id}" if events else after or START
    return Page(events=events, cursor=cursor)
