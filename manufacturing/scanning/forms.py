"""Forms of the scanner."""

from django import forms
from django.utils.translation import gettext_lazy as _

from manufacturing.scanning.rules.reading import MOST_READ


class ScanForm(forms.Form):
    """One field for everything that is scanned; a hand scanner types into it and presses Enter."""

    read = forms.CharField(
        label=_("Scan or type a code"),
        max_length=MOST_READ,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
                "autofocus": True,
                "data-scan": "",
            }
        ),
        help_text=_("A bag, a tube or a wristband; type a donation number with the character in its box."),
    )


class AcknowledgeForm(forms.Form):
    """That a stop was understood."""

    done = forms.CharField(
        label=_("What did you do with it?"),
        max_length=400,
        help_text=_("For example: put aside and the cell laboratory called."),
    )
