"""Holds that end by themselves, and the waiting list that gets what they leave."""

from datetime import timedelta
from typing import Any

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from leukapheresis.enums import ResourceKind
from leukapheresis.inputs import AwayDetails, WaitingDetails
from leukapheresis.models import Allocation, Booking, Resource, Slot, SlotOffer, WaitingEntry
from leukapheresis.scheduling.booking import booking_confirm, booking_create, booking_hold, hold_release
from leukapheresis.scheduling.bundles import PartChoice
from leukapheresis.scheduling.expiry import holds_sweep, scheduling_sweep
from leukapheresis.scheduling.parts import parts_change
from leukapheresis.scheduling.preparing import family_away_record, family_away_strike
from leukapheresis.scheduling.selectors import live_hold, waiting_list
from leukapheresis.scheduling.waiting import (
    offer_accept,
    offer_decline,
    offers_make,
    waiting_change,
    waiting_join,
    waiting_leave,
)
from leukapheresis.services import booking_cancel
from patients.enums import Stage
from patients.services import journey_close
from tests.equipment import unit_of
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


def test_a_hold_takes_the_slot_and_does_not_move_the_journey(story: Story) -> None:
    story.accepted()
    slot = story.slot()
    held = hold(story, slot, minutes=600)
    slot.refresh_from_db()
    assert (held.state, slot.state) == ("held", "booked")
    assert held.hold_expires_at == story.at + timedelta(hours=10)
    assert story.journey.stage == Stage.ACCEPTED
    assert kinds(story) == ["apheresis_held"]
    story.accepted()
    with pytest.raises(Conflict) as refused:
        book(story, slot)
    assert code(refused) == "slot_taken"


def test_a_hold_is_confirmed_by_its_own_child_only_and_once(story: Story) -> None:
    story.accepted()
    held = hold(story, story.slot())
    booked = booking_confirm(version=1, **act(story, held))
    assert (booked.state, booked.version, booked.hold_expires_at) == ("booked", 2, None)
    assert story.journey.stage == Stage.APHERESIS_PLANNED
    assert kinds(story) == ["apheresis_held", "apheresis_booked", "stage_changed"]
    with pytest.raises(Conflict) as refused:
        booking_confirm(**act(story, held))
    assert code(refused) == "not_held"


def test_a_child_with_a_hold_is_busy(story: Story) -> None:
    story.accepted()
    hold(story, story.slot())
    with pytest.raises(Conflict) as refused:
        book(story, story.slot(in_days=5))
    assert code(refused) == "patient_busy"


def test_a_hold_lasts_until_right_before_its_end(story: Story) -> None:
    story.accepted()
    held = hold(story, story.slot(), minutes=60)
    assert live_hold(story.journey_id, at=story.at) is not None
    story.later(minutes=60, microseconds=-1)
    assert booking_confirm(**act(story, held)).state == "booked"


def test_confirming_at_the_end_of_a_hold_fails_cleanly(story: Story) -> None:
    story.accepted()
    held = hold(story, story.slot(), minutes=60)
    story.later(minutes=60)
    before = Event.objects.count()
    with pytest.raises(Conflict) as refused:
        booking_confirm(**act(story, held))
    assert code(refused) == "hold_expired"
    assert Event.objects.count() == before
    assert live_hold(story.journey_id, at=story.at) is None


def test_a_rival_takes_over_a_hold_that_ended_before_anybody_swept(story: Story) -> None:
    story.accepted()
    slot = story.slot()
    held = hold(story, slot, minutes=60)
    story.later(hours=1)
    story.accepted()
    rival = book(story, slot)
    assert Allocation.objects.get(is_live=True).booking_id == rival.pk
    with pytest.raises(Conflict) as refused:
        booking_confirm(**act(story, held))
    assert code(refused) == "hold_expired"
    assert holds_sweep(at=story.at) == 1
    held.refresh_from_db()
    slot.refresh_from_db()
    assert (held.state, slot.state) == ("expired", "booked")
    (released,) = Event.objects.filter(kind="apheresis_hold_released")
    assert released.data["why"] == "expired"
    assert released.occurred_at == held.booked_at + timedelta(hours=1)


def test_a_rival_for_one_part_ends_the_whole_hold(story: Story) -> None:
    unit_of(story.center, ResourceKind.CRYOPRESERVATION)
    story.accepted()
    first, other = story.slot(), story.slot(machine="Machine 2")
    hold(story, first, minutes=60)
    story.later(hours=1)
    story.accepted()
    book(story, other)
    assert set(Allocation.objects.filter(is_live=True).values_list("booking__state", flat=True)) == {"booked"}
    holds_sweep(at=story.at)
    first.refresh_from_db()
    assert first.state == "open"


def test_an_own_hold_that_ended_gives_way_to_a_new_one(story: Story) -> None:
    story.accepted()
    slot = story.slot()
    first = hold(story, slot, minutes=60)
    story.later(hours=2)
    again = hold(story, slot)
    first.refresh_from_db()
    assert (first.state, again.state) == ("expired", "held")
    assert kinds(story) == ["apheresis_held", "apheresis_hold_released", "apheresis_held"]
    assert Allocation.objects.get(is_live=True).booking_id == again.pk


def test_the_sweep_ends_only_what_is_over(story: Story) -> None:
    story.accepted()
    slot = story.slot()
    held = hold(story, slot, minutes=60)
    assert holds_sweep(at=story.at + timedelta(minutes=59)) == 0
    assert holds_sweep(at=story.at + timedelta(minutes=60)) == 1
    assert holds_sweep(at=story.at + timedelta(minutes=60)) == 0
    held.refresh_from_db()
    slot.refresh_from_db()
    assert (held.state, slot.state) == ("expired", "open")
    assert not Allocation.objects.filter(is_live=True).exists()


def test_a_hold_is_released_and_then_gone(story: Story) -> None:
    story.accepted()
    slot = story.slot()
    held = hold(story, slot)
    assert hold_release(**act(story, held)).state == "expired"
    slot.refresh_from_db()
    assert slot.state == "open"
    with pytest.raises(Conflict) as refused:
        hold_release(**act(story, held))
    assert code(refused) == "hold_expired"


def test_a_booking_is_not_released_like_a_hold_nor_a_hold_canceled_like_a_booking(story: Story) -> None:
    booking = story.booked()
    with pytest.raises(Conflict) as refused:
        hold_release(**act(story, booking))
    assert code(refused) == "not_held"
    story.accepted()
    held = hold(story, story.slot(in_days=6))
    with pytest.raises(Conflict) as refused:
        booking_cancel(reason_code="family", **act(story, held))
    assert code(refused) == "not_booked"


def test_a_hold_may_wait_for_decisions_a_booking_may_not(story: Story) -> None:
    unit_of(story.center)
    story.accepted()
    held = hold(story, story.slot(in_days=5))
    with pytest.raises(Conflict) as refused:
        booking_confirm(**act(story, held))
    assert code(refused) == "parts_undecided"
    choices = [
        PartChoice(part=part, wanted=False, reason="Port in place, old enough.")
        for part in ("anesthesia", "line_placement", "picu_bed")
    ]
    parts_change(choices=choices, **act(story, held))
    assert booking_confirm(**act(story, held)).state == "booked"


@pytest.mark.parametrize("minutes", [0, 20_161])
def test_a_hold_has_a_sensible_length(story: Story, minutes: int) -> None:
    story.accepted()
    with pytest.raises(Invalid):
        hold(story, story.slot(), minutes=minutes)


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
