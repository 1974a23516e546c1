"""Vaccines after the infusion: each condition from both sides, and what is unknown."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.protocols import registry
from followup.rules.drugs import DrugCourse
from followup.rules.vaccines import ClassWindow, VaccineFacts, class_window, course_of

IMMUNE = registry.get("tisagenlecleucel-eu", "1").follow_up.immune
DAY = date(2026, 1, 31)
BIRTH = date(2018, 6, 1)


def days(count: int) -> date:
    return DAY + timedelta(days=count)


def facts(**rest: object) -> VaccineFacts:
    known = {
        "birth": BIRTH,
        "infused_on": date(2023, 8, 31),
        "complete_on": date(2025, 12, 1),
        "cd4": ((date(2025, 12, 1), 201.0),),
        "b_cells": ((date(2025, 12, 1), 21.0),),
    }
    return VaccineFacts(**(known | rest))


def window(vaccine_class: str = "live", on: date = DAY, **rest: object) -> ClassWindow:
    return class_window(IMMUNE, vaccine_class, facts(**rest), on=on)


def test_a_live_vaccine_is_possible_when_every_condition_is_met() -> None:
    found = window()
    assert found.window == "possible"
    assert {line.verdict for line in found.lines} == {"met"}


@pytest.mark.parametrize(
    ("vaccine_class", "infused_on", "on", "expected"),
    [
        ("seasonal", date(2025, 11, 30), date(2026, 2, 27), "not_yet"),
        ("seasonal", date(2025, 11, 30), date(2026, 2, 28), "possible"),
        ("inactivated", date(2025, 8, 31), date(2026, 2, 27), "not_yet"),
        ("inactivated", date(2025, 8, 31), date(2026, 2, 28), "possible"),
        ("live", date(2025, 1, 31), date(2026, 1, 30), "not_yet"),
        ("live", date(2025, 1, 31), date(2026, 1, 31), "possible"),
    ],
)
def test_months_since_the_infusion_are_clamped_to_the_end_of_the_month(
    vaccine_class: str, infused_on: date, on: date, expected: str
) -> None:
    found = window(vaccine_class, on=on, infused_on=infused_on)
    assert found.window == expected


@pytest.mark.parametrize(
    ("vaccine_class", "given_on", "expected"),
    [
        ("inactivated", date(2025, 11, 30), "possible"),  # two months
        ("inactivated", date(2025, 12, 1), "not_yet"),
        ("live", date(2025, 5, 30), "possible"),  # more than eight months
        ("live", date(2025, 5, 31), "not_yet"),  # eight months to the day
    ],
)
def test_immunoglobulin_delays_vaccines(vaccine_class: str, given_on: date, expected: str) -> None:
    assert window(vaccine_class, immunoglobulin_on=given_on).window == expected


@pytest.mark.parametrize(
    ("transplants", "expected"),
    [
        ((date(2024, 1, 30),), "possible"),
        ((date(2024, 1, 31),), "not_yet"),
        ((None,), "unknown"),
        ((), "possible"),
    ],
)
def test_a_live_vaccine_waits_more_than_two_years_after_a_transplant(
    transplants: tuple[date | None, ...], expected: str
) -> None:
    assert window(transplants=transplants).window == expected


def test_after_a_transplant_the_months_are_counted_from_it() -> None:
    found = window("inactivated", transplants=(date(2025, 9, 15),))
    assert (found.window, found.from_on) == ("not_yet", date(2026, 3, 15))


@pytest.mark.parametrize(("cells", "expected"), [(200.0, "not_yet"), (200.5, "possible")])
def test_cd4_must_be_above_200(cells: float, expected: str) -> None:
    assert window(cd4=((date(2025, 12, 1), cells),)).window == expected


@pytest.mark.parametrize(("cells", "expected"), [(20.0, "not_yet"), (20.5, "possible")])
def test_b_cells_must_be_above_20(cells: float, expected: str) -> None:
    found = window(b_cells=((date(2025, 12, 1), cells),))
    assert found.window == expected
    assert found.from_on is None or expected == "possible"


def test_a_drug_against_b_cells_within_six_months_stands_against_it() -> None:
    drug = DrugCourse(
        group="anti_b_cell",
        drug="Rituximab",
        started_on=date(2025, 7, 1),
        stopped_on=date(2025, 8, 1),
    )
    found = window("inactivated", drugs=(drug,))
    assert (found.window, found.from_on) == ("not_yet", date(2026, 2, 1))
    assert window("inactivated", on=date(2026, 2, 1), drugs=(drug,)).window == "possible"


def test_what_nobody_confirmed_stays_unknown_and_is_named() -> None:
    found = window(complete_on=None)
    assert found.window == "unknown"
    assert found.from_on is None
    assert {"transplant", "drugs", "last_immunoglobulin_on"} <= set(found.missing)


def test_a_known_dose_stands_against_it_though_the_list_is_not_complete() -> None:
    found = window("inactivated", complete_on=None, immunoglobulin_on=date(2026, 1, 20))
    assert (found.window, found.from_on) == ("not_yet", None)


def test_doses_before_the_infusion_do_not_count_towards_the_new_course() -> None:
    row = next(row for row in IMMUNE.vaccines if row.vaccine == "pcv")
    given = [days(-400), days(0), days(60)]
    assert course_of(row, given, since=DAY).left == 1


@given(
    complete=st.none() | st.integers(-900, 0),
    immunoglobulin=st.none() | st.integers(-900, 0),
    vaccine_class=st.sampled_from(["seasonal", "inactivated", "adjuvanted", "live"]),
    counts=st.lists(st.tuples(st.integers(-300, 0), st.floats(0, 900)), max_size=3),
)
def test_knowing_less_never_allows_more(
    complete: bool | int | None,
    immunoglobulin: int | None,
    vaccine_class: str,
    counts: list[tuple[int, float]],
) -> None:
    pairs = tuple((days(day), value) for day, value in counts)
    known = facts(
        complete_on=None if complete is None else days(complete),
        immunoglobulin_on=None if immunoglobulin is None else days(immunoglobulin),
        cd4=pairs,
    )
    less = replace(known, complete_on=None, b_cells=())
    if class_window(IMMUNE, vaccine_class, less, on=DAY).window == "possible":
        assert class_window(IMMUNE, vaccine_class, known, on=DAY).window == "possible"
