"""What all sentences about events are made of.

What an event doesn't say stays the word *unknown*. Keys are read with `get`, because journeys that were taken
over from elsewhere may know less.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cartpath.protocols.schema import Protocol
from cartpath.web.components import Tone
from cartpath.web.wording import cells_text, day_text, moment_text, number_text, unknown_word

Data = Mapping[str, Any]
Text = str | SafeString


@dataclass(frozen=True, slots=True)
class Said:
    """An event in words: a title, what else is worth knowing, and how loud it is."""

    title: Text
    detail: Text = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Names:
    """What the protocol of a journey calls its criteria, checks and visits."""

    protocol: Protocol

    def criterion(self, criterion_id: str) -> str:
        """A criterion's label; its id when this version of the protocol has lost it."""
        row = next((row for row in self.protocol.eligibility if row.id == criterion_id), None)
        return _(row.label) if row else criterion_id

    def check(self, item_id: str) -> str:
        """The label of an item of the pre-infusion checklist, or of another condition of the infusion."""
        row = next((row for row in self.protocol.infusion.checklist if row.id == item_id), None)
        stop = next((stop for stop in self.protocol.pathway.stops if item_id in stop.stops), None)
        found = row or stop
        return _(found.label) if found else item_id

    def hold(self, reason: str) -> str:
        """The label of a reason to wait with the infusion."""
        row = next((row for row in self.protocol.pathway.holds if row.id == reason), None)
        return _(row.label) if row else reason

    def regimen(self, regimen_id: str) -> str:
        """The label of a regimen of lymphodepletion."""
        row = next((row for row in self.protocol.lymphodepletion.regimens if row.id == regimen_id), None)
        return _(row.label) if row else regimen_id

    def item(self, name: str) -> str:
        """The label of an expected item."""
        expected = self.protocol.item(name)
        return _(expected.label) if expected else name


Tell = Callable[[Names, Data], Said]


def word(choices: type[TextChoices], value: str | None) -> Text:
    """The label of a code; *unknown* for none, the code itself when it is no longer in the list."""
    if not value:
        return unknown_word()
    return str(choices(value).label) if value in choices.values else value


def day(value: str | None) -> Text:
    """An ISO day or time as people write it."""
    if not value:
        return unknown_word()
    return day_text(datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value))


def moment(value: str | None) -> Text:
    """An ISO time as people write it."""
    return moment_text(datetime.fromisoformat(value)) if value else unknown_word()


def quantity(value: float | None, unit: str) -> Text:
    """A number with its unit; no more digits than anybody measures."""
    return unknown_word() if value is None else f"{number_text(round(value, 2))} {unit}"


def cells(value: int | None) -> Text:
    """A count of cells."""
    return unknown_word() if value is None else cells_text(value)


def labeled(label: Text, value: Text) -> SafeString:
    """A value with its name before it."""
    return format_html("{} {}", label, value)


def known(label: Text, value: Text | None) -> Text | None:
    """A value with its name before it; nothing at all when there is no value."""
    return labeled(label, value) if value else None


def joined(parts: Iterable[Text | None]) -> SafeString:
    """What is there, in one line."""
    return format_html_join(" · ", "{}", ((part,) for part in parts if part))
