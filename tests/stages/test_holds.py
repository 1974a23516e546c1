"""Holds: kept for one child, ended by themselves, taken over by nobody before."""

from datetime import timedelta

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.models import Event
from leukapheresis.enums import ResourceKind
from leukapheresis.models import Allocation
from leukapheresis.scheduling.booking import booking_confirm, hold_release
from leukapheresis.scheduling.bundles import PartChoice
from leukapheresis.scheduling.expiry import holds_sweep
from leukapheresis.scheduling.parts import parts_change
from leukapheresis.scheduling.selectors import live_hold
from leukapheresis.services import booking_cancel
from patients.enums import Stage
from tests.equipment import unit_of
from tests.factories import Story
from tests.holding import act, book, code, hold, kinds


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
