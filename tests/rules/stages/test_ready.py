"""Before the infusion: days of lymphodepletion, the kidney, identifiers, and who may go on against a stop."""

from datetime import date, timedelta

import pytest

from cartpath.protocols import registry
from cartpath.protocols.ready_rows import FLU_AUC_LOW, FLU_CLEARANCE_ASKS, ready_figure, stop_rule
from cartpath.protocols.sections import Regimen
from infusion.rules.depletion_days import (
    GivenDose,
    KidneyNote,
    counts_back,
    kidney_note,
    planned_doses,
    strip,
)
from infusion.rules.lymphodepletion import regimen_doses
from infusion.rules.ready import (
    Agreement,
    Condition,
    State,
    agreement,
    change_percent,
    in_the_way,
    is_tied,
    may_override,
    to_look_at,
)

KYMRIAH = registry.latest("tisagenlecleucel-eu")
TECARTUS = registry.latest("brexucabtagene-eu")
MONDAY = date(2026, 3, 2)
SENIORS = {"clinician": frozenset({"registrar", "attending"})}


def regimen_of(protocol: object) -> Regimen:
    found = protocol.lymphodepletion_regimen(MONDAY)  # type: ignore[attr-defined]
    assert isinstance(found, Regimen)
    return found


def days(protocol: object = KYMRIAH, **own: float) -> list[tuple[str, int, float, float]]:
    regimen = regimen_of(protocol)
    doses = regimen_doses(regimen, weight_kg=20, height_cm=120)
    planned = planned_doses(
        regimen, doses, starts_on=MONDAY, infusion_on=MONDAY + timedelta(days=6), own_mg=own
    )
    return [(dose.drug, (dose.on - MONDAY).days, dose.rule_mg, dose.mg) for dose in planned]


def test_a_regimen_without_named_days_begins_with_all_its_drugs_on_the_first_day() -> None:
    # 0.8165 m² by Mosteller.
    assert days() == [
        ("fludarabine", 0, 24.5, 24.5),
        ("cyclophosphamide", 0, 408.2, 408.2),
        ("fludarabine", 1, 24.5, 24.5),
        ("cyclophosphamide", 1, 408.2, 408.2),
        ("fludarabine", 2, 24.5, 24.5),
        ("fludarabine", 3, 24.5, 24.5),
    ]
    assert not counts_back(regimen_of(KYMRIAH))


def test_a_regimen_that_counts_back_places_its_drugs_before_the_infusion() -> None:
    assert counts_back(regimen_of(TECARTUS))
    assert [(drug, day - 6) for drug, day, _, _ in days(TECARTUS)] == [
        ("fludarabine", -4),
        ("fludarabine", -3),
        ("fludarabine", -2),
        ("cyclophosphamide", -2),
    ]


def test_a_dose_of_one_s_own_stands_beside_the_rule_s_and_changes_no_other_drug() -> None:
    found = days(fludarabine=18.0)
    assert {(rule, mg) for drug, _, rule, mg in found if drug == "fludarabine"} == {(24.5, 18.0)}
    assert {(rule, mg) for drug, _, rule, mg in found if drug == "cyclophosphamide"} == {(408.2, 408.2)}


def test_the_strip_tells_given_due_missed_and_unplanned_apart() -> None:
    regimen = regimen_of(KYMRIAH)
    doses = regimen_doses(regimen, weight_kg=20, height_cm=120)
    infusion_on = MONDAY + timedelta(days=6)
    planned = planned_doses(regimen, doses, starts_on=MONDAY, infusion_on=infusion_on)
    given = [
        GivenDose(drug="Fludarabine", on=MONDAY, mg=24.0),
        GivenDose(drug="mesna", on=MONDAY, mg=None),
    ]
    found = strip(planned, given, infusion_on=infusion_on, today=MONDAY + timedelta(days=1))
    assert [day.day for day in found] == [-6, -5, -4, -3, -2, -1, 0]
    first = {dose.drug: (dose.state, dose.given_mg) for dose in found[0].doses}
    assert first == {
        "fludarabine": ("given", (24.0,)),
        "cyclophosphamide": ("missed", ()),
        "mesna": ("unplanned", (None,)),
    }
    assert {dose.state for dose in found[1].doses} == {"due"}
    assert {dose.state for dose in found[2].doses} == {"planned"}
    assert not found[4].doses
    assert found[6].is_infusion and found[1].is_today


def test_nothing_planned_and_nothing_given_makes_no_strip() -> None:
    assert strip([], [], infusion_on=MONDAY, today=MONDAY) == ()


