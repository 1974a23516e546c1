"""The form of a calculator, made from the shape of its input and its words.

The form turns what was typed into the JSON that the command line takes; the calculator judges it, and what
it refuses comes back to the field it is about. Nothing is ever prefilled, but for the input of a stored
result that somebody asked to see.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Final, Literal

from django import forms
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cartpath.calculators.fields import (
    NO_ENTRY,
    DaysField,
    DayTableField,
    choice_field,
    field_for,
    several_field,
    tick_field,
)
from cartpath.calculators.registry import Calculator
from cartpath.calculators.shape import Leaf, Listing, Node, Record, shape_of
from cartpath.calculators.stored import initial_of, rows_of
from cartpath.calculators.words import WORDS, CalculatorWords, FieldWords, Group, choices_of
from cartpath.calculators.words.shapes import Text
from cartpath.core.sentences import Sentence

__all__ = ["CalculatorForm", "Item", "Section"]

FIRST_ROWS: Final = 2
MORE_ROWS: Final = 3
MOST_ROWS: Final = 60

Look = Literal["field", "lines", "scale", "rows", "table"]


@dataclass(frozen=True, slots=True)
class Item:
    """What stands in one place of a form: a field, lines of them, or rows that can be added to.

    `names` are the fields; of `rows`, the fields of each row. `none` is the field that says there is none.
    """

    look: Look
    path: str
    names: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    label: Text = ""
    row: Text = ""
    hint: Text = ""
    none: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An item with its fields, ready for the page."""

    item: Item
    fields: list[forms.BoundField]
    rows: list[list[forms.BoundField]]
    none: forms.BoundField | None

    @property
    def are_wide(self) -> bool:
        """Whether a row has several fields, so that it needs a legend of its own."""
        return any(len(row) > 1 for row in self.rows)


@dataclass(frozen=True, slots=True)
class Section:
    """Items under one legend; without a legend they stand alone."""

    legend: Text
    hint: Text
    items: list[Drawn] = field(default_factory=list)


