"""The form of a round at the bedside, and those that put a round right."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, Final, cast
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import (
    NO,
    YES,
    ButtonsField,
    CountField,
    MeasureField,
    YesNoUnknownField,
)
from cartpath.core.errors import Invalid
from cartpath.core.fields import MomentField
from cartpath.core.forms import PastForm
from cartpath.ledger.models import Event
from toxicity.crs_fields import DEVICES, NO_VASOPRESSOR, VASOPRESSORS
from toxicity.grading.crs import OxygenDevice
from toxicity.grading.ice import ICE_ITEM_POINTS
from toxicity.icans_fields import CAPD_NAMES, IcansFields
from toxicity.observations.catalog import (
    CATALOG,
    Handwriting,
    NotTakenReason,
    ObservationCode,
    TemperatureSite,
)
from toxicity.observations.inputs import CAN_BE_NOT_TAKEN, ENTRY_NAMES, NotTaken, ObservationEntry
from toxicity.observations.rows import said
from toxicity.observations.since import as_shown, last_seen
from toxicity.observations.words import HANDWRITINGS, SITES, label_words

_C = ObservationCode

# The order of the thumb: the first field is under it when the page opens.
NUMBERS: Final = (
    *(_C.TEMPERATURE_C, _C.HEART_RATE, _C.RESPIRATORY_RATE, _C.SPO2, _C.SYSTOLIC, _C.DIASTOLIC),
    *(_C.OXYGEN_FLOW, _C.FIO2, _C.URINE_ML, _C.WEIGHT_KG),
)
ROUND: Final = NUMBERS[:6]
NOT_TAKEN: Final = {code: f"not_taken_{code.value}" for code in CAN_BE_NOT_TAKEN}
# Air has this much oxygen: more needs a device.
AIR_PERCENT: Final = 21
# Asked when a scale is assessed apart from the bedside round.
_NOT_AT_THE_BEDSIDE: Final = ("capd_baseline", "death_from_icans")


def number_field(code: ObservationCode) -> CountField | MeasureField:
    """The field of a number, with the range and the digits its kind of observation allows."""
    kind = CATALOG[code]
    if kind.low is None or kind.high is None:
        raise ValueError(f"{code} has no range")
    options: dict[str, Any] = {"label": label_words(code), "unit": kind.printed, "required": False}
    if kind.decimals:
        return MeasureField(low=kind.low, high=kind.high, places=kind.decimals, **options)
    return CountField(low=int(kind.low), high=int(kind.high), **options)


class SupportFields(forms.Form):
    """Oxygen, vasopressors and what a person judges beside the numbers."""

    oxygen_device = ButtonsField(DEVICES, label=_("Oxygen"))
    vasopressors = forms.MultipleChoiceField(
        label=_("Vasopressors running now"),
        choices=VASOPRESSORS,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "buttons"}),
    )
    oxygen_for_comfort = forms.BooleanField(label=_("For comfort only, without a deficit"), required=False)
    oxygen_baseline_support = forms.BooleanField(
        label=_("The usual support at home, unchanged"), required=False
    )
    temperature_site = ButtonsField(SITES, label=_("Temperature taken"))
    fever_other_cause = forms.BooleanField(label=_("The fever has another cause"), required=False)
    hypotension = YesNoUnknownField(label=_("Hypotension, judged by you"))
    handwriting = ButtonsField(HANDWRITINGS, label=_("Handwriting beside earlier samples"))


class ObservationForm(SupportFields, IcansFields, PastForm):
    """What one person sees of one child at one time. Everything may stay open; nothing is prefilled.

    `set_id` is made when the page is made: an entry that is sent twice over a bad net is kept once.
    """

    set_id = forms.UUIDField(widget=forms.HiddenInput)
    at = MomentField(label=_("Seen at"), required=False, help_text=_("Empty means now."))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add a field for each number, with its range from the catalog."""
        super().__init__(*args, **kwargs)
        self.fields["set_id"].initial = uuid4
        for code in NUMBERS:
            self.fields[code.value] = number_field(code)
        for code, name in NOT_TAKEN.items():
            label = _("%(name)s not taken") % {"name": label_words(code)}
            self.fields[name] = ButtonsField(NotTakenReason.choices, label=label)
        for name in _NOT_AT_THE_BEDSIDE:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Refuse what can't be, each beside its field; the rest stays."""
        given = super().clean()
        self._refuse_oxygen_without_device(given)
        for code, name in NOT_TAKEN.items():
            if given.get(name) and given.get(code.value) is not None:
                self.add_error(name, _("It was taken: leave one of them out."))
        agents = given.get("vasopressors") or []
        if NO_VASOPRESSOR in agents and len(agents) > 1:
            self.add_error("vasopressors", _("Choose “no vasopressor” or the agents, not both."))
        systolic, diastolic = given.get("systolic"), given.get("diastolic")
        if diastolic is not None and systolic is None and "systolic" not in self.errors:
            self.add_error("systolic", _("Give the systolic pressure too."))
        if diastolic is not None and systolic is not None and diastolic >= systolic:
            self.add_error("diastolic", _("The diastolic pressure lies below the systolic one."))
        return given

    def _refuse_oxygen_without_device(self, given: dict[str, Any]) -> None:
        device, flow, fio2 = (given.get(name) for name in ("oxygen_device", "oxygen_flow", "fio2"))
        flows = [name for name, more in (("oxygen_flow", flow), ("fio2", (fio2 or 0) > AIR_PERCENT)) if more]
        if flows and device is None:
            self.add_error("oxygen_device", _("Say how the oxygen is given."))
        elif flows and device == OxygenDevice.NONE:
            self.add_error(flows[0], _("There is no flow on room air."))

    @property
    def entry_id(self) -> UUID:
        """The key of this entry."""
        key: UUID = self.cleaned_data["set_id"]
        return key

    def entry(self) -> ObservationEntry:
        """What was observed, from the answers that are valid. Raises `Invalid` when they contradict."""
        given = self.cleaned_data
        names = (*NUMBERS, *SupportFields.base_fields, *_NEURO_FACTS)
        known: dict[str, Any] = {
            str(name): given[name] for name in names if given.get(name) not in (None, "")
        }
        site, writing, device = (
            known.get(name) for name in ("temperature_site", "handwriting", "oxygen_device")
        )
        icans = self.icans()
        told: dict[str, Any] = {
            "temperature_site": TemperatureSite(site) if site else None,
            "oxygen_device": OxygenDevice(device) if device else None,
            "handwriting": Handwriting(writing) if writing else None,
            "vasopressors": self._vasopressors(),
            "ice": icans and icans.ice,
            "capd": icans and icans.capd_answers,
            "consciousness": icans and icans.consciousness,
            "seizure": icans and icans.seizure,
            "raised_icp": icans and icans.raised_icp,
            "not_taken": tuple(
                NotTaken(code, NotTakenReason(given[name]))
                for code, name in NOT_TAKEN.items()
                if given.get(name)
            ),
            "note": given.get("note", ""),
        }
        return ObservationEntry(**known | told)

    def entry_so_far(self) -> ObservationEntry | None:
        """What is valid so far, for a preview; None while it contradicts itself or nothing was observed."""
        self.is_valid()
        try:
            entry = self.entry()
        except Invalid:
            return None
        return None if entry.is_empty else entry

    @property
    def not_taken_fields(self) -> list[forms.BoundField]:
        """Why a vital sign could not be taken, one field for each."""
        return [self[name] for name in NOT_TAKEN.values()]

    def _vasopressors(self) -> tuple[str, ...] | None:
        agents = self.cleaned_data.get("vasopressors")
        if not agents:
            return None
        return tuple(agent for agent in agents if agent != NO_VASOPRESSOR)


