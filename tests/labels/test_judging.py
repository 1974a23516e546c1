"""The wrong child, the wrong bag, the wrong division, and what must not be used any more."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from leukapheresis.rules.isbt128_print import compose_din
from manufacturing.custody.words import ItemKind, ItemState, Step
from manufacturing.scanning.rules.judging import Seen, fits, stop_for
from manufacturing.scanning.rules.reading import Read, read_code
from manufacturing.scanning.rules.routing import WAYS, next_for
from manufacturing.scanning.words import StopReason

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=ZoneInfo("Europe/Rome"))
DIN = "A999917123456"
BAG = Seen(
    journey="ours",
    din=DIN,
    product_code="S1234",
    collection_type="1",
    division="A0",
    expires_at=NOON + timedelta(days=30),
)
OTHER = replace(BAG, journey="theirs", din="A999917123457")


def scanned(bag: Seen = BAG) -> Read:
    return read_code(f"{compose_din(bag.din)}=<{bag.product_code}{bag.collection_type}{bag.division}")


def reason(read: Read, found: list[Seen], **more: object) -> str | None:
    stopped = stop_for(read, found, at=NOON, **more)  # type: ignore[arg-type]
    return stopped.reason if stopped else None


def test_the_right_bag_goes_on() -> None:
    assert reason(scanned(), [BAG], journey="ours", wanted=BAG) is None
    assert reason(scanned(), [BAG]) is None


def test_the_bag_of_another_child_stops_before_anything_else_is_asked() -> None:
    theirs = replace(OTHER, is_quarantined=True, expires_at=NOON - timedelta(days=1))
    assert reason(scanned(theirs), [theirs], journey="ours") == "wrong_patient"
    assert reason(scanned(theirs), [theirs], journey="ours", wanted=BAG) == "wrong_patient"
    assert reason(scanned(replace(OTHER, division="B0")), [], near=[OTHER], journey="ours") == "wrong_patient"


def test_another_division_and_another_bag_of_the_same_child_stop() -> None:
    second = replace(BAG, division="B0")
    assert reason(scanned(second), [second], journey="ours", wanted=BAG) == "wrong_division"
    third = replace(BAG, din="A999917000001")
    assert reason(scanned(third), [third], journey="ours", wanted=BAG) == "wrong_bag"
    other_type = replace(BAG, collection_type="2")
    assert reason(scanned(other_type), [], near=[BAG], journey="ours", wanted=BAG) == "wrong_bag"


def test_a_division_that_is_not_on_record_stops_even_without_a_child_s_page() -> None:
    assert reason(scanned(replace(BAG, division="C0")), [], near=[BAG]) == "wrong_division"


def test_nothing_known_stops_on_a_child_s_page_and_is_just_unknown_elsewhere() -> None:
    assert reason(scanned(), [], journey="ours") == "not_known"
    assert reason(scanned(), []) is None


@pytest.mark.parametrize("state", ["given", "destroyed", "returned"])
def test_what_is_given_or_gone_stops(state: str) -> None:
    gone = replace(BAG, state=state)
    assert reason(scanned(), [gone], journey="ours") == "finished"


def test_quarantine_and_expiry_stop_and_the_last_moment_still_counts() -> None:
    assert reason(scanned(), [replace(BAG, is_quarantined=True)]) == "quarantined"
    assert reason(scanned(), [replace(BAG, expires_at=NOON - timedelta(seconds=1))]) == "expired"
    assert reason(scanned(), [replace(BAG, expires_at=NOON)]) is None
    assert reason(scanned(), [replace(BAG, expires_at=None)]) is None


def test_a_donation_number_alone_fits_all_its_bags_and_decides_nothing() -> None:
    read = read_code(str(compose_din(DIN)))
    both = [BAG, replace(BAG, division="B0", is_quarantined=True)]
    assert all(fits(read, bag) for bag in both)
    assert reason(read, both) is None


def test_an_unknown_number_of_an_item_never_fits_what_a_code_says() -> None:
    assert not fits(scanned(), replace(BAG, product_code=""))
    assert not fits(read_code("KYM-1"), replace(BAG, text=""))
    assert fits(read_code("KYM-1"), replace(BAG, text="KYM-1"))


def test_every_reason_of_the_rules_is_a_word_of_the_stop() -> None:
    from typing import get_args

    from manufacturing.scanning.rules.judging import Stop

    assert set(get_args(Stop)) <= set(StopReason.values)


def test_a_scan_proposes_the_next_hand_over_to_who_may_record_it() -> None:
    may = {"record_custody", "confirm_infusion"}
    bag = {"kind": "product_bag", "rights": may}
    assert next_for(state="here", last_step="hospital_receipt", **bag).step == "product_stored"  # type: ignore[arg-type]
    assert next_for(state="here", last_step="product_stored", **bag).step == "issued_to_ward"  # type: ignore[arg-type]
    assert next_for(state="thawed", last_step="thaw_ended", **bag).act == "bedside"  # type: ignore[arg-type]
    assert next_for(state="given", last_step="infusion_ended", **bag).act == "chain"  # type: ignore[arg-type]
    nobody = next_for(kind="product_bag", state="thawed", last_step="thaw_ended", rights={"record_custody"})
    assert nobody.act == "chain"


def test_the_ways_name_only_known_words() -> None:
    for way in WAYS:
        assert way.kind in ItemKind.values
        assert way.state in ItemState.values
        assert way.after <= {*Step.values, ""}
        assert way.step in {*Step.values, ""}
