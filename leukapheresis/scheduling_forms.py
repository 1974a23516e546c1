"""Forms of scheduling: finding a date, deciding on parts, moving, preparing, waiting."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.core.clinical_fields import CodeField
from cartpath.core.fields import DayField, MomentField
from cartpath.core.widgets import ButtonChoice
from leukapheresis.enums import MoveReason, ResourceKind, Sedation, VascularAccess
from leukapheresis.inputs import AwayDetails, PreparationDetails, WaitingDetails
from leukapheresis.models import Resource
from leukapheresis.models.waiting import PRIORITIES
from leukapheresis.scheduling.booking import HOLD_MINUTES
from leukapheresis.scheduling.bundles import PartChoice
from leukapheresis.scheduling.finding import COLLECTION_MINUTES, Wish
from leukapheresis.scheduling.times import MachineTime, Time

MOST_DAYS_FOUND: Final = 5
LENGTHS: Final = (180, 240, 300, 360, 480)
HOLDS: Final = (
    (30, _("30 minutes")),
    (HOLD_MINUTES, _("2 hours")),
    (24 * 60, _("1 day")),
    (3 * 24 * 60, _("3 days")),
)
TAKE: Final = "take"
LEAVE: Final = "leave"


class SearchForm(forms.Form):
    """What is looked for. It stands in the address, so it says nothing about the child."""

    days = forms.TypedChoiceField(
        label=_("Days in a row"),
        choices=[(number, str(number)) for number in range(1, MOST_DAYS_FOUND + 1)],
        coerce=int,
    )
    from_on = DayField(label=_("From"))
    minutes = forms.TypedChoiceField(
        label=_("Length, where no slot sets it"),
        choices=[(minutes, f"{minutes // 60} h") for minutes in LENGTHS],
        coerce=int,
    )

    def __init__(self, data: Any, *, today: date) -> None:
        """Without anything typed, one day from today on."""
        given = {"days": 1, "from_on": today.isoformat(), "minutes": COLLECTION_MINUTES}
        given |= {name: data[name] for name in given if data.get(name)}
        super().__init__(given, auto_id="search_%s")
        self.today = today

    def clean_from_on(self) -> date:
        """Nobody looks for a date that has passed."""
        wanted: date | None = self.cleaned_data["from_on"]
        return max(wanted or self.today, self.today)

    def wish(self, choices: Sequence[PartChoice]) -> Wish:
        """What is looked for; what can't be read is taken as not said."""
        self.is_valid()
        given = self.cleaned_data
        return Wish(
            from_on=given.get("from_on") or self.today,
            days=given.get("days") or 1,
            minutes=given.get("minutes") or COLLECTION_MINUTES,
            choices=tuple(choices),
        )


def decided_parts() -> list[str]:
    """The parts that a person can decide on: the machine is the slot's."""
    return [kind for kind in ResourceKind.values if kind != ResourceKind.MACHINE]


class PartsForm(forms.Form):
    """A person's decisions on parts, each with its reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A decision and a reason for every part but the machine."""
        super().__init__(*args, **kwargs)
        for part in decided_parts():
            label = ResourceKind(part).label
            self.fields[f"part_{part}"] = forms.ChoiceField(
                label=label,
                choices=[
                    ("", _("As it stands")),
                    (TAKE, pgettext_lazy("part", "Take it")),
                    (LEAVE, pgettext_lazy("part", "Leave it out")),
                ],
                required=False,
            )
            self.fields[f"why_{part}"] = forms.CharField(
                label=_("Reason"), max_length=400, required=False, widget=forms.TextInput
            )

    def clean(self) -> dict[str, Any]:
        """A decision needs its reason."""
        super().clean()
        for part in decided_parts():
            if self.cleaned_data.get(f"part_{part}") and not self.cleaned_data.get(f"why_{part}"):
                self.add_error(f"why_{part}", _("Say why."))
        return self.cleaned_data

    def choices(self) -> tuple[PartChoice, ...]:
        """The decisions that came with a reason, for the services."""
        given = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        return tuple(
            PartChoice(part=part, wanted=given[f"part_{part}"] == TAKE, reason=given[f"why_{part}"])
            for part in decided_parts()
            if given.get(f"part_{part}") and given.get(f"why_{part}")
        )

    def of_part(self, part: str) -> tuple[forms.BoundField, forms.BoundField]:
        """The two fields of a part."""
        return self[f"part_{part}"], self[f"why_{part}"]


