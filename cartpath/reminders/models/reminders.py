"""Reminders, the attempts to tell people of them, and the scheduler's heartbeat."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID, uuid5

from django.db import models
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission
from cartpath.core.models import code_field, one_of
from cartpath.reminders.enums import Cause, Channel, DeliveryState, ReminderState, Timing
from cartpath.reminders.models.outgoing import Outgoing, OutgoingQuerySet
from patients.models import Journey, Patient

# Ids are computed from what a row is about, so that a replay makes the same rows and a repeated message
# carries the same Message-ID. Changing this number would make every reminder a new one.
NAMESPACE: Final = UUID("5b2f3c1e-7d0a-4b7e-9a55-6f0c8d1e2a34")

# Told later than this after its hour, a message says that it is late.
LATE_AFTER: Final = timedelta(minutes=5)

_OPEN: Final = models.Q(state=ReminderState.OPEN)
# When the engine must look at it: at its hour, after a snooze, at the next rung; never while set aside.
_WAKE_AT: Final = models.Case(
    models.When(~models.Q(problem=""), then=models.Value(None)),
    models.When(told_at=None, then=Greatest("notify_at", "snoozed_until")),
    models.When(snoozed_until__gt=models.F("told_at"), then=models.F("snoozed_until")),
    default=models.F("rung_at"),
)


def reminder_key(journey_id: UUID, item: str, occurrence: int) -> UUID:
    """The id of the reminder of one occurrence of one item in one journey."""
    return uuid5(NAMESPACE, f"{journey_id}/{item}/{occurrence}")


def delivery_key(reminder_id: UUID, recipient: int | UUID | None, channel: str, step: int) -> UUID:
    """The id of one delivery to a person or a webhook; the Message-ID of its e-mail is made of it."""
    return uuid5(NAMESPACE, f"{reminder_id}/{recipient}/{channel}/{step}")


class ReminderQuerySet(models.QuerySet["Reminder"]):
    """Reads of reminders. Overdue, due and upcoming share no reminder and together are all open ones."""

    def open(self) -> "ReminderQuerySet":
        """Reminders of things that still wait to be done."""
        return self.filter(_OPEN)

    def upcoming(self, at: datetime) -> "ReminderQuerySet":
        """Open, and the window lies ahead."""
        return self.open().filter(opens_at__gt=at)

    def due(self, at: datetime) -> "ReminderQuerySet":
        """Open, and the window is now."""
        return self.open().filter(opens_at__lte=at, closes_at__gt=at)

    def overdue(self, at: datetime) -> "ReminderQuerySet":
        """Open, and the window is past."""
        # The first condition follows from the second; said aloud, it lets the index serve this as well.
        return self.open().filter(opens_at__lte=at, closes_at__lte=at)

    def timed(self, timing: Timing, at: datetime) -> "ReminderQuerySet":
        """Open reminders that stand in `timing` at a moment."""
        read = {Timing.UPCOMING: self.upcoming, Timing.DUE: self.due, Timing.OVERDUE: self.overdue}[timing]
        return read(at)

    def visible_to(self, user: User) -> "ReminderQuerySet":
        """Reminders of the centers where the person may see patients."""
        return self.in_centers(user.centers_for(Permission.VIEW_PATIENTS))

    def in_centers(self, center_ids: Iterable[int]) -> "ReminderQuerySet":
        """Reminders of journeys that belong to these centers."""
        return self.filter(center_id__in=list(center_ids))

    def addressed_to(self, user: User) -> "ReminderQuerySet":
        """Reminders for a role that the person holds in the reminder's center."""
        mine = models.Q(pk__in=[])
        for center_id, roles in user.roles_by_center.items():
            mine |= models.Q(center_id=center_id, role__in=sorted(roles))
        return self.filter(mine)

    def to_tell(self, at: datetime) -> "ReminderQuerySet":
        """Open reminders whose hour has come: the first, the end of a snooze, or the next rung."""
        return self.open().filter(wake_at__lte=at)

    def awake(self, at: datetime) -> "ReminderQuerySet":
        """Those that nobody snoozed beyond a moment."""
        return self.filter(models.Q(snoozed_until=None) | models.Q(snoozed_until__lte=at))

    def set_aside(self) -> "ReminderQuerySet":
        """Open reminders that could not be planned and wait for a person."""
        return self.open().exclude(problem="")


