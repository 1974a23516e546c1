"""The form field that asks for one value of an input, with its unit, its range and its choices."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from django import forms
from django.utils.formats import number_format
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cartpath.calculators.shape import Leaf
from cartpath.calculators.words import FieldWords, choices_of
from cartpath.core.clinical_fields import (
    UNKNOWN,
    ButtonsField,
    CellsField,
    CountField,
    MeasureField,
    YesNoUnknownField,
)
from cartpath.core.fields import DayField, MomentField, QuantityField

__all__ = [
    "NO_ENTRY",
    "DayTableField",
    "DaysField",
    "choice_field",
    "field_for",
    "several_field",
    "tick_field",
]

NO_ENTRY: Final = "none"
# More choices than these are a drop-down: buttons would no longer be read at a glance.
MOST_BUTTONS: Final = 5
MOST_POINTS: Final = 4
MOST_CHARACTERS: Final = 200

_LINE: Final = re.compile(r"(?P<day>-?\d{1,6})(?:[ \t;|]+|, +)(?P<count>\d+(?:[.,]\d+)?)")
# 1.200 is one and a fifth in one country and one thousand two hundred in another.
_THOUSANDS: Final = re.compile(r"\d{1,3}[.,]\d{3}")


def field_for(leaf: Leaf, words: FieldWords) -> forms.Field:
    """The field of one value. What may be unknown may stay empty, and is never prefilled."""
    common: dict[str, Any] = {"label": words.label, "help_text": words.hint, "required": leaf.required}
    match leaf.kind:
        case "tick":
            return tick_field(words.label, words.hint)
        case "yes_no":
            return YesNoUnknownField(label=words.label, help_text=words.hint)
        case "number" | "whole":
            return _number_field(leaf, words, common)
        case "day":
            return DayField(**common)
        case "text" if words.kind == "moment":
            return MomentField(**common)
        case "text" if words.kind == "day_or_moment":
            return DayField(**common)
    if words.choices:
        return choice_field(choices_of(words.choices), common)
    return forms.CharField(max_length=MOST_CHARACTERS, **common)


def tick_field(label: Any, hint: Any = "") -> forms.BooleanField:
    """Something that is so when it is ticked."""
    return forms.BooleanField(label=label, help_text=hint, required=False)


def choice_field(
    choices: Sequence[tuple[Any, Any]],
    common: dict[str, Any],
    coerce: Callable[[str], Any] = str,
    *,
    unknown: bool = True,
) -> forms.ChoiceField:
    """Few choices are buttons, many a drop-down. Where the answer may be unknown, it can be said."""
    required = common["required"]
    if len(choices) > MOST_BUTTONS:
        first = ("", _("Choose…") if required else _("Unknown"))
        return forms.TypedChoiceField(choices=[first, *choices], coerce=coerce, empty_value=None, **common)
    every = [*choices, (UNKNOWN, _("Unknown"))] if unknown and not required else list(choices)
    return ButtonsField(every, coerce=lambda code: None if code == UNKNOWN else coerce(code), **common)


def several_field(words: FieldWords, more: Sequence[str] = ()) -> forms.MultipleChoiceField:
    """Any of a list of names; `more` are names that a stored input has beyond the list."""
    known = list(choices_of(words.choices))
    codes = {code for code, _label in known}
    asked: dict[str, Any] = {"label": words.label, "help_text": words.hint, "required": False}
    return forms.MultipleChoiceField(
        choices=[*known, *((name, name) for name in more if name not in codes)],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "buttons"}),
        **asked,
    )


def _number_field(leaf: Leaf, words: FieldWords, common: dict[str, Any]) -> forms.Field:
    low, high, unit = leaf.low, leaf.high, str(words.unit)
    if low is None or high is None:
        raise TypeError(f"{leaf.path} is a number without limits")
    if leaf.kind == "whole" and low == 0 and high <= MOST_POINTS:
        points = [(number, number) for number in range(int(high) + 1)]
        return choice_field(points, common, coerce=int)
    field: QuantityField
    if words.exponent is not None:
        size = 10.0**words.exponent
        field = CellsField(exponent=words.exponent, low=0, high=high / size, unit=unit, **common)
        return _without_low(field, words, high / size) if low or leaf.above else field
    if leaf.kind == "whole":
        field = CountField(low=int(low), high=int(high), unit=unit, **common)
    else:
        field = MeasureField(low=low, high=high, unit=unit, **common)
    return _without_low(field, words, high) if leaf.above else field


def _without_low(field: QuantityField, words: FieldWords, high: float) -> QuantityField:
    """A hint that doesn't promise 0 where 0 is refused."""
    unit = field.widget.attrs.get("data-unit", "")
    upper = number_format(f"{high:f}".rstrip("0").rstrip("."), use_l10n=True, force_grouping=True)
    limits: Any = format_lazy(_("above 0, up to {high} {unit}"), high=upper, unit=unit)
    field.help_text = format_lazy("{} · {}", words.hint, limits) if words.hint else limits
    field.min_value = None
    return field


class DayTableField(forms.CharField):
    """Days with their counts, one line each; the value is a list of pairs, None when nothing was typed.

    Takes what a spreadsheet copies: two columns with a tab, a space or a semicolon between them.
    """

    def __init__(self, **options: Any) -> None:
        rows = forms.Textarea(attrs={"rows": 8, "class": "day-table", "spellcheck": "false"})
        super().__init__(widget=rows, **options)
        self.lines: list[int] = []

    def clean(self, value: Any) -> list[list[float]] | None:
        """Read the lines. Raises ValidationError naming the first that can't be read."""
        text = super().clean(value)
        pairs: list[list[float]] = []
        # Line of each pair, counted from 1, so that a refusal can name it.
        self.lines = []
        for place, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            pairs.append(_pair(line.strip(), place))
            self.lines.append(place)
        return pairs or None

    def prepare_value(self, value: Any) -> Any:
        """Pairs as lines."""
        if isinstance(value, list):
            return "\n".join(f"{day} {count:g}" for day, count in value)
        return value


def _pair(line: str, place: int) -> list[float]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise forms.ValidationError(
            _("Line %(place)s: write the day, a space and the count, such as “12 450”."),
            params={"place": place},
        )
    if _THOUSANDS.fullmatch(found["count"]):
        raise forms.ValidationError(
            _("Line %(place)s: %(count)s can be read in two ways; write it without a thousands mark."),
            params={"place": place, "count": found["count"]},
        )
    return [int(found["day"]), float(found["count"].replace(",", "."))]


class DaysField(forms.CharField):
    """Whole numbers of days with spaces or commas between them; None when nothing was typed."""

    def clean(self, value: Any) -> list[int] | None:
        """Read the numbers. Raises ValidationError for anything else."""
        parts = re.split(r"[\s,;]+", super().clean(value).strip())
        if parts == [""]:
            return None
        if not all(re.fullmatch(r"-?\d{1,6}", part) for part in parts):
            raise forms.ValidationError(_("Write whole days with spaces between them, such as “3 7 12”."))
        return [int(part) for part in parts]

    def prepare_value(self, value: Any) -> Any:
        """Numbers as one line."""
        return " ".join(str(day) for day in value) if isinstance(value, list) else value
