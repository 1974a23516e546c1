"""Assessments, interventions, and a center's own wording of CAPD."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from patients.models import Journey
from toxicity.enums import Agent

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
        indexes: ClassVar = [models.Index(fields=["journey", "-assessed_at"], name="assessment_latest_idx")]

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


class Intervention(UuidModel):
    """Something given against toxicity, with the dose and the weight it was counted from."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="interventions")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    agent = models.CharField(_("agent"), max_length=20, choices=Agent.choices)
    given_at = models.DateTimeField(_("given"))
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    dose_mg = models.DecimalField(_("dose"), max_digits=8, decimal_places=1, null=True, blank=True)
    weight_kg = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, null=True, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    given_by = models.CharField(max_length=120)
    event_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("intervention")
        verbose_name_plural = _("interventions")
        constraints: ClassVar = [
            one_of("agent", Agent, name="intervention_agent_known"),
            models.CheckConstraint(
                condition=models.Q(stopped_at__isnull=True) | models.Q(stopped_at__gte=models.F("given_at")),
                name="intervention_stops_after_start",
                violation_error_message=_("An intervention can't stop before it starts."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "given_at"], name="intervention_order_idx")]

    def __str__(self) -> str:
        return f"{self.agent} {self.given_at:%Y-%m-%d %H:%M}"


class CapdWording(UuidModel):
    """One of the eight questions of CAPD in the words a center has a license for, in one language.

    The wording is copyright of Cornell University and never shipped. A row is never changed: another wording
    ends the old rows and adds new ones, so that it stays known what was asked, and who entered it.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    topic = models.PositiveSmallIntegerField(_("topic"))
    text = models.CharField(_("wording"), max_length=300)
    license_statement = models.CharField(_("license"), max_length=300)
    entered_by = models.CharField(_("entered by"), max_length=120)
    entered_at = models.DateTimeField(_("entered"))
    ended_by = models.CharField(_("ended by"), max_length=120, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("CAPD wording")
        verbose_name_plural = _("CAPD wordings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["center", "language", "topic"],
                condition=models.Q(ended_at__isnull=True),
                name="capd_wording_once",
                violation_error_message=_("There is a wording of this topic already."),
            ),
            models.CheckConstraint(
                condition=models.Q(topic__range=(1, 8)),
                name="capd_wording_topic_known",
                violation_error_message=_("CAPD has eight topics."),
            ),
            models.CheckConstraint(
                condition=~models.Q(text="") & ~models.Q(license_statement=""),
                name="capd_wording_is_licensed",
                violation_error_message=_("A wording needs its text and its license."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.center_id} {self.language} {self.topic}"
