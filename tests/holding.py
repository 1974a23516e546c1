"""How the tests of holds and of the waiting list act, and what they look at."""

from datetime import timedelta
from typing import Any

import pytest

from cartpath.core.errors import Conflict
from cartpath.ledger.models import Event
from leukapheresis.inputs import WaitingDetails
from leukapheresis.models import Booking, Slot, SlotOffer, WaitingEntry
from leukapheresis.scheduling.booking import booking_create, booking_hold
from leukapheresis.scheduling.waiting import (
    waiting_join,
)
from leukapheresis.services import booking_cancel
from tests.factories import Story


def hold(story: Story, slot: Slot, **more: Any) -> Booking:
    return booking_hold(
        journey_id=story.journey_id, times=[slot.pk], by=story.coordinator.actor, at=story.at, **more
    )


def book(story: Story, slot: Slot, **more: Any) -> Booking:
    return booking_create(
        journey_id=story.journey_id, slot_id=slot.pk, by=story.coordinator.actor, at=story.at, **more
    )


def act(story: Story, booking: Booking) -> dict[str, Any]:
    return {"booking_id": booking.pk, "by": story.coordinator.actor, "at": story.at}


def code(refused: pytest.ExceptionInfo[Conflict]) -> str:
    return refused.value.code


def kinds(story: Story) -> list[str]:
    """The journey's events since its acceptance."""
    events = list(Event.objects.of(story.journey_id).values_list("kind", flat=True))
    return events[events.index("accepted") + 2 :]


def waits(story: Story, priority: int = 2, *, first: int = 0, last: int | None = 30) -> WaitingEntry:
    """Accept another child, who then waits for a slot on days counted from today."""
    story.accepted()
    today = story.at.date()
    details = WaitingDetails(
        priority=priority,
        priority_reason="Blasts rising.",
        from_on=today + timedelta(days=first),
        until_on=None if last is None else today + timedelta(days=last),
    )
    return waiting_join(journey_id=story.journey_id, details=details, by=story.coordinator.actor, at=story.at)


def freed(story: Story, *, in_days: int = 5) -> Slot:
    """A slot that a booking gave back."""
    story.accepted()
    slot = story.slot(in_days=in_days)
    booking_cancel(reason_code="family", **act(story, book(story, slot)))
    slot.refresh_from_db()
    return slot


def offered_to(slot: Slot) -> WaitingEntry | None:
    offer = SlotOffer.objects.filter(slot=slot, state="open").select_related("entry").first()
    return offer and offer.entry
