"""The waiting list as its page shows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from leukapheresis.enums import OfferState
from leukapheresis.models import SlotOffer, WaitingEntry
from leukapheresis.scheduling.waiting import waiting_list
from leukapheresis.scheduling_forms import PRIORITY_WORDS
from patients.models import Journey


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One child who waits; `offer` is the slot that is held for its family now, with its deadline."""

    place: int
    entry: WaitingEntry
    priority: str
    offer: SlotOffer | None
    declined: int


def waiting_rows(entries: Iterable[WaitingEntry], *, at: datetime) -> list[WaitingRow]:
    """The entries in their order, each with the offer that is open and how many came to nothing."""
    return [_row(place, entry, at) for place, entry in enumerate(entries, start=1)]


def waiting_row(journey: Journey, *, at: datetime) -> WaitingRow | None:
    """The place of one child in the list of its center; None for a child that doesn't wait."""
    rows = waiting_rows(waiting_list(journey.center_id), at=at)
    return next((row for row in rows if row.entry.journey_id == journey.pk), None)


def _row(place: int, entry: WaitingEntry, at: datetime) -> WaitingRow:
    offers = list(entry.offers.all())
    is_open = (each for each in offers if each.state == OfferState.OPEN and each.expires_at > at)
    return WaitingRow(
        place=place,
        entry=entry,
        priority=str(PRIORITY_WORDS[entry.priority]),
        offer=next(is_open, None),
        declined=sum(each.state in (OfferState.DECLINED, OfferState.EXPIRED) for each in offers),
    )
