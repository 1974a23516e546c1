"""From a reminder that is due to a person who was told: plan, claim, check again, send, record.

Each step says how much work it found. Nothing is kept in memory or in the broker: two workers, or one that
was killed, find in the tables what is left to do.

* **Plan.** Reminders whose hour has come are locked, batch by batch (others skip what is locked), a delivery
  is written for each recipient and channel, and the reminder is marked, in one transaction.
* **Claim.** A batch of deliveries gets a lease. When it runs out, the deliveries are anybody's again; the
  worker that lost them notices, because every later update names the lease it was claimed with.
* **Send.** One transaction for each: the reminder's row is locked against being completed meanwhile, the
  reasons not to send are checked once more, the delivery is marked sent, the message leaves, and the commit
  follows the server's "accepted" at once. An error takes the mark back. A worker killed in between takes it
  back too, and the message may leave a second time: under the same Message-ID (see ADR 0006).
* **Failure.** One message's failure is postponed, then set aside where people see it; it never holds up the
  others. When the mail server can't be reached at all, everything waits and nothing counts as an attempt.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, connection, transaction

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Membership
from cartpath.reminders.channels import ChannelDown, Channels, Notice
from cartpath.reminders.enums import Channel, DeliveryState, Obstacle
from cartpath.reminders.models import Delivery, Reminder, delivery_key

Clock = Callable[[], datetime]

PLAN_BATCH: Final = 100
SEND_BATCH: Final = 50
# Longer than a mail server may take for one message (EMAIL_TIMEOUT), short enough that what a killed worker
# held is sent within a beat or two. A slow batch loses its lease harmlessly: another worker helps.
LEASE: Final = timedelta(seconds=15)
DOWN_PAUSE: Final = timedelta(minutes=1)
# Waiting times after the first, second, … failure of one message; after the last it is set aside.
BACKOFF: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3))
MAX_ATTEMPTS: Final = len(BACKOFF) + 1


# What a run did: how many deliveries (and, under "announced", reminders) came to which end.
Tally = Counter[str]


def run(*, now: Clock, seconds: float, go_on: Callable[[], bool] = lambda: True) -> Tally:
    """Plan and send until nothing is left, the time is over, or `go_on` says no.

    Sending goes before planning more, so the first message leaves while others are still being planned.
    """
    tally: Tally = Counter()
    deadline = now() + timedelta(seconds=seconds)
    with Channels() as channels:
        while go_on() and now() < deadline:
            sent = deliver_batch(now=now, channels=channels, tally=tally, go_on=go_on)
            if not sent and not plan_batch(at=now(), tally=tally):
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


def deliver_batch(
    *, now: Clock, channels: Channels, tally: Tally, go_on: Callable[[], bool] = lambda: True
) -> int:
    """Claim up to `SEND_BATCH` deliveries and settle them one by one; returns how many were claimed."""
    claimed = claim(at=now())
    waiting = _waiting({(d.reminder.center_id, d.reminder.role) for d in claimed}, at=now())
    for delivery in claimed:
        if not go_on() or now() >= _lease(delivery):
            break
        notice = _notice(delivery, waiting[delivery.reminder.center_id, delivery.reminder.role])
        tally[_deliver(delivery, notice, channels=channels, now=now)] += 1
    return len(claimed)


@transaction.atomic
def claim(*, at: datetime) -> list[Delivery]:
    """Take a lease on deliveries whose turn has come and that no living worker holds."""
    keys = list(
        Delivery.objects.claimable(at)
        .select_for_update(skip_locked=True, no_key=True)
        .order_by("next_try_at")
        .values_list("pk", flat=True)[:SEND_BATCH]
    )
    if not keys:
        return []
    claimed = Delivery.objects.filter(pk__in=keys)
    claimed.update(state=DeliveryState.SENDING, lease_until=at + LEASE)
    return list(claimed.select_related("reminder__center", "recipient").order_by("next_try_at"))


def _deliver(delivery: Delivery, notice: Notice, *, channels: Channels, now: Clock) -> str:
    """Settle one delivery; returns the word under which it is counted."""
    try:
        with transaction.atomic():
            obstacle = _obstacle(delivery, at=now())
            if obstacle is not None:
                mine = _settle(delivery, state=DeliveryState.SKIPPED, problem=obstacle)
                return "skipped" if mine else "lost"
            if not _settle(delivery, state=DeliveryState.SENT, sent_at=now(), problem=""):
                return "lost"
            channels[delivery.channel].send(notice)
    except ChannelDown:
        later = now() + DOWN_PAUSE
        _settle(delivery, state=DeliveryState.INTENDED, next_try_at=later, problem=ChannelDown.__name__)
        return "postponed"
    except DatabaseError:
        raise  # Nothing can be recorded now; the lease runs out and the delivery is tried again.
    except Exception as error:
        return _record_failure(delivery, error, at=now())
    return "sent"


def _record_failure(delivery: Delivery, error: Exception, *, at: datetime) -> str:
    """Postpone a message that failed, or set it aside when it did so too often."""
    attempts = delivery.attempts + 1
    problem = _class_of(error)
    if attempts >= MAX_ATTEMPTS:
        _settle(delivery, state=DeliveryState.FAILED, attempts=attempts, problem=problem)
        return "failed"
    later = at + BACKOFF[attempts - 1]
    _settle(delivery, state=DeliveryState.INTENDED, attempts=attempts, next_try_at=later, problem=problem)
    return "postponed"


def _class_of(error: Exception) -> str:
    """The error without its text, which may name people: its class, and the mail server's code."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def _settle(delivery: Delivery, **changes: object) -> bool:
    """Change a claimed delivery and end its lease; False when the lease had passed to another worker."""
    mine = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.SENDING, lease_until=_lease(delivery))
    return bool(mine.update(lease_until=None, **changes))


def _lease(delivery: Delivery) -> datetime:
    if delivery.lease_until is None:
        raise ValueError("only a claimed delivery can be settled")
    return delivery.lease_until


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


def _obstacle(delivery: Delivery, *, at: datetime) -> Obstacle | None:
    """Why the person must not be told now, if so."""
    with connection.cursor() as cursor:
        cursor.execute(_OBSTACLE_SQL, {"delivery": delivery.pk, "at": at})
        row = cursor.fetchone()
    return Obstacle(row[0]) if row and row[0] else None


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


def _notice(delivery: Delivery, waiting: int) -> Notice:
    return Notice(
        delivery_id=delivery.pk,
        reminder_id=delivery.reminder_id,
        address=delivery.recipient.email if delivery.recipient else "",
        language=delivery.reminder.center.language,
        role=delivery.reminder.role,
        is_substitute=delivery.role != delivery.reminder.role,
        waiting=waiting,
    )
