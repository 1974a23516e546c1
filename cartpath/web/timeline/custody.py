"""Custody in words: identity, items, hand-overs, breaks and quarantines."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartpath.ledger.kinds import EventKind
from cartpath.web.timeline.saying import (
    Data,
    Names,
    Said,
    Tell,
    Text,
    day,
    joined,
    known,
    labeled,
    moment,
    word,
)
from cartpath.web.wording import number_text, unknown_word
from manufacturing.custody.words import (
    BreakOutcome,
    BreakReason,
    ChangeReason,
    Condition,
    Document,
    Fate,
    ItemKind,
    LiftReason,
    Meaning,
    QuarantineReason,
    Scheme,
    Step,
)


def _identity(names: Names, data: Data) -> Said:
    reason = data.get("reason")
    return Said(
        _("Chain of identity set"),
        joined(
            [
                data.get("identifier") or unknown_word(),
                word(Scheme, data.get("scheme")),
                word(ChangeReason, reason) if reason else None,
            ]
        ),
    )


def _added(names: Names, data: Data) -> Said:
    items: Sequence[Mapping[str, Any]] = data.get("items") or []
    title = ngettext("%(count)d item taken into custody", "%(count)d items taken into custody", len(items))
    return Said(
        title % {"count": len(items)},
        joined(
            [
                word(ItemKind, data.get("kind")),
                *(_numbers(each) for each in items),
                data.get("place"),
                data.get("position"),
            ]
        ),
    )


def _numbers(item: Mapping[str, Any]) -> Text:
    """An item as its label reads."""
    product = "".join(item.get(name) or "" for name in ("product_code", "collection_type", "division"))
    numbers = " ".join(part for part in (item.get("din"), product) if part)
    return numbers or item.get("text") or item.get("lot") or unknown_word()


def _items(data: Data) -> Text | None:
    numbers = data.get("items") or []
    if not numbers:
        return None
    label = ngettext("item", "items", len(numbers))
    return labeled(label, ", ".join(str(each) for each in numbers))


def _recorded(names: Names, data: Data) -> Said:
    is_out = False in (data.get("in_range") or [])
    fate, condition = data.get("fate"), data.get("condition")
    return Said(
        word(Step, data.get("step")),
        joined(
            [
                _items(data),
                known(_("from"), data.get("from")),
                known(_("to"), data.get("to")),
                data.get("place"),
                data.get("position"),
                _temperature(data),
                _("out of range") if is_out else None,
                known(_("logger"), data.get("logger")),
                known(_("seal"), data.get("seal")),
                known(_("chain of identity"), data.get("coi")),
                word(Condition, condition) if condition else None,
                *(word(Document, each) for each in data.get("documents") or ()),
                word(Fate, fate) if fate else None,
                *(_signature(each) for each in data.get("signatures") or ()),
                data.get("note"),
            ]
        ),
        "harm" if is_out or condition == "damaged" else "",
    )


def _temperature(data: Data) -> Text | None:
    lowest, highest = data.get("temp_min_c"), data.get("temp_max_c")
    if lowest is None and highest is None:
        return None
    shown = [unknown_word() if value is None else number_text(value) for value in (lowest, highest)]
    return format_html("{} … {} °C", *shown)


def _signature(signature: Mapping[str, Any]) -> Text:
    at = signature.get("at")
    parts = [word(Meaning, signature.get("meaning")), moment(at) if at else None]
    return format_html(
        "{} ({})", signature.get("name") or unknown_word(), ", ".join(str(part) for part in parts if part)
    )


def _break_opened(names: Names, data: Data) -> Said:
    return Said(
        _("Break of the chain of custody"),
        joined(
            [
                word(BreakReason, data.get("reason")),
                _items(data),
                data.get("what"),
                known(_("looked after by"), data.get("owner")),
                labeled(_("until"), day(data.get("due_on"))),
            ]
        ),
        "harm",
    )


def _break_closed(names: Names, data: Data) -> Said:
    return Said(
        _("Break of the chain of custody closed"),
        joined([word(BreakOutcome, data.get("outcome")), data.get("note")]),
        "good",
    )


def _quarantined(names: Names, data: Data) -> Said:
    return Said(
        _("Put in quarantine"),
        joined([_items(data), word(QuarantineReason, data.get("reason")), data.get("note")]),
        "harm",
    )


def _lifted(names: Names, data: Data) -> Said:
    return Said(
        _("Quarantine lifted"),
        joined([_items(data), word(LiftReason, data.get("reason")), data.get("note")]),
        "good",
    )


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.CHAIN_OF_IDENTITY_SET: _identity,
    EventKind.CUSTODY_ITEM_ADDED: _added,
    EventKind.CUSTODY_RECORDED: _recorded,
    EventKind.CUSTODY_BREAK_OPENED: _break_opened,
    EventKind.CUSTODY_BREAK_CLOSED: _break_closed,
    EventKind.QUARANTINE_SET: _quarantined,
    EventKind.QUARANTINE_LIFTED: _lifted,
}

ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.CHAIN_OF_IDENTITY_SET: "link",
    EventKind.CUSTODY_ITEM_ADDED: "package",
    EventKind.CUSTODY_RECORDED: "truck-delivery",
    EventKind.CUSTODY_BREAK_OPENED: "alert-triangle",
    EventKind.CUSTODY_BREAK_CLOSED: "check",
    EventKind.QUARANTINE_SET: "ban",
    EventKind.QUARANTINE_LIFTED: "circle-check",
}
