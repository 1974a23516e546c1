"""Custody: what is handed over is followed, and what doesn't fit is stopped."""

from datetime import timedelta
from typing import Any

import pytest

from cartpath.accounts.models import User
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.models import Event
from manufacturing.custody.breaks import break_close, break_open, quarantine_lift, quarantine_set
from manufacturing.custody.inputs import BreakDetails, ClosingDetails
from manufacturing.custody.rules import ScanRead
from manufacturing.custody.selectors import chain_of, entries_of, found_by_scan, items_of, open_breaks
from manufacturing.custody.settings import limit_set, signers_set, signers_wanted
from manufacturing.custody.usable import require_usable
from manufacturing.custody.words import Step
from manufacturing.inputs import BatchDetails
from manufacturing.models import (
    ChainOfIdentity,
    CustodyEntry,
    CustodyItem,
)
from manufacturing.services import product_release
from tests.custody.conftest import CODE, DIN, added, again, bag, recorded
from tests.factories import Story

COLD: dict[str, Any] = {"temp_min_c": -180.0, "temp_max_c": -150.0}


# --- Facts of other rooms are steps ----------------------------------------------------------------


def test_order_collection_release_and_receipt_are_steps_that_nobody_enters_twice(story: Story) -> None:
    story.released()
    steps = list(CustodyEntry.objects.order_by("at").values_list("step", flat=True))
    assert steps == ["order_accepted", "manufacture_started", "certificate_issued", "hospital_receipt"]
    (cells,) = items_of(story.journey)
    assert (cells.kind, cells.number, cells.state) == ("collection", 1, "at_manufacturer")


def test_two_bags_are_followed_from_storage_to_the_child(bags: list[CustodyItem], story: Story) -> None:
    recorded(story, "hospital_receipt", bags, signed=(story.lab,), seal="S-1", **COLD)
    recorded(story, "product_stored", bags, position="Tank 1, A3")
    assert {item.position for item in again(story)} == {"Tank 1, A3"}
    recorded(story, "issued_to_ward", bags, to="Ward 4")
    first, _second = again(story)
    assert (first.state, first.holder, first.position) == ("on_ward", "Ward 4", "")
    (line, *_rest) = [line for line in chain_of(story.journey) if line.item == first]
    assert [step.value for step in line.gaps] == ["qc_sampled", "product_dispatched"]


def test_a_bag_that_is_registered_before_its_receipt_is_not_here(story: Story) -> None:
    story.manufacturing()
    story.tested()
    product_release(
        journey_id=story.journey_id,
        batch=BatchDetails(lot="L1"),
        by=story.lab.actor,
        at=story.later(days=21),
    )
    bags = added(story)
    assert {item.state for item in bags} == {"at_manufacturer"}
    with pytest.raises(Conflict) as refused:
        recorded(story, "issued_to_ward", bags)
    assert refused.value.code == "item_not_here"
    recorded(story, "hospital_receipt", bags, signed=(story.lab,))
    assert {item.state for item in again(story)} == {"here"}
    batch = bags[0].batch
    assert batch is not None
    batch.refresh_from_db()
    assert batch.received_at == story.at
    assert Event.objects.filter(kind="product_received").count() == 1


def test_only_a_decision_ends_the_quarantine_of_a_withdrawn_product(
    bags: list[CustodyItem], story: Story
) -> None:
    CustodyItem.objects.filter(pk=bags[0].pk).update(is_quarantined=True, quarantine_reason="recalled")
    with pytest.raises(Conflict) as refused:
        quarantine_lift(
            journey_id=story.journey_id,
            item_ids=[bags[0].pk],
            reason="no_effect",
            note="Fine.",
            by=story.lab.actor,
            at=story.at,
        )
    assert refused.value.code == "decision_needed"


# --- Numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"din": "G999626123465X"}, "din"),
        ({"din": "O999626123456"}, "din"),
        ({"product_code": "S12"}, "product_code"),
        ({"division": "a0"}, "product_code"),
        ({"din": "", "product_code": "", "collection_type": "", "division": ""}, "din"),
    ],
)
def test_a_number_that_can_not_be_is_refused_by_name(
    changes: dict[str, str], field: str, story: Story
) -> None:
    story.released()
    with pytest.raises(Invalid) as refused:
        added(story, bag(**{"division": "A0"} | changes))
    assert field in refused.value.fields
    assert not Event.objects.filter(kind="custody_item_added").exists()


def test_a_bag_of_another_identity_or_another_lot_is_not_taken_in(story: Story) -> None:
    story.released(lot="L-77")
    for wrong in ({"coi": "COI-of-somebody-else"}, {"lot": "L-78"}):
        with pytest.raises(Invalid) as refused:
            added(story, bag("A0", **wrong))
        assert refused.value.code == "identifiers_mismatch"


def test_the_same_bag_is_taken_in_once(bags: list[CustodyItem], story: Story) -> None:
    with pytest.raises(Conflict) as refused:
        added(story, bag("A0"))
    assert refused.value.code == "item_known"
    with pytest.raises(Invalid):
        added(story, bag("C0"), bag("C0"))


