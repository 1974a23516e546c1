"""Forms of the bedside: what is scanned and signed, and what one thumb enters, with or without a net."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.core.clinical_fields import ButtonsField, MeasureField
from cartpath.core.fields import MomentField
from cartpath.core.forms import CLOCK_DRIFT, PastForm
from cartpath.core.widgets import ButtonChoice
from infusion.bedside.inputs import BagEnd, BagStart, PremedicationDetails, ReactionDetails, Scan
from infusion.bedside.words import AfterReaction, Premedicant, PremedicationRoute, ReactionSign
from infusion.forms import dose_field
from patients.signature import second_signature

# A tablet that was away longer has been found again, not reconnected: its entries are typed with their time.
LONGEST_AWAY: Final = timedelta(days=7)
# Rarely needed, and unfolded for it.
RARE: Final = ("at", "late_reason")
WHOLE: Final = "whole"
PART: Final = "part"


class ScanForm(forms.Form):
    """Wristband and bag, by the scanner or typed as printed."""

    wristband = forms.CharField(
        label=_("Wristband"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "spellcheck": "false"}),
    )
    bag = forms.CharField(
        label=_("Bag"),
        help_text=_("Donation number, or the manufacturer's code."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    product = forms.CharField(
        label=_("Product code of the bag"),
        help_text=_("Only where it is a bar code of its own."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def scan(self) -> Scan:
        """What was scanned, for the service."""
        given = self.cleaned_data
        return Scan(wristband=given["wristband"], bag=given["bag"], product=given["product"])


class SignForm(ScanForm):
    """The signature under a match: of who is signed in, and of a second person at the same tablet."""

    second = forms.EmailField(
        label=_("Second person's e-mail address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=_("Second person's password"),
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """The request is needed to count wrong guesses."""
        super().__init__(*args, **kwargs)
        self.request = request
        self.person: User | None = None
        for name in ("wristband", "bag", "product"):
            self.fields[name].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Find the second person by address and password, where one signs here."""
        super().clean()
        given = self.cleaned_data
        if self.errors or not given.get("second"):
            return given
        try:
            self.person = second_signature(self.request, email=given["second"], password=given["password"])
        except ValidationError as refusal:
            self.add_error("password", refusal)
        return given


class EntryForm(PastForm):
    """One act at the bedside: `key` makes it count once, `pressed_at` says when the tablet took it in.

    `pressed_at` are milliseconds of the server's clock; a time that somebody typed comes first.
    """

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    pressed_at = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    at = MomentField(label=_("Time"), required=False, help_text=_("Empty means now."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Every form that is shown has a key of its own."""
        kwargs["initial"] = {"key": uuid4()} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Refuse a tablet's time that can't be."""
        super().clean()
        pressed = self.cleaned_data.get("pressed_at")
        if pressed is not None:
            at = _moment(pressed)
            if at > self.now + CLOCK_DRIFT or at < self.now - LONGEST_AWAY:
                self.add_error("at", _("The tablet's time can't be right. Type the time."))
        return self.cleaned_data

    def acted_at(self) -> datetime:
        """When it was done: the time typed, else when it was pressed, else now."""
        typed: datetime | None = self.cleaned_data["at"]
        if typed is not None:
            return typed
        pressed = self.cleaned_data.get("pressed_at")
        return self.now if pressed is None else min(_moment(pressed), self.now)

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields people see at once."""
        return [field for field in self.visible_fields() if field.name not in RARE]

    @property
    def rare(self) -> list[forms.BoundField]:
        """The fields that are unfolded when they are needed."""
        return [field for field in self.visible_fields() if field.name in RARE]


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


class BagThawForm(EntryForm):
    """The thaw of one bag begins."""


class BagStartForm(EntryForm):
    """A bag begins to run; about the dose is asked with the first one only."""

    dose_cells = dose_field(_("CAR-positive viable cells given"))
    total_cells = dose_field(_("Whole dose chosen, all parts together"))
    override_reason = forms.CharField(
        label=_("Reason for a dose outside the rule"), max_length=400, required=False
    )
    gate_reason = forms.CharField(
        label=_("Reason to give this part against the gate"), max_length=400, required=False
    )
    late_reason = forms.CharField(
        label=_("Reason to give it after the time since the thaw"), max_length=400, required=False
    )

    def __init__(self, *args: Any, asked: Sequence[str], **kwargs: Any) -> None:
        """Ask only what this bag needs."""
        super().__init__(*args, **kwargs)
        for name in ("dose_cells", "total_cells", "override_reason", "gate_reason"):
            if name not in asked:
                del self.fields[name]

    def details(self) -> BagStart:
        """The start, for the service."""
        given = self.cleaned_data
        return BagStart(
            dose_cells=given.get("dose_cells"),
            total_cells=given.get("total_cells"),
            override_reason=given.get("override_reason", ""),
            gate_reason=given.get("gate_reason", ""),
            late_reason=given["late_reason"],
        )


class BagEndForm(EntryForm):
    """A bag has run in, or was stopped."""

    volume_ml = MeasureField(label=_("Volume given"), low=0, high=2000, unit="mL", places=1, required=False)
    given = ButtonsField([(WHOLE, _("Whole bag")), (PART, _("Not the whole bag"))], label=_("What was given"))
    note = forms.CharField(label=_("Why not the whole bag"), max_length=400, required=False)

    def details(self) -> BagEnd:
        """The end, for the service; what was not said is unknown."""
        given = self.cleaned_data
        whole = {WHOLE: True, PART: False}.get(given["given"] or "")
        return BagEnd(volume_ml=given["volume_ml"], is_whole=whole, note=given["note"])


class PremedicationForm(EntryForm):
    """One drug given before the cells."""

    drug = forms.ChoiceField(label=_("Drug"), choices=Premedicant.choices, widget=ButtonChoice)
    name = forms.CharField(label=_("Name of another drug"), max_length=60, required=False)
    dose_mg = MeasureField(label=_("Dose"), low=0.01, high=10_000, unit="mg", places=2, required=False)
    route = ButtonsField(PremedicationRoute.choices, label=_("Route"))

    def details(self) -> PremedicationDetails:
        """The drug, for the service."""
        given = self.cleaned_data
        return PremedicationDetails(
            drug=given["drug"], name=given["name"], dose_mg=given["dose_mg"], route=given["route"] or ""
        )


class ReactionForm(EntryForm):
    """Signs seen while the cells run in."""

    signs = forms.MultipleChoiceField(
        label=_("Signs"),
        choices=ReactionSign.choices,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "buttons"}),
    )
    action = forms.ChoiceField(label=_("Infusion"), choices=AfterReaction.choices, widget=ButtonChoice)
    grade = ButtonsField([(str(grade), str(grade)) for grade in range(1, 6)], label=_("Grade (CTCAE 5.0)"))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)
    item = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def details(self) -> ReactionDetails:
        """The reaction, for the service."""
        given = self.cleaned_data
        return ReactionDetails(
            signs=tuple(given["signs"]),
            action=given["action"],
            grade=int(given["grade"]) if given["grade"] else None,
            note=given["note"],
            item=given["item"],
        )
