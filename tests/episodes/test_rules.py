"""Episodes from grades: onset, peak, resolution, recurrence, at the edges."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxicity.episodes.rules import Course, Seen, courses, open_course, walk, worst_by_day

DAY_0 = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = 24.0


def hour(count: float) -> datetime:
    """So many hours after day 0 began."""
    return DAY_0 + timedelta(hours=count)


def seen(*graded: tuple[float, int | None] | tuple[float, int | None, bool]) -> list[Seen]:
    """Grades by hour; a third element says that something was missing."""
    return [
        Seen(hour(each[0]), each[1], bool(each[2]) if len(each) > 2 else False, order)
        for order, each in enumerate(graded)
    ]


def found(*graded: tuple[float, int | None] | tuple[float, int | None, bool]) -> tuple[Course, ...]:
    """The episodes of grades by hour."""
    return courses(seen(*graded), resolved_after_hours=HOURS)


def test_a_child_who_never_had_a_sign_has_no_episode() -> None:
    assert found((0, 0), (4, 0), (8, None), (12, 0, True)) == ()


def test_onset_peak_and_last_sign_are_told_apart() -> None:
    (course,) = found((0, 0), (4, 1), (8, 2), (12, 3), (16, 3), (20, 1))
    assert (course.onset_at, course.onset_grade) == (hour(4), 1)
    assert (course.peak_at, course.peak_grade) == (hour(12), 3)
    assert course.last_sign_at == hour(20)
    assert course.resolved_at is None


def test_an_episode_resolves_at_the_first_look_without_a_sign_once_a_day_is_over() -> None:
    (course,) = found((0, 2), (4, 0), (12, 0), (28, 0))
    assert course.resolved_at == hour(4)
    assert course.settled_at == hour(28)


@pytest.mark.parametrize(("at", "is_over"), [(27.99, False), (28.0, True)])
def test_a_minute_less_than_the_hours_of_the_center_is_not_enough(at: float, is_over: bool) -> None:
    (course,) = found((0, 2), (4, 0), (at, 0))
    assert (course.resolved_at is not None) is is_over


def test_time_without_anybody_looking_resolves_nothing() -> None:
    (course,) = found((0, 2), (4, 0), (100, 1), (104, 0))
    assert course.resolved_at is None
    assert course.last_sign_at == hour(100)


def test_a_look_with_something_missing_neither_ends_nor_breaks_the_time_without_a_sign() -> None:
    (still_open,) = found((0, 2), (4, 0, True), (40, 0, True))
    assert still_open.resolved_at is None
    (over,) = found((0, 2), (4, 0), (20, 0, True), (28, 0))
    assert over.resolved_at == hour(4)


def test_a_low_pressure_without_fever_is_no_freedom_from_signs() -> None:
    low = [
        replace(each, ailing=each.at == hour(20)) for each in seen((0, 2), (4, 0), (20, 0), (24, 0), (47, 0))
    ]
    (course,) = courses(low, resolved_after_hours=HOURS)
    assert (course.last_sign_at, course.free_since, course.resolved_at) == (hour(0), hour(24), None)
    (over,) = courses([*low, *seen((48, 0))], resolved_after_hours=HOURS)
    assert over.resolved_at == hour(24)


def test_a_low_pressure_without_fever_opens_no_episode() -> None:
    assert courses([Seen(hour(0), 0, ailing=True)], resolved_after_hours=HOURS) == ()


def test_a_sign_within_the_hours_starts_them_again() -> None:
    (course,) = found((0, 2), (4, 0), (20, 1), (24, 0), (30, 0), (47, 0))
    assert course.resolved_at is None
    (course,) = found((0, 2), (4, 0), (20, 1), (24, 0), (30, 0), (48, 0))
    assert course.resolved_at == hour(24)


def test_a_sign_after_the_end_is_a_new_episode() -> None:
    first, second = found((0, 3), (4, 0), (28, 0), (60, 1), (64, 2))
    assert first.peak_grade == 3
    assert (second.onset_at, second.peak_grade, second.resolved_at) == (hour(60), 2, None)


def test_a_lower_bound_of_a_sign_is_a_sign() -> None:
    (course,) = found((0, 1, True), (4, 1))
    assert course.onset_at == hour(0)
    assert (course.peak_at, course.peak_at_least) == (hour(4), False)


def test_a_death_resolves_nothing() -> None:
    (course,) = found((0, 4), (4, 5), (8, 0), (40, 0))
    assert (course.peak_grade, course.resolved_at) == (5, None)


def test_a_center_without_the_rule_resolves_no_episode_by_itself() -> None:
    (course,) = courses(seen((0, 1), (4, 0), (400, 0)), resolved_after_hours=None)
    assert course.resolved_at is None


def test_what_was_seen_later_does_not_count_before_it() -> None:
    graded = seen((0, 1), (4, 0), (28, 0))
    assert open_course(graded, before=hour(0), resolved_after_hours=HOURS) is None
    assert open_course(graded, before=hour(28), resolved_after_hours=HOURS) is not None
    assert open_course(graded, before=hour(28.1), resolved_after_hours=HOURS) is None


def test_the_worst_of_a_day_is_the_highest_and_a_certain_one_before_a_bound() -> None:
    graded = seen((1, 1), (5, 3, True), (9, 3), (23, 0), (25, 0), (26, None))
    worst = worst_by_day(graded, day_of=lambda at: (at - DAY_0).days)
    assert {day: (each.at, each.grade, each.at_least) for day, each in worst.items()} == {
        0: (hour(9), 3, False),
        1: (hour(25), 0, False),
    }


GRADED = st.lists(
    st.tuples(
        st.integers(0, 240), st.one_of(st.none(), st.integers(0, 4)), st.booleans(), st.integers(0, 10**6)
    ),
    max_size=40,
    unique_by=lambda each: each[0],
).map(lambda told: [Seen(hour(at), grade, bound, order) for at, grade, bound, order in told])


@given(GRADED)
def test_every_sign_lies_in_exactly_one_episode(graded: list[Seen]) -> None:
    made = courses(graded, resolved_after_hours=HOURS)
    for each in graded:
        around = [course for course in made if course.onset_at <= each.at <= course.last_sign_at]
        assert len(around) == 1 if each.is_sign else len(around) <= 1


@given(GRADED)
def test_episodes_follow_one_another_and_only_the_last_may_be_open(graded: list[Seen]) -> None:
    made = courses(graded, resolved_after_hours=HOURS)
    for course, later in pairwise(made):
        assert course.settled_at is not None
        assert course.settled_at < later.onset_at
    for course in made:
        assert course.onset_at <= course.peak_at <= course.last_sign_at
        if course.resolved_at is not None and course.settled_at is not None:
            assert course.last_sign_at < course.resolved_at
            assert course.settled_at - course.resolved_at >= timedelta(hours=HOURS)


@given(GRADED, st.randoms(use_true_random=False))
def test_forgetting_what_was_seen_never_resolves_an_open_episode(graded: list[Seen], chance: Random) -> None:
    """A look without a sign that was never made, or was not whole, ends nothing earlier."""
    dimmed = [replace(each, at_least=True) if chance.random() < 0.4 else each for each in graded]
    kept = [each for each in graded if each.is_sign or each.grade is None or chance.random() < 0.6]
    for partly in (dimmed, kept):
        told, known = (courses(some, resolved_after_hours=HOURS) for some in (partly, graded))
        assert sum(course.resolved_at is not None for course in told) <= sum(
            course.resolved_at is not None for course in known
        )


@given(GRADED)
def test_the_order_in_which_grades_were_entered_does_not_matter(graded: list[Seen]) -> None:
    assert courses(graded, resolved_after_hours=HOURS) == courses(
        list(reversed(graded)), resolved_after_hours=HOURS
    )


@given(GRADED)
def test_walking_tells_the_same_open_episode_as_asking(graded: list[Seen]) -> None:
    for each, course in walk(graded, resolved_after_hours=HOURS):
        assert course == open_course(graded, before=each.at, resolved_after_hours=HOURS)
