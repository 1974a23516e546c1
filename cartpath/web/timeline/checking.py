"""Checks at the bedside, in words: when the next one was planned, and how often a person wanted it."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from cartpath.ledger.kinds import EventKind
from cartpath.web.timeline.saying import Data, Names, Said, Tell, Text, joined, labeled, moment
from toxicity.checks.words import CHECKS, because_text, every_text


def _label(data: Data) -> str:
    found = {str(word): str(label) for word, label in CHECKS.items()}
    return found.get(str(data.get("check")), str(data.get("check")))


def _every(data: Data) -> Text | None:
    minutes = data.get("every_minutes")
    return every_text(minutes) if isinstance(minutes, int) else None


def _planned(names: Names, data: Data) -> Said:
    why = ", ".join(because_text(str(word)) for word in data.get("because") or ())
    due = labeled(_("due"), moment(data.get("due_at")))
    return Said(labeled(_("Next check:"), _label(data)), joined([due, _every(data), why or None]))


def _changed(names: Names, data: Data) -> Said:
    how = _every(data) or _("follows the protocol again")
    return Said(labeled(_("How often:"), _label(data)), joined([how, data.get("reason")]))


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.CHECK_PLANNED: _planned,
    EventKind.CHECKS_CHANGED: _changed,
}
ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.CHECK_PLANNED: "clock",
    EventKind.CHECKS_CHANGED: "pencil",
}
