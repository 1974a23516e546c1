"""Forms of the infusion room: what a person types, turned into the services' inputs."""

from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.core.clinical_fields import CellsField, MeasureField
from cartpath.core.fields import DayField, MomentField
from cartpath.core.forms import PastForm
from cartpath.core.widgets import ButtonChoice
from infusion.enums import ChecklistVerdict, Quantity
from infusion.inputs import ChecklistAnswer, DoseGiven, FindingDetails, InfusionDetails, PartDetails
from patients.second_person import SecondPerson

NOW_WHEN_EMPTY = _("Empty means now.")
LONGEST_DRUG_NAME = 60


def dose_field(label: Promise) -> CellsField:
    """A count of cells in millions, which may be unknown."""
    return CellsField(label=label, exponent=6, low=0.01, high=10_000, places=3, required=False)


class DoseForm(PastForm):
    """One drug of lymphodepletion as given."""

    drug = forms.ChoiceField(label=_("Drug"), widget=ButtonChoice)
    dose_mg = MeasureField(label=_("Dose given"), low=0.1, high=20_000, unit="mg", places=1, required=False)
    at = MomentField(label=_("Given"), required=False, help_text=NOW_WHEN_EMPTY)

    def __init__(self, *args: Any, drugs: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the drugs of the protocol; where it names none, the drug is written out."""
        super().__init__(*args, **kwargs)
        if drugs:
            self.fields["drug"].choices = drugs  # type: ignore[attr-defined]
        else:
            self.fields["drug"] = forms.CharField(label=_("Drug"), max_length=LONGEST_DRUG_NAME)

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


class IdentityForm(SecondPerson):
    """Two people compare child and product."""

    compared = forms.BooleanField(
        label=_(
            "We have both compared name, birth date, MRN and identifiers on wristband, bag and certificate"
        ),
        error_messages={"required": _("Compare them at the bedside first.")},
    )
    field_order = ("compared", "second", "password")


class ThawForm(PastForm):
    """The thaw begins."""

    at = MomentField(label=_("Thaw started"), required=False, help_text=NOW_WHEN_EMPTY)


class InfusionForm(PastForm):
    """The infusion as given."""

    started_at = MomentField(label=_("Infusion started"))
    ended_at = MomentField(label=_("Infusion ended"), required=False)
    dose_cells = dose_field(_("CAR-positive viable cells given"))
    total_cells = dose_field(_("Whole dose chosen, all parts together"))
    override_reason = forms.CharField(
        label=_("Reason for a dose outside the rule"),
        help_text=_("Needed when the dose is outside the range, or not known."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, asks_total: bool = False, **kwargs: Any) -> None:
        """Ask for the whole dose only where it's given in parts of a percentage."""
        super().__init__(*args, **kwargs)
        if not asks_total:
            del self.fields["total_cells"]

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
            total_cells=given.get("total_cells"),
        )


class PartForm(PastForm):
    """A further part of the dose as given."""

    started_at = MomentField(label=_("Infusion started"))
    ended_at = MomentField(label=_("Infusion ended"), required=False)
    dose_cells = dose_field(_("CAR-positive viable cells given"))
    override_reason = forms.CharField(
        label=_("Reason for a dose outside the rule"),
        help_text=_("Needed when the dose is not that of the part, or not known."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    gate_reason = forms.CharField(
        label=_("Reason to give this part against the gate"),
        help_text=_("A clinician's decision. Needed unless the gate allows the part."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, gate_allows: bool, **kwargs: Any) -> None:
        """Ask for a reason against the gate only where it doesn't allow the part."""
        super().__init__(*args, **kwargs)
        if gate_allows:
            del self.fields["gate_reason"]

    def clean(self) -> dict[str, Any]:
        """An infusion ends after it starts."""
        super().clean()
        started, ended = self.cleaned_data.get("started_at"), self.cleaned_data.get("ended_at")
        if started and ended and ended < started:
            self.add_error("ended_at", _("The end must lie after the start."))
        return self.cleaned_data

    def details(self, fraction: int) -> PartDetails:
        """The part, for the service."""
        given = self.cleaned_data
        return PartDetails(
            fraction=fraction,
            dose_cells=given["dose_cells"],
            ended_at=given["ended_at"],
            override_reason=given["override_reason"],
            gate_reason=given.get("gate_reason", ""),
        )

    @property
    def second_person(self) -> User | None:
        """Who agreed to go on against a stop; nobody was asked here."""
        return None


class StoppedPartForm(PartForm, SecondPerson):
    """A part that is given although the gate says stop: a second clinician signs, too."""

    field_order = (
        "started_at",
        "ended_at",
        "dose_cells",
        "override_reason",
        "gate_reason",
        "second",
        "password",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Both signatures belong to the decision."""
        super().__init__(*args, **kwargs)
        self.fields["second"].label = _("Second clinician's e-mail address")
        self.fields["password"].label = _("Second clinician's password")

    @property
    def second_person(self) -> User | None:
        """Who agreed to go on against a stop."""
        return self.person


class StopForm(forms.Form):
    """The decision to give no further part."""

    reason = forms.CharField(label=_("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}))


class FindingForm(PastForm):
    """White cells or marrow blasts of a day."""

    past_days: ClassVar = ("found_on",)

    quantity = forms.ChoiceField(label=_("What was measured"), choices=Quantity.choices, widget=ButtonChoice)
    value = MeasureField(label=_("Value"), low=0, high=1_000_000, places=2)
    found_on = DayField(label=_("Day of the sample"))

    def details(self) -> FindingDetails:
        """The finding, for the service."""
        return FindingDetails(**self.cleaned_data)
