"""The rules of acute monitoring in words: their fields, and their value in one line."""

from collections.abc import Callable
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cartpath.protocols.bedside_rows import CheckInterval
from cartpath.protocols.rows import Row
from toxicity.checks.words import CHECKS, every_text

CHOICES: Final[dict[str, dict[str, str | Promise]]] = {
    "check": {str(word): label for word, label in CHECKS.items()},
    "kind": {
        "daily_monitoring": gettext_lazy("daily monitoring"),
        "monitoring": gettext_lazy("monitoring"),
        "proximity": gettext_lazy("staying near the center"),
        "driving": gettext_lazy("driving"),
    },
}
LABELS: Final[dict[str, Promise]] = {
    "schedule": pgettext_lazy("field of a rule", "How often"),
    "step_up": pgettext_lazy("field of a rule", "More often when"),
    "check": gettext_lazy("What is checked"),
    "every_minutes": gettext_lazy("Every"),
    "fever_within_hours": gettext_lazy("With fever in the last"),
    "tachycardia": gettext_lazy("With a heart too fast for the age"),
    "crs_at_least": gettext_lazy("From a CRS grade of"),
    "icans_at_least": gettext_lazy("From an ICANS grade of"),
}
UNITS: Final[dict[str, str | Promise]] = {"every_minutes": "min", "fever_within_hours": "h"}


def _interval(row: CheckInterval) -> str:
    """*every 2 h · fever in the last 4 h · heart too fast for the age*."""
    told = [every_text(row.every_minutes)]
    if row.fever_within_hours is not None:
        told.append(_("fever in the last %(hours)d h") % {"hours": row.fever_within_hours})
    if row.tachycardia:
        told.append(_("heart too fast for the age"))
    if row.crs_at_least is not None:
        told.append(_("from CRS grade %(grade)d") % {"grade": row.crs_at_least})
    if row.icans_at_least is not None:
        told.append(_("from ICANS grade %(grade)d") % {"grade": row.icans_at_least})
    return " · ".join(told)


VALUES: Final[tuple[tuple[type[Row], Callable[[Any], str]], ...]] = ((CheckInterval, _interval),)
