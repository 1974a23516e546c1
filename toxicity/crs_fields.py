"""What is seen of cytokine release syndrome: nothing is prefilled, unknown stays unknown."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.core.clinical_fields import ButtonsField, MeasureField, YesNoUnknownField
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice

NO_VASOPRESSOR: Final = "none"
VASOPRESSORS: Final = (
    (NO_VASOPRESSOR, _("No vasopressor")),
    ("norepinephrine", _("Norepinephrine")),
    ("epinephrine", _("Epinephrine")),
    ("dopamine", _("Dopamine")),
    ("vasopressin", _("Vasopressin")),
    ("phenylephrine", _("Phenylephrine")),
    ("milrinone", _("Milrinone")),
    ("dobutamine", _("Dobutamine")),
)
DEVICES: Final = (
    (OxygenDevice.NONE.value, _("Room air")),
    (OxygenDevice.NASAL_CANNULA.value, _("Nasal cannula")),
    (OxygenDevice.HIGH_FLOW_NASAL_CANNULA.value, _("High-flow cannula")),
    (OxygenDevice.BLOW_BY.value, _("Blow-by")),
    (OxygenDevice.FACE_MASK.value, _("Face mask")),
    (OxygenDevice.NON_REBREATHER.value, _("Non-rebreather")),
    (OxygenDevice.VENTURI.value, _("Venturi mask")),
    (OxygenDevice.CPAP.value, "CPAP"),
    (OxygenDevice.BIPAP.value, "BiPAP"),
    (OxygenDevice.MECHANICAL_VENTILATION.value, _("Ventilator")),
)


class CrsFields(forms.Form):
    """Temperature, blood pressure and oxygen at one time."""

    temperature_c = MeasureField(label=_("Temperature"), low=25, high=45, unit="°C", places=1, required=False)
    fever_other_cause = forms.BooleanField(label=_("The fever has another cause"), required=False)
    modifier_given = forms.BooleanField(
        label=_("Antipyretic, anti-cytokine or steroid given since onset"), required=False
    )
    hypotension = YesNoUnknownField(label=_("Hypotension"))
    vasopressors = forms.MultipleChoiceField(
        label=_("Vasopressors running now"),
        choices=VASOPRESSORS,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "buttons"}),
    )
    oxygen_device = ButtonsField(DEVICES, label=_("Oxygen"))
    oxygen_flow_l_min = MeasureField(
        label=pgettext_lazy("oxygen", "Flow"), low=0, high=100, unit="L/min", places=1, required=False
    )
    oxygen_for_comfort = forms.BooleanField(label=_("For comfort only, without a deficit"), required=False)
    oxygen_baseline_support = forms.BooleanField(
        label=_("The usual support at home, unchanged"), required=False
    )
    death_from_crs = forms.BooleanField(label=_("Death from CRS"), required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse answers that contradict each other."""
        given = super().clean() or self.cleaned_data
        agents = given.get("vasopressors") or []
        if NO_VASOPRESSOR in agents and len(agents) > 1:
            self.add_error("vasopressors", _("Choose “no vasopressor” or the agents, not both."))
        if given.get("oxygen_device") == OxygenDevice.NONE and given.get("oxygen_flow_l_min"):
            self.add_error("oxygen_flow_l_min", _("There is no flow on room air."))
        if given.get("oxygen_device") is None and given.get("oxygen_flow_l_min") is not None:
            self.add_error("oxygen_device", _("Say how the oxygen is given."))
        return given

    def crs(self) -> CrsInput | None:
        """What was entered; None when nothing was: CRS is not assessed then."""
        given = self.cleaned_data
        entered = CrsInput(
            temperature_c=given.get("temperature_c"),
            fever_other_cause=given.get("fever_other_cause", False),
            modifier_given=given.get("modifier_given", False),
            hypotension=given.get("hypotension"),
            vasopressors=self._vasopressors(),
            oxygen=self._oxygen(),
            death_from_crs=given.get("death_from_crs", False),
        )
        return None if entered == CrsInput() else entered

    def _vasopressors(self) -> tuple[str, ...] | None:
        agents = self.cleaned_data.get("vasopressors")
        if not agents:
            return None
        return tuple(agent for agent in agents if agent != NO_VASOPRESSOR)

    def _oxygen(self) -> Oxygen | None:
        given = self.cleaned_data
        device = given.get("oxygen_device")
        if device is None:
            return None
        return Oxygen(
            device=OxygenDevice(device),
            flow_l_min=given.get("oxygen_flow_l_min"),
            for_comfort=given.get("oxygen_for_comfort", False),
            baseline_support=given.get("oxygen_baseline_support", False),
        )
