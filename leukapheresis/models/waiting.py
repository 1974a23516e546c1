"""What a family and a collection need beforehand, who waits for a slot, and what they were offered."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from leukapheresis.enums import OfferState, Sedation, VascularAccess, WaitingState
from leukapheresis.models.bookings import Booking
from leukapheresis.models.resources import Slot
from patients.models import Journey

PRIORITIES = (1, 2, 3, 4)
WAITS = (WaitingState.WAITING, WaitingState.OFFERED)


class Preparation(models.Model):
    """What the bundle of a collection depends on and no measurement tells: access and sedation."""

    journey = models.OneToOneField(Journey, models.PROTECT, primary_key=True, related_name="preparation")
    vascular_access = models.CharField(
        _("vascular access"),
        max_length=20,
        choices=VascularAccess.choices,
        default=VascularAccess.UNKNOWN,
    )
    sedation = models.CharField(
        _("sedation"), max_length=10, choices=Sedation.choices, default=Sedation.UNKNOWN
    )
    note = models.CharField(_("note"), max_length=400, blank=True)
    event_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("preparation of a collection")
        verbose_name_plural = _("preparations of collections")
        constraints: ClassVar = [
            one_of("vascular_access", VascularAccess, name="preparation_access_known"),
            one_of("sedation", Sedation, name="preparation_sedation_known"),
        ]

    def __str__(self) -> str:
        return f"{self.vascular_access} {self.sedation}"


class FamilyAway(models.Model):
    """Days, the last one included, on which the family can't come."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="family_away")
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("family away")
        verbose_name_plural = _("families away")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(last_on__gte=models.F("first_on")),
                name="family_away_ends_after_start",
                violation_error_message=_("The last day can't lie before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_on}–{self.last_on}"


class WaitingEntry(UuidModel):
    """A child who waits for a slot, by clinical priority (1 is the most urgent) and then by time.

    A slot fits when its day lies from `from_on` to `until_on`, the last one included; without `until_on` any
    later day fits.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="waiting_entries")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    priority = models.PositiveSmallIntegerField(_("clinical priority"))
    priority_reason = models.CharField(_("reason for the priority"), max_length=400)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=WaitingState.choices, default=WaitingState.WAITING)
    entered_at = models.DateTimeField()

    class Meta:
        verbose_name = _("entry in the waiting list")
        verbose_name_plural = _("waiting list")
        constraints: ClassVar = [
            one_of("state", WaitingState, name="waiting_state_known"),
            models.CheckConstraint(
                condition=models.Q(priority__in=PRIORITIES),
                name="waiting_priority_known",
                violation_error_message=_("Priorities go from 1, the most urgent, to 4."),
            ),
            models.CheckConstraint(
                condition=~models.Q(priority_reason=""),
                name="waiting_priority_reasoned",
                violation_error_message=_("A clinical priority needs its reason."),
            ),
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True) | models.Q(until_on__gte=models.F("from_on")),
                name="waiting_ends_after_start",
                violation_error_message=_("The last day can't lie before the first."),
            ),
            models.UniqueConstraint(
                fields=["journey"],
                condition=models.Q(state__in=WAITS),
                name="waiting_once",
                violation_error_message=_("This child is already in the waiting list."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["center", "priority", "entered_at"],
                condition=models.Q(state__in=WAITS),
                name="waiting_order_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.priority} {self.state}"


class SlotOffer(UuidModel):
    """A freed slot, held for one family that waits until they answer or the time is over."""

    entry = models.ForeignKey(WaitingEntry, models.PROTECT, related_name="offers")
    booking = models.OneToOneField(Booking, models.PROTECT, related_name="offer")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="offers")
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=OfferState.choices, default=OfferState.OPEN)

    class Meta:
        verbose_name = _("offer of a slot")
        verbose_name_plural = _("offers of slots")
        constraints: ClassVar = [
            one_of("state", OfferState, name="offer_state_known"),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("offered_at")),
                name="offer_ends_after_start",
                violation_error_message=_("An offer must end after it is made."),
            ),
            models.UniqueConstraint(
                fields=["slot"],
                condition=models.Q(state=OfferState.OPEN),
                name="offer_one_open_per_slot",
                violation_error_message=_("This slot is offered to another family."),
            ),
            models.UniqueConstraint(
                fields=["entry"],
                condition=models.Q(state=OfferState.OPEN),
                name="offer_one_open_per_family",
                violation_error_message=_("This family already has an offer."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot_id} {self.state}"
