"""Forms about what can be booked and when."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any, Final

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center
from cartpath.core.clinical_fields import CodeField
from cartpath.core.fields import DayField
from cartpath.core.widgets import ClockInput
from leukapheresis.enums import ClosureKind, ResourceKind
from leukapheresis.models import Resource
from leukapheresis.plan import (
    ClosureDetails,
    OpenDayDetails,
    QuotaDetails,
    ResourceDetails,
    WeekdayHours,
)
from patients.banner import product_choices

_FEWEST_SPANS: Final = 2


class ResourceForm(forms.Form):
    """A resource. Its kind is chosen once."""

    kind = CodeField(ResourceKind.choices, label=_("Kind"))
    name = forms.CharField(label=_("Name"), max_length=80)
    extracorporeal_volume_ml = forms.IntegerField(
        label=_("Extracorporeal volume"),
        help_text=_("Of a machine with its usual set. Without it, no share of a child's blood is known."),
        min_value=1,
        max_value=2000,
        required=False,
        widget=forms.NumberInput({"data-unit": "mL"}),
    )
    capacity = forms.IntegerField(
        label=_("Children at once"),
        help_text=_("A machine takes one."),
        min_value=1,
        max_value=200,
        initial=1,
    )
    lead_time_hours = forms.IntegerField(
        label=_("Needed in advance"),
        min_value=0,
        max_value=2000,
        initial=0,
        widget=forms.NumberInput({"data-unit": "h"}),
    )
    buffer_before_minutes = forms.IntegerField(
        label=_("Kept free before"),
        min_value=0,
        max_value=1440,
        initial=0,
        widget=forms.NumberInput({"data-unit": "min"}),
    )
    buffer_after_minutes = forms.IntegerField(
        label=_("Kept free after"),
        min_value=0,
        max_value=1440,
        initial=0,
        widget=forms.NumberInput({"data-unit": "min"}),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, known: Resource | None = None, **kwargs: Any) -> None:
        """For a known resource the kind stands as it is."""
        if known is not None:
            kwargs["initial"] = {name: getattr(known, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        self.fields["kind"].disabled = known is not None

    def details(self) -> ResourceDetails:
        """The resource, for the service."""
        return ResourceDetails(**self.cleaned_data)


class HoursForm(forms.Form):
    """The weekly hours: two spans a weekday, or one more than there are."""

    def __init__(self, *args: Any, known: Sequence[WeekdayHours], **kwargs: Any) -> None:
        """One pair of fields for each span of each weekday."""
        super().__init__(*args, **kwargs)
        by_day: Mapping[int, list[WeekdayHours]] = {
            day: [row for row in known if row.weekday == day] for day in WEEKDAYS
        }
        self.spans = max(_FEWEST_SPANS, *(len(rows) for rows in by_day.values()))
        for day, name in WEEKDAYS.items():
            for span in range(self.spans):
                row = by_day[day][span] if span < len(by_day[day]) else None
                for end, label in (("opens", _("from")), ("closes", _("to"))):
                    self.fields[f"{end}_{day}_{span}"] = forms.TimeField(
                        label=f"{name} {label}",
                        required=False,
                        widget=ClockInput,
                        initial=getattr(row, end) if row else None,
                    )

    def clean(self) -> dict[str, Any]:
        """A span has both ends; spans of a day don't overlap."""
        super().clean()
        for day in WEEKDAYS:
            taken: list[tuple[time, time]] = []
            for span in range(self.spans):
                opens, closes = (self.cleaned_data.get(f"{end}_{day}_{span}") for end in ("opens", "closes"))
                if (opens is None) != (closes is None):
                    missing = "opens" if opens is None else "closes"
                    self.add_error(f"{missing}_{day}_{span}", _("Give both times, or neither."))
                elif opens is not None and closes is not None:
                    if any(opens < end and begin < closes for begin, end in taken if end > begin):
                        self.add_error(f"opens_{day}_{span}", _("These hours overlap with the ones before."))
                    taken.append((opens, closes))
        return self.cleaned_data

    def rows(self) -> list[tuple[Any, list[tuple[forms.BoundField, forms.BoundField]]]]:
        """Each weekday with its pairs of fields."""
        spans = range(self.spans)
        return [
            (name, [(self[f"opens_{day}_{span}"], self[f"closes_{day}_{span}"]) for span in spans])
            for day, name in WEEKDAYS.items()
        ]

    def hours(self) -> list[WeekdayHours]:
        """The hours, for the service."""
        given = self.cleaned_data
        return [
            WeekdayHours(day, given[f"opens_{day}_{span}"], given[f"closes_{day}_{span}"])
            for day in WEEKDAYS
            for span in range(self.spans)
            if given[f"opens_{day}_{span}"] is not None
        ]


