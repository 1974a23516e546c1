"""Codes of the laboratory's rules in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartpath.core.answers import Answer
from cartpath.core.said import said_text
from toxicity.grading.iec_hs import WORDS_OF_TRIGGER

Text = str | Promise

_ITEMS: dict[str, Text] = {
    "ferritin": _("Ferritin above twice the limit or the baseline, or rising rapidly"),
    "onset_as_crs_resolves": _("Began as CRS was resolving, or worsened after it"),
    "transaminases": _("ALT or AST above 5 times the limit"),
    "fibrinogen": _("Fibrinogen below 150 mg/dL or the limit"),
    "hemophagocytosis": _("Hemophagocytosis in marrow or tissue"),
    "cytopenia": _("Cytopenia new, worse or refractory"),
    "triglycerides": _("Triglycerides above 265 mg/dL"),
    "other_explanation": _("Infection, CRS or progression explains it"),
}


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item of the checklist: met, not met, or None for unknown."""

    label: Text
    met: bool | None


def trigger_words(trigger: Iterable[str]) -> list[str]:
    """What fired, in the reader's language."""
    return [said_text(WORDS_OF_TRIGGER[code]) for code in trigger if code in WORDS_OF_TRIGGER]


def item_lines(answer: Answer) -> list[ItemLine]:
    """The checklist of IEC-HS with what the values say."""
    items = answer.result["items"]
    met = items if isinstance(items, dict) else {}
    return [ItemLine(label, met.get(code)) for code, label in _ITEMS.items()]
