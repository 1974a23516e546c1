"""What happened to the person during a day of collection, and the bags its cells were frozen in."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from leukapheresis.enums import AdverseEventKind, BagState
from leukapheresis.models.collections import CollectionDay
from leukapheresis.rules.bags import Filled


class CollectionAdverseEvent(models.Model):
    """One adverse event of a day of collection. Grade and time not told are unknown (NULL)."""

    day = models.ForeignKey(CollectionDay, models.PROTECT, related_name="adverse")
    kind = models.CharField(_("adverse event"), max_length=20, choices=AdverseEventKind.choices)
    grade = models.PositiveSmallIntegerField(_("grade"), null=True, blank=True)
    at = models.DateTimeField(_("time"), null=True, blank=True)
    action = models.CharField(_("what was done"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("adverse event of a collection")
        verbose_name_plural = _("adverse events of collections")
        constraints: ClassVar = [
            one_of("kind", AdverseEventKind, name="collection_adverse_event_known"),
            models.CheckConstraint(
                condition=models.Q(grade__isnull=True) | models.Q(grade__range=(1, 5)),
                name="collection_adverse_event_grade_possible",
                violation_error_message=_("Grades run from 1 to 5."),
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class CryoBag(UuidModel):
    """A bag of frozen cells: a division of one day's donation under its ISBT 128 number and code."""

    day = models.ForeignKey(CollectionDay, models.PROTECT, related_name="bags")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    din = models.CharField(_("donation number"), max_length=13)
    # ISBT 128 product description code, licensed to the center: never made up here.
    product_code = models.CharField(_("product code"), max_length=5, blank=True)
    collection_type = models.CharField(_("type of collection"), max_length=1)
    division = models.CharField(_("division"), max_length=2)
    # Of the collected cells; the cryoprotectant comes on top.
    volume_ml = models.DecimalField(_("volume"), max_digits=6, decimal_places=1)
    cryoprotectant_ml = models.DecimalField(
        _("cryoprotectant"), max_digits=6, decimal_places=1, null=True, blank=True
    )
    tnc = models.BigIntegerField(_("nucleated cells"), null=True, blank=True)
    cd3 = models.BigIntegerField(_("CD3+ cells"), null=True, blank=True)
    frozen_at = models.DateTimeField(_("frozen"))
    # By the protocol's row in force; unknown (NULL) where it has none.
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    location = models.CharField(_("place in storage"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=BagState.choices, default=BagState.STORED)
    event_id = models.BigIntegerField()
    struck_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("bag of frozen cells")
        verbose_name_plural = _("bags of frozen cells")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["din", "division"],
                condition=models.Q(struck_at__isnull=True),
                name="bag_division_once",
                violation_error_message=_("This division of the donation is already recorded."),
            ),
            models.CheckConstraint(
                condition=models.Q(volume_ml__gt=0),
                name="bag_volume_positive",
                violation_error_message=_("A bag holds more than 0 mL."),
            ),
            models.CheckConstraint(
                condition=models.Q(tnc__isnull=True) | models.Q(tnc__gte=0), name="bag_tnc_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(cd3__isnull=True)
                | (models.Q(cd3__gte=0) & (models.Q(tnc__isnull=True) | models.Q(cd3__lte=models.F("tnc")))),
                name="bag_cd3_part_of_tnc",
                violation_error_message=_("CD3+ cells can't exceed nucleated cells."),
            ),
            one_of("state", BagState, name="bag_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.din} {self.division}"

    @property
    def filled(self) -> Filled:
        """What is in the bag, for the rules."""
        added = self.cryoprotectant_ml
        return Filled(
            volume_ml=float(self.volume_ml),
            cryoprotectant_ml=None if added is None else float(added),
            tnc=self.tnc,
            cd3=self.cd3,
        )
