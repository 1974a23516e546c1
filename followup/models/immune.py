"""Samples between visits, drugs, immunoglobulin and vaccines."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from followup.immune.enums import DrugPurpose, Route, SampleOrigin, VaccineResponse, VaccineWindow
from patients.models import Journey


class Recorded(UuidModel):
    """What each of these tables has: whose it is, who recorded it with which event, whether it was struck."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="+")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    note = models.CharField(_("note"), max_length=400, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=120)
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        abstract = True


class ImmuneSample(Recorded):
    """A blood sample between visits. What was not measured is unknown (NULL).

    `list_complete` says that on this day somebody confirmed the child's list of drugs, immunoglobulin,
    transplants and infections to be complete.
    """

    taken_on = models.DateField(_("taken"))
    origin = models.CharField(_("taken by"), max_length=10, choices=SampleOrigin.choices)
    b_cells_per_ul = models.FloatField(_("CD19+ B cells"), null=True, blank=True)
    b_cells_percent = models.FloatField(_("CD19+ B cells, share of lymphocytes"), null=True, blank=True)
    cd3_per_ul = models.FloatField(_("CD3+ T cells"), null=True, blank=True)
    cd4_per_ul = models.FloatField(_("CD4+ T cells"), null=True, blank=True)
    cd4_percent = models.FloatField(_("CD4+ T cells, share of lymphocytes"), null=True, blank=True)
    cd8_per_ul = models.FloatField(_("CD8+ T cells"), null=True, blank=True)
    nk_per_ul = models.FloatField(_("NK cells"), null=True, blank=True)
    anc_per_ul = models.FloatField(_("neutrophils"), null=True, blank=True)
    igg_mg_dl = models.FloatField("IgG", null=True, blank=True)
    iga_mg_dl = models.FloatField("IgA", null=True, blank=True)
    igm_mg_dl = models.FloatField("IgM", null=True, blank=True)
    vaccine_response = models.CharField(
        _("response to vaccines"), max_length=10, choices=VaccineResponse.choices, blank=True
    )
    list_complete = models.BooleanField(_("list complete"), default=False)

    class Meta:
        verbose_name = _("blood sample")
        verbose_name_plural = _("blood samples")
        constraints: ClassVar = [
            one_of("origin", SampleOrigin, name="immune_sample_origin_known"),
            models.CheckConstraint(
                condition=models.Q(b_cells_percent__isnull=True) | models.Q(b_cells_percent__range=(0, 100)),
                name="immune_sample_b_cells_possible",
                violation_error_message=_("A share lies between 0 and 100 %."),
            ),
            models.CheckConstraint(
                condition=models.Q(cd4_percent__isnull=True) | models.Q(cd4_percent__range=(0, 100)),
                name="immune_sample_cd4_possible",
                violation_error_message=_("A share lies between 0 and 100 %."),
            ),
            models.CheckConstraint(
                condition=models.Q(vaccine_response="")
                | models.Q(vaccine_response__in=list(VaccineResponse.values)),
                name="immune_sample_response_known",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "taken_on"], name="immune_sample_journey_idx")]

    def __str__(self) -> str:
        return f"{self.taken_on}"


class Course(Recorded):
    """A drug that rules ask about, from a day to a day; an open one is still given."""

    group = models.CharField(_("given for"), max_length=20, choices=DrugPurpose.choices)
    drug = models.CharField(_("drug"), max_length=120)
    started_on = models.DateField(_("from"), null=True, blank=True)
    stopped_on = models.DateField(_("last given"), null=True, blank=True)
    stop_reason = models.CharField(_("why it ended"), max_length=400, blank=True)
    stop_event_id = models.BigIntegerField(unique=True, null=True)

    class Meta:
        verbose_name = _("drug")
        verbose_name_plural = _("drugs")
        constraints: ClassVar = [
            one_of("group", DrugPurpose, name="course_group_known"),
            models.CheckConstraint(
                condition=models.Q(stopped_on__isnull=True)
                | models.Q(started_on__isnull=True)
                | models.Q(stopped_on__gte=models.F("started_on")),
                name="course_ends_after_it_began",
                violation_error_message=_("A drug can't end before it began."),
            ),
            models.CheckConstraint(
                condition=models.Q(stopped_on__isnull=True, stop_event_id__isnull=True)
                | models.Q(stopped_on__isnull=False, stop_event_id__isnull=False),
                name="course_end_has_event",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "group"], name="course_journey_idx")]

    def __str__(self) -> str:
        return self.drug


class Immunoglobulin(Recorded):
    """One dose of immunoglobulin, with the weight of a named day it was counted from."""

    given_on = models.DateField(_("given"))
    route = models.CharField(_("route"), max_length=4, choices=Route.choices)
    dose_g = models.DecimalField(_("dose"), max_digits=6, decimal_places=2)
    weight_kg = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, null=True)
    weighed_on = models.DateField(_("weighed"), null=True)

    class Meta:
        verbose_name = _("dose of immunoglobulin")
        verbose_name_plural = _("doses of immunoglobulin")
        constraints: ClassVar = [
            one_of("route", Route, name="immunoglobulin_route_known"),
            models.CheckConstraint(
                condition=models.Q(dose_g__gt=0, dose_g__lte=200),
                name="immunoglobulin_dose_possible",
                violation_error_message=_("Give a dose of up to 200 g."),
            ),
            models.CheckConstraint(
                condition=models.Q(weight_kg__isnull=True, weighed_on__isnull=True)
                | models.Q(weight_kg__isnull=False, weighed_on__isnull=False),
                name="immunoglobulin_weight_has_day",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "given_on"], name="immunoglobulin_journey_idx")]

    def __str__(self) -> str:
        return f"{self.given_on}"

    @property
    def g_per_kg(self) -> float | None:
        """Grams per kilogram of the named weight; None without a weight."""
        return None if self.weight_kg is None else float(self.dose_g / self.weight_kg)


class Vaccination(Recorded):
    """One dose of a vaccine.

    `window` is what the rules said of that day, `override_reason` why it was given all the same.
    """

    vaccine = models.CharField(_("vaccine"), max_length=40)
    given_on = models.DateField(_("given"))
    dose_number = models.PositiveSmallIntegerField(_("dose number"), null=True, blank=True)
    lot = models.CharField(_("lot"), max_length=60, blank=True)
    place = models.CharField(_("where"), max_length=120, blank=True)
    window = models.CharField(_("by the rules"), max_length=10, choices=VaccineWindow.choices)
    override_reason = models.CharField(_("why all the same"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("vaccination")
        verbose_name_plural = _("vaccinations")
        constraints: ClassVar = [
            one_of("window", VaccineWindow, name="vaccination_window_known"),
            models.UniqueConstraint(
                fields=["journey", "vaccine", "given_on"],
                condition=models.Q(struck_at__isnull=True),
                name="vaccination_once_a_day",
                violation_error_message=_("This vaccine is already recorded on that day."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "given_on"], name="vaccination_journey_idx")]

    def __str__(self) -> str:
        return f"{self.vaccine} {self.given_on}"
