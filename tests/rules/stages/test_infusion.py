"""Dose by weight, lymphodepletion by body surface, and the days between the two."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.protocols import registry
from cartpath.protocols.rows import figure
from infusion.rules.dose import dose_range, weight_has_changed
from infusion.rules.lymphodepletion import body_surface_m2, expected_dose
from infusion.rules.window import ask_to_repeat, ask_to_waive, infusion_days
from tests.rules.stages.asking import ask, refused

EU = registry.get("tisagenlecleucel-eu", "1")
LYMPHODEPLETION = EU.lymphodepletion
ENDED_ON = date(2026, 3, 1)


@pytest.mark.parametrize("region", ["EU", "US"])
@pytest.mark.parametrize(
    ("weight_kg", "least", "most", "basis"),
    [
        (6.8, 1_360_000, 34_000_000, "per_kg"),
        (29.9, 5_980_000, 149_500_000, "per_kg"),
        (30, 6_000_000, 150_000_000, "per_kg"),
        (35, 7_000_000, 175_000_000, "per_kg"),
        (49.9, 9_980_000, 249_500_000, "per_kg"),
        (50.0, 10_000_000, 250_000_000, "per_kg"),
        (50.01, 10_000_000, 250_000_000, "flat"),
        (50.1, 10_000_000, 250_000_000, "flat"),
        (120, 10_000_000, 250_000_000, "flat"),
    ],
)
def test_tisagenlecleucel_is_dosed_per_kilogram_up_to_and_including_fifty(
    region: str, weight_kg: float, least: int, most: int, basis: str
) -> None:
    result = ask("dose_range", product="tisagenlecleucel", region=region, weight_kg=weight_kg).result
    assert result == {"min_cells": least, "max_cells": most, "in_range": None, "basis": basis}


@pytest.mark.parametrize(
    ("dose", "in_range", "flag"),
    [
        (3_999_999, False, "dose_below_range"),
        (4_000_000, True, None),
        (100_000_000, True, None),
        (100_000_001, False, "dose_above_range"),
    ],
)
def test_both_ends_of_the_range_are_inside(dose: float, in_range: bool, flag: str | None) -> None:
    answer = ask("dose_range", product="tisagenlecleucel", region="EU", weight_kg=20, dose_cells=dose)
    assert answer.result["in_range"] is in_range
    assert answer.flags == ([flag] if flag else [])


@pytest.mark.parametrize(
    ("weight_kg", "cells", "basis"),
    [(60, 60_000_000, "per_kg"), (100, 100_000_000, "per_kg"), (100.1, 100_000_000, "flat")],
)
def test_brexucabtagene_has_one_target_dose_and_a_cap(weight_kg: float, cells: int, basis: str) -> None:
    answer = ask("dose_range", product="brexucabtagene", region="US", weight_kg=weight_kg)
    assert answer.result == {"min_cells": cells, "max_cells": cells, "in_range": None, "basis": basis}
    assert answer.flags == ["single_target_dose"]


def test_a_dose_in_fractions_says_so() -> None:
    answer = ask("dose_range", product="obecabtagene", region="EU", weight_kg=70)
    assert answer.result["max_cells"] == 410_000_000
    assert "given_in_fractions" in answer.flags


def test_without_a_weight_nothing_is_in_range() -> None:
    found = dose_range(EU.dose_rules(), weight_kg=None, dose_cells=1e7)
    assert (found.min_cells, found.max_cells, found.in_range) == (None, None, None)
    assert found.missing == ("weight_kg",)
    assert "no weight" in found.sentence


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"product": "aspirin"}, "product"),
        ({"product": "obecabtagene", "region": "US"}, "product"),
        ({"region": "Mars"}, "region"),
        ({"weight_kg": -20}, "weight_kg"),
        ({"dose_cells": 0}, "dose_cells"),
        ({"dose_cells": "1e8"}, "dose_cells"),
        ({"weight_kg": None}, "weight_kg"),
    ],
)
def test_a_dose_question_that_makes_no_sense_is_refused(given: dict[str, object], field: str) -> None:
    sound: dict[str, object] = {"product": "tisagenlecleucel", "region": "EU", "weight_kg": 20}
    assert refused("dose_range", **sound | given) == {field}


def test_a_weight_that_no_band_holds_is_a_fault_of_the_protocol() -> None:
    with pytest.raises(ValueError, match=r"no dose band for 60 kg"):
        dose_range(EU.dose_rules()[:1], weight_kg=60)


@given(st.floats(0.3, 300), st.floats(0.3, 300))
def test_a_heavier_child_is_never_permitted_less(one: float, another: float) -> None:
    lighter, heavier = sorted((one, another))
    small = dose_range(EU.dose_rules(), weight_kg=lighter)
    large = dose_range(EU.dose_rules(), weight_kg=heavier)
    assert small.max_cells is not None
    assert large.max_cells is not None
    assert small.max_cells <= large.max_cells


@pytest.mark.parametrize(("now_kg", "changed"), [(18, False), (17.9, True), (22, False), (22.1, True)])
def test_a_tenth_of_the_weight_may_come_or_go(now_kg: float, changed: bool) -> None:
    limit = figure(EU.infusion.limits, "weight_change_percent")
    assert weight_has_changed(limit, ordered_kg=20, now_kg=now_kg) is changed


@pytest.mark.parametrize(
    ("regimen", "drugs"),
    [
        ("tisagenlecleucel_b_all", {"fludarabine": (30.0, 4, 120.0), "cyclophosphamide": (500.0, 2, 1000.0)}),
        ("brexucabtagene_all", {"fludarabine": (25.0, 3, 75.0), "cyclophosphamide": (900.0, 1, 900.0)}),
        ("obecabtagene", {"fludarabine": (30.0, 4, 120.0), "cyclophosphamide": (500.0, 2, 1000.0)}),
    ],
)
def test_each_regimen_at_one_square_meter(regimen: str, drugs: dict[str, tuple[float, int, float]]) -> None:
    result = ask("lymphodepletion", regimen=regimen, weight_kg=30, height_cm=120).result
    assert result["bsa_m2"] == 1.0
    found = {row["drug"]: (row["mg_per_day"], row["days"], row["mg_total"]) for row in result["drugs"]}  # type: ignore[attr-defined]
    assert found == drugs


def test_totals_are_reckoned_before_rounding() -> None:
    result = ask("lymphodepletion", regimen="tisagenlecleucel_b_all", weight_kg=16, height_cm=100).result
    rows = {row["drug"]: row for row in result["drugs"]}  # type: ignore[attr-defined]
    assert rows["cyclophosphamide"]["mg_per_day"] == 333.3
    assert rows["cyclophosphamide"]["mg_total"] == 666.7


def test_a_draft_regimen_is_not_offered() -> None:
    sound = {"weight_kg": 16, "height_cm": 100}
    assert refused("lymphodepletion", regimen="tisagenlecleucel_b_all_alternative", **sound) == {"regimen"}


def test_a_drug_is_found_whatever_its_case_and_only_if_the_regimen_has_it() -> None:
    regimen = EU.lymphodepletion_regimen()
    found = expected_dose(regimen, " Fludarabine", weight_kg=16, height_cm=100)
    assert found is not None
    assert found.mg_per_day == pytest.approx(20)
    assert expected_dose(regimen, "etoposide", weight_kg=16, height_cm=100) is None


@given(st.floats(0.3, 300), st.floats(20, 250))
def test_body_surface_grows_with_weight_and_height(weight_kg: float, height_cm: float) -> None:
    surface = body_surface_m2(weight_kg=weight_kg, height_cm=height_cm)
    assert surface < body_surface_m2(weight_kg=weight_kg * 1.1, height_cm=height_cm)
    assert surface < body_surface_m2(weight_kg=weight_kg, height_cm=height_cm * 1.1)


@pytest.mark.parametrize(
    ("day", "place"),
    [("2026-03-02", "early"), ("2026-03-03", "inside"), ("2026-03-15", "inside"), ("2026-03-16", "late")],
)
def test_the_infusion_follows_two_to_fourteen_days_after_lymphodepletion(day: str, place: str) -> None:
    days = infusion_days(LYMPHODEPLETION.window[0], lymphodepletion_ended_on=ENDED_ON)
    assert days.place_of(date.fromisoformat(day)) == place


def test_a_window_without_a_stated_end_stays_open() -> None:
    rule = registry.latest("brexucabtagene-eu").lymphodepletion.window[0]
    days = infusion_days(rule, lymphodepletion_ended_on=ENDED_ON)
    assert days.last_on is None
    assert days.place_of(date(2026, 3, 2)) == "early"
    assert days.place_of(date(2027, 3, 2)) == "inside"


@pytest.mark.parametrize(
    ("on", "wbc", "ask_it"),
    [
        ("2026-03-29", 5000, False),  # 28 days: not more than four weeks
        ("2026-03-29", None, False),
        ("2026-03-30", 1001, True),
        ("2026-03-30", 1000, False),
        ("2026-03-30", None, None),
    ],
)
def test_lymphodepletion_is_asked_about_again_after_four_weeks_with_white_cells(
    on: str, wbc: float | None, ask_it: bool | None
) -> None:
    question = ask_to_repeat(
        LYMPHODEPLETION.relymphodepletion[0],
        lymphodepletion_ended_on=ENDED_ON,
        on=date.fromisoformat(on),
        wbc_per_ul=wbc,
    )
    assert question.ask is ask_it


@pytest.mark.parametrize(
    ("wbc", "measured_on", "ask_it"),
    [
        (1000, "2026-03-03", True),
        (1001, "2026-03-03", False),
        (1000, "2026-03-02", None),  # eight days before
        (1000, "2026-03-11", None),  # after the infusion
        (1000, None, None),
        (None, "2026-03-03", None),
    ],
)
def test_a_waiver_is_asked_about_with_few_white_cells_within_a_week(
    wbc: float | None, measured_on: str | None, ask_it: bool | None
) -> None:
    question = ask_to_waive(
        LYMPHODEPLETION.waiver[0],
        wbc_per_ul=wbc,
        measured_on=date.fromisoformat(measured_on) if measured_on else None,
        infusion_on=date(2026, 3, 10),
    )
    assert question.ask is ask_it