def test_a_scan_finds_the_one_bag_and_nothing_in_another_center(
    bags: list[CustodyItem], story: Story, dana: User
) -> None:
    here = [story.center.pk]
    read = ScanRead(din=DIN, product_code=CODE, collection_type="1", division="B0")
    assert found_by_scan(here, read) == [bags[1]]
    assert found_by_scan([], read) == []
    assert found_by_scan(here, ScanRead(din=DIN)) == bags
    assert found_by_scan(here, ScanRead(din=DIN, division="C0")) == []


# --- The mismatch set ------------------------------------------------------------------------------


def test_an_item_of_another_child_is_never_recorded(bags: list[CustodyItem], story: Story) -> None:
    first = story.journey_id
    story.released()
    assert story.journey_id != first
    with pytest.raises(Invalid) as refused:
        recorded(story, "product_stored", bags, position="A1")
    assert refused.value.code == "wrong_item"


@pytest.mark.parametrize(
    "read",
    [
        {"din": DIN, "division": "B0"},
        {"din": "G999626123465", "division": "A0"},
        {"din": DIN, "product_code": "S9999", "division": "A0"},
        {"din": DIN},
        {"text": "LOT 1 BAG 1"},
    ],
    ids=["wrong division", "swapped digits", "wrong product", "no division", "another bag"],
)
def test_a_scan_that_is_not_of_this_bag_stops_the_step(
    read: dict[str, str], bags: list[CustodyItem], story: Story
) -> None:
    with pytest.raises(Invalid) as refused:
        recorded(story, "product_stored", bags[:1], position="A1", reads=(ScanRead(**read),))
    assert refused.value.code == "identifiers_mismatch"
    assert again(story)[0].last_step == ""


def test_papers_with_another_identity_stop_the_receipt(bags: list[CustodyItem], story: Story) -> None:
    with pytest.raises(Invalid) as refused:
        recorded(story, "hospital_receipt", bags, signed=(story.lab,), coi="COI-other")
    assert refused.value.code == "identifiers_mismatch"
    coi = ChainOfIdentity.objects.get(journey=story.journey_id).identifier
    assert recorded(story, "hospital_receipt", bags, signed=(story.lab,), coi=coi)


def test_an_expired_bag_is_not_issued(story: Story) -> None:
    story.released()
    items = added(story, bag("A0", expires_at=story.at + timedelta(days=1)))
    story.later(days=2)
    with pytest.raises(Conflict) as refused:
        recorded(story, "issued_to_ward", items)
    assert refused.value.code == "item_expired"


def test_a_quarantined_bag_is_neither_issued_nor_used_until_somebody_lifts_it(
    bags: list[CustodyItem], story: Story
) -> None:
    act: dict[str, Any] = {"journey_id": story.journey_id, "item_ids": [bags[0].pk], "by": story.lab.actor}
    quarantine_set(reason="damage", note="Frost on the seam.", at=story.later(hours=1), **act)
    for attempt in (
        lambda: recorded(story, "issued_to_ward", bags[:1]),
        lambda: require_usable(bags[0], story.at),
        lambda: require_usable(bags[0], story.at, Step.THAW_STARTED),
        lambda: require_usable(bags[0], story.at, Step.INFUSION_STARTED),
    ):
        with pytest.raises(Conflict) as refused:
            attempt()
        assert refused.value.code == "item_quarantined"
    require_usable(bags[1], story.at)
    with pytest.raises(Invalid):
        quarantine_lift(reason="no_effect", note=" ", at=story.at, **act)
    quarantine_lift(reason="no_effect", note="Manufacturer's letter.", at=story.later(hours=1), **act)
    require_usable(bags[0], story.at)


def test_the_same_person_never_signs_twice_and_outsiders_never(
    bags: list[CustodyItem], story: Story, cleo: User
) -> None:
    signers_set(
        center_id=story.center.pk,
        product="",
        step="issued_to_ward",
        people=2,
        reason="Our way.",
        by=story.lab.actor,
        at=story.at,
    )
    assert signers_wanted(story.center.pk, "tisagenlecleucel", "issued_to_ward") == 2
    for people, code in (
        ((story.lab,), "signatures_missing"),
        ((story.lab, story.lab), "same_person"),
        ((story.lab, cleo), "not_entitled"),
    ):
        with pytest.raises(Invalid) as refused:
            recorded(story, "issued_to_ward", bags, signed=people)
        assert refused.value.code == code
    (entry, _other) = recorded(story, "issued_to_ward", bags, signed=(story.lab, story.nurse))
    assert [each["name"] for each in entry.signatures] == [story.lab.name, story.nurse.name]
    assert all(each["meaning"] == "checked" and each["at"] for each in entry.signatures)