class CalculatorForm(forms.Form):
    """Asks for the input of one calculator.

    `inputs` is the JSON input of a stored result, whose values are shown to be looked at again. `rows` says
    how many rows each growing list shows, `labels` what some fields are called in this center.
    """

    def __init__(
        self,
        calculator: Calculator,
        data: Any = None,
        *,
        inputs: Mapping[str, Any] | None = None,
        rows: Mapping[str, int] | None = None,
        labels: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        self.calculator = calculator
        self.words: CalculatorWords = WORDS[calculator.name]
        self.nodes: tuple[Node, ...] = shape_of(calculator.input_type)
        self.inputs = inputs or {}
        self.rows = {**rows_of(self.nodes, self.inputs), **(rows or {})}
        options.setdefault("initial", initial_of(self.nodes, self.inputs, self.words.fields))
        super().__init__(data, use_required_attribute=False, **options)
        self.items = [item for node in self.nodes for item in self._ask(node, node.path)]
        for path, label in (labels or {}).items():
            self.fields[path].label = label

    # --- Asking --------------------------------------------------------------------------------------------

    def _ask(self, node: Node, path: str) -> Iterator[Item]:
        """Add the fields of one part of the input, and say how they are laid out."""
        words = self.words.fields[path]
        match node:
            case Leaf() if words.kind == "zone":
                return
            case Leaf():
                self.fields[path] = field_for(node, words)
                yield Item("field", path, (path,))
            case Record():
                yield from self._ask_record(node, path)
            case Listing():
                yield self._ask_list(node, path, words)

    def _ask_record(self, node: Record, path: str) -> Iterator[Item]:
        inner = [item for part in node.parts for item in self._ask(part, f"{path}.{part.path}")]
        points = [isinstance(self.fields.get(item.path), forms.TypedChoiceField) for item in inner]
        if all(points):
            names = tuple(name for item in inner for name in item.names)
            yield Item("lines", path, names, label=self.words.fields[path].label)
        else:
            yield from inner

    def _ask_list(self, node: Listing, path: str, words: FieldWords) -> Item:
        common: dict[str, Any] = {"label": words.label, "help_text": words.hint, "required": node.required}
        if node.columns:
            self.fields[path] = DayTableField(**common)
            return Item("table", path, (path,))
        if isinstance(node.entry, Leaf) and words.choices and node.length:
            return self._ask_scale(node, path, words)
        none = self._ask_none(path, words)
        if isinstance(node.entry, Leaf) and words.choices:
            self.fields[path] = several_field(words, self.inputs.get(path) or ())
            return Item("field", path, (path,))
        if isinstance(node.entry, Leaf) and node.entry.kind == "whole":
            self.fields[path] = DaysField(**common)
            return Item("field", path, (path, *([none] if none else [])))
        return self._ask_rows(node, path, words, none)

    def _ask_scale(self, node: Listing, path: str, words: FieldWords) -> Item:
        """A fixed list of answers, one line each, all on the same scale."""
        names = tuple(f"{path}.{place}" for place in range(node.length or 0))
        for name in names:
            common = {"label": self.words.fields[name].label, "required": node.required}
            self.fields[name] = choice_field(choices_of(words.choices), common, unknown=False)
        return Item("scale", path, names, label=words.label)

    def _ask_none(self, path: str, words: FieldWords) -> str:
        if not words.none:
            return ""
        self.fields[f"{path}.{NO_ENTRY}"] = tick_field(words.none)
        return f"{path}.{NO_ENTRY}"

    def _ask_rows(self, node: Listing, path: str, words: FieldWords, none: str) -> Item:
        rows = []
        for place in range(self._rows_of(path)):
            row = f"{path}.{place}"
            if isinstance(node.entry, Record):
                names = tuple(name for part in node.entry.parts for name in self._ask_cell(part, path, row))
            else:
                label = format_lazy("{} {}", words.row, place + 1)
                entry = FieldWords(label=label, kind=words.kind, unit=words.unit)
                self.fields[row] = field_for(_optional(node.entry), entry)
                names = (row,)
            rows.append(names)
        return Item(
            "rows", path, rows=tuple(rows), label=words.label, row=words.row, hint=words.hint, none=none
        )

    def _rows_of(self, path: str) -> int:
        return min(self.rows.get(path) or FIRST_ROWS, MOST_ROWS)

    def _ask_cell(self, part: Node, path: str, row: str) -> Iterator[str]:
        words = self.words.fields[f"{path}.{part.path}"]
        name = f"{row}.{part.path}"
        self.fields[name] = field_for(_optional(part), words)
        yield name
        if words.kind == "day_or_moment":
            self.fields[f"{name}.time"] = forms.TimeField(
                label=_("Time, if known"),
                required=False,
                widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            )
            yield f"{name}.time"

    @property
    def sections(self) -> list[Section]:
        """The items under their legends, in the order of the groups."""
        named = {name: group for group in self.words.groups for name in group.fields}
        rest = next((group for group in self.words.groups if not group.fields), None)
        sections: dict[Group | None, Section] = {None: Section("", "")}
        for group in self.words.groups:
            sections[group] = Section(group.legend, group.hint)
        for item in self.items:
            sections[named.get(item.path.partition(".")[0], rest)].items.append(self._drawn(item))
        return [section for section in sections.values() if section.items]

    def _drawn(self, item: Item) -> Drawn:
        rows = [[self[name] for name in row] for row in item.rows]
        return Drawn(item, [self[name] for name in item.names], rows, self[item.none] if item.none else None)

    @property
    def has_required(self) -> bool:
        """Whether anything must be known for an answer."""
        return any(field.required for field in self.fields.values())

    @property
    def fields_of_rows(self) -> list[str]:
        """The paths of the lists that rows can be added to."""
        return [item.path for item in self.items if item.look == "rows"]

    def with_more_rows(self, path: str) -> "CalculatorForm":
        """The same form with more rows for one list; what was typed stays and nothing is judged yet."""
        rows = {**self.rows, path: self._rows_of(path) + MORE_ROWS}
        typed = {
            name: each.widget.value_from_datadict(self.data, self.files, name)
            for name, each in self.fields.items()
        }
        return CalculatorForm(self.calculator, inputs=self.inputs, rows=rows, initial=typed)

    # --- Reading -------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """Put the typed values together to the JSON input; `places` finds the field of each part again."""
        super().clean()
        self.places: dict[str, str] = {}
        self.given: dict[str, Any] = {}
        for node in self.nodes:
            is_zone = self.words.fields[node.path].kind == "zone"
            value = (
                timezone.get_current_timezone_name() if is_zone else self._read(node, node.path, node.path)
            )
            if value is not None:
                self.given[node.path] = value
        return self.cleaned_data

    def _read(self, node: Node, name: str, place: str) -> Any:
        """The JSON value of one part; None when it is unknown. `place` is its path in the input."""
        self.places[place] = name
        match node:
            case Leaf(kind="tick"):
                return True if self.cleaned_data.get(name) else None
            case Leaf():
                return _json(self.cleaned_data.get(name))
            case Record():
                found = {
                    part.path: self._read(part, f"{name}.{part.path}", f"{place}.{part.path}")
                    for part in node.parts
                }
                known = {key: value for key, value in found.items() if value is not None}
                return known or None
            case Listing():
                return self._read_list(node, name)

    def _read_list(self, node: Listing, name: str) -> Any:
        if node.length:
            return self._read_scale(node, name)
        if name in self.fields:
            found = self.cleaned_data.get(name)
            if isinstance(self.fields[name], forms.MultipleChoiceField):
                found = self._read_several(name, found or [])
        else:
            found = self._read_rows(node, name)
        none = f"{name}.{NO_ENTRY}"
        if not self.cleaned_data.get(none):
            if found is None and node.required and none in self.fields and not self._has_errors(name):
                self.add_error(none, _("List them, or say that there are none."))
            return found
        if found:
            self.add_error(none, _("This contradicts what is listed."))
        return []

    def _read_several(self, name: str, chosen: list[str]) -> list[str] | None:
        if NO_ENTRY in chosen and len(chosen) > 1:
            self.add_error(name, _("Choose “none” or the entries, not both."))
        return [code for code in chosen if code != NO_ENTRY] if chosen else None

    def _read_scale(self, node: Listing, name: str) -> list[str] | None:
        names = [f"{name}.{place}" for place in range(node.length or 0)]
        self.places |= {each: each for each in names}
        answers = [self.cleaned_data.get(each) or None for each in names]
        open_ones = [each for each, answer in zip(names, answers, strict=True) if answer is None]
        if open_ones and len(open_ones) < len(names) and not self._has_errors(name):
            self.add_error(open_ones[0], _("Answer all of them, or none."))
        return None if open_ones else [str(answer) for answer in answers]

    def _read_rows(self, node: Listing, name: str) -> list[Any] | None:
        """The rows in which something was typed, in their order."""
        found: list[Any] = []
        for place in range(self._rows_of(name)):
            row = f"{name}.{place}"
            entry = f"{name}.{len(found)}"
            if isinstance(node.entry, Record):
                value = self._read_row(node.entry, row, entry)
            else:
                value = self._read(node.entry, row, entry)
            if value is not None:
                found.append(value)
        return found or None

    def _read_row(self, record: Record, row: str, entry: str) -> dict[str, Any] | None:
        known: dict[str, Any] = {}
        for part in record.parts:
            name = f"{row}.{part.path}"
            self.places[f"{entry}.{part.path}"] = name
            value = (
                self._day_or_moment(name) if f"{name}.time" in self.fields else self.cleaned_data.get(name)
            )
            if value is not None and value != "":
                known[part.path] = _json(value)
        if not known:
            return None
        for part in record.parts:
            if isinstance(part, Leaf) and part.required and part.path not in known:
                self.add_error(f"{row}.{part.path}", _("This is needed in a row that is used."))
        return known

    def _day_or_moment(self, name: str) -> Any:
        day, clock = self.cleaned_data.get(name), self.cleaned_data.get(f"{name}.time")
        if not isinstance(clock, time):
            return day
        if day is None:
            if name not in self.errors:
                self.add_error(name, _("Give the day of this time."))
            return None
        try:
            return from_current_timezone(datetime.combine(day, clock))
        except forms.ValidationError as error:
            self.add_error(f"{name}.time", error)
            return None

    def _has_errors(self, name: str) -> bool:
        return any(each == name or each.startswith(f"{name}.") for each in self.errors)

    def refuse(self, refused: Mapping[str, str]) -> None:
        """Put the calculator's refusals beside the fields they are about; a line of a table is named."""
        for path, sentence in refused.items():
            reason = in_words(sentence)
            place = next((each for each in _upwards(path) if each in self.places), "")
            name = self.places.get(place, "")
            asked = self.fields.get(name)
            if isinstance(asked, DayTableField) and path != place:
                entry = int(path.removeprefix(f"{place}.").partition(".")[0])
                line = asked.lines[entry]
                reason = _("Line %(place)s: %(reason)s") % {"place": line, "reason": reason}
            self.add_error(name if asked else None, reason)


def _optional(node: Node) -> Leaf:
    """A row that is not used is empty, so nothing in it is asked for by the browser or by the form."""
    if not isinstance(node, Leaf):
        raise TypeError(f"{node.path} can't stand in a row")
    return Leaf(
        path=node.path,
        kind=node.kind,
        required=False,
        low=node.low,
        above=node.above,
        high=node.high,
        codes=node.codes,
    )


def in_words(sentence: str) -> str:
    """A refusal in the reader's language."""
    if isinstance(sentence, Sentence):
        return gettext(sentence.template).format_map(sentence.values)
    return sentence


def _upwards(path: str) -> Iterator[str]:
    """A path, then the paths above it."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _json(value: Any) -> Any:
    """A cleaned value as JSON; what is unknown is None, which is left out."""
    if value == "":
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value
