"""Forms of the follow-up room: what a person types, turned into the services' inputs."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import CodeField
from cartpath.core.fields import DayField
from cartpath.core.forms import PastForm
from followup.enums import SkipReason


class SkipForm(forms.Form):
    """A visit is left out, with a reason code."""

    reason_code = CodeField(SkipReason.choices, label=_("Reason"))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)


class DiseaseEventForm(PastForm):
    """A transplant or a relapse on a day."""

    past_days: ClassVar[tuple[str, ...]] = ("happened_on",)

    happened_on = DayField(label=_("Day"))
    detail = forms.CharField(label=_("Detail"), max_length=400, required=False)


class TransplantForm(DiseaseEventForm):
    """A transplant; from the start of its conditioning B cells tell nothing about the CAR T cells."""

    past_days: ClassVar[tuple[str, ...]] = ("happened_on", "conditioning_on")

    conditioning_on = DayField(
        label=_("Start of conditioning"),
        required=False,
        help_text=_("From this day on B-cell aplasia is no longer followed."),
    )
    field_order = ("happened_on", "conditioning_on", "detail")
