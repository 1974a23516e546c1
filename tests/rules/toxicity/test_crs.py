"""CRS after ASTCT 2019: the whole grid, the state of the fever gate, and the traps of public graders."""

from itertools import product
from typing import Any

import pytest

from tests.rules.calculating import oracles, refused, result, run

# Rows: hypotension none, without vasopressor, one vasopressor, several. Columns: oxygen none, low flow,
# high flow, positive pressure. Written down from the consensus, not computed.
GRID = (
    (1, 2, 3, 4),
    (2, 2, 3, 4),
    (3, 3, 3, 4),
    (4, 4, 4, 4),
)
HYPOTENSION: tuple[dict[str, Any], ...] = (
    {"hypotension": False, "vasopressors": []},
    {"hypotension": True, "vasopressors": []},
    {"hypotension": True, "vasopressors": ["norepinephrine"]},
    {"hypotension": True, "vasopressors": ["norepinephrine", "epinephrine"]},
)
OXYGEN: tuple[dict[str, Any], ...] = (
    {"device": "none"},
    {"device": "nasal_cannula", "flow_l_min": 6},
    {"device": "face_mask", "flow_l_min": 5},
    {"device": "cpap"},
)


def crs(**changes: Any) -> dict[str, Any]:
    """A fully known child without signs, but for the changes."""
    known = {"temperature_c": 37.0, "oxygen": {"device": "none"}, **HYPOTENSION[0]}
    return result("crs", **(known | changes))


