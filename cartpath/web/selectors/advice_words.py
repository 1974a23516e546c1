"""Suggestions by grade in words: their fields, and what one says in one line."""

from collections.abc import Callable
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cartpath.protocols.advice_rows import AdviceRow
from cartpath.protocols.rows import Row
from toxicity.advice.words import POPULATIONS, SCALES

CHOICES: Final[dict[str, dict[str, str | Promise]]] = {
    "scale": dict(SCALES),
    "population": dict(POPULATIONS),
    "beside": {"crs": gettext_lazy("only with CRS"), "no_crs": gettext_lazy("only without CRS")},
}
LABELS: Final[dict[str, Promise]] = {
    "scale": gettext_lazy("Scale"),
    "from_grade": gettext_lazy("From grade"),
    "to_grade": gettext_lazy("Up to grade"),
    "population": gettext_lazy("Written for"),
    "edition": gettext_lazy("Version of the source"),
    "dated": gettext_lazy("Issued"),
    "beside": pgettext_lazy("field of a rule", "Condition"),
    "products": gettext_lazy("Products"),
}


def _advice(row: AdviceRow) -> str:
    """*CRS grade 2–4 · Antipyretic and fluids … · written for adults*."""
    span = str(row.from_grade) if row.from_grade == row.to_grade else f"{row.from_grade}–{row.to_grade}"
    where = _("%(scale)s grade %(span)s") % {"scale": SCALES[row.scale], "span": span}
    return format_html("{} · {} · {}", where, _(row.text), POPULATIONS[row.population])


VALUES: Final[tuple[tuple[type[Row], Callable[[Any], str]], ...]] = ((AdviceRow, _advice),)
