"""The red flags of a protocol in words: their fields, and their value in one line."""

from collections.abc import Callable
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.protocols.alert_rows import AlertRule
from cartpath.protocols.rows import Row
from cartpath.web.alert_rule_words import SIGNS
from cartpath.web.wording import number_text
from toxicity.enums import AlertUrgency

CHOICES: Final[dict[str, dict[str, str | Promise]]] = {
    "sign": dict(SIGNS),
    "urgency": dict(AlertUrgency.choices),
}
LABELS: Final[dict[str, Promise]] = {
    "sign": gettext_lazy("Sign"),
    "urgency": gettext_lazy("Urgency"),
    "at_least": gettext_lazy("From"),
    "below": gettext_lazy("Below"),
    "fall_percent": gettext_lazy("Fall from the child's own"),
    "change": gettext_lazy("Change since the last test"),
    "worse_by": gettext_lazy("Raised again when worse by"),
    "quiet_hours": gettext_lazy("Over when gone for"),
}
UNITS: Final[dict[str, str | Promise]] = {"fall_percent": "%", "quiet_hours": "h"}


def _rule(row: AlertRule) -> str:
    """*emergency · new fever · from 38 · over when gone for 24 h*."""
    told = [str(AlertUrgency(row.urgency).label).lower(), str(SIGNS[row.sign])]
    for value, words in (
        (row.at_least, _("from %(value)s")),
        (row.below, _("below %(value)s")),
        (row.fall_percent, _("%(value)s %% below the child's own")),
        (row.change, _("change of %(value)s")),
        (row.after_hours, _("after %(value)s h")),
        (row.worse_by, _("again when worse by %(value)s")),
        (row.quiet_hours, _("over when gone for %(value)s h")),
    ):
        if value is not None:
            told.append(words % {"value": number_text(value)})
    return " · ".join(told)


VALUES: Final[tuple[tuple[type[Row], Callable[[Any], str]], ...]] = ((AlertRule, _rule),)
