"""T-ICAHT: cumulative days of low platelets, and recoveries that only a transfusion made."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.calculating import refused, result, run
from toxicity.grading.t_icaht import TIcahtInput, grade_t_icaht

GOOD = 180


def daily(low: float, days: int, *, first: int = 3, last_day: int = 30) -> list[list[float]]:
    return [[day, low if first <= day < first + days else GOOD] for day in range(last_day + 1)]


def t_icaht(platelets: list[list[float]], **rest: Any) -> dict[str, Any]:
    return result(
        "t_icaht", platelets=platelets, **({"last_follow_up_day": 100, "transfusion_days": []} | rest)
    )


@pytest.mark.parametrize(
    ("count", "days", "grade"),
    [
        (50, 20, 0), (49, 0, 0), (49, 1, 1), (49, 6, 1), (49, 7, 2), (49, 25, 2),
        (20, 25, 2), (19, 1, 3), (19, 13, 3), (19, 14, 4), (19, 20, 4),
    ],
)  # fmt: skip
def test_cumulative_days_give_the_early_grade(count: float, days: int, grade: int) -> None:
    graded = t_icaht(daily(count, days))
    assert (graded["early_grade"], graded["at_least"]) == (grade, False)


def test_days_of_separate_spells_add_up() -> None:
    counts = daily(40, 4)
    for day in range(20, 23):
        counts[day] = [day, 40]
    assert (t_icaht(counts)["days_below_50"], t_icaht(counts)["early_grade"]) == (7, 2)


@pytest.mark.parametrize(("pause", "days"), [(1, 7), (2, 8), (3, 6)])
def test_a_recovery_of_less_than_three_days_counts_into_the_total(pause: int, days: int) -> None:
    counts = daily(15, 3, first=5)
    for day in range(8 + pause, 11 + pause):
        counts[day] = [day, 15]
    assert t_icaht(counts)["days_below_20"] == days


def test_a_recovery_within_seven_days_after_a_transfusion_is_none() -> None:
    counts = daily(15, 2, first=5)
    counts[12], counts[13] = [12, 15], [13, 15]
    assert t_icaht(counts)["days_below_20"] == 4
    assert t_icaht(counts, transfusion_days=[6])["days_below_20"] == 9
    assert t_icaht(counts, transfusion_days=[1])["days_below_20"] == 4


@pytest.mark.parametrize(
    ("transfusions", "days"),
    [
        ([], 2),
        ([2], 2),  # eight days before the first good count
        ([3], 5),  # seven days before it
        ([12], 5),  # on the third good day
        ([13], 2),  # with the next low count
    ],
)
def test_a_good_day_within_seven_days_after_a_transfusion_is_not_a_recovery(
    transfusions: list[int], days: int
) -> None:
    counts = daily(15, 1, first=9)
    counts[13] = [13, 15]
    assert t_icaht(counts, transfusion_days=transfusions)["days_below_20"] == days


def test_three_good_days_must_follow_each_other() -> None:
    counts = daily(15, 1, first=9)
    counts[21] = [21, 15]
    assert t_icaht(counts)["days_below_20"] == 2
    # Free of the transfusion are days 10, 11 and 20.
    assert t_icaht(counts, transfusion_days=[12])["days_below_20"] == 13


def test_nothing_is_counted_after_the_last_follow_up() -> None:
    graded = t_icaht(daily(40, 6, first=20, last_day=25), last_follow_up_day=25)
    assert (graded["days_below_50"], graded["early_grade"], graded["at_least"]) == (6, 1, True)


def test_one_day_short_of_day_30_leaves_a_lower_bound() -> None:
    known = {"platelets": daily(40, 3, last_day=29), "transfusion_days": []}
    assert run("t_icaht", **known, last_follow_up_day=29)["missing"] == ["platelets"]
    assert run("t_icaht", **known, last_follow_up_day=40)["missing"] == []


@pytest.mark.parametrize(
    ("counts", "grade"),
    [
        ([(40, 99), (50, 99)], 1),
        ([(40, 99), (50, 100)], 0),
        ([(40, 50), (50, 99)], 1),
        ([(40, 49), (50, 99)], 2),
        ([(40, 19), (41, 60)], 3),
        ([(day, 15) for day in range(40, 54)], 4),
        ([(day, 15) for day in range(40, 53)], 3),
        ([(40, 10)], None),
        ([], None),
        ([(31, 40), (50, 90)], 2),
        ([(30, 40), (50, 90)], None),
        ([(99, 90), (100, 90)], 1),
        ([(100, 90), (101, 10)], None),
        ([(101, 10), (102, 10)], None),
    ],
)
def test_two_late_counts_give_the_late_grade(counts: list[tuple[int, float]], grade: int | None) -> None:
    platelets = daily(GOOD, 0) + [list(pair) for pair in counts]
    assert t_icaht(platelets, last_follow_up_day=200)["late_grade"] == grade


@pytest.mark.parametrize("end", ["progression_day", "next_therapy_day", "last_follow_up_day"])
def test_the_late_window_ends_with_progression_therapy_or_follow_up(end: str) -> None:
    platelets = [*daily(GOOD, 0), [40, 90], [45, 90], [50, 10]]
    assert t_icaht(platelets, **{end: 49})["late_grade"] == 1
    assert t_icaht(platelets, **{end: 50})["late_grade"] == 3


def test_what_is_unknown_makes_a_lower_bound() -> None:
    assert run("t_icaht", platelets=daily(40, 4))["missing"] == ["transfusion_days", "last_follow_up_day"]
    nothing = run("t_icaht")
    assert (nothing["result"]["early_grade"], nothing["result"]["late_grade"]) == (None, None)
    assert nothing["result"]["at_least"] is True
    gap = run("t_icaht", platelets=[[0, 40], [20, 40]], transfusion_days=[], last_follow_up_day=100)
    assert gap["missing"] == ["platelets"]


@pytest.mark.parametrize(
    "wrong", [{"platelets": [[0, -1]]}, {"platelets": [[0]]}, {"transfusion_days": [1.5]}]
)
def test_impossible_input_is_refused(wrong: dict[str, Any]) -> None:
    assert next(iter(refused("t_icaht", **wrong))).split(".")[0] == next(iter(wrong))


counts = st.dictionaries(
    st.integers(0, 105), st.sampled_from([5.0, 19.0, 20.0, 49.0, 50.0, 99.0, 100.0, 200.0])
)


@given(counts, st.integers(0, 105), st.data())
def test_no_grade_falls_when_a_count_falls(known: dict[int, float], last: int, data: st.DataObject) -> None:
    before = grade_t_icaht(TIcahtInput(tuple(known.items()), (), last))
    for day in known:
        lower = known | {day: data.draw(st.floats(0, known[day]))}
        after = grade_t_icaht(TIcahtInput(tuple(lower.items()), (), last))
        assert (after.early_grade or 0) >= (before.early_grade or 0)
        assert (after.late_grade or 0) >= (before.late_grade or 0)


@given(counts, st.lists(st.integers(0, 100), max_size=5))
def test_a_transfusion_never_lowers_a_grade(known: dict[int, float], transfusions: list[int]) -> None:
    without = grade_t_icaht(TIcahtInput(tuple(known.items()), (), 100))
    with_them = grade_t_icaht(TIcahtInput(tuple(known.items()), tuple(transfusions), 100))
    assert (with_them.early_grade or 0) >= (without.early_grade or 0)
    assert (with_them.late_grade or 0) >= (without.late_grade or 0)
