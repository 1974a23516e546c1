"""Forms made from the fields of a rule: what a center may alter, with units, limits and words."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.core.clinical_fields import CodeField, CountField, MeasureField
from cartpath.core.fields import DayField
from cartpath.core.inputs import json_name
from cartpath.protocols.apply import values_of
from cartpath.protocols.plan import At, Recurrence, Series, Window
from cartpath.protocols.rows import Row
from cartpath.protocols.sections import RegimenDrug
from cartpath.web.selectors.protocol_words import CHOICES, PRIORITIES, UNITS_OF_AT, field_label, field_unit
from patients.enums import DrugClass

# What a page lets a center alter of a row of the plan: when, how often, who, how urgent.
_PLAN_FIELDS: Final = ("at", "window", "recurrence", "role", "priority", "valid_from", "valid_to")
# What every other row keeps: what it is counted from or recognized by, and who judges it.
_KEPT: Final = frozenset(
    {"id", "source", "status", "unit", "item", "quantity", "drug_class", "assessed", "sign"}
)
_LONG: Final = frozenset({"text", "rule", "question", "note", "schedule", "step_up", "when"})
_LONGEST_NAME: Final = 200
_LONGEST_TEXT: Final = 800
# How large a number may be when its rule states no limit, by unit; cells are typed in millions.
_LARGEST: Final = 1_000_000
_LARGEST_OF: Final = {"%": 100, "kg": 300, "h": 8760, "min": 1440, "mg/m²": 10_000}
# Twenty years: what is looked for again every year outlives the follow-up.
_MOST_DAYS: Final = 7300
_MOST_MILLIONS: Final = 100_000
_MILLION: Final = 1_000_000
_EXPONENT: Final = 6
_UNIT_OF_MILLIONS: Final = gettext_lazy("×10⁶ cells")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a field of a row may hold, read from its type."""

    kind: type
    is_optional: bool
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


def shape_of(hint: Any) -> Shape:
    """Read a type such as `Annotated[int, Ge(1)] | None`."""
    members = [hint]
    if get_origin(hint) in (Union, UnionType):
        members = [each for each in get_args(hint) if each is not NoneType]
    is_optional = len(members) < len(get_args(hint)) if get_origin(hint) in (Union, UnionType) else False
    inner, low, high = members[0], None, None
    if get_origin(inner) is Annotated:
        inner, *limits = get_args(inner)
        for limit in limits:
            low = _low(limit, low)
            high = _high(limit, high)
    if get_origin(inner) is Literal:
        return Shape(str, is_optional, tuple(str(word) for word in get_args(inner)))
    return Shape(get_origin(inner) or inner, is_optional, (), low, high)


def _low(limit: object, low: float | None) -> float | None:
    if isinstance(limit, Ge):
        return float(limit.ge)  # type: ignore[arg-type]
    return float(limit.gt) if isinstance(limit, Gt) else low  # type: ignore[arg-type]


def _high(limit: object, high: float | None) -> float | None:
    if isinstance(limit, Le):
        return float(limit.le)  # type: ignore[arg-type]
    return float(limit.lt) if isinstance(limit, Lt) else high  # type: ignore[arg-type]


class RowForm(forms.Form):
    """Alters a row: its fields as they are now, and the reason.

    `values()` gives all of them as JSON by the names of the protocol files, the unaltered ones too.
    """

    def __init__(self, *args: Any, row: Row, **kwargs: Any) -> None:
        self.row = row
        self.before = values_of(row)
        super().__init__(*args, **kwargs)
        for name, hint in _alterable(row):
            self.fields.update(_fields(name, hint, row))
        self.fields["reason"] = reason_field()
        for name, field in self.fields.items():
            field.initial = self._initial(name)

    def values(self) -> dict[str, Any]:
        """The fields of the form as JSON; None for what was left empty."""
        return _gathered(self.cleaned_data, self.fields, self.before)

    def clean(self) -> dict[str, Any]:
        """Refuse a form in which nothing was altered."""
        super().clean()
        same = all(value == self.before.get(name) for name, value in self.values().items())
        if not self.errors and same:
            self.add_error(None, _("Nothing is altered. Change a value, or leave this page."))
        return self.cleaned_data

    def _initial(self, name: str) -> Any:
        value: Any = self.before
        for step in name.split("."):
            value = _inside(value, step)
        if isinstance(value, list):
            return ", ".join(str(each) for each in value)
        if isinstance(self.fields[name], MillionsField) and value is not None:
            return f"{value / _MILLION:g}"
        return f"{value:g}" if isinstance(value, float) else value


