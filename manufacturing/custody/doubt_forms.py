"""Forms about doubts and settings: breaks, quarantines, what a center asks for."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.core.clinical_fields import CodeField
from cartpath.core.fields import DayField, MomentField
from cartpath.core.forms import PastForm
from manufacturing.custody.forms import NOW_WHEN_EMPTY, ItemField, celsius_field
from manufacturing.custody.inputs import BreakDetails, ClosingDetails
from manufacturing.custody.words import BreakOutcome, BreakReason, ItemKind, LiftReason, QuarantineReason
from manufacturing.models import CustodyItem


def _three_lines() -> forms.Textarea:
    return forms.Textarea(attrs={"rows": 3})


class OwnerField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody of the center."""

    def label_from_instance(self, obj: User) -> str:
        """The name."""
        return obj.name


class BreakForm(PastForm):
    """What broke the chain, who looks after it, and until when."""

    reason = CodeField(BreakReason.choices, label=_("Kind of break"))
    what = forms.CharField(label=_("What was found"), max_length=400, widget=_three_lines())
    item = ItemField(
        label=_("Item"),
        queryset=CustodyItem.objects.none(),
        required=False,
        empty_label=_("The whole journey"),
    )
    owner = OwnerField(label=_("Looked after by"), queryset=User.objects.none())
    due_on = DayField(label=_("Until"))
    at = MomentField(label=_("Found"), required=False, help_text=NOW_WHEN_EMPTY)

    def __init__(self, *args: Any, center_id: int, items: Sequence[CustodyItem], **kwargs: Any) -> None:
        """The people and the items of this journey."""
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = User.objects.with_permission(
            Permission.RECORD_CUSTODY, center_id=center_id
        ).order_by("name")
        chosen: Any = self.fields["item"]
        chosen.queryset = CustodyItem.objects.filter(pk__in=[item.pk for item in items]).order_by("number")

    def details(self) -> BreakDetails:
        """The break, for the service."""
        given = self.cleaned_data
        return BreakDetails(reason=given["reason"], what=given["what"], due_on=given["due_on"])


class BreakCloseForm(PastForm):
    """How a break ended."""

    outcome = CodeField(BreakOutcome.choices, label=_("Outcome"))
    note = forms.CharField(
        label=_("What was done, and what it rests on"),
        max_length=400,
        widget=_three_lines(),
    )
    at = MomentField(label=_("Closed"), required=False, help_text=NOW_WHEN_EMPTY)

    def details(self) -> ClosingDetails:
        """The end, for the service."""
        return ClosingDetails(outcome=self.cleaned_data["outcome"], note=self.cleaned_data["note"])


class QuarantineForm(forms.Form):
    """Why an item must not be used for now."""

    _OFFERED: ClassVar = [
        choice for choice in QuarantineReason.choices if choice[0] not in ("out_of_specification", "recalled")
    ]
    reason = CodeField(_OFFERED, label=_("Reason"))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)


class LiftForm(forms.Form):
    """Why a quarantine ends."""

    reason = CodeField(LiftReason.choices, label=_("Reason"))
    note = forms.CharField(label=_("What this rests on"), max_length=400)


class SignersForm(forms.Form):
    """How many people sign a step."""

    step = CodeField([], label=_("Step"))
    product = CodeField([], label=_("Product"), required=False)
    people = forms.IntegerField(label=_("Signatures"), min_value=0, max_value=5)
    reason = forms.CharField(label=_("Reason"), max_length=400)

    def __init__(self, *args: Any, steps: Any, products: Any, **kwargs: Any) -> None:
        """The steps a center sets, and its products."""
        super().__init__(*args, **kwargs)
        self.fields["step"] = CodeField(steps, label=_("Step"))
        self.fields["product"] = forms.ChoiceField(
            label=_("Product"), choices=[("", _("Every product")), *products], required=False
        )


class LimitForm(forms.Form):
    """How cold a kind of item is kept."""

    kind = CodeField(ItemKind.choices, label=_("Kind of item"))
    product = CodeField([], label=_("Product"), required=False)
    lowest_c = celsius_field(_("Lowest temperature"))
    highest_c = celsius_field(_("Highest temperature"))
    due_days = forms.IntegerField(label=_("Days until a break is due"), min_value=0, max_value=60, initial=1)
    source = forms.CharField(label=_("Source"), max_length=400)

    def __init__(self, *args: Any, products: Any, **kwargs: Any) -> None:
        """The center's products."""
        super().__init__(*args, **kwargs)
        self.fields["product"] = forms.ChoiceField(
            label=_("Product"), choices=[("", _("Every product")), *products], required=False
        )
