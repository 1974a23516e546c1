"""Reminders, how people are told of them and of changes of the calendar, and the scheduler's heartbeat."""

from cartpath.reminders.models.changes import CalendarLetter, CalendarNews, CalendarNotice, MailChoice
from cartpath.reminders.models.digests import Digest, DigestRound, digest_key
from cartpath.reminders.models.outgoing import Outgoing, OutgoingQuerySet
from cartpath.reminders.models.reminders import (
    NAMESPACE,
    Delivery,
    DeliveryQuerySet,
    Heartbeat,
    Reminder,
    ReminderQuerySet,
    delivery_key,
    reminder_key,
)
from cartpath.reminders.models.telling import Absence, CenterTelling, WebhookTarget
from cartpath.reminders.models.watching import Silence

__all__ = [
    "NAMESPACE",
    "Absence",
    "CalendarLetter",
    "CalendarNews",
    "CalendarNotice",
    "CenterTelling",
    "Delivery",
    "DeliveryQuerySet",
    "Digest",
    "DigestRound",
    "Heartbeat",
    "MailChoice",
    "Outgoing",
    "OutgoingQuerySet",
    "Reminder",
    "ReminderQuerySet",
    "Silence",
    "WebhookTarget",
    "delivery_key",
    "digest_key",
    "reminder_key",
]