class Reminder(models.Model):
    """An expected item made concrete for one journey.

    Kept by `ReminderReader`: every column follows from the ledger and the protocol but the engine's own, from
    `notified_at` on. Times are UTC. A calendar item also carries its local days, both ends inside the window.
    `ladder` holds the rungs that the protocol has for it: hours after the window closed, and the role.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    journey = models.ForeignKey(Journey, models.PROTECT, related_name="reminders")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    item = models.CharField(max_length=60)
    label = models.CharField(max_length=160, help_text=_("As the protocol words it, in English."))
    occurrence = models.PositiveIntegerField()
    role = code_field(Role)
    priority = models.PositiveSmallIntegerField(
        help_text=_("1: harm if missed, 2: a treatment date, 3: routine, 4: paper.")
    )
    anchor_event_id = models.BigIntegerField()
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closes_at = models.DateTimeField(help_text=_("The first moment that is too late."))
    due_on = models.DateField(null=True)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    outlives_journey = models.BooleanField(
        default=False, help_text=_("Still wanted after death, as a registry form is.")
    )
    state = code_field(ReminderState, default=ReminderState.OPEN)
    cause = code_field(Cause, blank=True)
    closed_at = models.DateTimeField(null=True, help_text=_("Clinical time of the event that ended it."))
    closed_by_event_id = models.BigIntegerField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=120, blank=True)
    notify_at = models.DateTimeField(help_text=_("When people are told."))
    snoozed_until = models.DateTimeField(null=True)
    snoozed_by = models.CharField(max_length=120, blank=True)
    snooze_reason = models.CharField(max_length=300, blank=True)
    ladder = models.JSONField(default=list)
    notified_at = models.DateTimeField(null=True, help_text=_("When the first deliveries were planned."))
    told_at = models.DateTimeField(null=True, help_text=_("When the last deliveries were planned."))
    tellings = models.PositiveSmallIntegerField(default=0)
    rung = models.PositiveSmallIntegerField(
        default=0, help_text=_("The last rung of the ladder that was told.")
    )
    rung_at = models.DateTimeField(null=True, help_text=_("When the next rung is looked at."))
    problem = models.CharField(
        max_length=80, blank=True, help_text=_("Set aside: the class of the error that planning met.")
    )
    wake_at = models.GeneratedField(
        expression=_WAKE_AT, output_field=models.DateTimeField(null=True), db_persist=True
    )

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey", "item", "occurrence"], name="reminder_once"),
            one_of("state", ReminderState, name="reminder_state_known"),
            one_of("role", Role, name="reminder_role_known"),
            models.CheckConstraint(
                condition=models.Q(
                    state=ReminderState.OPEN, cause="", closed_at=None, closed_by_event_id=None
                )
                | models.Q(
                    ~_OPEN,
                    cause__in=Cause.values,
                    closed_at__isnull=False,
                    closed_by_event_id__isnull=False,
                ),
                name="reminder_closed_with_cause",
                violation_error_message=_("A closed reminder names its cause, an open one has none."),
            ),
            models.CheckConstraint(
                condition=models.Q(opens_at__lte=models.F("due_at"), due_at__lte=models.F("closes_at")),
                name="reminder_due_in_window",
                violation_error_message=_("A reminder is due within its window."),
            ),
            models.CheckConstraint(
                condition=models.Q(due_on=None, first_on=None, last_on=None)
                | models.Q(first_on__lte=models.F("due_on"), due_on__lte=models.F("last_on")),
                name="reminder_days_together",
                violation_error_message=_("A calendar item has a due day and the days of its window."),
            ),
            models.CheckConstraint(
                condition=models.Q(priority__range=(1, 4), occurrence__gte=1),
                name="reminder_numbers_possible",
            ),
            models.CheckConstraint(
                condition=models.Q(acknowledged_at=None, acknowledged_by="")
                | (models.Q(acknowledged_at__isnull=False) & ~models.Q(acknowledged_by="")),
                name="reminder_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(snoozed_until=None, snoozed_by="", snooze_reason="")
                | (
                    models.Q(snoozed_until__isnull=False)
                    & ~models.Q(snoozed_by="")
                    & ~models.Q(snooze_reason="")
                ),
                name="reminder_snoozed_with_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["center", "opens_at"], name="reminder_center_open_idx", condition=_OPEN),
            models.Index(fields=["journey", "due_at"], name="reminder_journey_open_idx", condition=_OPEN),
            models.Index(
                fields=["wake_at"],
                name="reminder_to_tell_idx",
                condition=_OPEN & models.Q(wake_at__isnull=False),
            ),
            models.Index(
                fields=["center"], name="reminder_set_aside_idx", condition=_OPEN & ~models.Q(problem="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} #{self.occurrence}"

    @property
    def is_all_day(self) -> bool:
        """Whether it is due on a day rather than at an hour."""
        return self.due_on is not None

    @property
    def is_open(self) -> bool:
        """Whether it still waits to be done."""
        return bool(self.state == ReminderState.OPEN)

    def is_snoozed(self, at: datetime) -> bool:
        """Whether it is put off at a moment, so that nobody is told."""
        return self.snoozed_until is not None and at < self.snoozed_until

    def timing(self, at: datetime) -> Timing | None:
        """Where it stands at a moment; None once it is closed."""
        if not self.is_open:
            return None
        if at < self.opens_at:
            return Timing.UPCOMING
        return Timing.DUE if at < self.closes_at else Timing.OVERDUE


class DeliveryQuerySet(OutgoingQuerySet):
    """Reads of deliveries."""

    def in_centers(self, center_ids: Iterable[int]) -> "DeliveryQuerySet":
        """Deliveries about journeys of these centers."""
        return self.filter(reminder__center_id__in=list(center_ids))

    def addressed(self) -> "DeliveryQuerySet":
        """Those that go to a person or a webhook."""
        return self.filter(models.Q(recipient__isnull=False) | models.Q(webhook__isnull=False))

    def unread_by(self, user: User) -> "DeliveryQuerySet":
        """Notices the person has not seen, of things that still wait to be done."""
        return self.filter(
            recipient=user,
            channel=Channel.IN_APP,
            state=DeliveryState.SENT,
            read_at=None,
            reminder__state=ReminderState.OPEN,
            reminder__center_id__in=user.center_ids,
        )


class Delivery(Outgoing):
    """One attempt to tell one person, or one webhook, of a reminder through one channel.

    `step` counts the tellings of the reminder from 0; `rung` is the rung of the ladder it belongs to, 0 for
    the people whose task it is. `role` is the role in which the person is addressed: that of the task or of
    the rung, or administrator where nobody else is there (`is_fallback`). Somebody who is told for an absent
    colleague names them in `stands_in_for`. Without any recipient the row says so, in state failed.
    `meant_at` is when it should have been told. In channel digest, a row waits until a digest takes it along.
    """

    # An index costs time each time a message is sent, so there is none that `delivery_once` or a smaller one
    # makes superfluous.
    reminder = models.ForeignKey(Reminder, models.PROTECT, related_name="deliveries", db_index=False)
    channel = code_field(Channel)
    step = models.PositiveSmallIntegerField(default=0)
    rung = models.PositiveSmallIntegerField(default=0)
    role = code_field(Role)
    is_fallback = models.BooleanField(default=False)
    stands_in_for = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    webhook = models.ForeignKey(
        "reminders.WebhookTarget", models.PROTECT, null=True, related_name="deliveries", db_index=False
    )
    digest = models.ForeignKey(
        "reminders.Digest", models.PROTECT, null=True, related_name="lines", db_index=False
    )
    meant_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta(Outgoing.Meta):
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints: ClassVar = [
            *Outgoing.Meta.constraints,
            models.UniqueConstraint(
                fields=["reminder", "recipient", "webhook", "channel", "step"],
                name="delivery_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(channel=Channel.WEBHOOK, webhook__isnull=False, recipient=None)
                | (
                    ~models.Q(channel=Channel.WEBHOOK)
                    & models.Q(webhook=None)
                    & (models.Q(recipient__isnull=False) | models.Q(state=DeliveryState.FAILED))
                ),
                name="delivery_has_recipient",
            ),
            models.CheckConstraint(
                condition=models.Q(channel=Channel.DIGEST)
                | (models.Q(digest=None) & ~models.Q(state=DeliveryState.GATHERED)),
                name="delivery_gathered_for_digest",
            ),
            one_of("channel", Channel, name="delivery_channel_known"),
            one_of("role", Role, name="delivery_role_known"),
            models.CheckConstraint(
                condition=models.Q(state=DeliveryState.SENT, sent_at__isnull=False)
                | (~models.Q(state=DeliveryState.SENT) & models.Q(sent_at=None, read_at=None)),
                name="delivery_sent_has_time",
            ),
        ]
        indexes: ClassVar = [
            *Outgoing.Meta.indexes,
            models.Index(
                fields=["recipient", "-sent_at"],
                name="delivery_unread_idx",
                condition=models.Q(channel=Channel.IN_APP, state=DeliveryState.SENT, read_at=None),
            ),
            models.Index(
                fields=["recipient"],
                name="delivery_gathered_idx",
                condition=models.Q(state=DeliveryState.GATHERED),
            ),
            models.Index(
                fields=["webhook"], name="delivery_webhook_idx", condition=models.Q(webhook__isnull=False)
            ),
            models.Index(
                fields=["digest"], name="delivery_digest_idx", condition=models.Q(digest__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_state_display()}"

    def is_late(self, at: datetime | None = None) -> bool:
        """Whether it was told, or is told now, noticeably later than it was meant to be."""
        told_at = self.sent_at or at
        return told_at is not None and told_at - self.meant_at > LATE_AFTER


class Heartbeat(models.Model):
    """The last sign of life of one part of the machinery."""

    name = models.CharField(primary_key=True, max_length=40)
    beat_at = models.DateTimeField()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name
