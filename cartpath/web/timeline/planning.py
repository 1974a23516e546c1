"""Arranged visits and another infusion, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from cartpath.ledger.kinds import EventKind
from cartpath.web.timeline.saying import Data, Names, Said, Tell, day, joined, labeled, word
from followup.enums import UnplanReason
from patients.banner import product_label


def _planned(names: Names, data: Data) -> Said:
    visits = [names.item(item) for item in data.get("items") or ()]
    return Said(
        labeled(_("Visit arranged for"), day(data.get("planned_on"))),
        joined([data.get("starts_at"), *visits, data.get("note")]),
        "info",
    )


def _unplanned(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("No longer arranged:"), day(data.get("planned_on"))),
        joined(
            [names.item(data.get("item", "")), word(UnplanReason, data.get("reason_code")), data.get("note")]
        ),
    )


def _reinfused(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Infused again on"), day(data.get("infused_on"))),
        joined([product_label(data.get("product", "")), _("The safety visits of this journey go on.")]),
        "info",
    )


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.VISIT_PLANNED: _planned,
    EventKind.VISIT_UNPLANNED: _unplanned,
    EventKind.REINFUSED: _reinfused,
}
ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.VISIT_PLANNED: "calendar-heart",
    EventKind.VISIT_UNPLANNED: "circle-x",
    EventKind.REINFUSED: "vaccine",
}
