"""Forms of infections between visits and of the case of a new malignancy."""

from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import ButtonsField, CodeField
from cartpath.core.fields import DayField
from cartpath.core.forms import PastForm
from followup.finding_enums import CaseOutcome, MalignancyStep, SampleSent, StepState, TransgeneResult
from followup.inputs import CaseEnd, CaseStepDetails, InfectionDetails, SuspicionDetails
from followup.visit_forms import infection_fields, infection_of, suspicion_fields

_ONLY_FOR: Final = {
    "sample": MalignancyStep.SAMPLE_SENT.value,
    "result": MalignancyStep.TRANSGENE_RESULT.value,
}


class InfectionForm(PastForm):
    """An infection told between visits."""

    past_days: ClassVar = ("began_on", "ended_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The same fields as a row of a visit's form."""
        super().__init__(*args, **kwargs)
        self.fields |= infection_fields(is_required=True)

    def details(self) -> InfectionDetails:
        """The infection, for the service."""
        return infection_of(self.cleaned_data)


class SuspicionForm(PastForm):
    """A new malignancy is suspected or was found."""

    past_days: ClassVar = ("suspected_on", "diagnosed_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The same fields as in a visit's form."""
        super().__init__(*args, **kwargs)
        fields = suspicion_fields(is_required=True)
        fields["suspected_on"] = fields.pop("on")
        self.fields |= fields
        self.order_fields(("kind", "suspected_on", "diagnosed_on", "description"))

    def details(self) -> SuspicionDetails:
        """The suspicion, for the service."""
        return SuspicionDetails(**self.cleaned_data)


class StepForm(PastForm):
    """A step of a case was done, or isn't needed."""

    past_days: ClassVar = ("done_on",)

    state = ButtonsField(StepState.choices, label=_("Step"), required=True)
    done_on = DayField(label=_("Day"))
    sample = ButtonsField(SampleSent.choices, label=_("Sample"))
    result = ButtonsField(TransgeneResult.choices, label=_("CAR transgene"))
    reference = forms.CharField(
        label=_("Reference"),
        max_length=120,
        required=False,
        help_text=_("Number of the report, the shipment or the record."),
    )
    note = forms.CharField(
        label=_("Note, or why it isn't needed"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, case: int, step: str, **kwargs: Any) -> None:
        """Ask for the sample and the result where the step has them."""
        super().__init__(*args, **kwargs)
        self.case, self.step = case, step
        for name, only in _ONLY_FOR.items():
            if step != only:
                del self.fields[name]

    def details(self) -> CaseStepDetails:
        """The step, for the service."""
        given = self.cleaned_data
        return CaseStepDetails(case=self.case, step=self.step, **given)  # type: ignore[arg-type]


class CaseEndForm(forms.Form):
    """How a case ended."""

    outcome = CodeField(CaseOutcome.choices, label=_("Outcome"))
    note = forms.CharField(
        label=_("Note"), max_length=800, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def details(self, case: int) -> CaseEnd:
        """The end, for the service."""
        return CaseEnd(case=case, **self.cleaned_data)
