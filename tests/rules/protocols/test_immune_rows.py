"""Rows about the immune system: what a file may not say, and which of several sources counts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cartpath.protocols import checks, registry
from cartpath.protocols.immune_rows import VaccineCondition
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import FollowUp

EU = registry.get("tisagenlecleucel-eu", "1")
FOLLOW_UP = EU.follow_up
IMMUNE = FOLLOW_UP.immune


def problems(document: FollowUp) -> list[str]:
    return [str(problem) for problem in checks.of_document(document)]


def test_the_shipped_rows_are_sound() -> None:
    assert problems(FOLLOW_UP) == []


def test_of_several_sources_one_rule_a_prophylaxis_is_in_force_and_the_others_wait() -> None:
    live = in_force(IMMUNE.stops)
    assert len({row.group for row in live}) == len(live) == 5
    assert {row.status for row in IMMUNE.stops} == {"center_default", "draft"}


def test_two_rules_in_force_for_one_prophylaxis_contradict_each_other() -> None:
    approved = tuple(
        replace(row, status="center_default") if row.id == "stop_pjp_6" else row for row in IMMUNE.stops
    )
    found = problems(replace(FOLLOW_UP, immune=replace(IMMUNE, stops=approved)))
    assert found == ["immune.stops[1]: holds for what 'stop_pjp_12' holds for too"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "give exactly one of since and measure"),
        ({"since": "infusion", "months": 3, "measure": "cd4"}, "give exactly one of since and measure"),
        ({"since": "infusion"}, "say how many months must have passed"),
        ({"measure": "cd4"}, "say above which value"),
        ({"since": "drug", "months": 3}, "drugs are counted from by their groups"),
    ],
)
def test_a_condition_says_either_a_time_or_a_value(given: Mapping[str, Any], said: str) -> None:
    row = VaccineCondition(
        id="a_condition", source=("DESIGN",), status="center_default", label="A", classes=("live",), **given
    )
    found = [problem.reason for problem in checks.row_problems(("x",), row, {"DESIGN": "here"})]
    assert said in found


def test_without_any_limit_nothing_could_show_b_cells() -> None:
    assert FOLLOW_UP.b_cell_aplasia is not None
    loss = replace(FOLLOW_UP.b_cell_aplasia.loss, percent_above=None, per_ul_above=None)
    broken = replace(FOLLOW_UP, b_cell_aplasia=replace(FOLLOW_UP.b_cell_aplasia, loss=loss))
    assert problems(broken) == ["b_cell_aplasia.loss: give percent_above, per_ul_above or both"]


def test_the_days_of_the_task_are_those_of_the_confirmation() -> None:
    assert FOLLOW_UP.b_cell_aplasia is not None
    confirmation = FOLLOW_UP.b_cell_aplasia.confirmation
    task = next(row for row in FOLLOW_UP.tasks if row.item == "b_cell_second_sample")
    assert task.at.days == (confirmation.after_days,)
    assert confirmation.after_days + task.window.after_days == confirmation.within_days
