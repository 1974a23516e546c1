"""How the tests of scheduling book and look: acts, what is taken, and refusals that change nothing."""

from collections.abc import Sequence
from typing import Any

import pytest

from cartpath.core.errors import DomainError
from cartpath.ledger.models import Event
from leukapheresis.inputs import PreparationDetails
from leukapheresis.models import (
    Allocation,
    Booking,
    Slot,
)
from leukapheresis.scheduling.booking import booking_create
from leukapheresis.scheduling.moving import booking_move
from leukapheresis.scheduling.preparing import preparation_record
from leukapheresis.scheduling.selectors import parts_of
from leukapheresis.scheduling.times import Time
from tests.factories import Story


def prepared(story: Story, access: Any = "central_present", sedation: Any = "no") -> None:
    preparation_record(
        journey_id=story.journey_id,
        details=PreparationDetails(vascular_access=access, sedation=sedation),
        by=story.nurse.actor,
        at=story.at,
    )


def ready(story: Story, access: Any = "central_present", sedation: Any = "no", **referral: Any) -> None:
    """An accepted child whose access and sedation are known."""
    story.accepted(**referral)
    prepared(story, access, sedation)


def book(story: Story, *times: Time, **more: Any) -> Booking:
    return booking_create(
        journey_id=story.journey_id, times=times, by=story.coordinator.actor, at=story.at, **more
    )


def act(story: Story, booking: Booking) -> dict[str, Any]:
    return {"booking_id": booking.pk, "by": story.coordinator.actor, "at": story.at}


def names(booking: Booking, day: int = 1) -> dict[str, str]:
    """What a day takes: the name of the resource by part."""
    rows = Allocation.objects.filter(booking=booking, day__number=day, is_live=True)
    return dict(rows.values_list("kind", "resource__name"))


def states(booking: Booking) -> dict[str, str]:
    return {part.part: part.state for part in parts_of(booking)}


def written() -> tuple[int, int, int, int]:
    """Everything a refusal must leave as it is."""
    return (
        Booking.objects.count(),
        Allocation.objects.filter(is_live=True).count(),
        Slot.objects.filter(state="booked").count(),
        Event.objects.count(),
    )


def refusal(act: Any) -> DomainError:
    """The refusal of an act, which changed nothing."""
    before = written()
    with pytest.raises(DomainError) as refused:
        act()
    assert written() == before
    return refused.value


def three_days(story: Story) -> tuple[Booking, Sequence[Slot]]:
    slots = [story.slot(in_days=number) for number in (5, 6, 7)]
    return book(story, *(slot.pk for slot in slots)), slots


def move(story: Story, booking: Booking, to: Time, **more: Any) -> Booking:
    given = {"day": 1, "reason_code": "family", **more}
    return booking_move(to=to, **given, **act(story, booking))
