"""Papers of the ward in words: hand-over sheets and discharge summaries."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from cartpath.ledger.kinds import EventKind
from cartpath.web.timeline.saying import Data, Names, Said, Tell, Text, joined, known, labeled, moment, word
from patients.papers import LetterLanguage

_DIGITS_SHOWN: Final = 12


def _sheet(names: Names, data: Data) -> Said:
    until = data.get("expires_at")
    return Said(
        _("Hand-over sheet written"),
        joined(
            [
                known(_("holds until"), moment(until)) if until else _("doesn't expire"),
                word(LetterLanguage, data.get("language")),
                _digest(data),
            ]
        ),
    )


def _summary(names: Names, data: Data) -> Said:
    return Said(
        _("Discharge summary signed"),
        joined(
            [
                ", ".join((data.get("addressee") or "").splitlines()),
                word(LetterLanguage, data.get("language")),
                _digest(data),
            ]
        ),
    )


def _digest(data: Data) -> Text | None:
    digest = data.get("digest") or ""
    return labeled("SHA-256", f"{digest[:_DIGITS_SHOWN]}…") if digest else None


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.HAND_OVER_WRITTEN: _sheet,
    EventKind.DISCHARGE_SUMMARIZED: _summary,
}

ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.HAND_OVER_WRITTEN: "clipboard-text",
    EventKind.DISCHARGE_SUMMARIZED: "mail",
}
