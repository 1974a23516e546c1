"""CTCAE laboratory grades: the two versions, the limits, and what gives no grade."""

import importlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.calculating import refused, result, run
from toxicity.grading import ctcae_terms
from toxicity.grading.ctcae import CtcaeLabInput, grade_ctcae_lab
from toxicity.grading.ctcae_terms import TERMS

# Term, unit, lower and upper limit; then value: grade in version 5, grade in version 6 ("-": no such term).
TABLE = """
neutrophils    10^9/L 1.8 -   1.8:0,0 1.7:1,0 1.5:1,0 1.4:2,1 1.0:2,1 0.99:3,2 0.5:3,2 0.49:4,3 0.1:4,3
neutrophils    10^9/L 1.8 -   0.09:4,4
platelets      10^9/L 150 -   150:0,0 149:1,1 75:1,1 74:2,2 50:2,2 49:3,3 25:3,3 24:4,3 10:4,3 9:4,4
hemoglobin     g/dL  11.5 -   11.5:0,0 11.4:1,1 10:1,1 9.9:2,2 8:2,2 7.9:3,3
white_cells    10^9/L   4 -   4:0,0 3:1,1 2.9:2,2 1.9:3,3 1:3,3 0.9:4,4
lymphocytes    10^9/L   1 -   1:0,- 0.8:1,- 0.5:2,- 0.2:3,- 0.19:4,-
alt            U/L      - 40  40:0,0 41:1,1 120:1,1 121:2,2 200:2,2 201:3,3 800:3,3 801:4,4
bilirubin      mg/dL    - 1   1:0,0 1.5:1,1 1.6:2,2 3.0:2,2 3.1:3,3 10:3,3 10.1:4,4
creatinine     mg/dL    - 0.4 0.4:0,0 0.6:1,1 0.61:2,2 1.2:2,2 1.3:3,3 2.4:3,3 2.5:4,4
fibrinogen     g/L    2.0 -   2:0,0 1.5:1,1 1.4:2,2 1.0:2,2 0.99:3,3 0.5:3,3 0.49:4,4
inr            1        - -   1.2:0,0 1.21:1,1 1.5:1,1 1.6:2,2 2.5:2,2 2.6:3,3
aptt           s        - 40  40:0,0 60:1,1 61:2,2 100:2,2 101:3,3
triglycerides  mmol/L   - -   1.7:0,0 1.71:1,1 3.42:1,1 3.43:2,2 5.7:2,2 5.71:3,3 11.4:3,3 11.5:4,4
triglycerides  mg/dL    - -   149:0,0 150:1,1 300:1,1 301:2,2 500:2,2 501:3,3 1000:3,3 1001:4,4
potassium_high mmol/L   - 5   5:0,0 5.5:1,1 5.6:2,2 6:2,2 6.1:3,3 7:3,3 7.1:4,4
ldh            U/L      - 300 300:0,0 301:1,1 9000:1,1
"""


def cases() -> list[tuple[str, dict[str, Any], int | None]]:
    """Version, the rest of the input, and the grade (None: the version has no such term)."""
    found = []
    for line in TABLE.strip().splitlines():
        term, unit, lower, upper, *pairs = line.split()
        for value, grades in (pair.split(":") for pair in pairs):
            for version, grade in zip("56", grades.split(","), strict=True):
                measured: dict[str, Any] = {"term": term, "unit": unit, "value": float(value)}
                limits = {"lower_limit": lower, "upper_limit": upper}
                measured |= {name: float(limit) for name, limit in limits.items() if limit != "-"}
                found.append((version, measured, None if grade == "-" else int(grade)))
    return found


def lab(**given_value: Any) -> dict[str, Any]:
    return result("ctcae_lab", **given_value)


@pytest.mark.parametrize(("version", "measured", "grade"), cases())
def test_each_value_has_the_grade_of_its_version(
    version: str, measured: dict[str, Any], grade: int | None
) -> None:
    if grade is None:
        assert list(refused("ctcae_lab", version=version, **measured)) == ["term"]
        return
    answer = run("ctcae_lab", version=version, **measured)
    assert answer["result"]["grade"] == grade
    assert (answer["scale"], answer["scale_version"]) == ("CTCAE", version)


