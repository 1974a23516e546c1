"""The form that says what a code of the center's own laboratory means."""

from datetime import datetime
from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from toxicity.laboratory.catalog import CATALOG
from toxicity.laboratory.enums import AnalyteGroup
from toxicity.laboratory.forms import unit_text
from toxicity.laboratory.own_codes import lab_code_keep
from toxicity.models import LabCode

_ANALYTES: Final = (
    ("", _("Choose")),
    *(
        (group.label, [(code, kind.label) for code, kind in CATALOG.items() if kind.group == group])
        for group in AnalyteGroup
    ),
)
# Every unit an analyte can be given in; whether it fits the one chosen is checked when it's kept.
_UNITS: Final = (
    ("", _("As it is written")),
    *(
        (unit, unit_text(unit) or _("no unit"))
        for unit in sorted({unit for kind in CATALOG.values() for unit in kind.units}, key=str.lower)
    ),
)


class LabCodeForm(forms.Form):
    """A code or name as the laboratory writes it, the analyte, and the unit that is meant."""

    name = forms.CharField(label=_("Code or name"), max_length=60)
    written_unit = forms.CharField(
        label=_("Unit as written"),
        max_length=30,
        required=False,
        help_text=_("Empty: for every unit, and for values without one."),
    )
    analyte = forms.ChoiceField(label=_("Analyte"), choices=_ANALYTES)
    unit = forms.ChoiceField(label=_("Unit that is meant"), choices=_UNITS, required=False)

    def offered_for(self, name: str, written_unit: str) -> "LabCodeForm":
        """The same form for a code that stands on the page already; only its meaning is asked."""
        for field, value in (("name", name), ("written_unit", written_unit)):
            self.fields[field].initial = value
            self.fields[field].widget = forms.HiddenInput()
        return self

    def keep(self, center: Center, *, by: Actor, at: datetime) -> LabCode:
        """Keep what was said; see the service."""
        given = self.cleaned_data
        return lab_code_keep(
            center=center,
            name=given["name"],
            written_unit=given["written_unit"],
            analyte=given["analyte"],
            unit=given["unit"],
            by=by,
            at=at,
        )
