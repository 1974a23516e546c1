"""Doses in parts: how they are split, and what the calculator tells of them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.protocols import registry
from infusion.rules.fraction_gate import GradeSince
from infusion.rules.fractions import Marrow, split
from tests.rules.stages.asking import ask, refused

OBE = registry.latest("obecabtagene-eu").product
VARNI = registry.latest("varnimcabtagene-eu").product
BEGAN_ON = date(2026, 2, 25)
INFUSED_ON = date(2026, 3, 2)
CLEAR = GradeSince(current=0, worst=0)


def obe_split(blasts: float | None, days_before: int = 3) -> list[int | None]:
    marrow = Marrow(
        blasts_percent=blasts,
        sampled_on=BEGAN_ON - timedelta(days=days_before),
        lymphodepletion_on=BEGAN_ON,
    )
    return [p.cells for p in split(OBE.fractions, OBE.dose, marrow=marrow, weight_kg=None).parts]


@pytest.mark.parametrize(
    ("blasts", "cells"),
    [
        (0, [100_000_000, 310_000_000]),
        (19.9, [100_000_000, 310_000_000]),
        (20, [100_000_000, 310_000_000]),
        (20.1, [10_000_000, 400_000_000]),
        (100, [10_000_000, 400_000_000]),
    ],
)
def test_twenty_percent_of_blasts_still_belong_to_the_larger_first_part(
    blasts: float, cells: list[int]
) -> None:
    assert obe_split(blasts) == cells


@pytest.mark.parametrize(
    ("days_before", "is_known"), [(-1, False), (0, True), (6, True), (7, True), (8, False)]
)
def test_a_marrow_counts_up_to_seven_days_before_lymphodepletion_and_never_after(
    days_before: int, is_known: bool
) -> None:
    assert (obe_split(10, days_before) == [100_000_000, 310_000_000]) is is_known
    assert is_known or obe_split(10, days_before) == [None, None]


@pytest.mark.parametrize("missing", ["blasts_percent", "marrow_on", "lymphodepletion_started_on"])
def test_what_is_not_known_of_the_marrow_leaves_every_part_unknown(missing: str) -> None:
    known = {
        "blasts_percent": 5,
        "marrow_on": "2026-02-20",
        "lymphodepletion_started_on": "2026-02-25",
    }
    answer = ask("fractions", product="obecabtagene", region="EU", **known | {missing: None})
    assert missing in answer.missing
    assert [part["cells"] for part in answer.result["parts"]] == [None, None]  # type: ignore[attr-defined]
    assert [part["row"] for part in answer.result["parts"]] == [None, None]  # type: ignore[attr-defined]


@given(blasts=st.floats(0, 100))
def test_both_parts_of_obecabtagene_always_make_410_million(blasts: float) -> None:
    assert sum(cells or 0 for cells in obe_split(blasts)) == 410_000_000


@given(
    weight=st.floats(3, 120),
    share=st.floats(0, 1),
)
def test_the_parts_of_varnimcabtagene_add_up_to_the_total_and_lie_in_their_ranges(
    weight: float, share: float
) -> None:
    least, most = round(4e5 * weight), round(5e6 * weight)
    total = round(least + share * (most - least))
    found = split(VARNI.fractions, VARNI.dose, marrow=Marrow(), weight_kg=weight, total_cells=total)
    cells = [part.cells or 0 for part in found.parts]
    assert sum(cells) == total
    assert found.total_in_range is True
    for part, percent in zip(found.parts, (10, 30, 60), strict=True):
        assert abs((part.cells or 0) - total * percent / 100) <= 1
        assert part.min_cells is not None and part.max_cells is not None
        assert part.min_cells - 1 <= (part.cells or 0) <= part.max_cells + 1


@pytest.mark.parametrize(
    ("total", "in_range"), [(7_999_999, False), (8_000_000, True), (100_000_000, True), (100_000_001, False)]
)
def test_the_whole_dose_is_held_against_the_range_per_kilogram(total: float, in_range: bool) -> None:
    answer = ask("fractions", product="varnimcabtagene", region="EU", weight_kg=20, total_cells=total)
    assert answer.result["total_in_range"] is in_range
    assert ("total_outside_range" in answer.flags) is not in_range


def test_without_a_weight_a_part_in_percent_is_unknown() -> None:
    found = split(VARNI.fractions, VARNI.dose, marrow=Marrow(), weight_kg=None)
    assert [(part.min_cells, part.cells) for part in found.parts] == [(None, None)] * 3
    assert "weight_kg" in found.missing


def test_without_a_chosen_total_a_part_is_a_range() -> None:
    found = split(VARNI.fractions, VARNI.dose, marrow=Marrow(), weight_kg=20)
    assert [(part.min_cells, part.max_cells) for part in found.parts] == [
        (800_000, 10_000_000),
        (2_400_000, 30_000_000),
        (4_800_000, 60_000_000),
    ]


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({"product": "tisagenlecleucel"}, "product"),
        ({"product": "aspirin"}, "product"),
        ({"infused_on": "2026-03-02"}, "today"),
        ({"today": "2026-03-02"}, "infused_on"),
        ({"infused_on": "2026-03-02", "today": "2026-03-01"}, "today"),
        ({"infused_on": "2026-03-02", "today": "2026-03-02", "fraction": 3}, "fraction"),
        ({"blasts_percent": 101}, "blasts_percent"),
        ({"crs_grade": 6}, "crs_grade"),
        ({"dose": 1}, "dose"),
    ],
)
def test_an_impossible_question_names_its_field(given_: dict[str, object], field: str) -> None:
    assert field in refused("fractions", **{"product": "obecabtagene", "region": "EU"} | given_)


def test_the_calculator_tells_parts_days_and_gate() -> None:
    answer = ask(
        "fractions",
        product="obecabtagene",
        region="EU",
        blasts_percent=20,
        marrow_on="2026-02-18",
        lymphodepletion_started_on="2026-02-25",
        infused_on="2026-03-02",
        today="2026-03-11",
        crs_grade=2,
    )
    parts: Any = answer.result["parts"]
    second = parts[1]
    assert second == {
        "fraction": 2,
        "row": "fraction_low_blasts_2",
        "cells": 310_000_000,
        "min_cells": 310_000_000,
        "max_cells": 310_000_000,
        "maker_day": 10,
        "due": "2026-03-11",
        "window": ["2026-03-09", "2026-03-13"],
    }
    assert answer.result["gate"] == {
        "fraction": 2,
        "verdict": "wait",
        "wait_until": "2026-03-22",
        "wait_for": "grade",
    }


def test_a_dose_belongs_to_a_part_from_its_least_to_its_most_and_unknown_stays_unknown() -> None:
    part = split(
        registry.for_product("varnimcabtagene", "EU").product.fractions,
        registry.for_product("varnimcabtagene", "EU").dose_rules(),
        marrow=Marrow(blasts_percent=None, sampled_on=None, lymphodepletion_on=None),
        weight_kg=20,
    ).parts[0]
    assert (part.min_cells, part.max_cells) == (800_000, 10_000_000)
    held = {dose: part.holds(dose) for dose in (799_999, 800_000, 5_000_000, 10_000_000, 10_000_001)}
    assert held == {799_999: False, 800_000: True, 5_000_000: True, 10_000_000: True, 10_000_001: False}
    assert part.holds(None) is None
    assert replace(part, min_cells=None).holds(800_000) is None
    assert replace(part, max_cells=None).holds(800_000) is None
