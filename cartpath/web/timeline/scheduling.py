"""Holds, bookings, moves and the waiting list, in words."""

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
    day,
    joined,
    known,
    labeled,
    moment,
    word,
)
from leukapheresis.enums import (
    CancelReason,
    HoldEnd,
    MoveReason,
    OfferState,
    PartState,
    ResourceKind,
    Sedation,
    VascularAccess,
    WaitingState,
)


def _although(data: Data) -> Text | None:
    return known(_("although the washout was open:"), data.get("override_reason"))


def _days(data: Data) -> Text | None:
    """How many days, when there is more than one."""
    count = len(data.get("days") or ())
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count} if count > 1 else None


def _decided(data: Data) -> list[Text | None]:
    """The parts that a person decided otherwise than the rules, each with the reason."""
    return [
        labeled(
            word(ResourceKind, part.get("part")),
            labeled(f"{word(PartState, part.get('state'))}:".lower(), part.get("reason") or ""),
        )
        for part in data.get("parts") or ()
        if part.get("wanted") is not None
    ]


def _booked(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Apheresis booked for"), moment(data.get("starts_at"))),
        joined([data.get("machine"), _days(data), _although(data), *_decided(data)]),
        "soon" if data.get("washout_open") else "info",
    )


def _held(names: Names, data: Data) -> Said:
    until = labeled(_("until"), moment(data.get("hold_expires_at")))
    return Said(
        labeled(_("Apheresis held for"), moment(data.get("starts_at"))),
        joined([data.get("machine"), until, _days(data), _although(data), *_decided(data)]),
        "info",
    )


def _hold_released(names: Names, data: Data) -> Said:
    return Said(_("Held slot given back"), joined([word(HoldEnd, data.get("why"))]))


def _canceled(names: Names, data: Data) -> Said:
    reason = word(CancelReason, data.get("reason_code"))
    return Said(_("Apheresis canceled"), joined([reason, data.get("note")]))


def _moved(names: Names, data: Data) -> Said:
    origin, target = data.get("from") or {}, data.get("to") or {}
    times = labeled(labeled(moment(origin.get("starts_at")), "→"), moment(target.get("starts_at")))
    machine = target.get("machine") if target.get("machine") != origin.get("machine") else None
    return Said(
        labeled(_("Apheresis moved:"), times),
        joined([word(MoveReason, data.get("reason_code")), data.get("note"), machine, _although(data)]),
        "info",
    )


def _day_added(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Apheresis day added:"), moment(data.get("starts_at"))),
        joined([data.get("machine"), word(MoveReason, data.get("reason_code")), data.get("note")]),
        "info",
    )


def _day_released(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Apheresis day given back:"), moment(data.get("starts_at"))),
        joined([word(MoveReason, data.get("reason_code")), data.get("note")]),
    )


def _parts_changed(names: Names, data: Data) -> Said:
    choices = [
        labeled(
            word(ResourceKind, each.get("part")),
            labeled(_("taken:") if each.get("wanted") else _("left out:"), each.get("reason") or ""),
        )
        for each in data.get("choices") or ()
    ]
    return Said(_("What the apheresis takes changed"), joined(choices))


def _prepared(names: Names, data: Data) -> Said:
    return Said(
        word(VascularAccess, data.get("vascular_access")),
        joined([word(Sedation, data.get("sedation")), data.get("note")]),
    )


def _away(names: Names, data: Data) -> Said:
    span = labeled(labeled(day(data.get("first_on")), "–"), day(data.get("last_on")))
    return Said(labeled(_("Family away:"), span), data.get("note") or "")


def _waiting(data: Data) -> Text:
    fits = labeled(_("from"), day(data.get("from_on")))
    if data.get("until_on"):
        fits = labeled(fits, labeled(_("until"), day(data.get("until_on"))))
    return joined([labeled(_("priority"), str(data.get("priority"))), data.get("priority_reason"), fits])


def _joined_list(names: Names, data: Data) -> Said:
    return Said(_("Waits for an apheresis slot"), _waiting(data), "info")


def _list_changed(names: Names, data: Data) -> Said:
    return Said(_("Entry in the waiting list changed"), _waiting(data))


def _left_list(names: Names, data: Data) -> Said:
    return Said(_("Off the waiting list"), joined([word(WaitingState, data.get("why")), data.get("note")]))


def _offered(names: Names, data: Data) -> Said:
    return Said(
        labeled(_("Freed slot offered:"), moment(data.get("starts_at"))),
        joined([data.get("machine"), labeled(_("answer until"), moment(data.get("expires_at")))]),
        "info",
    )


def _offer_closed(names: Names, data: Data) -> Said:
    outcome = data.get("outcome")
    return Said(
        labeled(_("Offered slot:"), word(OfferState, outcome)),
        joined([data.get("note")]),
        "good" if outcome == OfferState.ACCEPTED else "",
    )


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.APHERESIS_HELD: _held,
    EventKind.APHERESIS_HOLD_RELEASED: _hold_released,
    EventKind.APHERESIS_BOOKED: _booked,
    EventKind.APHERESIS_MOVED: _moved,
    EventKind.APHERESIS_DAY_ADDED: _day_added,
    EventKind.APHERESIS_DAY_RELEASED: _day_released,
    EventKind.APHERESIS_PARTS_CHANGED: _parts_changed,
    EventKind.APHERESIS_CANCELED: _canceled,
    EventKind.PREPARATION_RECORDED: _prepared,
    EventKind.FAMILY_AWAY_RECORDED: _away,
    EventKind.WAITING_LIST_JOINED: _joined_list,
    EventKind.WAITING_LIST_CHANGED: _list_changed,
    EventKind.WAITING_LIST_LEFT: _left_list,
    EventKind.SLOT_OFFERED: _offered,
    EventKind.SLOT_OFFER_CLOSED: _offer_closed,
}

ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.APHERESIS_HELD: "hourglass",
    EventKind.APHERESIS_HOLD_RELEASED: "circle-x",
    EventKind.APHERESIS_MOVED: "calendar",
    EventKind.APHERESIS_DAY_ADDED: "calendar",
    EventKind.APHERESIS_DAY_RELEASED: "circle-x",
    EventKind.APHERESIS_PARTS_CHANGED: "list-check",
    EventKind.PREPARATION_RECORDED: "list-check",
    EventKind.FAMILY_AWAY_RECORDED: "users",
    EventKind.WAITING_LIST_JOINED: "hourglass",
    EventKind.WAITING_LIST_CHANGED: "hourglass",
    EventKind.WAITING_LIST_LEFT: "circle-x",
    EventKind.SLOT_OFFERED: "mail",
    EventKind.SLOT_OFFER_CLOSED: "eye",
}
