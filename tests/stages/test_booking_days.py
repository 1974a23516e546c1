"""Collections over several days: one booking, moved and changed in place."""

from datetime import datetime, timedelta

import pytest

from cartpath.core.errors import NotFound, Stale
from cartpath.ledger.models import Event
from leukapheresis.enums import ResourceKind
from leukapheresis.models import (
    Booking,
    BookingDay,
    Closure,
    Resource,
    Slot,
)
from leukapheresis.scheduling.bundles import PartChoice
from leukapheresis.scheduling.moving import day_add, day_release
from leukapheresis.scheduling.parts import parts_change
from leukapheresis.scheduling.times import MachineTime
from leukapheresis.services import booking_cancel
from patients.inputs import TreatmentDetails
from patients.services import treatment_record
from tests.booking import act, book, move, names, prepared, ready, refusal, states, three_days
from tests.equipment import unit_of
from tests.factories import Story


def test_a_collection_over_three_days_is_one_booking(story: Story, unit: dict[str, Resource]) -> None:
    story.accepted()
    story.measured(weight_kg=8.2, height_cm=70)
    prepared(story, "central_needed", "no")
    booking, slots = three_days(story)
    assert [day.slot_id for day in BookingDay.objects.order_by("number")] == [slot.pk for slot in slots]
    assert "line_placement" in names(booking, 1)
    assert "line_placement" not in names(booking, 2)
    assert names(booking, 3)["nurse"] == "Nurse 1"
    assert story.journey.status.planned_apheresis_at == slots[0].starts_at


