"""Growth velocity from two heights, and findings that contradict each other."""

from datetime import date
from typing import Any

import pytest

from followup.rules.findings import contradictions, performance_scale
from followup.rules.growth import Height, growth_answer, growth_velocity

ON = date(2026, 3, 2)


def velocity(*earlier: Height, now: float = 118.0) -> float | None:
    """The velocity up to a height of today, rounded as it is shown."""
    answer = growth_answer(growth_velocity([*earlier, Height(ON, now)], ON))
    found = answer.result["cm_per_year"]
    assert found is None or isinstance(found, float)
    return found


def test_a_year_between_two_heights_gives_their_difference() -> None:
    # 6.2 cm in 365 days are 6.2 / 365 × 365.25 = 6.204 cm a year.
    assert velocity(Height(date(2025, 3, 2), 111.8)) == 6.2


def test_half_a_year_is_doubled() -> None:
    # 3.0 cm in 181 days are 3.0 / 181 × 365.25 = 6.05 cm a year.
    assert velocity(Height(date(2025, 9, 2), 115.0)) == 6.1


@pytest.mark.parametrize(
    ("earlier", "counts"),
    [
        (date(2025, 9, 16), True),  # 14 days less than 6 months
        (date(2025, 9, 17), False),
        (date(2024, 9, 2), True),  # 18 months
        (date(2024, 9, 1), False),
    ],
)
def test_the_earlier_height_lies_6_to_18_months_back(earlier: date, counts: bool) -> None:
    assert (velocity(Height(earlier, 115.0)) is not None) is counts


def test_of_several_earlier_heights_the_one_nearest_to_a_year_counts() -> None:
    growth = growth_velocity(
        [
            Height(date(2024, 10, 1), 108.0),
            Height(date(2025, 2, 20), 111.0),
            Height(date(2025, 8, 30), 114.5),
            Height(ON, 117.0),
        ],
        ON,
    )
    assert growth.before == Height(date(2025, 2, 20), 111.0)


def test_without_an_earlier_height_the_velocity_is_unknown_and_says_what_is_missing() -> None:
    growth = growth_velocity([Height(ON, 117.0)], ON)
    assert (growth.cm_per_year, growth.missing) == (None, ("earlier_height_cm",))


def test_without_a_height_of_the_day_nothing_is_computed() -> None:
    growth = growth_velocity([Height(date(2025, 3, 2), 111.8)], ON)
    assert (growth.cm_per_year, growth.now, growth.missing) == (None, None, ("height_cm",))


def test_a_child_that_seems_to_shrink_is_flagged() -> None:
    growth = growth_velocity([Height(date(2025, 3, 2), 120.0), Height(ON, 118.0)], ON)
    assert growth.cm_per_year is not None and growth.cm_per_year < 0
    assert growth.flags == ("height_fell",)


@pytest.mark.parametrize(("on", "scale"), [(date(2026, 3, 1), "lansky"), (date(2026, 3, 2), "karnofsky")])
def test_karnofsky_counts_from_the_16th_birthday(on: date, scale: str) -> None:
    assert performance_scale(date(2010, 3, 2), on) == scale


@pytest.mark.parametrize(
    ("found", "field"),
    [
        ({"mrd_result": "negative"}, "mrd_method"),
        ({"mrd_material": "marrow"}, "mrd_result"),
        ({"chimerism_material": "blood"}, "chimerism_donor_percent"),
        ({"pedsql_total": 80.0}, "pedsql_respondent"),
        ({"pedsql_respondent": "self"}, "pedsql_total"),
        ({"car_copies_per_ug": 120.0}, "car_method"),
        ({"car_method": "flow", "car_copies_per_ug": 120.0}, "car_copies_per_ug"),
        ({"car_method": "qpcr", "car_percent": 1.2}, "car_percent"),
        (
            {"car_method": "qpcr", "car_result": "below_limit", "car_copies_per_ug": 3.0},
            "car_copies_per_ug",
        ),
        ({"car_method": "qpcr"}, "car_result"),
        ({"last_immunoglobulin_on": date(2026, 3, 3)}, "last_immunoglobulin_on"),
        ({"last_immunoglobulin_on": ON, "ever_replaced": False}, "ever_replaced"),
        ({"neurocognition_on": date(2026, 3, 3)}, "neurocognition_on"),
    ],
)
def test_findings_that_contradict_each_other_name_the_field(found: dict[str, Any], field: str) -> None:
    assert list(contradictions(found, ON)) == [field]


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"mrd_result": "positive", "mrd_method": "ngs", "mrd_sensitivity": 0.000001},
        {"car_method": "qpcr", "car_result": "below_limit", "car_limit": 50.0},
        {"pedsql_total": 80.0, "pedsql_respondent": "parent"},
        {"ever_replaced": True, "last_immunoglobulin_on": ON},
    ],
)
def test_findings_that_fit_are_left_alone(found: dict[str, Any]) -> None:
    assert contradictions(found, ON) == {}
