"""The form that sets how often a child is checked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import CountField
from cartpath.protocols.bedside_rows import CheckWord
from toxicity.checks.inputs import LONGEST_MINUTES, SHORTEST_MINUTES, CheckChange


class CheckForm(forms.Form):
    """An interval for one child with the reason; left empty, the protocol decides again."""

    every_minutes = CountField(
        low=SHORTEST_MINUTES,
        high=LONGEST_MINUTES,
        unit="min",
        label=_("Every"),
        required=False,
        help_text=_("Leave empty to follow the protocol again."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=400)

    def __init__(self, *args: Any, check: CheckWord, **kwargs: Any) -> None:
        """Say which check is set."""
        super().__init__(*args, **kwargs)
        self.check = check

    def change(self) -> CheckChange:
        """The change, for the service."""
        given = self.cleaned_data
        return CheckChange(check=self.check, every_minutes=given["every_minutes"], reason=given["reason"])
