"""IEC-HS, HLH-2004, tumor lysis, DIC and TIAN: what is met, what is pending, and no invented score."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.calculating import refused, result, run
from toxicity.grading.criteria import all_of, any_of, enough
from toxicity.grading.isth_dic import FibrinMarker, IsthDicInput, score_isth_dic
from toxicity.grading.tian import IntracranialPressure, TianInput, TianSigns, grade_tian

maybe = st.none() | st.booleans()


@given(st.lists(maybe, max_size=6))
def test_unknown_parts_leave_a_verdict_open_only_while_they_can_decide(parts: list[bool | None]) -> None:
    as_true, as_false = ([part if part is not None else filler for part in parts] for filler in (True, False))
    assert any_of(parts) is (any(as_false) if any(as_true) == any(as_false) else None)
    assert all_of(parts) is (all(as_false) if all(as_true) == all(as_false) else None)
    named = {str(place): part for place, part in enumerate(parts)}
    most, least = sum(map(bool, as_true)), sum(map(bool, as_false))
    for needed in range(len(parts) + 2):
        assert enough(named, needed) is ((least >= needed) if (least >= needed) == (most >= needed) else None)


# HLH-2004

WELL_HLH = {
    "age_days": 2000,
    "fever": False,
    "splenomegaly": False,
    "hemoglobin_g_dl": 12,
    "platelets": 250,
    "anc_per_ul": 3000,
    "triglycerides_mg_dl": 90,
    "fibrinogen_mg_dl": 300,
    "hemophagocytosis": False,
    "low_nk_activity": False,
    "ferritin_ng_ml": 60,
    "scd25_u_ml": 600,
}


def hlh(**changes: Any) -> dict[str, Any]:
    return result("hlh_2004", **(WELL_HLH | changes))


def test_five_of_eight_criteria_fulfill_hlh_2004() -> None:
    four = {"fever": True, "splenomegaly": True, "ferritin_ng_ml": 9000, "triglycerides_mg_dl": 400}
    assert (hlh(**four)["fulfilled"], hlh(**four)["met"]) == (False, 4)
    assert (hlh(**four, scd25_u_ml=5000)["fulfilled"], hlh(**four, scd25_u_ml=5000)["met"]) == (True, 5)


def test_pending_results_leave_hlh_2004_undecided() -> None:
    four = {"fever": True, "splenomegaly": True, "ferritin_ng_ml": 9000, "triglycerides_mg_dl": 400}
    answer = run("hlh_2004", **(WELL_HLH | four | {"scd25_u_ml": None}))
    assert (answer["result"]["fulfilled"], answer["result"]["at_least"]) == (None, True)
    assert answer["missing"] == ["scd25"]
    assert hlh(fever=True, scd25_u_ml=None, low_nk_activity=None)["fulfilled"] is False
    assert result("hlh_2004")["fulfilled"] is None


def test_a_molecular_diagnosis_fulfills_hlh_2004() -> None:
    assert hlh(molecular_diagnosis=True)["fulfilled"] is True


@pytest.mark.parametrize(
    ("criterion", "values", "met"),
    [
        ("ferritin", {"ferritin_ng_ml": 499}, False),
        ("ferritin", {"ferritin_ng_ml": 500}, True),
        ("scd25", {"scd25_u_ml": 2399}, False),
        ("scd25", {"scd25_u_ml": 2400}, True),
        ("triglycerides_or_fibrinogen", {"triglycerides_mg_dl": 264}, False),
        ("triglycerides_or_fibrinogen", {"triglycerides_mg_dl": 265}, True),
        ("triglycerides_or_fibrinogen", {"fibrinogen_mg_dl": 151}, False),
        ("triglycerides_or_fibrinogen", {"fibrinogen_mg_dl": 150}, True),
        ("triglycerides_or_fibrinogen", {"fibrinogen_mg_dl": None}, None),
        ("triglycerides_or_fibrinogen", {"fibrinogen_mg_dl": None, "triglycerides_mg_dl": 300}, True),
        ("cytopenia", {"platelets": 99}, False),
        ("cytopenia", {"platelets": 99, "anc_per_ul": 999}, True),
        ("cytopenia", {"platelets": 100, "anc_per_ul": 1000, "hemoglobin_g_dl": 8.9}, False),
        ("cytopenia", {"platelets": 99, "hemoglobin_g_dl": 8.9}, True),
        ("cytopenia", {"platelets": 99, "hemoglobin_g_dl": 9.5}, False),
        ("cytopenia", {"platelets": 99, "hemoglobin_g_dl": 9.5, "age_days": 27}, True),
        ("cytopenia", {"platelets": 99, "hemoglobin_g_dl": 9.5, "age_days": 28}, False),
        ("cytopenia", {"platelets": 99, "hemoglobin_g_dl": 9.5, "age_days": None}, None),
        ("cytopenia", {"platelets": 99, "hemoglobin_g_dl": 8.5, "age_days": None}, True),
        ("cytopenia", {"platelets": 99, "hemoglobin_g_dl": None}, None),
    ],
)
def test_each_criterion_of_hlh_2004_changes_at_its_limit(
    criterion: str, values: dict[str, Any], met: bool | None
) -> None:
    assert hlh(**values)["criteria"][criterion] is met


# Tumor lysis

WELL_TLS = {
    "age_years": 6,
    "uric_acid_mg_dl": 4,
    "potassium_mmol_l": 4,
    "phosphate_mg_dl": 5,
    "calcium_mg_dl": 9.5,
    "albumin_g_dl": 4,
    "creatinine_mg_dl": 0.4,
    "creatinine_uln_mg_dl": 0.6,
    "arrhythmia": False,
    "seizure": False,
}


def tls(**changes: Any) -> dict[str, Any]:
    return result("tls", **(WELL_TLS | changes))


@pytest.mark.parametrize(
    ("criterion", "values", "met"),
    [
        ("uric_acid", {"uric_acid_mg_dl": 7.9}, False),
        ("uric_acid", {"uric_acid_mg_dl": 8}, True),
        ("uric_acid", {"uric_acid_mg_dl": 5, "uric_acid_baseline_mg_dl": 4}, True),
        ("uric_acid", {"uric_acid_mg_dl": 4.9, "uric_acid_baseline_mg_dl": 4}, False),
        ("potassium", {"potassium_mmol_l": 6}, True),
        ("potassium", {"potassium_mmol_l": 5.9}, False),
        ("phosphate", {"phosphate_mg_dl": 6.4}, False),
        ("phosphate", {"phosphate_mg_dl": 6.5}, True),
        ("phosphate", {"phosphate_mg_dl": 4.5, "age_years": 17.9}, False),
        ("phosphate", {"phosphate_mg_dl": 4.5, "age_years": 18}, True),
        ("calcium", {"calcium_mg_dl": 7}, True),
        ("calcium", {"calcium_mg_dl": 7.1}, False),
        ("calcium", {"calcium_mg_dl": 7, "albumin_g_dl": 2}, False),
        ("calcium", {"calcium_mg_dl": 7, "albumin_g_dl": None}, True),
        ("calcium", {"calcium_mg_dl": 7.5, "calcium_baseline_mg_dl": 10}, True),
        ("calcium", {"calcium_mg_dl": 7.6, "calcium_baseline_mg_dl": 10}, False),
        ("calcium", {"calcium_mg_dl": 6.9, "albumin_g_dl": 3.9}, True),
        ("calcium", {"calcium_mg_dl": 6.84, "albumin_g_dl": 3.8}, True),
        ("calcium", {"calcium_mg_dl": 6.9, "albumin_g_dl": 3.8}, False),
        ("calcium", {"calcium_mg_dl": None}, None),
    ],
)
def test_each_criterion_of_tumor_lysis_changes_at_its_limit(
    criterion: str, values: dict[str, Any], met: bool | None
) -> None:
    assert tls(**values)["criteria"][criterion] is met


def test_two_laboratory_criteria_make_it_and_an_organ_makes_it_clinical() -> None:
    two = {"uric_acid_mg_dl": 9, "phosphate_mg_dl": 7}
    assert (tls(**two)["laboratory"], tls(**two)["clinical"]) == (True, False)
    assert tls(uric_acid_mg_dl=9)["laboratory"] is False
    assert tls(**two, seizure=True)["clinical"] is True
    assert tls(**two, creatinine_mg_dl=0.9)["clinical"] is True
    assert tls(seizure=True)["clinical"] is False


@pytest.mark.parametrize(
    ("creatinine", "limit", "high"), [(0.6, 0.4, True), (0.9, 0.6, True), (0.59, 0.4, False)]
)
def test_a_multiple_of_a_limit_is_compared_exactly(creatinine: float, limit: float, high: bool) -> None:
    answer = tls(creatinine_mg_dl=creatinine, creatinine_uln_mg_dl=limit)
    assert answer["organs"]["creatinine"] is high


def test_calcium_without_albumin_is_said_to_be_uncorrected() -> None:
    sentence = "Albumin is unknown: calcium was not corrected."
    assert sentence in run("tls", **(WELL_TLS | {"albumin_g_dl": None}))["explanation"]
    assert sentence not in run("tls", **WELL_TLS)["explanation"]
    no_calcium = WELL_TLS | {"calcium_mg_dl": None, "albumin_g_dl": None}
    assert sentence not in run("tls", **no_calcium)["explanation"]


def test_pending_values_leave_tumor_lysis_undecided() -> None:
    answer = run("tls", **(WELL_TLS | {"uric_acid_mg_dl": 9, "calcium_mg_dl": None, "seizure": None}))
    assert (answer["result"]["laboratory"], answer["result"]["clinical"]) == (None, None)
    assert answer["missing"] == ["calcium", "seizure"]


# DIC

WELL_DIC = {
    "underlying_disorder": True,
    "platelets": 200,
    "fibrin_marker": "none",
    "pt_prolonged_s": 0,
    "fibrinogen_g_l": 3,
}


def dic(**changes: Any) -> dict[str, Any]:
    return result("isth_dic", **(WELL_DIC | changes))


@pytest.mark.parametrize(
    ("values", "points"),
    [
        ({"platelets": 101}, 0), ({"platelets": 100}, 1), ({"platelets": 50}, 1), ({"platelets": 49}, 2),
        ({"fibrin_marker": "moderate"}, 2), ({"fibrin_marker": "strong"}, 3),
        ({"pt_prolonged_s": 2.9}, 0), ({"pt_prolonged_s": 3}, 1),
        ({"pt_prolonged_s": 6}, 1), ({"pt_prolonged_s": 6.1}, 2),
        ({"fibrinogen_g_l": 1.01}, 0), ({"fibrinogen_g_l": 1}, 1),
    ],
)  # fmt: skip
def test_each_item_of_the_dic_score_changes_at_its_limit(values: dict[str, Any], points: int) -> None:
    assert dic(**values)["score"] == points


@pytest.mark.parametrize(
    ("item", "others", "overt"),
    [
        ("platelets", {"fibrin_marker": "moderate"}, False),
        ("platelets", {"fibrin_marker": "strong"}, None),
        ("fibrin_marker", {"platelets": 90}, False),
        ("fibrin_marker", {"platelets": 40}, None),
        ("pt_prolonged_s", {"fibrin_marker": "moderate"}, False),
        ("pt_prolonged_s", {"fibrin_marker": "strong"}, None),
        ("fibrinogen_g_l", {"fibrin_marker": "strong"}, False),
        ("fibrinogen_g_l", {"fibrin_marker": "strong", "platelets": 90}, None),
    ],
)
def test_a_missing_item_leaves_dic_open_exactly_when_it_could_decide(
    item: str, others: dict[str, Any], overt: bool | None
) -> None:
    assert dic(**others, **{item: None})["overt"] is overt


def test_five_points_are_overt_dic_in_a_known_disorder_only() -> None:
    five = {"platelets": 30, "fibrin_marker": "strong"}
    assert (dic(**five)["score"], dic(**five)["overt"]) == (5, True)
    assert dic(platelets=90, fibrin_marker="strong")["overt"] is False
    assert dic(**five, underlying_disorder=False)["overt"] is None
    unknown = run("isth_dic", **(WELL_DIC | five | {"underlying_disorder": None}))
    assert (unknown["result"]["overt"], unknown["missing"]) == (None, ["underlying_disorder"])


@given(
    st.none() | st.floats(0, 300),
    st.none() | st.sampled_from(FibrinMarker),
    st.none() | st.floats(0, 20),
    st.none() | st.floats(0, 5),
)
def test_a_missing_item_never_raises_the_dic_score(
    platelets: float | None, marker: FibrinMarker | None, pt: float | None, fibrinogen: float | None
) -> None:
    known = {
        "platelets": platelets,
        "fibrin_marker": marker,
        "pt_prolonged_s": pt,
        "fibrinogen_g_l": fibrinogen,
    }
    before = score_isth_dic(IsthDicInput(underlying_disorder=True, **known))  # type: ignore[arg-type]
    for item in known:
        after = score_isth_dic(IsthDicInput(underlying_disorder=True, **(known | {item: None})))  # type: ignore[arg-type]
        assert after.score <= before.score
        assert after.missing
        assert after.overt in (None, before.overt)


# TIAN


@pytest.mark.parametrize(
    ("signs", "by_signs"), [("none", 0), ("mild", 1), ("moderate", 2), ("severe", 3), ("medullary", 4)]
)
@pytest.mark.parametrize(
    ("pressure", "by_pressure"), [("normal", 0), ("responds", 3), ("refractory", 4), ("herniation", 4)]
)
@pytest.mark.parametrize("cord", [False, True])
def test_the_most_severe_finding_gives_the_tian_grade(
    signs: str, by_signs: int, pressure: str, by_pressure: int, cord: bool
) -> None:
    graded = grade_tian(
        TianInput(
            signs=TianSigns(signs),
            intracranial_pressure=IntracranialPressure(pressure),
            spinal_cord_at_risk=cord,
        )
    )
    assert (graded.grade, graded.at_least) == (max(by_signs, by_pressure, 3 if cord else 0), False)


def test_tian_is_a_lower_bound_with_anything_missing_and_death_is_5() -> None:
    answer = run("tian", signs="moderate")
    assert (answer["result"]["grade"], answer["result"]["at_least"]) == (2, True)
    assert answer["missing"] == ["intracranial_pressure", "spinal_cord_at_risk"]
    assert result("tian", death_from_tian=True)["grade"] == 5


# IEC-HS


def iec_hs(**values: Any) -> dict[str, Any]:
    return result("iec_hs", **values)


def test_a_high_ferritin_with_a_partner_prompts() -> None:
    high = {"ferritin_ng_ml": 5000, "ferritin_uln_ng_ml": 300}
    assert iec_hs(**high, fibrinogen_mg_dl=149)["prompt"] is True
    assert iec_hs(**high, fibrinogen_mg_dl=149)["trigger"] == [
        "ferritin_above_2_times",
        "fibrinogen_below_150",
    ]
    assert iec_hs(**high, alt_u_l=201, alt_uln_u_l=40)["prompt"] is True
    assert iec_hs(**high, ast_u_l=201, ast_uln_u_l=40)["prompt"] is True
    assert iec_hs(**high, new_grade_4_cytopenia=True)["prompt"] is True


def test_each_part_of_the_trigger_changes_at_its_limit() -> None:
    partner = {"new_grade_4_cytopenia": True}
    assert (
        iec_hs(ferritin_ng_ml=600, ferritin_uln_ng_ml=300, ferritin_baseline_ng_ml=900, **partner)["prompt"]
        is False
    )
    assert iec_hs(ferritin_ng_ml=601, ferritin_uln_ng_ml=300, **partner)["prompt"] is True
    assert iec_hs(ferritin_ng_ml=601, ferritin_baseline_ng_ml=300, **partner)["prompt"] is True
    high = {"ferritin_ng_ml": 5000, "ferritin_uln_ng_ml": 300}
    no_partner = {
        "fibrinogen_mg_dl": 150, "alt_u_l": 200, "alt_uln_u_l": 40, "ast_u_l": 200, "ast_uln_u_l": 40,
        "new_grade_4_cytopenia": False,
    }  # fmt: skip
    assert iec_hs(**high, **no_partner)["prompt"] is False


def test_an_abnormal_baseline_raises_the_limit_of_the_transaminases() -> None:
    high = {"alt_u_l": 300, "alt_uln_u_l": 40, "ast_u_l": 30, "ast_uln_u_l": 40}
    assert iec_hs(**high)["items"]["transaminases"] is True
    assert iec_hs(**high, alt_baseline_u_l=80)["items"]["transaminases"] is False


def test_missing_values_leave_the_prompt_open_and_are_listed() -> None:
    answer = run("iec_hs", ferritin_ng_ml=5000, ferritin_uln_ng_ml=300)
    assert (answer["result"]["prompt"], answer["result"]["trigger"]) == (None, [])
    assert "fibrinogen" in answer["missing"]
    assert run("iec_hs", ferritin_ng_ml=5000, new_grade_4_cytopenia=True)["result"]["prompt"] is None


def test_no_score_and_no_grade_is_invented_for_iec_hs() -> None:
    answer = run("iec_hs", ferritin_ng_ml=50000, ferritin_uln_ng_ml=300, fibrinogen_mg_dl=80)
    assert set(answer["result"]) == {"prompt", "trigger", "items", "at_least"}
    assert answer["flags"] == ["draft_criteria"]


@pytest.mark.parametrize(
    ("name", "wrong", "field"),
    [
        ("hlh_2004", {"ferritin_ng_ml": -1}, "ferritin_ng_ml"),
        ("hlh_2004", {"fever": "yes"}, "fever"),
        ("tls", {}, "age_years"),
        ("tls", {"age_years": 5, "calcium_baseline_mg_dl": 0}, "calcium_baseline_mg_dl"),
        ("isth_dic", {"fibrin_marker": "high"}, "fibrin_marker"),
        ("tian", {"signs": 3}, "signs"),
        ("iec_hs", {"alt_uln_u_l": 0}, "alt_uln_u_l"),
        ("iec_hs", {"grade": 2}, "grade"),
    ],
)
def test_impossible_input_is_refused_by_its_field(name: str, wrong: dict[str, Any], field: str) -> None:
    assert list(refused(name, **wrong)) == [field]
