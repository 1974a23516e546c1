"""The form in which a center enters its licensed wording of CAPD."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from toxicity.icans_fields import CAPD_LABELS

LONGEST = 300


class CapdWordingForm(forms.Form):
    """Eight questions, the license they come from, and the statement that the center holds it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """One field for each topic, labeled with our neutral words."""
        super().__init__(*args, **kwargs)
        for place, label in enumerate(CAPD_LABELS, start=1):
            rows = forms.Textarea(attrs={"rows": 2})
            self.fields[f"topic_{place}"] = forms.CharField(label=label, max_length=LONGEST, widget=rows)
        self.fields["license_statement"] = forms.CharField(
            label=_("License"),
            max_length=LONGEST,
            help_text=_("From whom, for what and since when, as your center keeps it."),
        )
        self.fields["holds_license"] = forms.BooleanField(
            label=_("The center holds a license to use this wording")
        )

    @property
    def texts(self) -> list[str]:
        """The eight questions in the order of the topics."""
        return [self.cleaned_data[f"topic_{place}"] for place in range(1, len(CAPD_LABELS) + 1)]