class TakeForm(PartsForm):
    """Take a date: hold it for a while, or book it; confirm or release what is held."""

    minutes = forms.TypedChoiceField(
        label=_("Hold for"), choices=HOLDS, coerce=int, initial=HOLD_MINUTES, required=False
    )
    override_reason = forms.CharField(
        label=_("Reason to collect before the washout ends"),
        help_text=_("Needed for a date before the end of a washout. It is kept in the ledger."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    note = forms.CharField(label=_("Note"), max_length=400, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, may_override: bool, of_donor: bool = False, **kwargs: Any) -> None:
        """Without the right to override, there is no such field and nothing of it is read."""
        super().__init__(*args, **kwargs)
        if not may_override:
            del self.fields["override_reason"]
        elif of_donor:
            self.fields["override_reason"].label = _("Reason to collect this donor in spite of the serology")
            self.fields["override_reason"].help_text = _("It is kept in the ledger.")

    @property
    def hold_minutes(self) -> int:
        """How long to hold."""
        return self.cleaned_data.get("minutes") or HOLD_MINUTES

    @property
    def override(self) -> str:
        """Why the collection comes before a washout ends; empty when nothing was said."""
        said: str = self.cleaned_data.get("override_reason", "")
        return said


def times_text(times: Sequence[tuple[object, object, int, int]]) -> str:
    """Offered times as a button sends them: for each day a slot or None, the machine, start and end."""
    return ",".join(
        str(slot) if slot is not None else f"{machine}@{start}-{end}" for slot, machine, start, end in times
    )


def times_read(text: str) -> list[Time]:
    """What a button sent. Raises ValueError for anything that no button sends."""
    return [_time_read(each) for each in text.split(",")]


def _time_read(text: str) -> Time:
    machine, at_sign, span = text.partition("@")
    if not at_sign:
        return UUID(machine)
    start, _dash, end = span.partition("-")
    zone = timezone.get_current_timezone()
    moments = (datetime.fromtimestamp(int(second), tz=zone) for second in (start, end))
    return MachineTime(UUID(machine), *moments)


class TimeForm(forms.Form):
    """A slot, or a machine and a time on it."""

    slot = forms.CharField(label=_("Free slot"), required=False)
    resource = forms.ModelChoiceField(
        queryset=Resource.objects.none(), label=_("Machine"), empty_label=_("Choose…"), required=False
    )
    starts_at = MomentField(label=_("From"), required=False)
    ends_at = MomentField(label=_("To"), required=False)

    def __init__(self, *args: Any, center_id: int, **kwargs: Any) -> None:
        """Offer the machines in use of one center."""
        super().__init__(*args, **kwargs)
        machines = Resource.objects.filter(center_id=center_id, kind=ResourceKind.MACHINE, is_active=True)
        self.fields["resource"].queryset = machines.order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """One of the two: a slot, or a machine with its times."""
        super().clean()
        given = self.cleaned_data
        if given.get("slot"):
            try:
                (given["time"],) = times_read(given["slot"])
            except (ValueError, OverflowError, OSError):
                self.add_error("slot", _("Choose a slot of the list."))
            return given
        starts_at, ends_at = given.get("starts_at"), given.get("ends_at")
        if given.get("resource") and starts_at and ends_at:
            if ends_at <= starts_at:
                self.add_error("ends_at", _("The end must lie after the start."))
            elif ends_at - starts_at > timedelta(days=1):
                self.add_error("ends_at", _("A day of a collection ends within 24 hours."))
            else:
                given["time"] = MachineTime(given["resource"].pk, starts_at, ends_at)
        elif not self.errors:
            self.add_error(None, _("Choose a free slot, or a machine with its times."))
        return given

    @property
    def time(self) -> Time:
        """The time, for the services."""
        chosen: Time = self.cleaned_data["time"]
        return chosen


class ChangeForm(TimeForm):
    """Another time for a day of a booking, or one more day, with the reason code."""

    reason_code = CodeField(MoveReason.choices, label=_("Reason"))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)
    override_reason = forms.CharField(
        label=_("Reason to collect before the washout ends"), max_length=400, required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, may_override: bool, **kwargs: Any) -> None:
        """Without the right to override, there is no such field and nothing of it is read."""
        super().__init__(*args, **kwargs)
        if not may_override:
            del self.fields["override_reason"]

    @property
    def override(self) -> str:
        """Why the collection comes before a washout ends; empty when nothing was said."""
        said: str = self.cleaned_data.get("override_reason", "")
        return said


class ReleaseDayForm(forms.Form):
    """Give one day of a booking back."""

    reason_code = CodeField(MoveReason.choices, label=_("Reason"))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class PreparationForm(forms.Form):
    """How blood will be drawn, and whether the child is sedated."""

    vascular_access = forms.ChoiceField(
        label=_("Vascular access"), choices=VascularAccess.choices, widget=ButtonChoice
    )
    sedation = forms.ChoiceField(label=_("Sedation"), choices=Sedation.choices, widget=ButtonChoice)
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def details(self) -> PreparationDetails:
        """The preparation, for the service."""
        return PreparationDetails(**self.cleaned_data)


class AwayForm(forms.Form):
    """Days on which the family can't come."""

    first_on = DayField(label=_("First day"))
    last_on = DayField(label=_("Last day"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def details(self) -> AwayDetails:
        """The days, for the service."""
        return AwayDetails(**self.cleaned_data)


class StrikeForm(forms.Form):
    """Why days are taken back on which the family is there after all."""

    reason = forms.CharField(label=_("Reason"), max_length=400)


PRIORITY_WORDS: Final = {
    1: _("1 · most urgent"),
    2: _("2 · urgent"),
    3: _("3 · soon"),
    4: _("4 · can wait"),
}


class WaitingForm(forms.Form):
    """A child's place in the waiting list."""

    priority = forms.TypedChoiceField(
        label=_("Clinical priority"),
        choices=[(priority, PRIORITY_WORDS[priority]) for priority in PRIORITIES],
        coerce=int,
        widget=ButtonChoice,
    )
    priority_reason = forms.CharField(label=_("Reason for the priority"), max_length=400)
    from_on = DayField(label=_("From"))
    until_on = DayField(
        label=_("Until"), required=False, help_text=_("The last day that fits; empty for any.")
    )

    def details(self) -> WaitingDetails:
        """The place, for the service."""
        return WaitingDetails(**self.cleaned_data)


class LeaveForm(forms.Form):
    """Why a child leaves the waiting list, or a family declines."""

    note = forms.CharField(label=_("Note"), max_length=400, required=False)


class AcceptForm(forms.Form):
    """The family takes an offered slot."""

    override_reason = forms.CharField(
        label=_("Reason to collect before the washout ends"), max_length=400, required=False
    )

    def __init__(self, *args: Any, may_override: bool, **kwargs: Any) -> None:
        """Without the right to override, there is no such field and nothing of it is read."""
        super().__init__(*args, **kwargs)
        if not may_override:
            del self.fields["override_reason"]
