"""Form of the plan of lymphodepletion."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.core.clinical_fields import MeasureField
from cartpath.core.fields import DayField
from cartpath.core.forms import PastForm
from cartpath.protocols.sections import Regimen
from infusion.depletion.inputs import OwnDose, PlanDetails
from infusion.rules.depletion_days import counts_back

_OWN: Final = "own_"


class PlanForm(PastForm):
    """Regimen, days, and what differs from the rule."""

    past_days: ClassVar = ("clearance_on",)

    regimen = forms.ChoiceField(label=gettext_lazy("Regimen"))
    starts_on = DayField(
        label=gettext_lazy("First day of lymphodepletion"),
        help_text=gettext_lazy("Empty for a regimen that counts its days back from the infusion."),
        required=False,
    )
    infusion_on = DayField(label=gettext_lazy("Infusion planned on"))
    is_repeat = forms.BooleanField(label=gettext_lazy("This is a repeated lymphodepletion"), required=False)
    clearance_ml_min = MeasureField(
        label=gettext_lazy("Creatinine clearance"), low=0, high=400, unit="mL/min", places=1, required=False
    )
    clearance_on = DayField(label=gettext_lazy("Clearance of"), required=False)
    flu_auc = MeasureField(
        label=gettext_lazy("Fludarabine exposure, if measured"),
        low=0,
        high=200,
        unit="mg·h/L",
        places=1,
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason for other doses"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, regimens: Sequence[Regimen], **kwargs: Any) -> None:
        """Offer the regimens in force, and a dose of one's own for each of their drugs."""
        super().__init__(*args, **kwargs)
        self.fields["regimen"].choices = [(row.id, _(row.label)) for row in regimens]  # type: ignore[attr-defined]
        if regimens and all(counts_back(row) for row in regimens):
            del self.fields["starts_on"]
        self.drugs = list(dict.fromkeys(drug.drug for row in regimens for drug in row.drugs))
        for number, drug in enumerate(self.drugs):
            self.fields[f"{_OWN}{number}"] = MeasureField(
                label=_("%(drug)s a day, other than the rule") % {"drug": _(drug).capitalize()},
                help_text=_("Leave empty for the dose by the rule."),
                low=0.1,
                high=20_000,
                unit="mg",
                places=1,
                required=False,
            )
        self.order_fields(
            [
                *("regimen", "starts_on", "infusion_on", "is_repeat"),
                *("clearance_ml_min", "clearance_on", "flu_auc"),
                *(f"{_OWN}{number}" for number in range(len(self.drugs))),
                "reason",
            ]
        )

    def details(self) -> PlanDetails:
        """The plan, for the service."""
        given = self.cleaned_data
        own = [
            OwnDose(drug=drug, mg=given[f"{_OWN}{number}"])
            for number, drug in enumerate(self.drugs)
            if given[f"{_OWN}{number}"] is not None
        ]
        return PlanDetails(
            regimen=given["regimen"],
            infusion_on=given["infusion_on"],
            starts_on=given.get("starts_on"),
            own=tuple(own),
            reason=given["reason"],
            clearance_ml_min=given["clearance_ml_min"],
            clearance_on=given["clearance_on"],
            flu_auc=given["flu_auc"],
            is_repeat=given["is_repeat"],
        )