@pytest.mark.parametrize(
    ("unit", "value"),
    [("10^9/L", 0.4), ("10*9/L", 0.4), ("10*3/uL", 0.4), ("/uL", 400), ("cells/uL", 400), ("/mm3", 400)],
)
def test_the_same_count_in_another_unit_has_the_same_grade(unit: str, value: float) -> None:
    assert lab(term="neutrophils", version="5", value=value, unit=unit)["grade"] == 4


def test_limits_are_read_in_the_unit_of_the_value() -> None:
    assert lab(term="hemoglobin", version="5", value=105, unit="g/L", lower_limit=115)["grade"] == 1
    assert lab(term="fibrinogen", version="5", value=140, unit="mg/dL", lower_limit=200)["grade"] == 2
    assert lab(term="bilirubin", version="5", value=60, unit="umol/L", upper_limit=20)["grade"] == 2


@pytest.mark.parametrize("unit", ["", "g/dl", "mg/L", "10^6/L"])
def test_a_wrong_unit_gives_no_grade(unit: str) -> None:
    answer = run("ctcae_lab", term="neutrophils", version="5", value=0.1, unit=unit, lower_limit=1.5)
    assert answer["result"]["grade"] is None
    assert answer["flags"] == ["unknown_unit"]


def test_a_missing_limit_gives_no_grade_instead_of_grade_0() -> None:
    answer = run("ctcae_lab", term="neutrophils", version="5", value=1.7, unit="10^9/L")
    assert (answer["result"]["grade"], answer["missing"]) == (None, ["lower_limit"])
    assert answer["result"]["at_least"] is True
    for term in ("alt", "bilirubin", "creatinine", "aptt", "ldh", "potassium_high"):
        unit = next(iter(TERMS["5"][term].units))
        assert lab(term=term, version="5", value=0.1, unit=unit)["grade"] is None


def test_grades_on_fixed_values_need_no_limit() -> None:
    assert lab(term="neutrophils", version="5", value=1.4, unit="10^9/L")["grade"] == 2
    assert lab(term="neutrophils", version="6", value=1.6, unit="10^9/L")["grade"] == 0
    assert lab(term="fibrinogen", version="5", value=0.4, unit="g/L")["grade"] == 4
    assert lab(term="potassium_high", version="5", value=6.5, unit="mmol/L")["grade"] == 3


@pytest.mark.parametrize(
    ("version", "value", "grade"),
    [
        ("5", 119, 0), ("5", 120, 1), ("5", 240, 1), ("5", 241, 2), ("5", 401, 3), ("5", 1601, 4),
        ("6", 79, 0), ("6", 80, 1), ("6", 120, 1), ("6", 121, 2), ("6", 160, 2), ("6", 161, 3),
        ("6", 320, 3), ("6", 321, 4),
    ],
)  # fmt: skip
def test_an_abnormal_baseline_changes_the_transaminases(version: str, value: float, grade: int) -> None:
    given_value = {
        "term": "alt",
        "version": version,
        "value": value,
        "unit": "U/L",
        "upper_limit": 40,
        "baseline": 80,
    }
    answer = run("ctcae_lab", **given_value)
    assert (answer["result"]["grade"], answer["flags"], answer["missing"]) == (grade, [], [])


@pytest.mark.parametrize(
    ("version", "value", "grade"),
    [("5", 2.0, 0), ("5", 2.1, 1), ("5", 6.1, 3), ("6", 1.9, 0), ("6", 2.0, 1), ("6", 5.0, 2), ("6", 5.1, 3)],
)
def test_an_abnormal_baseline_changes_bilirubin(version: str, value: float, grade: int) -> None:
    given_value = {"version": version, "value": value, "unit": "mg/dL", "upper_limit": 1, "baseline": 2}
    assert lab(term="bilirubin", **given_value)["grade"] == grade