def test_one_day_that_is_not_possible_refuses_all_days(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    third = story.slot(in_days=7)
    day = third.starts_at.date()
    Closure.objects.create(
        center=story.center, resource=unit["Cell laboratory"], first_on=day, last_on=day, kind="staff"
    )
    assert refusal(lambda: three_days_again(story, third)).code == "closed"


def three_days_again(story: Story, third: Slot) -> Booking:
    firsts = Slot.objects.exclude(pk=third.pk).values_list("pk", flat=True)
    made = firsts or [story.slot(in_days=number).pk for number in (5, 6)]
    return book(story, *made, third.pk)


def test_a_released_day_gives_everything_back(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    booking, slots = three_days(story)
    day_release(day=2, reason_code="cells", **act(story, booking))
    assert names(booking, 2) == {}
    assert Slot.objects.get(pk=slots[1].pk).state == "open"
    assert names(booking, 3)
    booking.refresh_from_db()
    assert booking.version == 2
    ready(story)
    assert book(story, slots[1].pk).state == "booked"


def test_when_the_first_day_goes_the_next_one_takes_the_line(story: Story, unit: dict[str, Resource]) -> None:
    ready(story, "central_needed")
    booking, slots = three_days(story)
    day_release(day=1, reason_code="clinical", **act(story, booking))
    assert names(booking, 2)["line_placement"] == "Line placement"
    booking.refresh_from_db()
    assert booking.slot_id == slots[1].pk
    assert story.journey.status.planned_apheresis_at == slots[1].starts_at


def test_the_last_day_is_not_released(story: Story) -> None:
    booking = story.booked()
    refused = refusal(lambda: day_release(day=1, reason_code="family", **act(story, booking)))
    assert refused.code == "last_day"


def test_a_day_is_added_with_all_its_parts(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    booking = book(story, story.slot(in_days=5).pk)
    day = day_add(time=story.slot(in_days=6).pk, reason_code="cells", **act(story, booking))
    assert day.number == 2
    assert set(names(booking, 2)) == set(names(booking, 1))


def test_two_days_of_a_child_do_not_overlap(story: Story) -> None:
    booking = story.booked(story.slot(in_days=5))
    beside = story.slot(in_days=5, machine="Machine 2")
    refused = refusal(lambda: day_add(time=beside.pk, reason_code="cells", **act(story, booking)))
    assert refused.code == "patient_busy"


def test_two_days_of_a_new_booking_do_not_overlap_either(story: Story) -> None:
    slots = [story.slot(in_days=5, machine=machine) for machine in ("Machine 1", "Machine 2")]
    story.accepted()
    assert refusal(lambda: book(story, *(slot.pk for slot in slots))).code == "patient_busy"


def test_a_move_keeps_the_booking_and_gives_the_old_time_back(
    story: Story, unit: dict[str, Resource]
) -> None:
    ready(story)
    old, new = story.slot(in_days=5), story.slot(in_days=8)
    booking = book(story, old.pk)
    moved = move(story, booking, new.pk, note="A wedding.", cascade=[{"what": "courier"}])
    assert (moved.pk, moved.slot_id, moved.version) == (booking.pk, new.pk, 2)
    assert Slot.objects.get(pk=old.pk).state == "open"
    assert Slot.objects.get(pk=new.pk).state == "booked"
    assert set(names(moved)) == {"machine", "chair", "nurse", "red_cell_prime", "cryopreservation"}
    assert story.journey.status.planned_apheresis_at == new.starts_at
    event = Event.objects.get(kind="apheresis_moved")
    assert datetime.fromisoformat(event.data["from"]["starts_at"]) == old.starts_at
    assert event.data["to"]["resources"]["nurse"] == "Nurse 1"
    assert (event.data["reason_code"], event.data["cascade"]) == ("family", [{"what": "courier"}])
    assert not Event.objects.filter(kind__in=["apheresis_canceled"]).exists()


def test_a_move_by_an_hour_on_the_same_machine_makes_a_slot(story: Story) -> None:
    booking = story.booked(story.slot(in_days=5))
    shifted = MachineTime(
        booking.slot.resource_id,
        booking.slot.starts_at + timedelta(hours=1),
        booking.slot.ends_at + timedelta(hours=1),
    )
    moved = move(story, booking, shifted)
    assert moved.slot.starts_at == shifted.starts_at
    assert Slot.objects.count() == 2
    assert Slot.objects.get(state="open").starts_at == booking.slot.starts_at


def test_a_move_keeps_the_same_people_where_they_are_free(story: Story) -> None:
    unit_of(story.center, ResourceKind.NURSE)
    story.accepted()
    book(story, story.slot(in_days=5, machine="Machine 2").pk)
    story.accepted()
    booking = book(story, story.slot(in_days=5).pk)
    assert names(booking)["nurse"] == "Nurse 2"
    assert names(move(story, booking, story.slot(in_days=6).pk))["nurse"] == "Nurse 2"


def test_a_move_that_is_not_possible_leaves_everything(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    booking = book(story, story.slot(in_days=8).pk)
    new = story.slot(in_days=2)
    held = names(booking)
    refused = refusal(lambda: move(story, booking, new.pk))
    assert refused.code == "lead_time"
    assert names(booking) == held


def test_a_stale_move_is_refused_with_what_changed(story: Story) -> None:
    booking = story.booked(story.slot(in_days=5))
    move(story, booking, story.slot(in_days=6).pk, version=1)
    with pytest.raises(Stale) as refused:
        move(story, booking, story.slot(in_days=7).pk, version=1)
    assert refused.value.code == "stale"
    assert "Apheresis moved by Ada" in refused.value.message


def test_a_move_asks_for_the_washout_again(story: Story) -> None:
    booking = story.booked(story.slot(in_days=9))
    treatment_record(
        journey_id=story.journey_id,
        treatment=TreatmentDetails(drug="Dexa", drug_class="corticosteroid", last_dose=story.at),
        by=story.clinician.actor,
        at=story.at,
    )
    sooner = story.slot(in_days=2)
    assert refusal(lambda: move(story, booking, sooner.pk)).code == "washout_open"
    moved = move(story, booking, sooner.pk, override_reason="Rapid progression.")
    assert moved.override_reason == "Rapid progression."


def test_when_the_first_day_moves_behind_the_second_the_line_moves_too(
    story: Story, unit: dict[str, Resource]
) -> None:
    ready(story, "central_needed")
    booking, _slots = three_days(story)
    move(story, booking, story.slot(in_days=9).pk)
    assert "line_placement" not in names(booking, 1)
    assert names(booking, 2)["line_placement"] == "Line placement"


def test_only_known_reasons_move(story: Story) -> None:
    booking = story.booked(story.slot(in_days=5))
    refused = refusal(lambda: move(story, booking, story.slot(in_days=6).pk, reason_code="whim"))
    assert "reason_code" in refused.fields


def test_a_day_that_is_not_there_is_not_moved(story: Story) -> None:
    booking = story.booked(story.slot(in_days=5))
    with pytest.raises(NotFound):
        move(story, booking, story.slot(in_days=6).pk, day=2)


def test_a_canceled_booking_is_not_moved(story: Story) -> None:
    booking = story.booked(story.slot(in_days=5))
    booking_cancel(reason_code="family", **act(story, booking))
    assert refusal(lambda: move(story, booking, story.slot(in_days=6).pk)).code == "not_booked"


def test_parts_are_changed_with_a_reason_on_every_day(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    booking, _slots = three_days(story)
    choices = [
        PartChoice(part="picu_bed", wanted=True, reason="Seizures."),
        PartChoice(part="chair", wanted=False, reason="Stays in the ward's bed."),
        PartChoice(part="nurse", wanted=True, reason="Knows the child.", resource_id=unit["Nurse 2"].pk),
    ]
    changed = parts_change(choices=choices, **act(story, booking))
    for day in (1, 2, 3):
        taken = names(changed, day)
        assert (taken["picu_bed"], taken["nurse"]) == ("Intensive care", "Nurse 2")
        assert "chair" not in taken
    assert states(changed)["chair"] == "left_out"
    assert Event.objects.get(kind="apheresis_parts_changed").data["choices"][0]["reason"] == "Seizures."


def test_a_decision_outlives_a_move(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    without = PartChoice(part="chair", wanted=False, reason="Stays in the ward's bed.")
    booking = book(story, story.slot(in_days=5).pk, choices=[without])
    assert "chair" not in names(move(story, booking, story.slot(in_days=6).pk))


def test_a_part_that_is_taken_can_not_be_added(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    bed = PartChoice(part="picu_bed", wanted=True, reason="Seizures.")
    book(story, story.slot(in_days=5).pk, choices=[bed])
    Resource.objects.filter(name__in=["Blood bank", "Cell laboratory"]).update(capacity=2)
    ready(story)
    booking = book(story, story.slot(in_days=5, machine="Machine 2").pk)
    refused = refusal(lambda: parts_change(choices=[bed], **act(story, booking)))
    assert (refused.code, refused.fields) == ("resource_busy", {"part": "picu_bed"})