# Answers about the nervous system that go over as they are.
_NEURO_FACTS: Final = (
    *("motor_weakness", "developmental_delay", "capd_unable", "new_change_attributed"),
    *("consciousness_other_cause", "intracranial_hemorrhage"),
)


def initial_of(entry: ObservationEntry) -> dict[str, Any]:
    """What a set says, as the form would be filled in to say it: for a correction, never for a new round."""
    known = {name: getattr(entry, name) for name in ENTRY_NAMES}
    filled = {name: value for name, value in known.items() if value not in (None, False, "", ())}
    filled.pop("not_taken", None)
    filled |= {NOT_TAKEN[each.code]: each.reason for each in entry.not_taken}
    for name in ("motor_weakness", "hypotension"):
        if known[name] is not None:
            filled[name] = YES if known[name] else NO
    if entry.vasopressors is not None:
        filled["vasopressors"] = list(entry.vasopressors) or [NO_VASOPRESSOR]
    if entry.ice is not None:
        filled |= {f"ice_{item}": getattr(entry.ice, item) for item in ICE_ITEM_POINTS}
    if entry.capd is not None:
        filled |= dict(zip(CAPD_NAMES, entry.capd, strict=True))
    return {name: str(value) if isinstance(value, Enum) else value for name, value in filled.items()}


class CorrectionForm(ObservationForm):
    """A set as it stands, put right with a reason. The time stays: a wrong time is entered anew."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
    reason = forms.CharField(label=_("What was wrong"), max_length=400)

    def __init__(
        self, *args: Any, before: ObservationEntry, corrections: Sequence[Event] = (), **kwargs: Any
    ) -> None:
        """Fill in what stands, without the time and the key of a new entry."""
        known = initial_of(before) | {"seen": last_seen(corrections)}
        super().__init__(*args, initial=known, **kwargs)
        for name in ("at", "set_id"):
            del self.fields[name]
        # A program may have named an agent that the buttons don't offer: it must not be lost here.
        others = [agent for agent in before.vasopressors or () if agent not in dict(VASOPRESSORS)]
        agents = cast("forms.MultipleChoiceField", self.fields["vasopressors"])
        agents.choices = [*VASOPRESSORS, *zip(others, others, strict=True)]
        self.before, self.corrections = before, corrections

    def changes(self) -> dict[str, Any]:
        """What differs from what this person was shown, by the names of an entry.

        What others put right since and this person left alone is no change. Raises `Invalid` for a
        contradiction.
        """
        after, seen = self.entry(), self.cleaned_data["seen"]
        latest = last_seen(self.corrections)
        shown = as_shown(self.before, self.corrections, seen=latest if seen is None else seen)
        told = said(after)
        return {name: getattr(after, name) for name in ENTRY_NAMES if told.get(name) != shown.get(name)}
