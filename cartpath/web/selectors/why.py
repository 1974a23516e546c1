"""A stored result as a page shows it: value, rule, inputs in words, and what a person made of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cartpath.calculators.registry import CALCULATORS
from cartpath.calculators.words import FieldWords, ResultWords, choices_of, flag_words
from cartpath.core.dates import parse_moment
from cartpath.core.errors import NotFound
from cartpath.ledger.models import Event
from cartpath.protocols import catalog
from cartpath.protocols.apply import rows_by_id
from cartpath.protocols.schema import Protocol
from cartpath.web.facts import Fact
from cartpath.web.rule_shapes import RuleWords
from cartpath.web.rule_words import FLAGS, rule_words
from cartpath.web.selectors.protocol_values import label_text
from cartpath.web.timeline.saying import Text
from cartpath.web.wording import cells_text, day_text, moment_text, number_text, unknown_word
from patients.models import Journey
from patients.provenance import sentences_of
from patients.results import RuleResult

Words = FieldWords | ResultWords

LOWER_BOUND: Final = "at_least"
# Nobody measures more; the record keeps every digit.
DECIMALS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value of a result: a grade on a scale, or text with its unit."""

    text: Text
    unit: str = ""
    scale: str = ""
    grade: int | None = None
    at_least: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLink:
    """A row of the protocol that decided; `url` is empty when the version isn't installed here any more."""

    id: str
    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyPicture:
    """All that is kept of one computed value. It fits the *Why?* component."""

    stored: RuleResult
    event: Event
    words: RuleWords
    value: Value
    confirmed: Value | None
    inputs: list[Fact]
    results: list[Fact]
    explanation: Sequence[str]
    missing: list[Text]
    flags: Sequence[object]
    source: str
    protocol_title: str
    protocol_url: str
    rows: list[RowLink]
    calculator_url: str

    @property
    def state(self) -> Literal["struck", "overridden", "confirmed", "computed"]:
        """What became of the value."""
        if self.stored.struck_at:
            return "struck"
        if self.stored.is_overridden:
            return "overridden"
        return "confirmed" if self.confirmed else "computed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What stands beside a value on other pages: the reasons, what is missing, the source."""

    explanation: Sequence[str]
    missing: Sequence[Text]
    source: str


def brief(stored: RuleResult) -> Brief:
    """A stored result in short; no query."""
    words = rule_words(stored.rule)
    return Brief(
        explanation=sentences_of(stored.explanation),
        missing=[_missing(words, {}, name) for name in stored.missing],
        source=stored.source,
    )


def why_picture(journey: Journey, result_id: UUID) -> WhyPicture:
    """One stored result of a journey. Raises `NotFound`; two queries, one more for an edition."""
    stored = RuleResult.objects.filter(pk=result_id, journey=journey).first()
    if stored is None:
        raise NotFound
    protocol = _protocol(stored)
    names = {row_id: label_text(row) for row_id, row in rows_by_id(protocol).items()} if protocol else {}
    words = rule_words(stored.rule)
    at_least = bool(stored.result.get(LOWER_BOUND)) and stored.confirmed is None
    url = _protocol_url(stored) if protocol else ""
    return WhyPicture(
        stored=stored,
        event=Event.objects.get(pk=stored.event_id),
        words=words,
        value=replace(value_of(stored, stored.value), at_least=at_least),
        confirmed=value_of(stored, stored.confirmed) if stored.confirmed is not None else None,
        inputs=list(_Said(words.fields, names).facts(stored.inputs)),
        results=list(_answer_facts(stored, words, names)),
        explanation=sentences_of(stored.explanation),
        missing=[_missing(words, names, name) for name in stored.missing],
        flags=[names.get(str(flag)) or FLAGS.get(str(flag), flag) for flag in flag_words(stored.flags)],
        source=stored.source,
        protocol_title=_(protocol.title) if protocol else "",
        protocol_url=url,
        rows=[
            RowLink(id=row_id, label=names.get(row_id, ""), url=f"{url}?all#rule-{row_id}" if url else "")
            for row_id in stored.rows
        ],
        calculator_url=_calculator_url(stored),
    )


def _protocol(stored: RuleResult) -> Protocol | None:
    if not stored.protocol_id:
        return None
    try:
        return catalog.get(stored.protocol_id, stored.protocol_version)
    except KeyError:
        return None


def _protocol_url(stored: RuleResult) -> str:
    return reverse("web:protocol", args=[stored.protocol_id, stored.protocol_version])


def _calculator_url(stored: RuleResult) -> str:
    if stored.rule not in CALCULATORS:
        return ""
    return f"{reverse('calculators:calculator', args=[stored.rule])}?from={stored.pk}"


