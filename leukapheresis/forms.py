"""Forms of the leukapheresis room: what a person types, turned into the services' inputs."""

from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.clinical_fields import ButtonsField, CellsField, CodeField, CountField, MeasureField
from cartpath.core.fields import DayField, MomentField
from cartpath.core.forms import PastForm
from cartpath.core.widgets import ButtonChoice
from leukapheresis.enums import CancelReason, DayDecision, Prime
from leukapheresis.inputs import CollectionDayDetails
from leukapheresis.models import Resource

LONGEST_RUN: Final = timedelta(days=366)


class ClockInput(forms.TimeInput):
    """The browser's own clock for a time of day."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class BookingForm(forms.Form):
    """Take a slot. A reason is asked for only from somebody who may book although a washout is open."""

    slot = forms.UUIDField(label=_("Slot"), error_messages={"required": _("Choose a slot.")})
    override_reason = forms.CharField(
        label=_("Reason to collect before the washout ends"),
        help_text=_("Needed for a slot marked “before the end of the washout”. It is kept in the ledger."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, may_override: bool, of_donor: bool = False, **kwargs: Any) -> None:
        """Without the right to override, there is no such field and nothing of it is read."""
        super().__init__(*args, **kwargs)
        if not may_override:
            del self.fields["override_reason"]
        elif of_donor:
            self.fields["override_reason"].label = _("Reason to collect this donor in spite of the serology")
            self.fields["override_reason"].help_text = _("It is kept in the ledger.")


class CancelForm(forms.Form):
    """Give a slot back."""

    reason_code = CodeField(CancelReason.choices, label=_("Reason"))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)


class CollectionDayForm(PastForm):
    """One day of collection, as measured. What was not measured stays empty and is unknown."""

    started_at = MomentField(label=_("Started"))
    ended_at = MomentField(label=_("Ended"), required=False)
    device = forms.CharField(label=_("Device"), max_length=80, required=False)
    program = forms.CharField(label=_("Program"), max_length=40, required=False)
    prime = ButtonsField(Prime.choices, label=_("Prime"))
    weight_kg = MeasureField(label=_("Weight"), low=0.3, high=300, unit="kg", places=2, required=False)
    alc_per_ul = CountField(label=_("Lymphocytes before"), low=0, high=2_000_000, unit="/µL", required=False)
    pre_cd3_per_ul = CountField(label=_("CD3+ before"), low=0, high=2_000_000, unit="/µL", required=False)
    pre_platelets_e9_per_l = CountField(
        label=_("Platelets before"), low=0, high=5000, unit="×10⁹/L", required=False
    )
    post_platelets_e9_per_l = CountField(
        label=_("Platelets after"), low=0, high=5000, unit="×10⁹/L", required=False
    )
    volume_processed_ml = CountField(
        label=_("Volume processed"), low=0, high=60_000, unit="mL", required=False
    )
    product_volume_ml = CountField(label=_("Product volume"), low=0, high=2000, unit="mL", required=False)
    tnc = CellsField(
        label=_("Nucleated cells in the bag"), exponent=9, low=0, high=1000, places=3, required=False
    )
    cd3 = CellsField(label=_("CD3+ cells in the bag"), exponent=9, low=0, high=1000, places=3, required=False)
    viability_percent = MeasureField(
        label=_("Viability"), low=0, high=100, unit="%", places=1, required=False
    )
    adverse_events = forms.CharField(label=_("Adverse events"), max_length=400, required=False)
    note = forms.CharField(label=_("Note"), max_length=400, required=False)
    decision = forms.ChoiceField(label=_("What follows"), choices=DayDecision.choices, widget=ButtonChoice)

    procedure = ("started_at", "ended_at", "device", "program", "prime", "weight_kg")
    counts = ("alc_per_ul", "pre_cd3_per_ul", "pre_platelets_e9_per_l", "post_platelets_e9_per_l")
    product = ("volume_processed_ml", "product_volume_ml", "tnc", "cd3", "viability_percent")
    closing = ("adverse_events", "note", "decision")

    def __init__(self, *args: Any, of_donor: bool, **kwargs: Any) -> None:
        """Say whose weight is asked for."""
        super().__init__(*args, **kwargs)
        if of_donor:
            self.fields["weight_kg"].label = _("Donor's weight")

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields in the order of the day, each group under its heading."""
        titles = (
            (_("Procedure"), self.procedure),
            (_("Blood before and after"), self.counts),
            (_("What was collected"), self.product),
            (_("End of the day"), self.closing),
        )
        return [(title, [self[name] for name in names]) for title, names in titles]

    def details(self) -> CollectionDayDetails:
        """The day, for the service."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "started_at"}
        return CollectionDayDetails(**given)


class CompleteForm(PastForm):
    """Close the collection; going on without a met target needs a reason."""

    completed_at = MomentField(label=_("Completed"), required=False, help_text=_("Leave empty for now."))
    reason = forms.CharField(
        label=_("Why the cells are used all the same"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, target_met: bool, **kwargs: Any) -> None:
        """No reason is asked for when the target is met."""
        super().__init__(*args, **kwargs)
        if target_met:
            del self.fields["reason"]


class SlotsForm(forms.Form):
    """Open one slot a day on a machine for a run of days."""

    machine = forms.ModelChoiceField(
        queryset=Resource.objects.none(), label=_("Machine"), empty_label=_("Choose…")
    )
    first_on = DayField(label=_("First day"))
    last_on = DayField(label=_("Last day"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"), choices=list(WEEKDAYS.items()), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    start = forms.TimeField(label=_("From"), widget=ClockInput)
    end = forms.TimeField(label=_("To"), widget=ClockInput)

    def __init__(self, *args: Any, center: Center, **kwargs: Any) -> None:
        """Offer the machines in use of one center."""
        super().__init__(*args, **kwargs)
        machines = Resource.objects.filter(center=center, is_active=True).order_by("name")
        self.fields["machine"].queryset = machines  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The run must end after it begins, within a year."""
        super().clean()
        first, last = self.cleaned_data.get("first_on"), self.cleaned_data.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", _("The last day can't lie before the first."))
        elif first and last and last - first > LONGEST_RUN:
            self.add_error("last_on", _("Open at most one year at a time."))
        return self.cleaned_data

    def days(self) -> list[date]:
        """Every day of the run on the chosen weekdays."""
        first: date = self.cleaned_data["first_on"]
        run = (self.cleaned_data["last_on"] - first).days + 1
        days = (first + timedelta(days=number) for number in range(run))
        return [day for day in days if day.weekday() in self.cleaned_data["weekdays"]]
