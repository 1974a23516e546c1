"""The signs of red flags, read from facts alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cartpath.protocols.alert_rows import AlertRule, missing_figures
from cartpath.protocols.loader import read_folder
from cartpath.protocols.schema import Protocol
from toxicity.alerts.rules.facts import Facts, Given, Graded, Point, Prompted
from toxicity.alerts.rules.signs import read
from toxicity.alerts.words import because_words

T0 = datetime(2026, 3, 3, 8, tzinfo=UTC)


def after(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


@cache
def shipped() -> Protocol:
    """A protocol as it ships."""
    protocols, _parts = read_folder(Path(__file__).resolve().parents[2] / "cartpath" / "protocols")
    return protocols[0]


def points(*pairs: tuple[float, Any], ref: str = "set") -> list[Point]:
    return [Point(after(hours), value, f"{ref}-{hours:g}") for hours, value in pairs]


def facts(now: float = 48, **told: Any) -> Facts:
    told.setdefault("figures", shipped().bedside)
    return Facts(at=after(now), since=after(now - 24), **told)


@pytest.fixture(scope="module")
def rules() -> dict[str, AlertRule]:
    """The red flags as they ship."""
    return {row.id: row for row in shipped().pathway.alerts}


def degrees(rule: AlertRule, known: Facts) -> list[tuple[float, float]]:
    """Hours and degree of each moment at which the sign is known."""
    return [((seen.at - T0).total_seconds() / 3600, round(seen.degree, 3)) for seen in read(rule, known)]


def test_every_red_flag_that_ships_has_its_figures_and_a_source(rules: dict[str, AlertRule]) -> None:
    assert {row.id: missing_figures(row) for row in rules.values() if missing_figures(row)} == {}
    assert all(row.source and row.status == "center_default" for row in rules.values())
    assert {row.id for row in rules.values() if row.urgency == "emergency"} == {
        "alert_seizure",
        "alert_raised_icp",
        "alert_icans_3",
        "alert_crs_3",
        "alert_very_low_saturation",
    }


@pytest.mark.parametrize(("value", "holds"), [(37.9, 0.0), (38.0, 1.0), (40.5, 1.0)])
def test_fever_begins_at_38_degrees(rules: dict[str, AlertRule], value: float, holds: float) -> None:
    known = facts(points={"temperature_c": points((1, value))})
    assert degrees(rules["alert_new_fever"], known) == [(1, holds)]


def test_a_pressure_is_low_for_the_age_or_a_fifth_below_the_child_s_own(rules: dict[str, AlertRule]) -> None:
    told: dict[str, Any] = {
        "points": {"systolic": points((1, 80.0), (2, 76.0), (3, 75.0), (4, 70.0))},
        "systolic_limit": 76,
    }
    assert degrees(rules["alert_low_pressure"], facts(**told)) == [(1, 0), (2, 0), (3, 1), (4, 6)]
    own = degrees(rules["alert_low_pressure"], facts(**told, own_systolic=100.0))
    assert own == [(1, 0), (2, 4), (3, 5), (4, 10)]


def test_without_a_limit_and_an_own_pressure_nothing_is_known(rules: dict[str, AlertRule]) -> None:
    assert degrees(rules["alert_low_pressure"], facts(points={"systolic": points((1, 40.0))})) == []


def test_more_oxygen_is_worse_and_six_liters_are_still_low_flow(rules: dict[str, AlertRule]) -> None:
    devices = [(1, "none"), (2, "nasal_cannula"), (3, "nasal_cannula"), (4, "face_mask"), (5, "cpap")]
    known = facts(
        points={
            "oxygen_device": points(*devices),
            "oxygen_flow": points((2, 6.0), (3, 6.1)),
        }
    )
    assert degrees(rules["alert_new_oxygen"], known) == [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3)]


def test_saturation_is_urgent_below_94_and_an_emergency_below_90(rules: dict[str, AlertRule]) -> None:
    known = facts(points={"spo2": points((1, 94.0), (2, 93.0), (3, 90.0), (4, 89.0))})
    assert degrees(rules["alert_low_saturation"], known) == [(1, 0), (2, 1), (3, 4), (4, 5)]
    assert degrees(rules["alert_very_low_saturation"], known) == [(1, 0), (2, 0), (3, 0), (4, 1)]


def test_a_lower_bound_raises_but_never_shows_that_a_grade_is_gone(rules: dict[str, AlertRule]) -> None:
    graded = [Graded(after(1), 3, True, "a"), Graded(after(2), 0, True, "b"), Graded(after(3), 1, False, "c")]
    assert degrees(rules["alert_crs_3"], facts(crs=graded)) == [(1, 3), (3, 0)]


def test_a_seizure_that_lasts_is_worse_than_one_that_resolved(rules: dict[str, AlertRule]) -> None:
    known = facts(points={"seizure": points((1, "none"), (2, "resolved"), (3, "prolonged_or_repetitive"))})
    assert degrees(rules["alert_seizure"], known) == [(1, 0), (2, 3), (3, 4)]


def test_ice_counts_below_ten_and_a_fall_counts_too(rules: dict[str, AlertRule]) -> None:
    known = facts(points={"ice": points((1, 10), (2, 9), (3, 6))})
    assert degrees(rules["alert_ice"], known) == [(1, 0), (2, 1), (3, 4)]


def test_a_rise_of_capd_counts_only_where_the_center_says_how_much(rules: dict[str, AlertRule]) -> None:
    known = facts(points={"capd": points((1, 2), (2, 7), (3, 12))})
    rule = rules["alert_capd"]
    assert degrees(replace(rule, change=None), known) == [(1, 0), (2, 0), (3, 12)]
    assert degrees(replace(rule, change=5), known) == [(1, 0), (2, 7), (3, 12)]
    assert degrees(replace(rule, change=6), known) == [(1, 0), (2, 0), (3, 12)]


def test_a_slow_rise_of_capd_is_a_rise_and_lasts_while_the_child_stays_there(
    rules: dict[str, AlertRule],
) -> None:
    creeping = points((1, 2), (9, 4), (17, 5), (25, 6), (33, 6), (41, 3))
    rule = replace(rules["alert_capd"], change=4)
    assert degrees(rule, facts(points={"capd": creeping})) == [
        *((1, 0), (9, 0), (17, 0)),
        *((25, 6), (33, 6), (41, 0)),
    ]


def test_capd_is_compared_with_the_child_s_own_before_the_infusion(rules: dict[str, AlertRule]) -> None:
    rule, known = replace(rules["alert_capd"], change=4), points((1, 4), (70, 5))
    assert degrees(rule, facts(now=71, points={"capd": known})) == [(1, 0), (70, 0)]
    assert degrees(rule, facts(now=71, points={"capd": known}, own_capd=1)) == [(1, 0), (70, 5)]


def test_ice_is_compared_with_the_best_the_child_could_do(rules: dict[str, AlertRule]) -> None:
    rule = replace(rules["alert_ice"], below=7)
    known = facts(points={"ice": points((1, 9), (9, 8), (17, 8))})
    assert degrees(rule, known) == [(1, 0), (9, 1), (17, 1)]
    assert degrees(rule, replace(known, own_ice=10)) == [(1, 1), (9, 1), (17, 1)]


@pytest.mark.parametrize("own", range(60, 200))
def test_a_pressure_a_fifth_below_the_child_s_own_is_not_yet_low(
    rules: dict[str, AlertRule], own: int
) -> None:
    at, below = points((1, own * 0.8), (2, own * 0.8 - 0.1))
    told = facts(points={"systolic": [at, below]}, own_systolic=float(own))
    assert [each.holds for each in read(rules["alert_low_pressure"], told)] == [False, True]


def test_boluses_of_a_day_are_counted_and_a_day_without_is_the_end(rules: dict[str, AlertRule]) -> None:
    given = [Given(after(hours), "fluid_bolus", f"b{hours}") for hours in (1, 5, 26)]
    assert degrees(rules["alert_fluid_bolus"], facts(now=51, given=given)) == [
        (1, 1),
        (5, 2),
        (26, 2),
        (26, 0),
        (51, 0),
    ]


def test_icans_without_crs_needs_to_know_that_there_is_no_crs(rules: dict[str, AlertRule]) -> None:
    rule, icans = rules["alert_icans_without_crs"], [Graded(after(5), 1, True, "i")]
    assert degrees(rule, facts(icans=icans)) == []
    assert degrees(rule, facts(icans=icans, crs=[Graded(after(4), 0, False, "c")])) == [(5, 1)]
    assert degrees(rule, facts(icans=icans, crs=[Graded(after(4), 0, True, "c")])) == []
    assert degrees(rule, facts(icans=icans, crs=[Graded(after(4), 2, False, "c")])) == [(5, 0)]


def crs(*pairs: tuple[float, int]) -> list[Graded]:
    return [Graded(after(hours), grade, False, f"c{hours:g}") for hours, grade in pairs]


@pytest.mark.parametrize(
    ("grades", "seen"),
    [
        pytest.param(((1, 2), (13, 2)), [], id="eleven hours are too early"),
        pytest.param(((1, 2), (14, 2)), [(14, 2)], id="no better after twelve hours"),
        pytest.param(((1, 2), (14, 1)), [(14, 0)], id="better"),
        pytest.param(((1, 2), (5, 3)), [(5, 3)], id="worse at any time"),
        pytest.param(((14, 2),), [], id="nothing known before the dose"),
    ],
)
def test_tocilizumab_fails_when_crs_is_worse_or_no_better(
    rules: dict[str, AlertRule], grades: tuple[tuple[float, int], ...], seen: list[tuple[float, float]]
) -> None:
    known = facts(crs=crs(*grades), given=[Given(after(2), "tocilizumab", "t")])
    assert degrees(rules["alert_tocilizumab_failure"], known) == seen


def test_fever_with_few_neutrophils_needs_both(rules: dict[str, AlertRule]) -> None:
    rule = rules["alert_fever_neutropenia"]
    fever, few = points((3, 38.4)), points((1, 400.0), ref="lab")
    assert degrees(rule, facts(points={"temperature_c": fever})) == []
    assert degrees(rule, facts(points={"temperature_c": fever, "anc": few})) == [(3, 1)]
    late = points((60, 38.4))
    assert degrees(rule, facts(now=61, points={"temperature_c": late, "anc": few})) == []


def test_values_that_are_missing_neither_prompt_nor_calm(rules: dict[str, AlertRule]) -> None:
    prompted = [
        Prompted(after(1), None, (), "s1"),
        Prompted(after(9), True, ("ferritin_above_2_times", "fibrinogen_below_150"), "s2"),
        Prompted(after(20), False, (), "s3"),
    ]
    assert degrees(rules["alert_hyperinflammation"], facts(prompted=prompted)) == [(9, 2), (20, 0)]


def test_every_sign_has_words_with_its_numbers(rules: dict[str, AlertRule]) -> None:
    known = facts(
        now=51,
        points={
            "temperature_c": points((3, 38.4)),
            "anc": points((1, 400.0)),
            "systolic": points((1, 70.0)),
            "spo2": points((1, 88.0)),
            "oxygen_device": points((1, "nasal_cannula")),
            "oxygen_flow": points((1, 2.0)),
            "seizure": points((1, "resolved")),
            "raised_icp": points((1, "focal_edema")),
            "ice": points((1, 10), (2, 7)),
            "capd": points((1, 12)),
            "handwriting": points((1, "changed")),
        },
        crs=[*crs((1, 3), (15, 3))],
        icans=[Graded(after(3), 3, True, "i")],
        given=[Given(after(2), "tocilizumab", "t"), Given(after(2), "fluid_bolus", "f")],
        prompted=[Prompted(after(9), True, ("ferritin_above_2_times", "fibrinogen_below_150"), "s")],
        systolic_limit=76,
        own_systolic=100.0,
    )
    said = {
        rule.id: because_words({"sign": rule.sign, **next(s for s in read(rule, known) if s.holds).because})
        for rule in rules.values()
        if rule.sign != "icans_without_crs"
    }
    assert all(said.values())
    assert said["alert_low_pressure"] == (
        "systolic 70 mmHg, limit of the age 76, own before the infusion 100"
    )
    assert said["alert_new_oxygen"] == "Nasal cannula, 2 L/min"
    assert said["alert_icans_3"] == "ICANS grade 3 or more"
    assert said["alert_ice"] == "ICE 7, before 10"
    assert said["alert_fever_neutropenia"] == "38.4 °C, neutrophils 400/µL"
    assert said["alert_tocilizumab_failure"] == "CRS grade 3, 13 h after the dose; grade 3 before it"
