"""Forms of the toxicity room: what a person types, turned into the services' inputs."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import ButtonsField
from cartpath.core.fields import MomentField
from cartpath.core.forms import PastForm
from toxicity.crs_fields import CrsFields
from toxicity.icans_fields import IcansFields
from toxicity.inputs import AssessmentDetails

NOW_WHEN_EMPTY = _("Empty means now.")
GRADES: Final = [(grade, grade) for grade in range(6)]
SIGNATURE: Final = ("crs_confirmed_grade", "icans_confirmed_grade", "override_reason")


class AssessmentForm(CrsFields, IcansFields, PastForm):
    """CRS, ICANS or both at one time. Only somebody who may sign is asked to confirm a grade."""

    at = MomentField(label=_("Assessed"), required=False, help_text=NOW_WHEN_EMPTY)
    note = forms.CharField(label=_("Note"), max_length=400, required=False)
    crs_confirmed_grade = ButtonsField(GRADES, label=_("CRS grade you confirm"), coerce=int)
    icans_confirmed_grade = ButtonsField(GRADES, label=_("ICANS grade you confirm"), coerce=int)
    override_reason = forms.CharField(
        label=_("Reason for another grade than the rule's"), max_length=400, required=False
    )

    def __init__(self, *args: Any, may_sign: bool, **kwargs: Any) -> None:
        """Without the right to sign, there are no such fields and nothing of them is read."""
        super().__init__(*args, **kwargs)
        if not may_sign:
            for name in SIGNATURE:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """A confirmed grade needs an assessment on its scale."""
        given = super().clean()
        for scale, entered in (("crs", self.crs), ("icans", self.icans)):
            name = f"{scale}_confirmed_grade"
            if given.get(name) is not None and entered() is None:
                self.add_error(name, _("Assess this scale before you confirm its grade."))
        return given

    def details(self) -> AssessmentDetails:
        """The assessment, for the service."""
        given = self.cleaned_data
        return AssessmentDetails(
            crs=self.crs(),
            icans=self.icans(),
            crs_confirmed_grade=given.get("crs_confirmed_grade"),
            icans_confirmed_grade=given.get("icans_confirmed_grade"),
            override_reason=given.get("override_reason", ""),
            note=given["note"],
        )


class SignForm(forms.Form):
    """A clinician's grade on one scale, under the one that the rule gave."""

    grade = ButtonsField(GRADES, coerce=int, required=True)
    reason = forms.CharField(
        label=_("Reason for another grade than the rule's"), max_length=400, required=False
    )

    def __init__(self, *args: Any, scale: str, **kwargs: Any) -> None:
        """Say which scale is signed."""
        super().__init__(*args, **kwargs)
        labels = {"crs": _("CRS grade you confirm"), "icans": _("ICANS grade you confirm")}
        self.fields["grade"].label = labels[scale]


class EndForm(PastForm):
    """Acute monitoring ends."""

    at = MomentField(label=_("Ended"), required=False, help_text=NOW_WHEN_EMPTY)
    note = forms.CharField(
        label=_("Note"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
