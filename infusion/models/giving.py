"""Lymphodepletion, the checklist, the identity check and the infusion."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center, User
from cartpath.core.models import one_of
from infusion.enums import ChecklistVerdict, GateState, Quantity
from manufacturing.models import Batch, CustodyItem
from patients.models import Journey


class LymphodepletionDose(models.Model):
    """One drug on one day. The dose is what was given; the rule's figure stands beside it."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="lymphodepletion_doses")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    drug = models.CharField(_("drug"), max_length=60)
    given_at = models.DateTimeField(_("given"))
    dose_mg = models.DecimalField(_("dose"), max_digits=8, decimal_places=1, null=True, blank=True)
    expected_mg = models.DecimalField(_("by the rule"), max_digits=8, decimal_places=1, null=True, blank=True)
    body_surface_m2 = models.DecimalField(
        _("body surface"), max_digits=5, decimal_places=4, null=True, blank=True
    )
    event_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("lymphodepletion dose")
        verbose_name_plural = _("lymphodepletion doses")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(dose_mg__isnull=True) | models.Q(dose_mg__gt=0),
                name="lymphodepletion_dose_positive",
                violation_error_message=_("A dose must be above 0 mg."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.drug} {self.given_at:%Y-%m-%d}"


class LymphodepletionWaiver(models.Model):
    """A physician's decision to go without lymphodepletion."""

    journey = models.OneToOneField(Journey, models.PROTECT, related_name="lymphodepletion_waiver")
    reason = models.CharField(_("reason"), max_length=400)
    waived_by = models.CharField(_("waived by"), max_length=120)
    waived_at = models.DateTimeField(_("waived"))

    def __str__(self) -> str:
        return self.reason


