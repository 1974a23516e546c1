"""What one run of the engine does, and how messages about reminders leave.

Which reminders are told of, and whom, is planned in `planning.py`; how messages are sent stands in
`sending.py`. Digests (`digests.py`) and letters about the calendar (`calendar_letters.py`) go the same way.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection, transaction

from cartpath.accounts.models import Center
from cartpath.core.prepared import Chain
from cartpath.reminders import calendar_letters, digests
from cartpath.reminders.audience import houses
from cartpath.reminders.channels import Channels, Message, Notice, reminder_url
from cartpath.reminders.choices import language_for
from cartpath.reminders.enums import Channel, Obstacle
from cartpath.reminders.models import Delivery, OutgoingQuerySet, Reminder
from cartpath.reminders.obstacles import SETTLE_HELD, settle_free, settle_held, settle_held_next
from cartpath.reminders.planning import hand_on, plan_batch
from cartpath.reminders.sending import LOST, Clock, GoOn, Outbox, Run, Settled, Tally, always, lease_of
from cartpath.reminders.webhooks import Call

logger = logging.getLogger(__name__)

# How many notices in the app one statement makes appear.
AT_ONCE: Final = 500


def run(*, now: Clock, seconds: float, go_on: GoOn = always) -> Tally:
    """Plan and send until nothing is left, the time is over, or `go_on` says no.

    Sending goes before planning more, so the first message leaves while others are still being planned.
    """
    tally = Tally()
    deadline = now() + timedelta(seconds=seconds)
    outboxes: tuple[Outbox[Any], ...] = (Deliveries(), digests.Digests(), calendar_letters.Letters())
    with Channels() as channels:
        this = Run(now=now, channels=channels, go_on=go_on, tally=tally)
        while go_on() and now() < deadline:
            sent = [outbox.deliver_batch(this) for outbox in outboxes]
            if any(sent) or plan_batch(at=now(), tally=tally):
                continue
            gathered = calendar_letters.gather(at=now(), tally=tally) + digests.gather(at=now(), tally=tally)
            if not gathered:
                break
    return tally


class Deliveries(Outbox[Delivery]):
    """Messages about reminders."""

    model = Delivery
    related = ("reminder__center", "recipient__mail_choice", "webhook")

    def channel(self, row: Delivery) -> str:
        """As it was planned."""
        return str(row.channel)

    def messages(self, claimed: Sequence[Delivery], *, at: datetime) -> Mapping[UUID, Notice]:
        """Each with how much waits for its role."""
        waiting = _waiting({(row.reminder.center_id, row.reminder.role) for row in claimed}, at=at)
        return {
            row.pk: notice_of(row, waiting[row.reminder.center_id, row.reminder.role], at=at)
            for row in claimed
        }

    def by_wire(self) -> OutgoingQuerySet:
        """All but the notices in the app."""
        return self.rows().exclude(channel=Channel.IN_APP)

    def tell_at_once(self, *, at: datetime, tally: Tally) -> int:
        """Notices in the app appear with the commit that marks them: one statement for many."""
        told = 0
        for on, ids in _centers_by_day(at).items():
            with transaction.atomic():
                settled = settle_free(Channel.IN_APP, center_ids=ids, on=on, at=at, most=AT_ONCE)
                away = [pk for pk, obstacle in settled.items() if obstacle == Obstacle.ABSENT]
                for row in Delivery.objects.filter(pk__in=away).select_related("reminder"):
                    self._hand_on(row, at)
            told += len(settled)
            for obstacle in settled.values():
                tally["skipped" if obstacle else "sent"] += 1
        return told

    def deliver_all(self, claimed: Sequence[Delivery], said: Mapping[UUID, Message], run: Run) -> None:
        """One transaction for each; its commit and the next one's check are one trip to the database.

        What isn't simply sent takes the ordinary way, and so does the rest when a commit failed.
        """
        if connection.in_atomic_block:  # somebody else's transaction, in which nothing can be committed
            super().deliver_all(claimed, said, run)
            return
        done = 0
        left: Delivery | None = None  # the one that has left and whose commit is still to come
        try:
            with Chain(SETTLE_HELD) as chain:
                for row in claimed:
                    if not run.has_time_for(row):
                        break
                    is_free = self._is_free(chain, row, at=run.now())
                    left = None
                    if is_free:
                        word = self._send(chain, row, said[row.pk], run)
                        left = row if word == "sent" else None
                    else:
                        chain.take_back()
                        word = self.deliver(row, said[row.pk], run)
                    run.tally[word] += 1
                    done += 1
                chain.commit()
        except (DatabaseError, InterfaceError):
            if left is None:
                raise
            self.note_when_possible(left, at=run.now())
            super().deliver_all(claimed[done:], said, run)

    def _is_free(self, chain: Chain, row: Delivery, *, at: datetime) -> bool:
        """Commit what was before and mark the row sent; False when it isn't ours or must not go."""
        on = row.reminder.center.local_day(at)
        held = settle_held_next(chain, row.pk, lease=lease_of(row), on=on, at=at)
        return row.pk in held and held[row.pk] is None

    def _send(self, chain: Chain, row: Delivery, message: Message, run: Run) -> str:
        try:
            run.channels[self.channel(row)].send(message)
        except Exception as error:
            chain.take_back()
            return self.record_failure(row, error, at=run.now())
        return "sent"

    def settle(self, row: Delivery, *, at: datetime) -> Settled:
        """Check and mark in one statement. Who is away by now is stood in for."""
        on = row.reminder.center.local_day(at)
        settled = settle_held(row.pk, lease=lease_of(row), on=on, at=at)
        if row.pk not in settled:
            return LOST
        if settled[row.pk] == Obstacle.ABSENT:
            self._hand_on(row, at)
        return settled[row.pk]

    def _hand_on(self, row: Delivery, at: datetime) -> None:
        hand_on(row, houses([row.reminder.center_id], at)[row.reminder.center_id], at)


