"""Days of collection and frozen bags, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartpath.ledger.kinds import EventKind
from cartpath.web.timeline.saying import (
    Data,
    Names,
    Said,
    Tell,
    Text,
    cells,
    day,
    joined,
    known,
    labeled,
    word,
)
from leukapheresis.enums import AdverseEventKind, BagState, DayDecision, IdentifierChecked


def _adverse(data: Data) -> list[Text | None]:
    """Each adverse event with its grade and what was done."""
    told: list[Text | None] = []
    for each in data.get("adverse") or ():
        grade = each.get("grade")
        name = word(AdverseEventKind, each.get("kind"))
        told.append(
            joined(
                [
                    labeled(name, _("grade %(grade)s") % {"grade": grade}) if grade else name,
                    each.get("action"),
                ]
            )
        )
    return told


def _unchecked(data: Data) -> Text | None:
    if data.get("identity_verified") is not False or data.get("history_reason"):
        return None
    return known(_("identity not checked by two people:"), data.get("identity_missing_reason"))


def _day(data: Data) -> list[Text | None]:
    return [
        known(_("collected earlier:"), data.get("history_reason")),
        _unchecked(data),
        labeled(_("nucleated cells"), cells(data.get("tnc"))),
        labeled("CD3+", cells(data.get("cd3"))),
        word(DayDecision, data.get("decision")),
        data.get("decision_reason"),
        *_adverse(data),
        data.get("adverse_events"),
        data.get("note"),
    ]


def _collection_day(names: Names, data: Data) -> Said:
    is_loud = data.get("decision") != DayDecision.ENOUGH or data.get("identity_verified") is False
    return Said(
        labeled(_("Collection day"), str(data.get("day", ""))), joined(_day(data)), "soon" if is_loud else ""
    )


def _corrected(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Corrected: collection day"), str(data.get("day", ""))),
        joined([data.get("reason"), *_day(data)]),
        "soon",
    )


def _identity(names: Names, data: Data) -> Said:
    by = [word(IdentifierChecked, each) for each in data.get("identifiers") or ()]
    return Said(
        labeled(_("Identity confirmed before collection day"), str(data.get("day", ""))),
        joined([data.get("first"), data.get("second"), *by]),
        "good",
    )


def _again(names: Names, data: Data) -> Said:
    return Said(_("To be collected again"), data.get("reason") or "", "soon")


def _frozen(names: Names, data: Data) -> Said:
    bags = data.get("bags") or ()
    count = ngettext("%(count)d bag", "%(count)d bags", len(bags)) % {"count": len(bags)}
    codes = ", ".join(str(bag.get("division")) for bag in bags)
    return Said(
        labeled(_("Cells frozen:"), count),
        joined([data.get("din"), codes, labeled(_("to be used until"), day(data.get("expires_on")))]),
    )


def _bag(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Bag"), joined([data.get("din"), data.get("division")])),
        joined([word(BagState, data.get("state")), data.get("note")]),
        "soon" if data.get("state") == BagState.DISCARDED else "",
    )


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.COLLECTION_IDENTITY_VERIFIED: _identity,
    EventKind.COLLECTION_DAY_RECORDED: _collection_day,
    EventKind.COLLECTION_DAY_CORRECTED: _corrected,
    EventKind.COLLECTION_AGAIN: _again,
    EventKind.CELLS_FROZEN: _frozen,
    EventKind.CRYO_BAG_CHANGED: _bag,
}
ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.COLLECTION_IDENTITY_VERIFIED: "users",
    EventKind.COLLECTION_DAY_RECORDED: "droplet-half-2",
    EventKind.COLLECTION_DAY_CORRECTED: "pencil",
    EventKind.COLLECTION_AGAIN: "arrow-back-up",
    EventKind.CELLS_FROZEN: "temperature",
    EventKind.CRYO_BAG_CHANGED: "packages",
}
