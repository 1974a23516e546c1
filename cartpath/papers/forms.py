"""Forms of the papers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.fields import DayField
from cartpath.core.widgets import ButtonChoice
from cartpath.papers.enums import CardFact
from cartpath.papers.inputs import CardAgreement
from cartpath.papers.pack_services import LONGEST, SHORTEST
from patients.papers import LetterLanguage


class CardForm(forms.Form):
    """What the family wants on the wallet card; nothing is chosen beforehand."""

    shown = forms.MultipleChoiceField(
        label=_("What the family wants on the card"),
        choices=CardFact.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Product, day of infusion and the center's telephone are always on it."),
    )
    agreed_by = forms.CharField(
        label=_("Agreed by"), max_length=120, help_text=_("Who of the family said so.")
    )

    def agreement(self) -> CardAgreement:
        """For the service."""
        return CardAgreement(
            shown=tuple(self.cleaned_data["shown"]), agreed_by=self.cleaned_data["agreed_by"]
        )


class LanguageForm(forms.Form):
    """In which language a sheet is printed."""

    language = forms.ChoiceField(label=_("Language"), choices=LetterLanguage.choices, widget=ButtonChoice)


class DayForm(LanguageForm):
    """Which day of the center is printed, and in which language."""

    on = DayField(label=_("Day"))
    field_order = ("on", "language")


class DigestForm(forms.Form):
    """The digest of a file that somebody holds."""

    digest = forms.RegexField(
        r"^\s*[0-9a-fA-F]{64}\s*$",
        label=_("SHA-256 of the file"),
        error_messages={"invalid": _("64 characters from 0 to 9 and a to f.")},
    )

    def clean_digest(self) -> str:
        """In the form in which it is kept."""
        return str(self.cleaned_data["digest"]).strip().lower()


class HashForm(forms.Form):
    """A hash as a report printed it, to look for in the chain."""

    hash = forms.RegexField(
        r"^\s*[0-9a-fA-F]{16,64}\s*$",
        label=_("Hash on the paper"),
        help_text=_("At least its first 16 characters."),
        error_messages={"invalid": _("16 to 64 characters from 0 to 9 and a to f.")},
    )

    def clean_hash(self) -> str:
        """In the form in which it is kept."""
        return str(self.cleaned_data["hash"]).strip().lower()


class PassphraseForm(forms.Form):
    """A new passphrase, twice."""

    passphrase = forms.CharField(
        label=_("Passphrase"),
        min_length=SHORTEST,
        max_length=LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Several words for instance. It can't be shown again: keep it where the ward finds it."),
    )
    again = forms.CharField(
        label=_("Once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """Both must be the same."""
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("passphrase", again):
            raise forms.ValidationError(_("The two are not the same."))
        return again
