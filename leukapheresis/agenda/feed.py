"""The entries of a calendar as the live calendar reads them.

Times are those of the center's clock, without an offset; the inside of each event is drawn by the page's own
template, so that the words are the same with and without scripts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leukapheresis.agenda.entries import Agenda, Entry
from leukapheresis.enums import ResourceKind
from leukapheresis.models import Resource

Event = dict[str, Any]

_TEMPLATE: Final = "leukapheresis/entry.html"
_COLLECTIONS: Final = frozenset({"booked", "held", "done", "other"})


def rows_json(rows: Iterable[Resource]) -> list[dict[str, Any]]:
    """The rows of the calendar, in their order."""
    return [
        {
            "id": str(row.pk),
            "title": row.name,
            "extendedProps": {
                "kind": str(ResourceKind(row.kind).label),
                "takesCollections": row.kind == ResourceKind.MACHINE and row.is_active,
            },
        }
        for row in rows
    ]


def events_json(drawn: Agenda, *, today: date) -> list[Event]:
    """Every entry on its row."""
    return [_event(entry, today=today) for entry in drawn.entries]


def month_json(drawn: Agenda, days: Iterable[date], *, today: date) -> list[Event]:
    """A month: the collections of each day, how many slots are free, and what is closed."""
    collections = [
        _event(entry, today=today) | {"durationEditable": False} for entry in month_entries(drawn.entries)
    ]
    return [*collections, *(event for day in days for event in _note_events(drawn, day))]


def shades_json(drawn: Agenda, zone: tzinfo) -> list[Event]:
    """When rows are outside of their working hours: shades behind the events."""
    return [
        {
            "id": f"shut-{row.pk}-{span.starts_at:%Y%m%d%H%M}",
            "resourceIds": [str(row.pk)],
            "start": _wall(span.starts_at.astimezone(zone)),
            "end": _wall(span.ends_at.astimezone(zone)),
            "display": "background",
            "classNames": ["cal-entry-shut"],
            "extendedProps": _props(state="shut"),
        }
        for row in drawn.rows
        for span in drawn.shut(row, zone)
    ]


def month_entries(entries: Iterable[Entry]) -> list[Entry]:
    """The collections among entries."""
    return [entry for entry in entries if entry.slot and entry.state in _COLLECTIONS]


@dataclass(frozen=True, slots=True)
class Note:
    """What a month says of a day besides collections: in which state, in words, and where it leads."""

    state: str
    words: str
    url: str


def day_notes(drawn: Agenda, day: date) -> list[Note]:
    """How many slots of a day are free, and what is closed."""
    entries = drawn.on(day)
    notes = []
    free = sum(entry.state == "free" for entry in entries)
    if free:
        words = ngettext("%(count)d slot free", "%(count)d slots free", free) % {"count": free}
        notes.append(Note("free", words, f"{reverse('leukapheresis:calendar')}?day={day.isoformat()}"))
    closed = dict.fromkeys(_closed_words(entry) for entry in entries if entry.state == "closed")
    notes += [Note("closed", words, _closures_url()) for words in closed]
    return notes


def _note_events(drawn: Agenda, day: date) -> Iterator[Event]:
    for number, note in enumerate(day_notes(drawn, day)):
        yield {
            "id": f"{note.state}-{day.isoformat()}-{number}",
            "start": day.isoformat(),
            "end": (day + timedelta(days=1)).isoformat(),
            "allDay": True,
            "title": note.words,
            "classNames": ["cal-entry", f"cal-entry-{note.state}", "cal-entry-note"],
            "startEditable": False,
            "durationEditable": False,
            "extendedProps": _props(state=note.state, url=note.url),
        }


def _event(entry: Entry, *, today: date) -> Event:
    booking = entry.booking
    props = _props(
        state=entry.state,
        url=_url(entry),
        html=" ".join(render_to_string(_TEMPLATE, {"each": entry, "today": today}).split()),
        movable=entry.movable,
    )
    if booking and entry.day:
        place = [booking.pk, entry.day.number]
        props |= {
            "panel": reverse("leukapheresis:calendar_day", args=place),
            "drop": reverse("leukapheresis:calendar_drop", args=place) if entry.movable else "",
            "version": booking.version,
        }
    return {
        "id": entry.key,
        "resourceIds": [str(entry.resource.pk)],
        "start": _wall(entry.starts_at),
        "end": _wall(entry.ends_at),
        "title": entry.resource.name,
        "classNames": ["cal-entry", f"cal-entry-{entry.state}", *(["cal-entry-part"] if entry.part else [])],
        "startEditable": entry.movable,
        "durationEditable": entry.movable,
        "extendedProps": props,
    }


def _props(*, state: str, url: str = "", html: str = "", movable: bool = False) -> dict[str, Any]:
    return {"state": state, "url": url, "html": html, "movable": movable, "panel": "", "drop": ""}


def _url(entry: Entry) -> str:
    """Where an entry without a child leads: to a slot's page, or to the closures."""
    if entry.slot and entry.state in ("free", "blocked"):
        return reverse("leukapheresis:slot", args=[entry.slot.pk])
    return _closures_url() if entry.state == "closed" else ""


def _closures_url() -> str:
    return f"{reverse('leukapheresis:resources')}#closures"


def _closed_words(entry: Entry) -> str:
    if entry.closed is None or entry.closed.whole_center:
        return _("Closed: %(why)s") % {"why": entry.because}
    return _("%(resource)s closed: %(why)s") % {"resource": entry.resource.name, "why": entry.because}


def _wall(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")
