"""Alerts and the answers to them, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from cartpath.ledger.kinds import EventKind
from cartpath.web.components import Tone
from cartpath.web.timeline.saying import Data, Names, Said, Tell, Text, joined, labeled, word
from toxicity.alerts.words import because_words
from toxicity.enums import AlertAnswer, AlertEnd, AlertUrgency

_TONES: Final[Mapping[str, Tone]] = {
    AlertUrgency.EMERGENCY.value: "harm",
    AlertUrgency.URGENT.value: "soon",
    AlertUrgency.NOTICE.value: "info",
}


def _label(names: Names, data: Data) -> Text:
    """The label of the rule; its id when this version of the protocol has lost it."""
    rule = data.get("rule", "")
    row = next((row for row in names.protocol.pathway.alerts if row.id == rule), None)
    return _(row.label) if row else rule


def _raised(names: Names, data: Data) -> Said:
    urgency = data.get("urgency")
    return Said(
        labeled(labeled(word(AlertUrgency, urgency), "·"), _label(names, data)),
        because_words(data.get("because") or {}),
        _TONES.get(urgency or "", ""),
    )


def _acknowledged(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Alert answered:"), _label(names, data)),
        joined([word(AlertAnswer, data.get("answer")), data.get("note")]),
    )


def _cleared(names: Names, data: Data) -> Said:
    cause = data.get("cause")
    return Said(
        labeled(_("Alert over:"), _label(names, data)),
        word(AlertEnd, cause),
        "good" if cause == AlertEnd.EASED else "",
    )


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.ALERT_RAISED: _raised,
    EventKind.ALERT_ACKNOWLEDGED: _acknowledged,
    EventKind.ALERT_CLEARED: _cleared,
}
ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.ALERT_RAISED: "alert-triangle",
    EventKind.ALERT_ACKNOWLEDGED: "eye",
    EventKind.ALERT_CLEARED: "check",
}
