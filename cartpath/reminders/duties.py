"""What is due for a person's roles, counted by day for a calendar: no child, no item, no reason.

Items counted in hours are left out: a calendar program looks a few times a day, the ward works by the hour.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Q

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.protocols import registry
from cartpath.reminders.models import Reminder


@dataclass(frozen=True, slots=True)
class DutiesOfDay:
    """What is due on one day in one center: visits of how many children, and how many other things.

    `version` and `changed_at` grow with each entry of the ledger that planned, ended, arranged or struck
    something of the day.
    """

    center_id: int
    on: date
    visits: int
    tasks: int
    first_on: date
    last_on: date
    version: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many children of a center wait for something whose window is past."""

    center_id: int
    children: int


# Closed reminders, and what has a day of its own elsewhere (`apart`), count for the version only: what is
# gone from a day must reach the programs too.
_DAYS_SQL: Final = """
WITH row AS (
    SELECT reminder.*,
        reminder.state = 'open' AND apart.item IS NULL AS counts,
        reminder.item = ANY(%(visits)s) AS is_visit
    FROM reminders_reminder reminder
    JOIN unnest(%(centers)s::bigint[], %(roles)s::text[]) AS held(center_id, role)
        ON held.center_id = reminder.center_id AND held.role = reminder.role
    LEFT JOIN unnest(%(apart_journeys)s::uuid[], %(apart_items)s::text[]) AS apart(journey_id, item)
        ON apart.journey_id = reminder.journey_id AND apart.item = reminder.item
    WHERE reminder.due_on BETWEEN %(first)s AND %(last)s
)
SELECT row.center_id,
    row.due_on,
    count(DISTINCT row.patient_id) FILTER (WHERE row.counts AND row.is_visit),
    count(*) FILTER (WHERE row.counts AND NOT row.is_visit),
    min(row.first_on) FILTER (WHERE row.counts),
    max(row.last_on) FILTER (WHERE row.counts),
    count(DISTINCT anchor.id) + count(DISTINCT ending.id),
    max(greatest(anchor.recorded_at, ending.recorded_at)),
    array_agg(DISTINCT row.journey_id)
FROM row
JOIN ledger_event anchor ON anchor.id = row.anchor_event_id
LEFT JOIN ledger_event ending ON ending.id = row.closed_by_event_id
GROUP BY row.center_id, row.due_on
HAVING count(*) FILTER (WHERE row.counts) > 0
ORDER BY row.due_on, row.center_id
"""
# Besides what plans and ends a reminder, these change what stands on a day.
_MOVES: Final = Q(corrects__isnull=False) | Q(kind__in=[EventKind.VISIT_PLANNED, EventKind.VISIT_UNPLANNED])


def duties_of(
    user: User, first: date, last: date, *, apart: Sequence[tuple[UUID, str]] = ()
) -> list[DutiesOfDay]:
    """What is due for the person's roles on each day of a span, both ends inside. Two queries.

    `apart` are items of journeys that the caller tells of elsewhere.
    """
    held = _held(user)
    if not held:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _DAYS_SQL,
            {
                "visits": sorted(visit_items()),
                "centers": [center_id for center_id, _role in held],
                "roles": [role for _center_id, role in held],
                "first": first,
                "last": last,
                "apart_journeys": [journey_id for journey_id, _item in apart],
                "apart_items": [item for _journey_id, item in apart],
            },
        )
        rows = cursor.fetchall()
    moves = _moves({journey for row in rows for journey in row[-1]})
    return [_day(row, moves) for row in rows]


def overdue_of(user: User, *, at: datetime) -> list[Overdue]:
    """Children with something overdue for the person's roles, by center. One query.

    What was put off is left out.
    """
    late = Reminder.objects.visible_to(user).addressed_to(user).overdue(at).awake(at)
    counted = late.order_by("center_id").values_list("center_id").annotate(Count("patient_id", distinct=True))
    return [Overdue(center_id, children) for center_id, children in counted]


@cache
def visit_items() -> frozenset[str]:
    """The items that are visits in any protocol that ships."""
    return frozenset(
        item.item
        for protocol in registry.all_protocols()
        for row in protocol.follow_up.visits
        for item in row.items()
    )


def _held(user: User) -> list[tuple[int, str]]:
    centers = user.centers_for(Permission.VIEW_PATIENTS)
    return sorted((center_id, role) for center_id in centers for role in user.roles_by_center[center_id])


_Moves = dict[UUID, tuple[int, datetime]]


def _moves(journey_ids: Collection[UUID]) -> _Moves:
    """How many entries of each journey correct or arrange something, and when the last was recorded."""
    found = Event.objects.filter(_MOVES, journey_id__in=list(journey_ids))
    counted = found.order_by().values_list("journey_id").annotate(Count("id"), Max("recorded_at"))
    return {journey_id: (count, last) for journey_id, count, last in counted}


def _day(row: Sequence[Any], moves: _Moves) -> DutiesOfDay:
    center_id, on, visits, tasks, first_on, last_on, version, changed_at, journeys = row
    moved = [moves[journey] for journey in journeys if journey in moves]
    return DutiesOfDay(
        center_id=center_id,
        on=on,
        visits=visits,
        tasks=tasks,
        first_on=first_on,
        last_on=last_on,
        version=version + sum(count for count, _last in moved),
        changed_at=max([changed_at, *(last for _count, last in moved)]),
    )
