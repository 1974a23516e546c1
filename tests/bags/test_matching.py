"""Wristband, bag, order and certificate held against each other: whatever is wrong stops."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from infusion.bedside.matching import GRAVITY, BagKnown, BagSeen, Expected, Match, Worn, match
from manufacturing.scanning.words import StopReason

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
BAG = BagKnown(
    number=1,
    din="A999926123456",
    product_code="S1234",
    division="A0",
    coi="COI-1",
    lot="LOT-1",
    expires_at=AT + timedelta(days=30),
)
OTHER = replace(BAG, number=2, division="B0")
SEEN = BagSeen(din="A999926123456", product_code="S1234", division="A0")
EXPECTED = Expected(coi="COI-1", lot="LOT-1")


def held(
    seen: BagSeen = SEEN,
    *bags: BagKnown,
    worn: Worn = "this",
    expected: Expected = EXPECTED,
    at: datetime = AT,
) -> Match:
    return match(worn=worn, seen=seen, bags=bags or (BAG, OTHER), expected=expected, at=at)


def test_the_right_wristband_and_the_right_bag_match_in_every_line() -> None:
    found = held()
    assert found.is_match
    assert found.number == 1
    assert {line.verdict for line in found.comparisons} == {"same"}


def test_each_division_is_its_own_bag() -> None:
    assert held(replace(SEEN, division="B0")).number == 2


def test_the_manufacturers_own_code_names_a_bag_as_well() -> None:
    bag = BagKnown(number=3, text="KYM-0077-01", lot="LOT-1")
    found = held(BagSeen(text="KYM-0077-01"), bag)
    assert found.is_match
    assert found.number == 3


@pytest.mark.parametrize(
    ("reason", "seen", "bag", "worn"),
    [
        ("wrong_patient", SEEN, BAG, "other"),
        ("wristband_replaced", SEEN, BAG, "replaced"),
        ("unreadable", SEEN, BAG, "unreadable"),
        ("unreadable", BagSeen(problem="unreadable"), BAG, "this"),
        ("wrong_check", BagSeen(problem="wrong_check"), BAG, "this"),
        ("wrong_bag", replace(SEEN, din="A999926123465"), BAG, "this"),
        ("wrong_patient", replace(SEEN, din="A999926123465", is_elsewhere=True), BAG, "this"),
        ("wrong_division", replace(SEEN, division="C0"), BAG, "this"),
        ("wrong_bag", replace(SEEN, product_code="S9999"), BAG, "this"),
        ("wrong_bag", SEEN, replace(BAG, coi="COI-2"), "this"),
        ("wrong_bag", SEEN, replace(BAG, lot="LOT-2"), "this"),
        ("wrong_bag", SEEN, replace(BAG, is_of_batch=False), "this"),
        ("quarantined", SEEN, replace(BAG, is_quarantined=True), "this"),
        ("expired", SEEN, replace(BAG, expires_at=AT), "this"),
        ("finished", SEEN, replace(BAG, is_finished=True), "this"),
        ("out_of_order", SEEN, replace(BAG, is_begun=True), "this"),
    ],
)
def test_whatever_is_wrong_stops_and_names_its_reason(
    reason: str, seen: BagSeen, bag: BagKnown, worn: Worn
) -> None:
    found = held(seen, bag, worn=worn)
    assert not found.is_match
    assert found.reasons == (reason,)


def test_a_donation_number_alone_does_not_tell_divided_bags_apart() -> None:
    assert held(replace(SEEN, division="")).reasons == ("wrong_division",)
    assert held(replace(SEEN, division=""), BAG).is_match


def test_the_wrong_child_is_named_before_an_expired_bag() -> None:
    found = held(SEEN, replace(BAG, expires_at=AT, is_quarantined=True), worn="other")
    assert found.reasons == ("wrong_patient", "quarantined", "expired")


def test_what_only_one_side_knows_is_unknown_and_never_the_same() -> None:
    found = held(SEEN, replace(BAG, coi="", expires_at=None), expected=Expected(lot="LOT-1"))
    verdicts = {line.name: line.verdict for line in found.comparisons}
    assert found.is_match
    assert (verdicts["coi"], verdicts["expires_at"], verdicts["lot"]) == ("unknown", "unknown", "same")


def test_a_bag_expires_at_its_hour_not_before() -> None:
    assert held(SEEN, replace(BAG, expires_at=AT + timedelta(minutes=1))).is_match
    assert not held(SEEN, replace(BAG, expires_at=AT)).is_match


def test_no_bag_on_record_is_not_known_rather_than_wrong() -> None:
    found = match(worn="this", seen=SEEN, bags=(), expected=EXPECTED, at=AT)
    assert found.reasons == ("not_known",)


def test_every_reason_of_a_mismatch_is_one_the_scanner_knows() -> None:
    assert set(GRAVITY) <= set(StopReason.values)
