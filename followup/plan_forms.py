"""Forms of arranged days."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.core.clinical_fields import CodeField
from cartpath.core.fields import DayField
from cartpath.core.widgets import ClockInput
from followup.arranging import Arrangement
from followup.enums import UnplanReason
from followup.pictures import VisitPicture


class ArrangeForm(forms.Form):
    """A day told to the family, for visits that are held together."""

    planned_on = DayField(label=gettext_lazy("Day"))
    starts_at = forms.TimeField(label=gettext_lazy("Time"), widget=ClockInput, required=False)
    items = forms.MultipleChoiceField(
        label=gettext_lazy("Visits held on this day"), widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=400, required=False)

    def __init__(self, *args: Any, awaited: Sequence[VisitPicture], today: date, **kwargs: Any) -> None:
        """Offer the visits that are still awaited; a day that has passed can't be told to anybody."""
        super().__init__(*args, **kwargs)
        self.today = today
        expected = [each.planned.expected for each in awaited]
        self.fields["items"].choices = [(each.item, _(each.label)) for each in expected]  # type: ignore[attr-defined]

    def clean_planned_on(self) -> date:
        """A day that is still to come, today included."""
        day: date = self.cleaned_data["planned_on"]
        if day < self.today:
            raise forms.ValidationError(_("Give a day that is still to come."))
        return day

    def details(self) -> Arrangement:
        """The day, for the service."""
        starts_at: time | None = self.cleaned_data["starts_at"]
        return Arrangement(
            items=tuple(self.cleaned_data["items"]),
            planned_on=self.cleaned_data["planned_on"],
            starts_at=starts_at.strftime("%H:%M") if starts_at else None,
            note=self.cleaned_data["note"],
        )


class UnarrangeForm(forms.Form):
    """An arranged day no longer holds."""

    reason_code = CodeField(UnplanReason.choices, label=gettext_lazy("Reason"))
    note = forms.CharField(label=gettext_lazy("Note"), max_length=400, required=False)
