"""Forms about when and through what people are told, and who is away."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission
from cartpath.core.fields import DayField
from cartpath.core.widgets import ButtonChoice, ClockInput
from cartpath.reminders.hours import Hours

PRIORITIES = (
    (1, _("1: a child may come to harm")),
    (2, _("2: and a date of the treatment is at stake")),
    (3, _("3: and routine")),
    (4, _("4: everything")),
)


class AbsenceForm(forms.Form):
    """Days away, and who is told instead. `user` is asked for where somebody may enter it for others."""

    user = forms.TypedChoiceField(label=_("Who is away"), coerce=int)
    first_on = DayField(label=_("First day away"))
    last_on = DayField(label=_("Last day away"))
    substitute = forms.TypedChoiceField(
        label=_("Who is told instead"),
        help_text=_("Others who hold the role are told in any case."),
        coerce=int,
        empty_value=None,
        required=False,
    )

    def __init__(self, *args: Any, center: Center, person: User, for_others: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True, memberships__center=center).distinct().order_by("name")
        able = User.objects.with_permission(Permission.VIEW_PATIENTS, center_id=center.pk).order_by("name")
        if for_others:
            self._offer("user", [(each.pk, each.name) for each in people])
            self.fields["user"].initial = person.pk
        else:
            del self.fields["user"]
        others = [(each.pk, each.name) for each in able if for_others or each.pk != person.pk]
        self._offer("substitute", [("", _("Nobody in particular")), *others])

    def _offer(self, field: str, choices: list[Any]) -> None:
        self.fields[field].choices = choices  # type: ignore[attr-defined]


class TellingForm(forms.Form):
    """The quiet hours and the hour of the morning digest."""

    quiet_from = forms.TimeField(
        label=_("Quiet from"),
        help_text=_("Leave both empty to have no quiet hours."),
        widget=ClockInput,
        required=False,
    )
    quiet_until = forms.TimeField(label=_("Quiet until"), widget=ClockInput, required=False)
    digest_at = forms.TimeField(
        label=_("Morning digest at"),
        help_text=_("One e-mail with how much waits for each role, instead of one for each task."),
        widget=ClockInput,
    )

    @staticmethod
    def of(hours: Hours) -> dict[str, Any]:
        """The hours as the form shows them."""
        return {
            "quiet_from": hours.quiet_from,
            "quiet_until": hours.quiet_until,
            "digest_at": hours.digest_at,
        }


class WebhookForm(forms.Form):
    """A program of the house that is told over HTTPS."""

    name = forms.CharField(
        label=_("Which program"), help_text=_("For example: the ward's pagers."), max_length=80
    )
    url = forms.CharField(
        label=_("Address"), help_text="https://pager.hospital.example/cartpath", max_length=500
    )
    up_to_priority = forms.TypedChoiceField(
        label=_("Up to which priority"), coerce=int, choices=PRIORITIES, initial=1, widget=ButtonChoice
    )
