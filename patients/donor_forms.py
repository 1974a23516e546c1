"""Forms about the donor: what a person types, turned into the services' inputs."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import ButtonsField, CodeField, CountField, MeasureField
from cartpath.core.fields import DayField
from cartpath.core.forms import PastForm
from cartpath.core.widgets import ButtonChoice
from patients.donor import Donor
from patients.enums import DonorRelation, SerologyResult, Sex
from patients.forms import or_unknown
from patients.inputs import DonorDetails


class DonorForm(PastForm):
    """Who gives the cells. What isn't known stays empty and is unknown."""

    past_days: ClassVar = ("birth_date", "measured_on", "hbv_on", "hcv_on", "hiv_on", "markers_on")

    local_id = forms.CharField(label=_("Donor number"), max_length=40)
    family_name = forms.CharField(label=_("Donor's family name"), max_length=120)
    given_name = forms.CharField(label=_("Donor's given name"), max_length=120)
    birth_date = DayField(label=_("Donor's birth date"))
    sex = forms.ChoiceField(label=_("Donor's sex"), choices=Sex.choices, widget=ButtonChoice)
    relation = CodeField(DonorRelation.choices, label=_("Relation to the child"))
    hla_matched = CountField(label=_("HLA alleles matched"), low=0, high=24, required=False)
    hla_typed = CountField(label=_("HLA alleles compared"), low=1, high=24, required=False)
    hla_note = forms.CharField(label=_("HLA in words"), max_length=200, required=False)
    weight_kg = MeasureField(
        label=_("Donor's weight"), low=0.3, high=300, unit="kg", places=2, required=False
    )
    height_cm = MeasureField(label=_("Donor's height"), low=20, high=250, unit="cm", places=1, required=False)
    measured_on = DayField(label=_("Measured"), required=False)
    hbv = ButtonsField(or_unknown(SerologyResult.choices), label="HBV")
    hbv_on = DayField(label=_("HBV, day of the sample"), required=False)
    hcv = ButtonsField(or_unknown(SerologyResult.choices), label="HCV")
    hcv_on = DayField(label=_("HCV, day of the sample"), required=False)
    hiv = ButtonsField(or_unknown(SerologyResult.choices), label="HIV")
    hiv_on = DayField(label=_("HIV, day of the sample"), required=False)
    markers_on = DayField(
        label=_("Infectious disease markers drawn on the collection day"),
        required=False,
        help_text=_("Leave empty until the donor was collected."),
    )
    reason = forms.CharField(label=_("Reason for the change"), max_length=400, required=False)

    person = ("local_id", "family_name", "given_name", "birth_date", "sex", "relation")
    match = ("hla_matched", "hla_typed", "hla_note")
    size = ("weight_kg", "height_cm", "measured_on")
    serology = ("hbv", "hbv_on", "hcv", "hcv_on", "hiv", "hiv_on", "markers_on")

    def __init__(self, *args: Any, known: Donor | None, **kwargs: Any) -> None:
        """Start from what is recorded; a first record needs no reason."""
        if known is not None:
            kwargs["initial"] = {name: _shown(known, name) for name in _fields()}
        super().__init__(*args, **kwargs)
        if known is None:
            del self.fields["reason"]
        else:
            self.fields["reason"].required = True

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields under their headings."""
        titles = [
            (_("The donor, not the child"), self.person),
            (_("HLA match with the child"), self.match),
            (_("The donor's size"), self.size),
            (_("The donor's infections"), self.serology),
        ]
        if "reason" in self.fields:
            titles.append((_("This change"), ("reason",)))
        return [(title, [self[name] for name in names]) for title, names in titles]

    def details(self) -> DonorDetails:
        """The donor, for the service."""
        return DonorDetails(**{name: self.cleaned_data[name] for name in _fields()})


def _fields() -> list[str]:
    return list(DonorDetails.__dataclass_fields__)


def _shown(donor: Donor, name: str) -> object:
    value = getattr(donor, name)
    return None if value == "" else value
