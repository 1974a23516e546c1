"""What can be booked, when it is there, and how often."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission
from cartpath.core.models import UuidModel, one_of
from leukapheresis.enums import ClosureKind, ResourceKind, SlotState

# Monday is 0, as in `date.weekday`.
WEEKDAYS = range(7)


class Resource(UuidModel):
    """A part of a collection that only so many children can use at once.

    `capacity` is how many; the buffers are kept free around every use; a use must be booked `lead_time_hours`
    before it begins. Without any `ResourceHours` a resource is there at all hours.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="resources", verbose_name=_("center"))
    kind = models.CharField(
        _("kind"), max_length=20, choices=ResourceKind.choices, default=ResourceKind.MACHINE
    )
    name = models.CharField(_("name"), max_length=80)
    extracorporeal_volume_ml = models.PositiveSmallIntegerField(
        _("extracorporeal volume (mL)"), null=True, blank=True
    )
    capacity = models.PositiveSmallIntegerField(_("how many at once"), default=1)
    lead_time_hours = models.PositiveSmallIntegerField(_("hours needed in advance"), default=0)
    buffer_before_minutes = models.PositiveSmallIntegerField(_("minutes kept free before"), default=0)
    buffer_after_minutes = models.PositiveSmallIntegerField(_("minutes kept free after"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["center", "name"],
                name="resource_name_once",
                violation_error_message=_("A resource with this name already exists in this center."),
            ),
            one_of("kind", ResourceKind, name="resource_kind_known"),
            models.CheckConstraint(
                condition=models.Q(capacity__gte=1),
                name="resource_capacity_from_one",
                violation_error_message=_("At least one child must be able to use a resource."),
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=ResourceKind.MACHINE) | models.Q(capacity=1),
                name="resource_machine_for_one",
                violation_error_message=_("A machine collects from one child at a time."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ResourceHours(models.Model):
    """On what weekdays from when to when a resource is there, by the center's clock.

    Hours that close at or before they open end on the next day: 20:00 to 08:00 is a night, 00:00 to 00:00 the
    whole day.
    """

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="hours", verbose_name=_("resource"))
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    opens = models.TimeField(_("from"))
    closes = models.TimeField(_("to"))

    class Meta:
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(weekday__in=list(WEEKDAYS)),
                name="hours_weekday_known",
                violation_error_message=_("Weekdays count from 0, Monday, to 6, Sunday."),
            ),
            models.UniqueConstraint(
                fields=["resource", "weekday", "opens"],
                name="hours_once",
                violation_error_message=_("The resource already has hours from this time on this weekday."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens:%H:%M}–{self.closes:%H:%M}"


class Closure(models.Model):
    """Days, the last one included, on which one resource or the whole center can't be used."""

    center = models.ForeignKey(Center, models.CASCADE, related_name="closures", verbose_name=_("center"))
    resource = models.ForeignKey(
        Resource,
        models.CASCADE,
        related_name="closures",
        null=True,
        blank=True,
        verbose_name=_("resource"),
        help_text=_("Leave empty to close the whole center."),
    )
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    kind = models.CharField(_("kind"), max_length=20, choices=ClosureKind.choices)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        constraints: ClassVar = [
            one_of("kind", ClosureKind, name="closure_kind_known"),
            models.CheckConstraint(
                condition=models.Q(last_on__gte=models.F("first_on")),
                name="closure_ends_after_start",
                violation_error_message=_("A closure can't end before it begins."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["center", "last_on"], name="closure_center_idx")]

    def __str__(self) -> str:
        return f"{self.first_on}–{self.last_on} {self.kind}"


class OpenDay(models.Model):
    """A day with hours of its own. They replace the weekday's, also while the whole center is closed."""

    resource = models.ForeignKey(
        Resource, models.CASCADE, related_name="open_days", verbose_name=_("resource")
    )
    on = models.DateField(_("day"))
    opens = models.TimeField(_("from"))
    closes = models.TimeField(_("to"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("exceptional opening")
        verbose_name_plural = _("exceptional openings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resource", "on", "opens"],
                name="open_day_once",
                violation_error_message=_("The resource already opens at this time on this day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.opens:%H:%M}–{self.closes:%H:%M}"


class Quota(models.Model):
    """How many collections a week may begin, of one product, from one referring center, or of all.

    An empty product or referring center stands for every one. `valid_to` is the first day on which the quota
    no longer holds.
    """

    center = models.ForeignKey(Center, models.CASCADE, related_name="quotas", verbose_name=_("center"))
    product = models.CharField(_("product"), max_length=40, blank=True)
    referring_center = models.CharField(_("referring center"), max_length=160, blank=True)
    per_week = models.PositiveSmallIntegerField(_("collections a week"))
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
                name="quota_ends_after_start",
                violation_error_message=_("A quota must end after it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.per_week} / {self.product} {self.referring_center}"


class SlotQuerySet(models.QuerySet["Slot"]):
    """Reads of slots."""

    def visible_to(self, user: User) -> "SlotQuerySet":
        """Slots of the centers where the person may see patients."""
        return self.filter(center_id__in=user.centers_for(Permission.VIEW_PATIENTS))

    def between(self, start: datetime, end: datetime) -> "SlotQuerySet":
        """Slots that begin in the half-open period."""
        return self.filter(starts_at__gte=start, starts_at__lt=end)

    def free(self) -> "SlotQuerySet":
        """Slots that can be taken now."""
        return self.filter(state=SlotState.OPEN, resource__is_active=True)


class Slot(UuidModel):
    """A time at which a machine can be taken for one collection.

    `freed_at` is when a booking gave it back: such a slot is offered to the waiting list.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="slots")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="slots", verbose_name=_("machine"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    state = models.CharField(_("state"), max_length=10, choices=SlotState.choices, default=SlotState.OPEN)
    freed_at = models.DateTimeField(null=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="slot_ends_after_start",
                violation_error_message=_("A slot must end after it starts."),
            ),
            models.UniqueConstraint(
                fields=["resource", "starts_at", "ends_at"],
                name="slot_once",
                violation_error_message=_("This machine already has this slot."),
            ),
            one_of("state", SlotState, name="slot_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["center", "starts_at"], name="slot_calendar_idx"),
            models.Index(
                fields=["center", "freed_at"],
                condition=models.Q(freed_at__isnull=False),
                name="slot_freed_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.starts_at:%Y-%m-%d %H:%M}"
