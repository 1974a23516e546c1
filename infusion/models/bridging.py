"""Bridging therapy, and the plan of lymphodepletion."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, json_kind, one_of
from infusion.bridging.words import BridgingClass, BridgingResponse, Complication, StagingMethod
from patients.models import Journey


class BridgingCourse(UuidModel):
    """One course of therapy between collection and lymphodepletion. An unknown answer is NULL or empty.

    `number` counts the courses of a journey: ledger events name a course by it. `is_cardiotoxic` asks for
    another examination of the heart. What the marrow showed is a finding of its own.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="bridging_courses")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    bridging_class = models.CharField(_("class"), max_length=30, choices=BridgingClass.choices)
    regimen = models.CharField(_("drugs and doses"), max_length=400)
    with_intrathecal = models.BooleanField(_("with intrathecal chemotherapy"), null=True)
    is_cardiotoxic = models.BooleanField(_("toxic to the heart"), null=True)
    started_on = models.DateField(_("first day"))
    started_by = models.CharField(_("recorded by"), max_length=120)
    event_id = models.BigIntegerField(unique=True)
    ended_on = models.DateField(_("last day"), null=True)
    response = models.CharField(_("response"), max_length=20, choices=BridgingResponse.choices, blank=True)
    complications = ArrayField(
        models.CharField(max_length=20, choices=Complication.choices),
        verbose_name=_("complications"),
        null=True,
    )
    complication_note = models.CharField(_("about the complications"), max_length=400, blank=True)
    staged_on = models.DateField(_("staged again on"), null=True)
    staging = models.CharField(
        _("how it was staged"), max_length=20, choices=StagingMethod.choices, blank=True
    )
    end_note = models.CharField(_("note"), max_length=400, blank=True)
    ended_by = models.CharField(max_length=120, blank=True)
    end_event_id = models.BigIntegerField(unique=True, null=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("bridging course")
        verbose_name_plural = _("bridging courses")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey", "number"], name="bridging_number_once"),
            one_of("bridging_class", BridgingClass, name="bridging_class_known"),
            models.CheckConstraint(
                condition=models.Q(response="") | models.Q(response__in=BridgingResponse.values),
                name="bridging_response_known",
            ),
            models.CheckConstraint(
                condition=models.Q(staging="") | models.Q(staging__in=StagingMethod.values),
                name="bridging_staging_known",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True) | models.Q(ended_on__gte=models.F("started_on")),
                name="bridging_ends_after_start",
                violation_error_message=_("The last day can't lie before the first."),
            ),
            models.CheckConstraint(
                condition=models.Q(complications__isnull=True)
                | models.Q(complications__contained_by=list(Complication.values)),
                name="bridging_complications_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bridging_class} {self.started_on}"

    @property
    def complication_words(self) -> list[str]:
        """The complications as people call them; empty also while nobody looked."""
        return [str(Complication(each).label) for each in self.complications or []]


class LymphodepletionPlan(UuidModel):
    """The doses of lymphodepletion as a clinician planned them; the latest that isn't struck holds.

    `doses` is a list of {drug, on, rule_mg, mg}: one drug on one day, the rule's figure and what was planned.
    Weight and height are those of the named days. `clearance_ml_min` and `flu_auc` (mg·h/L) are NULL while
    unknown.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="lymphodepletion_plans")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    regimen = models.CharField(_("regimen"), max_length=60)
    infusion_on = models.DateField(_("infusion planned on"))
    weight_kg = models.DecimalField(_("weight"), max_digits=5, decimal_places=2)
    weighed_on = models.DateField(_("weighed on"))
    height_cm = models.DecimalField(_("height"), max_digits=5, decimal_places=1)
    measured_on = models.DateField(_("height measured on"))
    body_surface_m2 = models.DecimalField(_("body surface"), max_digits=5, decimal_places=4)
    clearance_ml_min = models.DecimalField(
        _("creatinine clearance"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    clearance_on = models.DateField(_("clearance of"), null=True, blank=True)
    flu_auc = models.DecimalField(
        _("fludarabine exposure"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    doses = models.JSONField[list[dict[str, Any]]](_("doses"))
    reason = models.CharField(_("reason for other doses"), max_length=400, blank=True)
    is_repeat = models.BooleanField(_("repeated lymphodepletion"), default=False)
    planned_at = models.DateTimeField(_("planned"))
    planned_by = models.CharField(_("planned by"), max_length=120)
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("plan of lymphodepletion")
        verbose_name_plural = _("plans of lymphodepletion")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Exact(json_kind("doses"), models.Value("array")),
                name="lymphodepletion_plan_doses_a_list",
            ),
            models.CheckConstraint(
                condition=models.Q(body_surface_m2__gt=0), name="lymphodepletion_plan_surface_positive"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "-event_id"], name="lymphodepletion_plan_idx")]

    def __str__(self) -> str:
        return f"{self.regimen} {self.infusion_on}"
