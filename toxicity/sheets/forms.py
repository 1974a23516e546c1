"""Forms of hand-over sheets and discharge summaries."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.widgets import ButtonChoice
from patients.papers import LetterLanguage
from toxicity.sheets.inputs import Language, SheetDetails, SummaryDetails
from toxicity.sheets.services import MOST_TEXT


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class SheetForm(forms.Form):
    """The four parts of a sheet; `seen` is the ledger number of the sheet that the writer has before them."""

    situation = forms.CharField(
        label=_("Situation"), help_text=_("What is going on now."), max_length=MOST_TEXT, widget=_lines(5)
    )
    background = forms.CharField(
        label=_("Background"),
        help_text=_("What led to it, and what was given."),
        max_length=MOST_TEXT,
        widget=_lines(8),
    )
    assessment = forms.CharField(
        label=_("Assessment"),
        help_text=_("What was found, and what you think of it."),
        max_length=MOST_TEXT,
        widget=_lines(8),
    )
    recommendation = forms.CharField(
        label=_("Recommendation"),
        help_text=_("What must be done, by when, and what to do if it gets worse."),
        max_length=MOST_TEXT,
        widget=_lines(6),
    )
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def details(self, language: Language) -> SheetDetails:
        """The sheet, for the service."""
        told = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return SheetDetails(language=language, **told)

    def look_at(self, seen: int) -> None:
        """Go on from a sheet that was written meanwhile and is shown beside the form now."""
        self.data = {**dict(self.data.items()), self.add_prefix("seen"): str(seen)}


class SummaryBeginForm(forms.Form):
    """To whom a summary goes, and in which language."""

    addressee = forms.CharField(label=_("To"), max_length=400, widget=_lines(2))
    language = forms.ChoiceField(label=_("Language"), choices=LetterLanguage.choices, widget=ButtonChoice)

    def details(self) -> SummaryDetails:
        """The summary, for the service."""
        return SummaryDetails(**self.cleaned_data)


class SummaryForm(forms.Form):
    """The text of a draft; `version` is the one that is being changed."""

    addressee = forms.CharField(label=_("To"), max_length=400, widget=_lines(2))
    body = forms.CharField(
        label=_("Text"),
        widget=_lines(28),
        help_text=_("An empty line begins a new part; a first line that ends with a colon is its heading."),
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class SignForm(forms.Form):
    """Which version of a draft is signed."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
