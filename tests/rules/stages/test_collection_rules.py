"""The planning sheet, what follows a day, frozen bags: worked examples, and what happens at the limits."""

from dataclasses import replace
from math import inf

import pytest

from cartpath.core.errors import Invalid
from cartpath.protocols import registry
from cartpath.protocols.rows import in_force
from leukapheresis.rules.bags import (
    DIVISIONS,
    Filled,
    concentration_reasons,
    din_problem,
    label_text,
    next_division,
    too_much,
)
from leukapheresis.rules.counts import BloodCounts
from leukapheresis.rules.next_day import next_day
from leukapheresis.rules.sheet import PlanningSheet, SheetFacts, planning_sheet

RULES = registry.apheresis("pediatric")
PROTOCOL = registry.get("tisagenlecleucel-eu", "1")
TARGETS = PROTOCOL.collection_targets()
# The infant of 6.8 kg and 5 months on a machine of 253 mL.
INFANT = SheetFacts(
    weight_kg=6.8,
    age_days=168,
    ecv_ml=253,
    cd3_per_ul=500,
    platelets_e9_per_l=80,
    hematocrit_percent=28,
    target_cd3=1e9,
)
NOTHING = SheetFacts()


def sheet(**changes: object) -> PlanningSheet:
    return planning_sheet(RULES, replace(INFANT, **changes))  # type: ignore[arg-type]


# --- Planning sheet ----------------------------------------------------------------------------------------


def test_the_infant_worked_by_hand() -> None:
    found = sheet()
    # 6.8 kg × 70 mL/kg
    assert found.line("blood_volume").value == pytest.approx(476)
    assert [(other.ml, other.source) for other in found.others] == [
        (pytest.approx(578), "drzeydbloodbank 2020, blood volume per kilogram by age")
    ]
    assert found.line("ecv_share").value == pytest.approx(53.151, abs=0.001)
    assert found.prime is True
    # 28 % × 476 ÷ 729
    assert found.line("circuit_hematocrit").value == pytest.approx(18.283, abs=0.001)
    # 1e9 ÷ (500/µL × 10⁶ µL/L × 0.4)
    assert found.line("volume_to_process").value == pytest.approx(5.0)
    assert found.line("blood_volumes").value == pytest.approx(10.504, abs=0.001)
    # 5,000 mL of blood, 13 parts to one: 384.6 mL; 1.1 mL/min/L × 0.476 L = 0.5236 mL/min
    assert found.line("acda_volume").value == pytest.approx(384.615, abs=0.001)
    assert found.line("inlet_volume").value == pytest.approx(5384.615, abs=0.001)
    assert found.line("citrate_load").value == pytest.approx(0.5236 * 21.3 / 6.8)
    assert found.line("shortest_minutes").value == pytest.approx(734.559, abs=0.001)
    assert found.line("platelets_after").value == pytest.approx(38.4)
    assert {line.name: line.verdict for line in found.lines} == {
        "blood_volume": "told",
        "ecv_share": "warn",
        "prime": "block",
        "circuit_hematocrit": "told",
        "volume_to_process": "told",
        "blood_volumes": "warn",
        "acda_volume": "told",
        "inlet_volume": "told",
        "citrate_load": "fits",
        "shortest_minutes": "told",
        "calcium": "warn",
        "platelets_after": "fits",
    }


def test_without_any_fact_everything_is_unknown_and_says_what_is_missing() -> None:
    found = planning_sheet(RULES, NOTHING)
    assert (found.volume, found.others, found.prime, found.worst) == (None, (), None, "unknown")
    assert all(line.verdict == "unknown" and line.missing for line in found.lines)
    assert all(line.value is None for line in found.lines)


