"""Putting a reminder off: until when, in a few presses, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartpath.core.fields import MomentField
from cartpath.core.widgets import ButtonChoice
from cartpath.reminders.models import Reminder
from cartpath.reminders.services import BOUND_TO_WINDOW, LONGEST_SNOOZE
from cartpath.web.wording import clock_text, local_day, short_day_text

TONIGHT: Final = time(20)
MORNING: Final = time(7)
# What is counted in hours is done an hour before it would be late, or the snooze helps nobody.
_BEFORE_CLOSING: Final = timedelta(hours=1)
OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Preset:
    """One press: the word for it and the moment it means."""

    key: str
    label: Promise
    until: datetime


def presets(reminder: Reminder, *, at: datetime, zone: tzinfo) -> list[Preset]:
    """What makes sense and is allowed now, the earliest first; two words for one moment are one."""
    latest = at + LONGEST_SNOOZE
    if reminder.priority <= BOUND_TO_WINDOW:
        latest = min(latest, reminder.closes_at)
    found: dict[datetime, Preset] = {}
    for preset in sorted(_possible(reminder, at, zone), key=lambda each: each.until):
        if at < preset.until <= latest:
            found.setdefault(preset.until, preset)
    return list(found.values())


def may_be_put_off(reminder: Reminder, *, at: datetime) -> bool:
    """Whether there is any time left until which it can wait."""
    return reminder.priority > BOUND_TO_WINDOW or at < reminder.closes_at


def _possible(reminder: Reminder, at: datetime, zone: tzinfo) -> Iterator[Preset]:
    today = at.astimezone(zone).date()

    def moment(days: int, clock: time) -> datetime:
        return datetime.combine(today + timedelta(days=days), clock, tzinfo=zone)

    yield Preset("tonight", _("Tonight"), moment(0, TONIGHT))
    yield Preset("tomorrow", _("Tomorrow morning"), moment(1, MORNING))
    yield Preset("three_days", _("In 3 days"), moment(3, MORNING))
    if reminder.last_on is not None:
        last = datetime.combine(reminder.last_on, MORNING, tzinfo=zone)
        yield Preset("window", _("On the last day of the window"), last)
    else:
        yield Preset("window", _("An hour before it is late"), reminder.closes_at - _BEFORE_CLOSING)


class SnoozeForm(forms.Form):
    """Until when a reminder is put off, and why."""

    until = forms.ChoiceField(label=_("Put off until"), widget=ButtonChoice)
    until_at = MomentField(label=_("Another time"), required=False)
    reason = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, choices: Sequence[Preset], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.presets = {preset.key: preset for preset in choices}
        named = [(preset.key, f"{preset.label} · {_when(preset.until)}") for preset in choices]
        self.fields["until"].choices = [*named, (OTHER, _("Another time"))]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Another time needs the time."""
        super().clean()
        if self.cleaned_data.get("until") == OTHER and self.cleaned_data.get("until_at") is None:
            self.add_error("until_at", _("Give the time."))
        return self.cleaned_data

    def chosen(self) -> datetime:
        """The moment that was chosen."""
        preset = self.presets.get(self.cleaned_data["until"])
        moment: datetime = preset.until if preset else self.cleaned_data["until_at"]
        return moment


def _when(until: datetime) -> str:
    return f"{short_day_text(local_day(until))} {clock_text(until)}"
