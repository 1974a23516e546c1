"""The picture of the first thirty days stands where the facts are."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxicity.course.drawing import (
    LEFT,
    RIGHT,
    Axis,
    Frame,
    Measured,
    bar,
    ceiling,
    curve,
    decades,
    steps,
)
from toxicity.course.pictures import RANGES, WHOLE, chosen_days

DAY_0 = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = Frame(DAY_0, DAY_0 + timedelta(days=7))
HOLDS = timedelta(hours=12)
FEVER = Axis(0, 100, 35, 40)
COUNTS = Axis(0, 100, 10, 10_000, logarithmic=True)


def hour(count: float) -> datetime:
    """So many hours after day 0 began."""
    return DAY_0 + timedelta(hours=count)


def test_the_frame_reaches_from_edge_to_edge() -> None:
    assert WEEK.x(hour(0)) == LEFT
    assert WEEK.x(hour(7 * 24)) == RIGHT
    assert WEEK.x(hour(84)) == (LEFT + RIGHT) / 2


def test_a_decade_is_as_high_as_the_next_on_a_logarithmic_axis() -> None:
    assert COUNTS.y(10) - COUNTS.y(100) == pytest.approx(COUNTS.y(100) - COUNTS.y(1000))


def test_a_count_of_zero_stands_at_the_floor_and_does_not_break_the_drawing() -> None:
    assert COUNTS.y(0) == 100


@given(st.floats(min_value=-10, max_value=10**7, allow_nan=False))
def test_no_value_leaves_its_lane(value: float) -> None:
    for axis in (FEVER, COUNTS):
        assert axis.top <= axis.y(value) <= axis.bottom


def test_a_line_breaks_where_nobody_measured() -> None:
    values = [Measured(hour(at), 37.0) for at in (0, 4, 40, 44)]
    drawn = curve(WEEK, FEVER, values, broken_after=timedelta(hours=24))
    assert drawn.path.count("M") == 2
    assert drawn.path.count("L") == 2


def test_values_outside_the_frame_are_left_out() -> None:
    values = [Measured(hour(at), 37.0) for at in (-1, 0, 167, 168)]
    drawn = curve(WEEK, FEVER, values, broken_after=timedelta(hours=24))
    assert [dot.told.at for dot in drawn.dots] == [hour(0), hour(167)]


def test_a_grade_lasts_until_the_next_and_no_longer_than_it_holds() -> None:
    hours = (RIGHT - LEFT) / (7 * 24)
    first, second, last = steps(
        WEEK, 100, [(hour(0), 1, False), (hour(4), 2, True), (hour(48), 2, True)], until=hour(49), holds=HOLDS
    )
    assert float(first.width) == pytest.approx(4 * hours, abs=0.1)
    assert float(second.width) == pytest.approx(12 * hours, abs=0.1)
    assert float(last.width) == pytest.approx(1 * hours, abs=0.1)


def test_a_child_never_graded_has_no_step() -> None:
    assert steps(WEEK, 100, [], until=hour(4), holds=HOLDS) == ()


def test_a_higher_grade_is_a_higher_step_and_is_written_where_it_changes() -> None:
    drawn = steps(
        WEEK,
        100,
        [(hour(0), 1, False), (hour(4), 3, False), (hour(8), 3, False), (hour(12), 0, False)],
        until=hour(16),
        holds=HOLDS,
    )
    assert [float(each.height) for each in drawn] == [9, 27, 27, 1]
    assert [each.says_grade for each in drawn] == [True, True, False, False]


def test_what_goes_on_ends_now_with_an_arrow() -> None:
    drawn = bar(WEEK, hour(0), None, now=hour(84))
    assert drawn is not None
    assert (float(drawn.end), drawn.goes_on) == ((LEFT + RIGHT) / 2, True)
    over = bar(WEEK, hour(0), hour(10), now=hour(84))
    assert over is not None
    assert not over.goes_on
    assert bar(WEEK, hour(-10), hour(-5), now=hour(84)) is None


def test_axes_grow_to_round_numbers() -> None:
    assert decades([250_000], at_least=(100, 10_000)) == (100, 1_000_000)
    assert decades([40], at_least=(100, 10_000)) == (10, 10_000)
    assert [ceiling([each], at_least=50) for each in (3, 51, 130, 480)] == [50, 100, 200, 500]


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ((None, None), WHOLE),
        ((3, None), WHOLE),
        ((7, 13), (7, 13)),
        ((9, 2), (9, 9)),
        ((40, 90), (30, 30)),
        ((0, 90), WHOLE),
    ],
)
def test_only_days_from_0_to_30_are_drawn(
    asked: tuple[int | None, int | None], days: tuple[int, int]
) -> None:
    assert chosen_days(*asked) == days


def test_the_ranges_offered_cover_all_thirty_days() -> None:
    covered = {day for first, last in RANGES[1:] for day in range(first, last + 1)}
    assert covered == set(range(31))
