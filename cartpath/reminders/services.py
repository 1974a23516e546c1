"""Writes of the reminders room. What becomes of a reminder is decided by the ledger alone."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.accounts.models import User
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid, NotFound
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from cartpath.reminders.enums import DeliveryState, ReminderState
from cartpath.reminders.models import CalendarLetter, Delivery, Heartbeat, OutgoingQuerySet, Reminder
from patients.services import journey_locked

SCHEDULER: Final = "scheduler"


def reminder_acknowledge(*, reminder_id: UUID, by: Actor, at: datetime, note: str = "") -> Reminder:
    """Say that somebody has taken it in hand; it stays open until the thing is done.

    The first acknowledgement counts: another one changes nothing. Raises `NotFound`, or `Conflict`
    `already_completed` or `already_canceled`.
    """
    journey_id = _journey_of(reminder_id)
    with journey_locked(journey_id):
        reminder = _open_reminder(reminder_id)
        if reminder.acknowledged_at is not None:
            return reminder
        facts = _names(reminder) | {"note": note.strip() or None}
        append(journey_id, [NewEvent(EventKind.REMINDER_ACKNOWLEDGED, at, facts)], by=by)
        reminder.refresh_from_db()
        return reminder


def reminder_complete(*, reminder_id: UUID, by: Actor, at: datetime, reason: str) -> Reminder:
    """Complete a reminder by hand, with a reason. Recording the expected thing itself does so without this.

    Raises `NotFound`, `Invalid` without a reason, or `Conflict` `already_completed` or `already_canceled`.
    """
    if not reason.strip():
        raise Invalid("invalid_input", _("No reason."), fields={"reason": _("Say how it was settled.")})
    journey_id = _journey_of(reminder_id)
    with journey_locked(journey_id):
        reminder = _open_reminder(reminder_id)
        facts = _names(reminder) | {"reason": reason.strip()}
        append(journey_id, [NewEvent(EventKind.REMINDER_COMPLETED, at, facts)], by=by)
        reminder.refresh_from_db()
        return reminder


def notices_read(*, user: User, at: datetime, reminder_ids: Iterable[UUID] | None = None) -> int:
    """Mark the person's notices as read, all or those of some reminders; returns how many were unread."""
    unread = Delivery.objects.unread_by(user)
    if reminder_ids is not None:
        unread = unread.filter(reminder_id__in=list(reminder_ids))
    return Delivery.objects.filter(pk__in=list(unread.values_list("pk", flat=True))).update(read_at=at)


def deliveries_retry(*, delivery_ids: Iterable[UUID], at: datetime) -> int:
    """Give deliveries that were set aside a new start; returns how many. Those without a recipient stay."""
    return _start_anew(Delivery.objects.failed(), delivery_ids, at)


def letters_retry(*, letter_ids: Iterable[UUID], at: datetime) -> int:
    """Give letters that were set aside a new start; returns how many."""
    return _start_anew(CalendarLetter.objects.failed(), letter_ids, at)


def _start_anew(failed: OutgoingQuerySet, ids: Iterable[UUID], at: datetime) -> int:
    chosen = failed.filter(pk__in=list(ids), recipient__isnull=False)
    return chosen.update(state=DeliveryState.INTENDED, attempts=0, next_try_at=at)


def heartbeat_record(*, name: str, at: datetime) -> None:
    """Note that a part of the machinery is alive. An older beat never replaces a newer one."""
    if not Heartbeat.objects.filter(pk=name, beat_at__lt=at).update(beat_at=at):
        Heartbeat.objects.bulk_create([Heartbeat(name=name, beat_at=at)], ignore_conflicts=True)


def _journey_of(reminder_id: UUID) -> UUID:
    journey_id = Reminder.objects.filter(pk=reminder_id).values_list("journey_id", flat=True).first()
    if journey_id is None:
        raise NotFound
    return journey_id


def _open_reminder(reminder_id: UUID) -> Reminder:
    """The reminder, read after its journey was locked."""
    reminder = Reminder.objects.select_related("journey", "patient", "center").get(pk=reminder_id)
    match reminder.state:
        case ReminderState.COMPLETED:
            raise Conflict("already_completed", _("This reminder is completed already."))
        case ReminderState.CANCELED:
            raise Conflict("already_canceled", _("This reminder is no longer expected."))
    return reminder


def _names(reminder: Reminder) -> dict[str, str | int | None]:
    return {"item": reminder.item, "occurrence": reminder.occurrence}
