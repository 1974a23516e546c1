"""Whether a donor may be collected: recorded, consented by the right person, tested in time."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cartpath.protocols import registry
from patients.donor_rules import DonorFacts, Serology, Signed, donor_readiness, signer_needed

FIGURES = registry.get("donor-cd19-eu", "1").collection.donor
ON = date(2026, 3, 20)
TESTS = tuple(
    Serology(name=name, result="negative", tested_on=date(2026, 3, 1)) for name in ("HBV", "HCV", "HIV")
)
MOTHER = DonorFacts(
    birth_date=date(1988, 5, 1),
    consents=(Signed(signer="donor", signed_on=date(2026, 3, 2)),),
    serology=TESTS,
)


def test_a_donor_who_is_consented_and_tested_is_ready() -> None:
    assert donor_readiness(FIGURES, MOTHER, ON).is_ready


def test_no_donor_is_never_ready() -> None:
    found = donor_readiness(FIGURES, None, ON)
    assert not found.is_ready
    assert found.reasons == ("No donor is recorded.",)


@pytest.mark.parametrize(("days", "ready"), [(0, True), (56, True), (57, False)])
def test_serology_holds_for_fifty_six_days(days: int, ready: bool) -> None:
    old = replace(TESTS[0], tested_on=ON - timedelta(days=days))
    found = donor_readiness(FIGURES, replace(MOTHER, serology=(old, *TESTS[1:])), ON)
    assert found.is_ready is ready
    if not ready:
        assert found.missing == ("HBV of the donor is 57 days old on 2026-03-20; it holds for 56 days.",)


def test_a_sample_after_the_collection_says_nothing_about_it() -> None:
    late = replace(TESTS[2], tested_on=ON + timedelta(days=1))
    found = donor_readiness(FIGURES, replace(MOTHER, serology=(*TESTS[:2], late)), ON)
    assert found.missing == ("HIV of the donor was tested after the collection.",)


def test_an_unknown_test_is_not_a_negative_one() -> None:
    found = donor_readiness(FIGURES, replace(MOTHER, serology=(*TESTS[:2], Serology(name="HIV"))), ON)
    assert found.missing == ("HIV of the donor is unknown.",)


def test_an_infection_is_told_apart_from_what_is_missing() -> None:
    infected = replace(TESTS[1], result="positive")
    found = donor_readiness(FIGURES, replace(MOTHER, serology=(TESTS[0], infected, TESTS[2])), ON)
    assert (found.missing, found.positive) == ((), ("HCV of the donor is positive.",))
    assert not found.is_ready


@pytest.mark.parametrize(
    ("birth", "signer"),
    [(date(2008, 3, 2), "donor"), (date(2008, 3, 3), "guardian"), (date(2019, 1, 1), "guardian")],
)
def test_a_guardian_signs_until_the_eighteenth_birthday(birth: date, signer: str) -> None:
    assert signer_needed(FIGURES, birth=birth, on=date(2026, 3, 2)) == signer


def test_a_sibling_of_nine_can_not_sign_alone() -> None:
    sibling = replace(MOTHER, birth_date=date(2017, 1, 1))
    found = donor_readiness(FIGURES, sibling, ON)
    assert found.missing == ("The consent to the donation isn't recorded.",)
    signed = replace(sibling, consents=(Signed(signer="guardian", signed_on=date(2026, 3, 2)),))
    assert donor_readiness(FIGURES, signed, ON).is_ready


def test_a_consent_signed_after_the_collection_does_not_count() -> None:
    late = replace(MOTHER, consents=(Signed(signer="donor", signed_on=ON + timedelta(days=1)),))
    assert not donor_readiness(FIGURES, late, ON).is_ready
