"""Forms of a collection: identity, the day's record, corrections, frozen bags, planning."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields as fields_of
from typing import Any, ClassVar, Final, Literal

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.core.clinical_fields import (
    NO,
    YES,
    ButtonsField,
    CellsField,
    CodeField,
    CountField,
    MeasureField,
    YesNoUnknownField,
)
from cartpath.core.fields import DayField, MomentField
from cartpath.core.forms import PastForm
from cartpath.core.widgets import ButtonChoice
from leukapheresis.collection_days import OF_THE_MACHINE
from leukapheresis.enums import (
    AdverseEventKind,
    BagState,
    CollectionAccess,
    DayDecision,
    IdentifierChecked,
    Prime,
)
from leukapheresis.inputs import AdverseEventDetails, CollectionDayDetails, IdentityCheckDetails
from leukapheresis.models import CollectionDay
from patients.second_person import SecondPerson

NOW_WHEN_EMPTY: Final = _("Empty means now.")
ADVERSE_ROWS: Final = 6
LOOK: Final = "look"
_GRADES: Final = [(number, str(number)) for number in range(1, 6)]
_ADVERSE_PARTS: Final = ("kind", "grade", "at", "action")


def _reason(label: Any, **options: Any) -> forms.CharField:
    options.setdefault("required", False)
    return forms.CharField(label=label, max_length=400, widget=forms.Textarea(attrs={"rows": 2}), **options)


def _count(label: Any, high: int, unit: str) -> CountField:
    return CountField(label=label, low=0, high=high, unit=unit, required=False)


def _measure(label: Any, high: float, unit: str, places: int, low: float = 0) -> MeasureField:
    return MeasureField(label=label, low=low, high=high, unit=unit, places=places, required=False)


class CollectionIdentityForm(SecondPerson):
    """Two people compare who lies there with what is written here."""

    identifiers = forms.MultipleChoiceField(
        label=_("Compared by both of us"),
        help_text=_("At least two."),
        choices=IdentifierChecked.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Compare them at the bedside first.")},
    )
    field_order = ("identifiers", "second", "password")

    def details(self) -> IdentityCheckDetails:
        """The identifiers, for the service."""
        return IdentityCheckDetails(identifiers=tuple(self.cleaned_data["identifiers"]))


class CollectionDayForm(PastForm):
    """One day of collection, as measured. What was not measured stays empty and is unknown."""

    past_days: ClassVar = ("idm_sampled_on",)

    history_reason = _reason(
        _("Where and what for the cells were collected"),
        required=True,
        help_text=_("For example: before the referral, at another center, for another product."),
    )
    identity_missing_reason = _reason(
        _("Why two people have not confirmed who is collected"), help_text=_("It stays visible.")
    )
    started_at = MomentField(label=_("Started"))
    ended_at = MomentField(label=_("Ended"), required=False)
    weight_kg = _measure(_("Weight"), 300, "kg", 2, low=0.3)
    access = ButtonsField(CollectionAccess.choices, label=_("Access"))
    pre_wbc_e9_per_l = _measure(_("White cells"), 2000, "×10⁹/L", 2)
    pre_blasts_percent = _measure(_("Blasts"), 100, "%", 1)
    alc_per_ul = _count(_("Lymphocytes"), 2_000_000, "/µL")
    pre_cd3_per_ul = _count(_("CD3+"), 2_000_000, "/µL")
    pre_hemoglobin_g_dl = _measure(_("Hemoglobin"), 30, "g/dL", 1)
    pre_hematocrit_percent = _measure(_("Hematocrit"), 100, "%", 1)
    pre_platelets_e9_per_l = _count(_("Platelets"), 5000, "×10⁹/L")
    ionized_calcium_before_mmol_l = _measure(_("Ionized calcium"), 20, "mmol/L", 2)
    magnesium_mmol_l = _measure(_("Magnesium"), 20, "mmol/L", 2)
    potassium_mmol_l = _measure(_("Potassium"), 20, "mmol/L", 2)
    device = forms.CharField(label=_("Device"), max_length=80, required=False)
    program = forms.CharField(label=_("Program"), max_length=40, required=False)
    ecv_ml = CountField(
        label=_("Extracorporeal volume"),
        low=1,
        high=2000,
        unit="mL",
        required=False,
        help_text=_("Leave empty where it is that of the machine booked."),
    )
    prime = ButtonsField(Prime.choices, label=_("Prime"))
    prime_unit = forms.CharField(label=_("Donation number of the prime"), max_length=20, required=False)
    anticoagulant_ratio = _measure(_("Blood to one part of anticoagulant"), 100, ":1", 1, low=1)
    anticoagulant_ml = _count(_("Anticoagulant"), 60_000, "mL")
    inlet_volume_ml = _count(_("Inlet volume"), 60_000, "mL")
    volume_processed_ml = CountField(
        label=_("Volume processed"),
        low=0,
        high=60_000,
        unit="mL",
        required=False,
        help_text=_("Leave empty to have it computed: inlet less anticoagulant."),
    )
    product_volume_ml = _count(_("Product volume"), 2000, "mL")
    tnc = CellsField(
        label=_("Nucleated cells in the bag"), exponent=9, low=0, high=1000, places=3, required=False
    )
    cd3 = CellsField(label=_("CD3+ cells in the bag"), exponent=9, low=0, high=1000, places=3, required=False)
    viability_percent = _measure(_("Viability"), 100, "%", 1)
    product_hematocrit_percent = _measure(_("Hematocrit of the product"), 100, "%", 1)
    post_platelets_e9_per_l = _count(_("Platelets"), 5000, "×10⁹/L")
    post_cd3_per_ul = _count(_("CD3+"), 2_000_000, "/µL")
    post_hemoglobin_g_dl = _measure(_("Hemoglobin"), 30, "g/dL", 1)
    ionized_calcium_lowest_mmol_l = _measure(_("Lowest ionized calcium"), 20, "mmol/L", 2)
    din = forms.CharField(
        label=_("Donation number (ISBT 128)"),
        max_length=20,
        required=False,
        help_text=_("13 characters, without the check character."),
    )
    label_checked = YesNoUnknownField(label=_("Label checked by two people"))
    seal_number = forms.CharField(label=_("Seal"), max_length=30, required=False)
    idm_sampled_on = DayField(label=_("Infection markers sampled"), required=False)
    adverse_events = forms.CharField(
        label=_("Adverse events, in words"), max_length=400, required=False, widget=forms.HiddenInput
    )
    note = _reason(_("Note"))
    decision = forms.ChoiceField(label=_("What follows"), choices=DayDecision.choices, widget=ButtonChoice)
    decision_reason = _reason(_("Why, where it differs from what the rules propose"))

    sections: ClassVar = (
        (_("Start"), ("history_reason", "identity_missing_reason", "started_at", "weight_kg", "access")),
        (
            _("Blood before"),
            (
                *("pre_wbc_e9_per_l", "pre_blasts_percent", "alc_per_ul", "pre_cd3_per_ul"),
                *("pre_hemoglobin_g_dl", "pre_hematocrit_percent", "pre_platelets_e9_per_l"),
                *("ionized_calcium_before_mmol_l", "magnesium_mmol_l", "potassium_mmol_l"),
            ),
        ),
        (_("Machine and prime"), ("device", "program", "ecv_ml", "prime", "prime_unit")),
        (
            pgettext_lazy("collection", "Run"),
            (
                *("ended_at", "inlet_volume_ml", "anticoagulant_ml", "anticoagulant_ratio"),
                "volume_processed_ml",
            ),
        ),
        (
            _("What was collected"),
            ("product_volume_ml", "tnc", "cd3", "viability_percent", "product_hematocrit_percent"),
        ),
        (
            _("Blood after"),
            (
                *("post_platelets_e9_per_l", "post_cd3_per_ul", "post_hemoglobin_g_dl"),
                "ionized_calcium_lowest_mmol_l",
            ),
        ),
        (_("Label and samples"), ("din", "label_checked", "seal_number", "idm_sampled_on")),
    )
    closing: ClassVar[tuple[str, ...]] = ("note", "decision", "decision_reason")

    def __init__(
        self,
        *args: Any,
        of_donor: bool,
        whole_blood: bool = False,
        historical: bool = False,
        is_checked: bool = False,
        **kwargs: Any,
    ) -> None:
        """Ask only what this day can answer: whose weight, a machine or none, why no identity check."""
        super().__init__(*args, **kwargs)
        self.whole_blood = whole_blood
        if of_donor:
            self.fields["weight_kg"].label = _("Donor's weight")
        dropped = set(OF_THE_MACHINE) if whole_blood else set()
        if whole_blood:
            dropped |= {"ionized_calcium_before_mmol_l", "ionized_calcium_lowest_mmol_l"}
            self.fields["product_volume_ml"].label = _("Volume drawn")
        if not historical:
            dropped.add("history_reason")
        if historical or is_checked:
            dropped.add("identity_missing_reason")
        for name in dropped:
            del self.fields[name]
        # What is recorded already keeps its rows, so that correcting a day loses no event.
        known = sum(name.startswith("adverse_") and name.endswith("_kind") for name in self.initial)
        self.adverse_numbers = range(max(ADVERSE_ROWS, known + 1))
        for number in self.adverse_numbers:
            self.fields |= _adverse_fields(number)

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields in the order of the day, each group under its heading."""
        shown = [
            (title, [self[name] for name in names if name in self.fields]) for title, names in self.sections
        ]
        return [(title, fields) for title, fields in shown if fields]

    def adverse_rows(self) -> list[list[forms.BoundField]]:
        """The rows for adverse events, one event each."""
        return [
            [self[f"adverse_{number}_{part}"] for part in _ADVERSE_PARTS] for number in self.adverse_numbers
        ]

    def closing_fields(self) -> list[forms.BoundField]:
        """What ends the day."""
        return [self[name] for name in self.closing]

    def clean(self) -> dict[str, Any]:
        """A grade, time or act belongs to an adverse event."""
        super().clean()
        for number in self.adverse_numbers:
            given = {part: self.cleaned_data.get(f"adverse_{number}_{part}") for part in _ADVERSE_PARTS}
            if not given["kind"] and any(given.values()):
                self.add_error(f"adverse_{number}_kind", _("Say which adverse event it was."))
        return self.cleaned_data

    def details(self) -> CollectionDayDetails:
        """The day, for the service."""
        names = {field.name for field in fields_of(CollectionDayDetails)}
        given = {name: value for name, value in self.cleaned_data.items() if name in names}
        method: Literal["apheresis", "whole_blood"] = "whole_blood" if self.whole_blood else "apheresis"
        return CollectionDayDetails(**given, method=method, adverse=tuple(self._adverse()))

    def _adverse(self) -> Iterator[AdverseEventDetails]:
        for number in self.adverse_numbers:
            given = {part: self.cleaned_data[f"adverse_{number}_{part}"] for part in _ADVERSE_PARTS}
            if given["kind"]:
                yield AdverseEventDetails(**given)


