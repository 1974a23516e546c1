"""Machines, slots, bookings and collections."""

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission
from cartpath.core.models import UuidModel, one_of
from leukapheresis.enums import (
    BookingState,
    CancelReason,
    CollectionSource,
    DayDecision,
    Prime,
    ResourceKind,
    SlotState,
)
from patients.donor import Donor
from patients.models import Journey


class Resource(UuidModel):
    """Something of which there is one, and which two children can't use at once."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="resources", verbose_name=_("center"))
    kind = models.CharField(
        _("kind"), max_length=20, choices=ResourceKind.choices, default=ResourceKind.MACHINE
    )
    name = models.CharField(_("name"), max_length=80)
    extracorporeal_volume_ml = models.PositiveSmallIntegerField(
        _("extracorporeal volume (mL)"), null=True, blank=True
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("machine")
        verbose_name_plural = _("machines")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["center", "name"],
                name="resource_name_once",
                violation_error_message=_("A machine with this name already exists in this center."),
            ),
            one_of("kind", ResourceKind, name="resource_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name


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
    """A time at which a machine can be taken for one collection."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="slots")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="slots", verbose_name=_("machine"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    state = models.CharField(_("state"), max_length=10, choices=SlotState.choices, default=SlotState.OPEN)

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
        indexes: ClassVar = [models.Index(fields=["center", "starts_at"], name="slot_calendar_idx")]

    def __str__(self) -> str:
        return f"{self.resource} {self.starts_at:%Y-%m-%d %H:%M}"


class Booking(UuidModel):
    """A journey's hold on a slot."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="bookings")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="bookings")
    state = models.CharField(max_length=10, choices=BookingState.choices, default=BookingState.BOOKED)
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
                condition=models.Q(state=BookingState.BOOKED),
                name="booking_one_live_per_journey",
                violation_error_message=_("This child already has a live apheresis booking."),
            ),
            models.UniqueConstraint(
                fields=["slot"],
                condition=~models.Q(state=BookingState.CANCELED),
                name="booking_one_per_slot",
                violation_error_message=_("This slot is taken."),
            ),
            one_of("state", BookingState, name="booking_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state=BookingState.CANCELED)
                | models.Q(cancel_reason__in=CancelReason.values),
                name="booking_canceled_with_reason",
                violation_error_message=_("A canceled booking needs a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.state}"


class Allocation(models.Model):
    """A machine is taken for a period. PostgreSQL lets no two live ones of one machine overlap."""

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="allocations")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="allocations")
    period = DateTimeRangeField()
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="allocation_no_overlap",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(is_live=True),
                violation_error_message=_("This machine is taken for part of that time."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.period}"


class CollectionDay(models.Model):
    """What was done and collected on one day. Anything not measured or not told is unknown (NULL)."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="collection_days")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    # Cells that were not enough, or not usable, lead to another round; its days count from 1 again.
    round = models.PositiveSmallIntegerField(default=1)
    number = models.PositiveSmallIntegerField(_("day"))
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    device = models.CharField(_("device"), max_length=80, blank=True)
    program = models.CharField(_("program"), max_length=40, blank=True)
    prime = models.CharField(_("prime"), max_length=20, choices=Prime.choices, blank=True)
    weight_kg = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, null=True, blank=True)
    alc_per_ul = models.PositiveIntegerField(_("lymphocytes before"), null=True, blank=True)
    pre_cd3_per_ul = models.PositiveIntegerField(_("CD3 before"), null=True, blank=True)
    pre_platelets_e9_per_l = models.PositiveIntegerField(_("platelets before"), null=True, blank=True)
    post_platelets_e9_per_l = models.PositiveIntegerField(_("platelets after"), null=True, blank=True)
    volume_processed_ml = models.PositiveIntegerField(_("volume processed"), null=True, blank=True)
    product_volume_ml = models.PositiveIntegerField(_("product volume"), null=True, blank=True)
    tnc = models.BigIntegerField(_("nucleated cells"), null=True, blank=True)
    cd3 = models.BigIntegerField(_("CD3+ cells"), null=True, blank=True)
    viability_percent = models.DecimalField(
        _("viability"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    decision = models.CharField(_("decision"), max_length=10, choices=DayDecision.choices)
    adverse_events = models.CharField(_("adverse events"), max_length=400, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("collection day")
        verbose_name_plural = _("collection days")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["journey", "round", "number"],
                condition=models.Q(struck_at__isnull=True),
                name="collection_day_once",
                violation_error_message=_("This collection day is already recorded."),
            ),
            models.CheckConstraint(
                condition=models.Q(tnc__isnull=True) | models.Q(tnc__gte=0),
                name="collection_tnc_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(cd3__isnull=True)
                | (models.Q(cd3__gte=0) & (models.Q(tnc__isnull=True) | models.Q(cd3__lte=models.F("tnc")))),
                name="collection_cd3_part_of_tnc",
                violation_error_message=_("CD3+ cells can't exceed nucleated cells."),
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gt=models.F("started_at")),
                name="collection_ends_after_start",
                violation_error_message=_("A collection must end after it starts."),
            ),
            one_of("decision", DayDecision, name="collection_decision_known"),
        ]

    def __str__(self) -> str:
        return f"day {self.number}"


class Collection(models.Model):
    """The whole collection, once it is complete: whose cells, totals, and whether the protocol accepts it."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="collections")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    source = models.CharField(
        _("source"),
        max_length=30,
        choices=CollectionSource.choices,
        default=CollectionSource.AUTOLOGOUS_APHERESIS,
    )
    donor = models.ForeignKey(
        Donor, models.PROTECT, null=True, blank=True, related_name="collections", verbose_name=_("donor")
    )
    completed_at = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    tnc_total = models.BigIntegerField(null=True)
    cd3_total = models.BigIntegerField(null=True)
    is_accepted = models.BooleanField(_("meets the target"), null=True)
    reasons = models.JSONField(default=list)
    decision_reason = models.CharField(max_length=400, blank=True)
    event_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey", "round"], name="collection_round_once"),
            one_of("source", CollectionSource, name="collection_source_known"),
            models.CheckConstraint(
                condition=models.Q(source=CollectionSource.AUTOLOGOUS_APHERESIS, donor__isnull=True)
                | (~models.Q(source=CollectionSource.AUTOLOGOUS_APHERESIS) & models.Q(donor__isnull=False)),
                name="collection_of_a_donor_names_the_donor",
                violation_error_message=_("A donor's cells name their donor; the child's own have none."),
            ),
            models.CheckConstraint(
                condition=models.Q(is_accepted=True) | ~models.Q(decision_reason=""),
                name="collection_below_target_reasoned",
                violation_error_message=_("Going on without a met target needs a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days} days"
