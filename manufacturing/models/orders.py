"""Orders, their milestones, and the batches that come back."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from manufacturing.enums import BatchState, Milestone, OrderState, OutOfSpecificationDecision
from manufacturing.quality.words import ConsentBy, ReferenceKind
from patients.models import Journey


class Order(UuidModel):
    """One order of one product. A failed one stays; a journey has one live order at a time.

    `region` and the protocol's version are those of the day of the order. `remakes` is the failed order that
    this one makes again, under the same identity. A slot is the manufacturer's place for these cells.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="orders")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    product = models.CharField(_("product"), max_length=40)
    manufacturer_order_id = models.CharField(_("manufacturer's order number"), max_length=60, blank=True)
    chain_of_identity = models.CharField(_("chain-of-identity identifier"), max_length=60, blank=True)
    apheresis_id = models.CharField(_("manufacturer's apheresis ID"), max_length=60, blank=True)
    batch_number = models.CharField(_("manufacturer's batch number"), max_length=60, blank=True)
    slot_number = models.CharField(_("slot number"), max_length=60, blank=True)
    slot_on = models.DateField(_("manufacturing slot"), null=True, blank=True)
    quota_reason = models.CharField(_("reason to order beyond the quota"), max_length=400, blank=True)
    region = models.CharField(_("region"), max_length=10, blank=True)
    protocol_version = models.CharField(_("version of the protocol"), max_length=120, blank=True)
    remakes = models.ForeignKey("self", models.PROTECT, related_name="+", null=True, blank=True)
    weight_kg = models.DecimalField(
        _("weight at order"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    state = models.CharField(max_length=10, choices=OrderState.choices, default=OrderState.ACTIVE)
    ordered_at = models.DateTimeField(_("ordered"))
    event_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["journey"],
                condition=models.Q(state=OrderState.ACTIVE),
                name="order_one_live_per_journey",
                violation_error_message=_("This journey already has a live order."),
            ),
            # Cells that are made again keep their identity; no other child may ever have it.
            ExclusionConstraint(
                name="order_identity_of_one_journey",
                expressions=[
                    ("center", RangeOperators.EQUAL),
                    ("chain_of_identity", RangeOperators.EQUAL),
                    ("journey", RangeOperators.NOT_EQUAL),
                ],
                condition=~models.Q(chain_of_identity=""),
                violation_error_message=_("This chain-of-identity identifier belongs to another order."),
            ),
            one_of("state", OrderState, name="order_state_known"),
        ]

    def __str__(self) -> str:
        return self.manufacturer_order_id or str(self.pk)


class OrderMilestone(models.Model):
    """A milestone reached, with the day it was expected."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="milestones")
    milestone = models.CharField(_("milestone"), max_length=30, choices=Milestone.choices)
    reached_at = models.DateTimeField(_("reached"))
    expected_on = models.DateField(_("expected"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    event_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "milestone"],
                name="milestone_once",
                violation_error_message=_("This milestone is already recorded."),
            ),
            one_of("milestone", Milestone, name="milestone_known"),
        ]

    def __str__(self) -> str:
        return self.milestone


class Batch(UuidModel):
    """What was made: its numbers, and what quality says. Unknown numbers stay NULL."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="batches")
    journey = models.ForeignKey(Journey, models.PROTECT, related_name="batches")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    lot = models.CharField(_("lot"), max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=40, choices=BatchState.choices)
    bags = models.PositiveSmallIntegerField(_("bags"), null=True, blank=True)
    car_positive_viable_cells = models.BigIntegerField(_("CAR-positive viable cells"), null=True, blank=True)
    viability_percent = models.DecimalField(
        _("viability"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    released_by = models.CharField(_("released by"), max_length=120, blank=True)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    received_by = models.CharField(_("received by"), max_length=120, blank=True)
    certificate = models.CharField(_("certificate of release"), max_length=120, blank=True)
    receipt_note = models.CharField(_("receipt note"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints: ClassVar = [
            one_of("state", BatchState, name="batch_state_known"),
            models.CheckConstraint(
                condition=models.Q(received_at__isnull=True) | models.Q(released_at__isnull=False),
                name="batch_received_only_released",
                violation_error_message=_("Only a released or accepted product can be received."),
            ),
            models.CheckConstraint(
                condition=models.Q(car_positive_viable_cells__isnull=True)
                | models.Q(car_positive_viable_cells__gt=0),
                name="batch_cells_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.lot or str(self.pk)

    @property
    def is_usable(self) -> bool:
        """Whether quality or a physician let it go on."""
        return self.state in (BatchState.RELEASED, BatchState.ACCEPTED_OUT_OF_SPECIFICATION)


class OutOfSpecification(models.Model):
    """Why a batch missed its specification, and what a physician decided.

    `parameter_id` is the protocol's row that was missed, "" when the protocol has none for it. A product that
    was decided about once and is withdrawn later is decided about again: `earlier` keeps what was before.
    """

    batch = models.OneToOneField(Batch, models.PROTECT, related_name="out_of_specification")
    parameter = models.CharField(_("parameter"), max_length=120)
    parameter_id = models.CharField(max_length=80, blank=True)
    limit = models.CharField(_("limit"), max_length=120, blank=True)
    value = models.CharField(_("value"), max_length=120, blank=True)
    risk_statement = models.CharField(_("manufacturer's risk statement"), max_length=800, blank=True)
    reported_at = models.DateTimeField(_("reported"))
    decision = models.CharField(
        _("decision"), max_length=20, choices=OutOfSpecificationDecision.choices, blank=True
    )
    reason = models.CharField(_("reason"), max_length=800, blank=True)
    reference = models.CharField(_("program or regulator reference"), max_length=120, blank=True)
    reference_kind = models.CharField(
        _("permission by"), max_length=20, choices=ReferenceKind.choices, blank=True
    )
    consent_on = models.DateField(_("family's consent"), null=True, blank=True)
    consent_by = models.CharField(_("who consented"), max_length=20, choices=ConsentBy.choices, blank=True)
    certificate = models.CharField(_("certificate of release"), max_length=120, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=120, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    earlier = models.JSONField(_("decided before"), default=list)

    class Meta:
        verbose_name = _("out-of-specification report")
        verbose_name_plural = _("out-of-specification reports")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(decision="", decided_at__isnull=True)
                | (
                    models.Q(decision__in=OutOfSpecificationDecision.values, decided_at__isnull=False)
                    & ~models.Q(reason="")
                ),
                name="out_of_specification_decision_reasoned",
                violation_error_message=_("A decision needs a reason."),
            ),
        ]

    def __str__(self) -> str:
        return self.parameter
