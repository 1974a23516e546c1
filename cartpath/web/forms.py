"""Forms of the pages that span the stages."""

from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.core.widgets import ButtonChoice
from cartpath.reminders.models import MailChoice

_WANTED: Final[dict[str, bool | None]] = {"role": None, "yes": True, "no": False}


class SettleForm(forms.Form):
    """A reminder is settled by hand, with a reason."""

    reason = forms.CharField(
        label=_("How it was settled"), max_length=400, widget=forms.Textarea({"rows": 2})
    )


class MailForm(forms.Form):
    """Which e-mails a person wants, and in which language."""

    calendar_changes = forms.ChoiceField(
        label=_("E-mail when the apheresis calendar changes"),
        help_text=_("By role, coordinators and apheresis nurses get it. Nobody is told of their own acts."),
        choices=[
            ("role", _("As my role has it")),
            ("yes", pgettext_lazy("e-mail", "Yes")),
            ("no", pgettext_lazy("e-mail", "No")),
        ],
        widget=ButtonChoice,
    )
    language = forms.ChoiceField(
        label=_("Language of e-mails"),
        help_text=_("Reminders as well."),
        choices=[("", _("As my center has it")), *settings.LANGUAGES],
        required=False,
    )

    @staticmethod
    def of(choice: MailChoice) -> dict[str, str]:
        """A choice as the form shows it."""
        wanted = next(word for word, value in _WANTED.items() if value is choice.calendar_changes)
        return {"calendar_changes": wanted, "language": choice.language}

    def choice(self) -> dict[str, Any]:
        """What was chosen, as the service takes it."""
        return {
            "calendar_changes": _WANTED[self.cleaned_data["calendar_changes"]],
            "language": self.cleaned_data["language"],
        }
