"""Booking: one winner, clean refusals, and a washout that is never guessed."""

import threading
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction

from cartpath.accounts.models import Center
from cartpath.core.errors import Conflict, DomainError, Invalid, NotFound
from cartpath.ledger.models import Event
from leukapheresis.enums import BookingState, SlotState
from leukapheresis.models import Allocation, Booking, Resource, Slot
from leukapheresis.services import booking_cancel, booking_create, slot_open
from patients.enums import Stage
from patients.inputs import TreatmentDetails
from patients.services import journey_close, treatment_record
from tests.factories import Story


def book(story: Story, slot: Slot, **more: str) -> Booking:
    return booking_create(
        journey_id=story.journey_id, slot_id=slot.pk, by=story.coordinator.actor, at=story.at, **more
    )


def treated(story: Story, drug_class: str, last_dose: date | datetime | None) -> None:
    treatment_record(
        journey_id=story.journey_id,
        treatment=TreatmentDetails(drug="drug", drug_class=drug_class, last_dose=last_dose),  # type: ignore[arg-type]
        by=story.clinician.actor,
        at=story.at,
    )


def test_a_booking_takes_the_slot_and_plans_the_apheresis(story: Story) -> None:
    booking = story.booked()
    journey = story.journey
    assert booking.slot.state != SlotState.BOOKED
    booking.slot.refresh_from_db()
    assert booking.slot.state == SlotState.BOOKED
    assert journey.stage == Stage.APHERESIS_PLANNED
    assert journey.status.planned_apheresis_at == booking.slot.starts_at


def test_a_taken_slot_is_refused_and_nothing_is_written(story: Story) -> None:
    slot = story.slot()
    story.booked(slot)
    story.accepted()
    before = Event.objects.count()
    with pytest.raises(Conflict) as refused:
        book(story, slot)
    assert refused.value.code == "slot_taken"
    assert (Booking.objects.count(), Event.objects.count()) == (1, before)


def test_a_machine_taken_for_part_of_the_time_is_busy(story: Story) -> None:
    slot = story.slot()
    overlapping = slot_open(
        resource=slot.resource, starts_at=slot.starts_at + timedelta(hours=2), ends_at=slot.ends_at
    )
    story.booked(slot)
    story.accepted()
    with pytest.raises(Conflict) as refused:
        book(story, overlapping)
    assert refused.value.code == "resource_busy"
    overlapping.refresh_from_db()
    assert overlapping.state == SlotState.OPEN


def test_a_slot_that_begins_when_another_ends_is_free(story: Story) -> None:
    slot = story.slot()
    next_one = slot_open(
        resource=slot.resource, starts_at=slot.ends_at, ends_at=slot.ends_at + timedelta(hours=1)
    )
    story.booked(slot)
    story.booked(next_one)
    assert Booking.objects.count() == 2


def test_a_child_with_a_live_booking_is_busy(story: Story) -> None:
    story.booked()
    with pytest.raises(Conflict) as refused:
        book(story, story.slot(in_days=9))
    assert refused.value.code == "patient_busy"


def test_a_slot_of_another_center_does_not_exist(story: Story, other_center: Center) -> None:
    story.accepted()
    machine = Resource.objects.create(center=other_center, name="Elsewhere")
    foreign = slot_open(
        resource=machine,
        starts_at=story.at + timedelta(days=2),
        ends_at=story.at + timedelta(days=2, hours=4),
    )
    with pytest.raises(NotFound):
        book(story, foreign)


def test_an_open_washout_refuses_until_a_reason_is_given(story: Story) -> None:
    story.accepted()
    treated(story, "cytotoxic", story.at - timedelta(days=3))
    slot = story.slot()
    with pytest.raises(Conflict) as refused:
        book(story, slot)
    assert refused.value.code == "washout_open"
    booking = book(story, slot, override_reason="Rapid progression, board decision")
    assert booking.override_reason == "Rapid progression, board decision"


def test_an_unknown_last_dose_is_an_open_washout(story: Story) -> None:
    story.accepted()
    treated(story, "cytotoxic", None)
    with pytest.raises(Conflict) as refused:
        book(story, story.slot(in_days=60))
    assert refused.value.code == "washout_open"


def test_a_washout_of_hours_is_elapsed_hours(story: Story) -> None:
    story.accepted()
    slot = story.slot(in_days=5)
    treated(story, "corticosteroid", slot.starts_at - timedelta(hours=72))
    assert book(story, slot).state == BookingState.BOOKED


