"""Forms of the manufacturing room: what a person types, turned into the services' inputs."""

from dataclasses import fields
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import CellsField, CodeField, CountField, MeasureField
from cartpath.core.fields import DayField, MomentField
from cartpath.core.forms import PastForm
from cartpath.core.widgets import ButtonChoice
from manufacturing.enums import Milestone, OutOfSpecificationDecision
from manufacturing.inputs import BatchDetails, Deviation, DeviationDecision, OrderDetails
from manufacturing.portals.forms import number_field, quota_reason_field, slot_field
from manufacturing.quality.forms import ConditionalFields
from manufacturing.quality.words import ConsentBy, ReferenceKind

NOW_WHEN_EMPTY = _("Empty means now.")


class OrderForm(PastForm):
    """An order as placed."""

    manufacturer_order_id = forms.CharField(
        label=_("Manufacturer's order number"), max_length=60, required=False
    )
    chain_of_identity = forms.CharField(
        label=_("Chain-of-identity identifier"),
        max_length=60,
        required=False,
        help_text=_("As the manufacturer's portal shows it. It is compared at the bedside."),
    )
    apheresis_id = number_field(_("Apheresis ID"))
    batch_number = number_field(_("Batch number"))
    slot_on = slot_field()
    slot_number = number_field(_("Slot number"))
    quota_reason = quota_reason_field()
    at = MomentField(label=_("Ordered"), required=False, help_text=NOW_WHEN_EMPTY)

    def details(self) -> OrderDetails:
        """The order, for the service."""
        return OrderDetails(**{name: value for name, value in self.cleaned_data.items() if name != "at"})


class MilestoneForm(PastForm):
    """A milestone the manufacturer reports; those recorded already are not offered."""

    milestone = CodeField(Milestone.choices, label=_("Milestone"))
    reached_at = MomentField(label=_("Reached"))
    expected_on = DayField(
        label=_("Was expected on"),
        required=False,
        help_text=_("The manufacturer's own date, if it gave one."),
    )
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def __init__(self, *args: Any, recorded: set[str], **kwargs: Any) -> None:
        """Offer what is still to come."""
        super().__init__(*args, **kwargs)
        choices = [(code, label) for code, label in Milestone.choices if code not in recorded]
        self.fields["milestone"].choices = [("", _("Choose…")), *choices]  # type: ignore[attr-defined]


class BatchFields(PastForm):
    """What was made, as the certificate says. What it does not say stays empty and is unknown."""

    lot = forms.CharField(label=_("Lot"), max_length=60, required=False)
    bags = CountField(label=_("Bags"), low=1, high=50, required=False)
    car_positive_viable_cells = CellsField(
        label=_("CAR-positive viable cells, all bags"),
        exponent=6,
        low=0.01,
        high=10_000,
        places=3,
        required=False,
    )
    viability_percent = MeasureField(
        label=_("Viability"), low=0, high=100, unit="%", places=1, required=False
    )
    expires_on = DayField(label=_("Expires"), required=False)
    certificate = forms.CharField(label=_("Certificate of release"), max_length=120, required=False)

    def batch(self) -> BatchDetails:
        """The batch, for the service."""
        names = [field.name for field in fields(BatchDetails)]
        return BatchDetails(**{name: self.cleaned_data[name] for name in names})


class ReleaseForm(ConditionalFields, BatchFields):
    """Quality releases the product, in one stage or two."""

    at = MomentField(label=_("Released"), required=False, help_text=NOW_WHEN_EMPTY)


class OutOfSpecificationForm(BatchFields):
    """The product missed its specification: which parameter, and what the manufacturer says."""

    parameter = forms.CharField(label=_("Parameter that missed its limit"), max_length=120)
    parameter_id = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)
    limit = forms.CharField(label=_("Limit"), max_length=120, required=False)
    value = forms.CharField(label=_("Value found"), max_length=120, required=False)
    risk_statement = forms.CharField(
        label=_("Manufacturer's risk statement"),
        max_length=800,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    at = MomentField(label=_("Reported"), required=False, help_text=NOW_WHEN_EMPTY)

    field_order = ("parameter", "limit", "value", "risk_statement")

    def deviation(self) -> Deviation:
        """The deviation, for the service."""
        names = ("parameter", "parameter_id", "limit", "value", "risk_statement")
        return Deviation(**{name: self.cleaned_data[name] for name in names})


class DecisionForm(PastForm):
    """What the physician decides about an out-of-specification product."""

    past_days: ClassVar = ("consent_on",)

    decision = forms.ChoiceField(
        label=_("Decision"), choices=OutOfSpecificationDecision.choices, widget=ButtonChoice
    )
    reason = forms.CharField(label=_("Reason"), max_length=800, widget=forms.Textarea(attrs={"rows": 3}))
    consent_on = DayField(
        label=_("Family's consent, day"), required=False, help_text=_("Needed to use the product.")
    )
    consent_by = CodeField(ConsentBy.choices, label=_("Who consented"), required=False)
    reference_kind = CodeField(ReferenceKind.choices, label=_("Permission by"), required=False)
    reference = forms.CharField(label=_("Program or regulator reference"), max_length=120, required=False)
    certificate = forms.CharField(label=_("Certificate of release"), max_length=120, required=False)

    def details(self) -> DeviationDecision:
        """The decision, for the service."""
        return DeviationDecision(**self.cleaned_data)


class FailureForm(PastForm):
    """Manufacturing failed: why, and which cells come next."""

    COLLECT_AGAIN = "collect_again"
    SAME_CELLS = "same_cells"

    reason = forms.CharField(
        label=_("What the manufacturer reports"), max_length=800, widget=forms.Textarea(attrs={"rows": 3})
    )
    next_cells = forms.ChoiceField(
        label=_("What comes next"),
        choices=[
            (COLLECT_AGAIN, _("Collect again")),
            (SAME_CELLS, _("Manufacture again from the cells collected")),
        ],
        widget=ButtonChoice,
    )
    at = MomentField(label=_("Reported"), required=False, help_text=NOW_WHEN_EMPTY)

    @property
    def collect_again(self) -> bool:
        """Whether the child is collected again."""
        return bool(self.cleaned_data["next_cells"] == self.COLLECT_AGAIN)


class ReceiptForm(PastForm):
    """The product has arrived."""

    at = MomentField(label=_("Received"), required=False, help_text=NOW_WHEN_EMPTY)
    note = forms.CharField(
        label=_("Note"), max_length=400, required=False, help_text=_("Shipper, temperature log, seals.")
    )
