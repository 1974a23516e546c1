"""CAR-HEMATOTOX and EASIX, with the caveat that travels with them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infusion.rules.scores import CarHematotoxInput, car_hematotox
from tests.rules.calculating import oracles, refused, result, run

WELL = {
    "platelets": 220,
    "anc_per_ul": 3400,
    "hemoglobin_g_dl": 12.4,
    "crp_mg_dl": 0.8,
    "ferritin_ng_ml": 180,
}


def score(**changes: Any) -> int:
    """The score of somebody well, but for the changes."""
    points: int = result("car_hematotox", **(WELL | changes))["score"]
    return points


@pytest.mark.parametrize("oracle", oracles("car_hematotox", "easix"), ids=lambda oracle: oracle["id"])
def test_the_published_examples(oracle: dict[str, Any]) -> None:
    answer = result(oracle["calculator"], **oracle["input"])
    assert {name: answer[name] for name in oracle["expect"]} == oracle["expect"]


@pytest.mark.parametrize(
    ("item", "value", "points"),
    [
        ("platelets", 175.1, 0),
        ("platelets", 175, 1),
        ("platelets", 75, 1),
        ("platelets", 74.9, 2),
        ("platelets", 0, 2),
        ("anc_per_ul", 1200, 0),
        ("anc_per_ul", 1199, 1),
        ("hemoglobin_g_dl", 9.0, 0),
        ("hemoglobin_g_dl", 8.9, 1),
        ("crp_mg_dl", 2.9, 0),
        ("crp_mg_dl", 3.0, 1),
        ("ferritin_ng_ml", 649, 0),
        ("ferritin_ng_ml", 650, 1),
        ("ferritin_ng_ml", 2000, 1),
        ("ferritin_ng_ml", 2001, 2),
    ],
)
def test_each_item_changes_at_its_limit(item: str, value: float, points: int) -> None:
    assert score(**{item: value}) == points


def test_milligrams_per_liter_are_ten_times_milligrams_per_deciliter() -> None:
    assert score(crp_mg_dl=None, crp_mg_l=29) == 0
    assert score(crp_mg_dl=None, crp_mg_l=30) == 1
    assert score(crp_mg_dl=3.1, crp_mg_l=31) == 1


def test_two_units_that_disagree_are_refused() -> None:
    assert list(refused("car_hematotox", **WELL, crp_mg_l=80)) == ["crp_mg_l"]


def test_two_points_are_high_and_one_is_low() -> None:
    assert result("car_hematotox", **(WELL | {"crp_mg_dl": 4}))["class"] == "low"
    assert result("car_hematotox", **(WELL | {"crp_mg_dl": 4, "anc_per_ul": 900}))["class"] == "high"
    assert score(platelets=10, anc_per_ul=0, hemoglobin_g_dl=7, crp_mg_dl=20, ferritin_ng_ml=9000) == 7


def test_an_unknown_item_leaves_a_lower_bound_and_a_class_only_when_it_is_certain() -> None:
    answer = run("car_hematotox", **(WELL | {"ferritin_ng_ml": None}))
    assert answer["missing"] == ["ferritin_ng_ml"]
    assert answer["result"] == {"score": 0, "class": None, "at_least": True}
    one_point_open = result("car_hematotox", **(WELL | {"anc_per_ul": None}))
    assert one_point_open["class"] == "low"
    already_high = result("car_hematotox", **(WELL | {"platelets": 20, "crp_mg_dl": None}))
    assert (already_high["class"], already_high["at_least"]) == ("high", True)


@pytest.mark.parametrize(
    ("item", "most"),
    [("platelets", 2), ("anc_per_ul", 1), ("hemoglobin_g_dl", 1), ("crp_mg_dl", 1), ("ferritin_ng_ml", 2)],
)
def test_a_missing_item_leaves_the_class_open_exactly_when_it_could_be_high(item: str, most: int) -> None:
    open_item = result("car_hematotox", **(WELL | {item: None}))
    assert open_item["class"] == ("low" if most == 1 else None)
    other = {"anc_per_ul": 900} if item != "anc_per_ul" else {"crp_mg_dl": 5}
    assert result("car_hematotox", **(WELL | other | {item: None}))["class"] is None


def test_the_pediatric_caveat_travels_with_the_number() -> None:
    for answer in (
        run("car_hematotox", **WELL),
        run("easix", ldh_u_l=200, creatinine_mg_dl=0.3, platelets=50),
    ):
        assert answer["flags"] == ["adult_score"]
        assert any("adults" in sentence for sentence in answer["explanation"])


def test_easix_is_ldh_times_creatinine_over_platelets() -> None:
    assert result("easix", ldh_u_l=350, creatinine_mg_dl=0.4, platelets=33)["value"] == pytest.approx(
        4.242424
    )


@pytest.mark.parametrize(
    ("name", "wrong", "field"),
    [
        ("easix", {"ldh_u_l": 200, "creatinine_mg_dl": 1, "platelets": 0}, "platelets"),
        ("easix", {"ldh_u_l": 200, "creatinine_mg_dl": 1, "platelets": None}, "platelets"),
        ("easix", {"creatinine_mg_dl": 1, "platelets": 10}, "ldh_u_l"),
        ("easix", {"ldh_u_l": 200, "creatinine_mg_dl": 1, "platelets": 10, "crp_mg_dl": 3}, "crp_mg_dl"),
        ("car_hematotox", {"platelets": -1}, "platelets"),
        ("car_hematotox", {"hemoglobin_g_dl": 124}, "hemoglobin_g_dl"),
    ],
)
def test_impossible_input_is_refused_by_its_field(name: str, wrong: dict[str, Any], field: str) -> None:
    assert list(refused(name, **wrong)) == [field]


values = st.builds(
    CarHematotoxInput,
    platelets=st.none() | st.floats(0, 400),
    anc_per_ul=st.none() | st.floats(0, 3000),
    hemoglobin_g_dl=st.none() | st.floats(5, 15),
    crp_mg_dl=st.none() | st.floats(0, 10),
    ferritin_ng_ml=st.none() | st.floats(0, 5000),
)


@given(values)
def test_a_missing_item_never_raises_the_score(known: CarHematotoxInput) -> None:
    before = car_hematotox(known)
    for item in ("platelets", "anc_per_ul", "hemoglobin_g_dl", "crp_mg_dl", "ferritin_ng_ml"):
        fields = {name: getattr(known, name) for name in known.__dataclass_fields__}
        after = car_hematotox(CarHematotoxInput(**(fields | {item: None})))
        assert after.score <= before.score
        assert after.missing
        assert after.risk_class in (None, before.risk_class)