def value_of(stored: RuleResult, text: str | None) -> Value:
    """The computed or the confirmed value of a result in words."""
    words = rule_words(stored.rule).value
    if text is None:
        return Value(text=unknown_word(), scale=str(words.scale))
    if words.scale and text.isdecimal():
        return Value(text=text, scale=str(words.scale), grade=int(text))
    labels = {code: str(label) for code, label in choices_of(words.choices)}
    if text in labels:
        return Value(text=labels[text])
    if text in ("true", "false"):
        return Value(text=_answer(words, text == "true"))
    number = _number(text)
    if number is not None:
        return Value(text=number_text(number), unit=stored.unit)
    return Value(text=_moment(text), unit=stored.unit)


def _answer_facts(stored: RuleResult, words: RuleWords, names: Mapping[str, str]) -> Iterator[Fact]:
    """The rest of the answer, without what stands above it in large letters."""
    fields = dict(_flat(words.results))
    shown = {name: value for name, value in stored.result.items() if name != LOWER_BOUND}
    if list(shown.values()) != [stored.value]:
        yield from _Said(fields, names).facts(shown)


def _flat(results: Mapping[str, ResultWords], prefix: str = "") -> Iterator[tuple[str, Words]]:
    for name, words in results.items():
        yield f"{prefix}{name}", words
        yield from _flat(words.parts, f"{prefix}{name}.")


class _Said:
    """Values in words, by the path of each; a name nobody knows is said as it is."""

    def __init__(self, fields: Mapping[str, Words], names: Mapping[str, str]) -> None:
        self.fields, self.names = fields, names
        # The ledger keeps no order of keys; people read them in the order in which they are asked for.
        self.order = {path: place for place, path in enumerate(fields)}

    def facts(self, values: Mapping[str, Any], inside: str = "") -> Iterator[Fact]:
        for path, name, value in self.sorted(values, inside):
            words = self.fields.get(path)
            label = str(words.label) if words else self.names.get(name) or name.replace("_", " ")
            # The name of an entry, such as a criterion, is no step of the path.
            yield self.fact(label, value, path if words or not inside else inside)

    def sorted(self, values: Mapping[str, Any], inside: str) -> list[tuple[str, str, Any]]:
        told = [(f"{inside}.{name}" if inside else name, name, value) for name, value in values.items()]
        known = [each for each in told if each[0] in self.order]
        return [
            *sorted(known, key=lambda each: self.order[each[0]]),
            *(each for each in told if each[0] not in self.order),
        ]

    def fact(self, label: str, value: Any, path: str) -> Fact:
        match value:
            case Mapping():
                return Fact(label, parts=tuple(self.facts(value, path)))
            case list() if any(isinstance(each, Mapping) for each in value):
                entries = enumerate(value, start=1)
                return Fact(label, parts=tuple(self.fact(str(n), each, path) for n, each in entries))
            case list() if value and f"{path}.0" in self.fields:
                places = {str(place): each for place, each in enumerate(value)}
                return Fact(label, parts=tuple(self.facts(places, path)))
            case list():
                return Fact(label, ", ".join(self.text(each, path) for each in value) or self.none(path))
        return Fact(label, self.text(value, path))

    def none(self, path: str) -> str:
        return str(getattr(self.fields.get(path), "none", "") or _("none"))

    def text(self, value: str | bool | float | None, path: str) -> Text:
        words = self.fields.get(path)
        match value:
            case None:
                return unknown_word()
            case bool():
                return _answer(words, value)
            case int() | float():
                return self.amount(value, words)
        labels = {code: str(label) for code, label in choices_of(words.choices)} if words else {}
        return labels.get(value) or self.names.get(value) or _moment(value)

    def amount(self, value: float, words: Words | None) -> Text:
        is_cells = words is not None and (
            getattr(words, "exponent", None) is not None or getattr(words, "kind", "") == "cells"
        )
        unit = str(words.unit) if words else ""
        amount = cells_text(value) if is_cells else number_text(round(value, DECIMALS))
        return format_html("{} {}", amount, unit) if unit else amount


def _answer(words: Words | None, value: bool) -> str:
    given = getattr(words, "yes" if value else "no", "")
    return str(given or (pgettext("answer", "Yes") if value else pgettext("answer", "No")))


def _missing(words: RuleWords, names: Mapping[str, str], name: str) -> Text:
    if name in words.missing:
        return str(words.missing[name])
    if name in words.fields:
        return str(words.fields[name].label)
    labels = {code: str(label) for each in words.fields.values() for code, label in choices_of(each.choices)}
    return labels.get(name) or names.get(name) or name.replace("_", " ")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str) -> str:
    """A time or a day as people write it, any other text in the reader's language."""
    try:
        read: datetime | date = parse_moment(text)
    except ValueError:
        return _(text) if text else ""
    return moment_text(read) if isinstance(read, datetime) else day_text(read)
