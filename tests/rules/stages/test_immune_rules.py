"""B-cell aplasia, immunoglobulin, ending prophylaxis: each limit from both sides, and what is unknown."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.protocols import registry
from cartpath.protocols.immune_rows import ImmuneRules, SerumLimit
from cartpath.protocols.sections import BCellLoss
from followup.rules.b_cell_aplasia import BCellCourse, BCellSample, b_cell_course, shows_b_cells
from followup.rules.drugs import DrugCourse, last_given
from followup.rules.lines import Line, first_day, together
from followup.rules.prophylaxis import CellCounts, StopFacts, StopProposal, stop_proposal
from followup.rules.replacement import (
    InfectionSeen,
    ReplacementFacts,
    Serum,
    is_recurrent,
    read_dose,
    replacement,
)

FOLLOW_UP = registry.get("tisagenlecleucel-eu", "1").follow_up
IMMUNE = FOLLOW_UP.immune
BCELL = FOLLOW_UP.b_cell_aplasia
DAY = date(2026, 1, 31)
BIRTH = date(2018, 6, 1)


def days(count: int) -> date:
    return DAY + timedelta(days=count)


# --- B-cell aplasia ----------------------------------------------------------------------------------------


def course(*samples: tuple[int, float], **rest: object) -> BCellCourse:
    taken = [BCellSample(days(day), percent=percent, per_ul=0) for day, percent in samples]
    return b_cell_course(BCELL, taken, **({"infused_on": DAY} | rest))


@pytest.mark.parametrize(("again_after", "stage"), [(27, "lost"), (28, "recovered")])
def test_b_cells_seen_four_weeks_after_the_confirmation_are_back_for_good(
    again_after: int, stage: str
) -> None:
    found = course((60, 5), (74, 5), (74 + again_after, 5))
    assert (found.state, found.stage) == ("lost", stage)


def test_no_b_cells_after_a_confirmed_loss_are_noted_and_change_nothing() -> None:
    found = course((60, 5), (74, 5), (120, 0))
    assert found.stage == "lost"
    assert found.absent_again_on == days(120)
    assert found.flags.count("b_cells_absent_again") == 1
    assert [phase.stage for phase in found.phases] == ["suspected_loss", "lost"]


def test_the_course_names_every_stage_with_its_day() -> None:
    found = course((28, 0), (60, 5), (75, 0), (100, 5), (114, 5), (150, 6))
    assert [(phase.stage, phase.since) for phase in found.phases] == [
        ("ongoing", days(28)),
        ("suspected_loss", days(60)),
        ("ongoing", days(75)),
        ("suspected_loss", days(100)),
        ("lost", days(114)),
        ("recovered", days(150)),
    ]


def test_the_day_of_conditioning_itself_no_longer_counts() -> None:
    before = course((99, 5), conditioning_on=days(100))
    on_it = course((100, 5), conditioning_on=days(100))
    assert before.first_positive_on == days(99)
    assert on_it.first_positive_on is None
    assert (before.state, on_it.state) == ("not_applicable", "not_applicable")
    assert "early_loss" not in before.flags


def test_a_further_infusion_ends_the_course_unless_conditioning_came_first() -> None:
    assert course((30, 0), infused_again_on=days(90)).since == days(90)
    both = course((30, 0), infused_again_on=days(90), conditioning_on=days(60))
    assert both.since == days(60)
    assert both.state == "not_applicable"


def test_two_tubes_of_one_day_are_one_sample_and_the_higher_value_counts() -> None:
    taken = [BCellSample(days(60), percent=0.2), BCellSample(days(60), percent=3.0)]
    assert b_cell_course(BCELL, taken, infused_on=DAY).state == "suspected_loss"
    assert b_cell_course(BCELL, taken[::-1], infused_on=DAY).state == "suspected_loss"


@pytest.mark.parametrize(
    ("change", "percent", "per_ul", "shown"),
    [
        ({}, 1.0, 100.0, False),
        ({"or_equal": True}, 1.0, 0.0, True),
        ({"require": "all"}, 5.0, 50.0, False),
        ({"require": "all"}, 5.0, 101.0, True),
        ({"require": "all"}, 5.0, None, None),
        ({"require": "all"}, 0.5, None, False),
        ({"percent_above": None}, 50.0, 10.0, False),
        ({"percent_above": None}, 50.0, None, None),
        ({"per_ul_above": None, "percent_above": 3}, 3.1, None, True),
    ],
)
def test_a_center_defines_by_itself_what_shows_b_cells(
    change: dict[str, Any], percent: float, per_ul: float | None, shown: bool | None
) -> None:
    loss: BCellLoss = replace(BCELL.loss, **change)
    rule = replace(BCELL, loss=loss)
    assert shows_b_cells(rule, BCellSample(DAY, percent=percent, per_ul=per_ul)) is shown


# --- Replacing immunoglobulin ------------------------------------------------------------------------------


def serum_facts(igg: float | None, **rest: object) -> ReplacementFacts:
    known = {"birth": BIRTH, "infections_complete": True, "vaccine_response_impaired": False}
    return ReplacementFacts(**(known | {"serum": Serum(taken_on=DAY, igg_mg_dl=igg)} | rest))


def proposed(igg: float | None, *, rules: ImmuneRules = IMMUNE, **rest: object) -> str:
    return replacement(rules, FOLLOW_UP.immunoglobulin, serum_facts(igg, **rest), on=DAY).proposal


@pytest.mark.parametrize(("igg", "proposal"), [(400, "consider"), (401, "not_needed"), (None, "unknown")])
def test_up_to_four_hundred_replacing_is_proposed(igg: float | None, proposal: str) -> None:
    assert proposed(igg) == proposal


@pytest.mark.parametrize(("igg", "proposal"), [(401, "consider"), (600, "consider"), (601, "not_needed")])
def test_up_to_six_hundred_a_serious_infection_is_needed_too(igg: float | None, proposal: str) -> None:
    serious = (InfectionSeen(began_on=days(-10), is_serious=True),)
    assert proposed(igg, infections=serious) == proposal


def test_unknown_infections_leave_the_proposal_unknown_and_are_named() -> None:
    found = replacement(IMMUNE, FOLLOW_UP.immunoglobulin, serum_facts(500, infections_complete=False), on=DAY)
    assert found.proposal == "unknown"
    assert "serious_or_recurrent_infection" in found.missing


def test_above_six_hundred_an_impaired_response_is_enough() -> None:
    assert proposed(900, vaccine_response_impaired=True) == "consider"
    assert proposed(900, vaccine_response_impaired=None) == "unknown"


def test_limits_read_for_adults_are_flagged_for_a_child_only() -> None:
    child = replacement(IMMUNE, FOLLOW_UP.immunoglobulin, serum_facts(350), on=DAY)
    adult = serum_facts(350, birth=date(2008, 1, 31))
    grown = replacement(IMMUNE, FOLLOW_UP.immunoglobulin, adult, on=DAY)
    assert {"adult_limit", "no_local_limit"} <= set(child.flags)
    assert grown.flags == ()
    the_eve = serum_facts(350, birth=date(2008, 2, 1))
    assert "adult_limit" in replacement(IMMUNE, FOLLOW_UP.immunoglobulin, the_eve, on=DAY).flags


@pytest.mark.parametrize(("igg", "proposal"), [(499, "consider"), (500, "not_needed")])
def test_a_center_can_enter_its_own_lower_limit_for_children(igg: float | None, proposal: str) -> None:
    limit = SerumLimit(
        id="center_igg",
        source=("DESIGN",),
        status="center_default",
        label="IgG, 6 to 12 years",
        serum="igg",
        below_mg_dl=500,
        from_years=6,
        below_years=12,
    )
    rules = replace(IMMUNE, serum_limits=(limit,))
    assert proposed(igg, rules=rules) == proposal
    found = replacement(rules, FOLLOW_UP.immunoglobulin, serum_facts(499), on=DAY)
    assert "no_local_limit" not in found.flags


@pytest.mark.parametrize(
    ("before", "complete", "recurrent"),
    [
        ((10, 100), True, True),
        ((10, 100), False, True),
        ((10,), True, False),
        ((10,), False, None),
        ((10, 184), True, False),
    ],
)
def test_two_infections_in_six_months_recur(
    before: tuple[int, ...], complete: bool | int | None, recurrent: bool | None
) -> None:
    seen = tuple(InfectionSeen(began_on=days(-count)) for count in before)
    facts = serum_facts(500, infections=seen, infections_complete=complete)
    assert is_recurrent(IMMUNE.recurrent[0], facts, on=DAY) is recurrent


@pytest.mark.parametrize(("grams", "usual"), [(7.99, False), (8.0, True), (10.0, True), (10.01, False)])
def test_a_dose_is_counted_per_kilogram_of_a_named_weight(grams: float, usual: bool) -> None:
    found = read_dose(IMMUNE.doses, route="iv", dose_g=grams, weight_kg=20.0, weighed_on=DAY, on=DAY)
    assert found.is_usual is usual
    assert found.g_per_kg == pytest.approx(grams / 20, abs=0.001)


def test_without_a_weight_the_dose_per_kilogram_is_unknown() -> None:
    found = read_dose(IMMUNE.doses, route="iv", dose_g=10, weight_kg=None, weighed_on=None, on=DAY)
    assert (found.g_per_kg, found.is_usual, found.missing) == (None, None, ("weight_kg",))


def test_a_draft_dose_judges_nothing() -> None:
    found = read_dose(IMMUNE.doses, route="sc", dose_g=2, weight_kg=20.0, weighed_on=DAY, on=DAY)
    assert (found.g_per_kg, found.row, found.is_usual) == (0.1, None, None)


# --- Ending a prophylaxis ----------------------------------------------------------------------------------

INFUSED = date(2024, 2, 29)
YEAR_ON = date(2025, 2, 28)


def cd4(*pairs: tuple[date, float]) -> tuple[CellCounts, ...]:
    return tuple(CellCounts(taken_on=day, cd4_per_ul=value) for day, value in pairs)


def stop(on: date = date(2025, 6, 1), group: str = "pjp", **rest: object) -> StopProposal:
    known = {
        "birth": date(2014, 1, 1),
        "counted_from": INFUSED,
        "counts": cd4((date(2025, 1, 31), 201), (date(2025, 2, 28), 300)),
        "drugs_complete_on": date(2025, 2, 1),
    }
    return stop_proposal(IMMUNE, group, StopFacts(**(known | rest)), on=on)


def test_all_three_met_proposes_the_end() -> None:
    assert stop().verdict == "met"


@pytest.mark.parametrize(("on", "verdict"), [(YEAR_ON - timedelta(days=1), "not_met"), (YEAR_ON, "met")])
def test_twelve_months_from_the_29_february_end_on_the_28(on: date, verdict: str) -> None:
    counts = cd4((date(2024, 12, 1), 400), (date(2025, 1, 5), 400))
    found = stop(on=on, counts=counts, drugs_complete_on=date(2025, 1, 5))
    assert found.verdict == verdict
    assert found.from_on == YEAR_ON


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ((date(2025, 1, 31), 201), (date(2025, 2, 28), 201), "met"),
        ((date(2025, 1, 31), 201), (date(2025, 2, 27), 201), "unknown"),
        ((date(2025, 1, 31), 200), (date(2025, 2, 28), 201), "unknown"),
        ((date(2025, 1, 31), 201), (date(2025, 2, 28), 200), "not_met"),
    ],
)
def test_two_counts_above_200_a_calendar_month_apart_are_asked_for(
    first: tuple[date, float], second: tuple[date, float], verdict: str
) -> None:
    assert stop(counts=cd4(first, second)).verdict == verdict


def test_a_low_count_between_two_high_ones_begins_the_month_anew() -> None:
    counts = cd4((date(2025, 1, 1), 300), (date(2025, 3, 1), 150), (date(2025, 3, 20), 300))
    found = stop(counts=counts)
    assert (found.verdict, found.missing) == ("unknown", ("second_cd4",))


def test_running_steroids_stand_against_it_and_an_unconfirmed_list_leaves_it_open() -> None:
    running = DrugCourse(group="steroid", drug="Prednisone", started_on=INFUSED)
    assert stop(drugs=(running,)).verdict == "not_met"
    assert stop(drugs=(running,)).from_on is None
    assert stop(drugs_complete_on=None).missing == ("steroids",)


def test_below_six_years_a_count_is_flagged_until_a_center_approves_the_share() -> None:
    small = date(2019, 6, 2)
    assert "cd4_of_young_child" in stop(birth=small).flags
    assert "cd4_of_young_child" not in stop(birth=date(2019, 6, 1)).flags
    rules = tuple(
        replace(row, status="center_default") if row.id == "stop_pjp_young" else row for row in IMMUNE.stops
    )
    facts = StopFacts(
        birth=small,
        counted_from=INFUSED,
        counts=(
            CellCounts(taken_on=date(2025, 1, 1), cd4_percent=15.1),
            CellCounts(taken_on=date(2025, 2, 1), cd4_percent=16),
        ),
        drugs_complete_on=date(2025, 2, 1),
    )
    found = stop_proposal(replace(IMMUNE, stops=rules), "pjp", facts, on=date(2025, 6, 1))
    assert (found.row, found.verdict) == ("stop_pjp_young", "met")


@pytest.mark.parametrize(("anc", "verdict"), [(500, "not_met"), (501, "met"), (None, "unknown")])
def test_the_bacterial_prophylaxis_ends_above_500_neutrophils(anc: float | None, verdict: str) -> None:
    counts = (CellCounts(taken_on=YEAR_ON, anc_per_ul=anc),)
    assert stop(group="bacterial", counts=counts).verdict == verdict


def test_without_a_rule_in_force_nothing_is_proposed() -> None:
    found = stop_proposal(ImmuneRules(), "pjp", StopFacts(birth=BIRTH, counted_from=DAY), on=DAY)
    assert (found.row, found.verdict, found.lines) == (None, "unknown", ())


# --- Unknown never becomes met -----------------------------------------------------------------------------

VERDICTS = st.sampled_from(["met", "not_met", "unknown"])


@given(st.lists(VERDICTS, min_size=1))
def test_one_unknown_line_is_never_all_met(verdicts: list[str]) -> None:
    lines = [Line(row="x", verdict=each, said="", holds_from=DAY) for each in verdicts]
    assert (together(lines) == "met") == (set(verdicts) == {"met"})
    assert first_day(lines) is None or "unknown" not in verdicts


@given(st.lists(st.tuples(st.integers(0, 900), st.floats(0, 600)), max_size=8), st.randoms())
def test_the_order_of_counts_does_not_matter(rows: list[tuple[int, float]], random: Random) -> None:
    counts = [CellCounts(taken_on=INFUSED + timedelta(days=day), cd4_per_ul=value) for day, value in rows]
    shuffled = sorted(counts, key=lambda _: random.random())
    assert stop(counts=tuple(counts)) == stop(counts=tuple(shuffled))


def test_a_drug_of_unknown_end_is_never_taken_for_ended() -> None:
    unsure = DrugCourse(group="steroid", drug="Prednisone", started_on=None, is_over=True)
    found = last_given([unsure], ["steroid"], on=DAY, complete_on=DAY)
    assert (found.is_known, found.unsure, found.running) == (False, "Prednisone", "")
