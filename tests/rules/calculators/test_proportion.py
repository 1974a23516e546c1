"""A proportion with its exact and its score interval."""

from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.calculators.proportion import beta_quantile, clopper_pearson, wilson
from tests.rules.calculating import oracles, refused, result, run

pairs = st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@pytest.mark.parametrize("oracle", oracles("proportion"), ids=lambda oracle: oracle["id"])
def test_six_decimals_agree_with_r(oracle: dict[str, Any]) -> None:
    answer = result("proportion", **oracle["input"])
    assert {name: answer[name] for name in oracle["expect"]} == oracle["expect"]


def test_nobody_observed_is_not_estimable() -> None:
    answer = run("proportion", n=0, of=0)
    assert answer["result"] == {"value": None, "clopper_pearson": None, "wilson": None}


@pytest.mark.parametrize("of", [1, 2, 10, 75, 1000, 1_000_000])
def test_the_edges_have_a_closed_form(of: int) -> None:
    assert clopper_pearson(0, of) == pytest.approx((0, 1 - 0.025 ** (1 / of)), abs=1e-9)
    assert clopper_pearson(of, of) == pytest.approx((0.025 ** (1 / of), 1), abs=1e-9)


def test_a_beta_quantile_with_a_closed_form() -> None:
    assert beta_quantile(0.3, 1, 1) == pytest.approx(0.3)
    assert beta_quantile(0.25, 2, 1) == pytest.approx(0.5)
    assert beta_quantile(0.5, 40, 40) == pytest.approx(0.5)


@pytest.mark.parametrize("of", [1_000_000, 10_000_000])
def test_large_samples_come_close_to_the_score_interval(of: int) -> None:
    assert clopper_pearson(of // 3, of) == pytest.approx(wilson(of // 3, of), abs=2e-6)


@given(pairs)
def test_the_exact_limits_leave_a_fortieth_on_each_side(pair: tuple[int, int]) -> None:
    n, of = pair
    low, high = clopper_pearson(n, of)
    if n:
        at_least_n = sum(comb(of, k) * low**k * (1 - low) ** (of - k) for k in range(n, of + 1))
        assert at_least_n == pytest.approx(0.025, abs=1e-7)
    if n < of:
        at_most_n = sum(comb(of, k) * high**k * (1 - high) ** (of - k) for k in range(n + 1))
        assert at_most_n == pytest.approx(0.025, abs=1e-7)


@given(pairs)
def test_both_intervals_hold_the_share_and_mirror_each_other(pair: tuple[int, int]) -> None:
    n, of = pair
    for interval in (clopper_pearson, wilson):
        low, high = interval(n, of)
        assert 0 <= low <= n / of <= high <= 1
        mirrored = interval(of - n, of)
        assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"n": 3, "of": 2}, "n"),
        ({"n": -1, "of": 2}, "n"),
        ({"n": 1, "of": 10**12}, "of"),
        ({"n": 1.5, "of": 2}, "n"),
        ({"n": True, "of": 2}, "n"),
        ({"n": 1}, "of"),
    ],
)
def test_impossible_input_is_refused_by_its_field(wrong: dict[str, Any], field: str) -> None:
    assert list(refused("proportion", **wrong)) == [field]


@pytest.mark.parametrize("of", [*range(1, 60), 1000, 123_457])
def test_at_the_edges_a_limit_is_0_or_1_exactly(of: int) -> None:
    for interval in (wilson, clopper_pearson):
        assert interval(0, of)[0] == 0.0
        assert interval(of, of)[1] == 1.0
