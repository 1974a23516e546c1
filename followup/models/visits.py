"""Visits of the long follow-up."""

from typing import ClassVar

from django.db import models
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, json_kind
from followup.enums import MrdMethod, MrdResult, Response, SkipReason
from patients.models import Journey


class Visit(UuidModel):
    """One visit of the plan, as held. Anything not examined or not told is unknown (NULL)."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="visits")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    item = models.CharField(_("planned visit"), max_length=40)
    visited_on = models.DateField(_("visited"))
    response = models.CharField(_("response"), max_length=10, choices=Response.choices, blank=True)
    mrd_result = models.CharField(_("MRD"), max_length=10, choices=MrdResult.choices, blank=True)
    mrd_method = models.CharField(_("MRD method"), max_length=10, choices=MrdMethod.choices, blank=True)
    mrd_sensitivity = models.FloatField(_("MRD sensitivity"), null=True, blank=True)
    b_cells_per_ul = models.FloatField(_("CD19+ B cells"), null=True, blank=True)
    b_cells_percent = models.FloatField(_("CD19+ B cells, share of lymphocytes"), null=True, blank=True)
    igg_mg_dl = models.FloatField(_("IgG"), null=True, blank=True)
    last_immunoglobulin_on = models.DateField(_("last immunoglobulin given"), null=True, blank=True)
    ever_replaced = models.BooleanField(_("immunoglobulin ever given"), null=True, blank=True)
    cd4_per_ul = models.FloatField(_("CD4+ T cells"), null=True, blank=True)
    findings = models.JSONField(_("further findings"), default=dict, blank=True)
    note = models.CharField(_("note"), max_length=800, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=120)
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["journey", "item"],
                condition=models.Q(struck_at__isnull=True),
                name="visit_once",
                violation_error_message=_("This visit is already recorded."),
            ),
            models.CheckConstraint(
                condition=models.Q(b_cells_percent__isnull=True) | models.Q(b_cells_percent__range=(0, 100)),
                name="visit_b_cells_percent_possible",
                violation_error_message=_("A share lies between 0 and 100 %."),
            ),
            models.CheckConstraint(
                condition=models.Q(mrd_result="") | ~models.Q(mrd_method=""),
                name="visit_mrd_has_method",
                violation_error_message=_("An MRD result needs its method."),
            ),
            models.CheckConstraint(
                condition=models.Q(ever_replaced__isnull=True)
                | models.Q(ever_replaced=True)
                | models.Q(last_immunoglobulin_on__isnull=True),
                name="visit_never_replaced_has_no_day",
                violation_error_message=_("Immunoglobulin was never given, so it has no day."),
            ),
            models.CheckConstraint(
                condition=models.Q(cd4_per_ul__isnull=True) | models.Q(cd4_per_ul__range=(0, 50_000)),
                name="visit_cd4_possible",
            ),
            models.CheckConstraint(
                condition=Exact(json_kind("findings"), models.Value("object")),
                name="visit_findings_are_an_object",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.visited_on}"


class SkippedVisit(models.Model):
    """A visit of the plan that will not be held, and why."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="skipped_visits")
    item = models.CharField(_("planned visit"), max_length=40)
    reason_code = models.CharField(_("reason"), max_length=20, choices=SkipReason.choices)
    note = models.CharField(_("note"), max_length=400, blank=True)
    skipped_by = models.CharField(max_length=120)
    skipped_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["journey", "item"],
                name="skipped_visit_once",
                violation_error_message=_("This visit is already left out."),
            )
        ]

    def __str__(self) -> str:
        return self.item


class DiseaseEvent(UuidModel):
    """Transplant or relapse after infusion, which change what the follow-up means."""

    class Kind(models.TextChoices):
        """Which of the two."""

        TRANSPLANT = "transplant", _("Stem-cell transplant")
        RELAPSE = "relapse", _("Relapse")

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="disease_events")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    happened_on = models.DateField(_("date"))
    conditioning_on = models.DateField(_("start of conditioning"), null=True, blank=True)
    detail = models.CharField(_("detail"), max_length=400, blank=True)
    event_id = models.BigIntegerField(null=True, unique=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("disease event")
        verbose_name_plural = _("disease events")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(conditioning_on__isnull=True)
                | models.Q(conditioning_on__lte=models.F("happened_on")),
                name="disease_event_conditioning_first",
                violation_error_message=_("Conditioning comes before the transplant."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.happened_on}"
