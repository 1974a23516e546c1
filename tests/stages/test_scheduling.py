"""Scheduling: all parts or none, in place, with reasons that name the part."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cartpath.core.errors import Conflict, Invalid, NotFound
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from leukapheresis.enums import ResourceKind
from leukapheresis.inputs import CollectionDayDetails
from leukapheresis.models import (
    Allocation,
    BookingDay,
    Closure,
    OpenDay,
    Quota,
    Resource,
    ResourceHours,
    Slot,
)
from leukapheresis.scheduling.booking import booking_hold
from leukapheresis.scheduling.bundles import PartChoice
from leukapheresis.scheduling.moving import day_release
from leukapheresis.scheduling.selectors import parts_of
from leukapheresis.scheduling.times import MachineTime
from leukapheresis.services import booking_cancel, collection_complete, collection_day_record
from patients.enums import Stage
from tests.booking import act, book, move, names, prepared, ready, refusal, states, three_days
from tests.equipment import unit_of
from tests.factories import Story


def test_a_booking_takes_every_part_of_the_bundle_and_says_why(
    story: Story, unit: dict[str, Resource]
) -> None:
    ready(story)
    booking = book(story, story.slot(in_days=5).pk)
    assert names(booking) == {
        "machine": "Machine 1",
        "chair": "Chair 1",
        "nurse": "Nurse 1",
        "red_cell_prime": "Blood bank",
        "cryopreservation": "Cell laboratory",
    }
    parts = {part.part: part for part in parts_of(booking)}
    assert parts["red_cell_prime"].because == [
        "The machine is primed with red cells: the child weighs less than the limit."
    ]
    assert parts["red_cell_prime"].sources
    assert parts["courier"].state == parts["anesthesia"].state == "not_needed"


def test_parts_are_taken_at_their_own_times(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    slot = story.slot(in_days=5)
    booking = book(story, slot.pk)
    periods = {row.kind: row.period for row in Allocation.objects.filter(booking=booking)}
    assert (periods["machine"].lower, periods["machine"].upper) == (slot.starts_at, slot.ends_at)
    assert periods["nurse"].lower == slot.starts_at - timedelta(minutes=30)
    assert periods["red_cell_prime"].upper == slot.starts_at
    assert periods["cryopreservation"].lower == slot.ends_at
    assert periods["cryopreservation"].upper == slot.ends_at + timedelta(hours=3)


def test_an_infant_who_needs_a_line_and_sedation_gets_anesthetist_line_and_bed(
    story: Story, unit: dict[str, Resource]
) -> None:
    story.accepted()
    story.measured(weight_kg=8.2, height_cm=70)
    prepared(story, "central_needed", "yes")
    slot = story.slot(in_days=5)
    booking = book(story, slot.pk)
    assert {"anesthesia", "line_placement", "picu_bed", "red_cell_prime"} <= set(names(booking))
    periods = {row.kind: row.period for row in Allocation.objects.filter(booking=booking)}
    # One anesthetist for the line and for the sedation, from the first to the last moment of both.
    assert periods["anesthesia"].lower == slot.starts_at - timedelta(hours=2)
    assert periods["anesthesia"].upper == slot.ends_at + timedelta(minutes=30)
    morning = datetime.combine(slot.starts_at.date() + timedelta(days=1), time(8), tzinfo=story.center.zone)
    assert periods["picu_bed"].upper == morning


def test_what_the_center_does_not_keep_is_arranged_outside_and_not_refused(story: Story) -> None:
    story.accepted()
    booking = book(story, story.slot(in_days=5).pk)
    assert set(names(booking)) == {"machine"}
    assert states(booking)["red_cell_prime"] == states(booking)["nurse"] == "outside"
    assert states(booking)["anesthesia"] == "outside"


def test_a_taken_part_refuses_the_whole_booking_by_its_name(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    book(story, story.slot(in_days=5).pk)
    ready(story)
    unit_of_one = Resource.objects.filter(name="Nurse 2")
    unit_of_one.update(is_active=False)
    other = story.slot(in_days=5, machine="Machine 2")
    refused = refusal(lambda: book(story, other.pk))
    assert (refused.code, refused.fields) == ("resource_busy", {"part": "nurse"})
    assert "Nurse 1 is taken" in refused.message


def test_the_next_resource_of_a_kind_steps_in(story: Story, unit: dict[str, Resource]) -> None:
    Resource.objects.filter(name__in=["Blood bank", "Cell laboratory"]).update(capacity=2)
    ready(story)
    book(story, story.slot(in_days=5).pk)
    ready(story)
    second = book(story, story.slot(in_days=5, machine="Machine 2").pk)
    assert names(second)["nurse"] == "Nurse 2"
    assert names(second)["chair"] == "Chair 2"


def test_a_capacity_is_filled_unit_by_unit(story: Story) -> None:
    unit_of(story.center, ResourceKind.CRYOPRESERVATION, capacity=2)
    units = []
    for machine in ("Machine 1", "Machine 2"):
        ready(story)
        booking = book(story, story.slot(in_days=5, machine=machine).pk)
        units.append(Allocation.objects.get(booking=booking, kind="cryopreservation").unit)
    assert units == [1, 2]
    ready(story)
    third = story.slot(in_days=5, machine="Machine 3")
    assert refusal(lambda: book(story, third.pk)).code == "resource_busy"


def test_the_database_refuses_a_unit_beyond_the_capacity(story: Story) -> None:
    booking = story.booked()
    row = Allocation.objects.get(booking=booking)
    with pytest.raises(IntegrityError, match="unit 2 lies beyond"), transaction.atomic():
        Allocation.objects.filter(pk=row.pk).update(unit=2)


def test_a_capacity_can_not_fall_below_what_is_booked_to_come(story: Story) -> None:
    (lab,) = unit_of(story.center, ResourceKind.CRYOPRESERVATION, capacity=2).values()
    story.at = datetime.now(UTC)
    for slot in [story.slot(in_days=5, machine=machine) for machine in ("Machine 1", "Machine 2")]:
        ready(story, cd19_tested_on=story.at.date())
        book(story, slot.pk)
    with pytest.raises(IntegrityError, match="more than 1"), transaction.atomic():
        Resource.objects.filter(pk=lab.pk).update(capacity=1)


def test_outside_of_its_hours_a_resource_is_closed(story: Story) -> None:
    (nurse, _other) = unit_of(story.center, ResourceKind.NURSE).values()
    Resource.objects.filter(name="Nurse 2").update(is_active=False)
    ready(story)
    slot = story.slot(in_days=5)
    ResourceHours.objects.create(
        resource=nurse, weekday=slot.starts_at.weekday(), opens=time(8), closes=time(18)
    )
    refused = refusal(lambda: book(story, slot.pk))
    assert (refused.code, refused.fields) == ("closed", {"part": "nurse"})
    ResourceHours.objects.update(opens=time(7, 30))
    assert names(book(story, slot.pk))["nurse"] == "Nurse 1"


def test_a_holiday_closes_the_center_but_not_an_exceptional_day(story: Story) -> None:
    ready(story)
    slot = story.slot(in_days=5)
    day = slot.starts_at.date()
    Closure.objects.create(
        center=story.center, first_on=day, last_on=day, kind="holiday", note="Patron saint's day"
    )
    refused = refusal(lambda: book(story, slot.pk))
    assert refused.code == "closed"
    assert "Patron saint's day" in refused.message
    OpenDay.objects.create(resource=slot.resource, on=day, opens=time(7), closes=time(20))
    assert book(story, slot.pk).state == "booked"


def test_the_closure_of_one_machine_leaves_the_others_open(story: Story) -> None:
    ready(story)
    closed, other = story.slot(in_days=5), story.slot(in_days=5, machine="Machine 2")
    Closure.objects.create(
        center=story.center,
        resource=closed.resource,
        first_on=closed.starts_at.date(),
        last_on=closed.starts_at.date(),
        kind="maintenance",
    )
    assert refusal(lambda: book(story, closed.pk)).code == "closed"
    assert book(story, other.pk).state == "booked"


def test_red_cells_need_72_hours(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    slot = story.slot(in_days=4)
    story.at = slot.starts_at - timedelta(hours=73) + timedelta(minutes=1)
    refused = refusal(lambda: book(story, slot.pk))
    assert (refused.code, refused.fields) == ("lead_time", {"part": "red_cell_prime"})
    assert "72 h" in refused.message
    story.at -= timedelta(minutes=1)
    assert names(book(story, slot.pk))["red_cell_prime"] == "Blood bank"


def test_a_part_left_out_needs_a_reason(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    slot = story.slot(in_days=2)
    without = PartChoice(part="red_cell_prime", wanted=False, reason=" ")
    assert "reason" in refusal(lambda: book(story, slot.pk, choices=[without])).fields
    booking = book(story, slot.pk, choices=[replace(without, reason="A unit is in stock.")])
    assert "red_cell_prime" not in names(booking)
    assert states(booking)["red_cell_prime"] == "left_out"
    event = Event.objects.get(kind="apheresis_booked")
    (told,) = [part for part in event.data["parts"] if part["part"] == "red_cell_prime"]
    assert (told["verdict"], told["wanted"], told["reason"]) == ("needed", False, "A unit is in stock.")


def test_a_part_may_be_taken_in_addition(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    extra = PartChoice(part="picu_bed", wanted=True, reason="Unstable last week.")
    assert names(book(story, story.slot(in_days=5).pk, choices=[extra]))["picu_bed"] == "Intensive care"


def test_the_machine_is_no_choice(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    slot = story.slot(in_days=5)
    without = PartChoice(part="machine", wanted=False, reason="x")
    assert refusal(lambda: book(story, slot.pk, choices=[without])).code == "invalid_input"


def test_an_unknown_part_is_decided_before_a_booking(story: Story, unit: dict[str, Resource]) -> None:
    story.accepted()
    slot = story.slot(in_days=5)
    refused = refusal(lambda: book(story, slot.pk))
    assert refused.code == "parts_undecided"
    assert "Line placement" in refused.message
    decided = [
        PartChoice(part=part, wanted=part == "line_placement", reason="Seen by the surgeon.")
        for part in ("anesthesia", "line_placement", "picu_bed")
    ]
    booking = book(story, slot.pk, choices=decided)
    assert names(booking)["line_placement"] == "Line placement"
    assert states(booking)["anesthesia"] == "left_out"


def test_buffers_keep_time_free_around_a_use(story: Story) -> None:
    first = story.slot(in_days=5)
    Resource.objects.filter(pk=first.resource_id).update(buffer_after_minutes=30)
    next_one = MachineTime(first.resource_id, first.ends_at, first.ends_at + timedelta(hours=3))
    later = MachineTime(
        first.resource_id, first.ends_at + timedelta(minutes=30), first.ends_at + timedelta(hours=3)
    )
    story.accepted()
    book(story, first.pk)
    story.accepted()
    assert refusal(lambda: book(story, next_one)).code == "resource_busy"
    assert book(story, later).state == "booked"


def test_a_full_week_is_refused_and_the_next_one_is_not(story: Story) -> None:
    Quota.objects.create(center=story.center, per_week=1, valid_from=date(2026, 1, 1))
    story.accepted()
    book(story, story.slot(in_days=2).pk)
    story.accepted()
    same_week, next_week = story.slot(in_days=3), story.slot(in_days=7)
    refused = refusal(lambda: book(story, same_week.pk))
    assert (refused.code, refused.message) == (
        "quota_full",
        "1 of 1 collections that week are taken.",
    )
    assert book(story, next_week.pk).state == "booked"


def test_a_quota_counts_its_own_product_and_referrer(story: Story) -> None:
    Quota.objects.create(
        center=story.center,
        product="tisagenlecleucel",
        referring_center="Ospedale di Provincia",
        per_week=1,
        valid_from=date(2026, 1, 1),
    )
    story.accepted()
    book(story, story.slot(in_days=2).pk)
    story.accepted(referring_center="Another one")
    book(story, story.slot(in_days=3).pk)
    story.accepted()
    assert refusal(lambda: book(story, story.slot(in_days=4).pk)).code == "quota_full"


def test_canceling_gives_all_days_and_parts_back(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    booking, _slots = three_days(story)
    booking_cancel(reason_code="family", **act(story, booking))
    assert not Allocation.objects.filter(is_live=True).exists()
    assert not Slot.objects.filter(state="booked").exists()
    assert set(BookingDay.objects.values_list("state", flat=True)) == {"released"}


def test_days_that_are_no_longer_needed_are_given_back_with_the_collection(
    story: Story, unit: dict[str, Resource]
) -> None:
    ready(story)
    booking, slots = three_days(story)
    story.at = slots[0].starts_at
    collection_day_record(
        journey_id=story.journey_id,
        day=CollectionDayDetails(
            identity_missing_reason="A test.", decision="enough", tnc=5_600_000_000, cd3=2_600_000_000
        ),
        by=story.nurse.actor,
        at=story.at,
    )
    collection_complete(journey_id=story.journey_id, by=story.nurse.actor, at=story.later(hours=6))
    assert story.journey.stage == Stage.COLLECTED
    assert list(BookingDay.objects.order_by("number").values_list("state", flat=True)) == [
        "done",
        "released",
        "released",
    ]
    assert Slot.objects.filter(state="open").count() == 2
    released = Event.objects.filter(kind="apheresis_day_released")
    assert [event.data["day"] for event in released.order_by("seq")] == [2, 3]
    booking.refresh_from_db()
    assert booking.state == "done"


def test_a_machine_of_another_center_is_not_found(story: Story, other_center: Any) -> None:
    machine = Resource.objects.create(center=other_center, name="Elsewhere")
    story.accepted()
    time_there = MachineTime(machine.pk, story.at + timedelta(days=2), story.at + timedelta(days=2, hours=4))
    with pytest.raises(NotFound):
        book(story, time_there)


def test_a_nurse_is_no_machine(story: Story) -> None:
    nurse, _other = unit_of(story.center, ResourceKind.NURSE).values()
    story.accepted()
    at_nurse = MachineTime(nurse.pk, story.at + timedelta(days=2), story.at + timedelta(days=2, hours=4))
    with pytest.raises(NotFound):
        book(story, at_nurse)


def test_a_machine_time_ends_after_it_starts(story: Story) -> None:
    slot = story.slot()
    story.accepted()
    with pytest.raises(Invalid):
        book(story, MachineTime(slot.resource_id, slot.starts_at, slot.starts_at))


def test_nothing_and_the_same_time_twice_are_no_booking(story: Story) -> None:
    slot = story.slot()
    story.accepted()
    with pytest.raises(Invalid):
        book(story)
    with pytest.raises(Invalid):
        book(story, slot.pk, slot.pk)


def test_the_chain_holds_after_every_change(story: Story, unit: dict[str, Resource]) -> None:
    ready(story)
    booking, _slots = three_days(story)
    move(story, booking, story.slot(in_days=9).pk)
    day_release(day=2, reason_code="cells", **act(story, booking))
    booking_cancel(reason_code="family", **act(story, booking))
    assert verify().breaks == []
    with pytest.raises(Conflict):
        booking_hold(
            journey_id=story.journey_id,
            times=[Slot.objects.filter(state="open").latest("starts_at").pk],
            by=story.coordinator.actor,
            at=datetime(2030, 1, 1, tzinfo=UTC),
        )
