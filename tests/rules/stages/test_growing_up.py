"""Boundaries of growing up: birthdays, hand-over, and who is looked for first."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.protocols.rows import Criterion
from followup.rules.hand_over import STEPS, hand_over_readiness
from followup.rules.tracing import Attempt, TraceFacts, trace
from patients.consent_rules import Signature, agreements, birthday

CONSENT = Criterion(
    id="E14",
    label="Consent",
    rule="Consent by age",
    severity="block",
    assessed="person",
    values={"guardian_below_years": 18, "assent_from_years": 12},
    source=("DESIGN",),
    status="center_default",
)
BORN = date(2010, 6, 15)
LEAP = date(2008, 2, 29)
TODAY = date(2026, 3, 2)


def signed(kind: str, on: date, withdrawn_on: date | None = None) -> Signature:
    return Signature(kind=kind, signed_on=on, withdrawn_on=withdrawn_on)


def states(*given: Signature, birth: date = BORN, on: date) -> dict[str, str]:
    return {each.kind: each.state for each in agreements(CONSENT, given, birth=birth, on=on)}


# --- Agreements ------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth", "on", "needed"),
    [
        (BORN, date(2022, 6, 14), {"consent"}),
        (BORN, date(2022, 6, 15), {"consent", "assent"}),
        (BORN, date(2028, 6, 14), {"consent", "assent"}),
        (BORN, date(2028, 6, 15), {"own_consent"}),
        (LEAP, date(2020, 2, 28), {"consent"}),
        (LEAP, date(2020, 2, 29), {"consent", "assent"}),
        (LEAP, date(2026, 2, 27), {"consent", "assent"}),
        (LEAP, date(2026, 2, 28), {"own_consent"}),
    ],
)
def test_what_is_needed_changes_on_the_birthday_itself(birth: date, on: date, needed: set[str]) -> None:
    assert states(birth=birth, on=on) == dict.fromkeys(needed, "missing")


def test_a_guardians_consent_is_no_longer_enough_from_the_eighteenth_birthday() -> None:
    guardian = signed("consent", date(2024, 1, 10))
    assent = signed("assent", date(2024, 1, 10))
    assert states(guardian, assent, on=date(2028, 6, 14)) == {"consent": "given", "assent": "given"}
    after = states(guardian, assent, on=date(2028, 6, 15))
    assert after == {"own_consent": "due", "consent": "past", "assent": "past"}


def test_assent_becomes_due_when_the_child_grows_into_it() -> None:
    guardian = signed("consent", date(2020, 1, 10))
    assert states(guardian, on=date(2022, 6, 15)) == {"consent": "given", "assent": "due"}
    (_consent, assent) = agreements(CONSENT, [guardian], birth=BORN, on=date(2022, 6, 15))
    assert assent.since == date(2022, 6, 15)


@pytest.mark.parametrize(("on", "state"), [(date(2028, 6, 14), "due"), (date(2028, 6, 15), "given")])
def test_an_own_consent_counts_only_when_signed_on_the_birthday_or_later(on: date, state: str) -> None:
    found = states(signed("own_consent", on), on=date(2028, 7, 1))
    assert found == {"own_consent": state}


def test_an_assent_given_early_counts_later() -> None:
    found = states(signed("consent", TODAY), signed("assent", date(2021, 1, 1)), on=date(2027, 1, 1))
    assert found["assent"] == "given"


@pytest.mark.parametrize(("on", "state"), [(date(2025, 5, 4), "given"), (date(2025, 5, 5), "withdrawn")])
def test_a_withdrawal_counts_from_its_day(on: date, state: str) -> None:
    consent = signed("consent", date(2024, 1, 10), withdrawn_on=date(2025, 5, 5))
    assert states(consent, on=on)["consent"] == state


def test_a_new_signature_after_a_withdrawal_holds_again() -> None:
    old = signed("consent", date(2024, 1, 10), withdrawn_on=date(2024, 5, 5))
    assert states(old, signed("consent", date(2024, 6, 1)), on=TODAY)["consent"] == "given"


def test_without_a_criterion_nothing_is_needed_and_what_was_signed_is_shown() -> None:
    found = agreements(None, [signed("consent", date(2024, 1, 10))], birth=BORN, on=TODAY)
    assert [(each.kind, each.state, each.needs_renewal) for each in found] == [("consent", "given", False)]


@given(
    birth=st.dates(date(1990, 1, 1), date(2026, 1, 1)),
    days=st.integers(0, 30 * 365),
    kinds=st.lists(st.tuples(st.sampled_from(["consent", "assent", "own_consent"]), st.integers(0, 9000))),
)
def test_what_is_needed_is_never_silently_left_out(
    birth: date, days: int, kinds: list[tuple[str, int]]
) -> None:
    on = birth + timedelta(days=days)
    found = agreements(
        CONSENT,
        [signed(kind, birth + timedelta(days=after)) for kind, after in kinds],
        birth=birth,
        on=on,
    )
    names = [each.kind for each in found]
    assert len(names) == len(set(names))
    is_adult = on >= birthday(birth, 18)
    assert ("own_consent" in names[:1]) == is_adult or not is_adult
    assert not (is_adult and any(each.state == "given" for each in found if each.kind != "own_consent"))


# --- Hand-over ------------------------------------------------------------


@pytest.mark.parametrize(
    ("done", "can", "needs_reason"),
    [
        (set(), False, True),
        ({"readiness", "summary_letter"}, False, False),
        ({"center_agreed"}, False, True),
        ({"center_agreed", "first_visit"}, True, True),
        ({"center_agreed", "first_visit", "readiness"}, True, True),
        (set(STEPS), True, False),
    ],
)
def test_care_goes_over_once_the_center_agreed_and_saw_the_patient(
    done: set[str], can: bool, needs_reason: bool
) -> None:
    found = hand_over_readiness(done)
    assert (found.can_hand_over, found.needs_reason) == (can, needs_reason)
    assert not set(found.blocking) & done and not set(found.left_out) & done


# --- Tracing ------------------------------------------------------------

SEEN = date(2025, 6, 1)
WINDOW = date(2026, 1, 31)


def facts(**changes: Any) -> TraceFacts:
    known: dict[str, Any] = {"birth": BORN, "seen_on": SEEN, "windows": (WINDOW,)}
    return TraceFacts(**known | changes)


@pytest.mark.parametrize(
    ("on", "state", "late"),
    [(WINDOW, "in_contact", 0), (date(2026, 2, 1), "not_seen", 1), (date(2026, 3, 2), "not_seen", 30)],
)
def test_a_child_is_missed_from_the_day_after_the_window(on: date, state: str, late: int) -> None:
    found = trace(facts(), on)
    assert (found.state, found.days_late) == (state, late)


def test_a_window_before_the_last_visit_no_longer_counts() -> None:
    assert trace(facts(windows=(date(2025, 3, 1),)), TODAY).state == "in_contact"


def test_an_attempt_that_reached_the_family_is_a_contact() -> None:
    reached = Attempt(on=date(2026, 2, 20), outcome="reached", next_on=date(2026, 3, 10))
    found = trace(facts(attempts=[reached]), TODAY)
    assert (found.state, found.contact_on, found.tries) == ("in_contact", reached.on, 0)
    assert (found.next_on, found.next_is_late) == (reached.next_on, False)


def test_attempts_in_vain_make_a_child_looked_for() -> None:
    tries = [
        Attempt(on=date(2026, 2, 10), outcome="no_answer"),
        Attempt(on=date(2026, 2, 20), outcome="moved", next_on=date(2026, 3, 1)),
    ]
    found = trace(facts(attempts=tries), TODAY)
    assert (found.state, found.tries, found.moved, found.next_is_late) == ("looked_for", 2, True, True)


@pytest.mark.parametrize(("days", "state"), [(90, "found"), (91, "in_contact")])
def test_a_child_found_again_is_watched_for_a_while(days: int, state: str) -> None:
    found_on = TODAY - timedelta(days=days)
    assert trace(facts(windows=(), seen_on=SEEN, found_on=found_on), TODAY).state == state


def test_a_visit_after_the_find_ends_the_watch() -> None:
    found = trace(facts(seen_on=date(2026, 2, 25), found_on=date(2026, 2, 20), windows=()), TODAY)
    assert found.state == "in_contact"


@pytest.mark.parametrize(
    ("birth", "soon"),
    [
        (date(2008, 8, 29), date(2026, 8, 29)),
        (date(2008, 8, 30), None),
        (LEAP, date(2026, 2, 28)),
        (date(2007, 3, 3), None),
        (date(2007, 9, 3), date(2025, 9, 3)),
        (date(2007, 9, 2), None),
    ],
)
def test_the_eighteenth_birthday_is_told_half_a_year_around_it(birth: date, soon: date | None) -> None:
    assert trace(facts(birth=birth, windows=()), TODAY).majority_on == soon


def test_the_order_is_by_risk() -> None:
    tried = Attempt(on=date(2026, 2, 10), outcome="no_answer", next_on=date(2026, 4, 1))
    overdue = Attempt(on=date(2026, 2, 10), outcome="no_answer", next_on=date(2026, 2, 20))
    lost = date(2026, 1, 1)
    in_order = [
        facts(lost_since=lost),
        facts(),
        facts(windows=(date(2026, 2, 20),)),
        facts(attempts=[overdue]),
        facts(lost_since=lost, attempts=[tried]),
        facts(attempts=[tried]),
        facts(windows=(), found_on=date(2026, 2, 1)),
        facts(windows=()),
    ]
    ranks = [trace(each, TODAY).rank for each in in_order]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)
