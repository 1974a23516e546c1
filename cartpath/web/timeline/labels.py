"""Labels and the scanner in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartpath.ledger.kinds import EventKind
from cartpath.web.timeline.saying import Data, Names, Said, Tell, Text, joined, known, word
from manufacturing.labels.words import LabelKind, LabelSize, LabelState, ReprintReason
from manufacturing.scanning.words import StopReason


def _printed(names: Names, data: Data) -> Said:
    wanted = data.get("labels") or []
    count = sum(each.get("count") or 1 for each in wanted)
    title = ngettext("%(count)d label printed", "%(count)d labels printed", count) % {"count": count}
    reason = data.get("reason")
    return Said(
        title,
        joined(
            [
                known(_("numbers"), _numbers(data.get("numbers"))),
                *(_wanted(each) for each in wanted),
                known(_("again:"), word(ReprintReason, reason)) if reason else None,
                _("new code, the wristband before it isn't read any more") if data.get("replaces") else None,
            ]
        ),
    )


def _wanted(each: Data) -> Text:
    if each.get("kind") == LabelKind.WRISTBAND:
        return word(LabelKind, LabelKind.WRISTBAND)
    return _("item %(number)s, %(size)s") % {
        "number": each.get("item"),
        "size": word(LabelSize, each.get("size")),
    }


def _accounted(names: Names, data: Data) -> Said:
    numbers = data.get("labels") or []
    state = word(LabelState, data.get("state"))
    return Said(
        ngettext("%(count)d label: %(state)s", "%(count)d labels: %(state)s", len(numbers))
        % {"count": len(numbers), "state": state},
        joined([known(_("numbers"), _numbers(numbers)), data.get("note")]),
    )


def _stopped(names: Names, data: Data) -> Said:
    if data.get("phase") == "acknowledged":
        title = _("Stop %(number)s at the scanner acknowledged") % {"number": data.get("stop")}
        return Said(title, data.get("done") or "")
    return Said(
        _("Stopped at the scanner: %(reason)s") % {"reason": word(StopReason, data.get("reason"))},
        joined([data.get("explanation"), known(_("read:"), data.get("read"))]),
        tone="harm",
    )


def _numbers(numbers: list[int] | None) -> str:
    return ", ".join(map(str, numbers or []))


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.LABELS_PRINTED: _printed,
    EventKind.LABEL_ACCOUNTED: _accounted,
    EventKind.SCAN_STOPPED: _stopped,
}
ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.LABELS_PRINTED: "printer",
    EventKind.LABEL_ACCOUNTED: "checklist",
    EventKind.SCAN_STOPPED: "alert-octagon",
}