def flags(**changes: Any) -> list[str]:
    known = {"temperature_c": 37.0, "oxygen": {"device": "none"}, **HYPOTENSION[0]}
    return run("crs", **(known | changes))["flags"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("oracle", oracles("crs"), ids=lambda oracle: oracle["id"])
def test_the_published_examples(oracle: dict[str, Any]) -> None:
    answer = result("crs", **oracle["input"])
    assert {name: answer[name] for name in oracle["expect"]} == oracle["expect"]


@pytest.mark.parametrize(
    ("temperature", "prior", "modifier", "row", "column"),
    list(product((37.9, 38.0), (False, True), (False, True), range(4), range(4))),
)
def test_the_whole_grid(temperature: float, prior: bool, modifier: bool, row: int, column: int) -> None:
    answer = run(
        "crs",
        temperature_c=temperature,
        prior_crs=prior,
        modifier_given=modifier,
        oxygen=OXYGEN[column],
        **HYPOTENSION[row],
    )
    fever = temperature == 38.0
    eligible = fever or (prior and modifier)
    signs = row > 0 or column > 0
    expected = GRID[row][column] if eligible and (signs or fever) else 0
    assert answer["result"]["grade"] == expected
    assert answer["result"]["eligible"] is eligible
    assert answer["result"]["domains"]["fever"] is fever
    assert answer["result"]["at_least"] is False
    assert answer["missing"] == []
    assert ("hypotension_or_hypoxia_without_fever" in answer["flags"]) is (signs and not eligible)


def test_a_treated_child_without_fever_keeps_its_grade() -> None:
    treated = {"prior_crs": True, "modifier_given": True}
    assert crs(temperature_c=37.2, **treated, **HYPOTENSION[2])["grade"] == 3
    assert crs(temperature_c=37.2, **treated, oxygen={"device": "bipap"})["grade"] == 4


def test_hypotension_without_fever_and_without_earlier_crs_is_not_crs() -> None:
    answer = run("crs", temperature_c=37.0, oxygen={"device": "none"}, **HYPOTENSION[3])
    assert answer["result"]["grade"] == 0
    assert answer["flags"] == ["hypotension_or_hypoxia_without_fever"]


def test_neither_earlier_crs_nor_a_modifier_is_taken_for_granted() -> None:
    for one_of_two in ({}, {"prior_crs": True}, {"modifier_given": True}):
        assert crs(temperature_c=37.2, **one_of_two, **HYPOTENSION[2])["eligible"] is False


def test_a_fever_with_another_cause_does_not_open_the_gate() -> None:
    answer = crs(temperature_c=39.4, fever_other_cause=True, **HYPOTENSION[2])
    assert (answer["grade"], answer["eligible"], answer["domains"]["fever"]) == (0, False, False)


def test_a_blank_domain_is_never_normal() -> None:
    answer = run("crs", temperature_c=38.6)
    assert answer["result"]["grade"] == 1
    assert answer["result"]["at_least"] is True
    assert answer["missing"] == ["hypotension", "hypoxia"]
    assert answer["result"]["domains"] == {"fever": True, "hypotension": None, "hypoxia": None}


def test_nothing_known_is_at_least_grade_0() -> None:
    answer = run("crs")
    assert answer["result"]["grade"] == 0
    assert answer["result"]["eligible"] is None
    assert answer["missing"] == ["fever", "hypotension", "hypoxia"]


def test_an_unknown_temperature_leaves_the_gate_undecided() -> None:
    answer = run("crs", oxygen={"device": "none"}, **HYPOTENSION[2])
    assert answer["result"]["grade"] == 0
    assert answer["result"]["eligible"] is None
    assert answer["result"]["at_least"] is True
    assert answer["result"]["domains"]["hypotension"] == 3
    assert (answer["missing"], answer["flags"]) == (["fever"], [])
    assert "is not CRS" not in " ".join(answer["explanation"])
    assert answer["explanation"][-1].endswith("can't be graded: at least grade 0.")


def test_an_unknown_temperature_in_a_treated_child_does_not_matter_to_the_gate() -> None:
    answer = run("crs", prior_crs=True, modifier_given=True, oxygen={"device": "none"}, **HYPOTENSION[2])
    assert (answer["result"]["grade"], answer["result"]["eligible"]) == (3, True)
    assert (answer["result"]["at_least"], answer["missing"]) == (True, ["fever"])


def test_the_temperature_is_not_rounded_up_to_fever() -> None:
    assert crs(temperature_c=37.99)["grade"] == 0
    assert crs(temperature_c=38)["grade"] == 1


@pytest.mark.parametrize(
    ("agents", "grade"),
    [
        (["norepinephrine"], 3),
        (["norepinephrine", "vasopressin"], 3),
        (["epinephrine", "norepinephrine"], 4),
        (["epinephrine", "norepinephrine", "vasopressin"], 4),
        (["norepinephrine", "noradrenaline"], 3),
        (["Norepinephrine bitartrate", " NOREPINEPHRINE "], 3),
        (["adrenaline", "noradrenaline"], 4),
        (["Adrenalina", "epinephrine"], 3),
        (["dopamine", "phenylephrine"], 4),
        (["some new agent"], 3),
        (["norepinephrine", "arginine-vasopressin"], 3),
        (["nor-epinephrine", "epinephrine"], 4),
        (["Nor adrenaline", "noradrenalin"], 3),
        (["norepinephrine and epinephrine"], 4),
        (["epinephrine (adrenaline)"], 3),
        (["norepinephrine 0.1 mcg/kg/min", "NOREPINEPHRINE_drip"], 3),
        (["angiotensin II", "Angiotensin 2"], 3),
        (["some  new agent", "Some new agent"], 3),
        (["some new agent", "another new agent"], 4),
        (["norepinephrine", "norepinephrine", "norepinephrine"], 3),
    ],
)
def test_vasopressors_are_counted_without_vasopressin_and_each_agent_once(
    agents: list[str], grade: int
) -> None:
    assert crs(temperature_c=38.5, hypotension=True, vasopressors=agents)["grade"] == grade
    assert crs(temperature_c=38.5, hypotension=True, vasopressors=agents[::-1])["grade"] == grade


@pytest.mark.parametrize(
    "name", ["vasopressin", "Argipressin", "arginine vasopressin", "AVP", "vasopressina"]
)
def test_vasopressin_alone_is_grade_3_with_a_flag(name: str) -> None:
    given_alone = {"temperature_c": 38.5, "hypotension": True, "vasopressors": [name]}
    assert crs(**given_alone)["grade"] == 3
    assert flags(**given_alone) == ["vasopressin_only"]


@pytest.mark.parametrize("name", ["milrinone", "Dobutamine", "levosimendan"])
def test_an_inotrope_is_not_counted_but_flagged(name: str) -> None:
    given_inotrope = {"temperature_c": 38.5, "hypotension": True, "vasopressors": [name]}
    assert crs(**given_inotrope)["grade"] == 2
    assert flags(**given_inotrope) == ["inotrope_not_counted"]
    both = {"temperature_c": 38.5, "hypotension": True, "vasopressors": [name, "norepinephrine"]}
    assert crs(**both)["grade"] == 3
    assert flags(**both) == ["inotrope_not_counted"]


def test_a_child_who_needs_a_vasopressor_for_a_normal_pressure_counts_as_hypotensive() -> None:
    assert crs(temperature_c=38.5, hypotension=False, vasopressors=["norepinephrine"])["grade"] == 3


def test_vasopressors_count_even_when_hypotension_was_not_recorded() -> None:
    answer = run("crs", temperature_c=38.5, vasopressors=["norepinephrine"], oxygen={"device": "none"})
    assert answer["result"]["grade"] == 3
    assert (answer["result"]["at_least"], answer["missing"]) == (True, ["hypotension"])


def test_hypotension_with_unknown_vasopressors_is_at_least_grade_2() -> None:
    answer = run("crs", temperature_c=38.5, hypotension=True, oxygen={"device": "none"})
    assert answer["result"]["grade"] == 2
    assert (answer["result"]["at_least"], answer["missing"]) == (True, ["hypotension"])


def test_no_hypotension_needs_no_list_of_vasopressors() -> None:
    answer = run("crs", temperature_c=38.5, hypotension=False, oxygen={"device": "none"})
    assert (answer["result"]["grade"], answer["result"]["at_least"]) == (1, False)


@pytest.mark.parametrize(
    ("oxygen", "grade"),
    [
        ({"device": "nasal_cannula", "flow_l_min": 0.1}, 2),
        ({"device": "nasal_cannula", "flow_l_min": 6}, 2),
        ({"device": "nasal_cannula", "flow_l_min": 6.1}, 3),
        ({"device": "high_flow_nasal_cannula", "flow_l_min": 6}, 2),
        ({"device": "high_flow_nasal_cannula", "flow_l_min": 6.01}, 3),
        ({"device": "high_flow_nasal_cannula", "flow_l_min": 40}, 3),
        ({"device": "blow_by"}, 2),
        ({"device": "blow_by", "flow_l_min": 10}, 2),
        ({"device": "face_mask", "flow_l_min": 5}, 3),
        ({"device": "face_mask"}, 3),
        ({"device": "non_rebreather", "flow_l_min": 15}, 3),
        ({"device": "venturi"}, 3),
        ({"device": "cpap"}, 4),
        ({"device": "bipap"}, 4),
        ({"device": "mechanical_ventilation"}, 4),
    ],
)
def test_each_device_gives_its_grade(oxygen: dict[str, Any], grade: int) -> None:
    answer = crs(temperature_c=38.5, oxygen=oxygen)
    assert (answer["grade"], answer["domains"]["hypoxia"], answer["at_least"]) == (grade, grade, False)


def test_a_high_flow_device_at_low_flow_is_flagged() -> None:
    low = {"device": "high_flow_nasal_cannula", "flow_l_min": 4}
    assert flags(temperature_c=38.5, oxygen=low) == ["high_flow_device_at_low_flow"]
    assert flags(temperature_c=38.5, oxygen=low | {"flow_l_min": 7}) == []
    assert flags(temperature_c=38.5, oxygen=low | {"for_comfort": True}) == []
    assert flags(temperature_c=38.5, oxygen={"device": "nasal_cannula", "flow_l_min": 4}) == []


@pytest.mark.parametrize("reason", ["for_comfort", "baseline_support"])
@pytest.mark.parametrize("device", ["nasal_cannula", "cpap"])
def test_oxygen_for_comfort_and_usual_support_do_not_count(reason: str, device: str) -> None:
    answer = crs(temperature_c=38.5, oxygen={"device": device, reason: True})
    assert (answer["grade"], answer["domains"]["hypoxia"], answer["at_least"]) == (1, 0, False)


@pytest.mark.parametrize("device", ["nasal_cannula", "high_flow_nasal_cannula"])
def test_a_cannula_without_its_flow_is_at_least_grade_2(device: str) -> None:
    answer = run("crs", temperature_c=38.5, oxygen={"device": device}, **HYPOTENSION[0])
    assert (answer["result"]["grade"], answer["result"]["at_least"]) == (2, True)
    assert (answer["missing"], answer["flags"]) == (["hypoxia"], [])


def test_an_unknown_device_is_missing_and_not_room_air() -> None:
    nothing = run("crs", temperature_c=38.5, oxygen={}, **HYPOTENSION[0])
    assert (nothing["result"]["grade"], nothing["missing"]) == (1, ["hypoxia"])
    flow = run("crs", temperature_c=38.5, oxygen={"flow_l_min": 2}, **HYPOTENSION[0])
    assert (flow["result"]["grade"], flow["missing"]) == (2, ["hypoxia"])
    comfort = run("crs", temperature_c=38.5, oxygen={"for_comfort": True}, **HYPOTENSION[0])
    assert (comfort["result"]["domains"]["hypoxia"], comfort["missing"]) == (None, ["hypoxia"])


def test_death_from_crs_is_grade_5_whatever_the_signs() -> None:
    assert crs(death_from_crs=True)["grade"] == 5
    answer = run("crs", death_from_crs=True)
    assert answer["result"]["grade"] == 5
    assert answer["result"]["at_least"] is True


def test_a_treated_child_without_any_sign_is_grade_0_and_the_episode_stays_open() -> None:
    answer = run(
        "crs",
        temperature_c=36.8,
        prior_crs=True,
        modifier_given=True,
        oxygen={"device": "none"},
        **HYPOTENSION[0],
    )
    assert (answer["result"]["grade"], answer["result"]["eligible"]) == (0, True)
    assert "stays open" in answer["explanation"][-1]


def test_the_answer_names_its_scale_and_says_why() -> None:
    answer = run("crs", temperature_c=39.5, oxygen={"device": "none"}, **HYPOTENSION[2])
    assert (answer["scale"], answer["scale_version"]) == ("ASTCT", "2019")
    assert "10.1016/j.bbmt.2018.12.758" in answer["source"]
    assert any("One vasopressor" in sentence for sentence in answer["explanation"])


def test_organ_laboratories_have_no_place_in_crs() -> None:
    assert refused("crs", temperature_c=38.5, ferritin_ng_ml=20000, alt_u_l=900) == {
        "ferritin_ng_ml": "is not a known field",
        "alt_u_l": "is not a known field",
    }


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"temperature_c": 24.9}, "temperature_c"),
        ({"temperature_c": 45.1}, "temperature_c"),
        ({"temperature_c": "38"}, "temperature_c"),
        ({"temperature_c": True}, "temperature_c"),
        ({"prior_crs": None}, "prior_crs"),
        ({"prior_crs": "yes"}, "prior_crs"),
        ({"hypotension": 1}, "hypotension"),
        ({"vasopressors": "norepinephrine"}, "vasopressors"),
        ({"vasopressors": ["norepinephrine", "  "]}, "vasopressors.1"),
        ({"vasopressors": [None]}, "vasopressors.0"),
        ({"oxygen": "none"}, "oxygen"),
        ({"oxygen": {"device": "tent"}}, "oxygen.device"),
        ({"oxygen": {"device": "cpap", "flow_l_min": -1}}, "oxygen.flow_l_min"),
        ({"oxygen": {"device": "none", "flow_l_min": 2}}, "oxygen.flow_l_min"),
        ({"oxygen": {"device": "cpap", "fio2": 0.4}}, "oxygen.fio2"),
        ({"spo2": 93}, "spo2"),
    ],
)
def test_impossible_input_is_refused_by_its_field(wrong: dict[str, Any], field: str) -> None:
    assert list(refused("crs", **wrong)) == [field]
