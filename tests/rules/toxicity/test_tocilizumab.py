"""Tocilizumab: the step at 30 kg, the maximum, and the limits on another dose."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.calculating import oracles, refused, result, run
from toxicity.grading.tocilizumab import tocilizumab_dose, tocilizumab_limits

ROME = ZoneInfo("Europe/Rome")
AT = datetime(2026, 3, 2, 8, 0, tzinfo=ROME)


def hours_ago(*hours: float) -> tuple[datetime, ...]:
    return tuple(AT - timedelta(hours=each) for each in hours)


@pytest.mark.parametrize("oracle", oracles("tocilizumab_dose"), ids=lambda oracle: oracle["id"])
def test_the_published_and_derived_doses(oracle: dict[str, Any]) -> None:
    answer = result("tocilizumab_dose", **oracle["input"])
    assert {name: answer[name] for name in oracle["expect"]} == oracle["expect"]


def test_the_dose_falls_at_30_kg() -> None:
    assert result("tocilizumab_dose", weight_kg=29.99, previous_doses=[])["dose_mg"] == 359.9
    assert result("tocilizumab_dose", weight_kg=30, previous_doses=[])["dose_mg"] == 240.0
    assert result("tocilizumab_dose", weight_kg=30.01, previous_doses=[])["dose_mg"] == 240.1


@pytest.mark.parametrize(
    ("weight_kg", "dose_mg", "rate", "capped"),
    [
        (3, 36.0, 12, False), (10, 120.0, 12, False), (12, 144.0, 12, False), (20, 240.0, 12, False),
        (25, 300.0, 12, False), (29.9, 358.8, 12, False), (29.999, 360.0, 12, False),
        (30, 240.0, 8, False), (30.0, 240.0, 8, False), (30.1, 240.8, 8, False), (45, 360.0, 8, False),
        (58, 464.0, 8, False), (72, 576.0, 8, False), (92, 736.0, 8, False), (99.9, 799.2, 8, False),
        (100, 800.0, 8, False), (100.01, 800.0, 8, True), (120, 800.0, 8, True),
    ],
)  # fmt: skip
def test_each_weight_has_its_dose(weight_kg: float, dose_mg: float, rate: int, capped: bool) -> None:
    found = result("tocilizumab_dose", weight_kg=weight_kg, previous_doses=[])
    assert (found["dose_mg"], found["mg_per_kg"], found["capped"]) == (dose_mg, rate, capped)


def test_the_maximum_cuts_only_what_is_above_it() -> None:
    assert result("tocilizumab_dose", weight_kg=100, previous_doses=[])["capped"] is False
    heavy = result("tocilizumab_dose", weight_kg=100.1, previous_doses=[])
    assert (heavy["dose_mg"], heavy["capped"], heavy["mg_per_kg"]) == (800.0, True, 8)


def test_a_dose_is_rounded_half_up_to_a_tenth_of_a_milligram() -> None:
    # 8.3375 kg x 12 = 100.05 mg, which binary fractions would round down.
    assert str(tocilizumab_dose(8.3375).dose_mg) == "100.1"


@pytest.mark.parametrize(
    ("doses", "broken"),
    [
        (hours_ago(), ()),
        (hours_ago(7.99), ("interval_under_8_h",)),
        (hours_ago(8), ()),
        (hours_ago(8, 16), ()),
        (hours_ago(8, 16, 23.9), ("more_than_3_in_24_h",)),
        (hours_ago(8, 16, 24), ()),
        (hours_ago(30, 40, 50), ()),
        (hours_ago(30, 40, 50, 60), ("more_than_4_total",)),
        (hours_ago(1, 9, 17, 40), ("interval_under_8_h", "more_than_3_in_24_h", "more_than_4_total")),
    ],
)
def test_each_limit_is_flagged(doses: tuple[datetime, ...], broken: tuple[str, ...]) -> None:
    assert tocilizumab_limits(doses, AT) == broken
    assert tocilizumab_limits(doses[::-1], AT) == broken


def test_eight_hours_are_elapsed_hours_over_a_clock_change() -> None:
    # In the night to 29 March 2026 the clock in Rome jumps from 2 to 3.
    given_at = datetime(2026, 3, 28, 23, 0, tzinfo=ROME)
    assert tocilizumab_limits((given_at,), datetime(2026, 3, 29, 7, 30, tzinfo=ROME)) == (
        "interval_under_8_h",
    )
    assert tocilizumab_limits((given_at,), datetime(2026, 3, 29, 8, 0, tzinfo=ROME)) == ()


def test_a_second_dose_at_the_same_moment_is_flagged_and_not_refused() -> None:
    moment = "2026-03-02T08:00:00+01:00"
    answer = run("tocilizumab_dose", weight_kg=10, previous_doses=[moment], at=moment)
    assert answer["flags"] == ["interval_under_8_h"]


def test_the_reason_names_the_side_of_30_kg() -> None:
    assert "below 30 kg" in run("tocilizumab_dose", weight_kg=29, previous_doses=[])["explanation"][0]
    assert "from 30 kg" in run("tocilizumab_dose", weight_kg=31, previous_doses=[])["explanation"][0]


def test_only_possible_years_are_read() -> None:
    for year, possible in ((1899, False), (1900, True), (2199, True), (2200, False)):
        answer = run("tocilizumab_dose", weight_kg=10, at=f"{year}-06-01T08:00:00+01:00")
        assert ("result" in answer) is possible


def test_unknown_earlier_doses_are_missing_and_not_none() -> None:
    answer = run("tocilizumab_dose", weight_kg=10, at="2026-03-02T08:00:00+01:00")
    assert answer["result"]["dose_mg"] == 120.0
    assert (answer["missing"], answer["flags"], answer["result"]["at_least"]) == (
        ["previous_doses"],
        [],
        True,
    )


def test_without_the_time_of_the_dose_only_the_total_is_judged() -> None:
    four = [f"2026-03-0{day}T08:00:00+01:00" for day in range(1, 5)]
    answer = run("tocilizumab_dose", weight_kg=10, previous_doses=four)
    assert (answer["missing"], answer["flags"]) == (["at"], ["more_than_4_total"])
    assert run("tocilizumab_dose", weight_kg=10, previous_doses=[])["missing"] == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"weight_kg": 0}, "weight_kg"),
        ({"weight_kg": -3}, "weight_kg"),
        ({"weight_kg": 301}, "weight_kg"),
        ({"weight_kg": None}, "weight_kg"),
        ({"at": "2026-03-02T08:00:00"}, "at"),
        ({"at": "2026-03-02"}, "at"),
        ({"at": 1772434800}, "at"),
        ({"at": "1772434800"}, "at"),
        ({"at": "yesterday"}, "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"previous_doses": ["2026-03-02T07:00:00"]}, "previous_doses.0"),
        (
            {"previous_doses": ["2026-03-02T09:00:00+01:00"], "at": "2026-03-02T08:00:00+01:00"},
            "previous_doses.0",
        ),
        ({"previous_doses": "2026-03-02T07:00:00+01:00"}, "previous_doses"),
    ],
)
def test_impossible_input_is_refused_by_its_field(wrong: dict[str, Any], field: str) -> None:
    assert list(refused("tocilizumab_dose", **({"weight_kg": 10} | wrong))) == [field]


@given(st.floats(0.5, 300))
def test_no_dose_is_above_the_maximum_or_far_from_its_rate(weight_kg: float) -> None:
    dose = tocilizumab_dose(weight_kg)
    assert 0 < dose.dose_mg <= 800
    assert dose.mg_per_kg == (12 if weight_kg < 30 else 8)
    if not dose.capped:
        assert float(dose.dose_mg) == pytest.approx(weight_kg * dose.mg_per_kg, abs=0.051)
