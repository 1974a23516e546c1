"""What was collected: each day, and the whole collection."""

from typing import Any, ClassVar, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import one_of
from leukapheresis.enums import (
    OWN,
    WHOLE_BLOOD,
    BloodVolumeMethod,
    CollectionAccess,
    CollectionSource,
    DayDecision,
    Prime,
)
from leukapheresis.models.bedside import CollectionIdentityCheck
from patients.donor import Donor
from patients.models import Journey

PERCENTS: Final = (
    *("pre_hematocrit_percent", "pre_blasts_percent", "product_hematocrit_percent", "viability_percent"),
)


def _decimal(name: Any, digits: int, places: int) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(name, max_digits=digits, decimal_places=places, null=True, blank=True)


def _percent(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(**{f"{name}__isnull": True}) | models.Q(**{f"{name}__range": (0, 100)}),
        name=f"collection_{name}_possible",
        violation_error_message=_("A percentage lies between 0 and 100."),
    )


class CollectionDay(models.Model):
    """What was done and collected on one day. Anything not measured or not told is unknown (NULL)."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="collection_days")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    # Cells that were not enough, or not usable, lead to another round; its days count from 1 again.
    round = models.PositiveSmallIntegerField(default=1)
    number = models.PositiveSmallIntegerField(_("day"))
    source = models.CharField(
        _("source"),
        max_length=30,
        choices=CollectionSource.choices,
        default=CollectionSource.AUTOLOGOUS_APHERESIS,
    )
    # Why cells collected before this treatment was planned are taken over: where and what for.
    history_reason = models.CharField(_("collected earlier"), max_length=400, blank=True)
    identity = models.ForeignKey(
        CollectionIdentityCheck, models.PROTECT, null=True, related_name="+", verbose_name=_("identity check")
    )
    identity_missing_reason = models.CharField(_("why no identity check"), max_length=400, blank=True)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    device = models.CharField(_("device"), max_length=80, blank=True)
    program = models.CharField(_("program"), max_length=40, blank=True)
    prime = models.CharField(_("prime"), max_length=20, choices=Prime.choices, blank=True)
    weight_kg = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, null=True, blank=True)
    access = models.CharField(_("access"), max_length=20, choices=CollectionAccess.choices, blank=True)
    prime_unit = models.CharField(_("unit of the prime"), max_length=20, blank=True)
    # The rule's blood volume of that day, and the volume of the machine as booked or as told.
    blood_volume_ml = models.PositiveIntegerField(_("blood volume"), null=True, blank=True)
    blood_volume_method = models.CharField(
        _("method"), max_length=10, choices=BloodVolumeMethod.choices, blank=True
    )
    ecv_ml = models.PositiveIntegerField(_("extracorporeal volume"), null=True, blank=True)
    pre_wbc_e9_per_l = _decimal(_("white cells before"), 7, 2)
    pre_hemoglobin_g_dl = _decimal(_("hemoglobin before"), 4, 1)
    pre_hematocrit_percent = _decimal(_("hematocrit before"), 4, 1)
    pre_blasts_percent = _decimal(_("blasts before"), 4, 1)
    alc_per_ul = models.PositiveIntegerField(_("lymphocytes before"), null=True, blank=True)
    pre_cd3_per_ul = models.PositiveIntegerField(_("CD3 before"), null=True, blank=True)
    pre_platelets_e9_per_l = models.PositiveIntegerField(_("platelets before"), null=True, blank=True)
    post_platelets_e9_per_l = models.PositiveIntegerField(_("platelets after"), null=True, blank=True)
    post_cd3_per_ul = models.PositiveIntegerField(_("CD3 after"), null=True, blank=True)
    post_hemoglobin_g_dl = _decimal(_("hemoglobin after"), 4, 1)
    ionized_calcium_before_mmol_l = _decimal(_("ionized calcium before"), 4, 2)
    ionized_calcium_lowest_mmol_l = _decimal(_("lowest ionized calcium"), 4, 2)
    magnesium_mmol_l = _decimal(_("magnesium"), 4, 2)
    potassium_mmol_l = _decimal(_("potassium"), 4, 2)
    # Parts of blood to one part of anticoagulant.
    anticoagulant_ratio = _decimal(_("blood to anticoagulant"), 4, 1)
    anticoagulant_ml = models.PositiveIntegerField(_("anticoagulant"), null=True, blank=True)
    inlet_volume_ml = models.PositiveIntegerField(_("inlet volume"), null=True, blank=True)
    volume_processed_ml = models.PositiveIntegerField(_("volume processed"), null=True, blank=True)
    product_volume_ml = models.PositiveIntegerField(_("product volume"), null=True, blank=True)
    tnc = models.BigIntegerField(_("nucleated cells"), null=True, blank=True)
    cd3 = models.BigIntegerField(_("CD3+ cells"), null=True, blank=True)
    viability_percent = models.DecimalField(
        _("viability"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    product_hematocrit_percent = _decimal(_("hematocrit of the product"), 4, 1)
    # ISBT 128 donation identification number, 13 characters.
    din = models.CharField(_("donation number"), max_length=13, blank=True)
    label_checked = models.BooleanField(_("label checked"), null=True)
    seal_number = models.CharField(_("seal"), max_length=30, blank=True)
    idm_sampled_on = models.DateField(_("infection markers sampled"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=10, choices=DayDecision.choices)
    decision_reason = models.CharField(_("why"), max_length=400, blank=True)
    # Free text of before adverse events had rows of their own.
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
            one_of("source", CollectionSource, name="collection_day_source_known"),
            models.CheckConstraint(
                condition=models.Q(anticoagulant_ml__isnull=True)
                | models.Q(inlet_volume_ml__isnull=True)
                | models.Q(anticoagulant_ml__lte=models.F("inlet_volume_ml")),
                name="collection_anticoagulant_part_of_inlet",
                violation_error_message=_(
                    "The anticoagulant is part of the inlet volume: it can't exceed it."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(identity__isnull=True) | models.Q(identity_missing_reason=""),
                name="collection_identity_checked_or_reasoned",
                violation_error_message=_("Identity was checked: no reason for a missing check is needed."),
            ),
            models.UniqueConstraint(
                fields=["din"],
                condition=models.Q(struck_at__isnull=True) & ~models.Q(din=""),
                name="collection_din_once",
                violation_error_message=_("This donation number belongs to another collection day."),
            ),
            *(_percent(name) for name in PERCENTS),
        ]

    def __str__(self) -> str:
        return f"day {self.number}"

    @property
    def is_whole_blood(self) -> bool:
        """Whether blood was drawn, without a machine."""
        return self.source in WHOLE_BLOOD

    @property
    def processed_ml(self) -> int | None:
        """The volume processed; without it, inlet less anticoagulant when both are known."""
        if self.volume_processed_ml is not None:
            return self.volume_processed_ml
        if self.inlet_volume_ml is None or self.anticoagulant_ml is None:
            return None
        return self.inlet_volume_ml - self.anticoagulant_ml


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
                condition=models.Q(source__in=OWN, donor__isnull=True)
                | (~models.Q(source__in=OWN) & models.Q(donor__isnull=False)),
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
