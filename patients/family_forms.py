"""Forms about guardians and the hospital near home."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import YES, CodeField, YesNoUnknownField
from cartpath.core.fields import DayField
from patients.enums import GuardianRelation
from patients.inputs import GuardianDetails, HomeHospitalDetails
from patients.models import Guardian, HomeHospital

_GUARDIAN: Final = ("name", "relation", "has_custody", "from_on", "until_on", "note")


class GuardianForm(forms.Form):
    """Who decides for the child by law; a change of what is recorded asks why."""

    name = forms.CharField(label=_("Name"), max_length=120)
    relation = CodeField(GuardianRelation.choices, label=_("Relation"))
    has_custody = YesNoUnknownField(label=_("Has custody"))
    from_on = DayField(label=_("From"), required=False, help_text=_("Leave empty if it is since birth."))
    until_on = DayField(label=_("Until"), required=False, help_text=_("Leave empty while it goes on."))
    note = forms.CharField(
        label=_("Note"),
        max_length=400,
        required=False,
        help_text=_("For example the court and its decision."),
    )
    reason = forms.CharField(label=_("Reason for the change"), max_length=400)

    def __init__(self, *args: Any, known: Guardian | None = None, **kwargs: Any) -> None:
        """Start from what is recorded; a first record needs no reason."""
        if known is not None:
            custody = {True: YES, False: "no", None: None}[known.has_custody]
            kwargs["initial"] = {name: getattr(known, name) for name in _GUARDIAN} | {"has_custody": custody}
        super().__init__(*args, **kwargs)
        self.known = known
        if known is None:
            del self.fields["reason"]

    def details(self) -> GuardianDetails:
        """The guardian, for the service."""
        given = {name: self.cleaned_data[name] for name in _GUARDIAN}
        was = self.known.name if self.known and self.known.name != given["name"] else ""
        return GuardianDetails(**given, was=was)


class HomeHospitalForm(forms.Form):
    """The hospital near home, and what it does for us."""

    name = forms.CharField(label=_("Hospital"), max_length=160)
    physician = forms.CharField(label=_("Physician"), max_length=120, required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    fax = forms.CharField(label=_("Fax"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    does_blood_tests = forms.BooleanField(label=_("Takes blood tests"), required=False)
    gives_immunoglobulin = forms.BooleanField(label=_("Gives immunoglobulin"), required=False)
    gives_vaccines = forms.BooleanField(label=_("Gives vaccines"), required=False)
    other_tasks = forms.CharField(label=_("What else it does"), max_length=400, required=False)

    def __init__(self, *args: Any, known: HomeHospital | None, **kwargs: Any) -> None:
        """Start from what is recorded."""
        if known is not None:
            kwargs["initial"] = {name: getattr(known, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)

    def details(self) -> HomeHospitalDetails:
        """The hospital, for the service."""
        return HomeHospitalDetails(**self.cleaned_data)
