"""The waiting list: a freed slot goes to one family at a time, the most urgent first."""

from datetime import timedelta
from typing import Any

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.verify import verify
from leukapheresis.enums import ResourceKind
from leukapheresis.inputs import AwayDetails, WaitingDetails
from leukapheresis.models import Allocation, Booking, Resource, Slot, SlotOffer
from leukapheresis.scheduling.expiry import scheduling_sweep
from leukapheresis.scheduling.preparing import family_away_record, family_away_strike
from leukapheresis.scheduling.selectors import waiting_list
from leukapheresis.scheduling.waiting import (
    offer_accept,
    offer_decline,
    offers_make,
    waiting_change,
    waiting_join,
    waiting_leave,
)
from leukapheresis.services import booking_cancel
from patients.services import journey_close
from tests.equipment import unit_of
from tests.factories import Story
from tests.holding import act, book, code, freed, kinds, offered_to, waits


def test_a_freed_slot_is_offered_to_the_most_urgent_child_alone(story: Story) -> None:
    slot = freed(story)
    waits(story, 3)
    urgent = waits(story, 1)
    (offer,) = offers_make(at=story.at)
    assert offered_to(slot) == urgent
    assert SlotOffer.objects.filter(state="open").count() == 1
    assert offer.expires_at == story.at + timedelta(hours=24)
    slot.refresh_from_db()
    assert slot.state == "booked"
    assert kinds(story)[-2:] == ["apheresis_held", "slot_offered"]
    assert offers_make(at=story.at) == []


def test_of_equal_priority_the_longer_waiting_child_is_asked_first(story: Story) -> None:
    slot = freed(story)
    first = waits(story)
    waits(story)
    offers_make(at=story.at)
    assert offered_to(slot) == first


def test_a_declined_slot_goes_to_the_next_and_never_back(story: Story) -> None:
    slot = freed(story)
    second = waits(story, 2)
    first = waits(story, 1)
    (offer,) = offers_make(at=story.at)
    offer_decline(offer_id=offer.pk, note="Chickenpox.", by=story.coordinator.actor, at=story.later(hours=1))
    first.refresh_from_db()
    assert first.state == "waiting"
    assert kinds(story)[-2:] == ["slot_offer_closed", "apheresis_hold_released"]
    (next_offer,) = offers_make(at=story.at)
    assert offered_to(slot) == second
    offer_decline(offer_id=next_offer.pk, by=story.coordinator.actor, at=story.at)
    assert offers_make(at=story.at) == []
    slot.refresh_from_db()
    assert (slot.state, slot.freed_at) == ("open", None)


def test_an_unanswered_slot_goes_to_the_next_by_itself(story: Story) -> None:
    slot = freed(story)
    second = waits(story, 2)
    waits(story, 1)
    offers_make(at=story.at)
    assert scheduling_sweep(at=story.later(hours=24)) == (1, 1)
    assert offered_to(slot) == second
    assert set(SlotOffer.objects.values_list("state", flat=True)) == {"expired", "open"}
    assert verify().breaks == []


def test_an_accepted_slot_is_a_booking_and_the_child_waits_no_more(story: Story) -> None:
    freed(story)
    entry = waits(story)
    (offer,) = offers_make(at=story.at)
    booking = offer_accept(offer_id=offer.pk, by=story.coordinator.actor, at=story.later(hours=2))
    entry.refresh_from_db()
    offer.refresh_from_db()
    assert (booking.state, entry.state, offer.state) == ("booked", "booked", "accepted")
    assert kinds(story)[-4:] == [
        "slot_offer_closed",
        "apheresis_booked",
        "waiting_list_left",
        "stage_changed",
    ]
    with pytest.raises(Conflict) as refused:
        offer_accept(offer_id=offer.pk, by=story.coordinator.actor, at=story.at)
    assert code(refused) == "offer_closed"


def test_an_answer_after_the_deadline_comes_too_late(story: Story) -> None:
    freed(story)
    waits(story)
    (offer,) = offers_make(at=story.at)
    with pytest.raises(Conflict) as refused:
        offer_accept(offer_id=offer.pk, by=story.coordinator.actor, at=story.later(hours=24))
    assert code(refused) == "hold_expired"


def test_the_answer_is_wanted_before_half_of_the_time_is_over(story: Story) -> None:
    slot = freed(story, in_days=1)
    waits(story)
    (offer,) = offers_make(at=story.at)
    half = (slot.starts_at - story.at) / 2
    assert timedelta(0) <= half - (offer.expires_at - story.at) < timedelta(minutes=1)


def test_a_slot_outside_of_the_wanted_days_fits_nobody(story: Story) -> None:
    slot = freed(story)
    waits(story, first=6)
    waits(story, last=4)
    assert offers_make(at=story.at) == []
    slot.refresh_from_db()
    assert slot.freed_at is None


