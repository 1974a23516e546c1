"""Why a person must not be told of a reminder now, asked in the transaction that tells."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from cartpath.accounts.permissions import ROLES_FOR, Permission
from cartpath.core.prepared import Chain, Prepared, fetch_prepared
from cartpath.reminders.enums import Obstacle

# Locks the reminders until the surrounding transaction ends, so that none can be completed between the check
# and the message. Several workers may hold this lock on one reminder; they tell different people.
_QUESTION: Final = """
SELECT delivery.id, CASE
    WHEN reminder.state <> 'open' THEN 'no_longer_open'
    WHEN NOT reminder.outlives_journey AND (patient.died_on IS NOT NULL OR journey.stage = 'closed')
        THEN 'journey_over'
    WHEN reminder.snoozed_until > %(at)s THEN 'snoozed'
    WHEN delivery.webhook_id IS NULL AND NOT EXISTS (
        SELECT FROM accounts_membership membership
        JOIN accounts_user person ON person.id = membership.user_id AND person.is_active
        WHERE membership.user_id = delivery.recipient_id
          AND membership.center_id = reminder.center_id
          AND (membership.role = delivery.role
               OR delivery.stands_in_for_id IS NOT NULL AND membership.role IN ({seers}))
    ) THEN 'no_longer_entitled'
    WHEN delivery.webhook_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM reminders_webhooktarget target WHERE target.id = delivery.webhook_id AND target.is_active
    ) THEN 'revoked'
    WHEN EXISTS (
        SELECT FROM reminders_reminder newer
        WHERE newer.journey_id = reminder.journey_id
          AND newer.item = reminder.item
          AND newer.anchor_event_id = reminder.anchor_event_id
          AND newer.occurrence > reminder.occurrence
          AND newer.state = 'open'
          AND newer.notify_at <= %(at)s
    ) THEN 'newer_occurrence'
    WHEN EXISTS (
        SELECT FROM reminders_absence absence
        WHERE absence.user_id = delivery.recipient_id
          AND absence.center_id = reminder.center_id
          AND absence.ended_at IS NULL
          AND %(on)s BETWEEN absence.first_on AND absence.last_on
    ) THEN 'absent'
END AS obstacle
FROM reminders_delivery delivery
JOIN reminders_reminder reminder ON reminder.id = delivery.reminder_id
JOIN patients_journey journey ON journey.id = reminder.journey_id
JOIN patients_patient patient ON patient.id = reminder.patient_id
WHERE {which}
FOR SHARE OF reminder {skip}
"""
# Whoever may see patients may stand in for somebody.
_SEERS: Final = ", ".join(sorted(f"'{role.value}'" for role in ROLES_FOR[Permission.VIEW_PATIENTS]))
_OBSTACLE_SQL: Final = _QUESTION.format(
    seers=_SEERS, which="delivery.id = ANY(%(deliveries)s) ORDER BY reminder.id", skip=""
)


def obstacles(delivery_ids: Sequence[UUID], *, on: date, at: datetime) -> Mapping[UUID, Obstacle | None]:
    """What stands in the way of each delivery at a moment, on its center's local day; None for nothing."""
    wanted = {"deliveries": list(delivery_ids), "on": on, "at": at}
    return _by_delivery(fetch_prepared(_OBSTACLE_SQL, wanted))


# Check and mark in one statement.
_SETTLE_SQL: Final = """
WITH found AS ({question})
UPDATE reminders_delivery delivery
SET state = CASE WHEN found.obstacle IS NULL THEN 'sent' ELSE 'skipped' END,
    sent_at = CASE WHEN found.obstacle IS NULL THEN %(at)s END,
    problem = coalesce(found.obstacle, ''),
    lease_until = NULL
FROM found
WHERE delivery.id = found.id AND {mine}
RETURNING delivery.id, found.obstacle
"""
# For one, PostgreSQL sees that the plan never depends on which, and makes it once for each connection.
_SETTLE_HELD: Final = _SETTLE_SQL.format(
    question=_QUESTION.format(seers=_SEERS, which="delivery.id = %(delivery)s", skip=""),
    mine="delivery.state = 'intended' AND delivery.lease_until = %(lease)s",
)
SETTLE_HELD: Final = Prepared(
    name="cartpath_settle_held",
    sql=_SETTLE_HELD,
    types={"delivery": "uuid", "lease": "timestamptz", "on": "date", "at": "timestamptz"},
)
# Reminders that somebody is changing are left for the next time: to hold some while waiting for others could
# end in a deadlock.
_SETTLE_FREE: Final = _SETTLE_SQL.format(
    question=_QUESTION.format(
        seers=_SEERS,
        which="""delivery.channel = %(channel)s AND delivery.state = 'intended'
    AND (delivery.lease_until IS NULL OR delivery.lease_until <= %(at)s)
    AND delivery.next_try_at <= %(at)s AND reminder.center_id = ANY(%(centers)s)
ORDER BY delivery.next_try_at LIMIT %(most)s
FOR NO KEY UPDATE OF delivery SKIP LOCKED""",
        skip="SKIP LOCKED",
    ),
    mine="TRUE",
)


def settle_held(
    delivery_id: UUID, *, lease: datetime, on: date, at: datetime
) -> Mapping[UUID, Obstacle | None]:
    """Mark a delivery held under a lease as sent or, where something stands in the way, as skipped.

    Waits for whoever is changing the reminder. An empty answer: the lease has passed to somebody else.
    """
    return _by_delivery(fetch_prepared(_SETTLE_HELD, _held(delivery_id, lease, on, at)))


def settle_held_next(
    chain: Chain, delivery_id: UUID, *, lease: datetime, on: date, at: datetime
) -> Mapping[UUID, Obstacle | None]:
    """The same as the first act of the next transaction of a chain of `SETTLE_HELD`."""
    return _by_delivery(chain.next(_held(delivery_id, lease, on, at)))


def _held(delivery_id: UUID, lease: datetime, on: date, at: datetime) -> dict[str, Any]:
    return {"delivery": delivery_id, "lease": lease, "on": on, "at": at}


def settle_free(
    channel: str, *, center_ids: Sequence[int], on: date, at: datetime, most: int
) -> Mapping[UUID, Obstacle | None]:
    """Mark deliveries of some centers through one channel, as many as are free and at most `most`."""
    with connection.cursor() as cursor:
        wanted: dict[str, Any] = {"channel": channel, "centers": list(center_ids), "most": most}
        cursor.execute(_SETTLE_FREE, wanted | {"on": on, "at": at})
        return _by_delivery(cursor.fetchall())


def _by_delivery(rows: Iterable[tuple[UUID, str | None]]) -> Mapping[UUID, Obstacle | None]:
    return {pk: Obstacle(found) if found else None for pk, found in rows}
