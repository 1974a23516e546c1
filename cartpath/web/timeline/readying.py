"""Bridging, the plan of lymphodepletion and holds of the infusion, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

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
    quantity,
    word,
)
from infusion.bridging.words import BridgingClass, BridgingResponse, Complication, StagingMethod
from infusion.ready.words import HoldEnd


def _begun(names: Names, data: Data) -> Said:
    with_it = data.get("with_intrathecal")
    return Said(
        _("Bridging therapy started"),
        joined(
            [
                word(BridgingClass, data.get("bridging_class")),
                data.get("regimen"),
                labeled(_("from"), day(data.get("started_on"))),
                _("with intrathecal chemotherapy") if with_it else None,
                _("toxic to the heart") if data.get("is_cardiotoxic") else None,
            ]
        ),
    )


def _ended(names: Names, data: Data) -> Said:
    staged = data.get("staged_on")
    return Said(
        _("Bridging therapy ended"),
        joined(
            [
                labeled(_("last day"), day(data.get("ended_on"))),
                labeled(_("response"), word(BridgingResponse, data.get("response"))),
                _harm(data),
                labeled(_("staged again"), day(staged)) if staged else _("not staged again"),
                word(StagingMethod, data.get("staging")) if data.get("staging") else None,
                data.get("note"),
            ]
        ),
    )


def _harm(data: Data) -> Text:
    found = data.get("complications")
    if found is None:
        return labeled(_("complications"), word(Complication, None))
    if not found:
        return _("no complication")
    named = ", ".join(str(word(Complication, each)) for each in found)
    return joined([labeled(_("complications"), named), data.get("complication_note")])


def _planned(names: Names, data: Data) -> Said:
    return Said(
        _("Lymphodepletion planned again") if data.get("is_repeat") else _("Lymphodepletion planned"),
        joined(
            [
                names.regimen(data.get("regimen") or ""),
                labeled(_("from"), day(data.get("first_on"))),
                labeled(_("infusion planned on"), day(data.get("infusion_on"))),
                labeled(quantity(data.get("weight_kg"), "kg"), day(data.get("weighed_on"))),
                labeled(quantity(data.get("height_cm"), "cm"), day(data.get("measured_on"))),
                *_other_doses(data),
                data.get("reason"),
            ]
        ),
    )


def _other_doses(data: Data) -> list[Text]:
    return [
        labeled(_(str(own.get("drug"))), quantity(own.get("mg"), _("mg a day")))
        for own in data.get("own") or []
    ]


def _held(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Infusion on hold:"), names.hold(data.get("reason") or "")),
        joined([data.get("note"), known(_("to be looked at again"), moment(data.get("review_at")))]),
        "soon",
    )


def _hold_over(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Hold of the infusion ended:"), word(HoldEnd, data.get("outcome"))),
        joined([data.get("note")]),
        "harm" if data.get("outcome") == HoldEnd.GIVEN_UP else "info",
    )


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.BRIDGING_STARTED: _begun,
    EventKind.BRIDGING_ENDED: _ended,
    EventKind.LYMPHODEPLETION_PLANNED: _planned,
    EventKind.INFUSION_HELD: _held,
    EventKind.INFUSION_HOLD_ENDED: _hold_over,
}

ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.BRIDGING_STARTED: "first-aid-kit",
    EventKind.BRIDGING_ENDED: "first-aid-kit",
    EventKind.LYMPHODEPLETION_PLANNED: "calendar",
    EventKind.INFUSION_HELD: "alert-octagon",
    EventKind.INFUSION_HOLD_ENDED: "clock",
}