def test_a_family_that_is_away_is_passed_over(story: Story) -> None:
    slot = freed(story)
    waits(story, last=None)
    away = family_away_record(
        journey_id=story.journey_id,
        details=AwayDetails(
            first_on=slot.starts_at.date() - timedelta(days=2), last_on=slot.starts_at.date()
        ),
        by=story.coordinator.actor,
        at=story.at,
    )
    assert offers_make(at=story.at) == []
    Slot.objects.filter(pk=slot.pk).update(freed_at=story.at)
    family_away_strike(
        family_away_id=away.pk, reason="Trip canceled.", by=story.coordinator.actor, at=story.at
    )
    assert len(offers_make(at=story.at)) == 1


def test_a_child_for_whom_a_part_is_missing_is_passed_over(story: Story) -> None:
    unit_of(story.center, ResourceKind.CRYOPRESERVATION)
    slot = freed(story)
    waits(story, 1)
    waits(story, 2)
    story.accepted()
    book(story, story.slot(in_days=5, machine="Machine 2"))
    Resource.objects.filter(kind="cryopreservation").update(capacity=1)
    assert offers_make(at=story.at) == []
    assert offered_to(slot) is None


def test_a_child_waits_once_and_not_with_a_booking(story: Story) -> None:
    waits(story)
    with pytest.raises(Conflict) as refused:
        waiting_join(
            journey_id=story.journey_id,
            details=WaitingDetails(priority=1, priority_reason="x", from_on=story.at.date()),
            by=story.coordinator.actor,
            at=story.at,
        )
    assert code(refused) == "already_waiting"
    story.booked()
    with pytest.raises(Conflict) as refused:
        waiting_join(
            journey_id=story.journey_id,
            details=WaitingDetails(priority=1, priority_reason="x", from_on=story.at.date()),
            by=story.coordinator.actor,
            at=story.at,
        )
    assert code(refused) == "patient_busy"


def test_a_booking_ends_the_waiting(story: Story) -> None:
    entry = waits(story)
    book(story, story.slot())
    entry.refresh_from_db()
    assert entry.state == "booked"
    assert "waiting_list_left" in kinds(story)


def test_a_new_priority_changes_the_order(story: Story) -> None:
    first = waits(story, 2)
    second = waits(story, 3)
    details = WaitingDetails(priority=1, priority_reason="Relapse.", from_on=story.at.date())
    waiting_change(entry_id=second.pk, details=details, by=story.coordinator.actor, at=story.at)
    assert [entry.pk for entry in waiting_list(story.center.pk)] == [second.pk, first.pk]
    assert kinds(story)[-1] == "waiting_list_changed"


@pytest.mark.parametrize(
    ("change", "field"),
    [({"priority": 5}, "priority"), ({"priority_reason": " "}, "priority_reason")],
)
def test_a_priority_has_its_reason(story: Story, change: dict[str, Any], field: str) -> None:
    story.accepted()
    given = {"priority": 1, "priority_reason": "x", "from_on": story.at.date(), **change}
    with pytest.raises(Invalid) as refused:
        waiting_join(
            journey_id=story.journey_id,
            details=WaitingDetails(**given),
            by=story.coordinator.actor,
            at=story.at,
        )
    assert field in refused.value.fields


def test_a_child_leaves_the_list_but_not_under_an_offer(story: Story) -> None:
    freed(story)
    entry = waits(story)
    (offer,) = offers_make(at=story.at)
    with pytest.raises(Conflict) as refused:
        waiting_leave(entry_id=entry.pk, by=story.coordinator.actor, at=story.at)
    assert code(refused) == "offer_open"
    offer_decline(offer_id=offer.pk, by=story.coordinator.actor, at=story.at)
    assert waiting_leave(entry_id=entry.pk, by=story.coordinator.actor, at=story.at).state == "left"
    with pytest.raises(Conflict) as refused:
        waiting_leave(entry_id=entry.pk, by=story.coordinator.actor, at=story.at)
    assert code(refused) == "not_waiting"


def test_a_closed_journey_gives_hold_offer_and_place_to_others(story: Story) -> None:
    slot = freed(story)
    entry = waits(story)
    (offer,) = offers_make(at=story.at)
    journey_close(
        journey_id=story.journey_id,
        reason_code="withdrawn",
        note="Goes home.",
        by=story.clinician.actor,
        at=story.later(hours=1),
    )
    for row in (entry, offer, slot):
        row.refresh_from_db()
    assert (entry.state, offer.state, slot.state) == ("left", "withdrawn", "open")
    assert Booking.objects.get(pk=offer.booking_id).cancel_reason == "journey_closed"
    assert not Allocation.objects.filter(is_live=True).exists()
    assert slot.freed_at is not None


@pytest.mark.django_db(transaction=True)
def test_what_is_given_back_is_offered_right_after_the_commit(story: Story) -> None:
    story.accepted()
    slot = story.slot(in_days=5)
    booking = book(story, slot)
    first = Story(**{name: getattr(story, name) for name in STAFF})
    entry = waits(first)
    booking_cancel(reason_code="family", **act(story, booking))
    assert offered_to(slot) == entry


STAFF = ("center", "coordinator", "clinician", "second", "nurse", "lab", "at")
