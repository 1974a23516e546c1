"""Where an event of the calendar was dropped, and why it moves."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import CodeField
from leukapheresis.enums import MoveReason
from leukapheresis.scheduling.times import MachineTime

_WALL = "%Y-%m-%dT%H:%M:%S"


class DropForm(forms.Form):
    """A machine and a time on the center's clock, as the calendar sends them when an event is dropped."""

    resource = forms.UUIDField(widget=forms.HiddenInput)
    starts_at = forms.DateTimeField(input_formats=[_WALL], widget=forms.HiddenInput)
    ends_at = forms.DateTimeField(input_formats=[_WALL], widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """The end must lie after the start."""
        super().clean()
        starts_at, ends_at = self.cleaned_data.get("starts_at"), self.cleaned_data.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error(None, _("The end must lie after the start."))
        return self.cleaned_data

    @property
    def time(self) -> MachineTime:
        """The time, for the service."""
        resource: UUID = self.cleaned_data["resource"]
        starts_at: datetime = self.cleaned_data["starts_at"]
        return MachineTime(resource, starts_at, self.cleaned_data["ends_at"])


class MoveForm(DropForm):
    """The same, with the reason. A washout can be overridden only by somebody who may."""

    reason_code = CodeField(MoveReason.choices, label=_("Reason"))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)
    override_reason = forms.CharField(
        label=_("Reason to collect before the washout ends"), max_length=400, required=False
    )

    def __init__(self, *args: Any, may_override: bool, **kwargs: Any) -> None:
        """Without the right to override, there is no such field and nothing of it is read."""
        super().__init__(*args, **kwargs)
        if not may_override:
            del self.fields["override_reason"]