class AddForm(forms.Form):
    """Adds a row to a section: the fields its kind of row asks for, and the reason."""

    def __init__(self, *args: Any, row_type: type[Row], names: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row_type = row_type
        hints = get_type_hints(row_type, include_extras=True)
        required = {item.name for item in fields(row_type) if _is_required(item)}
        for name in names:
            for key, field in _fields(name, hints[name], None).items():
                field.required = name in required
                self.fields[key] = field
        self.fields["reason"] = reason_field()

    def values(self) -> dict[str, Any]:
        """The new row as JSON; what was left empty is left out."""
        given = _gathered(self.cleaned_data, self.fields, {})
        return {name: value for name, value in given.items() if value not in (None, "", False)}


class MillionsField(MeasureField):
    """A count of cells in millions, as labels write it; the value is the whole count as a float."""

    def __init__(self, *, low: float, **options: Any) -> None:
        super().__init__(low=low, high=_MOST_MILLIONS, unit=str(_UNIT_OF_MILLIONS), **options)

    def clean(self, value: Any) -> float | None:
        """Read the number. Raises ValidationError outside the range."""
        number = super().clean(value)
        return None if number is None else float(round(number * _MILLION, 3))


class YesNoField(forms.NullBooleanField):
    """Yes, no, or whatever it is."""

    widget = forms.NullBooleanSelect

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.choices = [("unknown", _("either")), ("true", _("Yes")), ("false", _("No"))]


class NumbersField(forms.CharField):
    """Whole numbers with commas between them; the value is a list, in the order in which they were typed."""

    def clean(self, value: Any) -> Any:
        """Read the numbers. Raises ValidationError for anything else."""
        parts = [part.strip() for part in str(super().clean(value)).split(",") if part.strip()]
        if not parts or not all(part.isdecimal() for part in parts):
            raise forms.ValidationError(_("Give whole numbers with commas between them, such as 1, 2, 3."))
        return [int(part) for part in parts]


class NamesField(forms.CharField):
    """Names with commas between them; the value is a list."""

    def clean(self, value: Any) -> Any:
        """Read the names."""
        return [part.strip() for part in str(super().clean(value)).split(",") if part.strip()]


def reason_field() -> forms.CharField:
    """Why: it stands beside the rule with the person's name and the day, for whoever reads it later."""
    return forms.CharField(
        label=_("Reason"),
        max_length=_LONGEST_TEXT,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Stands beside the rule with your name and the day."),
    )


def _alterable(row: Row) -> Iterator[tuple[str, Any]]:
    hints = get_type_hints(type(row), include_extras=True)
    of_every_row = {item.name for item in fields(Row)}
    own = sorted((item.name for item in fields(row)), key=of_every_row.__contains__)
    names = _PLAN_FIELDS if isinstance(row, Series) else tuple(own)
    return ((name, hints[name]) for name in names if name not in _KEPT)


def _is_required(item: Any) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _fields(name: str, hint: Any, row: Row | None) -> dict[str, forms.Field]:
    """The form fields of one field of a row; none for what a page doesn't alter."""
    shape = shape_of(hint)
    content = getattr(row, name, None)
    key = json_name(name)
    if shape.kind in (At, Window, Recurrence):
        return dict(_plan_fields(key, shape.kind, row))
    if isinstance(content, dict):
        return {f"{key}.{inner}": _figure(inner, value) for inner, value in content.items()}
    if shape.kind is tuple:
        return dict(_many(key, content))
    field = _plain(name, shape, row)
    return {key: field} if field else {}


def _plain(name: str, shape: Shape, row: Row | None) -> forms.Field | None:
    options: dict[str, Any] = {"label": field_label(name), "required": not shape.is_optional}
    if name == "drug_class":
        return CodeField(DrugClass.choices, **options)
    if name == "priority":
        return forms.TypedChoiceField(choices=list(PRIORITIES.items()), coerce=int, **options)
    if shape.choices:
        words = CHOICES.get(name, {})
        return CodeField([(word, words.get(word, word)) for word in shape.choices], **options)
    if shape.kind is bool and shape.is_optional:
        return YesNoField(label=options["label"], required=False)
    if shape.kind is bool:
        return forms.BooleanField(label=options["label"], required=False)
    if shape.kind is date:
        return DayField(**options)
    if shape.kind in (int, float):
        return _number(name, shape, row, options)
    if shape.kind is not str:
        return None
    if name in _LONG:
        return forms.CharField(max_length=_LONGEST_TEXT, widget=forms.Textarea({"rows": 3}), **options)
    return forms.CharField(max_length=_LONGEST_NAME, **options)


def _number(name: str, shape: Shape, row: Row | None, options: dict[str, Any]) -> forms.Field:
    unit = field_unit(name, row)
    low = 0 if shape.low is None else shape.low
    largest = _MOST_DAYS if shape.kind is int else _LARGEST_OF.get(unit, _LARGEST)
    high = largest if shape.high is None else shape.high
    if name.endswith("cells") or unit == "cells":
        return MillionsField(low=low, **options)
    if shape.kind is int:
        return CountField(low=int(low), high=int(high), unit=unit, **options)
    return MeasureField(low=low, high=high, unit=unit, **options)


def _figure(name: str, value: object) -> forms.Field:
    """One figure of a criterion; its kind stays what it is."""
    label = name.replace("_", " ").capitalize()
    if isinstance(value, bool):
        return forms.BooleanField(label=label, required=False)
    unit = field_unit(name)
    if isinstance(value, int):
        return CountField(low=0, high=_LARGEST, unit=unit, label=label)
    if isinstance(value, float):
        return MeasureField(low=0, high=_LARGEST, unit=unit, label=label)
    return forms.CharField(label=label, max_length=_LONGEST_NAME)


def _plan_fields(key: str, kind: type, row: Row | None) -> Iterator[tuple[str, forms.Field]]:
    if not isinstance(row, Series):
        return
    unit = next(iter(row.at.units()), "days")
    in_hours = unit in ("hours", "said")
    if kind is At:
        if unit == "said":
            return
        label = _("Due after (%(unit)s)") % {"unit": str(UNITS_OF_AT[unit])}
        yield f"{key}.{unit}", NumbersField(label=label, max_length=_LONGEST_NAME)
    elif kind is Window:
        span = "hours" if in_hours else "days"
        shown = "h" if in_hours else str(UNITS_OF_AT["days"])
        for side, label in (("before", _("Window begins before")), ("after", _("Window ends after"))):
            yield f"{key}.{side}_{span}", CountField(low=0, high=_MOST_DAYS, unit=shown, label=label)
    elif row.recurrence is not None:
        yield f"{key}.every_hours", CountField(low=1, high=8760, unit="h", label=_("Repeats every"))
        days = str(UNITS_OF_AT["days"])
        yield f"{key}.for_days", CountField(low=1, high=_MOST_DAYS, unit=days, label=_("Repeats for"))


def _many(key: str, content: object) -> Iterator[tuple[str, forms.Field]]:
    """The drugs of a regimen one by one; names of visits in one line."""
    if not isinstance(content, tuple):
        return
    if content and all(isinstance(each, RegimenDrug) for each in content):
        for place, drug in enumerate(content):
            named = {"drug": _(drug.drug).capitalize()}
            dose, days = _("%(drug)s, dose of a day") % named, _("%(drug)s, days") % named
            yield f"{key}.{place}.mg_per_m2", MeasureField(low=0, high=10_000, unit="mg/m²", label=dose)
            yield f"{key}.{place}.days", CountField(low=1, high=60, unit=_("days"), label=days)
    elif all(isinstance(each, str) for each in content):
        text = _("Names of visits with commas between them, such as visit_month_3, visit_month_15..24.")
        yield (
            key,
            NamesField(label=field_label(key), required=False, help_text=text, max_length=_LONGEST_TEXT),
        )


def _inside(value: Any, step: str) -> Any:
    if isinstance(value, list):
        return value[int(step)]
    return value.get(step) if isinstance(value, Mapping) else None


def _gathered(
    cleaned: Mapping[str, Any], named: Mapping[str, forms.Field], before: Mapping[str, Any]
) -> dict[str, Any]:
    """What was typed as JSON: parts of a table are put into the table as it was."""
    whole: dict[str, Any] = {}
    for name in named:
        if name == "reason" or name not in cleaned:
            continue
        top, *rest = name.split(".")
        if not rest:
            whole[top] = _json(cleaned[name])
            continue
        if top not in whole:
            whole[top] = _copied(before.get(top))
        _put(whole[top], rest, _json(cleaned[name]))
    return whole


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copied(each) for name, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


def _put(inside: Any, path: list[str], value: Any) -> None:
    step, *rest = path
    key: Any = int(step) if isinstance(inside, list) else step
    if rest:
        _put(inside[key], rest, value)
    else:
        inside[key] = value


def _json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" else value
