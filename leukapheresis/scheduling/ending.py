"""How bookings and holds let go of what they took. The journey and the slots are locked by the caller."""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cartpath.core.errors import DomainError
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent
from leukapheresis.enums import BookingDayState, BookingState, HoldEnd, OfferState, WaitingState
from leukapheresis.models import Allocation, Booking, BookingDay, SlotOffer, WaitingEntry
from leukapheresis.scheduling.patience import Crowded
from leukapheresis.scheduling.times import slots_given_back

logger = logging.getLogger(__name__)

_OUTCOMES: Final = {
    HoldEnd.RELEASED: OfferState.WITHDRAWN,
    HoldEnd.EXPIRED: OfferState.EXPIRED,
    HoldEnd.DECLINED: OfferState.DECLINED,
}


def slots_of(booking: Booking) -> list[UUID]:
    """Every slot that the booking took or takes."""
    return list(BookingDay.objects.filter(booking=booking).values_list("slot_id", flat=True))


def day_ids(booking: Booking) -> list[int]:
    """Every day of a booking, by key."""
    return list(BookingDay.objects.filter(booking=booking).values_list("pk", flat=True))


def days_let_go(days: Sequence[BookingDay], *, center_id: int, at: datetime) -> None:
    """Give back the slots and all other parts of some days, and tell those who wait once that is sure."""
    Allocation.objects.filter(day__in=days, is_live=True).update(is_live=False)
    BookingDay.objects.filter(pk__in=[day.pk for day in days], state=BookingDayState.PLANNED).update(
        state=BookingDayState.RELEASED
    )
    if slots_given_back([day.slot_id for day in days], at=at):
        offer_after_commit(center_id, at)


def offer_after_commit(center_id: int, at: datetime) -> None:
    """Offer what was freed to those who wait, once it is sure."""
    transaction.on_commit(partial(_offer_what_is_free, center_id, at))


def booking_let_go(booking: Booking, *, at: datetime) -> None:
    """Give back everything a booking took."""
    days_let_go(list(BookingDay.objects.filter(booking=booking)), center_id=booking.center_id, at=at)


def hold_ended(booking: Booking, *, why: HoldEnd, at: datetime, note: str = "") -> list[NewEvent]:
    """End a hold and the offer it stood for; the events to append. A hold that is over ended at its end."""
    ended_at = min(at, booking.hold_expires_at or at) if why == HoldEnd.EXPIRED else at
    Booking.objects.filter(pk=booking.pk).update(state=BookingState.EXPIRED, version=F("version") + 1)
    booking.state, booking.version = BookingState.EXPIRED, booking.version + 1
    booking_let_go(booking, at=at)
    facts = {"booking": booking.pk, "version": booking.version, "why": why.value}
    events = offer_closed(booking, outcome=_OUTCOMES[why], at=ended_at, note=note)
    return [*events, NewEvent(EventKind.APHERESIS_HOLD_RELEASED, ended_at, facts)]


def offer_closed(booking: Booking, *, outcome: OfferState, at: datetime, note: str = "") -> list[NewEvent]:
    """Close the open offer that a hold stands for, if it does; the family waits again unless it accepted."""
    offer = SlotOffer.objects.filter(booking=booking, state=OfferState.OPEN).first()
    if offer is None:
        return []
    SlotOffer.objects.filter(pk=offer.pk).update(state=outcome)
    if outcome != OfferState.ACCEPTED:
        WaitingEntry.objects.filter(pk=offer.entry_id, state=WaitingState.OFFERED).update(
            state=WaitingState.WAITING
        )
    facts = {"offer": offer.pk, "booking": booking.pk, "outcome": outcome.value, "note": note or None}
    return [NewEvent(EventKind.SLOT_OFFER_CLOSED, at, facts)]


def offer_moved(booking: Booking) -> None:
    """Let the open offer that a hold stands for, if it does, be about the hold's slot and its time.

    The slot that was offered is free for others then. Raises `Crowded` while the offer of the new slot to
    another family has ended but the sweep hasn't come.
    """
    offers = SlotOffer.objects.filter(booking=booking, state=OfferState.OPEN)
    if booking.hold_expires_at is None or not offers.exists():
        return
    if SlotOffer.objects.filter(slot=booking.slot, state=OfferState.OPEN).exclude(booking=booking).exists():
        raise Crowded("slot_taken", _("An offer of this slot is just ending. Try again."))
    offers.update(slot=booking.slot, expires_at=booking.hold_expires_at)


def entry_settled(journey_id: UUID, *, at: datetime) -> list[NewEvent]:
    """A child with a booking no longer waits: the event to append, if it waited."""
    waits = WaitingEntry.objects.filter(
        journey_id=journey_id, state__in=(WaitingState.WAITING, WaitingState.OFFERED)
    )
    entry = waits.first()
    if entry is None:
        return []
    WaitingEntry.objects.filter(pk=entry.pk).update(state=WaitingState.BOOKED)
    facts = {"entry": entry.pk, "why": WaitingState.BOOKED.value, "note": None}
    return [NewEvent(EventKind.WAITING_LIST_LEFT, at, facts)]


def _offer_what_is_free(center_id: int, at: datetime) -> None:
    """Offer freed slots right after the commit; what fails here is done by the next sweep."""
    from leukapheresis.scheduling.waiting import offers_make

    try:
        offers_make(center_id=center_id, at=at)
    except (DomainError, DatabaseError) as error:
        logger.warning("offering freed slots waits for the sweep: %s", type(error).__name__)