def _adverse_fields(number: int) -> dict[str, forms.Field]:
    name = f"adverse_{number}_"
    return {
        f"{name}kind": CodeField(AdverseEventKind.choices, label=_("Adverse event"), required=False),
        f"{name}grade": forms.TypedChoiceField(
            label=_("Grade"),
            choices=[("", _("Unknown")), *_GRADES],
            coerce=int,
            empty_value=None,
            required=False,
        ),
        f"{name}at": MomentField(label=_("Time"), required=False),
        f"{name}action": forms.CharField(label=_("What was done"), max_length=200, required=False),
    }


def recorded(day: CollectionDay) -> dict[str, Any]:
    """A day as it was recorded, as the initial values of its form."""
    names = {field.name for field in fields_of(CollectionDayDetails)} - {"method", "adverse"}
    known = {name: getattr(day, name) for name in names} | {"started_at": day.started_at}
    for name in ("tnc", "cd3"):
        known[name] = None if known[name] is None else known[name] / 10**9
    known["label_checked"] = {True: YES, False: NO}.get(day.label_checked)  # type: ignore[arg-type]
    for number, event in enumerate(day.adverse.order_by("pk")):
        known |= {f"adverse_{number}_{part}": getattr(event, part) for part in _ADVERSE_PARTS}
    return known


