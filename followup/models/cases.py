"""A new malignancy as an open case, with the steps it asks for."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.models import UuidModel, one_of
from followup.finding_enums import (
    CaseOutcome,
    MalignancyKind,
    MalignancyStep,
    SampleSent,
    StepState,
    TransgeneResult,
)
from patients.models import Journey


class MalignancyCase(UuidModel):
    """A new malignancy that is suspected or found; `number` counts within the journey, from 1."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="malignancy_cases")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=20, choices=MalignancyKind.choices)
    suspected_on = models.DateField(_("suspected since"))
    diagnosed_on = models.DateField(_("diagnosed"), null=True, blank=True)
    description = models.CharField(_("description"), max_length=400)
    opened_by = models.CharField(_("opened by"), max_length=120)
    opened_at = models.DateTimeField(_("opened"))
    event_id = models.BigIntegerField(unique=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=CaseOutcome.choices, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.CharField(_("closed by"), max_length=120, blank=True)
    closing_note = models.CharField(_("closing note"), max_length=800, blank=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("case of a new malignancy")
        verbose_name_plural = _("cases of a new malignancy")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey", "number"], name="malignancy_case_number_once"),
            one_of("kind", MalignancyKind, name="malignancy_case_kind_known"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, outcome="")
                | models.Q(closed_at__isnull=False, outcome__in=CaseOutcome.values),
                name="malignancy_case_closed_with_outcome",
                violation_error_message=_("A closed case has an outcome, an open one has none."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["center", "suspected_on"],
                condition=models.Q(closed_at__isnull=True, struck_at__isnull=True),
                name="malignancy_case_open_idx",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.suspected_on}"

    @property
    def is_open(self) -> bool:
        """Neither closed nor entered in error."""
        return self.closed_at is None and self.struck_at is None


class CaseStep(models.Model):
    """One step of a case, done or said not to be needed. Its latest record stands; the ledger keeps all."""

    case = models.ForeignKey(MalignancyCase, models.PROTECT, related_name="steps")
    step = models.CharField(_("step"), max_length=30, choices=MalignancyStep.choices)
    state = models.CharField(_("state"), max_length=12, choices=StepState.choices)
    done_on = models.DateField(_("day"))
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    sample = models.CharField(_("sample"), max_length=10, choices=SampleSent.choices, blank=True)
    result = models.CharField(_("result"), max_length=15, choices=TransgeneResult.choices, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=120)
    event_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("step of a case")
        verbose_name_plural = _("steps of a case")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "step"], name="case_step_once"),
            one_of("step", MalignancyStep, name="case_step_known"),
            one_of("state", StepState, name="case_step_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state=StepState.NOT_NEEDED) | ~models.Q(note=""),
                name="case_step_not_needed_for_a_reason",
                violation_error_message=_("Say why the step isn't needed."),
            ),
            models.CheckConstraint(
                condition=~models.Q(step=MalignancyStep.TRANSGENE_RESULT, state=StepState.DONE)
                | models.Q(result__in=TransgeneResult.values),
                name="case_step_transgene_has_result",
                violation_error_message=_("Give the result of the transgene test."),
            ),
        ]

    def __str__(self) -> str:
        return self.step
