"""Forms of the follow-up room: what a person types, turned into the services' inputs."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import ButtonsField, CodeField, MeasureField
from cartpath.core.fields import DayField
from cartpath.core.forms import PastForm
from cartpath.protocols.schema import FollowUp
from followup.enums import MrdMethod, MrdResult, Response, SkipReason
from followup.inputs import VisitDetails

# Which examinations of the protocol each group of fields belongs to.
MRD: Final = frozenset({"assess_marrow_mrd", "assess_ngs_mrd"})
B_CELLS: Final = frozenset({"assess_b_cells"})
IMMUNOGLOBULIN: Final = frozenset({"assess_immunoglobulins"})
B_CELL_FIELDS: Final = ("b_cells_per_ul", "b_cells_percent")

SENSITIVITIES: Final = (("0.001", "10⁻³"), ("0.0001", "10⁻⁴"), ("0.00001", "10⁻⁵"), ("0.000001", "10⁻⁶"))


class VisitForm(PastForm):
    """What a visit found. Fields that the protocol does not ask for at this visit stand apart."""

    past_days: ClassVar = ("visited_on", "last_immunoglobulin_on")

    visited_on = DayField(label=_("Visited"))
    response = ButtonsField(Response.choices, label=_("Response"))
    mrd_result = ButtonsField(MrdResult.choices, label=_("MRD"))
    mrd_method = ButtonsField(MrdMethod.choices, label=_("MRD method"))
    mrd_sensitivity = ButtonsField(SENSITIVITIES, label=_("MRD sensitivity"), coerce=float)
    b_cells_per_ul = MeasureField(
        label=_("CD19+ B cells"), low=0, high=50_000, unit="/µL", places=2, required=False
    )
    b_cells_percent = MeasureField(
        label=_("CD19+ B cells, share of lymphocytes"), low=0, high=100, unit="%", places=2, required=False
    )
    igg_mg_dl = MeasureField(label="IgG", low=0, high=10_000, unit="mg/dL", places=1, required=False)
    last_immunoglobulin_on = DayField(
        label=_("Last immunoglobulin given"),
        required=False,
        help_text=_("An IgG soon after immunoglobulin is not the child's own."),
    )
    note = forms.CharField(
        label=_("Note"), max_length=800, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    groups = (
        (MRD, ("mrd_result", "mrd_method", "mrd_sensitivity")),
        (B_CELLS, B_CELL_FIELDS),
        (IMMUNOGLOBULIN, ("igg_mg_dl", "last_immunoglobulin_on")),
    )

    def __init__(self, *args: Any, item: str, on: date, follow_up: FollowUp, **kwargs: Any) -> None:
        """Learn from the protocol what is examined at this visit, and whether B cells matter at all."""
        super().__init__(*args, **kwargs)
        self.item = item
        if follow_up.b_cell_aplasia is None:
            for name in B_CELL_FIELDS:
                del self.fields[name]
        self.asked = {row.id for row, _is_due in follow_up.assessments_at(item, on)}

    def clean(self) -> dict[str, Any]:
        """A result names its method, and a method its result."""
        super().clean()
        given = self.cleaned_data
        if given.get("mrd_result") and not given.get("mrd_method"):
            self.add_error("mrd_method", _("An MRD result needs its method."))
        if not given.get("mrd_result") and (given.get("mrd_method") or given.get("mrd_sensitivity")):
            self.add_error("mrd_result", _("Give the result, or leave the method open."))
        visited_on: date | None = given.get("visited_on")
        replaced_on: date | None = given.get("last_immunoglobulin_on")
        if visited_on and replaced_on and replaced_on > visited_on:
            self.add_error("last_immunoglobulin_on", _("This lies after the visit."))
        return given

    @property
    def asked_fields(self) -> list[forms.BoundField]:
        """The findings the protocol asks for at this visit."""
        asked = [names for tests, names in self.groups if tests & self.asked]
        return [self[name] for names in asked for name in self._kept(names)]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        """Findings that may be known all the same."""
        rest = [names for tests, names in self.groups if not tests & self.asked]
        return [self[name] for names in rest for name in self._kept(names)]

    def _kept(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if name in self.fields]

    def details(self) -> VisitDetails:
        """The visit, for the service."""
        return VisitDetails(item=self.item, **self.cleaned_data)


class SkipForm(forms.Form):
    """A visit is left out, with a reason code."""

    reason_code = CodeField(SkipReason.choices, label=_("Reason"))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)


class StrikeForm(forms.Form):
    """A visit was entered in error."""

    reason = forms.CharField(label=_("What was wrong"), max_length=400)


class DiseaseEventForm(PastForm):
    """A transplant or a relapse on a day."""

    past_days: ClassVar = ("happened_on",)

    happened_on = DayField(label=_("Day"))
    detail = forms.CharField(label=_("Detail"), max_length=400, required=False)
