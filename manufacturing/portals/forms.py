"""Forms about orders and portals."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import CodeField, CountField
from cartpath.core.fields import DayField, MomentField
from cartpath.core.forms import PastForm
from cartpath.protocols.portal_rows import PortalPageName
from manufacturing.inputs import MilestoneDate, PortalPageTyped
from manufacturing.models import Batch, Order
from manufacturing.portals.selectors import PageLines
from manufacturing.portals.services import CHANGEABLE, IDENTITY, LOT, SLOT, TEXTS
from manufacturing.portals.words import ChangeCode, DelayCode

MOST_MINUTES = 600
MOST_SLOTS = 99
QUOTA_REASON = _("Only for a slot beyond the month's quota.")


def slot_field() -> DayField:
    """The day of the manufacturing slot."""
    return DayField(label=_("Manufacturing slot"), required=False)


def number_field(label: Any, **options: Any) -> forms.CharField:
    """A number or code as the manufacturer writes it."""
    return forms.CharField(label=label, max_length=60, required=False, **options)


def quota_reason_field() -> forms.CharField:
    """Why there is a slot although the month's quota is used up."""
    return forms.CharField(
        label=_("Reason beyond the quota"), max_length=400, required=False, help_text=QUOTA_REASON
    )


class OrderChangeForm(forms.Form):
    """What the manufacturer calls the order now, and why it changes."""

    manufacturer_order_id = number_field(_("Manufacturer's order number"))
    chain_of_identity = number_field(
        _("Chain-of-identity identifier"), help_text=_("Once it is there, it is never replaced.")
    )
    apheresis_id = number_field(_("Apheresis ID"))
    batch_number = number_field(_("Batch number"))
    lot = number_field(_("Lot"))
    slot_number = number_field(_("Slot number"))
    slot_on = slot_field()
    quota_reason = quota_reason_field()
    reason_code = CodeField(ChangeCode.choices, label=_("Why"))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def __init__(self, *args: Any, order: Order, batch: Batch | None, **kwargs: Any) -> None:
        """Begin with the order as it stands; what is fixed is not offered."""
        super().__init__(*args, **kwargs)
        for name in (*TEXTS, IDENTITY, SLOT):
            self.fields[name].initial = getattr(order, name)
        self.fields[LOT].initial = batch.lot if batch else ""
        if order.chain_of_identity:
            del self.fields[IDENTITY]
        if batch is None or batch.received_at:
            del self.fields[LOT]

    def changes(self) -> dict[str, Any]:
        """Every field that was offered, for the service to find what changes."""
        return {name: self.cleaned_data[name] for name in CHANGEABLE if name in self.fields}


class PortalPageForm(PastForm):
    """A page of the portal was typed: which fields it asked for, how long it took."""

    asked = forms.MultipleChoiceField(
        label=_("Fields typed"), widget=forms.CheckboxSelectMultiple(attrs={"class": "checks"})
    )
    minutes = CountField(label=_("Minutes"), low=0, high=MOST_MINUTES, unit="min", required=False)
    at = MomentField(label=_("Typed"), required=False, help_text=_("Empty means now."))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def __init__(self, *args: Any, page: PageLines, **kwargs: Any) -> None:
        """Offer the fields of the page, all of them chosen."""
        super().__init__(*args, **kwargs)
        self.page = page
        self.fields["asked"].choices = [  # type: ignore[attr-defined]
            (line.row.id, _(line.row.label)) for line in page.lines
        ]
        self.fields["asked"].initial = [line.row.id for line in page.lines]

    def entry(self) -> PortalPageTyped:
        """The page as typed, for the service."""
        return PortalPageTyped(
            page=cast("PortalPageName", self.page.page.value),
            asked=tuple(self.cleaned_data["asked"]),
            minutes=self.cleaned_data["minutes"],
            note=self.cleaned_data["note"],
        )


class MilestoneDateForm(forms.Form):
    """When a milestone is expected now."""

    milestone = CodeField((), label=_("Milestone"))
    expected_on = DayField(label=_("Expected now"))
    reason_code = CodeField(DelayCode.choices, label=_("Why"))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def __init__(self, *args: Any, milestones: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the milestones that haven't come."""
        super().__init__(*args, **kwargs)
        choices = [(code, _(label)) for code, label in milestones]
        self.fields["milestone"].choices = [("", _("Choose…")), *choices]  # type: ignore[attr-defined]

    def details(self) -> MilestoneDate:
        """The date, for the service."""
        return MilestoneDate(**self.cleaned_data)


class QuotaForm(forms.Form):
    """How many slots of a product there are in a month."""

    product = CodeField((), label=_("Product"))
    month = DayField(label=_("Month"), help_text=_("Any day of it."))
    most = CountField(label=_("Slots"), low=0, high=MOST_SLOTS)
    source = forms.CharField(label=_("Who said so"), max_length=200)

    def __init__(self, *args: Any, products: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the products that the center's region has rules for."""
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = [("", _("Choose…")), *products]  # type: ignore[attr-defined]

    @property
    def first_of_month(self) -> date:
        """The month by its first day."""
        day: date = self.cleaned_data["month"]
        return day.replace(day=1)
