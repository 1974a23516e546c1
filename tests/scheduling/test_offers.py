"""Offers of freed slots where they could go wrong: moved, just ending, too late, or passed over."""

from datetime import timedelta
from typing import Any

import pytest

from leukapheresis.enums import ResourceKind
from leukapheresis.models import Booking
from leukapheresis.scheduling import waiting
from leukapheresis.scheduling.expiry import scheduling_sweep
from leukapheresis.scheduling.moving import booking_move
from leukapheresis.scheduling.patience import Crowded
from leukapheresis.scheduling.waiting import offer_accept, offer_decline, offers_make
from leukapheresis.services import booking_cancel
from tests.equipment import unit_of
from tests.factories import Story
from tests.holding import act, book, freed, offered_to, waits


def test_an_offer_goes_with_its_hold_and_the_old_slot_to_the_next_family(story: Story) -> None:
    slot = freed(story)
    first = waits(story, 1)
    (offer,) = offers_make(at=story.at)
    other = story.slot(in_days=7)
    booking_move(day=1, to=other.pk, reason_code="family", **act(story, offer.booking))
    second = waits(story, 2)
    (next_offer,) = offers_make(at=story.at)
    assert (offered_to(other), offered_to(slot)) == (first, second)
    for each in (offer, next_offer):
        offer_accept(offer_id=each.pk, by=story.coordinator.actor, at=story.at)
    assert Booking.objects.filter(state="booked").count() == 2


def test_a_slot_whose_offer_is_just_ending_waits_for_the_sweep(story: Story) -> None:
    slot = freed(story)
    waits(story, 1)
    (ended,) = offers_make(at=story.at)
    story.later(hours=24)
    story.accepted()
    rival = book(story, slot)
    booking_cancel(reason_code="family", **act(story, rival))
    second = waits(story, 2)
    assert offers_make(at=story.at) == []
    assert scheduling_sweep(at=story.at) == (1, 1)
    assert offered_to(slot) == second
    ended.refresh_from_db()
    assert ended.state == "expired"


def test_a_family_with_an_offer_is_not_moved_onto_one_that_is_just_ending(story: Story) -> None:
    slot = freed(story)
    waits(story, 1)
    offers_make(at=story.at)
    story.later(hours=24)
    freed(story, in_days=8)
    waits(story, 2, first=7)
    (offer,) = offers_make(at=story.at)
    with pytest.raises(Crowded) as refused:
        booking_move(day=1, to=slot.pk, reason_code="family", **act(story, offer.booking))
    assert refused.value.code == "slot_taken"
    scheduling_sweep(at=story.at)
    booking_move(day=1, to=slot.pk, reason_code="family", **act(story, offer.booking))


def test_nobody_is_passed_over_because_somebody_else_is_writing(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = freed(story)
    waits(story, 2)
    urgent = waits(story, 1)
    with monkeypatch.context() as busy:
        busy.setattr(waiting, "booking_hold", _crowded)
        assert offers_make(at=story.at) == []
    slot.refresh_from_db()
    assert slot.freed_at is not None
    offers_make(at=story.at)
    assert offered_to(slot) == urgent


def _crowded(**_call: Any) -> None:
    raise Crowded("patient_busy", "Somebody else is writing.")


def test_a_family_without_time_to_answer_is_passed_over(story: Story) -> None:
    unit_of(story.center, ResourceKind.RED_CELL_PRIME)
    slot = freed(story)
    waits(story, 1)
    story.at = slot.starts_at - timedelta(hours=72, minutes=5)
    assert offers_make(at=story.at) == []
    assert not Booking.objects.filter(state="held").exists()


def test_a_declined_offer_that_was_moved_gives_the_new_slot_to_the_next(story: Story) -> None:
    freed(story)
    waits(story, 1)
    (offer,) = offers_make(at=story.at)
    other = story.slot(in_days=7)
    booking_move(day=1, to=other.pk, reason_code="family", **act(story, offer.booking))
    second = waits(story, 2, first=6)
    offer_decline(offer_id=offer.pk, by=story.coordinator.actor, at=story.at)
    offers_make(at=story.at)
    assert offered_to(other) == second
    offer.refresh_from_db()
    assert (offer.state, offer.slot_id) == ("declined", other.pk)
