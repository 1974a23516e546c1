"""Forms of holds and overrides."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.core.fields import MomentField
from cartpath.core.widgets import ButtonChoice
from cartpath.protocols.ready_rows import HoldReason
from infusion.models import InfusionHold
from infusion.ready.inputs import HoldDetails, HoldEnding
from infusion.ready.words import HoldEnd


class HoldForm(forms.Form):
    """A reason to wait, and when it's looked at again; empty means after the time of the reason's row."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"))
    note = forms.CharField(
        label=gettext_lazy("What was found"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    review_at = MomentField(label=gettext_lazy("Look at it again"), required=False)

    def __init__(self, *args: Any, reasons: Sequence[HoldReason], now: datetime, **kwargs: Any) -> None:
        """Offer the reasons of the protocol with their times."""
        super().__init__(*args, **kwargs)
        self.now = now
        self.hours = {row.id: row.review_hours for row in reasons}
        self.fields["reason"].choices = [("", ""), *((row.id, _(row.label)) for row in reasons)]  # type: ignore[attr-defined]
        self.fields["review_at"].help_text = _("Leave empty for the time that belongs to the reason.")

    def details(self) -> HoldDetails:
        """The hold, for the service."""
        given = self.cleaned_data
        review_at = given["review_at"] or self.now + timedelta(hours=self.hours[given["reason"]])
        return HoldDetails(
            reason=given["reason"],
            note=given["note"],
            review_at=review_at.replace(second=0, microsecond=0),
        )


class ReviewForm(forms.Form):
    """A hold that was looked at and goes on."""

    review_at = MomentField(label=gettext_lazy("Look at it again"))
    note = forms.CharField(
        label=gettext_lazy("What was found"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def details(self, hold: InfusionHold) -> HoldDetails:
        """The review, for the service."""
        return HoldDetails(hold=hold.number, reason=hold.reason, **self.cleaned_data)


class HoldEndForm(forms.Form):
    """How a hold ended."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("How it ends"), choices=HoldEnd.choices, widget=ButtonChoice
    )
    note = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Needed unless the reason is gone."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def details(self, hold: InfusionHold) -> HoldEnding:
        """The end, for the service."""
        return HoldEnding(hold=hold.number, **self.cleaned_data)


class OverrideForm(forms.Form):
    """Going on against a stop."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )


def next_review(now: datetime, hours: int) -> datetime:
    """When a hold is looked at next, to the minute, in the zone of the page."""
    return timezone.localtime(now + timedelta(hours=hours)).replace(second=0, microsecond=0)