def _centers_by_day(at: datetime) -> dict[date, list[int]]:
    """The centers by their local day. One whose zone does not exist is left out, and stops nobody else."""
    centers: dict[date, list[int]] = {}
    for center in Center.objects.all():
        try:
            centers.setdefault(center.local_day(at), []).append(center.pk)
        except (KeyError, ValueError) as error:
            logger.warning("no notices for center %s: %s", center.pk, type(error).__name__)
    return centers


def notice_of(delivery: Delivery, waiting: int, *, at: datetime) -> Notice:
    """What a delivery says: to whom, in which language, in which role, and how much waits for that role."""
    center = delivery.reminder.center
    return Notice(
        delivery_id=delivery.pk,
        reminder_id=delivery.reminder_id,
        address=delivery.recipient.email if delivery.recipient else "",
        language=language_for(delivery.recipient, center),
        role=delivery.reminder.role,
        waiting=waiting,
        rung=delivery.rung,
        is_fallback=delivery.is_fallback,
        stands_in=delivery.stands_in_for_id is not None,
        meant_at=delivery.meant_at,
        timezone=center.timezone,
        is_late=delivery.is_late(at),
        call=_call(delivery, waiting, at) if delivery.webhook else None,
    )


def _call(delivery: Delivery, waiting: int, at: datetime) -> Call | None:
    """What a webhook is sent: ids, codes, times and counts, and nothing about a person."""
    target, reminder = delivery.webhook, delivery.reminder
    if target is None:
        return None
    data = {
        "delivery_id": str(delivery.pk),
        "reminder_id": str(reminder.pk),
        "journey_id": str(reminder.journey_id),
        "center": reminder.center.code,
        "item": reminder.item,
        "occurrence": reminder.occurrence,
        "priority": reminder.priority,
        "role": delivery.role,
        "rung": delivery.rung,
        "state": reminder.state,
        "timing": reminder.timing(at),
        "opens_at": reminder.opens_at.isoformat(),
        "due_at": reminder.due_at.isoformat(),
        "closes_at": reminder.closes_at.isoformat(),
        "due_on": reminder.due_on.isoformat() if reminder.due_on else None,
        "is_late": delivery.is_late(at),
        "waiting": waiting,
        "url": reminder_url(reminder.pk),
    }
    body = {"type": "reminder.told", "timestamp": at.isoformat(), "data": data}
    return Call(delivery_id=delivery.pk, url=target.url, secret=target.secret, body=body)


def _waiting(groups: Iterable[tuple[int, str]], *, at: datetime) -> dict[tuple[int, str], int]:
    """How many reminders are due or overdue and not snoozed, by center and role."""
    return {
        (center_id, role): Reminder.objects.open()
        .awake(at)
        .filter(center_id=center_id, role=role, opens_at__lte=at)
        .count()
        for center_id, role in groups
    }
