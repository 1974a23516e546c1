"""From reminders whose hour has come to the deliveries that tell of them.

Reminders are locked, batch by batch (others skip what is locked), a delivery is written for each recipient
and channel, and the reminder is marked, in one transaction. A reminder that can't be planned is set aside
where people see it and never holds up the others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from cartpath.reminders.audience import Addressed, House, Person, houses
from cartpath.reminders.enums import Channel, DeliveryState, Obstacle
from cartpath.reminders.ladder import HARM, Telling, next_rung_at, owed
from cartpath.reminders.models import Delivery, Reminder, WebhookTarget, delivery_key
from cartpath.reminders.sending import Tally

PLAN_BATCH: Final = 100
# Up to this priority each reminder has an e-mail of its own; the others wait for the morning digest.
OWN_MAIL_UP_TO: Final = 2


# A reminder's id and the engine's own columns: told_at, tellings, rung, rung_at.
Mark = tuple[UUID, datetime | None, int, int, datetime | None]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What becomes of one reminder at a look: who is told, and when the engine looks again."""

    reminder: Reminder
    telling: Telling | None
    deliveries: Sequence[Delivery]
    mark: Mark


@transaction.atomic
def plan_batch(*, at: datetime, tally: Tally) -> int:
    """Write the deliveries of up to `PLAN_BATCH` reminders whose hour has come; returns how many."""
    reminders = list(
        Reminder.objects.to_tell(at)
        .select_for_update(skip_locked=True, no_key=True)
        .order_by("wake_at")[:PLAN_BATCH]
    )
    if not reminders:
        return 0
    by_center = houses({reminder.center_id for reminder in reminders}, at)
    plans: list[_Plan] = []
    for reminder in reminders:
        try:
            plans.append(_plan(reminder, by_center[reminder.center_id], at))
        except Exception as error:
            _set_aside(reminder, error, tally)
    _write_or_set_aside(plans, tally)
    return len(reminders)


def _plan(reminder: Reminder, house: House, at: datetime) -> _Plan:
    telling = owed(reminder, at)
    deliveries = list(_deliveries(reminder, telling, house, at)) if telling else []
    return _Plan(reminder, telling, deliveries, _mark(reminder, telling, at))


def _deliveries(reminder: Reminder, telling: Telling, house: House, at: datetime) -> Iterator[Delivery]:
    """One for each channel of each person, and for each webhook; where nobody is, one that says so."""
    addressed = house.addressed(telling.role)
    for person in addressed.people:
        for channel in channels_of(reminder):
            yield _delivery(reminder, telling, addressed, house, at, channel=channel, to=person)
    for webhook in house.webhooks:
        if reminder.priority <= webhook.up_to_priority:
            yield _delivery(reminder, telling, addressed, house, at, channel=Channel.WEBHOOK, to=webhook)
    if not addressed.people:
        yield _nobody(reminder, telling, house, at)


def _nobody(reminder: Reminder, telling: Telling, house: House, at: datetime) -> Delivery:
    """The delivery that shows that there was nobody to tell."""
    addressed = Addressed([], telling.role)
    row = _delivery(reminder, telling, addressed, house, at, channel=Channel.IN_APP, to=None)
    row.state, row.problem = DeliveryState.FAILED, Obstacle.NO_RECIPIENT
    return row


def channels_of(reminder: Reminder) -> tuple[Channel, Channel]:
    """How a person is told of a reminder."""
    return Channel.IN_APP, Channel.EMAIL if reminder.priority <= OWN_MAIL_UP_TO else Channel.DIGEST


def _delivery(
    reminder: Reminder,
    telling: Telling,
    addressed: Addressed,
    house: House,
    at: datetime,
    *,
    channel: Channel,
    to: Person | WebhookTarget | None,
) -> Delivery:
    key = to.user_id if isinstance(to, Person) else to.pk if to else None
    meant_at, next_try_at = moments(reminder, house, channel, meant_at=telling.meant_at, at=at)
    return Delivery(
        id=delivery_key(reminder.pk, key, channel, reminder.tellings),
        reminder=reminder,
        recipient_id=to.user_id if isinstance(to, Person) else None,
        webhook=to if isinstance(to, WebhookTarget) else None,
        stands_in_for_id=to.stands_in_for if isinstance(to, Person) else None,
        channel=channel,
        state=DeliveryState.GATHERED if channel == Channel.DIGEST else DeliveryState.INTENDED,
        step=reminder.tellings,
        rung=telling.rung,
        role=addressed.role,
        is_fallback=addressed.is_fallback,
        meant_at=meant_at,
        planned_at=at,
        next_try_at=next_try_at,
    )


