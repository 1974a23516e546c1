"""Forms of labels: what to print, what became of it, and what stands on every label of the center."""

import re
from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.fields import MomentField
from cartpath.core.forms import PastForm
from cartpath.core.widgets import ButtonChoice
from manufacturing.labels.inputs import AccountDetails, LabelWanted, PrintDetails, SettingDetails
from manufacturing.labels.words import LabelSize, LabelState, Paper, ReprintReason
from manufacturing.models import CustodyItem, Label

MOST_COPIES: Final = 20
_FIN: Final = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9]{2}\d{2}")
_PRODUCT: Final = re.compile(r"[A-Z][A-Z0-9]{4}")
_ITEM_SIZES: Final = [(size.value, size.label) for size in LabelSize if size is not LabelSize.WRISTBAND]
_AGAIN: Final = [("", _("First print")), *ReprintReason.choices]
_REASON_HELP: Final = _("Needed when such a label was printed before, and for more than one at once.")


class ItemLabelsForm(forms.Form):
    """Labels of items in custody."""

    labels = forms.MultipleChoiceField(label=_("Items"), widget=forms.CheckboxSelectMultiple)
    size = forms.ChoiceField(choices=_ITEM_SIZES, label=_("Size"), widget=ButtonChoice)
    count = forms.IntegerField(label=_("Labels of each"), min_value=1, max_value=MOST_COPIES, initial=1)
    paper = forms.ChoiceField(choices=Paper.choices, label=_("In the printer"), widget=ButtonChoice)
    start = forms.IntegerField(
        label=_("First free label on the sheet"),
        min_value=1,
        max_value=60,
        required=False,
        help_text=_("Counted from the upper left, in lines. Leave empty for a new sheet."),
    )
    reason = forms.ChoiceField(
        choices=_AGAIN, label=_("Reason for printing again"), required=False, help_text=_REASON_HELP
    )

    def __init__(self, *args: Any, items: Sequence[CustodyItem], **kwargs: Any) -> None:
        """Offer the items that a label can be printed for."""
        super().__init__(*args, **kwargs)
        self.fields["labels"].choices = [  # type: ignore[attr-defined]
            (str(item.number), f"{item.get_kind_display()} · {item.label}") for item in items
        ]

    def details(self) -> PrintDetails:
        """The print, for the service."""
        given = self.cleaned_data
        wanted = [
            LabelWanted(kind="item", size=given["size"], item=int(number), count=given["count"])
            for number in given["labels"]
        ]
        return PrintDetails(
            labels=wanted, paper=given["paper"], reason=given["reason"] or "", start=given["start"] or 1
        )


class WristbandForm(forms.Form):
    """The child's wristband."""

    count = forms.IntegerField(label=_("Wristbands"), min_value=1, max_value=MOST_COPIES, initial=1)
    reason = forms.ChoiceField(
        choices=_AGAIN, label=_("Reason for printing again"), required=False, help_text=_REASON_HELP
    )
    replaces = forms.BooleanField(
        label=_("Make a new code"),
        required=False,
        help_text=_("For a wristband that was lost: the one before it isn't read any more."),
    )

    def details(self) -> PrintDetails:
        """The print, for the service."""
        given = self.cleaned_data
        band = LabelWanted(kind="wristband", size="wristband", count=given["count"])
        return PrintDetails(
            labels=[band], paper="roll", reason=given["reason"] or "", replaces=given["replaces"]
        )


class AccountForm(PastForm):
    """What became of open labels."""

    labels = forms.MultipleChoiceField(label=_("Open labels"), widget=forms.CheckboxSelectMultiple)
    state = forms.ChoiceField(
        choices=[choice for choice in LabelState.choices if choice[0] != LabelState.PRINTED],
        label=_("What became of them"),
        widget=ButtonChoice,
    )
    at = MomentField(label=_("When"), required=False, help_text=_("Empty means now."))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def __init__(self, *args: Any, labels: Sequence[Label], **kwargs: Any) -> None:
        """Offer the labels nobody has accounted for."""
        super().__init__(*args, **kwargs)
        self.fields["labels"].choices = [  # type: ignore[attr-defined]
            (
                str(label.number),
                f"{label.number} · {label.get_size_display()} · {label.item or label.wristband}",
            )
            for label in labels
        ]

    def details(self) -> AccountDetails:
        """What is said of them, for the service."""
        given = self.cleaned_data
        numbers = [int(number) for number in given["labels"]]
        return AccountDetails(labels=numbers, state=given["state"], note=given["note"])


class SettingForm(forms.Form):
    """What every label of the center says."""

    fin = forms.CharField(
        label=_("Facility identification number"),
        max_length=5,
        required=False,
        help_text=_("Five characters, given to the center by ICCBBA. Leave empty without one."),
    )
    facility = forms.CharField(label=_("Name on labels"), max_length=120, required=False)
    address = forms.CharField(label=_("Address on labels"), max_length=200, required=False)

    def clean_fin(self) -> str:
        """Refuse a number that ISBT 128 doesn't allow."""
        fin: str = self.cleaned_data["fin"].upper()
        if fin and not _FIN.fullmatch(fin):
            raise forms.ValidationError(_("A letter or digit, two more, two digits; never the letter O."))
        return fin

    def details(self) -> SettingDetails:
        """The setting, for the service."""
        return SettingDetails(**self.cleaned_data)


class ProductWordsForm(forms.Form):
    """A product code and what it says in words."""

    product_code = forms.CharField(label=_("Product code"), max_length=5)
    words = forms.CharField(label=_("Text on the label"), max_length=160)

    def clean_product_code(self) -> str:
        """Refuse a code that ISBT 128 doesn't allow."""
        code: str = self.cleaned_data["product_code"].upper()
        if not _PRODUCT.fullmatch(code):
            raise forms.ValidationError(_("A capital letter and four more letters or digits."))
        return code
