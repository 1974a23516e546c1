"""What was given against toxicity."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from patients.models import Journey
from toxicity.enums import COURSES, Agent, RateUnit, Route
from toxicity.grading.crs import OxygenDevice


def _one_of_or_empty(field: str, values: list[str], *, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": ["", *values]}),
        name=name,
        violation_error_message=_("Not one of the known values."),
    )


def _above_zero(field: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__isnull": True}) | models.Q(**{f"{field}__gt": 0}),
        name=f"intervention_{field}_above_zero",
        violation_error_message=_("Must be more than zero."),
    )


class Intervention(UuidModel):
    """Something given against toxicity: one dose, or a course from `given_at` until `stopped_at`.

    `weight_kg` is the weight that doses were counted from then; `weight_from` says which: the dosing weight
    of the admission, or the last one measured. `drug` is the name where the agent is a group. A rate has its
    unit in UCUM. What was entered in error stays, with `struck_at`; unknown is NULL or "".
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="interventions")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    agent = models.CharField(_("agent"), max_length=20, choices=Agent.choices)
    drug = models.CharField(_("drug"), max_length=60, blank=True)
    given_at = models.DateTimeField(_("given"))
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    dose_mg = models.DecimalField(_("dose"), max_digits=8, decimal_places=1, null=True, blank=True)
    volume_ml = models.DecimalField(_("volume"), max_digits=7, decimal_places=1, null=True, blank=True)
    rate = models.DecimalField(_("rate"), max_digits=9, decimal_places=4, null=True, blank=True)
    rate_unit = models.CharField(_("unit of the rate"), max_length=12, choices=RateUnit.choices, blank=True)
    device = models.CharField(_("oxygen device"), max_length=30, blank=True)
    fio2_percent = models.DecimalField("FiO₂", max_digits=4, decimal_places=1, null=True, blank=True)
    every_hours = models.PositiveSmallIntegerField(_("every"), null=True, blank=True)
    route = models.CharField(_("route"), max_length=20, choices=Route.choices, blank=True)
    weight_kg = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, null=True, blank=True)
    weight_from = models.CharField(_("origin of the weight"), max_length=20, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    given_by = models.CharField(max_length=120)
    event_id = models.BigIntegerField(unique=True)
    stopped_by = models.CharField(max_length=120, blank=True)
    stop_event_id = models.BigIntegerField(unique=True, null=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("intervention")
        verbose_name_plural = _("interventions")
        constraints: ClassVar = [
            one_of("agent", Agent, name="intervention_agent_known"),
            _one_of_or_empty("route", Route.values, name="intervention_route_known"),
            _one_of_or_empty(
                "device", [device.value for device in OxygenDevice], name="intervention_device_known"
            ),
            models.CheckConstraint(
                condition=models.Q(stopped_at__isnull=True) | models.Q(stopped_at__gte=models.F("given_at")),
                name="intervention_stops_after_start",
                violation_error_message=_("An intervention can't stop before it starts."),
            ),
            models.CheckConstraint(
                condition=models.Q(rate__isnull=True, rate_unit="")
                | models.Q(rate__isnull=False, rate__gt=0, rate_unit__in=RateUnit.values),
                name="intervention_rate_has_its_unit",
                violation_error_message=_("A rate needs its unit."),
            ),
            models.CheckConstraint(
                condition=models.Q(fio2_percent__isnull=True) | models.Q(fio2_percent__range=(21, 100)),
                name="intervention_fio2_possible",
                violation_error_message=_("FiO₂ lies between 21 % and 100 %."),
            ),
            _above_zero("dose_mg"),
            _above_zero("volume_ml"),
            _above_zero("every_hours"),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "given_at"], name="intervention_order_idx")]

    def __str__(self) -> str:
        return f"{self.agent} {self.given_at:%Y-%m-%d %H:%M}"

    @property
    def is_course(self) -> bool:
        """Whether it goes on from its start until somebody stops it."""
        return self.agent in COURSES or self.every_hours is not None

    @property
    def is_open(self) -> bool:
        """Whether it is a course that nobody has stopped."""
        return self.is_course and self.stopped_at is None and self.struck_at is None

    def runs(self, at: datetime) -> bool:
        """Whether it is a course that was going on at a time."""
        begun = self.is_course and self.struck_at is None and self.given_at <= at
        return begun and (self.stopped_at is None or at < self.stopped_at)
