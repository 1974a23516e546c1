"""Forms of the immune system."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import ButtonsField, CodeField, CountField, MeasureField
from cartpath.core.fields import DayField
from cartpath.core.forms import PastForm
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import FollowUp
from followup.immune.enums import DrugPurpose, Route, SampleOrigin, VaccineResponse
from followup.immune.inputs import (
    CourseDetails,
    CourseEnd,
    ImmunoglobulinDetails,
    SampleDetails,
    VaccinationDetails,
)


def _note() -> forms.CharField:
    return forms.CharField(
        label=_("Note"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


def _measure(label: Any, unit: str, high: float, places: int = 1) -> MeasureField:
    return MeasureField(label=label, low=0, high=high, unit=unit, places=places, required=False)


class SampleForm(PastForm):
    """A blood sample between visits. What was not measured stays empty."""

    past_days: ClassVar = ("taken_on",)

    taken_on = DayField(label=_("Taken"))
    origin = ButtonsField(SampleOrigin.choices, label=_("Taken by"), required=True)
    b_cells_per_ul = _measure(_("CD19+ B cells"), "/µL", 50_000, 2)
    b_cells_percent = _measure(_("CD19+ B cells, share of lymphocytes"), "%", 100, 2)
    igg_mg_dl = _measure("IgG", "mg/dL", 10_000)
    iga_mg_dl = _measure("IgA", "mg/dL", 10_000)
    igm_mg_dl = _measure("IgM", "mg/dL", 10_000)
    cd4_per_ul = _measure(_("CD4+ T cells"), "/µL", 50_000)
    cd4_percent = _measure(_("CD4+ T cells, share of lymphocytes"), "%", 100)
    cd3_per_ul = _measure(_("CD3+ T cells"), "/µL", 50_000)
    cd8_per_ul = _measure(_("CD8+ T cells"), "/µL", 50_000)
    nk_per_ul = _measure(_("NK cells"), "/µL", 50_000)
    anc_per_ul = _measure(_("Neutrophils"), "/µL", 200_000, 0)
    vaccine_response = ButtonsField(
        VaccineResponse.choices,
        label=_("Response to vaccines"),
        help_text=_("As the antibodies after a vaccine show it."),
    )
    list_complete = forms.BooleanField(
        label=_("The list is complete up to this day"),
        required=False,
        help_text=_(
            "Drugs, immunoglobulin, transplants and infections on record are all there were. "
            "Without this, what isn't on the list stays unknown."
        ),
    )
    note = _note()

    def __init__(self, *args: Any, follow_up: FollowUp, **kwargs: Any) -> None:
        """Leave B cells out where the product doesn't act on them."""
        super().__init__(*args, **kwargs)
        if follow_up.b_cell_aplasia is None:
            del self.fields["b_cells_per_ul"], self.fields["b_cells_percent"]

    def details(self) -> SampleDetails:
        """The sample, for the service."""
        return SampleDetails(**self.cleaned_data)


class CourseForm(PastForm):
    """A drug that is given from a day on."""

    past_days: ClassVar = ("started_on",)

    group = CodeField(DrugPurpose.choices, label=_("Given for"))
    drug = forms.CharField(label=_("Drug"), max_length=120)
    started_on = DayField(label=_("From"), required=False, help_text=_("Leave empty when nobody knows."))
    note = _note()

    def details(self) -> CourseDetails:
        """The drug, for the service."""
        return CourseDetails(**self.cleaned_data)


class CourseEndForm(PastForm):
    """The last day of a drug."""

    past_days: ClassVar = ("stopped_on",)

    stopped_on = DayField(label=_("Last given"))
    reason = forms.CharField(label=_("Reason"), max_length=400)

    def details(self) -> CourseEnd:
        """The end, for the service."""
        return CourseEnd(**self.cleaned_data)


class ImmunoglobulinForm(PastForm):
    """One dose of immunoglobulin."""

    past_days: ClassVar = ("given_on",)

    given_on = DayField(label=_("Given"))
    route = ButtonsField(Route.choices, label=_("Route"), required=True)
    dose_g = MeasureField(label=_("Dose"), low=0.01, high=200, unit="g", places=2)
    note = _note()

    def details(self) -> ImmunoglobulinDetails:
        """The dose, for the service."""
        return ImmunoglobulinDetails(**self.cleaned_data)


class VaccinationForm(PastForm):
    """One dose of a vaccine."""

    past_days: ClassVar = ("given_on",)

    vaccine = CodeField([], label=_("Vaccine"))
    given_on = DayField(label=_("Given"))
    dose_number = CountField(label=_("Dose number"), low=1, high=20, required=False)
    lot = forms.CharField(label=_("Lot"), max_length=60, required=False)
    place = forms.CharField(label=_("Where"), max_length=120, required=False)
    override_reason = forms.CharField(
        label=_("Reason, against the rules"),
        max_length=400,
        required=False,
        help_text=_("Asked for when a live vaccine was given although the rules don't allow it."),
    )
    note = _note()

    def __init__(self, *args: Any, follow_up: FollowUp, on: date, **kwargs: Any) -> None:
        """Offer the vaccines of the protocol in force on a day."""
        super().__init__(*args, **kwargs)
        rows = in_force(follow_up.immune.vaccines, on)
        choices = [("", _("Choose…")), *((row.vaccine, _t(row.label)) for row in rows)]
        self.fields["vaccine"].choices = choices  # type: ignore[attr-defined]

    def details(self) -> VaccinationDetails:
        """The dose, for the service."""
        return VaccinationDetails(**self.cleaned_data)
