"""Who has what when: bookings, their days, and the resources each day takes."""

from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from leukapheresis.enums import LIVE_STATES, BookingDayState, BookingState, CancelReason, ResourceKind
from leukapheresis.models.resources import Resource, Slot
from patients.models import Journey


class Booking(UuidModel):
    """A collection of one journey, held or booked, over one day or more. `slot` is that of its first day.

    A hold ends by itself at `hold_expires_at`: from then on it counts for nothing, even while `state` is
    still `held`. `version` grows with every change. `bundle` says of every part what became of it (see
    `leukapheresis.scheduling.bundles.Part`).
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="bookings")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="bookings")
    state = models.CharField(max_length=10, choices=BookingState.choices, default=BookingState.BOOKED)
    hold_expires_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    bundle = models.JSONField[list[dict[str, Any]]](default=list)
    override_reason = models.CharField(max_length=400, blank=True)
    cancel_reason = models.CharField(max_length=30, choices=CancelReason.choices, blank=True)
    cancel_note = models.CharField(max_length=400, blank=True)
    booked_by = models.CharField(max_length=120)
    booked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["journey"],
                condition=models.Q(state__in=LIVE_STATES),
                name="booking_one_live_per_journey",
                violation_error_message=_("This child already has a live apheresis booking."),
            ),
            one_of("state", BookingState, name="booking_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state=BookingState.HELD) | models.Q(hold_expires_at__isnull=False),
                name="booking_held_until",
                violation_error_message=_("A hold needs the time at which it ends."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=BookingState.CANCELED)
                | models.Q(cancel_reason__in=CancelReason.values),
                name="booking_canceled_with_reason",
                violation_error_message=_("A canceled booking needs a reason."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["hold_expires_at"],
                condition=models.Q(state=BookingState.HELD),
                name="booking_holds_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.state}"


class BookingDay(models.Model):
    """One day of a booking. A released day stays as a record and holds nothing."""

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="days")
    number = models.PositiveSmallIntegerField(_("day"))
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="days")
    state = models.CharField(max_length=10, choices=BookingDayState.choices, default=BookingDayState.PLANNED)

    class Meta:
        verbose_name = _("day of a booking")
        verbose_name_plural = _("days of bookings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["booking", "number"],
                name="booking_day_number_once",
                violation_error_message=_("The booking already has a day with this number."),
            ),
            models.UniqueConstraint(
                fields=["slot"],
                condition=~models.Q(state=BookingDayState.RELEASED),
                name="booking_day_one_per_slot",
                violation_error_message=_("This slot is taken."),
            ),
            models.CheckConstraint(
                condition=models.Q(number__gte=1),
                name="booking_day_from_one",
                violation_error_message=_("Days count from 1."),
            ),
            one_of("state", BookingDayState, name="booking_day_state_known"),
        ]

    def __str__(self) -> str:
        return f"day {self.number} {self.state}"


class Allocation(models.Model):
    """One unit of a resource is taken for a period, buffers included, by one day of a booking.

    PostgreSQL lets no two live ones of the same unit overlap, and no unit lie beyond the capacity. `need` is
    the id of the rule row that asks for the part, `reason` why a person took it in addition.
    """

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="allocations")
    day = models.ForeignKey(BookingDay, models.CASCADE, related_name="allocations")
    kind = models.CharField(max_length=20, choices=ResourceKind.choices, default=ResourceKind.MACHINE)
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="allocations")
    unit = models.PositiveSmallIntegerField(default=1)
    period = DateTimeRangeField()
    is_live = models.BooleanField(default=True)
    need = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="allocation_no_overlap",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(is_live=True),
                violation_error_message=_("This resource is taken for part of that time."),
            ),
            models.UniqueConstraint(
                fields=["day", "kind"],
                condition=models.Q(is_live=True),
                name="allocation_kind_once_a_day",
                violation_error_message=_("This day already has a part of this kind."),
            ),
            models.CheckConstraint(
                condition=models.Q(unit__gte=1),
                name="allocation_unit_from_one",
                violation_error_message=_("Units count from 1."),
            ),
            one_of("kind", ResourceKind, name="allocation_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.period}"
