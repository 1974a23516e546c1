"""Forms of the infusion room: what a person types, turned into the services' inputs."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.core.clinical_fields import CellsField, MeasureField
from cartpath.core.fields import MomentField
from cartpath.core.forms import PastForm
from cartpath.core.widgets import ButtonChoice
from infusion.enums import ChecklistVerdict
from infusion.inputs import ChecklistAnswer, DoseGiven, InfusionDetails
from infusion.signature import second_signature

NOW_WHEN_EMPTY = _("Leave empty for now.")


class DoseForm(PastForm):
    """One drug of lymphodepletion as given."""

    drug = forms.ChoiceField(label=_("Drug"), widget=ButtonChoice)
    dose_mg = MeasureField(label=_("Dose given"), low=0.1, high=20_000, unit="mg", places=1, required=False)
    at = MomentField(label=_("Given"), required=False, help_text=NOW_WHEN_EMPTY)

    def __init__(self, *args: Any, drugs: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the drugs of the protocol."""
        super().__init__(*args, **kwargs)
        self.fields["drug"].choices = drugs  # type: ignore[attr-defined]

    def details(self) -> DoseGiven:
        """The dose, for the service."""
        return DoseGiven(drug=self.cleaned_data["drug"], dose_mg=self.cleaned_data["dose_mg"])


class WaiverForm(forms.Form):
    """A physician's decision to go without lymphodepletion."""

    reason = forms.CharField(label=_("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}))


class ChecklistForm(forms.Form):
    """A verdict on one item of the checklist, pressed beside it."""

    verdict = forms.ChoiceField(label=_("Verdict"), choices=ChecklistVerdict.choices)
    reason = forms.CharField(label=_("Reason"), max_length=400, required=False)

    def details(self, item: str) -> ChecklistAnswer:
        """The verdict, for the service."""
        return ChecklistAnswer(item=item, **self.cleaned_data)


class IdentityForm(forms.Form):
    """The second person signs with their own password."""

    compared = forms.BooleanField(
        label=_(
            "We have both compared name, birth date, MRN and identifiers on wristband, bag and certificate"
        ),
        error_messages={"required": _("Compare them at the bedside first.")},
    )
    second = forms.EmailField(
        label=_("Second person's e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        label=_("Second person's password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    person: User

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """The request is needed to count wrong guesses."""
        super().__init__(*args, **kwargs)
        self.request = request

    def clean(self) -> dict[str, Any]:
        """Find the second person by address and password, once everything else is right."""
        super().clean()
        if not self.errors:
            given = self.cleaned_data
            try:
                self.person = second_signature(
                    self.request, email=given["second"], password=given["password"]
                )
            except ValidationError as refusal:
                self.add_error("password", refusal)
        return self.cleaned_data


class ThawForm(PastForm):
    """The thaw begins."""

    at = MomentField(label=_("Thaw started"), required=False, help_text=NOW_WHEN_EMPTY)


class InfusionForm(PastForm):
    """The infusion as given."""

    started_at = MomentField(label=_("Infusion started"))
    ended_at = MomentField(label=_("Infusion ended"), required=False)
    dose_cells = CellsField(
        label=_("CAR-positive viable cells given"),
        exponent=6,
        low=0.01,
        high=10_000,
        places=3,
        required=False,
    )
    override_reason = forms.CharField(
        label=_("Reason for a dose outside the rule"),
        help_text=_("Needed when the dose is outside the range, or not known."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        """An infusion ends after it starts."""
        super().clean()
        started, ended = self.cleaned_data.get("started_at"), self.cleaned_data.get("ended_at")
        if started and ended and ended < started:
            self.add_error("ended_at", _("The end must lie after the start."))
        return self.cleaned_data

    def details(self) -> InfusionDetails:
        """The infusion, for the service."""
        given = self.cleaned_data
        return InfusionDetails(
            dose_cells=given["dose_cells"],
            ended_at=given["ended_at"],
            override_reason=given["override_reason"],
        )