def kidney(clearance: float | None, auc: float | None = None) -> KidneyNote:
    rows = KYMRIAH.pathway.ready
    return kidney_note(
        clearance_ml_min=clearance,
        flu_auc=auc,
        asks=ready_figure(rows, FLU_CLEARANCE_ASKS),
        low=ready_figure(rows, FLU_AUC_LOW),
    )


@pytest.mark.parametrize(("clearance", "ask"), [(79.9, True), (80.0, False), (None, None)])
def test_the_kidney_asks_below_the_figure_and_an_unknown_clearance_is_no_normal_one(
    clearance: float | None, ask: bool | None
) -> None:
    assert kidney(clearance).ask is ask
    assert kidney(clearance).missing == (("clearance_ml_min",) if clearance is None else ())


@pytest.mark.parametrize(("auc", "low"), [(13.7, True), (13.8, False), (None, None)])
def test_an_exposure_is_low_below_the_published_figure_only_where_it_was_measured(
    auc: float | None, low: bool | None
) -> None:
    assert kidney(100, auc).auc_low is low


def test_a_center_that_gave_the_figures_up_is_asked_nothing() -> None:
    note = kidney_note(clearance_ml_min=None, flu_auc=10, asks=None, low=None)
    assert (note.ask, note.auc_low, note.sentences) == (False, None, ())


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ({"order": "CH 123", "bag": "ch123"}, "agree"),
        ({"order": "CH123", "bag": "CH124"}, "differ"),
        ({"order": "CH123", "certificate": "", "bag": "CH132"}, "differ"),
        ({"order": "CH123", "bag": ""}, "unknown"),
        ({"order": "CH123"}, "unknown"),
        ({"order": "", "bag": ""}, "unknown"),
    ],
)
def test_identifiers_agree_only_when_each_place_is_known_and_the_same(
    shown: dict[str, str], found: Agreement
) -> None:
    assert agreement(shown) == found


@pytest.mark.parametrize(
    ("bag", "tied"),
    [
        ({"coi": "ch 1", "lot": ""}, True),
        ({"coi": "", "lot": "LOT-7"}, True),
        ({"coi": "CH2", "lot": ""}, False),
        ({"coi": "", "lot": ""}, False),
    ],
)
def test_a_bag_is_tied_by_one_identifier_and_by_none_that_is_unknown(bag: dict[str, str], tied: bool) -> None:
    assert is_tied(bag, {"coi": "CH1", "lot": "LOT-7"}) is tied
    assert not is_tied({"coi": "", "lot": ""}, {"coi": "", "lot": ""})


def condition(state: State, severity: str = "block") -> Condition:
    return Condition(name=state, label=state, state=state, severity=severity)  # type: ignore[arg-type]


def test_open_and_unknown_hard_stops_stand_in_the_way_and_settled_ones_do_not() -> None:
    every = [condition(state) for state in ("met", "open", "unknown", "overridden")]
    assert [each.name for each in in_the_way(every)] == ["open", "unknown"]
    warned = [condition("open", "warn"), condition("met", "warn")]
    assert in_the_way(warned) == ()
    assert [each.name for each in to_look_at(warned)] == ["open"]


def test_the_change_of_weight_is_signed_and_unknown_without_a_weight() -> None:
    assert change_percent(ordered_kg=20, now_kg=17.8) == pytest.approx(-11)
    assert change_percent(ordered_kg=None, now_kg=20) is None


def test_nobody_goes_on_against_a_mismatch_and_clinicians_against_an_item_of_the_checklist() -> None:
    rules = KYMRIAH.pathway.stops
    match, item = stop_rule(rules, "match"), stop_rule(rules, "check_gvhd", is_item=True)
    assert match is not None and item is not None
    assert not may_override(match.roles, ["attending", "administrator"], SENIORS)
    assert may_override(item.roles, ["registrar"], SENIORS)
    assert not may_override(item.roles, ["apheresis_nurse"], SENIORS)
    assert stop_rule(rules, "nothing_of_that_name") is None


def test_a_role_named_alone_stands_for_itself_and_not_for_its_juniors() -> None:
    assert not may_override(["attending"], ["clinician"], SENIORS)


def test_each_reason_to_wait_says_when_it_is_looked_at_again_and_cites_its_source() -> None:
    rows = KYMRIAH.pathway.holds
    assert len(rows) == 12
    assert all(row.review_hours > 0 and KYMRIAH.cite(row) for row in rows)
    assert {row.id for row in rows if row.needs_note} == {"hold_identity", "hold_bag", "hold_other"}
