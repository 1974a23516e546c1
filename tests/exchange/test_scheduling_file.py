"""Holds, moves, decisions and the waiting list come back from a journey file as they went in."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.exchange.exporting import journey_export
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import JourneyFileError, read
from leukapheresis.inputs import AwayDetails, CollectionDayDetails, PreparationDetails, WaitingDetails
from leukapheresis.models import Allocation, Booking, Resource, Slot
from leukapheresis.scheduling.booking import booking_confirm, booking_create, booking_hold, hold_release
from leukapheresis.scheduling.bundles import PartChoice
from leukapheresis.scheduling.expiry import holds_sweep
from leukapheresis.scheduling.moving import booking_move, day_add, day_release
from leukapheresis.scheduling.parts import parts_change
from leukapheresis.scheduling.preparing import (
    family_away_record,
    family_away_strike,
    preparation_record,
)
from leukapheresis.scheduling.waiting import (
    offer_accept,
    offer_decline,
    offers_make,
    waiting_change,
    waiting_join,
    waiting_leave,
)
from leukapheresis.services import booking_cancel, collection_complete, collection_day_record
from tests.equipment import unit_of
from tests.factories import Story


@pytest.fixture
def elsewhere(story: Story) -> Center:
    """Another center with the same equipment; center A gets it too."""
    center = Center.objects.create(code="C", name="Center C", timezone="Europe/Rome", region="EU")
    for place in (story.center, center):
        unit_of(place)
        for number in (1, 2):
            Resource.objects.create(center=place, name=f"Machine {number}")
    return center


def refuse_difference(story: Story, elsewhere: Center) -> list[str]:
    """Import the journey's export into another center and export it again; the kinds of the events."""
    told = journey_export(story.journey_id)
    moved = json.loads(json.dumps(told))
    moved["journey"] |= {"center": elsewhere.code, "id": str(uuid4())}
    done = journey_import(
        file=read(json.dumps(moved), now=timezone.now() + timedelta(days=3650)), by=Actor.system("import")
    )
    again = journey_export(done.journey_id)
    for each in (told, again):
        each["journey"].pop("center")
        each["journey"].pop("id")
    assert again == told
    return [event["kind"] for event in told["events"]]


def act(story: Story, booking: Booking) -> dict[str, Any]:
    return {"booking_id": booking.pk, "by": story.coordinator.actor, "at": story.later(minutes=5)}


def of(story: Story) -> dict[str, Any]:
    return {"journey_id": story.journey_id, "by": story.coordinator.actor, "at": story.later(minutes=5)}


def prepared(story: Story) -> None:
    story.accepted()
    details = PreparationDetails(vascular_access="central_needed", sedation="no", note="Port later.")
    preparation_record(details=details, **of(story))


def test_a_booking_with_its_whole_life_comes_back(story: Story, elsewhere: Center) -> None:
    prepared(story)
    slots = [story.slot(in_days=number) for number in (5, 6, 7, 9, 10)]
    held = booking_hold(times=[slot.pk for slot in slots[:3]], minutes=300, **of(story))
    choices = [
        PartChoice(part="chair", wanted=False, reason="Own bed."),
        PartChoice(part="picu_bed", wanted=True, reason="Seizures."),
    ]
    parts_change(choices=choices, **act(story, held))
    booking_confirm(**act(story, held))
    booking_move(day=1, to=slots[3].pk, reason_code="family", note="Wedding.", **act(story, held))
    day_add(time=slots[4].pk, reason_code="cells", **act(story, held))
    day_release(day=3, reason_code="center", note="Strike.", **act(story, held))
    booking_cancel(reason_code="clinical", note="Fever.", **act(story, held))
    kinds = refuse_difference(story, elsewhere)
    assert "apheresis_parts_changed" in kinds and "apheresis_day_added" in kinds


def test_a_live_booking_takes_the_same_parts_in_the_other_center(story: Story, elsewhere: Center) -> None:
    prepared(story)
    booking_create(times=[story.slot(in_days=5).pk, story.slot(in_days=6).pk], **of(story))
    refuse_difference(story, elsewhere)
    here, there = (
        sorted(
            Allocation.objects.filter(is_live=True, booking__center=center).values_list(
                "day__number", "kind", "resource__name"
            )
        )
        for center in (story.center, elsewhere)
    )
    assert here == there
    assert Slot.objects.filter(center=elsewhere, state="booked").count() == 2


