"""Forms about quality: results, the second stage of a release, its withdrawal."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import ButtonsField, MeasureField
from cartpath.core.fields import DayField, MomentField
from cartpath.core.forms import PastForm
from manufacturing.inputs import PendingTest, QualityEntry, QualityReport, Recall, ReleaseTerms
from manufacturing.quality.selectors import ParameterLine, Specification
from manufacturing.quality.words import Finding

NOW_WHEN_EMPTY = _("Empty means now.")
# Results may be far beyond any limit; nothing measured is larger than this.
LARGEST = 10**12


def _result_field(line: ParameterLine) -> forms.Field:
    each = line.parameter
    label = _(each.label)
    if each.limit is None:
        return ButtonsField(Finding.choices, label=label)
    return MeasureField(
        label=label, low=0, high=LARGEST, unit=each.unit, required=False, help_text=line.limit_text
    )


class QualityForm(PastForm):
    """Results as a certificate tells them; what it doesn't tell stays empty and is unknown."""

    certificate = forms.CharField(label=_("Certificate"), max_length=120, required=False)
    at = MomentField(label=_("Told"), required=False, help_text=NOW_WHEN_EMPTY)
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def __init__(self, *args: Any, specification: Specification, **kwargs: Any) -> None:
        """One field for each parameter of the specification in force."""
        super().__init__(*args, **kwargs)
        self.parameters = [line.parameter for line in specification.lines]
        own = {line.parameter.id: _result_field(line) for line in specification.lines}
        self.fields = {**own, **self.fields}

    def report(self) -> QualityReport:
        """What was told, for the service."""
        told = [(each, self.cleaned_data.get(each.id)) for each in self.parameters]
        return QualityReport(
            results=tuple(
                QualityEntry(parameter=each.id, finding=value)
                if each.limit is None
                else QualityEntry(parameter=each.id, value=value)
                for each, value in told
                if value is not None
            ),
            certificate=self.cleaned_data["certificate"],
            note=self.cleaned_data["note"],
        )


class ConditionalFields(forms.Form):
    """A release before all results are there. Nothing of it is offered when nothing is out."""

    conditional = forms.BooleanField(
        label=_("Release conditionally"),
        required=False,
        help_text=_("The results named as unknown come later; then the release is completed or withdrawn."),
    )
    expected_on = DayField(label=_("Results expected on"), required=False)
    reason = forms.CharField(label=_("Why it goes on before"), max_length=400, required=False)

    def offer(self, specification: Specification | None) -> None:
        """Keep the fields only while a result is unknown."""
        self.unknown = specification.judged.of("unknown") if specification else ()
        if not self.unknown:
            for name in ("conditional", "expected_on", "reason"):
                del self.fields[name]

    def terms(self) -> ReleaseTerms:
        """The terms of the release, for the service."""
        if not self.cleaned_data.get("conditional"):
            return ReleaseTerms()
        awaited = self.cleaned_data["expected_on"]
        return ReleaseTerms(
            pending=tuple(PendingTest(parameter=each.id, expected_on=awaited) for each in self.unknown),
            reason=self.cleaned_data["reason"],
        )


class CompletionForm(PastForm):
    """Every result is there and conforms."""

    note = forms.CharField(label=_("Note"), max_length=400, required=False)
    at = MomentField(label=_("Completed"), required=False, help_text=NOW_WHEN_EMPTY)


class RecallForm(PastForm):
    """A release is withdrawn: which parameter, why, and what is to be done."""

    parameter = forms.CharField(label=_("Parameter"), max_length=120)
    limit = forms.CharField(label=_("Limit"), max_length=120, required=False)
    value = forms.CharField(label=_("Value found"), max_length=120, required=False)
    risk_statement = forms.CharField(
        label=_("Manufacturer's risk statement"),
        max_length=800,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reason = forms.CharField(label=_("Why the release is withdrawn"), max_length=400)
    what_to_do = forms.CharField(
        label=_("What is to be done now"), max_length=800, widget=forms.Textarea(attrs={"rows": 3})
    )
    at = MomentField(label=_("Withdrawn"), required=False, help_text=NOW_WHEN_EMPTY)

    def details(self) -> Recall:
        """The withdrawal, for the service."""
        names = ("parameter", "limit", "value", "risk_statement", "reason", "what_to_do")
        return Recall(**{name: self.cleaned_data[name] for name in names})