class ClosureForm(forms.Form):
    """Closed days of one resource or of the whole center."""

    resource = forms.ModelChoiceField(
        queryset=Resource.objects.none(), label=_("Closed"), empty_label=_("The whole center"), required=False
    )
    kind = CodeField(ClosureKind.choices, label=_("Kind"))
    first_on = DayField(label=_("First day"))
    last_on = DayField(label=_("Last day"), help_text=_("The same day for one day only."))
    note = forms.CharField(
        label=_("Note"), max_length=200, required=False, help_text=_("Shown in the calendar.")
    )

    def __init__(self, *args: Any, center: Center, **kwargs: Any) -> None:
        """Offer the center's resources in use."""
        super().__init__(*args, **kwargs)
        _offer(self.fields["resource"], center)

    def clean(self) -> dict[str, Any]:
        """The last day can't lie before the first."""
        super().clean()
        first, last = self.cleaned_data.get("first_on"), self.cleaned_data.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", _("The last day can't lie before the first."))
        return self.cleaned_data

    def details(self) -> ClosureDetails:
        """The closure, for the service."""
        given = dict(self.cleaned_data)
        resource = given.pop("resource")
        return ClosureDetails(resource_id=resource.pk if resource else None, **given)


class OpenDayForm(forms.Form):
    """A day with hours of its own, for everything a collection takes."""

    resources = forms.ModelMultipleChoiceField(
        queryset=Resource.objects.none(), label=_("Open"), widget=forms.CheckboxSelectMultiple
    )
    on = DayField(label=_("Day"))
    opens = forms.TimeField(label=_("From"), widget=ClockInput)
    closes = forms.TimeField(label=_("To"), widget=ClockInput)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, center: Center, **kwargs: Any) -> None:
        """Offer the center's resources in use."""
        super().__init__(*args, **kwargs)
        _offer(self.fields["resources"], center)

    def details(self) -> OpenDayDetails:
        """The openings, for the service."""
        given = dict(self.cleaned_data)
        return OpenDayDetails(resource_ids=[row.pk for row in given.pop("resources")], **given)


class QuotaForm(forms.Form):
    """How many collections a week."""

    per_week = forms.IntegerField(label=_("Collections a week"), min_value=0, max_value=200)
    product = forms.ChoiceField(label=_("Product"), required=False)
    referring_center = forms.CharField(
        label=_("Referring center"),
        max_length=160,
        required=False,
        help_text=_("As it is written in referrals. Empty for every one."),
        widget=forms.TextInput({"list": "referrers", "autocomplete": "off"}),
    )
    valid_from = DayField(label=_("From"))
    valid_to = DayField(label=_("Until"), required=False, help_text=_("First day without this quota."))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        """Offer the products that have a protocol."""
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = [  # type: ignore[attr-defined]
            ("", _("All products")),
            *product_choices()[1:],
        ]
        self.fields["valid_from"].initial = today

    def details(self) -> QuotaDetails:
        """The quota, for the service."""
        return QuotaDetails(**self.cleaned_data)


def _offer(field: forms.Field, center: Center) -> None:
    rows = Resource.objects.filter(center=center, is_active=True).order_by("kind", "name")
    field.queryset = rows  # type: ignore[attr-defined]
