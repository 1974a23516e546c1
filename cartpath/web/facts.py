"""The data of a ledger event as readable facts. The names are the record's own and are not translated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from cartpath.core.dates import parse_moment
from cartpath.web.wording import day_text, moment_text, number_text, unknown_word


@dataclass(frozen=True, slots=True)
class Fact:
    """One value with its name, or a name with further facts below it."""

    name: str
    value: str = ""
    parts: tuple["Fact", ...] = ()


def facts_of(data: Mapping[str, Any]) -> list[Fact]:
    """The facts of an event, in the order in which they are stored."""
    return [_fact(name, value) for name, value in data.items()]


def _fact(name: str, value: Any) -> Fact:
    words = name.replace("_", " ")
    match value:
        case Mapping():
            return Fact(words, parts=tuple(facts_of(value)))
        case str() | None | bool() | int() | float():
            return Fact(words, _scalar(value))
        case Sequence() if any(isinstance(each, Mapping) for each in value):
            return Fact(words, parts=tuple(_fact(str(n), each) for n, each in enumerate(value, start=1)))
        case Sequence():
            return Fact(words, ", ".join(_scalar(each) for each in value) or _("none"))
    return Fact(words, str(value))


def _scalar(value: str | bool | float | None) -> str:
    match value:
        case None | "":
            return unknown_word() if value is None else _("empty")
        case bool():
            return _("yes") if value else _("no")
        case int() | float():
            return number_text(value)
    return _text(str(value))


def _text(value: str) -> str:
    """A time or a day as people write it, any other text as it is."""
    try:
        read: datetime | date = parse_moment(value)
    except ValueError:
        return value
    return moment_text(read) if isinstance(read, datetime) else day_text(read)
