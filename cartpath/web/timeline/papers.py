"""Papers in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from cartpath.ledger.kinds import EventKind
from cartpath.papers.enums import CardFact, PaperKind, PaperLanguage
from cartpath.web.timeline.saying import Data, Names, Said, Tell, joined, known, labeled, word

_DIGITS_SHOWN: Final = 12


def _printed(names: Names, data: Data) -> Said:
    digest = data.get("digest") or ""
    shown = ", ".join(str(word(CardFact, fact)) for fact in data.get("shown") or ())
    return Said(
        labeled(_("Printed:"), word(PaperKind, data.get("kind"))),
        joined(
            [
                word(PaperLanguage, data.get("language")),
                shown,
                known(_("agreed by"), data["agreed_by"]) if data.get("agreed_by") else None,
                labeled("SHA-256", f"{digest[:_DIGITS_SHOWN]}…") if digest else None,
            ]
        ),
    )


TELL: Final[Mapping[EventKind, Tell]] = {EventKind.PAPER_PRINTED: _printed}
ICONS: Final[Mapping[EventKind, str]] = {EventKind.PAPER_PRINTED: "printer"}
