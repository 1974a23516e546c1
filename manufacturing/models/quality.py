"""Results of quality control, and what came after a release."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from manufacturing.models.orders import Batch, Order
from manufacturing.quality.words import Finding, SecondStageState
from patients.models import Journey


class QualityResult(UuidModel):
    """What quality control found of one parameter. Of several results of one parameter the latest counts.

    `parameter` is the id of the protocol's row of release. A number stands in `value`, in the row's unit; of
    a parameter in words `finding` says whether it conforms. Both empty: the test is not told yet, unknown.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="quality_results")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.PROTECT, related_name="quality_results")
    parameter = models.CharField(_("parameter"), max_length=80)
    value = models.FloatField(_("value"), null=True)
    finding = models.CharField(_("finding"), max_length=10, choices=Finding.choices, blank=True)
    certificate = models.CharField(_("certificate"), max_length=120, blank=True)
    method = models.CharField(_("method"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=120)
    recorded_at = models.DateTimeField(_("recorded"))
    event_id = models.BigIntegerField()
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("result of quality control")
        verbose_name_plural = _("results of quality control")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event_id", "parameter"], name="quality_result_once_per_event"),
            models.CheckConstraint(
                condition=models.Q(finding="") | models.Q(finding__in=Finding.values, value__isnull=True),
                name="quality_result_number_or_finding",
                violation_error_message=_("A parameter has a number or a finding, not both."),
            ),
        ]

    def __str__(self) -> str:
        return self.parameter


class SecondStage(models.Model):
    """What came after a batch's release: tests that were still out, its completion, or its withdrawal.

    `pending` is a list of {parameter, expected_on}: what was unknown when the product was released.
    """

    batch = models.OneToOneField(Batch, models.PROTECT, related_name="second_stage")
    journey = models.ForeignKey(Journey, models.PROTECT, related_name="+")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=SecondStageState.choices)
    pending = models.JSONField(_("still out"), default=list)
    reason = models.CharField(_("reason for the conditional release"), max_length=400, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    settled_by = models.CharField(_("settled by"), max_length=120, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True)
    recall_reason = models.CharField(_("reason of the withdrawal"), max_length=400, blank=True)
    what_to_do = models.CharField(_("what is to be done"), max_length=800, blank=True)
    was_given = models.BooleanField(_("given before"), null=True)

    class Meta:
        verbose_name = _("second stage of a release")
        verbose_name_plural = _("second stages of releases")
        constraints: ClassVar = [
            one_of("state", SecondStageState, name="second_stage_state_known"),
            models.CheckConstraint(
                condition=models.Q(state=SecondStageState.OPEN, settled_at__isnull=True)
                | (~models.Q(state=SecondStageState.OPEN) & models.Q(settled_at__isnull=False)),
                name="second_stage_settled_with_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=SecondStageState.RECALLED)
                | (~models.Q(recall_reason="") & ~models.Q(what_to_do="")),
                name="second_stage_recall_says_what_to_do",
                violation_error_message=_("A withdrawal says why, and what is to be done."),
            ),
        ]

    def __str__(self) -> str:
        return self.state
