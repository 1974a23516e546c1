"""Suggestions by grade: which hold, for whom they were written, and that no adult's dose reaches a child."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from cartpath.protocols import registry
from cartpath.protocols.advice_rows import AdviceRow, dose_in
from cartpath.protocols.checks import row_problems
from cartpath.protocols.schema import Protocol
from toxicity.advice.choose import Grades, chosen
from toxicity.grading.tocilizumab import crosses_discontinuity, tocilizumab_dose, tocilizumab_room

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def protocol() -> Protocol:
    return registry.for_product("tisagenlecleucel", "EU")


def rows() -> tuple[AdviceRow, ...]:
    return protocol().pathway.advice


def ids(crs: int | None, icans: int | None, *, product: str = "tisagenlecleucel") -> set[str]:
    found = chosen(rows(), Grades(crs=crs, icans=icans), product=product, on=TODAY)
    return {row.id for block in found for row in block.rows}


@pytest.mark.parametrize("each", registry.all_protocols(), ids=lambda each: each.id)
def test_no_row_states_a_dose_unless_its_source_is_about_children(each: Protocol) -> None:
    assert each.pathway.advice
    assert [row.id for row in each.pathway.advice if dose_in(row)] == []


def test_a_dose_in_an_adult_row_is_a_problem_of_the_file() -> None:
    row = next(row for row in rows() if row.id == "advise_crs_2_steroid")
    broken = replace(row, text="Dexamethasone 10 mg every 12 hours.")
    assert [each.path[-1] for each in row_problems((), broken, protocol().sources)] == ["text"]
    assert list(row_problems((), replace(broken, population="children"), protocol().sources)) == []


@pytest.mark.parametrize("text", ["10 mg", "0.5mg/kg", "1 g a day", "20 mL/kg", "5 µg", "100 units"])
def test_a_dose_is_found_however_it_is_written(text: str) -> None:
    row = next(row for row in rows() if row.population == "adults")
    assert dose_in(replace(row, text=text))


def test_grades_and_hours_are_no_doses() -> None:
    row = next(row for row in rows() if row.population == "adults")
    assert not dose_in(replace(row, text="Grade 2 after 24 hours, at most 3 doses, 12 to 18 h."))


def test_what_was_read_in_no_source_is_off() -> None:
    unread = [row for row in rows() if row.source == ("ADV-UNREAD",)]
    assert len(unread) == 5
    assert {row.status for row in unread} == {"draft"}
    everything = {each for crs in range(1, 5) for icans in range(1, 5) for each in ids(crs, icans)}
    assert everything.isdisjoint(row.id for row in unread)


def test_a_center_that_approves_a_draft_turns_it_on() -> None:
    approved = [replace(row, status="center_default") for row in rows()]
    found = chosen(approved, Grades(crs=2, icans=0), product="tisagenlecleucel", on=TODAY)
    assert "advise_crs_dexamethasone_children" in {row.id for block in found for row in block.rows}


def test_nothing_is_suggested_for_an_unknown_grade_or_for_grade_0() -> None:
    assert ids(None, None) == set()
    assert ids(0, 0) == set()


def test_each_grade_has_its_own() -> None:
    assert "advise_crs_3" in ids(3, None) and "advise_crs_3" not in ids(2, None) | ids(4, None)
    assert "advise_crs_2_tocilizumab" in ids(2, None) & ids(3, None) & ids(4, None)
    assert "advise_crs_2_tocilizumab" not in ids(1, None)


def test_neurotoxicity_without_crs_says_that_tocilizumab_is_not_the_treatment() -> None:
    assert "advise_icans_without_crs" in ids(0, 2)
    assert "advise_icans_without_crs" not in ids(1, 2)
    assert "advise_icans_with_crs" in ids(1, 2)


def test_while_crs_is_unknown_neither_is_said() -> None:
    assert ids(None, 2).isdisjoint({"advise_icans_without_crs", "advise_icans_with_crs"})


def test_a_lower_bound_of_0_or_an_old_one_excludes_no_crs() -> None:
    grades = Grades(crs=0, icans=2, crs_may_be_more=True)
    found = chosen(rows(), grades, product="tisagenlecleucel", on=TODAY)
    said = {row.id for block in found for row in block.rows}
    assert "advise_icans_2" in said
    assert said.isdisjoint({"advise_icans_without_crs", "advise_icans_with_crs"})


def test_what_no_source_says_is_not_called_confirmed() -> None:
    for each in registry.all_protocols():
        bedside = (*each.pathway.advice, *each.pathway.alerts, *each.pathway.figures, *each.monitoring.checks)
        own = [row for row in bedside if "DESIGN" in row.source]
        assert own and {row.status for row in own} == {"center_default"}
        assert {row.status for row in bedside if row not in own} <= {"confirmed", "draft"}


def test_the_maker_s_own_steps_stand_in_a_block_of_their_own_and_only_for_its_product() -> None:
    found = chosen(rows(), Grades(crs=2, icans=None), product="tisagenlecleucel", on=TODAY)
    assert [block.scale for block in found] == ["crs", "label"]
    other = chosen(rows(), Grades(crs=2, icans=None), product="obecabtagene", on=TODAY)
    assert [block.scale for block in other] == ["crs"]


def test_what_is_written_for_children_comes_first() -> None:
    (block, *_rest) = chosen(rows(), Grades(crs=3, icans=None), product="obecabtagene", on=TODAY)
    assert next(row.population for row in block.rows) == "children"


# --- Tocilizumab: what the limits leave --------------------------------------------------------------------


def doses(*hours_ago: float) -> tuple[datetime, ...]:
    return tuple(NOON - timedelta(hours=hours) for hours in hours_ago)


def test_before_the_first_dose_four_are_left() -> None:
    room = tocilizumab_room(())
    assert (room.left, room.last_at, room.next_at) == (4, None, None)


def test_the_next_dose_is_possible_eight_hours_after_the_last() -> None:
    room = tocilizumab_room(doses(3))
    assert (room.left, room.next_at) == (3, NOON + timedelta(hours=5))


def test_after_three_in_a_day_the_next_waits_until_the_first_is_a_day_old() -> None:
    room = tocilizumab_room(doses(20, 12, 4))
    # Eight hours after the last would be in 4 h, a day after the first is in 4 h as well.
    assert room.next_at == NOON + timedelta(hours=4)
    assert tocilizumab_room(doses(17, 9, 1)).next_at == NOON + timedelta(hours=7)
    assert tocilizumab_room(doses(16.5, 8.5, 0.25)).next_at == NOON + timedelta(hours=7.75)


def test_after_four_doses_none_is_left() -> None:
    room = tocilizumab_room(doses(80, 60, 40, 20))
    assert (room.left, room.next_at) == (0, None)


def test_the_order_of_the_doses_does_not_matter() -> None:
    assert tocilizumab_room(doses(4, 20, 12)) == tocilizumab_room(doses(20, 12, 4))


@pytest.mark.parametrize(
    ("one", "other", "crosses"),
    [(29.9, 30.0, True), (30.0, 29.99, True), (30.0, 31.5, False), (18.4, 29.9, False)],
)
def test_the_dose_falls_between_two_weights_only_across_30_kg(
    one: float, other: float, crosses: bool
) -> None:
    assert crosses_discontinuity(one, other) is crosses


DOSE_TABLE = [
    *((3, "36"), (10, "120"), (12, "144"), (20, "240"), (25, "300"), (29.9, "358.8"), (30.0, "240")),
    *((45, "360"), (58, "464"), (72, "576"), (92, "736"), (99.9, "799.2"), (100, "800"), (120, "800")),
]


@pytest.mark.parametrize(("weight_kg", "dose_mg"), DOSE_TABLE)
def test_the_table_of_doses(weight_kg: float, dose_mg: str) -> None:
    assert tocilizumab_dose(weight_kg).dose_mg == Decimal(dose_mg)
