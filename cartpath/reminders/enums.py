"""Words of the reminders room."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReminderState(models.TextChoices):
    """What is stored. Whether an open reminder is due is a question of the hour: see `Timing`."""

    OPEN = "open", pgettext_lazy("reminder", "Open")
    COMPLETED = "completed", pgettext_lazy("reminder", "Completed")
    CANCELED = "canceled", pgettext_lazy("reminder", "Canceled")


class Timing(models.TextChoices):
    """Where an open reminder stands at a moment: before its window, in it, or past it."""

    UPCOMING = "upcoming", pgettext_lazy("reminder", "Upcoming")
    DUE = "due", pgettext_lazy("reminder", "Due")
    OVERDUE = "overdue", pgettext_lazy("reminder", "Overdue")


class Cause(models.TextChoices):
    """Why a reminder is no longer open."""

    FULFILLED = "fulfilled", _("The expected thing was recorded")
    BY_HAND = "by_hand", _("Completed by hand, with a reason")
    SKIPPED = "skipped", _("Skipped, with a reason")
    OVERTAKEN = "overtaken", _("A later one of the series was done")
    STOPPED = "stopped", _("No longer expected")
    NEW_ANCHOR = "new_anchor", _("Replaced: it is counted from a newer event")
    ENTERED_IN_ERROR = "entered_in_error", _("The event it was counted from was entered in error")
    DIED = "died", _("The patient died")
    JOURNEY_CLOSED = "journey_closed", _("The journey was closed")
    NOT_PLANNED = "not_planned", _("The protocol no longer expects it")


class Channel(models.TextChoices):
    """How a person is told."""

    IN_APP = "in_app", _("Notice in CARTPath")
    EMAIL = "email", _("E-mail")
    DIGEST = "digest", _("Morning digest")
    WEBHOOK = "webhook", _("Webhook")


class DeliveryState(models.TextChoices):
    """The way of one attempt to tell one person."""

    GATHERED = "gathered", pgettext_lazy("delivery", "For the morning digest")
    INTENDED = "intended", pgettext_lazy("delivery", "Intended")
    SENT = "sent", pgettext_lazy("delivery", "Sent")
    SKIPPED = "skipped", pgettext_lazy("delivery", "Skipped")
    FAILED = "failed", pgettext_lazy("delivery", "Failed")


class Obstacle(models.TextChoices):
    """Why a delivery was not made, or could not be."""

    NO_LONGER_OPEN = "no_longer_open", _("The reminder was no longer open")
    JOURNEY_OVER = "journey_over", _("The journey was closed or the patient had died")
    NO_LONGER_ENTITLED = "no_longer_entitled", _("The person no longer held the role")
    NEWER_OCCURRENCE = "newer_occurrence", _("A newer one of the series was due already")
    NOT_WANTED = "not_wanted", _("The person no longer wants such e-mails")
    NOTHING_LEFT = "nothing_left", _("In the end nothing had changed")
    NO_RECIPIENT = "no_recipient", _("Nobody who holds the role is there, and no administrator")
    SNOOZED = "snoozed", _("The reminder was snoozed")
    ABSENT = "absent", _("The person was away; somebody else was told")
    REVOKED = "revoked", _("The webhook was revoked")


class CalendarWord(models.TextChoices):
    """What became of a collection in the apheresis calendar."""

    HELD = "held", pgettext_lazy("calendar", "Held")
    BOOKED = "booked", pgettext_lazy("calendar", "Booked")
    MOVED = "moved", pgettext_lazy("calendar", "Moved")
    DAY_ADDED = "day_added", pgettext_lazy("calendar", "Day added")
    DAY_RELEASED = "day_released", pgettext_lazy("calendar", "Day released")
    CANCELED = "canceled", pgettext_lazy("calendar", "Canceled")
    HOLD_ENDED = "hold_ended", pgettext_lazy("calendar", "Hold ended")