class CorrectedDayForm(CollectionDayForm):
    """A day as it should have been recorded, and why."""

    reason = _reason(_("What was wrong"), required=True)
    closing: ClassVar[tuple[str, ...]] = ("note", "decision", "decision_reason", "reason")


class AgainForm(forms.Form):
    """A new round of collection begins."""

    reason = _reason(_("Why it is collected again"), required=True)


class FrozenForm(PastForm):
    """When the cells of a day were frozen; the bags follow as a list of forms."""

    frozen_at = MomentField(label=_("Frozen"), required=False, help_text=NOW_WHEN_EMPTY)
    product_code = forms.CharField(
        label=_("Product code (ISBT 128)"),
        max_length=5,
        required=False,
        help_text=_("Five characters of the center's license; the same for all bags."),
    )


class BagForm(forms.Form):
    """One bag. A line left empty is no bag."""

    division = forms.CharField(label=_("Division"), max_length=2, required=False)
    volume_ml = _measure(_("Volume of cells"), 2000, "mL", 1, low=0.1)
    cryoprotectant_ml = _measure(_("Cryoprotectant"), 2000, "mL", 1)
    tnc = CellsField(label=_("Nucleated cells"), exponent=9, low=0, high=1000, places=3, required=False)
    cd3 = CellsField(label=_("CD3+ cells"), exponent=9, low=0, high=1000, places=3, required=False)
    location = forms.CharField(label=_("Place in storage"), max_length=80, required=False)

    def clean(self) -> dict[str, Any]:
        """A bag that is filled in has a volume."""
        super().clean()
        given = [value for name, value in self.cleaned_data.items() if name != "division"]
        if any(value not in (None, "") for value in given) and not self.cleaned_data.get("volume_ml"):
            self.add_error("volume_ml", _("Say how much the bag holds."))
        return self.cleaned_data

    @property
    def is_filled(self) -> bool:
        """Whether this line is a bag."""
        return bool(self.cleaned_data.get("volume_ml"))