def test_holds_that_ended_come_back(story: Story, elsewhere: Center) -> None:
    prepared(story)
    slot = story.slot(in_days=5)
    first = booking_hold(times=[slot.pk], **of(story))
    hold_release(**act(story, first))
    booking_hold(times=[slot.pk], minutes=30, **of(story))
    holds_sweep(at=story.later(hours=1))
    booking_hold(times=[slot.pk], minutes=30, **of(story))
    story.later(hours=1)
    booking_create(times=[slot.pk], **of(story))
    refuse_difference(story, elsewhere)


def test_the_waiting_list_comes_back(story: Story, elsewhere: Center) -> None:
    prepared(story)
    choices = [
        PartChoice(part=part, wanted=False, reason="Old enough.") for part in ("anesthesia", "line_placement")
    ]
    slots = [story.slot(in_days=number) for number in (5, 6)]
    details = WaitingDetails(priority=2, priority_reason="Blasts.", from_on=story.at.date())
    waiting_join(details=details, **of(story))
    entry = waiting_change_of(story)
    away = family_away_record(
        details=AwayDetails(first_on=story.at.date(), last_on=story.at.date() + timedelta(days=1)),
        **of(story),
    )
    family_away_strike(
        family_away_id=away.pk, reason="Trip canceled.", by=story.coordinator.actor, at=story.at
    )
    Slot.objects.filter(pk__in=[slot.pk for slot in slots]).update(freed_at=story.at)
    (offer,) = offers_make(at=story.later(minutes=5))
    offer_decline(offer_id=offer.pk, note="A cold.", by=story.coordinator.actor, at=story.later(minutes=5))
    Slot.objects.filter(pk=slots[1].pk).update(freed_at=story.at)
    (offer,) = offers_make(at=story.later(minutes=5))
    parts_change(choices=choices, **act(story, offer.booking))
    offer_accept(offer_id=offer.pk, by=story.coordinator.actor, at=story.later(minutes=5))
    kinds = refuse_difference(story, elsewhere)
    assert kinds.count("slot_offered") == 2
    assert "waiting_list_left" in kinds
    assert entry is not None


def waiting_change_of(story: Story) -> Any:
    """Make it urgent."""
    entry = story.journey.waiting_entries.get()
    details = WaitingDetails(priority=1, priority_reason="Relapse.", from_on=story.at.date())
    return waiting_change(
        entry_id=entry.pk, details=details, by=story.coordinator.actor, at=story.later(minutes=5)
    )


def test_leaving_the_list_and_an_unanswered_offer_come_back(story: Story, elsewhere: Center) -> None:
    prepared(story)
    slot = story.slot(in_days=5)
    details = WaitingDetails(priority=2, priority_reason="Blasts.", from_on=story.at.date())
    entry = waiting_join(details=details, **of(story))
    Slot.objects.filter(pk=slot.pk).update(freed_at=story.at)
    assert offers_make(at=story.later(minutes=5))
    holds_sweep(at=story.later(days=2))
    waiting_leave(
        entry_id=entry.pk, note="Treated at home.", by=story.coordinator.actor, at=story.later(hours=1)
    )
    refuse_difference(story, elsewhere)


def test_days_given_back_with_the_collection_come_back(story: Story, elsewhere: Center) -> None:
    prepared(story)
    slots = [story.slot(in_days=number) for number in (5, 6, 7)]
    booking_create(times=[slot.pk for slot in slots], **of(story))
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
    assert refuse_difference(story, elsewhere).count("apheresis_day_released") == 2


def test_a_resource_that_the_other_center_does_not_have_is_named(story: Story, elsewhere: Center) -> None:
    prepared(story)
    booking_create(times=[story.slot(in_days=5).pk], **of(story))
    Resource.objects.filter(center=elsewhere, name="Nurse 1").delete()
    with pytest.raises(JourneyFileError, match="has no nurse “Nurse 1”"):
        refuse_difference(story, elsewhere)