@pytest.mark.parametrize(
    ("missing", "unknown"),
    [
        ("ecv_ml", {"ecv_share", "circuit_hematocrit"}),
        (
            "cd3_per_ul",
            {"volume_to_process", "blood_volumes", "acda_volume", "inlet_volume", "shortest_minutes"},
        ),
        (
            "target_cd3",
            {"volume_to_process", "blood_volumes", "acda_volume", "inlet_volume", "shortest_minutes"},
        ),
        ("platelets_e9_per_l", {"platelets_after"}),
        ("hematocrit_percent", {"circuit_hematocrit"}),
    ],
)
def test_a_missing_fact_leaves_unknown_what_hangs_on_it_and_nothing_else(
    missing: str, unknown: set[str]
) -> None:
    found = sheet(**{missing: None})
    assert {line.name for line in found.lines if line.verdict == "unknown"} == unknown


def test_a_count_of_zero_plans_nothing() -> None:
    assert sheet(cd3_per_ul=0).line("volume_to_process").missing == ("cd3_per_ul",)


def test_a_small_child_is_primed_whatever_the_machine() -> None:
    assert sheet(ecv_ml=None).prime is True
    assert sheet(ecv_ml=None, weight_kg=24.9).prime is True
    assert sheet(ecv_ml=None, weight_kg=25.0).prime is None


@pytest.mark.parametrize(
    ("ecv", "share", "prime"), [(175, "fits", False), (175.1, "warn", False), (263, "warn", True)]
)
def test_the_share_warns_above_10_and_primes_above_15_percent(ecv: float, share: str, prime: bool) -> None:
    found = sheet(weight_kg=25.0, ecv_ml=ecv)
    assert (found.line("ecv_share").verdict, found.prime) == (share, prime)


@pytest.mark.parametrize(("weight", "verdict"), [(30.0, "warn"), (30.1, "fits")])
def test_up_to_30_kg_calcium_is_prophylactic(weight: float, verdict: str) -> None:
    assert sheet(weight_kg=weight).line("calcium").verdict == verdict


@pytest.mark.parametrize(("before", "verdict"), [(62.5, "fits"), (62.4, "warn")])
def test_platelets_below_30_afterwards_warn(before: float, verdict: str) -> None:
    assert sheet(platelets_e9_per_l=before).line("platelets_after").verdict == verdict


def test_six_blood_volumes_are_still_usual() -> None:
    # 6 × 476 mL = 2.856 L = 1e9 × x ÷ (500 × 10⁶ × 0.4)
    assert sheet(target_cd3=0.5712e9).line("blood_volumes").verdict == "fits"
    assert sheet(target_cd3=0.5713e9).line("blood_volumes").verdict == "warn"


def test_a_heavier_child_is_measured_by_nadler_with_the_factor_beside_it() -> None:
    found = sheet(weight_kg=40.0, height_cm=150, sex="female", age_days=4500)
    assert found.volume is not None
    assert (found.volume.method, [other.ml for other in found.others]) == ("nadler", [2800])


def test_a_newborn_is_compared_with_the_newborns_factor_up_to_day_28() -> None:
    assert [other.ml for other in sheet(age_days=28).others] == [680]
    assert [other.ml for other in sheet(age_days=29).others] == [pytest.approx(578)]


def test_a_target_that_is_reached_needs_nothing_more() -> None:
    assert sheet(target_cd3=0).line("volume_to_process").value == 0


def test_the_centers_own_ratio_takes_the_place_of_the_rows() -> None:
    assert sheet(acda_ratio=20).line("acda_volume").value == pytest.approx(250)


def test_every_figure_with_a_limit_names_its_source() -> None:
    assert all(line.sources for line in sheet().lines if line.verdict in ("fits", "warn", "block"))


# --- What follows ------------------------------------------------------------------------------------------


def following(
    days: int, tnc: float | None, cd3: float | None, **blood: float
) -> tuple[str | None, tuple[str, ...]]:
    found = next_day(RULES, TARGETS, days=days, tnc=tnc, cd3=cd3, after=BloodCounts(**blood))
    return found.proposal, found.rows


def test_exactly_the_target_is_enough_and_a_cell_less_is_not() -> None:
    assert following(1, 2e9, 1e9)[0] == "enough"
    assert following(1, 2e9, 1e9 - 1)[0] == "again"


