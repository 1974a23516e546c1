"""The form in which somebody answers alerts."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import ButtonsField
from toxicity.alerts.selectors import AlertPicture
from toxicity.alerts.services import AlertAnswered
from toxicity.enums import AlertAnswer


class AnswerForm(forms.Form):
    """One answer for the alerts that the page shows; what was raised since stays unanswered."""

    cases = forms.MultipleChoiceField()
    answer = ButtonsField(AlertAnswer.choices, label=_("What is done about it"), required=True)
    note = forms.CharField(
        label=_("Note"), max_length=400, required=False, help_text=_("Needed for “Something else”.")
    )

    def __init__(self, *args: Any, waiting: Iterable[AlertPicture], **kwargs: Any) -> None:
        """`waiting` are the alerts without an answer; all are chosen, for they are one state of one child."""
        super().__init__(*args, **kwargs)
        shown = [(each.alert.case, f"{each.label} · {each.seen}".removesuffix(" · ")) for each in waiting]
        self.fields["cases"] = forms.MultipleChoiceField(
            label=_("Alerts that wait for an answer"),
            choices=shown,
            initial=[case for case, _label in shown],
            widget=forms.CheckboxSelectMultiple,
            error_messages={
                "required": _("Choose at least one alert."),
                "invalid_choice": _("One of these has been answered, or no longer stands. Look again."),
            },
        )

    def answered(self) -> AlertAnswered:
        """The answer, for the service."""
        return AlertAnswered(self.cleaned_data["answer"], self.cleaned_data["note"])
