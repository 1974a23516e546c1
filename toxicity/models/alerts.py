"""What must reach somebody."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from patients.models import Journey
from toxicity.enums import AlertAnswer, AlertEnd, AlertUrgency


class Alert(UuidModel):
    """A red flag of one child, from the moment a rule raised it.

    `case` names it in the ledger, `rule` is the row of the protocol. `degree` orders the states of one rule,
    more is worse; `because` holds codes and numbers. `evidence` is the row it was seen in, at `evidence_at`.
    An alert stands until `cleared_at`, acknowledged or not; `eased_at` is when the sign was last seen gone.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="alerts")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    case = models.CharField(max_length=80)
    rule = models.CharField(_("rule"), max_length=60)
    urgency = models.CharField(_("urgency"), max_length=12, choices=AlertUrgency.choices)
    degree = models.FloatField()
    because = models.JSONField()
    evidence = models.CharField(max_length=64)
    evidence_at = models.DateTimeField()
    raised_at = models.DateTimeField(_("raised"))
    event_id = models.BigIntegerField(unique=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    acknowledged_by = models.CharField(_("acknowledged by"), max_length=120, blank=True)
    answer = models.CharField(_("answer"), max_length=20, choices=AlertAnswer.choices, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    cleared_at = models.DateTimeField(_("cleared"), null=True)
    cleared_because = models.CharField(max_length=20, choices=AlertEnd.choices, blank=True)
    eased_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints: ClassVar = [
            one_of("urgency", AlertUrgency, name="alert_urgency_known"),
            models.UniqueConstraint(fields=["journey", "case"], name="alert_case_once"),
            models.UniqueConstraint(
                fields=["journey", "rule"],
                condition=models.Q(cleared_at__isnull=True),
                name="alert_stands_once",
                violation_error_message=_("This alert stands already."),
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(acknowledged_at__isnull=True, acknowledged_by="", answer="")
                    | models.Q(acknowledged_at__isnull=False, answer__in=list(AlertAnswer.values))
                    & ~models.Q(acknowledged_by="")
                ),
                name="alert_acknowledged_whole",
                violation_error_message=_("An acknowledgement has a name, a time and an answer."),
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(cleared_at__isnull=True, cleared_because="")
                    | models.Q(cleared_at__isnull=False, cleared_because__in=list(AlertEnd.values))
                ),
                name="alert_cleared_whole",
                violation_error_message=_("An alert that is cleared says why."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["journey"], condition=models.Q(cleared_at__isnull=True), name="alert_standing_idx"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.raised_at:%Y-%m-%d %H:%M}"
