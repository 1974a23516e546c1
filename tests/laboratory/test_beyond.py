"""Values that a laboratory gives as less or more than it can measure lie beyond the limit, not on it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from cartpath.protocols import registry
from toxicity.grading.ctcae_terms import Version
from toxicity.grading.iec_hs import check_iec_hs
from toxicity.laboratory.judging import Facts, ctcae_grade, iec_hs_input, t_icaht_answer
from toxicity.laboratory.readings import LabReading

INFUSED = datetime(2026, 3, 3, 9, tzinfo=UTC)
NOW = INFUSED + timedelta(days=6)


def reading(analyte: str, value: float, comparator: str = "", *, day: float = 6) -> LabReading:
    return LabReading(analyte, value, INFUSED + timedelta(days=day), uuid4(), comparator)


def facts(*known: LabReading, version: Version = "5") -> Facts:
    by_analyte: dict[str, Sequence[LabReading]] = {}
    for each in sorted(known, key=lambda each: each.at):
        by_analyte[each.analyte] = (*by_analyte.get(each.analyte, ()), each)
    return Facts(
        readings=by_analyte,
        at=NOW,
        infused_at=INFUSED,
        birth_date=date(2020, 6, 1),
        sex="female",
        zone=ZoneInfo("Europe/Rome"),
        ctcae_version=version,
        figures=registry.get("tisagenlecleucel-eu", "1").bedside,
    )


@pytest.mark.parametrize(
    ("analyte", "value", "comparator", "version", "grade", "may_be_worse"),
    [
        pytest.param("anc", 500, "", "5", 3, False, id="500 is not below 500"),
        pytest.param("anc", 500, "<", "5", 4, False, id="below 500 is"),
        pytest.param("anc", 500, "<", "6", 3, True, id="below 500 may be below 100"),
        pytest.param("anc", 100, "<", "6", 4, False, id="below 100"),
        pytest.param("platelets", 50, "<", "5", 3, True, id="below 50 may be below 25"),
        pytest.param("platelets", 25, "<", "5", 4, False, id="below 25"),
        pytest.param("fibrinogen", 50, "<", "5", 4, False, id="below 0.5 g/L"),
        pytest.param("fibrinogen", 60, "<", "5", None, True, id="without the limit of normal none, but more"),
        pytest.param("triglycerides", 500, ">", "5", 3, True, id="above 500 may be above 1000"),
        pytest.param("triglycerides", 1000, ">", "5", 4, False, id="above 1000"),
        pytest.param("anc", 500, ">", "5", 3, False, id="above 500 is no better than 3"),
    ],
)
def test_a_value_beyond_the_measure_is_graded_beyond_it(
    analyte: str, value: float, comparator: str, version: Version, grade: int | None, may_be_worse: bool
) -> None:
    given = reading(analyte, value, comparator)
    graded = ctcae_grade(facts(given, version=version), given)
    assert graded is not None
    assert graded.grade == grade
    assert ("value" in graded.missing) is may_be_worse


@pytest.mark.parametrize(("comparator", "days"), [("", 0), ("<", 7)])
def test_fewer_than_20_platelets_count_as_days_below_20(comparator: str, days: int) -> None:
    counts = [reading("platelets", 20, comparator, day=day) for day in range(7)]
    answer = t_icaht_answer(facts(*counts))
    assert answer is not None
    assert answer.result["days_below_20"] == days


@pytest.mark.parametrize(("comparator", "prompt"), [("", False), ("<", True)])
def test_a_fibrinogen_below_150_prompts_and_one_of_150_does_not(comparator: str, prompt: bool) -> None:
    known = facts(
        reading("ferritin", 700, day=-1),
        *(reading("anc", 900, day=day) for day in (-1, 6)),
        *(reading("platelets", 90, day=day) for day in (-1, 6)),
        *(reading("alt", 30, day=day) for day in (-1, 6)),
        *(reading("ast", 30, day=day) for day in (-1, 6)),
        reading("ferritin", 40_000, ">"),
        reading("fibrinogen", 150, comparator),
    )
    assert check_iec_hs(iec_hs_input(known)).prompt is prompt


def test_limits_of_the_laboratory_itself_are_crossed_beyond_them() -> None:
    below = LabReading("crp", 5, NOW, uuid4(), "<", low=5, high=8)
    assert (below.compared < 5, reading("crp", 5).compared) == (True, 5)


@pytest.mark.parametrize("value", [0.0, 0.05, 1.0, 20.0, 500.0, 40_000.0, 2_000_000.0])
def test_the_hair_is_too_thin_for_any_digit_that_is_shown(value: float) -> None:
    for comparator in ("<", ">"):
        assert round(reading("anc", value, comparator).compared, 2) == pytest.approx(
            value, rel=1e-6, abs=1e-9
        )
