"""Gives everything back when a journey ends."""

from collections.abc import Sequence

from django.db.models import F

from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Chain, Event
from cartpath.ledger.services import effective
from leukapheresis.enums import LIVE_STATES, BookingState, CancelReason, OfferState, WaitingState
from leukapheresis.models import Booking, SlotOffer, WaitingEntry
from leukapheresis.models.waiting import WAITS
from leukapheresis.scheduling.ending import booking_let_go, slots_of
from leukapheresis.scheduling.times import slots_held


class SlotReader:
    """A closed journey holds nothing: its bookings and holds are canceled, all their parts are free again.

    It also leaves the waiting list, and its open offer goes to the next family.
    """

    name = "slots"

    def read(self, chain: Chain, events: Sequence[Event]) -> None:
        """Take in new events; only a closing matters."""
        closing = next((event for event in events if event.kind == EventKind.CLOSED), None)
        if closing is None:
            return
        for booking in Booking.objects.filter(journey_id=chain.journey_id, state__in=LIVE_STATES):
            slots_held(slots_of(booking))
            Booking.objects.filter(pk=booking.pk).update(
                state=BookingState.CANCELED,
                cancel_reason=CancelReason.JOURNEY_CLOSED,
                version=F("version") + 1,
            )
            SlotOffer.objects.filter(booking=booking, state=OfferState.OPEN).update(
                state=OfferState.WITHDRAWN
            )
            booking_let_go(booking, at=closing.recorded_at)
        WaitingEntry.objects.filter(journey_id=chain.journey_id, state__in=WAITS).update(
            state=WaitingState.LEFT
        )

    def rebuild(self, chain: Chain, events: Sequence[Event]) -> None:
        """The same from all events: what is freed stays free."""
        self.read(chain, effective(events))
