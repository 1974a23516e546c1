"""From a reminder that is due to people who were told of it, and what one run of the engine does.

Reminders whose hour has come are locked, batch by batch (others skip what is locked), a delivery is written
for each recipient and channel, and the reminder is marked, in one transaction. How deliveries are sent stands
in `sending.py`; letters about the calendar (`calendar_letters.py`) go the same way.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Membership
from cartpath.reminders import calendar_letters
from cartpath.reminders.channels import Channels, Notice
from cartpath.reminders.choices import language_for
from cartpath.reminders.enums import Channel, DeliveryState, Obstacle
from cartpath.reminders.models import Delivery, Reminder, delivery_key
from cartpath.reminders.sending import Clock, GoOn, Outbox, Tally

PLAN_BATCH: Final = 100


def run(*, now: Clock, seconds: float, go_on: GoOn = lambda: True) -> Tally:
    """Plan and send until nothing is left, the time is over, or `go_on` says no.

    Sending goes before planning more, so the first message leaves while others are still being planned.
    """
    tally = Tally()
    deadline = now() + timedelta(seconds=seconds)
    outboxes: tuple[Outbox[Any], ...] = (Deliveries(), calendar_letters.Letters())
    with Channels() as channels:
        while go_on() and now() < deadline:
            sent = [
                outbox.deliver_batch(now=now, channels=channels, tally=tally, go_on=go_on)
                for outbox in outboxes
            ]
            if any(sent) or plan_batch(at=now(), tally=tally):
                continue
            if not calendar_letters.gather(at=now(), tally=tally):
                break
    return tally


@transaction.atomic
def plan_batch(*, at: datetime, tally: Tally) -> int:
    """Write the deliveries of up to `PLAN_BATCH` reminders whose hour has come; returns how many."""
    reminders = list(
        Reminder.objects.to_announce(at)
        .select_for_update(skip_locked=True, no_key=True)
        .order_by("notify_at")
        .only("id", "center_id", "role")[:PLAN_BATCH]
    )
    if not reminders:
        return 0
    holders = _holders({reminder.center_id for reminder in reminders})
    deliveries = [row for reminder in reminders for row in _deliveries(reminder, holders, at)]
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    Reminder.objects.filter(pk__in=[reminder.pk for reminder in reminders]).update(notified_at=at)
    tally["announced"] += len(reminders)
    return len(reminders)


class Deliveries(Outbox[Delivery]):
    """Messages about reminders."""

    model = Delivery
    related = ("reminder__center", "recipient__mail_choice")

    def channel(self, row: Delivery) -> str:
        """As it was planned."""
        return str(row.channel)

    def messages(self, claimed: Sequence[Delivery], *, at: datetime) -> Mapping[UUID, Notice]:
        """Each with how much waits for its role."""
        waiting = _waiting({(row.reminder.center_id, row.reminder.role) for row in claimed}, at=at)
        return {row.pk: notice_of(row, waiting[row.reminder.center_id, row.reminder.role]) for row in claimed}

    def obstacle(self, row: Delivery, *, at: datetime) -> Obstacle | None:
        """Why the person must not be told now, if so."""
        with connection.cursor() as cursor:
            cursor.execute(_OBSTACLE_SQL, {"delivery": row.pk, "at": at})
            found = cursor.fetchone()
        return Obstacle(found[0]) if found and found[0] else None


# Locks the reminder until the surrounding transaction ends, so that it can't be completed between the
# check and the message. Several workers may hold this lock on one reminder; they tell different people.
_OBSTACLE_SQL: Final = """
SELECT CASE
    WHEN reminder.state <> 'open' THEN 'no_longer_open'
    WHEN NOT reminder.outlives_journey AND (patient.died_on IS NOT NULL OR journey.stage = 'closed')
        THEN 'journey_over'
    WHEN NOT EXISTS (
        SELECT FROM accounts_membership membership
        JOIN accounts_user person ON person.id = membership.user_id AND person.is_active
        WHERE membership.user_id = delivery.recipient_id
          AND membership.center_id = reminder.center_id
          AND membership.role = delivery.role
    ) THEN 'no_longer_entitled'
    WHEN EXISTS (
        SELECT FROM reminders_reminder newer
        WHERE newer.journey_id = reminder.journey_id
          AND newer.item = reminder.item
          AND newer.occurrence > reminder.occurrence
          AND newer.state = 'open'
          AND newer.notify_at <= %(at)s
    ) THEN 'newer_occurrence'
END
FROM reminders_delivery delivery
JOIN reminders_reminder reminder ON reminder.id = delivery.reminder_id
JOIN patients_journey journey ON journey.id = reminder.journey_id
JOIN patients_patient patient ON patient.id = reminder.patient_id
WHERE delivery.id = %(delivery)s
FOR SHARE OF reminder
"""


Holders = dict[tuple[int, str], list[int]]


def _holders(center_ids: Iterable[int]) -> Holders:
    """Active people by center and role."""
    found: Holders = {}
    members = Membership.objects.filter(center_id__in=center_ids, user__is_active=True).order_by("user_id")
    for center_id, role, user_id in members.values_list("center_id", "role", "user_id"):
        found.setdefault((center_id, role), []).append(user_id)
    return found


def _deliveries(reminder: Reminder, holders: Holders, at: datetime) -> list[Delivery]:
    """One for each channel of each recipient: who holds the role, else the administrators, else nobody."""
    for role in (reminder.role, Role.ADMINISTRATOR.value):
        people = holders.get((reminder.center_id, role), [])
        told = [_delivery(reminder, person, channel, role, at) for person in people for channel in Channel]
        if told:
            return told
    nobody = _delivery(reminder, None, Channel.IN_APP, reminder.role, at)
    nobody.state, nobody.problem = DeliveryState.FAILED, Obstacle.NO_RECIPIENT
    return [nobody]


def _delivery(reminder: Reminder, person: int | None, channel: Channel, role: str, at: datetime) -> Delivery:
    return Delivery(
        id=delivery_key(reminder.pk, person, channel, step=0),
        reminder_id=reminder.pk,
        recipient_id=person,
        channel=channel,
        role=role,
        planned_at=at,
        next_try_at=at,
    )


def _waiting(groups: Iterable[tuple[int, str]], *, at: datetime) -> dict[tuple[int, str], int]:
    """How many reminders are due or overdue, by center and role."""
    return {
        (center_id, role): Reminder.objects.open()
        .filter(center_id=center_id, role=role, opens_at__lte=at)
        .count()
        for center_id, role in groups
    }


def notice_of(delivery: Delivery, waiting: int) -> Notice:
    """What a delivery says: to whom, in which language, in which role, and how much waits for that role."""
    return Notice(
        delivery_id=delivery.pk,
        reminder_id=delivery.reminder_id,
        address=delivery.recipient.email if delivery.recipient else "",
        language=language_for(delivery.recipient, delivery.reminder.center),
        role=delivery.reminder.role,
        is_substitute=delivery.role != delivery.reminder.role,
        waiting=waiting,
    )
