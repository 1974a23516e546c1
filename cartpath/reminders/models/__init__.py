"""Reminders, messages about changes of the apheresis calendar, and the scheduler's heartbeat."""

from cartpath.reminders.models.changes import CalendarLetter, CalendarNews, CalendarNotice, MailChoice
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

__all__ = [
    "NAMESPACE",
    "CalendarLetter",
    "CalendarNews",
    "CalendarNotice",
    "Delivery",
    "DeliveryQuerySet",
    "Heartbeat",
    "MailChoice",
    "Outgoing",
    "OutgoingQuerySet",
    "Reminder",
    "ReminderQuerySet",
    "delivery_key",
    "reminder_key",
]