class ChecklistItem(models.Model):
    """The latest verdict on one item of the pre-infusion checklist; earlier ones are in the ledger."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="checklist_items")
    item = models.CharField(max_length=60)
    verdict = models.CharField(_("verdict"), max_length=12, choices=ChecklistVerdict.choices)
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    checked_by = models.CharField(_("checked by"), max_length=120)
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        verbose_name = _("checklist item")
        verbose_name_plural = _("checklist items")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey", "item"], name="checklist_item_once"),
            one_of("verdict", ChecklistVerdict, name="checklist_verdict_known"),
            models.CheckConstraint(
                condition=~models.Q(verdict=ChecklistVerdict.OVERRIDDEN) | ~models.Q(reason=""),
                name="checklist_override_reasoned",
                violation_error_message=_("An override needs a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.verdict}"


class Finding(models.Model):
    """A laboratory value that decides about lymphodepletion or the parts of the dose.

    White cells per microliter, blasts of the marrow in percent, of a named day.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="infusion_findings")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    quantity = models.CharField(_("what was measured"), max_length=20, choices=Quantity.choices)
    value = models.DecimalField(_("value"), max_digits=9, decimal_places=2)
    found_on = models.DateField(_("day of the sample"))
    recorded_by = models.CharField(_("recorded by"), max_length=120)
    event_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("laboratory finding")
        verbose_name_plural = _("laboratory findings")
        constraints: ClassVar = [
            one_of("quantity", Quantity, name="finding_quantity_known"),
            models.CheckConstraint(
                condition=models.Q(quantity=Quantity.MARROW_BLASTS, value__range=(0, 100))
                | models.Q(quantity=Quantity.WHITE_CELLS, value__range=(0, 1_000_000)),
                name="finding_value_possible",
                violation_error_message=_("Blasts lie between 0 and 100 %, white cells below 1,000,000/µL."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["journey", "quantity", "-found_on"], name="finding_latest_idx")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.found_on}"


class IdentityCheck(models.Model):
    """Two different people confirm that child and product belong together, before each part of the dose.

    `item` is the bag that was checked, where bags are registered: then each bag has a check of its own.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="identity_checks")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="identity_checks")
    # The reader of custody may make its rows anew, with the same ids, within one transaction.
    item = models.ForeignKey(
        CustodyItem, models.DO_NOTHING, related_name="identity_checks", null=True, blank=True
    )
    fraction = models.PositiveSmallIntegerField(_("part of the dose"), default=1)
    first = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("first person"))
    second = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("second person"))
    verified_at = models.DateTimeField(_("verified"))

    class Meta:
        verbose_name = _("identity check")
        verbose_name_plural = _("identity checks")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(first=models.F("second")),
                name="identity_two_people",
                violation_error_message=_("Identity is confirmed by two different people."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.first} + {self.second}"


class Infusion(models.Model):
    """The infusion, or the first part of one given in parts. Its start is day 0 and never moves.

    `total_cells` is the whole dose that was chosen for parts in percent. `stopped_at` says that no further
    part is given.
    """

    journey = models.OneToOneField(Journey, models.PROTECT, related_name="infusion")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="infusions")
    thaw_started_at = models.DateTimeField(_("thaw started"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    dose_cells = models.BigIntegerField(_("CAR-positive viable cells given"), null=True, blank=True)
    weight_kg = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, null=True, blank=True)
    is_dose_in_range = models.BooleanField(_("dose within the rule"), null=True)
    override_reason = models.CharField(_("override reason"), max_length=400, blank=True)
    history_reason = models.CharField(
        _("why checklist and lymphodepletion are not on record"), max_length=400, blank=True
    )
    given_by = models.CharField(_("given by"), max_length=120, blank=True)
    total_cells = models.BigIntegerField(_("whole dose chosen"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("further parts stopped"), null=True, blank=True)
    stopped_reason = models.CharField(_("why no further part is given"), max_length=400, blank=True)
    stopped_by = models.CharField(_("stopped by"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("infusion")
        verbose_name_plural = _("infusions")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(started_at__isnull=True)
                | models.Q(thaw_started_at__isnull=True)
                | models.Q(started_at__gte=models.F("thaw_started_at")),
                name="infusion_after_thaw",
                violation_error_message=_("The infusion can't start before the thaw."),
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("started_at")),
                name="infusion_ends_after_start",
                violation_error_message=_("The infusion can't end before it starts."),
            ),
            models.CheckConstraint(
                condition=models.Q(started_at__isnull=True)
                | models.Q(is_dose_in_range=True)
                | ~models.Q(override_reason=""),
                name="infusion_dose_reasoned",
                violation_error_message=_("A dose outside the rule, or unknown, needs a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.started_at}"


class InfusionPart(models.Model):
    """A further part of a dose given in parts; the first one is the infusion itself.

    `gate` is the verdict of the protocol's gate when the part was given. Against it a clinician gives a
    reason; where it says stop, a second clinician agrees.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="infusion_parts")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="infusion_parts")
    fraction = models.PositiveSmallIntegerField(_("part of the dose"))
    thaw_started_at = models.DateTimeField(_("thaw started"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    dose_cells = models.BigIntegerField(_("CAR-positive viable cells given"), null=True, blank=True)
    is_dose_in_range = models.BooleanField(_("dose within the rule"), null=True)
    override_reason = models.CharField(_("reason for the dose"), max_length=400, blank=True)
    gate = models.CharField(_("gate"), max_length=10, choices=GateState.choices, blank=True)
    gate_reason = models.CharField(_("reason against the gate"), max_length=400, blank=True)
    gate_second = models.CharField(_("second clinician"), max_length=120, blank=True)
    given_by = models.CharField(_("given by"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("further part of the dose")
        verbose_name_plural = _("further parts of the dose")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey", "fraction"], name="infusion_part_once"),
            models.CheckConstraint(
                condition=models.Q(fraction__gte=2),
                name="infusion_part_after_first",
                violation_error_message=_("The first part is the infusion itself."),
            ),
            models.CheckConstraint(
                condition=models.Q(started_at__isnull=True)
                | models.Q(thaw_started_at__isnull=True)
                | models.Q(started_at__gte=models.F("thaw_started_at")),
                name="infusion_part_after_thaw",
                violation_error_message=_("The infusion can't start before the thaw."),
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("started_at")),
                name="infusion_part_ends_after_start",
                violation_error_message=_("The infusion can't end before it starts."),
            ),
            models.CheckConstraint(
                condition=models.Q(started_at__isnull=True)
                | models.Q(is_dose_in_range__isnull=False, is_dose_in_range=True)
                | ~models.Q(override_reason=""),
                name="infusion_part_dose_reasoned",
                violation_error_message=_("A dose outside the rule, or unknown, needs a reason."),
            ),
            models.CheckConstraint(
                condition=models.Q(started_at__isnull=True)
                | models.Q(gate=GateState.ALLOWED)
                | ~models.Q(gate_reason=""),
                name="infusion_part_gate_reasoned",
                violation_error_message=_("A part given against its gate needs a reason."),
            ),
            models.CheckConstraint(
                condition=~models.Q(gate=GateState.STOP) | ~models.Q(gate_second=""),
                name="infusion_part_stop_two_clinicians",
                violation_error_message=_("A part given against a stop needs a second clinician."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.fraction} {self.started_at}"
