"""Forms about what is given: what a person types, turned into the services' inputs."""

from typing import Any, Final
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.core.clinical_fields import ButtonsField, CountField, MeasureField
from cartpath.core.fields import DayField, MomentField
from cartpath.core.forms import PastForm
from cartpath.core.said import said_text
from cartpath.core.widgets import ButtonChoice
from toxicity.crs_fields import DEVICES
from toxicity.enums import Agent, RateUnit, Route, Vasopressor
from toxicity.grading.crs import OxygenDevice
from toxicity.inputs import DosingWeightDetails, InterventionDetails
from toxicity.interventions.shape import missing, refused
from toxicity.models import Intervention

NOW_WHEN_EMPTY: Final = _("Empty means now.")
_FLOW: Final = RateUnit.LITERS.value
_UNITS: Final = [choice for choice in RateUnit.choices if choice[0] != _FLOW]
_DEVICES: Final = [choice for choice in DEVICES if choice[0] != OxygenDevice.NONE]
# Which of the form's fields belong to which agents; the others are neither shown nor read.
FIELDS_OF: Final[dict[str, tuple[str, ...]]] = {
    Agent.VASOPRESSOR: ("vasopressor", "pressor_rate", "rate_unit"),
    Agent.OXYGEN: ("device", "flow_l_min", "fio2_percent"),
    Agent.FLUID_BOLUS: ("volume_ml",),
    Agent.PLATELETS: ("volume_ml",),
}
_DOSED: Final = ("drug", "dose_mg", "every_hours", "route")


class InterventionForm(PastForm):
    """Something given against toxicity; nothing about a dose is filled in beforehand.

    `entry_id` is made when the page is made: a dose that is sent twice is kept once.
    """

    entry_id = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)
    agent = forms.ChoiceField(label=_("What was given"), choices=Agent.choices, widget=ButtonChoice)
    vasopressor = ButtonsField(Vasopressor.choices, label=_("Which one"))
    pressor_rate = MeasureField(label=_("Rate"), low=0.001, high=200, places=4, required=False)
    rate_unit = ButtonsField(_UNITS, label=_("Unit of the rate"))
    device = ButtonsField(_DEVICES, label=_("How oxygen is given"))
    flow_l_min = MeasureField(
        label=pgettext_lazy("oxygen", "Flow"), low=0.1, high=80, unit="L/min", places=1, required=False
    )
    fio2_percent = MeasureField(label="FiO₂", low=21, high=100, unit="%", places=0, required=False)
    volume_ml = MeasureField(label=_("Volume"), low=1, high=5000, unit="mL", places=0, required=False)
    drug = forms.CharField(label=_("Name of the drug"), max_length=60, required=False)
    dose_mg = MeasureField(label=_("Dose"), low=0.1, high=20_000, unit="mg", places=1, required=False)
    every_hours = CountField(
        label=_("Given again every"),
        low=1,
        high=168,
        unit="h",
        required=False,
        help_text=_("Leave empty for one dose."),
    )
    route = ButtonsField(Route.choices, label=_("Route"))
    at = MomentField(label=_("Given"), required=False, help_text=NOW_WHEN_EMPTY)
    stopped_at = MomentField(label=_("Stopped"), required=False)
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse what contradicts the agent or itself, beside its field."""
        super().clean()
        if "agent" not in self.cleaned_data or "at" not in self.cleaned_data:
            return self.cleaned_data
        given = self.details()
        for field, sentence in {**missing(given), **refused(given, at=self.moment())}.items():
            name = self._field_of(field, given.agent)
            if name not in self.errors:
                self.add_error(name, said_text(sentence))
        return self.cleaned_data

    def details(self) -> InterventionDetails:
        """The intervention, for the service; what belongs to another agent is left out."""
        given = self.cleaned_data
        agent = given["agent"]
        own = FIELDS_OF.get(agent, _DOSED)
        typed: dict[str, Any] = {name: given.get(name) for name in own}
        flow, rate, device = typed.get("flow_l_min"), typed.get("pressor_rate"), typed.get("device")
        rate_unit: Any = _FLOW if flow else typed.get("rate_unit") or ""
        return InterventionDetails(
            agent=agent,
            drug=typed.get("vasopressor") or (typed.get("drug") or "").strip(),
            dose_mg=typed.get("dose_mg"),
            volume_ml=typed.get("volume_ml"),
            rate=rate or flow,
            rate_unit=rate_unit,
            device=OxygenDevice(device) if device else None,
            fio2_percent=typed.get("fio2_percent"),
            every_hours=typed.get("every_hours"),
            route=typed.get("route") or "",
            stopped_at=given.get("stopped_at"),
            note=given.get("note", ""),
        )

    def _field_of(self, field: str, agent: str) -> str | None:
        """The form's own name of a detail; None stands above the form."""
        if agent == Agent.VASOPRESSOR:
            field = {"drug": "vasopressor", "rate": "pressor_rate"}.get(field, field)
        if agent == Agent.OXYGEN:
            field = {"rate": "flow_l_min"}.get(field, field)
        return field if field in self.fields else None


class CorrectionForm(InterventionForm):
    """The right details in the place of wrong ones, with the reason."""

    reason = forms.CharField(label=_("What was wrong"), max_length=400)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A correction can't be made twice: what it corrects is struck by the first."""
        super().__init__(*args, **kwargs)
        del self.fields["entry_id"]


class StopForm(PastForm):
    """A course ends."""

    at = MomentField(label=_("Stopped"), required=False, help_text=NOW_WHEN_EMPTY)
    reason = forms.CharField(label=_("Reason"), max_length=400, required=False)


class DosingWeightForm(PastForm):
    """The weight that every dose is counted from."""

    past_days = ("measured_on",)

    weight_kg = MeasureField(label=_("Dosing weight"), low=1, high=300, unit="kg", places=2)
    measured_on = DayField(label=_("Measured"), required=False)
    at = MomentField(label=_("Holds from"), required=False, help_text=NOW_WHEN_EMPTY)
    reason = forms.CharField(label=_("Reason"), max_length=400, required=False)

    def details(self) -> DosingWeightDetails:
        """The weight, for the service."""
        return DosingWeightDetails(
            weight_kg=self.cleaned_data["weight_kg"],
            measured_on=self.cleaned_data.get("measured_on"),
            reason=self.cleaned_data["reason"].strip(),
        )


def as_typed(row: Intervention) -> dict[str, Any]:
    """What stands in the form of a correction: everything as it was entered."""
    is_pressor, is_oxygen = row.agent == Agent.VASOPRESSOR, row.agent == Agent.OXYGEN
    return {
        "agent": row.agent,
        "vasopressor": row.drug if is_pressor else None,
        "drug": "" if is_pressor else row.drug,
        "pressor_rate": row.rate if is_pressor else None,
        "flow_l_min": row.rate if is_oxygen else None,
        "rate_unit": row.rate_unit if is_pressor else None,
        "device": row.device or None,
        "fio2_percent": row.fio2_percent,
        "volume_ml": row.volume_ml,
        "dose_mg": row.dose_mg,
        "every_hours": row.every_hours,
        "route": row.route or None,
        "at": row.given_at,
        "stopped_at": row.stopped_at,
        "note": row.note,
    }
