"""Laboratory values, and what a clinician concluded about hyperinflammation."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from patients.models import Journey
from toxicity.laboratory.catalog import AnalyteCode
from toxicity.laboratory.enums import Comparator, HyperinflammationDecision, LabSource


class LabSet(UuidModel):
    """The values of one specimen, as they came in together.

    `order` is the laboratory's own number, empty when there is none. A set is never changed: a correction
    strikes it and records another.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="lab_sets")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(_("taken"))
    source = models.CharField(_("source"), max_length=10, choices=LabSource.choices)
    order = models.CharField(_("laboratory number"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=120)
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("laboratory set")
        verbose_name_plural = _("laboratory sets")
        constraints: ClassVar = [one_of("source", LabSource, name="lab_set_source_known")]
        indexes: ClassVar = [models.Index(fields=["journey", "-taken_at"], name="lab_set_latest_idx")]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.taken_at:%Y-%m-%d %H:%M}"


class LabValue(models.Model):
    """One value of a set, in the unit of the catalog, with the limits of normal that the laboratory gave.

    `given` and `given_unit` are what was reported. Journey, time and strike are those of the set, so that
    PostgreSQL itself refuses a second value of one specimen.
    """

    lab_set = models.ForeignKey(LabSet, models.PROTECT, related_name="values")
    journey = models.ForeignKey(Journey, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    analyte = models.CharField(_("analyte"), max_length=30, choices=AnalyteCode.choices)
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=4)
    comparator = models.CharField(max_length=1, choices=Comparator.choices, blank=True)
    low = models.DecimalField(_("lower limit"), max_digits=14, decimal_places=4, null=True)
    high = models.DecimalField(_("upper limit"), max_digits=14, decimal_places=4, null=True)
    given = models.CharField(max_length=40)
    given_unit = models.CharField(max_length=20)
    struck = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("laboratory value")
        verbose_name_plural = _("laboratory values")
        constraints: ClassVar = [
            one_of("analyte", AnalyteCode, name="lab_value_analyte_known"),
            one_of("comparator", Comparator, name="lab_value_comparator_known"),
            models.CheckConstraint(
                condition=models.Q(value__gte=0),
                name="lab_value_not_negative",
                violation_error_message=_("A value can't be below zero."),
            ),
            models.UniqueConstraint(
                fields=["journey", "analyte", "taken_at"],
                condition=models.Q(struck=False),
                name="lab_value_once",
                violation_error_message=_("There is a value of this specimen already."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["journey", "taken_at"], name="lab_value_order_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.analyte} {self.comparator}{self.value}"


class HyperinflammationReview(UuidModel):
    """A clinician considered IEC-HS: what the checklist said then, and what was concluded.

    `answer` is the rule's whole answer with its inputs. There is no score: the grade is the clinician's own.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="hyperinflammation_reviews")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    considered_at = models.DateTimeField(_("considered"))
    decision = models.CharField(_("decision"), max_length=10, choices=HyperinflammationDecision.choices)
    grade = models.PositiveSmallIntegerField(_("grade"), null=True)
    answer = models.JSONField()
    note = models.CharField(_("note"), max_length=400, blank=True)
    considered_by = models.CharField(_("considered by"), max_length=120)
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("review of hyperinflammation")
        verbose_name_plural = _("reviews of hyperinflammation")
        constraints: ClassVar = [
            one_of("decision", HyperinflammationDecision, name="hyperinflammation_decision_known"),
            models.CheckConstraint(
                condition=models.Q(grade__isnull=True)
                | models.Q(grade__range=(1, 5), decision=HyperinflammationDecision.PRESENT),
                name="hyperinflammation_grade_possible",
                violation_error_message=_("Only IEC-HS that is present has a grade, from 1 to 5."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["journey", "-considered_at"], name="hyperinflammation_latest_idx")
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.considered_at:%Y-%m-%d %H:%M}"
