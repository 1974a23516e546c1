"""CRS: what holds for every input, known or not."""

from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.rules.calculating import run
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice, grade_crs

devices = st.sampled_from(OxygenDevice)
flows = st.none() | st.floats(0, 60)
agents = st.lists(
    st.sampled_from(
        ["norepinephrine", "epinephrine", "vasopressin", "milrinone", "dopamine", "noradrenaline"]
    ),
    max_size=4,
).map(tuple)


KNOWN_TO_JSON: dict[str, Any] = {
    "temperature_c": 38.9,
    "fever_other_cause": False,
    "prior_crs": True,
    "modifier_given": False,
    "hypotension": True,
    "vasopressors": ["norepinephrine", "vasopressin"],
    "oxygen": {"device": "nasal_cannula", "flow_l_min": 3},
    "death_from_crs": False,
}


@st.composite
def oxygens(draw: st.DrawFn) -> Oxygen:
    device = draw(st.none() | devices)
    flow = None if device is OxygenDevice.NONE else draw(flows)
    return Oxygen(device, flow, for_comfort=draw(st.booleans()), baseline_support=draw(st.booleans()))


inputs = st.builds(
    CrsInput,
    temperature_c=st.none() | st.floats(34, 42),
    fever_other_cause=st.booleans(),
    prior_crs=st.booleans(),
    modifier_given=st.booleans(),
    hypotension=st.none() | st.booleans(),
    vasopressors=st.none() | agents,
    oxygen=st.none() | oxygens(),
)


def changed(given_input: CrsInput, **changes: Any) -> CrsInput:
    names = given_input.__dataclass_fields__
    return CrsInput(**({name: getattr(given_input, name) for name in names} | changes))


@given(inputs)
def test_a_missing_domain_never_raises_the_grade_and_always_shows(given_input: CrsInput) -> None:
    before = grade_crs(given_input)
    for field, domain in (("temperature_c", "fever"), ("hypotension", "hypotension"), ("oxygen", "hypoxia")):
        after = grade_crs(changed(given_input, **{field: None}))
        assert after.grade <= before.grade
        assert after.at_least
        assert domain in after.missing


@given(inputs)
def test_the_grade_is_a_lower_bound_of_every_way_to_fill_the_gaps(given_input: CrsInput) -> None:
    least = grade_crs(given_input)
    assert least.at_least is bool(least.missing)
    for temperature, hypotension, oxygen in product(
        (37.0, 39.0), (False, True), (Oxygen(OxygenDevice.NONE), Oxygen(OxygenDevice.CPAP))
    ):
        filled = changed(
            given_input,
            temperature_c=given_input.temperature_c or temperature,
            hypotension=hypotension if given_input.hypotension is None else given_input.hypotension,
            vasopressors=() if given_input.vasopressors is None else given_input.vasopressors,
            oxygen=given_input.oxygen or oxygen,
        )
        assert grade_crs(filled).grade >= least.grade


@given(inputs)
def test_the_grade_never_falls_when_a_domain_worsens(given_input: CrsInput) -> None:
    grade = grade_crs(given_input).grade
    assert grade_crs(changed(given_input, hypotension=True)).grade >= grade
    more = (*(given_input.vasopressors or ()), "phenylephrine")
    assert grade_crs(changed(given_input, vasopressors=more)).grade >= grade
    assert grade_crs(changed(given_input, oxygen=Oxygen(OxygenDevice.MECHANICAL_VENTILATION))).grade >= grade
    assert grade_crs(changed(given_input, death_from_crs=True)).grade == 5
    if given_input.temperature_c is not None and not given_input.fever_other_cause:
        assert grade_crs(changed(given_input, temperature_c=39.0)).grade >= grade


@given(inputs, st.floats(0, 60), st.floats(0, 60))
def test_more_flow_never_lowers_the_grade(given_input: CrsInput, one: float, other: float) -> None:
    for device in (OxygenDevice.NASAL_CANNULA, OxygenDevice.HIGH_FLOW_NASAL_CANNULA):
        less, more = (
            grade_crs(changed(given_input, oxygen=Oxygen(device, flow))) for flow in sorted((one, other))
        )
        assert less.grade <= more.grade


@given(inputs, st.randoms())
def test_the_order_of_the_vasopressors_is_irrelevant(given_input: CrsInput, chance: Any) -> None:
    shuffled = list(given_input.vasopressors or ())
    chance.shuffle(shuffled)
    again = changed(given_input, vasopressors=None if given_input.vasopressors is None else tuple(shuffled))
    assert grade_crs(again) == grade_crs(given_input)


@given(inputs)
def test_an_open_gate_never_lowers_the_grade(given_input: CrsInput) -> None:
    opened = grade_crs(changed(given_input, prior_crs=True, modifier_given=True))
    assert opened.grade >= grade_crs(given_input).grade
    assert opened.eligible is True


@given(st.permutations(list(KNOWN_TO_JSON)))
def test_the_order_in_which_the_domains_are_told_is_irrelevant(order: list[str]) -> None:
    assert run("crs", **{name: KNOWN_TO_JSON[name] for name in order}) == run("crs", **KNOWN_TO_JSON)


@given(
    st.sampled_from(["ferritin_ng_ml", "alt_u_l", "creatinine_mg_dl", "fibrinogen_mg_dl", "platelets"]),
    st.floats(0, 100_000),
)
def test_organ_laboratories_never_change_the_grade(laboratory: str, value: float) -> None:
    answer = run("crs", **KNOWN_TO_JSON, **{laboratory: value})
    assert answer["error"]["fields"] == {laboratory: "is not a known field"}
