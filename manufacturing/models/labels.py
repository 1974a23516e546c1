"""Labels and wristbands that were printed, what became of them, and what was stopped at the scanner."""

from typing import ClassVar

from django.db import models
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, json_kind, one_of
from manufacturing.labels.words import LabelKind, LabelSize, LabelState, ReprintReason
from manufacturing.models.custody import CustodyItem
from manufacturing.scanning.words import StopReason
from patients.models import Journey


class Wristband(UuidModel):
    """The code on a child's wristband: random, it says nothing about the child. One is worn at a time."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="wristbands")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    code = models.CharField(_("code of the wristband"), max_length=20, unique=True)
    made_at = models.DateTimeField(_("made"))
    replaced_at = models.DateTimeField(_("replaced"), null=True)
    event_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("wristband")
        verbose_name_plural = _("wristbands")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["journey"],
                condition=models.Q(replaced_at__isnull=True),
                name="wristband_one_worn",
                violation_error_message=_("This child already wears a wristband."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Label(UuidModel):
    """One printed label. `number` counts the labels of a journey; `copy` those of the same thing and size."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="labels")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(_("label"))
    kind = models.CharField(_("kind"), max_length=10, choices=LabelKind.choices)
    # Items are remade from the ledger with the same ids, within one transaction.
    item = models.ForeignKey(CustodyItem, models.DO_NOTHING, null=True, related_name="labels")
    wristband = models.ForeignKey(Wristband, models.PROTECT, null=True, related_name="labels")
    size = models.CharField(_("size"), max_length=10, choices=LabelSize.choices)
    copy = models.PositiveSmallIntegerField(_("copy"))
    reason = models.CharField(
        _("reason for printing again"), max_length=20, choices=ReprintReason.choices, blank=True
    )
    # What its codes say, as a scanner reads them; never the name of a child.
    codes = models.JSONField[list[str]](_("codes"), default=list)
    printed_at = models.DateTimeField(_("printed"))
    printed_by = models.CharField(_("printed by"), max_length=120)
    state = models.CharField(
        _("state"), max_length=10, choices=LabelState.choices, default=LabelState.PRINTED
    )
    accounted_at = models.DateTimeField(_("accounted for"), null=True)
    accounted_by = models.CharField(_("accounted for by"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    event_id = models.BigIntegerField()
    accounted_event_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey", "number"], name="label_number_once"),
            models.UniqueConstraint(
                fields=["item", "size", "copy"],
                condition=models.Q(item__isnull=False),
                name="label_copy_once",
            ),
            one_of("kind", LabelKind, name="label_kind_known"),
            one_of("size", LabelSize, name="label_size_known"),
            one_of("state", LabelState, name="label_state_known"),
            models.CheckConstraint(
                condition=models.Q(kind=LabelKind.ITEM, item__isnull=False, wristband__isnull=True)
                | models.Q(kind=LabelKind.WRISTBAND, item__isnull=True, wristband__isnull=False),
                name="label_is_of_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(copy=1, reason="") | models.Q(copy__gt=1, reason__in=ReprintReason.values),
                name="label_reprint_reasoned",
                violation_error_message=_("Printing a label again needs a reason."),
            ),
            models.CheckConstraint(
                condition=models.Q(state=LabelState.PRINTED, accounted_at__isnull=True)
                | (~models.Q(state=LabelState.PRINTED) & models.Q(accounted_at__isnull=False)),
                name="label_accounted_with_time",
            ),
            models.CheckConstraint(
                condition=Exact(json_kind("codes"), models.Value("array")), name="label_codes_a_list"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["center", "printed_at"],
                condition=models.Q(state=LabelState.PRINTED),
                name="label_open_idx",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.size}"


class ScanStop(UuidModel):
    """Something wrong that was scanned and stopped. `number` counts the stops of a journey."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="scan_stops")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    item = models.ForeignKey(CustodyItem, models.DO_NOTHING, null=True, related_name="scan_stops")
    reason = models.CharField(_("reason"), max_length=20, choices=StopReason.choices)
    read = models.CharField(_("what was read"), max_length=120)
    explanation = models.CharField(_("explanation"), max_length=400, blank=True)
    stopped_at = models.DateTimeField(_("stopped"))
    stopped_by = models.CharField(_("scanned by"), max_length=120)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    acknowledged_by = models.CharField(_("acknowledged by"), max_length=120, blank=True)
    done = models.CharField(_("what was done"), max_length=400, blank=True)
    event_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("stop at the scanner")
        verbose_name_plural = _("stops at the scanner")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey", "number"], name="scan_stop_number_once"),
            one_of("reason", StopReason, name="scan_stop_reason_known"),
            models.CheckConstraint(
                condition=models.Q(acknowledged_at__isnull=True, acknowledged_by="")
                | (models.Q(acknowledged_at__isnull=False) & ~models.Q(acknowledged_by="")),
                name="scan_stop_acknowledged_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class LabelSetting(models.Model):
    """What every label of a center says: its registered number and its name as licensed to it."""

    center = models.OneToOneField(Center, models.CASCADE, primary_key=True, related_name="label_setting")
    # ISBT 128 facility identification number, given to the center by ICCBBA: never made up here.
    fin = models.CharField(_("facility identification number"), max_length=5, blank=True)
    facility = models.CharField(_("name of the facility on labels"), max_length=120, blank=True)
    address = models.CharField(_("address on labels"), max_length=200, blank=True)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("setting of labels")
        verbose_name_plural = _("settings of labels")

    def __str__(self) -> str:
        return self.fin or self.facility


class ProductWords(models.Model):
    """What a product code of a center says in words: from the center's licensed list, never shipped."""

    center = models.ForeignKey(Center, models.CASCADE, related_name="product_words")
    product_code = models.CharField(_("product code"), max_length=5)
    words = models.CharField(_("text on the label"), max_length=160)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("text of a product code")
        verbose_name_plural = _("texts of product codes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["center", "product_code"], name="product_words_once"),
        ]

    def __str__(self) -> str:
        return self.product_code
