"""Leukapheresis arithmetic: blood volume, prime, volume to process, efficiency, counts, expiry."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.protocols import registry
from leukapheresis.rules.counts import BloodCounts, go_ahead
from leukapheresis.rules.expiry import expiry_day
from tests.rules.stages.asking import ask, refused

RULES = registry.apheresis("pediatric")
EXPIRY = registry.get("tisagenlecleucel-eu", "1").product.expiry

PLAN = {"weight_kg": 30, "ml_per_kg": 75, "device_ecv_ml": 200, "pre_cd3_per_ul": 500, "target_cd3": 1e9}


@pytest.mark.parametrize(
    ("weight_kg", "method", "ml"),
    [(34.9, "per_kg", 2617.5), (35, "nadler", 2730.9), (35.1, "nadler", 2734.12), (60, "nadler", 3535.65)],
)
def test_nadler_holds_from_thirty_five_kilograms(weight_kg: float, method: str, ml: float) -> None:
    answer = ask("total_blood_volume", weight_kg=weight_kg, height_cm=143, sex="male", ml_per_kg=75)
    expected = (
        round((0.3669 * 1.43**3 + 0.03219 * weight_kg + 0.6041) * 1000, 2) if method == "nadler" else ml
    )
    assert answer.result == {"ml": expected, "method": method}


def test_girls_have_their_own_coefficients() -> None:
    answer = ask("total_blood_volume", weight_kg=50, height_cm=160, sex="female")
    assert answer.result["ml"] == round((0.3561 * 1.6**3 + 0.03308 * 50 + 0.1833) * 1000, 2)


@pytest.mark.parametrize(
    ("given", "missing"), [({"height_cm": 150}, ["sex"]), ({"sex": "male"}, ["height_cm"])]
)
def test_a_heavier_child_without_height_or_sex_is_reckoned_by_weight(
    given: dict[str, object], missing: list[str]
) -> None:
    answer = ask("total_blood_volume", weight_kg=40, ml_per_kg=70, **given)
    assert answer.result == {"ml": 2800.0, "method": "per_kg"}
    assert answer.missing == missing


def test_without_a_site_factor_the_lowest_published_one_is_used_and_flagged() -> None:
    answer = ask("total_blood_volume", weight_kg=6.8)
    assert answer.result == {"ml": 476.0, "method": "per_kg"}
    assert answer.flags == ["default_blood_volume_factor"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"weight_kg": -1}, "weight_kg"),
        ({"weight_kg": 0}, "weight_kg"),
        ({"weight_kg": "20"}, "weight_kg"),
        ({"weight_kg": True}, "weight_kg"),
        ({"weight_kg": 20, "height_cm": 1.2}, "height_cm"),
        ({"weight_kg": 20, "sex": "boy"}, "sex"),
        ({"weight_kg": 20, "wieght": 3}, "wieght"),
        ({"weight_kg": float("nan")}, "weight_kg"),
    ],
)
def test_impossible_values_are_refused_at_their_field(given: dict[str, object], field: str) -> None:
    assert refused("total_blood_volume", **given) == {field}


@pytest.mark.parametrize(
    ("weight_kg", "ecv", "required", "flags"),
    [
        (40, 300, False, set()),  # 10 % of 3,000 mL
        (40, 301, False, {"ecv_high"}),
        (40, 450, False, {"ecv_high"}),  # 15 %
        (40, 451, True, {"ecv_high", "prime_by_ecv"}),
        (25, 150, False, set()),
        (24.9, 150, True, {"prime_by_weight"}),
        (6.8, 253, True, {"ecv_high", "prime_by_ecv", "prime_by_weight"}),
    ],
)
def test_a_prime_is_required_above_fifteen_percent_or_below_twenty_five_kilograms(
    weight_kg: float, ecv: float, required: bool, flags: set[str]
) -> None:
    answer = ask("apheresis_plan", **PLAN | {"weight_kg": weight_kg, "device_ecv_ml": ecv})
    assert answer.result["prime_required"] is required
    assert {flag for flag in answer.flags if flag.startswith(("ecv", "prime"))} == flags


def test_without_platelets_the_fall_stays_unknown() -> None:
    answer = ask("apheresis_plan", **PLAN)
    assert answer.result["predicted_platelets"] is None
    assert answer.missing == ["pre_platelets"]


@pytest.mark.parametrize(("before", "after", "low"), [(62, 29.8, True), (62.5, 30.0, False), (0, 0.0, True)])
def test_few_platelets_afterwards_are_flagged(before: float, after: float, low: bool) -> None:
    answer = ask("apheresis_plan", **PLAN, pre_platelets=before)
    assert answer.result["predicted_platelets"] == after
    assert ("platelets_low_afterwards" in answer.flags) is low


def test_a_given_efficiency_replaces_the_forty_percent() -> None:
    assert ask("apheresis_plan", **PLAN).result["volume_to_process_l"] == 5.0
    assert ask("apheresis_plan", **PLAN, collection_efficiency=0.8).result["volume_to_process_l"] == 2.5
    assert ask("apheresis_plan", **PLAN, collection_efficiency=None).result["volume_to_process_l"] == 5.0


def test_more_than_six_blood_volumes_are_flagged() -> None:
    answer = ask("apheresis_plan", **PLAN | {"pre_cd3_per_ul": 100})
    assert answer.result["tbv_multiples"] == 11.11
    assert "many_blood_volumes" in answer.flags


@given(st.floats(0.3, 300), st.floats(1, 2000), st.floats(1, 1e6), st.floats(1, 1e12), st.floats(0.01, 1))
def test_what_is_processed_holds_the_target(
    weight_kg: float, ecv: float, cd3: float, target: float, efficiency: float
) -> None:
    result = ask(
        "apheresis_plan",
        weight_kg=weight_kg,
        device_ecv_ml=ecv,
        pre_cd3_per_ul=cd3,
        target_cd3=target,
        collection_efficiency=efficiency,
    ).result
    liters = result["volume_to_process_l"]
    assert isinstance(liters, float)
    assert abs(liters - target / (cd3 * 1e6 * efficiency)) <= 0.005 + 1e-9 * liters


def test_efficiency_without_a_count_afterwards_gives_ce2_only() -> None:
    answer = ask("collection_efficiency", product_cells=1.2e9, pre_count_per_ul=500, volume_processed_ml=4000)
    assert answer.result == {"ce1_percent": None, "ce2_percent": 60.0}
    assert answer.missing == ["post_count_per_ul"]


def test_more_cells_than_passed_the_machine_are_flagged() -> None:
    answer = ask("collection_efficiency", product_cells=3e9, pre_count_per_ul=500, volume_processed_ml=4000)
    assert answer.flags == ["more_than_all_cells"]


@pytest.mark.parametrize(
    ("tnc", "cd3", "accepted", "flags"),
    [
        (2.0e9, 1.0e9, True, []),
        (1.99e9, 1.0e9, False, ["tnc_below_target"]),
        (2.0e9, 0.99e9, False, ["cd3_below_target"]),
        (4.0e10, 1.2e9, True, []),  # exactly 3 %
        (4.0e10, 1.19e9, False, ["cd3_percent_below_target"]),
        (0.14e9, 0.02e9, False, ["tnc_below_target", "cd3_below_target"]),  # a poor first day in an infant
        (0, 0, False, ["tnc_below_target", "cd3_below_target", "cd3_percent_below_target"]),
    ],
)
def test_all_three_targets_are_needed(tnc: float, cd3: float, accepted: bool, flags: list[str]) -> None:
    answer = ask("collection_acceptance", product="tisagenlecleucel", tnc=tnc, cd3=cd3)
    assert answer.result["accepted"] is accepted
    assert answer.flags == flags
    assert len(answer.result["reasons"]) == len(flags)  # type: ignore[arg-type]


def test_an_unknown_count_is_never_taken_as_enough() -> None:
    answer = ask("collection_acceptance", product="tisagenlecleucel", tnc=5e9, cd3=None)
    assert answer.result["accepted"] is None
    assert answer.missing == ["cd3"]


def test_a_missed_target_decides_even_when_another_count_is_unknown() -> None:
    assert ask("collection_acceptance", product="tisagenlecleucel", tnc=1e9).result["accepted"] is False


def test_more_t_cells_than_cells_are_refused() -> None:
    assert refused("collection_acceptance", product="tisagenlecleucel", tnc=1e9, cd3=2e9) == {"cd3"}


@pytest.mark.parametrize("product", ["brexucabtagene", "obecabtagene", "aspirin", ""])
def test_a_product_without_a_confirmed_target_is_refused(product: str) -> None:
    assert refused("collection_acceptance", product=product, tnc=1e10, cd3=5e9) == {"product"}


@pytest.mark.parametrize(
    ("alc", "cd3", "verdict"),
    [
        (301, None, "go"),
        (300, None, "unknown"),
        (300, 99, "stop"),
        (300, 100, "warn"),
        (None, 199, "warn"),
        (None, 200, "go"),
        (None, 99, "unknown"),
        (5000, 99, "warn"),
        (None, None, "unknown"),
    ],
)
def test_lymphocytes_or_t_cells_must_suffice(alc: float | None, cd3: float | None, verdict: str) -> None:
    assert go_ahead(RULES, BloodCounts(alc_per_ul=alc, cd3_per_ul=cd3)).verdict == verdict


@pytest.mark.parametrize(
    ("wbc", "blasts", "verdict"),
    [(20, 90, "go"), (20.1, 50, "go"), (20.1, 50.1, "warn"), (40.1, 80, "warn"), (40.1, 80.1, "stop")],
)
def test_many_blasts_warn_and_then_stop(wbc: float, blasts: float, verdict: str) -> None:
    counts = BloodCounts(alc_per_ul=1000, wbc_e9_per_l=wbc, blasts_percent=blasts)
    assert go_ahead(RULES, counts).verdict == verdict


def test_low_hemoglobin_and_platelets_warn() -> None:
    found = go_ahead(RULES, BloodCounts(alc_per_ul=1000, hemoglobin_g_dl=8, platelets_e9_per_l=50))
    assert found.verdict == "warn"
    assert found.flags == ("hemoglobin_before_low", "platelets_before_low")


@pytest.mark.parametrize(
    ("decided_on", "last_day"),
    [("2022-11-14", "2022-02-28"), ("2022-11-15", "2023-02-28"), ("2026-01-01", "2023-02-28")],
)
def test_the_rule_of_expiry_in_force_on_the_day_of_the_decision_counts(
    decided_on: str, last_day: str
) -> None:
    found = expiry_day(EXPIRY, collected_on=date(2020, 8, 31), decided_on=date.fromisoformat(decided_on))
    assert found.last_day == date.fromisoformat(last_day)
    assert found.has_passed(date.fromisoformat(last_day)) is False
    assert found.has_passed(date(2023, 3, 1)) is True


def test_without_a_rule_the_expiry_is_unknown() -> None:
    found = expiry_day((), collected_on=date(2020, 8, 31), decided_on=date(2026, 1, 1))
    assert found.last_day is None
    assert found.has_passed(date(2026, 1, 1)) is None


@pytest.mark.parametrize("count", [0, 5e-324, -1])
def test_a_count_of_nothing_is_refused_because_it_divides(count: float) -> None:
    assert refused("apheresis_plan", **PLAN | {"pre_cd3_per_ul": count}) == {"pre_cd3_per_ul"}
    given = {"product_cells": 1e9, "pre_count_per_ul": count, "volume_processed_ml": 4000}
    assert refused("collection_efficiency", **given) == {"pre_count_per_ul"}
