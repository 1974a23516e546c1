"""The one list of findings: its fields, their limits, and what an edition makes of the form."""

from dataclasses import fields, replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError as Refused
from pydantic import TypeAdapter, ValidationError

from cartpath.protocols import registry
from cartpath.protocols.schema import FollowUp
from followup import visit_parts
from followup.findings import DERIVED, FINDINGS, SECTIONS
from followup.inputs import COLUMNS, Findings
from followup.visit_forms import field_of
from followup.visit_parts import Part, parts

ON = date(2026, 3, 2)
READ = TypeAdapter(Findings)


@pytest.fixture
def follow_up() -> FollowUp:
    """The plan after tisagenlecleucel."""
    return registry.latest("tisagenlecleucel-eu").follow_up


@pytest.fixture(autouse=True)
def transplanted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a transplant is on record; no unless a test says so."""
    told: bool = getattr(request, "param", False)
    monkeypatch.setattr(visit_parts, "was_transplanted", lambda journey: told)
    return told


def asked(follow_up: FollowUp, item: str) -> list[Part]:
    """The sections of a visit's form."""
    return parts(follow_up, item, ON, SimpleNamespace())  # type: ignore[arg-type]


def places(found: list[Part]) -> dict[str, str]:
    """Where each section stands."""
    return {part.section.id: part.place for part in found}


def test_every_finding_of_the_input_is_in_the_list_and_the_other_way_round() -> None:
    inputs = {each.name for each in fields(Findings)} | set(COLUMNS)
    assert set(FINDINGS) | DERIVED == inputs


def test_no_finding_stands_in_two_sections() -> None:
    names = [finding.name for section in SECTIONS for finding in section.findings]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("lvef_percent", 5, 90),
        ("tanner_breast_genital", 1, 5),
        ("tanner_pubic_hair", 1, 5),
        ("pedsql_total", 0, 100),
        ("eq5d_vas", 0, 100),
        ("igg_mg_dl", 0, 10_000),
        ("cd4_per_ul", 0, 50_000),
        ("chimerism_donor_percent", 0, 100),
    ],
)
def test_a_number_is_taken_up_to_its_limits_and_not_beyond(name: str, low: float, high: float) -> None:
    finding = FINDINGS[name]
    assert finding.limits == (low, high)
    field = field_of(finding)
    assert [field.clean(str(low)), field.clean(str(high))] == [low, high]
    for wrong in (low - 1, high + 1):
        with pytest.raises(Refused, match="Give a number from"):
            field.clean(str(wrong))


@pytest.mark.parametrize(
    "told",
    [
        '{"lvef_percent": 4.9}',
        '{"tanner_pubic_hair": 6}',
        '{"performance_score": 85}',
        '{"eq5d_vas": 70.5}',
        '{"ecg": "fine"}',
        '{"unheard_of": 1}',
        '{"menarche": "yes"}',
    ],
)
def test_a_file_with_an_impossible_finding_is_refused(told: str) -> None:
    with pytest.raises(ValidationError):
        READ.validate_json(told)


def test_due_sections_come_first_in_the_order_of_the_protocol(follow_up: FollowUp) -> None:
    found = [part for part in asked(follow_up, "visit_month_1") if part.place == "due"]
    order = [row.id for row, due in follow_up.assessments_at("visit_month_1", ON) if due]
    first = [min(order.index(row.id) for row in part.asked_by if row.id in order) for part in found]
    assert first == sorted(first)
    assert "b_cells" in {part.section.id for part in found}


def test_what_is_asked_if_indicated_stands_apart(follow_up: FollowUp) -> None:
    found = places(asked(follow_up, "visit_month_15"))
    assert (found["mrd"], found["b_cells"], found["blood_count"]) == ("indicated", "indicated", "due")
    assert places(asked(follow_up, "visit_month_1"))["mrd"] == "rest"


@pytest.mark.parametrize("transplanted", [False, True], indirect=True)
def test_chimerism_is_asked_only_after_a_transplant(follow_up: FollowUp, transplanted: bool) -> None:
    assert ("chimerism" in places(asked(follow_up, "visit_month_3"))) is transplanted


def test_without_a_rule_about_b_cells_nobody_asks_for_them(follow_up: FollowUp) -> None:
    assert "b_cells" not in places(asked(replace(follow_up, b_cell_aplasia=None), "visit_month_1"))


def test_an_edition_that_moves_an_examination_moves_its_section(follow_up: FollowUp) -> None:
    rows = {row.id: row for row in follow_up.assessments}
    moved = replace(rows["assess_heart"], due=("visit_month_1",), if_indicated=())
    edition = replace(follow_up, assessments=tuple({**rows, "assess_heart": moved}.values()))
    assert places(asked(follow_up, "visit_month_1"))["heart"] == "rest"
    assert places(asked(edition, "visit_month_1"))["heart"] == "due"


def test_an_examination_nobody_foresaw_gets_a_line_of_text(follow_up: FollowUp) -> None:
    new: Any = replace(follow_up.assessments[0], id="assess_retina", label="Retina", due=("visit_month_1",))
    edition = replace(follow_up, assessments=(*follow_up.assessments, new))
    part = next(each for each in asked(edition, "visit_month_1") if each.section.id == "assess_retina")
    assert (part.place, [each.name for each in part.section.findings]) == ("due", ["other.assess_retina"])
