"""An answer in words: each value of the result with its label and unit, what is missing, what to look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from django import forms
from django.utils.translation import gettext, pgettext

from cartpath.calculators.forms import CalculatorForm
from cartpath.calculators.registry import Calculator
from cartpath.calculators.words import WORDS, ResultWords, choices_of, flag_words
from cartpath.calculators.words.shapes import Text

__all__ = ["Picture", "Shown", "given_by", "picture_of"]

Style = Literal["text", "number", "cells", "day", "moment", "code", "grade", "unknown", "parts", "table"]
# Told beside the value it belongs to, not as a value of its own.
LOWER_BOUND = "at_least"
MOST_COLUMNS_BESIDE = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One value with its words. `style` says how a page writes it; `parts` and `rows` are values below it."""

    label: Text
    style: Style
    value: Any = None
    unit: Text = ""
    scale: Text = ""
    lead: bool = False
    parts: tuple["Shown", ...] = ()
    rows: tuple[tuple["Shown", ...], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A whole answer for a page. `lead` are the values somebody came for, `more` and `tables` the others."""

    lead: list[Shown]
    more: list[Shown]
    tables: list[Shown]
    at_least: bool
    missing: list[Text]
    flags: list[Text]
    explanation: list[str]
    caveat: Text
    source: str
    scale: str
    given: list[Shown] = field(default_factory=list)

    @property
    def is_wide(self) -> bool:
        """Whether a table has too many columns to stand beside a form."""
        return any(len(table.parts) > MOST_COLUMNS_BESIDE for table in self.tables)


def picture_of(calculator: Calculator, answer: Mapping[str, Any], form: CalculatorForm) -> Picture:
    """The answer of a calculator to what stands in the form."""
    words = WORDS[calculator.name]
    shown = [
        _shown(words.results.get(name) or ResultWords(label=name), value)
        for name, value in answer["result"].items()
        if name != LOWER_BOUND
    ]
    return Picture(
        lead=[each for each in shown if each.lead and each.style != "table"],
        more=[each for each in shown if not each.lead and each.style != "table"],
        tables=[each for each in shown if each.style == "table"],
        at_least=bool(answer["result"].get(LOWER_BOUND)),
        missing=[_missing(calculator, name) for name in answer["missing"]],
        flags=flag_words(answer["flags"]),
        explanation=answer["explanation"],
        caveat=words.caveat,
        source=answer["source"],
        scale=" ".join(filter(None, (answer["scale"], answer["scale_version"]))),
        given=list(given_by(form)),
    )


def _missing(calculator: Calculator, name: str) -> Text:
    """What was not given, by its own words, else by the label of the field, else of a choice."""
    words = WORDS[calculator.name]
    if name in words.missing:
        return words.missing[name]
    if name in words.fields:
        return words.fields[name].label
    labels = {code: label for each in words.fields.values() for code, label in choices_of(each.choices)}
    return labels.get(name, name)


def _shown(words: ResultWords, value: Any) -> Shown:
    if value is None or value == []:
        return _absent(words, value)
    if words.scale:
        return _plain(words, "grade", value)
    match value:
        case bool():
            yes, no = words.yes or pgettext("answer", "Yes"), words.no or pgettext("answer", "No")
            return _plain(words, "text", yes if value else no)
        case dict():
            return _with_parts(words, value)
        case list() if words.parts and isinstance(value[0], dict):
            return _with_rows(words, value)
        case list() if words.parts:
            return _with_parts(words, {str(place): each for place, each in enumerate(value)})
        case list():
            parts = tuple(
                _shown(ResultWords(label="", kind=words.kind, choices=words.choices), each) for each in value
            )
            return Shown(label=words.label, style="parts", parts=parts, lead=words.lead)
        case int() | float():
            return _plain(words, "cells" if words.kind == "cells" else "number", value)
    return _text(words, value)


def _text(words: ResultWords, value: Any) -> Shown:
    if words.kind == "code":
        return _plain(words, "code", value)
    if words.kind == "day":
        return _plain(words, "day", date.fromisoformat(value))
    if words.kind == "moment":
        return _plain(words, "moment", datetime.fromisoformat(value))
    labels = dict(choices_of(words.choices))
    # A sentence of a rule keeps its template, so that the page can say it in the reader's language.
    return _plain(words, "text", labels.get(value, value))


def _absent(words: ResultWords, value: Any) -> Shown:
    if words.none:
        return _plain(words, "text", words.none)
    return _plain(words, "unknown", None) if value is None else _plain(words, "text", gettext("none"))


def _plain(words: ResultWords, style: Style, value: Any) -> Shown:
    unit = words.unit if style in ("number", "cells") else ""
    return Shown(label=words.label, style=style, value=value, unit=unit, scale=words.scale, lead=words.lead)


def _with_parts(words: ResultWords, values: Mapping[str, Any]) -> Shown:
    parts = tuple(
        _shown(words.parts.get(name) or ResultWords(label=name), value) for name, value in values.items()
    )
    return Shown(label=words.label, style="parts", parts=parts, lead=words.lead)


def _with_rows(words: ResultWords, rows: list[dict[str, Any]]) -> Shown:
    """A table; its head are the labels of the first row."""
    shown = tuple(tuple(_shown(words.parts[name], row.get(name)) for name in words.parts) for row in rows)
    return Shown(label=words.label, style="table", rows=shown, parts=shown[0], lead=words.lead)


def given_by(form: CalculatorForm) -> Iterator[Shown]:
    """What was typed, for paper and for the record: each field that was filled, in words."""
    for name in form.fields:
        value = form.cleaned_data.get(name)
        unticked = value is False and isinstance(form.fields[name], forms.BooleanField)
        if not (value is None or value in ("", []) or unticked):
            yield _given(form, name, value)


def _given(form: CalculatorForm, name: str, value: Any) -> Shown:
    asked = form.fields[name]
    label, unit = form[name].label, asked.widget.attrs.get("data-unit", "")
    if isinstance(asked, forms.ChoiceField):
        return Shown(label=label, style="text", value=", ".join(_chosen(asked, form[name].value())))
    match value:
        case bool():
            return Shown(label=label, style="text", value=pgettext("answer", "Yes"))
        case datetime():
            return Shown(label=label, style="moment", value=value)
        case date():
            return Shown(label=label, style="day", value=value)
        case list():
            lines = [each if isinstance(each, list) else [each] for each in value]
            text = " · ".join(" ".join(f"{part:g}" for part in line) for line in lines)
            return Shown(label=label, style="text", value=text)
    # As it was typed, in the unit of the field.
    return Shown(label=label, style="text", value=form[name].value(), unit=unit)


def _chosen(asked: forms.ChoiceField, typed: Any) -> list[str]:
    """The labels of what was chosen, one or several."""
    codes = {str(code) for code in (typed if isinstance(typed, list) else [typed])}
    choices: Any = asked.choices
    return [str(label) for code, label in choices if str(code) in codes]