def test_one_minute_short_of_the_washout_is_too_early(story: Story) -> None:
    story.accepted()
    slot = story.slot(in_days=5)
    treated(story, "corticosteroid", slot.starts_at - timedelta(hours=72) + timedelta(minutes=1))
    with pytest.raises(Conflict):
        book(story, slot)


def test_a_slot_that_has_begun_cannot_be_booked(story: Story) -> None:
    slot = story.slot()
    story.accepted()
    story.later(days=4)
    with pytest.raises(Conflict) as refused:
        book(story, slot)
    assert refused.value.code == "slot_past"


def test_canceling_frees_slot_machine_and_child(story: Story) -> None:
    booking = story.booked()
    booking_cancel(
        booking_id=booking.pk, reason_code="family", note="fever", by=story.coordinator.actor, at=story.at
    )
    assert story.journey.stage == Stage.ACCEPTED
    assert story.journey.status.planned_apheresis_at is None
    assert book(story, booking.slot).state == BookingState.BOOKED
    with pytest.raises(Conflict) as refused:
        booking_cancel(booking_id=booking.pk, reason_code="family", by=story.coordinator.actor, at=story.at)
    assert refused.value.code == "not_booked"


def test_a_closed_journey_gives_its_slot_back(story: Story) -> None:
    booking = story.booked()
    journey_close(
        journey_id=story.journey_id,
        reason_code="withdrawn",
        note="The family goes home",
        by=story.clinician.actor,
        at=story.later(hours=1),
    )
    booking.refresh_from_db()
    booking.slot.refresh_from_db()
    assert (booking.state, booking.cancel_reason) == ("canceled", "journey_closed")
    assert booking.slot.state == SlotState.OPEN
    assert not Allocation.objects.filter(is_live=True).exists()


def test_a_cancellation_needs_a_known_reason(story: Story) -> None:
    booking = story.booked()
    with pytest.raises(Invalid) as refused:
        booking_cancel(booking_id=booking.pk, reason_code="whim", by=story.coordinator.actor, at=story.at)
    assert "reason_code" in refused.value.fields


def test_the_database_itself_refuses_two_live_allocations_that_overlap(story: Story) -> None:
    booking = story.booked()
    period = (booking.slot.starts_at + timedelta(hours=1), booking.slot.ends_at + timedelta(hours=1))
    with pytest.raises(IntegrityError, match="allocation_no_overlap"), transaction.atomic():
        Allocation.objects.create(
            booking=booking, day=booking.days.get(), resource=booking.slot.resource, period=period
        )


@pytest.mark.django_db(transaction=True)
def test_children_racing_for_overlapping_slots_never_share_the_machine(story: Story) -> None:
    """Sixteen children, eight overlapping slots, one machine: winners never overlap, losers are told."""
    first = story.slot()
    slots = [
        slot_open(
            resource=first.resource,
            starts_at=first.starts_at + timedelta(minutes=30 * n),
            ends_at=first.starts_at + timedelta(minutes=30 * n + 90),
        )
        for n in range(1, 8)
    ]
    rivals = []
    for _ in range(16):
        story.accepted()
        rivals.append(story.journey_id)
    outcomes: list[str] = []
    gate = threading.Barrier(len(rivals))

    def race(number: int) -> None:
        try:
            gate.wait()
            booking_create(
                journey_id=rivals[number],
                slot_id=slots[number % len(slots)].pk,
                by=story.coordinator.actor,
                at=story.at,
            )
            outcomes.append("booked")
        except DomainError as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=race, args=(number,)) for number in range(len(rivals))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == len(rivals)
    assert set(outcomes) <= {"booked", "slot_taken", "resource_busy"}
    assert 1 <= outcomes.count("booked") == Booking.objects.count()
    live = sorted((a.period.lower, a.period.upper) for a in Allocation.objects.all())
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(live))


def test_times_across_the_clock_change_are_elapsed_time(story: Story) -> None:
    """72 h before 08:00 on the day after the change is 09:00 on the wall, three days earlier."""
    story.accepted()
    machine = Resource.objects.create(center=story.center, name="Machine 9")
    starts_at = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)  # 08:00 in Rome, the day after clocks went forward
    slot = slot_open(resource=machine, starts_at=starts_at, ends_at=starts_at + timedelta(hours=4))
    treated(story, "corticosteroid", datetime(2026, 3, 27, 6, 0, tzinfo=UTC))
    assert book(story, slot).state == BookingState.BOOKED
