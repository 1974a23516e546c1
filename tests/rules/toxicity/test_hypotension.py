"""The systolic limit by age (PALS)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.calculating import oracles, refused, result
from toxicity.grading.hypotension import systolic_limit


@pytest.mark.parametrize("oracle", oracles("hypotension_limit"), ids=lambda oracle: oracle["id"])
def test_the_published_examples(oracle: dict[str, Any]) -> None:
    answer = result("hypotension_limit", **oracle["input"])
    assert {name: answer[name] for name in oracle["expect"]} == oracle["expect"]


@pytest.mark.parametrize(
    ("age_years", "limit"),
    [
        (0, 60),
        (28 / 365.25, 60),
        (28 / 365, 60),
        (28.9 / 365.25, 60),
        (29 / 365.25, 70),
        (29 / 365, 70),
        (0.5, 70),
        (0.999, 70),
        (1, 72),
        (1.99, 72),
        (2, 74),
        (5, 80),
        (9.99, 88),
        (10, 90),
        (10.5, 90),
        (11, 90),
        (17, 90),
        (25, 90),
    ],
)
def test_each_age_has_its_limit(age_years: float, limit: int) -> None:
    assert systolic_limit(age_years) == limit


@pytest.mark.parametrize("day", range(1, 60))
def test_a_day_is_never_lost_to_rounding(day: int) -> None:
    assert systolic_limit(day / 365.25) == (60 if day <= 28 else 70)


@pytest.mark.parametrize(
    ("systolic", "below"), [(79, True), (79.9, True), (80, False), (81, False), (None, None)]
)
def test_only_a_lower_pressure_is_below_the_limit(systolic: float | None, below: bool | None) -> None:
    assert result("hypotension_limit", age_years=5, systolic=systolic)["below"] is below


@pytest.mark.parametrize("wrong", [{}, {"age_years": None}, {"age_years": -1}, {"age_years": 121}])
def test_an_age_is_required_and_possible(wrong: dict[str, Any]) -> None:
    assert list(refused("hypotension_limit", **wrong)) == ["age_years"]


@given(st.floats(0, 30), st.floats(0, 30))
def test_the_limit_never_falls_with_age(one: float, other: float) -> None:
    younger, older = sorted((one, other))
    assert systolic_limit(younger) <= systolic_limit(older)
