"""ICAHT: day counts around every limit, joined spells, gaps, and who never recovered."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.calculating import oracles, refused, result, run
from toxicity.grading.daily_counts import fill_gaps, spells_of
from toxicity.grading.icaht import IcahtInput, grade_icaht

GOOD = 2000


def daily(low: float, days: int, *, first: int = 1, last_day: int = 30) -> list[list[float]]:
    """A count for every day to `last_day`, low for `days` days from `first`."""
    return [[day, low if first <= day < first + days else GOOD] for day in range(last_day + 1)]


def early(anc: list[list[float]], **rest: Any) -> int | None:
    grade: int | None = result("icaht", anc=anc, **({"last_follow_up_day": 100} | rest))["early_grade"]
    return grade


def late(*anc: tuple[int, float], **rest: Any) -> int | None:
    counts = daily(GOOD, 0) + [list(pair) for pair in anc]
    grade: int | None = result("icaht", anc=counts, **({"last_follow_up_day": 100} | rest))["late_grade"]
    return grade


@pytest.mark.parametrize("oracle", oracles("icaht"), ids=lambda oracle: oracle["id"])
def test_the_published_examples(oracle: dict[str, Any]) -> None:
    answer = result("icaht", **oracle["input"])
    assert {name: answer[name] for name in oracle["expect"]} == oracle["expect"]


def test_a_published_series_with_its_published_grades() -> None:
    series = [
        [0, 20],
        [1, 10],
        [2, 10],
        [3, 10],
        [4, 20],
        [5, 630],
        [6, 5900],
        [36, 500],
        [38, 450],
        [39, 460],
    ]
    answer = run("icaht", anc=series, last_follow_up_day=100)
    graded = answer["result"]
    assert (graded["early_grade"], graded["late_grade"]) == (1, 3)
    assert (graded["longest_days_le_500"], graded["longest_days_le_100"]) == (5, 5)
    # The series was abridged after day 6: what is not known is not counted as recovered for sure.
    assert (graded["at_least"], answer["missing"]) == (True, ["anc"])


@pytest.mark.parametrize(
    ("days", "grade"), [(0, 0), (1, 1), (6, 1), (7, 2), (13, 2), (14, 3), (15, 3), (26, 3), (27, 3)]
)
def test_days_at_500_or_less(days: int, grade: int) -> None:
    assert early(daily(500, days, first=4)) == grade
    assert early(daily(101, days, first=4)) == grade


@pytest.mark.parametrize("days", range(28))
def test_every_number_of_days_gives_its_grade_at_both_limits(days: int) -> None:
    severe = 0 if days == 0 else 1 if days < 7 else 2 if days < 14 else 3
    profound = severe if days < 7 else 3 if days < 14 else 4
    for low, grade in ((501, 0), (500, severe), (101, severe), (100, profound), (0, profound)):
        graded = result("icaht", anc=daily(low, days, first=4), last_follow_up_day=100)
        assert (graded["early_grade"], graded["at_least"]) == (grade, False)
        assert graded["longest_days_le_500"] == (days if low <= 500 else 0)
        assert graded["longest_days_le_100"] == (days if low <= 100 else 0)


@pytest.mark.parametrize(("days", "grade"), [(1, 1), (6, 1), (7, 3), (13, 3), (14, 4), (20, 4)])
def test_days_at_100_or_less(days: int, grade: int) -> None:
    assert early(daily(100, days, first=4)) == grade


@pytest.mark.parametrize(("count", "grade"), [(500, 2), (500.5, 0), (501, 0), (504, 0)])
def test_a_measured_count_is_never_rounded(count: float, grade: int) -> None:
    assert early(daily(count, 7, first=4)) == grade


@pytest.mark.parametrize(("first", "grade"), [(0, 4), (3, 4), (4, 3)])
def test_a_spell_from_the_first_days_to_day_30_never_recovered(first: int, grade: int) -> None:
    assert early(daily(400, 31 - first, first=first)) == grade


def test_all_31_days_at_500_or_less_are_grade_4() -> None:
    graded = result("icaht", anc=daily(300, 31, first=0), last_follow_up_day=31)
    assert (graded["early_grade"], graded["longest_days_le_500"]) == (4, 31)


def test_a_recovery_on_the_last_day_is_a_recovery_of_less_than_three_days() -> None:
    assert early(daily(400, 30, first=0)) == 3


def test_who_never_recovered_is_told_apart_from_who_did() -> None:
    for days, never in ((31, True), (28, False)):
        counts = tuple((int(day), count) for day, count in daily(300, days, first=0))
        assert grade_icaht(IcahtInput(counts, 100)).never_recovered is never
    assert grade_icaht(IcahtInput((), 100)).never_recovered is False


def test_a_death_without_recovery_is_grade_4() -> None:
    counts = daily(300, 17, first=0, last_day=16)
    assert early(counts, last_follow_up_day=16, deceased=True) == 4
    answer = run("icaht", anc=counts, last_follow_up_day=16, deceased=True)
    assert (answer["result"]["at_least"], answer["missing"]) == (False, [])


def test_a_death_after_a_gap_is_judged_by_the_last_count() -> None:
    assert early(daily(300, 6, first=0, last_day=5), last_follow_up_day=20, deceased=True) == 4


def test_a_death_on_day_30_after_a_gap_is_judged_by_the_last_count_too() -> None:
    counts = daily(300, 11, first=0, last_day=10)
    assert early(counts, last_follow_up_day=30, deceased=True) == 4
    assert early(counts, last_follow_up_day=31, deceased=True) == 2


def test_a_death_after_recovery_is_graded_by_the_days() -> None:
    assert early(daily(300, 8, first=0, last_day=16), last_follow_up_day=16, deceased=True) == 2


def test_a_death_after_day_30_changes_nothing_early() -> None:
    assert early(daily(300, 8, first=0), last_follow_up_day=60, deceased=True) == 2


def test_a_living_child_on_day_5_is_not_grade_4_yet() -> None:
    answer = run("icaht", anc=daily(300, 6, first=0, last_day=5), last_follow_up_day=5)
    assert (answer["result"]["early_grade"], answer["result"]["at_least"]) == (1, True)
    assert answer["missing"] == ["anc"]


@pytest.mark.parametrize(("pause", "days"), [(1, 11), (2, 12), (3, 5)])
def test_spells_are_joined_over_two_days_of_recovery_and_not_over_three(pause: int, days: int) -> None:
    counts = daily(GOOD, 0)
    for day in (*range(5, 10), *range(10 + pause, 15 + pause)):
        counts[day] = [day, 300]
    assert result("icaht", anc=counts, last_follow_up_day=100)["longest_days_le_500"] == days


def test_a_spell_above_100_has_no_day_at_100_or_less() -> None:
    graded = result("icaht", anc=daily(300, 7), last_follow_up_day=100)
    assert (graded["longest_days_le_500"], graded["longest_days_le_100"]) == (7, 0)


def test_the_longest_spell_counts() -> None:
    counts = daily(300, 7, first=1)
    for day in range(20, 23):
        counts[day] = [day, 300]
    assert result("icaht", anc=counts, last_follow_up_day=100)["longest_days_le_500"] == 7


def test_the_lowest_of_several_counts_a_day_is_used() -> None:
    counts = [*daily(GOOD, 0), [3, 400], [3, 1200]]
    assert result("icaht", anc=counts, last_follow_up_day=100)["longest_days_le_500"] == 1


def test_up_to_seven_days_between_counts_are_interpolated() -> None:
    assert fill_gaps({0: 1000.0, 8: 200.0}, last_day=8) == {
        0: 1000, 1: 900, 2: 800, 3: 700, 4: 600, 5: 500, 6: 400, 7: 300, 8: 200,
    }  # fmt: skip
    assert set(fill_gaps({0: 1000.0, 9: 200.0}, last_day=9)) == {0, 9}


def test_a_gap_is_filled_wherever_it_lies() -> None:
    assert fill_gaps({10: 1000.0, 14: 600.0}, first_day=10, last_day=14) == {
        10: 1000, 11: 900, 12: 800, 13: 700, 14: 600,
    }  # fmt: skip
    assert min(fill_gaps({38: 90.0}, first_day=31, last_day=38)) == 31
    assert min(fill_gaps({39: 90.0}, first_day=31, last_day=39)) == 39


def test_interpolated_counts_are_rounded_to_ten() -> None:
    assert fill_gaps({0: 100.0, 3: 200.0}, last_day=3, rounded_to=10) == {0: 100, 1: 130, 2: 170, 3: 200}


def test_the_ends_take_the_nearest_count_for_up_to_seven_days() -> None:
    assert fill_gaps({7: 300.0}, last_day=14) == dict.fromkeys(range(15), 300.0)
    assert set(fill_gaps({8: 300.0}, last_day=16)) == {8}


def test_a_long_gap_breaks_a_spell_and_leaves_a_lower_bound() -> None:
    counts = [[day, 300] for day in (*range(4, 10), *range(18, 24))] + [
        [day, GOOD] for day in (0, *range(24, 31))
    ]
    answer = run("icaht", anc=counts, last_follow_up_day=100)
    assert answer["result"]["longest_days_le_500"] == 6
    assert (answer["result"]["at_least"], answer["missing"]) == (True, ["anc"])


def test_counts_before_infusion_and_after_the_last_follow_up_are_not_looked_at() -> None:
    counts = [*daily(GOOD, 0), [-3, 0], [40, 100], [41, 100]]
    graded = result("icaht", anc=counts, last_follow_up_day=35)
    assert (graded["early_grade"], graded["late_grade"]) == (0, None)


@pytest.mark.parametrize(
    ("count", "grade"),
    [(1501, 0), (1500, 1), (1001, 1), (1000, 2), (501, 2), (500, 3), (101, 3), (100, 4), (0, 4)],
)
def test_the_lowest_confirmed_count_gives_the_late_grade(count: float, grade: int) -> None:
    assert late((40, count), (50, 1500)) == grade
    assert late((40, count)) == grade


def test_a_single_low_count_that_is_not_confirmed_is_transient() -> None:
    assert late((40, 80), (50, 1501), (60, 1600)) == 0


@pytest.mark.parametrize(("day", "grade"), [(30, None), (31, 3), (100, 3), (101, None)])
def test_the_late_window_is_day_31_to_day_100(day: int, grade: int | None) -> None:
    counts = [pair for pair in daily(GOOD, 0) if pair[0] != day] + [[day, 400]]
    assert result("icaht", anc=counts, last_follow_up_day=200)["late_grade"] == grade


@pytest.mark.parametrize("end", ["progression_day", "next_therapy_day", "last_follow_up_day"])
def test_the_late_window_ends_with_progression_therapy_or_follow_up(end: str) -> None:
    counts = ((40, 1400), (45, 1400), (50, 80), (55, 80))
    assert late(*counts, **{end: 49}) == 1
    assert late(*counts, **{end: 50}) == 4


def test_an_unknown_end_of_observation_is_missing() -> None:
    answer = run("icaht", anc=daily(300, 7))
    assert (answer["result"]["early_grade"], answer["result"]["at_least"]) == (2, True)
    assert answer["missing"] == ["last_follow_up_day"]


def test_without_a_count_nothing_is_graded() -> None:
    answer = run("icaht", last_follow_up_day=100)
    assert answer["result"] == {
        "early_grade": None,
        "late_grade": None,
        "longest_days_le_500": None,
        "longest_days_le_100": None,
        "at_least": True,
    }
    assert answer["missing"] == ["anc"]


def test_the_scale_is_named_and_is_not_ctcae() -> None:
    answer = run("icaht", anc=daily(GOOD, 0), last_follow_up_day=31)
    assert (answer["scale"], answer["scale_version"]) == ("EHA/EBMT ICAHT", "2023")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"anc": [[0, -1]]}, "anc.0.1"),
        ({"anc": [[0.5, 100]]}, "anc.0.0"),
        ({"anc": [[0]]}, "anc.0"),
        ({"anc": [[0, 1, 2]]}, "anc.0"),
        ({"anc": {"0": 100}}, "anc"),
        ({"last_follow_up_day": -1}, "last_follow_up_day"),
        ({"deceased": None}, "deceased"),
        ({"platelets": []}, "platelets"),
    ],
)
def test_impossible_input_is_refused_by_its_field(wrong: dict[str, Any], field: str) -> None:
    assert [name for name in refused("icaht", **wrong) if name.startswith(field)]


counts = st.dictionaries(
    st.integers(0, 110), st.sampled_from([0.0, 60.0, 100.0, 101.0, 400.0, 500.0, 501.0, 1400.0, 3000.0])
)


@given(counts, st.integers(0, 110), st.booleans(), st.data())
def test_no_grade_falls_when_a_count_falls(
    known: dict[int, float], last: int, deceased: bool, data: st.DataObject
) -> None:
    before = grade_icaht(IcahtInput(tuple(known.items()), last, deceased))
    for day in known:
        lower = known | {day: data.draw(st.floats(0, known[day]))}
        after = grade_icaht(IcahtInput(tuple(lower.items()), last, deceased))
        assert (after.early_grade or 0) >= (before.early_grade or 0)
        assert (after.late_grade or 0) >= (before.late_grade or 0)


@given(counts, st.randoms())
def test_the_order_of_the_counts_is_irrelevant(known: dict[int, float], chance: Any) -> None:
    shuffled = list(known.items())
    chance.shuffle(shuffled)
    assert grade_icaht(IcahtInput(tuple(shuffled), 100)) == grade_icaht(IcahtInput(tuple(known.items()), 100))


@given(counts, st.floats(0, 3000))
def test_spells_hold_every_low_day_and_lie_more_than_two_days_apart(
    known: dict[int, float], limit: float
) -> None:
    spells = spells_of(day for day, count in known.items() if count <= limit)
    for day, count in known.items():
        if count <= limit:
            assert any(spell.first_day <= day <= spell.last_day for spell in spells)
    for one, following in pairwise(spells):
        assert following.first_day - one.last_day - 1 > 2