def test_an_unknown_baseline_is_said_to_be_assumed_normal() -> None:
    answer = run("ctcae_lab", term="alt", version="5", value=300, unit="U/L", upper_limit=40)
    assert (answer["result"]["grade"], answer["flags"]) == (3, ["baseline_assumed_normal"])


def test_creatinine_is_also_graded_by_the_childs_own_baseline_in_version_5() -> None:
    child = {"term": "creatinine", "value": 0.55, "unit": "mg/dL", "upper_limit": 0.7}
    assert lab(version="5", **child, baseline=0.2)["grade"] == 2
    assert lab(version="5", **child, baseline=0.18)["grade"] == 3
    unknown = run("ctcae_lab", version="5", **child)
    assert (unknown["result"]["grade"], unknown["missing"]) == (0, ["baseline"])
    assert unknown["result"]["at_least"] is True


def test_version_6_uses_the_baseline_of_creatinine_only_when_it_was_low() -> None:
    child = {
        "term": "creatinine",
        "version": "6",
        "value": 0.55,
        "unit": "mg/dL",
        "upper_limit": 0.7,
        "baseline": 0.18,
    }
    assert lab(**child, lower_limit=0.15)["grade"] == 0
    assert lab(**child, lower_limit=0.2)["grade"] == 3


def test_a_fall_of_fibrinogen_counts_only_when_it_is_abnormal() -> None:
    fall = {"term": "fibrinogen", "version": "5", "unit": "g/L", "baseline": 6.4}
    assert lab(**fall, value=1.6, lower_limit=1.8)["grade"] == 4
    assert lab(**fall, value=1.61, lower_limit=1.8)["grade"] == 3
    assert lab(**fall, value=1.6, lower_limit=1.5)["grade"] == 0


def test_multiples_of_decimals_are_compared_exactly() -> None:
    assert lab(term="bilirubin", version="5", value=0.9, unit="mg/dL", upper_limit=0.3)["grade"] == 2
    assert (
        lab(term="creatinine", version="5", value=0.6, unit="mg/dL", upper_limit=0.4, baseline=0.6)["grade"]
        == 1
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"term": "calcium"}, "term"),
        ({"version": "4"}, "version"),
        ({"version": 5}, "version"),
        ({"value": -1}, "value"),
        ({"value": None}, "value"),
        ({"lower_limit": 0}, "lower_limit"),
        ({"lower_limit": 5, "upper_limit": 4}, "lower_limit"),
        ({"lower_limit": 5, "upper_limit": 5}, "lower_limit"),
        ({"baseline": "normal"}, "baseline"),
    ],
)
def test_impossible_input_is_refused_by_its_field(wrong: dict[str, Any], field: str) -> None:
    known = {"term": "neutrophils", "version": "5", "value": 1, "unit": "10^9/L"}
    assert list(refused("ctcae_lab", **(known | wrong))) == [field]


@given(st.data())
def test_no_grade_falls_when_the_value_worsens(data: st.DataObject) -> None:
    version = data.draw(st.sampled_from(["5", "6"]))
    name = data.draw(st.sampled_from(sorted(TERMS[version])))  # type: ignore[index]
    term = TERMS[version][name]  # type: ignore[index]
    limits = {"lower_limit": 2.0, "upper_limit": 3.0, "baseline": data.draw(st.none() | st.floats(1, 6))}
    values = sorted(data.draw(st.lists(st.floats(0, 80), min_size=2, max_size=2)), reverse=term.low)
    milder, worse = (
        grade_ctcae_lab(CtcaeLabInput(name, version, value, next(iter(term.units)), **limits)).grade or 0
        for value in values
    )
    assert milder <= worse


def test_a_value_without_its_unit_is_not_graded() -> None:
    for unit in ({}, {"unit": None}):
        answer = run("ctcae_lab", term="platelets", version="5", value=10, **unit)
        assert answer["result"]["grade"] is None
        assert (answer["result"]["at_least"], answer["missing"], answer["flags"]) == (True, ["unit"], [])


def test_the_tables_are_built_the_same_whenever_they_are_built() -> None:
    before = repr(TERMS)
    assert repr(importlib.reload(ctcae_terms).TERMS) == before
