"""The words of every kind of row that has a module of its own, put together."""

from typing import Final

from django.utils.functional import Promise

from cartpath.web.selectors import (
    advice_words,
    alert_words,
    bedside_words,
    immune_words,
    portal_words,
    ready_words,
)

CHOICES: Final[dict[str, dict[str, str | Promise]]] = {
    **advice_words.CHOICES,
    **alert_words.CHOICES,
    **bedside_words.CHOICES,
    **immune_words.CHOICES,
    **portal_words.CHOICES,
}
LABELS: Final[dict[str, Promise]] = {
    **advice_words.LABELS,
    **alert_words.LABELS,
    **bedside_words.LABELS,
    **immune_words.LABELS,
    **ready_words.LABELS,
    **portal_words.LABELS,
}
UNITS: Final[dict[str, str | Promise]] = {
    **alert_words.UNITS,
    **bedside_words.UNITS,
    **immune_words.UNITS,
    **ready_words.UNITS,
}
