"""Orders, portals and quality in words: what an inspector reads of them."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartpath.ledger.kinds import EventKind
from cartpath.protocols.rows import Limit
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
    quantity,
    word,
)
from cartpath.web.wording import unknown_word
from manufacturing.portals.words import ChangeCode, DelayCode, PortalPage
from manufacturing.quality.words import Finding

_NAMES: Final = {
    "manufacturer_order_id": lambda: _("order number"),
    "chain_of_identity": lambda: _("chain of identity"),
    "apheresis_id": lambda: _("apheresis ID"),
    "batch_number": lambda: _("batch number"),
    "slot_number": lambda: _("slot number"),
    "slot_on": lambda: _("manufacturing slot"),
    "lot": lambda: _("lot"),
}


def _value(name: str, value: str | None) -> Text:
    if not value:
        return unknown_word()
    return day(value) if name == "slot_on" else value


def _change(name: str, change: Mapping[str, Any]) -> Text:
    label = _NAMES[name]() if name in _NAMES else name
    before, after = _value(name, change.get("from")), _value(name, change.get("to"))
    return labeled(label, labeled(labeled(before, "→"), after))


def _changed(names: Names, data: Data) -> Said:
    changes = data.get("changes") or {}
    return Said(
        _("Order changed"),
        joined(
            [
                *(_change(name, change) for name, change in changes.items()),
                word(ChangeCode, data.get("reason_code")),
                data.get("note"),
                data.get("quota_reason"),
            ]
        ),
    )


def _typed(names: Names, data: Data) -> Said:
    asked, known_here = len(data.get("asked") or ()), data.get("known")
    fields = ngettext("%(count)d field", "%(count)d fields", asked) % {"count": asked}
    minutes = data.get("minutes")
    return Said(
        labeled(_("Typed into the portal:"), word(PortalPage, data.get("page"))),
        joined(
            [
                fields,
                _("%(count)d known here") % {"count": known_here} if known_here is not None else None,
                quantity(minutes, "min") if minutes is not None else None,
                data.get("note"),
            ]
        ),
    )


def _milestone(names: Names, milestone: str | None) -> Text:
    row = next((row for row in names.protocol.manufacturing.milestones if row.id == milestone), None)
    return _(row.label) if row else milestone or unknown_word()


def _expected(names: Names, data: Data) -> Said:
    before = data.get("before_on")
    return Said(
        labeled(_("Expected on another day:"), _milestone(names, data.get("milestone"))),
        joined(
            [
                labeled(labeled(day(before), "→"), day(data.get("expected_on"))),
                word(DelayCode, data.get("reason_code")),
                data.get("note"),
            ]
        ),
    )


def parameter_text(names: Names, parameter: str | None) -> Text:
    """The label of a parameter of the specification; its id when this version has lost it."""
    section = names.protocol.manufacturing
    rows = {row.id: row.label for row in section.release} | {
        row.id: row.text.rstrip(".") for row in section.release_findings
    }
    return _(rows[parameter]) if parameter in rows else parameter or unknown_word()


def _limit(names: Names, parameter: str | None) -> Limit | None:
    rows = names.protocol.manufacturing.release
    return next((row for row in rows if row.id == parameter), None)


def _result(names: Names, told: Mapping[str, Any]) -> Text:
    limit = _limit(names, told.get("parameter"))
    label, value = parameter_text(names, told.get("parameter")), told.get("value")
    if told.get("finding"):
        return labeled(label, word(Finding, told["finding"]))
    found = labeled(label, quantity(value, limit.unit if limit else ""))
    if limit is None or value is None:
        return found
    verdict = _("met") if limit.holds(value) else _("not met")
    return labeled(found, f"({limit.op} {limit.value:g}: {verdict})")


def _missed(names: Names, told: Mapping[str, Any]) -> bool:
    limit, value = _limit(names, told.get("parameter")), told.get("value")
    is_beyond = limit is not None and value is not None and not limit.holds(value)
    return told.get("finding") == Finding.NOT_MET or is_beyond


def _results(names: Names, data: Data) -> Said:
    told = data.get("results") or ()
    title = ngettext("%(count)d result of quality control", "%(count)d results of quality control", len(told))
    return Said(
        title % {"count": len(told)},
        joined(
            [
                *(_result(names, each) for each in told),
                known(_("certificate"), data.get("certificate")),
                data.get("note"),
            ]
        ),
        "harm" if any(_missed(names, each) for each in told) else "",
    )


def pending_texts(names: Names, data: Data) -> list[Text]:
    """What was still out when a product was released."""
    texts = []
    for test in data.get("pending") or ():
        awaited = test.get("expected_on")
        label = parameter_text(names, test.get("parameter"))
        texts.append(labeled(label, labeled(_("expected"), day(awaited))) if awaited else label)
    return texts


def _completed(names: Names, data: Data) -> Said:
    return Said(_("Release completed"), data.get("note") or "", "good")


def _recalled(names: Names, data: Data) -> Said:
    return Said(
        _("Release withdrawn"),
        joined(
            [
                labeled(data.get("parameter", ""), data.get("value") or unknown_word()),
                known(_("limit"), data.get("limit")),
                data.get("reason"),
                known(_("to be done:"), data.get("what_to_do")),
                _("given before") if data.get("was_given") else _("not given"),
                data.get("risk_statement"),
            ]
        ),
        "harm",
    )


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.ORDER_CHANGED: _changed,
    EventKind.PORTAL_ENTRY_RECORDED: _typed,
    EventKind.MILESTONE_EXPECTED: _expected,
    EventKind.QUALITY_RESULT_RECORDED: _results,
    EventKind.RELEASE_COMPLETED: _completed,
    EventKind.PRODUCT_RECALLED: _recalled,
}

ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.ORDER_CHANGED: "pencil",
    EventKind.PORTAL_ENTRY_RECORDED: "clipboard-text",
    EventKind.MILESTONE_EXPECTED: "calendar-due",
    EventKind.QUALITY_RESULT_RECORDED: "flask",
    EventKind.RELEASE_COMPLETED: "packages",
    EventKind.PRODUCT_RECALLED: "alert-octagon",
}
