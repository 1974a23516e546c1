"""ICANS after ASTCT 2019: both instruments, every domain, and what must not be called neurotoxicity."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.calculating import oracles, refused, result, run
from toxicity.grading.capd import CapdAnswer
from toxicity.grading.icans import (
    Consciousness,
    IcansInput,
    RaisedIcp,
    Seizure,
    grade_icans,
    instrument_for,
)
from toxicity.grading.ice import ICE_ITEM_POINTS, Ice, ice_range

# Written down from the consensus.
ICE_GRADES = {10: 0, 9: 1, 8: 1, 7: 1, 6: 2, 5: 2, 4: 2, 3: 2, 2: 3, 1: 3, 0: 3}
CONSCIOUSNESS = {"spontaneous": 0, "voice": 2, "touch": 3, "unarousable": 4}
SEIZURE = {"none": 0, "resolved": 3, "prolonged_or_repetitive": 4}
MOTOR = {False: 0, True: 4}
ICP = {"none": 0, "focal_edema": 3, "diffuse_edema_or_signs": 4}

WELL = {"consciousness": "spontaneous", "seizure": "none", "motor_weakness": False, "raised_icp": "none"}


def teenager(**changes: Any) -> dict[str, Any]:
    """A well 15-year-old with a full ICE, but for the changes."""
    return run("icans", **({"age_years": 15, "ice_total": 10, **WELL} | changes))


def child(**changes: Any) -> dict[str, Any]:
    """A well 5-year-old without a CAPD, but for the changes."""
    return run("icans", **({"age_years": 5, **WELL} | changes))


@pytest.mark.parametrize("oracle", oracles("icans"), ids=lambda oracle: oracle["id"])
def test_the_published_examples(oracle: dict[str, Any]) -> None:
    answer = result("icans", **oracle["input"])
    assert {name: answer[name] for name in oracle["expect"]} == oracle["expect"]


@pytest.mark.parametrize(("total", "grade"), list(ICE_GRADES.items()))
def test_each_ice_total_gives_its_grade(total: int, grade: int) -> None:
    answer = teenager(ice_total=total)["result"]
    assert (answer["grade"], answer["score"], answer["instrument"]) == (grade, total, "ICE")


@pytest.mark.parametrize("total", range(33))
@pytest.mark.parametrize("attributed", [False, True])
def test_each_capd_total_gives_its_grade(total: int, attributed: bool) -> None:
    answer = child(capd_total=total, new_change_attributed=attributed)["result"]
    assert answer["grade"] == (3 if total >= 9 else int(attributed))
    assert (answer["score"], answer["instrument"]) == (total, "CAPD")


def test_the_most_severe_domain_decides_in_the_whole_ice_grid() -> None:
    for total, consciousness, seizure, motor, icp in product(ICE_GRADES, CONSCIOUSNESS, SEIZURE, MOTOR, ICP):
        graded = grade_icans(
            IcansInput(
                age_years=15,
                ice_total=total,
                consciousness=Consciousness(consciousness),
                seizure=Seizure(seizure),
                motor_weakness=motor,
                raised_icp=RaisedIcp(icp),
            )
        )
        expected = max(
            ICE_GRADES[total], CONSCIOUSNESS[consciousness], SEIZURE[seizure], MOTOR[motor], ICP[icp]
        )
        assert (graded.grade, graded.at_least) == (expected, False)


def test_the_most_severe_domain_decides_in_the_whole_capd_grid() -> None:
    capd = {0: 0, 8: 0, 9: 3, 32: 3, "unable": 4}
    for score, consciousness, seizure, motor, icp in product(capd, CONSCIOUSNESS, SEIZURE, MOTOR, ICP):
        graded = grade_icans(
            IcansInput(
                age_years=3,
                capd_total=score if isinstance(score, int) else None,
                capd_unable=score == "unable",
                consciousness=Consciousness(consciousness),
                seizure=Seizure(seizure),
                motor_weakness=motor,
                raised_icp=RaisedIcp(icp),
            )
        )
        expected = max(capd[score], CONSCIOUSNESS[consciousness], SEIZURE[seizure], MOTOR[motor], ICP[icp])
        assert (graded.grade, graded.at_least) == (expected, False)


@pytest.mark.parametrize(
    ("age", "delay", "instrument"),
    [
        (0, False, "CAPD"),
        (11, False, "CAPD"),
        (11.99, False, "CAPD"),
        (12, False, "ICE"),
        (12.0, False, "ICE"),
        (12.01, False, "ICE"),
        (25, False, "ICE"),
        (12, True, "CAPD"),
        (25, True, "CAPD"),
        (None, True, "CAPD"),
        (None, False, None),
    ],
)
def test_ice_begins_on_the_twelfth_birthday_unless_development_is_delayed(
    age: float | None, delay: bool, instrument: str | None
) -> None:
    assert instrument_for(age, developmental_delay=delay) == instrument


def test_without_an_age_neither_test_is_used_and_the_grade_is_a_lower_bound() -> None:
    answer = run("icans", ice_total=0, capd_total=30, **WELL)
    assert (answer["result"]["grade"], answer["result"]["instrument"]) == (0, None)
    assert (answer["result"]["at_least"], answer["missing"]) == (True, ["age_years"])


def test_a_test_of_the_other_instrument_does_not_count() -> None:
    assert child(ice_total=0)["result"]["grade"] == 0
    assert child(ice_total=0)["missing"] == ["capd"]
    assert teenager(ice_total=None, capd_total=20)["missing"] == ["ice"]


def test_a_well_four_year_old_is_not_grade_1() -> None:
    answer = run("icans", age_years=4, capd_total=3, **WELL)["result"]
    assert (answer["grade"], answer["at_least"]) == (0, False)


def test_a_low_capd_in_a_drowsy_child_is_graded_by_the_drowsiness() -> None:
    assert child(capd_total=4, consciousness="voice")["result"]["grade"] == 2


def test_an_attributed_change_is_at_least_grade_1_without_a_capd() -> None:
    answer = child(new_change_attributed=True)
    assert (answer["result"]["grade"], answer["result"]["at_least"]) == (1, True)
    assert answer["missing"] == ["capd"]


def test_an_attributed_change_does_nothing_beside_ice() -> None:
    assert teenager(new_change_attributed=True)["result"]["grade"] == 0


def test_ice_0_is_grade_3_awake_and_grade_4_unarousable() -> None:
    assert teenager(ice_total=0)["result"]["grade"] == 3
    assert teenager(ice_total=0, consciousness="unarousable")["result"]["grade"] == 4


def test_a_seizure_outweighs_a_mild_ice() -> None:
    assert teenager(ice_total=8, seizure="resolved")["result"]["grade"] == 3


def test_a_capd_that_cannot_be_performed_is_grade_4() -> None:
    answer = child(capd_unable=True)["result"]
    assert (answer["grade"], answer["score"]) == (4, None)


@pytest.mark.parametrize("consciousness", ["spontaneous", "voice", "touch", "unarousable", None])
def test_what_sedation_explains_is_missing_and_not_grade_4(consciousness: str | None) -> None:
    sedated = {"consciousness": consciousness, "consciousness_other_cause": True}
    ice = teenager(ice_total=0, **sedated)
    assert (ice["result"]["grade"], ice["result"]["at_least"], ice["result"]["score"]) == (0, True, None)
    assert ice["missing"] == ["ice", "consciousness"]
    capd = child(capd_unable=True, **sedated)
    assert (capd["result"]["grade"], capd["result"]["at_least"]) == (0, True)
    assert capd["missing"] == ["capd", "consciousness"]


def test_a_test_that_could_be_done_under_sedation_still_counts() -> None:
    assert teenager(ice_total=2, consciousness_other_cause=True)["result"]["grade"] == 3
    assert child(capd_total=9, consciousness_other_cause=True)["result"]["grade"] == 3


def test_sedation_hides_neither_a_seizure_nor_weakness() -> None:
    sedated = {"consciousness": "unarousable", "consciousness_other_cause": True, "capd_unable": True}
    assert child(**sedated, seizure="resolved")["result"]["grade"] == 3
    assert child(**sedated, motor_weakness=True)["result"]["grade"] == 4


@pytest.mark.parametrize("edema", ["focal_edema", "diffuse_edema_or_signs"])
def test_edema_from_hemorrhage_does_not_count(edema: str) -> None:
    assert teenager(raised_icp=edema)["result"]["grade"] == ICP[edema]
    bleeding = teenager(raised_icp=edema, intracranial_hemorrhage=True)["result"]
    assert (bleeding["grade"], bleeding["at_least"], bleeding["domains"]["raised_icp"]) == (0, False, 0)


def test_hemorrhage_does_not_make_an_unknown_pressure_known() -> None:
    assert teenager(raised_icp=None, intracranial_hemorrhage=True)["missing"] == ["raised_icp"]


@pytest.mark.parametrize("domain", ["consciousness", "seizure", "motor_weakness", "raised_icp"])
def test_each_domain_left_blank_is_missing(domain: str) -> None:
    answer = teenager(**{domain: None})
    assert answer["missing"] == [domain]
    assert answer["result"]["at_least"] is True
    assert answer["result"]["domains"][domain] is None


def test_nothing_known_is_at_least_grade_0() -> None:
    answer = run("icans")
    assert answer["result"]["grade"] == 0
    assert answer["missing"] == ["age_years", "consciousness", "seizure", "motor_weakness", "raised_icp"]


def test_death_from_icans_is_grade_5() -> None:
    assert run("icans", death_from_icans=True)["result"]["grade"] == 5
    assert teenager(death_from_icans=True)["result"]["grade"] == 5


def test_the_items_of_ice_add_up() -> None:
    items = {"orientation": 3, "naming": 2, "command": 1, "writing": 0, "attention": 1}
    answer = teenager(ice_total=None, ice=items)["result"]
    assert (answer["score"], answer["grade"]) == (7, 1)
    assert teenager(ice_total=7, ice=items)["result"] == answer
    assert ice_range(Ice(4, 3, 1, 1, 1)) == (10, 10)


def test_an_incomplete_ice_is_graded_by_the_best_it_could_be() -> None:
    answer = teenager(ice_total=None, ice={"orientation": 1, "naming": 0})
    assert (answer["result"]["grade"], answer["result"]["score"]) == (2, None)
    assert (answer["result"]["at_least"], answer["missing"]) == (True, ["ice"])


def test_an_ice_without_a_single_tested_item_was_not_given() -> None:
    answer = teenager(ice_total=None, ice={})
    assert (answer["result"]["grade"], answer["result"]["domains"]["ice"]) == (0, None)
    assert (answer["result"]["at_least"], answer["missing"]) == (True, ["ice"])


def test_leaving_out_an_item_of_an_impossible_test_never_raises_the_grade() -> None:
    items = dict.fromkeys(("orientation", "naming", "command", "writing", "attention"), 0)
    for untested in (None, *items):
        given_items = {item: points for item, points in items.items() if item != untested}
        answer = teenager(ice_total=None, ice=given_items, consciousness_other_cause=True)
        assert (answer["result"]["grade"], answer["missing"]) == (0, ["ice", "consciousness"])


@pytest.mark.parametrize("untested", ["command", "writing", "attention"])
def test_an_untested_item_is_worth_its_own_points_at_best(untested: str) -> None:
    items = {"orientation": 1, "naming": 0, "command": 0, "writing": 0, "attention": 0}
    del items[untested]
    answer = teenager(ice_total=None, ice=items)
    assert "at best 2" in answer["explanation"][1]
    assert (answer["result"]["grade"], answer["missing"]) == (3, ["ice"])


def test_the_words_of_capd_add_up() -> None:
    words = ["always"] * 4 + ["sometimes"] * 4
    assert child(capd_answers=words)["result"]["score"] == 8
    assert child(capd_answers=words, capd_total=8)["result"]["grade"] == 0


def test_the_baseline_is_shown_and_does_not_change_the_grade() -> None:
    answer = child(capd_total=12, capd_baseline=11)
    assert answer["result"]["grade"] == 3
    assert any("baseline 11" in sentence for sentence in answer["explanation"])
    assert any("baseline unknown" in sentence for sentence in child(capd_total=12)["explanation"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"age_years": -0.1}, "age_years"),
        ({"ice_total": 11}, "ice_total"),
        ({"ice_total": 7.5}, "ice_total"),
        ({"ice": {"orientation": 5}}, "ice.orientation"),
        ({"ice": {"naming": 4}}, "ice.naming"),
        ({"ice": {"command": 2}}, "ice.command"),
        ({"ice": {"mood": 1}}, "ice.mood"),
        ({"capd_total": 33}, "capd_total"),
        ({"capd_answers": ["never"] * 7}, "capd_answers"),
        ({"capd_answers": ["never"] * 9}, "capd_answers"),
        ({"capd_answers": [*["never"] * 7, "daily"]}, "capd_answers.7"),
        ({"capd_baseline": -1}, "capd_baseline"),
        ({"consciousness": "asleep"}, "consciousness"),
        ({"seizure": True}, "seizure"),
        ({"raised_icp": "some"}, "raised_icp"),
        ({"motor_weakness": "no"}, "motor_weakness"),
        ({"tremor": True}, "tremor"),
        # Two fields that contradict each other.
        (
            {
                "ice": {"orientation": 4, "naming": 3, "command": 1, "writing": 1, "attention": 1},
                "ice_total": 9,
            },
            "ice_total",
        ),
        ({"ice": {"orientation": 0, "naming": 0}, "ice_total": 4}, "ice_total"),
        ({"ice": {"orientation": 4, "naming": 3}, "ice_total": 6}, "ice_total"),
        ({"capd_answers": ["always"] * 8, "capd_total": 15}, "capd_total"),
        ({"capd_unable": True, "capd_total": 10}, "capd_unable"),
        ({"capd_unable": True, "capd_answers": ["always"] * 8}, "capd_unable"),
    ],
)
def test_impossible_input_is_refused_by_its_field(wrong: dict[str, Any], field: str) -> None:
    assert list(refused("icans", **wrong)) == [field]


def test_an_incomplete_ice_agrees_with_a_possible_total() -> None:
    answer = teenager(ice_total=5, ice={"orientation": 4, "naming": 0})["result"]
    assert (answer["score"], answer["grade"]) == (5, 2)


points = st.none() | st.integers(0, 1)
ices = st.builds(
    Ice,
    orientation=st.none() | st.integers(0, 4),
    naming=st.none() | st.integers(0, 3),
    command=points,
    writing=points,
    attention=points,
)
bedside_tests = st.one_of(
    st.just({}),
    st.builds(lambda ice: {"ice": ice}, ices),
    st.builds(lambda total: {"ice_total": total}, st.integers(0, 10)),
    st.builds(lambda total: {"capd_total": total}, st.integers(0, 32)),
    st.just({"capd_unable": True}),
    st.builds(
        lambda words: {"capd_answers": tuple(words)},
        st.lists(st.sampled_from(CapdAnswer), min_size=8, max_size=8),
    ),
)


@st.composite
def inputs(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "age_years": draw(st.none() | st.floats(0, 26)),
        "developmental_delay": draw(st.booleans()),
        "new_change_attributed": draw(st.booleans()),
        "consciousness": draw(st.none() | st.sampled_from(Consciousness)),
        "consciousness_other_cause": draw(st.booleans()),
        "seizure": draw(st.none() | st.sampled_from(Seizure)),
        "motor_weakness": draw(st.none() | st.booleans()),
        "raised_icp": draw(st.none() | st.sampled_from(RaisedIcp)),
        "intracranial_hemorrhage": draw(st.booleans()),
        **draw(bedside_tests),
    }


@given(inputs())
def test_a_missing_domain_never_raises_the_grade_and_always_shows(known: dict[str, Any]) -> None:
    before = grade_icans(IcansInput(**known))
    for domain in ("consciousness", "seizure", "motor_weakness", "raised_icp"):
        after = grade_icans(IcansInput(**(known | {domain: None})))
        assert after.grade <= before.grade
        assert after.at_least
        assert domain in after.missing
    ice = known.get("ice")
    if ice is not None:
        for item in ICE_ITEM_POINTS:
            fewer = grade_icans(IcansInput(**(known | {"ice": replace(ice, **{item: None})})))
            assert fewer.grade <= before.grade
    no_test = {"ice": None, "ice_total": None, "capd_total": None, "capd_answers": None, "capd_unable": False}
    after = grade_icans(IcansInput(**(known | no_test)))
    assert after.grade <= before.grade
    assert after.at_least


@given(inputs())
def test_the_grade_never_falls_when_a_domain_worsens(known: dict[str, Any]) -> None:
    grade = grade_icans(IcansInput(**known)).grade
    for worse in (
        {"consciousness": Consciousness.UNAROUSABLE},
        {"seizure": Seizure.PROLONGED_OR_REPETITIVE},
        {"motor_weakness": True},
        {"raised_icp": RaisedIcp.DIFFUSE_EDEMA_OR_SIGNS},
        {"new_change_attributed": True},
        {"death_from_icans": True},
    ):
        assert grade_icans(IcansInput(**(known | worse))).grade >= grade


@given(inputs(), st.integers(0, 31))
def test_a_higher_capd_never_lowers_the_grade(known: dict[str, Any], total: int) -> None:
    rest = {name: value for name, value in known.items() if not name.startswith(("ice", "capd"))}
    lower, higher = (grade_icans(IcansInput(**rest, capd_total=each)) for each in (total, total + 1))
    assert lower.grade <= higher.grade


@given(inputs(), st.integers(0, 9))
def test_a_lower_ice_never_lowers_the_grade_while_the_test_can_be_done(
    known: dict[str, Any], total: int
) -> None:
    rest = {name: value for name, value in known.items() if not name.startswith(("ice", "capd"))}
    if rest["consciousness_other_cause"]:
        total = max(total, 1)
    lower, higher = (grade_icans(IcansInput(**rest, ice_total=each)) for each in (total, total + 1))
    assert lower.grade >= higher.grade