class BagStateForm(forms.Form):
    """What became of a bag."""

    state = forms.ChoiceField(
        label=_("What became of it"),
        choices=[choice for choice in BagState.choices if choice[0] != BagState.STORED],
        widget=ButtonChoice,
    )
    note = _reason(_("Note, or why it is discarded"))


class PlanForm(forms.Form):
    """Counts of today for the planning sheet. They are looked at, not kept."""

    cd3_per_ul = _measure(_("CD3+"), 1_000_000, "/µL", 0)
    platelets_e9_per_l = _measure(_("Platelets"), 5000, "×10⁹/L", 0)
    hematocrit_percent = _measure(_("Hematocrit"), 100, "%", 1)
    alc_per_ul = _measure(_("Lymphocytes"), 2_000_000, "/µL", 0)
    hemoglobin_g_dl = _measure(_("Hemoglobin"), 30, "g/dL", 1)
    wbc_e9_per_l = _measure(_("White cells"), 2000, "×10⁹/L", 2)
    blasts_percent = _measure(_("Blasts"), 100, "%", 1)
    ecv_ml = _measure(_("Extracorporeal volume"), 2000, "mL", 0, low=1)
    acda_ratio = _measure(_("Blood to one part of ACD-A"), 100, ":1", 1, low=1)

    def given(self) -> Mapping[str, float]:
        """What was typed."""
        if not self.is_bound or not self.is_valid():
            return {}
        return {name: value for name, value in self.cleaned_data.items() if value is not None}


def bag_forms(data: Any, *, divisions: Sequence[str]) -> list[BagForm]:
    """One line for each bag that could be filled, with its division proposed."""
    return [
        BagForm(data, prefix=f"bag_{number}", initial={"division": code})
        for number, code in enumerate(divisions)
    ]
