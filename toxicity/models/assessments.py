"""Assessments."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel
from patients.models import Journey

_GRADES = (0, 5)


def _grade_possible(field: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__isnull": True}) | models.Q(**{f"{field}__range": _GRADES}),
        name=f"assessment_{field}_possible",
        violation_error_message=_("A grade lies between 0 and 5."),
    )


class Assessment(UuidModel):
    """What was seen at one time, the grades the rules give, and those a clinician confirmed.

    `crs` and `icans` hold the rule's whole answer with its inputs, scale and version; unknown is NULL.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="assessments")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    assessed_at = models.DateTimeField(_("assessed"))
    crs = models.JSONField(null=True)
    crs_grade = models.PositiveSmallIntegerField(_("CRS grade by the rule"), null=True)
    crs_confirmed_grade = models.PositiveSmallIntegerField(_("CRS grade confirmed"), null=True)
    icans = models.JSONField(null=True)
    icans_grade = models.PositiveSmallIntegerField(_("ICANS grade by the rule"), null=True)
    icans_confirmed_grade = models.PositiveSmallIntegerField(_("ICANS grade confirmed"), null=True)
    override_reason = models.CharField(_("override reason"), max_length=400, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    assessed_by = models.CharField(_("assessed by"), max_length=120)
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("toxicity assessment")
        verbose_name_plural = _("toxicity assessments")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(crs__isnull=False) | models.Q(icans__isnull=False),
                name="assessment_has_a_scale",
                violation_error_message=_("Assess CRS, ICANS, or both."),
            ),
            _grade_possible("crs_grade"),
            _grade_possible("crs_confirmed_grade"),
            _grade_possible("icans_grade"),
            _grade_possible("icans_confirmed_grade"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["journey", "-assessed_at"], name="assessment_latest_idx"),
            models.Index(
                fields=["journey", "assessed_at"],
                condition=models.Q(icans__inputs__developmental_delay=True),
                name="assessment_delay_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.assessed_at:%Y-%m-%d %H:%M}"

    @property
    def crs_final(self) -> int | None:
        """The confirmed CRS grade, else the rule's."""
        return self.crs_grade if self.crs_confirmed_grade is None else self.crs_confirmed_grade

    @property
    def icans_final(self) -> int | None:
        """The confirmed ICANS grade, else the rule's."""
        return self.icans_grade if self.icans_confirmed_grade is None else self.icans_confirmed_grade
