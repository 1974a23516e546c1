"""Eligibility and consent."""

from datetime import date

import pytest

from cartpath.protocols import registry
from cartpath.protocols.rows import Criterion
from patients.rules import (
    Finding,
    age_criterion,
    consents_needed,
    eligibility,
    valid_until,
    waiver_holds,
)

PROTOCOL = registry.get("tisagenlecleucel-eu", "1")
CRITERIA = PROTOCOL.criteria()
TODAY = date(2026, 3, 2)
TWO = ("Ada", "Ben")


def criterion(criterion_id: str) -> Criterion:
    found = PROTOCOL.criterion(criterion_id)
    assert found is not None
    return found


def findings(**changed: Finding) -> dict[str, Finding]:
    return {row.id: Finding(verdict="met") for row in CRITERIA} | changed


def test_a_child_who_meets_everything_is_eligible() -> None:
    found = eligibility(CRITERIA, findings(), TODAY)
    assert found.overall == "eligible"
    assert found.reasons == ()


def test_nothing_recorded_is_incomplete_and_names_what_is_missing() -> None:
    found = eligibility(CRITERIA, {}, TODAY)
    assert found.overall == "incomplete"
    assert "E4" in found.missing
    assert "E3" not in found.missing  # for information only
    assert "CD19 expression: unknown." in found.reasons


def test_one_unmet_criterion_outweighs_unknown_ones() -> None:
    found = eligibility(CRITERIA, {"E6": Finding(verdict="not_met")}, TODAY)
    assert found.overall == "not_eligible"
    assert found.reasons[0] == "Kidney function: not met."


def test_an_unmet_criterion_that_only_warns_is_flagged() -> None:
    found = eligibility(CRITERIA, findings(E12=Finding(verdict="not_met")), TODAY)
    assert found.overall == "eligible"
    assert found.flags == ("E12",)


def test_an_unknown_criterion_that_only_warns_still_must_be_looked_at() -> None:
    found = eligibility(CRITERIA, findings(E12=Finding(verdict="unknown")), TODAY)
    assert found.overall == "incomplete"


def test_a_waiver_by_two_clinicians_with_a_reason_counts() -> None:
    waived = Finding(verdict="waived", reason="Compassionate use", waived_by=TWO)
    found = eligibility(CRITERIA, findings(E6=waived), TODAY)
    assert found.overall == "eligible"
    assert found.flags == ("E6",)


@pytest.mark.parametrize(
    "waiver",
    [
        Finding(verdict="waived", reason="", waived_by=TWO),
        Finding(verdict="waived", reason="  ", waived_by=TWO),
        Finding(verdict="waived", reason="Because", waived_by=("Ada",)),
        Finding(verdict="waived", reason="Because", waived_by=("Ada", "Ada")),
    ],
)
def test_an_unfounded_waiver_is_no_waiver(waiver: Finding) -> None:
    assert not waiver_holds(waiver)
    assert eligibility(CRITERIA, findings(E6=waiver), TODAY).overall == "not_eligible"


@pytest.mark.parametrize(("until", "overall"), [("2026-03-02", "eligible"), ("2026-03-01", "incomplete")])
def test_an_assessment_holds_to_the_end_of_its_last_day(until: str, overall: str) -> None:
    lapsing = Finding(verdict="met", valid_until=date.fromisoformat(until))
    found = eligibility(CRITERIA, findings(E4=lapsing), TODAY)
    assert found.overall == overall
    assert next(line for line in found.lines if line.criterion.id == "E4").is_expired is (
        overall != "eligible"
    )


def test_a_waiver_lapses_too() -> None:
    waived = Finding(verdict="waived", reason="x", waived_by=TWO, valid_until=date(2026, 3, 1))
    assert eligibility(CRITERIA, findings(E4=waived), TODAY).overall == "incomplete"


def test_draft_criteria_do_nothing() -> None:
    assert {"E9", "E6_creatinine", "E8_shortening"}.isdisjoint({row.id for row in CRITERIA})


@pytest.mark.parametrize(("criterion_id", "days"), [("E4", 90), ("E11", 56)])
def test_cd19_holds_ninety_days_and_serology_eight_weeks(criterion_id: str, days: int) -> None:
    until = valid_until(criterion(criterion_id), date(2026, 1, 1))
    assert until is not None
    assert (until - date(2026, 1, 1)).days == days


def test_what_has_no_validity_does_not_lapse() -> None:
    assert valid_until(criterion("E5"), date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("birth", "verdict"),
    [
        ("2000-03-03", "met"),  # 26th birthday tomorrow
        ("2000-03-02", "not_met"),  # 26th birthday today
        ("2026-03-02", "met"),  # newborn
        ("2026-03-03", "unknown"),  # not yet born: a slip
        ("2000-02-29", "not_met"),
    ],
)
def test_twenty_five_years_are_included_until_the_day_before_the_next_birthday(
    birth: str, verdict: str
) -> None:
    assert age_criterion(criterion("E1"), birth=date.fromisoformat(birth), on=TODAY).verdict == verdict


def test_an_unknown_birth_date_leaves_the_age_unknown() -> None:
    assert age_criterion(criterion("E1"), birth=None, on=TODAY).verdict == "unknown"


@pytest.mark.parametrize(("birth", "verdict"), [("2008-03-02", "met"), ("2008-03-03", "not_met")])
def test_an_adult_product_begins_on_the_eighteenth_birthday(birth: str, verdict: str) -> None:
    adult = registry.latest("brexucabtagene-eu").criterion("E1")
    assert adult is not None
    assert age_criterion(adult, birth=date.fromisoformat(birth), on=TODAY).verdict == verdict


@pytest.mark.parametrize(
    ("birth", "needed"),
    [
        ("2025-09-02", ("consent",)),
        ("2014-03-03", ("consent",)),  # 12th birthday tomorrow
        ("2014-03-02", ("consent", "assent")),
        ("2008-03-03", ("consent", "assent")),
        ("2008-03-02", ("own_consent",)),
    ],
)
def test_who_agrees_depends_on_the_age(birth: str, needed: tuple[str, ...]) -> None:
    assert consents_needed(criterion("E17"), birth=date.fromisoformat(birth), on=TODAY) == needed
