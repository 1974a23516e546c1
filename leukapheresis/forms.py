"""Forms of the leukapheresis room: what a person types, turned into the services' inputs."""

from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.clinical_fields import CodeField
from cartpath.core.fields import DayField, MomentField
from cartpath.core.forms import PastForm
from cartpath.core.widgets import ClockInput
from leukapheresis.enums import CancelReason, ResourceKind
from leukapheresis.models import Resource

LONGEST_RUN: Final = timedelta(days=366)


class CancelForm(forms.Form):
    """Give a slot back."""

    reason_code = CodeField(CancelReason.choices, label=_("Reason"))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)


class CompleteForm(PastForm):
    """Close the collection; going on without a met target needs a reason."""

    completed_at = MomentField(label=_("Completed"), required=False, help_text=_("Empty means now."))
    reason = forms.CharField(
        label=_("Why the cells are used all the same"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, target_met: bool, **kwargs: Any) -> None:
        """No reason is asked for when the target is met."""
        super().__init__(*args, **kwargs)
        if target_met:
            del self.fields["reason"]


class SlotsForm(forms.Form):
    """Open one slot a day on a machine for a run of days."""

    machine = forms.ModelChoiceField(
        queryset=Resource.objects.none(), label=_("Machine"), empty_label=_("Choose…")
    )
    first_on = DayField(label=_("First day"))
    last_on = DayField(label=_("Last day"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"), choices=list(WEEKDAYS.items()), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    start = forms.TimeField(label=_("From"), widget=ClockInput)
    end = forms.TimeField(label=_("To"), widget=ClockInput)

    def __init__(self, *args: Any, center: Center, **kwargs: Any) -> None:
        """Offer the machines in use of one center."""
        super().__init__(*args, **kwargs)
        machines = Resource.objects.filter(center=center, kind=ResourceKind.MACHINE, is_active=True).order_by(
            "name"
        )
        self.fields["machine"].queryset = machines  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The run must end after it begins, within a year."""
        super().clean()
        first, last = self.cleaned_data.get("first_on"), self.cleaned_data.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", _("The last day can't lie before the first."))
        elif first and last and last - first > LONGEST_RUN:
            self.add_error("last_on", _("Open at most one year at a time."))
        return self.cleaned_data

    def days(self) -> list[date]:
        """Every day of the run on the chosen weekdays."""
        first: date = self.cleaned_data["first_on"]
        run = (self.cleaned_data["last_on"] - first).days + 1
        days = (first + timedelta(days=number) for number in range(run))
        return [day for day in days if day.weekday() in self.cleaned_data["weekdays"]]
