"""Which visits are held together, and on which day."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.rules.proposals import SOON_DAYS, OpenVisit, proposals

MONDAY = date(2026, 6, 1)
DAY = timedelta(days=1)


def visit(item: str, first: int, due: int, last: int, *examinations: tuple[str, bool]) -> OpenVisit:
    """A visit by the days of its window, counted from a Monday."""
    days = [MONDAY + count * DAY for count in (first, due, last)]
    return OpenVisit(item=item, first_on=days[0], due_on=days[1], last_on=days[2], examinations=examinations)


def test_day_28_and_month_1_are_one_visit() -> None:
    (one,) = proposals([visit("visit_month_1", 3, 10, 17), visit("visit_day_28", 4, 7, 14)], today=MONDAY)
    assert one.items == ("visit_day_28", "visit_month_1")
    assert (one.first_on, one.last_on) == (MONDAY + 4 * DAY, MONDAY + 14 * DAY)
    assert one.day == MONDAY + 7 * DAY


def test_windows_that_do_not_meet_are_two_visits() -> None:
    found = proposals([visit("b", 11, 14, 18), visit("a", 0, 3, 10)], today=MONDAY)
    assert [each.items for each in found] == [("a",), ("b",)]


def test_windows_that_meet_on_a_weekend_only_are_two_visits() -> None:
    found = proposals([visit("a", 0, 3, 5), visit("b", 5, 9, 12)], today=MONDAY)
    assert [each.items for each in found] == [("a",), ("b",)]
    assert all(each.day.weekday() < 5 for each in found)


@pytest.mark.parametrize(("due", "day"), [(4, 4), (5, 4), (6, 7), (7, 7)])
def test_a_due_day_on_a_weekend_gives_the_nearest_weekday(due: int, day: int) -> None:
    (one,) = proposals([visit("a", 0, due, 13)], today=MONDAY)
    assert one.day == MONDAY + day * DAY


def test_a_window_without_a_weekday_is_proposed_all_the_same() -> None:
    (one,) = proposals([visit("a", 5, 5, 6)], today=MONDAY)
    assert one.day == MONDAY + 5 * DAY


def test_an_overdue_visit_is_proposed_soon_and_joins_what_is_due() -> None:
    (one,) = proposals([visit("late", -30, -20, -10), visit("due", -2, 9, 30)], today=MONDAY)
    assert one.items == ("late", "due")
    assert one.late == ("late",)
    assert MONDAY < one.day <= MONDAY + SOON_DAYS * DAY


def test_what_one_visit_wants_only_if_indicated_is_due_when_the_other_wants_it() -> None:
    (one,) = proposals(
        [
            visit("a", 0, 1, 4, ("blood", True), ("heart", False)),
            visit("b", 0, 1, 4, ("heart", True), ("blood", True), ("school", False)),
        ],
        today=MONDAY,
    )
    assert one.examinations == (("blood", True), ("heart", True), ("school", False))


def test_nothing_open_is_no_proposal() -> None:
    assert proposals([], today=MONDAY) == ()


@st.composite
def waiting(draw: st.DrawFn) -> list[OpenVisit]:
    spans = draw(
        st.lists(st.tuples(st.integers(-90, 200), st.integers(0, 60), st.integers(0, 60)), max_size=9)
    )
    return [
        visit(f"visit_{number}", due - before, due, due + after)
        for number, (due, before, after) in enumerate(spans)
    ]


@given(open_visits=waiting())
def test_every_visit_is_in_exactly_one_proposal(open_visits: list[OpenVisit]) -> None:
    found = proposals(open_visits, today=MONDAY)
    assert sorted(item for each in found for item in each.items) == sorted(v.item for v in open_visits)


@given(open_visits=waiting())
def test_a_proposed_day_suits_every_visit_of_the_proposal(open_visits: list[OpenVisit]) -> None:
    by_item = {each.item: each for each in open_visits}
    for proposal in proposals(open_visits, today=MONDAY):
        assert proposal.first_on <= proposal.day <= proposal.last_on
        assert proposal.day >= MONDAY
        for item in proposal.items:
            if item in proposal.late:
                assert by_item[item].last_on < MONDAY
            else:
                assert by_item[item].first_on <= proposal.day <= by_item[item].last_on


@given(open_visits=waiting())
def test_a_weekend_is_proposed_only_where_the_days_hold_no_weekday(open_visits: list[OpenVisit]) -> None:
    for proposal in proposals(open_visits, today=MONDAY):
        days = [
            proposal.first_on + count * DAY
            for count in range((proposal.last_on - proposal.first_on).days + 1)
        ]
        assert proposal.day.weekday() < 5 or all(day.weekday() > 4 for day in days)


@given(open_visits=waiting(), seed=st.randoms())
def test_the_order_of_the_visits_does_not_matter(open_visits: list[OpenVisit], seed: Random) -> None:
    shuffled = list(open_visits)
    seed.shuffle(shuffled)
    assert proposals(shuffled, today=MONDAY) == proposals(open_visits, today=MONDAY)
