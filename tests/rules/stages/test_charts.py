"""Control charts by published examples, by hand, and by what must hold for any numbers."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukapheresis.rules.charts import (
    FEWEST,
    FIRM_FROM,
    RUN,
    Group,
    Limits,
    Signal,
    individuals,
    proportions,
)
from leukapheresis.rules.weight_bands import BANDS, band_of

# NIST/SEMATECH e-Handbook of Statistical Methods, section 6.3.2.2: flow rates of ten batches.
FLOW_RATES = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
# A textbook example: defects in ten samples of 200 items each.
DEFECTS_OF_200 = [40, 44, 22, 34, 24, 32, 28, 32, 34, 30]
# Pyzdek, Handbook for Quality Management, table 9.6: bruised peaches in crates of 250, some shipments of two.
PEACHES = [
    *((47, 250), (42, 250), (55, 250), (51, 250), (46, 250), (61, 250), (39, 250), (44, 250), (41, 250)),
    *((51, 250), (88, 500), (101, 500), (101, 500), (40, 250), (48, 250), (47, 250), (50, 250), (48, 250)),
    *((57, 250), (45, 250), (43, 250), (105, 500), (98, 500), (100, 500), (96, 500)),
]

EVEN = [10.0, 12.0] * 10

values = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=FEWEST, max_size=40)
groups = st.lists(
    st.integers(0, 12).flatmap(lambda cases: st.builds(Group, st.integers(0, cases), st.just(cases))),
    max_size=40,
)


def test_the_limits_of_single_values_are_those_of_the_published_example() -> None:
    chart = individuals(FLOW_RATES)
    assert chart.center == pytest.approx(50.81)
    limits = chart.points[0].limits
    assert limits is not None
    # The handbook divides by 1.128 where 2.66 is the usual rounding of 3 ÷ 1.128.
    assert (limits.lower, limits.upper) == (
        pytest.approx(45.8159, abs=2e-3),
        pytest.approx(55.8041, abs=2e-3),
    )
    assert chart.signals == ()


def test_the_limits_of_shares_are_those_of_the_textbook() -> None:
    chart = proportions([Group(events, 200) for events in DEFECTS_OF_200])
    limits = chart.points[0].limits
    assert limits is not None
    assert (chart.center, limits.lower, limits.upper) == (
        pytest.approx(16),
        pytest.approx(8.22, abs=0.01),
        pytest.approx(23.78, abs=0.01),
    )
    assert chart.signals == ()


def test_a_larger_month_has_narrower_limits() -> None:
    chart = proportions([Group(events, cases) for events, cases in PEACHES])
    assert chart.center == pytest.approx(19.3)
    small, large = chart.points[0].limits, chart.points[10].limits
    assert small is not None and large is not None
    assert (small.lower, small.upper) == (pytest.approx(11.81, abs=0.01), pytest.approx(26.79, abs=0.01))
    assert (large.lower, large.upper) == (pytest.approx(14.01, abs=0.01), pytest.approx(24.59, abs=0.01))
    assert [signal for signal in chart.signals if signal.kind == "beyond"] == []


@pytest.mark.parametrize("count", range(FEWEST))
def test_a_few_points_have_no_average_no_limits_and_no_signal(count: int) -> None:
    chart = individuals([1.0] * count)
    assert (chart.center, chart.signals, chart.known) == (None, (), count)
    assert [point.limits for point in chart.points] == [None] * count
    assert not chart.is_provisional
    months = proportions([Group(1, 1)] * count + [Group(0, 0)] * 5)
    assert (months.center, months.signals, months.known) == (None, (), count)


def test_limits_are_provisional_until_twenty_points() -> None:
    assert individuals(EVEN[:FEWEST]).is_provisional
    assert individuals(EVEN[: FIRM_FROM - 1]).is_provisional
    assert not individuals(EVEN[:FIRM_FROM]).is_provisional


def test_the_lower_limit_never_falls_below_what_the_quantity_can_be() -> None:
    wild = [0.0, 50.0] * 5
    limits = individuals(wild).points[0].limits
    assert limits == Limits(0, 25 + 2.66 * 50)
    assert individuals(wild, at_most=100).points[0].limits == Limits(0, 100)
    assert individuals(wild, at_least=-1000).points[0].limits == Limits(25 - 2.66 * 50, 25 + 2.66 * 50)


def test_limits_never_leave_the_average_outside() -> None:
    beyond_all = individuals([120.0, 122.0] * 5, at_most=100)
    assert beyond_all.points[0].limits is not None
    assert beyond_all.points[0].limits.upper == beyond_all.center == 121


def test_one_value_far_off_is_a_signal() -> None:
    chart = individuals([*EVEN, 25.0])
    assert chart.signals == (Signal("beyond", "above", 20, 20),)
    assert (chart.points[20].beyond, chart.points[20].is_signal) == ("above", True)
    assert not any(point.is_signal for point in chart.points[:20])
    low = individuals([*(value + 50 for value in EVEN), 47.0])
    assert low.signals == (Signal("beyond", "below", 20, 20),)


def test_a_value_on_its_limit_is_no_signal() -> None:
    # All values the same: average and both limits are that value.
    chart = individuals([0.1] * 12)
    assert chart.points[0].limits == Limits(chart.center, chart.center)
    assert chart.signals == ()


def test_eight_in_a_row_on_one_side_are_a_signal_and_seven_are_none() -> None:
    steady = [10.0, 14.0] * 6
    eight = individuals([*steady, *[12.5] * 8])
    assert Signal("run", "above", 11, 19) in eight.signals
    assert [place for place, point in enumerate(eight.points) if point.in_run] == list(range(11, 20))
    # The last of the steady ones lies above as well, so that six more make seven.
    assert not individuals([*steady, *[12.5] * 6]).signals


def test_a_point_on_the_average_ends_a_run() -> None:
    low, high = [5.0, 9.0] * 2, [15.0, 11.0] * 2
    broken = [*low, 10.0, *low, *high, 10.0, *high]
    assert individuals(broken).center == 10
    assert individuals(broken).signals == ()
    whole = [*low, *low, *high, *high]
    assert [signal.side for signal in individuals(whole).signals] == ["below", "above"]


def test_a_month_without_cases_is_unknown_and_neither_zero_nor_the_end_of_a_run() -> None:
    half = [Group(2, 10)] * 5 + [Group(0, 0)] + [Group(2, 10)] * 5 + [Group(8, 10)] * 10
    chart = proportions(half)
    gap = chart.points[5]
    assert (gap.value, gap.limits, gap.is_signal) == (None, None, False)
    assert chart.known == 20
    assert Signal("run", "below", 0, 10) in chart.signals


def test_months_without_an_event_are_no_signal_where_luck_makes_them_often() -> None:
    # One event in twenty months of two: most months have none, and that says nothing.
    quiet = [Group(0, 2)] * 10 + [Group(1, 2)] + [Group(0, 2)] * 9
    assert [signal.kind for signal in proportions(quiet).signals] == ["beyond"]
    # The same share of events, but of so many cases that ten months without any are no luck.
    loud = [Group(0, 60)] * 10 + [Group(30, 60)] + [Group(0, 60)] * 9
    assert Signal("run", "below", 0, 9) in proportions(loud).signals


def test_months_in_which_it_always_or_never_happens_have_no_signal() -> None:
    for events in (0, 3):
        chart = proportions([Group(events, 3)] * 12)
        assert chart.center == 100 * events / 3
        assert chart.signals == ()


def test_more_events_than_cases_are_impossible() -> None:
    for events, cases in ((2, 1), (-1, 3)):
        with pytest.raises(ValueError, match="events of"):
            Group(events, cases)


def test_a_month_of_two_thousand_cases_is_reckoned_too() -> None:
    chart = proportions([Group(900, 2000)] * 8 + [Group(1100, 2000)] * 8)
    assert {signal.kind for signal in chart.signals} == {"beyond", "run"}


@given(values)
def test_average_and_limits_of_any_values_are_in_order(given_values: list[float]) -> None:
    chart = individuals(given_values)
    assert chart.center is not None
    for point, value in zip(chart.points, given_values, strict=True):
        assert point.limits is not None
        assert 0 <= point.limits.lower <= chart.center <= point.limits.upper
        assert point.value == value
        if point.beyond:
            assert not point.limits.lower <= value <= point.limits.upper


@given(st.lists(st.integers(0, 1000), min_size=FEWEST, max_size=40), st.integers(-8, 8))
def test_another_unit_changes_no_signal(counted: list[int], power: int) -> None:
    """Powers of two, so that nothing is rounded."""
    other = individuals([number * 2.0**power for number in counted])
    assert individuals([float(number) for number in counted]).signals == other.signals


@given(values)
def test_every_run_is_long_enough_and_on_one_side(given_values: list[float]) -> None:
    chart = individuals(given_values)
    assert chart.center is not None
    for signal in chart.signals:
        if signal.kind == "run":
            assert signal.last - signal.first + 1 >= RUN
            sides = {value > chart.center for value in given_values[signal.first : signal.last + 1]}
            assert sides == {signal.side == "above"}


@given(groups)
def test_shares_of_any_months_stay_between_none_and_all(months: list[Group]) -> None:
    chart = proportions(months)
    assert chart.known == sum(1 for month in months if month.cases)
    for point, month in zip(chart.points, months, strict=True):
        assert (point.value is None) == (month.cases == 0)
        if point.value is not None:
            assert 0 <= point.value <= 100
        assert (point.limits is None) == (chart.center is None or not month.cases)
        if point.limits:
            assert 0 <= point.limits.lower <= point.limits.upper <= 100


@given(groups.filter(lambda months: sum(1 for month in months if month.cases) >= FEWEST))
def test_events_and_their_absence_mirror_each_other(months: list[Group]) -> None:
    chart = proportions(months)
    mirrored = proportions([Group(month.cases - month.events, month.cases) for month in months])
    assert chart.center is not None and mirrored.center == pytest.approx(100 - chart.center)
    flipped = {"above": "below", "below": "above"}
    assert sorted(
        (each.kind, flipped[each.side], each.first, each.last) for each in mirrored.signals
    ) == sorted((each.kind, each.side, each.first, each.last) for each in chart.signals)


@given(st.integers(1, 399))
def test_limits_of_a_share_are_three_standard_errors(events_of_400: int) -> None:
    share = events_of_400 / 400
    chart = proportions([Group(events_of_400, 400)] * FEWEST + [Group(0, 0)])
    limits = chart.points[0].limits
    assert limits is not None
    reach = 300 * sqrt(share * (1 - share) / 400)
    assert limits.lower == pytest.approx(max(0, 100 * share - reach))
    assert limits.upper == pytest.approx(min(100, 100 * share + reach))


@pytest.mark.parametrize(
    ("weight_kg", "key"),
    [
        (2.9, "below-10"),
        (9.99, "below-10"),
        (10, "10-25"),
        (24.99, "10-25"),
        (25, "25-40"),
        (39.9, "25-40"),
        (40, "from-40"),
        (140, "from-40"),
    ],
)
def test_a_band_begins_with_its_lower_weight(weight_kg: float, key: str) -> None:
    band = band_of(weight_kg)
    assert band is not None and band.key == key
    assert [each.key for each in BANDS if each.holds(weight_kg)] == [key]


def test_an_unknown_weight_has_no_band() -> None:
    assert band_of(None) is None
