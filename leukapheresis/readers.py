"""Gives slots back when a journey ends."""

from collections.abc import Sequence

from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Chain, Event
from cartpath.ledger.services import effective
from leukapheresis.enums import BookingState, CancelReason, SlotState
from leukapheresis.models import Allocation, Booking, Slot


class SlotReader:
    """A closed journey holds no slot: its live booking is canceled and the machine is free again."""

    name = "slots"

    def read(self, chain: Chain, events: Sequence[Event]) -> None:
        """Take in new events; only a closing matters."""
        if not any(event.kind == EventKind.CLOSED for event in events):
            return
        for booking in Booking.objects.filter(journey_id=chain.journey_id, state=BookingState.BOOKED):
            Booking.objects.filter(pk=booking.pk).update(
                state=BookingState.CANCELED, cancel_reason=CancelReason.JOURNEY_CLOSED
            )
            Allocation.objects.filter(booking=booking).update(is_live=False)
            Slot.objects.filter(pk=booking.slot_id, state=SlotState.BOOKED).update(state=SlotState.OPEN)

    def rebuild(self, chain: Chain, events: Sequence[Event]) -> None:
        """The same from all events: what is freed stays free."""
        self.read(chain, effective(events))