def test_steps_out_of_order_are_stopped_and_the_way_back_to_storage_is_not(
    bags: list[CustodyItem], story: Story
) -> None:
    recorded(story, "product_stored", bags, position="A1")
    with pytest.raises(Conflict) as refused:
        recorded(story, "hospital_receipt", bags, signed=(story.lab,))
    assert refused.value.code == "out_of_order"
    recorded(story, "issued_to_ward", bags)
    recorded(story, "product_stored", bags, position="A2")
    assert {item.state for item in again(story)} == {"here"}


def test_time_does_not_run_backwards_along_an_item(bags: list[CustodyItem], story: Story) -> None:
    recorded(story, "product_stored", bags[:1], position="A1")
    earlier = story.at - timedelta(minutes=1)
    with pytest.raises(Conflict) as refused:
        recorded(story, "issued_to_ward", bags[:1], at=earlier)
    assert refused.value.code == "time_backwards"
    recorded(story, "issued_to_ward", bags[1:], at=earlier)


def test_nothing_follows_destruction(bags: list[CustodyItem], story: Story) -> None:
    with pytest.raises(Invalid):
        recorded(story, "leftover_handled", bags[:1])
    recorded(story, "leftover_handled", bags[:1], fate="destroyed", note="Thawed by mistake.")
    with pytest.raises(Conflict) as refused:
        recorded(story, "product_stored", bags[:1], position="A1")
    assert refused.value.code == "item_destroyed"


def test_a_step_that_its_own_act_tells_is_not_recorded_by_hand(bags: list[CustodyItem], story: Story) -> None:
    for step in ("bedside_check", "infusion_started", "certificate_issued", "cells_stored", "nonsense"):
        with pytest.raises(Invalid) as refused:
            recorded(story, step, bags)
        assert refused.value.code == "wrong_step"


# --- Temperature, breaks ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lowest", "highest", "verdict"),
    [(-180.0, -130.0, True), (-180.0, -129.9, False), (-180.0, None, None), (None, None, None)],
)
def test_a_temperature_is_judged_by_the_limit_and_unknown_is_not_fine(
    lowest: float | None, highest: float | None, verdict: bool | None, bags: list[CustodyItem], story: Story
) -> None:
    (entry,) = recorded(
        story, "product_stored", bags[:1], position="A1", temp_min_c=lowest, temp_max_c=highest
    )
    assert entry.is_temp_in_range is verdict
    assert again(story)[0].is_quarantined is (verdict is False)


def test_a_bag_that_got_warm_is_in_quarantine_with_a_break_that_somebody_looks_after(
    bags: list[CustodyItem], story: Story
) -> None:
    recorded(story, "hospital_receipt", bags[:1], signed=(story.lab,), temp_min_c=-150.0, temp_max_c=-90.0)
    first, second = again(story)
    assert (first.is_quarantined, first.quarantine_reason) == (True, "temperature")
    assert not second.is_quarantined
    (found,) = open_breaks([story.center.pk])
    assert (found.item, found.owner, found.reason) == (first, story.lab, "temperature")
    assert found.due_on == story.center.local_day(story.at) + timedelta(days=1)
    act: dict[str, Any] = {
        "journey_id": story.journey_id,
        "number": found.number,
        "by": story.clinician.actor,
    }
    details = ClosingDetails(outcome="no_effect", note="Logger fell out of the shipper.")
    break_close(details=details, at=story.later(hours=2), **act)
    assert not open_breaks([story.center.pk]).exists()
    with pytest.raises(Conflict):
        break_close(details=details, at=story.at, **act)
    assert again(story)[0].is_quarantined, "closing a break lifts no quarantine"


def test_the_center_sets_its_own_limit(bags: list[CustodyItem], story: Story) -> None:
    limit_set(
        center_id=story.center.pk,
        product="tisagenlecleucel",
        kind="product_bag",
        lowest_c=None,
        highest_c=-120,
        due_days=3,
        source="Manufacturer's handling guide",
        by=story.lab.actor,
        at=story.at,
    )
    (entry,) = recorded(story, "product_stored", bags[:1], position="A1", temp_min_c=-150, temp_max_c=-125)
    assert entry.is_temp_in_range is True


def test_a_break_has_an_owner_of_the_center_and_a_day_to_come(
    bags: list[CustodyItem], story: Story, dana: User
) -> None:
    act: dict[str, Any] = {
        "journey_id": story.journey_id,
        "by": story.lab.actor,
        "at": story.at,
        "item_id": bags[0].pk,
    }
    tomorrow = story.center.local_day(story.at) + timedelta(days=1)
    details = BreakDetails(reason="seal", what="Seal missing.", due_on=tomorrow)
    with pytest.raises(Invalid):
        break_open(details=details, owner=dana, **act)
    late = BreakDetails(reason="seal", what="Seal missing.", due_on=tomorrow - timedelta(days=2))
    with pytest.raises(Invalid):
        break_open(details=late, owner=story.lab, **act)
    found = break_open(details=details, owner=story.clinician, **act)
    assert (found.owner, found.number) == (story.clinician, 1)
    assert entries_of(bags[0])[-1].step == "break"
