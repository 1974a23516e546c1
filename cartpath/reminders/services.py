"""Writes of the reminders room. What becomes of a reminder is decided by the ledger alone."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.accounts.models import User
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid, NotFound
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from cartpath.reminders.enums import DeliveryState, ReminderState
from cartpath.reminders.models import (
    CalendarLetter,
    Delivery,
    Digest,
    Heartbeat,
    OutgoingQuerySet,
    Reminder,
)
from patients.services import journey_locked

SCHEDULER: Final = "scheduler"
ENGINE: Final = "engine"

LONGEST_SNOOZE: Final = timedelta(days=30)
LONGEST_REASON: Final = 300
# Up to this priority a reminder can't be put off beyond its window.
BOUND_TO_WINDOW: Final = 2


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


def reminder_snooze(*, reminder_id: UUID, by: Actor, at: datetime, until: datetime, reason: str) -> Reminder:
    """Put a reminder off: until then nobody is told, and then once more. Another snooze replaces this one.

    A harm check and a treatment date can't be put off beyond their window, nothing for longer than
    `LONGEST_SNOOZE`. Raises `NotFound`, `Invalid`, or `Conflict` `already_completed` or `already_canceled`.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        text = _("Say why it can wait.") if not reason else _("At most 300 characters.")
        raise Invalid("invalid_input", text, fields={"reason": text})
    journey_id = _journey_of(reminder_id)
    with journey_locked(journey_id):
        reminder = _open_reminder(reminder_id)
        problem = _snooze_problem(reminder, at=at, until=until)
        if problem is not None:
            raise Invalid("invalid_input", problem, fields={"until": problem})
        facts = _names(reminder) | {"until": until.astimezone(UTC).isoformat(), "reason": reason}
        append(journey_id, [NewEvent(EventKind.REMINDER_SNOOZED, at, facts)], by=by)
        reminder.refresh_from_db()
        return reminder


def _snooze_problem(reminder: Reminder, *, at: datetime, until: datetime) -> str | None:
    if until <= at:
        return _("This time is past.")
    if until - at > LONGEST_SNOOZE:
        return _("Nothing can be put off for more than 30 days.")
    if reminder.priority <= BOUND_TO_WINDOW and until > reminder.closes_at:
        return _("This can't be put off beyond its window.")
    return None


def notices_read(*, user: User, at: datetime, reminder_ids: Iterable[UUID] | None = None) -> int:
    """Mark the person's notices as read, all or those of some reminders; returns how many were unread."""
    unread = Delivery.objects.unread_by(user)
    if reminder_ids is not None:
        unread = unread.filter(reminder_id__in=list(reminder_ids))
    return Delivery.objects.filter(pk__in=list(unread.values_list("pk", flat=True))).update(read_at=at)


def deliveries_retry(*, delivery_ids: Iterable[UUID], at: datetime) -> int:
    """Give deliveries that were set aside a new start; returns how many. Those without a recipient stay."""
    return _start_anew(Delivery.objects.failed().addressed(), delivery_ids, at)


def letters_retry(*, letter_ids: Iterable[UUID], at: datetime) -> int:
    """Give letters that were set aside a new start; returns how many."""
    return _start_anew(CalendarLetter.objects.failed().exclude(recipient=None), letter_ids, at)


def digests_retry(*, digest_ids: Iterable[UUID], at: datetime) -> int:
    """Give digests that were set aside a new start; returns how many."""
    return _start_anew(Digest.objects.failed(), digest_ids, at)


def reminders_retry(*, reminder_ids: Iterable[UUID]) -> int:
    """Let the engine plan reminders again that it had set aside; returns how many."""
    return Reminder.objects.set_aside().filter(pk__in=list(reminder_ids)).update(problem="")


def _start_anew(failed: OutgoingQuerySet, ids: Iterable[UUID], at: datetime) -> int:
    chosen = failed.filter(pk__in=list(ids))
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
