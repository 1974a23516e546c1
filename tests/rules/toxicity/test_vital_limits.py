"""Where a child's vital signs lie by age, and when a child is hypotensive."""

from datetime import date, timedelta

import pytest

from cartpath.protocols import registry
from toxicity.observations.limits import Limit, band_of, hypotension_from, limits_for, status_of

BORN = date(2020, 3, 1)
FIGURES = registry.get("tisagenlecleucel-eu", "1").bedside


@pytest.mark.parametrize(
    ("day", "band"),
    [
        (BORN, "newborn"),
        (BORN + timedelta(days=28), "newborn"),
        (BORN + timedelta(days=29), "infant"),
        (date(2021, 2, 28), "infant"),
        (date(2021, 3, 1), "toddler"),
        (date(2023, 2, 28), "toddler"),
        (date(2023, 3, 1), "preschool"),
        (date(2026, 3, 1), "school"),
        (date(2032, 2, 29), "school"),
        (date(2032, 3, 1), "adolescent"),
        (date(2040, 3, 1), "adolescent"),
    ],
)
def test_the_band_of_an_age_changes_on_the_birthday(day: date, band: str) -> None:
    assert band_of(BORN, day).id == band


@pytest.mark.parametrize(
    ("day", "mmhg"),
    [
        (BORN + timedelta(days=28), 60),
        (BORN + timedelta(days=29), 70),
        (date(2021, 3, 1), 72),
        (date(2025, 2, 28), 78),
        (date(2025, 3, 1), 80),
        (date(2030, 3, 1), 90),
        (date(2036, 3, 1), 90),
    ],
)
def test_the_pressure_of_danger_follows_the_completed_years(day: date, mmhg: int) -> None:
    assert limits_for(BORN, day, FIGURES)["systolic"].urgent_low == mmhg


@pytest.mark.parametrize(
    ("years", "heart_rate", "respiratory_rate", "systolic"),
    [
        pytest.param(0, (100, 205), (30, 60), (67, 84), id="newborn"),
        pytest.param(0.5, (100, 180), (30, 53), (72, 104), id="infant"),
        pytest.param(1, (98, 140), (22, 37), (86, 106), id="1 to 2 years"),
        pytest.param(3, (80, 120), (20, 28), (89, 112), id="3 to 5 years"),
        pytest.param(6, (75, 118), (18, 25), (97, 115), id="6 to 11 years"),
        pytest.param(12, (60, 100), (12, 20), (110, 131), id="12 to 15 years"),
    ],
)
def test_the_usual_values_are_those_printed_for_the_age(
    years: float,
    heart_rate: tuple[int, int],
    respiratory_rate: tuple[int, int],
    systolic: tuple[int, int],
) -> None:
    limits = limits_for(BORN, BORN + timedelta(days=round(years * 365.25) + 2), FIGURES)
    for code, (low, high) in (
        ("heart_rate", heart_rate),
        ("respiratory_rate", respiratory_rate),
        ("systolic", systolic),
    ):
        below = [status_of(value, limits[code]) for value in (low - 1, low, high, high + 1)]
        assert below[1:] == ["normal", "normal", "high"]
        assert below[0] in ("low", "urgent_low")


def test_every_limit_says_where_it_comes_from() -> None:
    for limit in limits_for(BORN, date(2026, 5, 1), FIGURES).values():
        assert limit.source
        assert (limit.status == "center_default") == ("DESIGN" in limit.source)


@pytest.mark.parametrize(
    ("value", "status"),
    [(35.9, "low"), (36.0, "normal"), (37.9, "normal"), (38.0, "high"), (41.0, "high")],
)
def test_fever_begins_at_38(value: float, status: str) -> None:
    assert status_of(value, limits_for(BORN, date(2026, 5, 1), FIGURES)["temperature_c"]) == status


@pytest.mark.parametrize(
    ("value", "status"), [(89, "urgent_low"), (90, "low"), (93, "low"), (94, "normal"), (100, "normal")]
)
def test_saturation_is_low_under_94_and_urgent_under_90(value: float, status: str) -> None:
    assert status_of(value, limits_for(BORN, date(2026, 5, 1), FIGURES)["spo2"]) == status


def test_a_value_on_a_limit_is_normal_and_nothing_is_judged_without_one() -> None:
    limit = Limit(low=75, high=118)
    assert [status_of(value, limit) for value in (74, 75, 118, 119)] == ["low", "normal", "normal", "high"]
    assert status_of(500, None) == "normal"


@pytest.mark.parametrize(
    ("systolic", "vasopressors", "bolus", "judged", "expected"),
    [
        (79, False, False, None, (True, "below_limit")),
        (80, False, False, None, (False, "normal_pressure")),
        (120, True, False, None, (True, "vasopressor")),
        (120, False, True, None, (True, "fluid_bolus")),
        (120, None, False, None, (None, None)),
        (79, None, False, None, (True, "below_limit")),
        (None, False, False, None, (None, None)),
        (None, False, True, None, (True, "fluid_bolus")),
        (None, True, False, None, (True, "vasopressor")),
        (79, True, True, False, (False, "judged")),
        (120, False, False, True, (True, "judged")),
    ],
)
def test_hypotension_is_judged_from_all_that_keeps_the_pressure(
    systolic: float | None,
    vasopressors: bool | None,
    bolus: bool,
    judged: bool | None,
    expected: tuple[bool | None, str | None],
) -> None:
    found = hypotension_from(
        systolic=systolic, limit=80, vasopressors=vasopressors, fluid_bolus=bolus, judged=judged
    )
    assert (found.hypotensive, found.because) == expected