def moments(
    reminder: Reminder, house: House, channel: str, *, meant_at: datetime, at: datetime
) -> tuple[datetime, datetime]:
    """When a delivery should be told, and when it is tried first.

    Notices in the app wake nobody, and harm never waits. Everything else waits for the end of quiet hours.
    """
    if channel == Channel.DIGEST:
        return house.hours.next_digest(meant_at), at
    if channel == Channel.IN_APP or reminder.priority <= HARM:
        return meant_at, at
    return house.hours.quiet_end(meant_at) or meant_at, house.hours.quiet_end(at) or at


def _write_or_set_aside(plans: Sequence[_Plan], tally: Tally) -> None:
    """Write all plans at once; when the database refuses, one by one, so that only the bad one stays out."""
    try:
        with transaction.atomic():
            _write(plans)
    except (OperationalError, InterfaceError):
        raise
    except DatabaseError as error:
        if len(plans) == 1:
            _set_aside(plans[0].reminder, error, tally)
            return
        for plan in plans:
            _write_or_set_aside([plan], tally)
        return
    tally["announced"] += sum(plan.telling is not None for plan in plans)


def _write(plans: Sequence[_Plan]) -> None:
    rows = [row for plan in plans for row in plan.deliveries]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    marks = [plan.mark for plan in plans]
    if marks:
        with connection.cursor() as cursor:
            cursor.execute(_MARK_SQL, [list(column) for column in zip(*marks, strict=True)])


_MARK_SQL: Final = """
UPDATE reminders_reminder reminder
SET notified_at = coalesce(reminder.notified_at, mark.told_at),
    told_at = mark.told_at, tellings = mark.tellings, rung = mark.rung, rung_at = mark.rung_at
FROM unnest(%s::uuid[], %s::timestamptz[], %s::smallint[], %s::smallint[], %s::timestamptz[])
    AS mark(id, told_at, tellings, rung, rung_at)
WHERE reminder.id = mark.id
"""


def _mark(reminder: Reminder, telling: Telling | None, at: datetime) -> Mark:
    """The engine's own columns after a look. A snooze doesn't set the ladder back."""
    told_at = at if telling else reminder.told_at
    rung = max(reminder.rung, telling.rung) if telling else reminder.rung
    rung_at = next_rung_at(reminder, told_at=told_at, rung=rung) if told_at else None
    return reminder.pk, told_at, reminder.tellings + (telling is not None), rung, rung_at


def _set_aside(reminder: Reminder, error: Exception, tally: Tally) -> None:
    """Keep a reminder that can't be planned from the engine until somebody looks; its class says why."""
    Reminder.objects.filter(pk=reminder.pk).update(problem=type(error).__name__)
    tally["set aside"] += 1


def hand_on(delivery: Delivery, house: House, at: datetime) -> None:
    """Tell somebody else in place of a recipient who is away by now: the substitute, or whoever is left.

    To do it twice changes nothing. `delivery` comes with its reminder.
    """
    absent = delivery.recipient_id
    substitute = house.substitute_of(absent) if absent is not None else None
    if substitute is not None:
        standing_in = Person(substitute, stands_in_for=absent)
        addressed = Addressed([standing_in], delivery.role, delivery.is_fallback)
    elif _somebody_else_knows(delivery, house):
        return
    else:
        addressed = house.addressed(delivery.role)
    telling = Telling(delivery.rung, delivery.role, delivery.meant_at)
    rows = [
        _delivery(
            delivery.reminder, telling, addressed, house, at, channel=Channel(delivery.channel), to=person
        )
        for person in addressed.people
    ] or [_nobody(delivery.reminder, telling, house, at)]
    for row in rows:
        row.step = delivery.step
        row.id = delivery_key(row.reminder_id, row.recipient_id, row.channel, row.step)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def _somebody_else_knows(delivery: Delivery, house: House) -> bool:
    """Whether another person who is there was told, or will be, at the same telling and in the same way."""
    others = Delivery.objects.filter(
        reminder=delivery.reminder_id,
        step=delivery.step,
        channel=delivery.channel,
        recipient__isnull=False,
    ).exclude(state__in=[DeliveryState.SKIPPED, DeliveryState.FAILED])
    told = others.exclude(recipient=delivery.recipient_id).values_list("recipient_id", flat=True)
    return any(not house.is_away(user_id) for user_id in told if user_id is not None)