def test_after_four_days_nothing_more_is_proposed() -> None:
    assert following(3, 1e9, 1e8)[0] == "again"
    assert following(4, 1e9, 1e8) == (
        "stop",
        ("tnc_collected", "cd3_collected", "cd3_percent_collected", "collection_days_most"),
    )


def test_counts_that_forbid_a_collection_stop_it() -> None:
    assert following(1, 1e9, 1e8, cd3_per_ul=99, alc_per_ul=300)[0] == "stop"
    assert following(1, 1e9, 1e8, cd3_per_ul=100, alc_per_ul=300)[0] == "again"
    assert following(1, 1e9, 1e8, cd3_per_ul=99)[0] == "again"


def test_unknown_cells_and_an_unknown_target_propose_nothing() -> None:
    assert following(1, None, None)[0] is None
    assert following(1, None, 1e9)[0] is None
    # One target that is missed already says so.
    assert following(1, None, 1e9 - 1)[0] == "again"
    assert next_day(RULES, (), days=1, tnc=1e10, cd3=1e10, after=BloodCounts()).proposal is None


# --- Bags --------------------------------------------------------------------------------------------------


def test_bags_may_hold_what_the_day_brought_and_not_a_cell_more() -> None:
    bags = [Filled(volume_ml=30, tnc=10, cd3=5), Filled(volume_ml=30, tnc=10, cd3=5)]
    assert too_much(bags, volume_ml=60, tnc=20, cd3=10) == {}
    assert set(too_much(bags, volume_ml=59.9, tnc=19, cd3=9)) == {"volume_ml", "tnc", "cd3"}
    assert too_much(bags, volume_ml=None, tnc=None, cd3=None) == {}


def test_cryoprotectant_thins_the_cells_but_is_not_collected() -> None:
    bag = Filled(volume_ml=40, cryoprotectant_ml=10, tnc=5 * 10**9)
    assert bag.e8_per_ml == pytest.approx(1.0)
    assert too_much([bag], volume_ml=40, tnc=None, cd3=None) == {}
    assert Filled(volume_ml=40, tnc=10**9).e8_per_ml is None


@pytest.mark.parametrize(("e8", "count"), [(0.5, 0), (2.0, 0), (0.499, 1), (2.001, 1)])
def test_the_maker_asks_for_half_to_two_times_ten_to_the_eighth(e8: float, count: int) -> None:
    limits = in_force(PROTOCOL.collection.bags)
    bag = Filled(volume_ml=90, cryoprotectant_ml=10, tnc=round(e8 * 10**10))
    assert len(concentration_reasons(limits, bag)) == count
    assert concentration_reasons(limits, Filled(volume_ml=1)) == ()


def test_divisions_follow_each_other_and_end_at_26() -> None:
    assert (next_division([]), next_division(["A0", "C0"])) == ("A0", "B0")
    with pytest.raises(ValueError, match="taken"):
        next_division(DIVISIONS)


def test_a_label_spells_number_check_and_code() -> None:
    label = label_text(din="A999926123456", product_code="S1234", collection_type="1", division="A0")
    assert label.din == "A9999 26 123456"
    assert label.product == "S12341A0"
    assert label.product_code == "=<S12341A0"
    assert label.din_code.startswith("=A999926123456")
    assert len(label.check_character) == 1
    bare = label_text(din="A999926123456", product_code="", collection_type="1", division="A0")
    assert (bare.product, bare.product_code) == ("", "")


def test_a_wrong_number_or_code_is_refused() -> None:
    assert din_problem("A999926123456") is None
    assert din_problem("A99992612345")
    with pytest.raises(Invalid):
        label_text(din="A999926123456", product_code="12345", collection_type="1", division="A0")


def test_no_figure_is_infinite_for_the_smallest_and_largest_person() -> None:
    for weight in (0.3, 300.0):
        found = sheet(weight_kg=weight)
        assert all(line.value is None or abs(line.value) < inf for line in found.lines)
