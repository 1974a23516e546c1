"""Donor-derived cells and neuroblastoma: what their protocols ask, and what must never appear in them."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from cartpath.protocols import registry
from cartpath.protocols.checks import rows_of
from cartpath.protocols.errors import ProtocolError
from cartpath.protocols.labels import protocol_strings
from cartpath.protocols.rows import figure, in_force
from cartpath.protocols.schema import Protocol
from patients.rules import age_criterion, consents_needed

DONOR = registry.get("donor-cd19-eu", "1")
GD2 = registry.get("gd2-cart01-eu", "1")
VARNIM = registry.get("varnimcabtagene-eu", "1")


@pytest.mark.parametrize(
    ("birth", "verdict"),
    [
        (date(2025, 3, 3), "not_met"),  # 12 months tomorrow
        (date(2025, 3, 2), "met"),  # 12 months today
        (date(2008, 3, 2), "met"),  # 18 today
        (date(2007, 3, 3), "met"),  # the day before the 19th birthday
        (date(2007, 3, 2), "not_met"),
    ],
)
def test_neuroblastoma_from_twelve_months_to_eighteen_years(birth: date, verdict: str) -> None:
    criterion = GD2.criterion("E1")
    assert criterion is not None
    assert age_criterion(criterion, birth=birth, on=date(2026, 3, 2)).verdict == verdict


@pytest.mark.parametrize(("protocol", "score"), [(DONOR, 60), (GD2, 60), (VARNIM, 50)])
def test_the_performance_score_that_is_asked(protocol: Protocol, score: int) -> None:
    criterion = protocol.criterion("E5")
    assert criterion is not None
    assert criterion.values["score_from"] == score


def test_a_child_of_sixteen_is_on_the_lansky_scale_where_the_protocol_says_so() -> None:
    assert [p.criterion("E5").values["lansky_below_years"] for p in (DONOR, GD2, VARNIM)] == [17, 17, 16]  # type: ignore[union-attr]


def test_donor_cells_need_cd19_in_numbers() -> None:
    criterion = DONOR.criterion("E4")
    assert criterion is not None
    assert criterion.values == {"cd19_cells_from_per_ul": 50, "mrd_from": 0.0001}


def test_the_donor_has_figures_of_its_own() -> None:
    assert figure(DONOR.collection.donor, "donor_serology_days").value == 56
    assert figure(DONOR.collection.donor, "donor_guardian_below_years").value == 18
    assert not GD2.collection.donor


def test_gvhd_is_watched_in_the_plan_of_donor_cells_only() -> None:
    def examined(protocol: Protocol, visit: str) -> set[str]:
        return {row.id for row, _ in protocol.follow_up.assessments_at(visit)}

    assert "assess_gvhd" in examined(DONOR, "visit_day_28") & examined(DONOR, "visit_month_24")
    assert "assess_gvhd" not in examined(VARNIM, "visit_day_28")
    assert any(row.id == "observe_gvhd" for row in in_force(DONOR.monitoring.observations))
    (check,) = [row for row in DONOR.checklist_items() if row.id == "check_gvhd"]
    assert check.severity == "block"


def test_the_dose_levels_of_gd2_are_drafts_that_do_nothing() -> None:
    assert [(row.min_cells, row.status) for row in GD2.product.dose] == [
        (3e6, "draft"),
        (6e6, "draft"),
        (1e7, "draft"),
    ]
    assert GD2.dose_rules() == ()
    assert GD2.dose_rules(date(2026, 3, 2)) == ()


def test_the_drug_of_the_suicide_gene_must_be_there_before_the_infusion() -> None:
    (item,) = [row for row in GD2.checklist_items() if row.id == "check_suicide_gene_drug"]
    assert (item.phase, item.severity, item.status) == ("before_infusion", "block", "confirmed")


def test_neuroblastoma_is_followed_actively_for_five_years_and_yearly_to_fifteen() -> None:
    visits = [item for row in GD2.follow_up.visits for item in row.items()]
    names = [visit.item for visit in visits]
    assert names[0] == "visit_day_28"
    assert {"visit_month_60", "visit_year_6", "visit_year_15"} <= set(names)
    active = [visit for visit in visits if visit.anchor == "infused" and "_year_" not in visit.item]
    assert all("GD2" in visit.source for visit in active)


def test_tian_stands_beside_icans_in_neuroblastoma() -> None:
    (row,) = [row for row in GD2.monitoring.observations if row.id == "observe_tian"]
    assert "ICANS" in row.label
    assert row.schedule == "With every ICE or CAPD"


def test_nothing_of_neuroblastoma_speaks_of_b_cells_or_leukemia() -> None:
    words = " ".join(protocol_strings([GD2]))
    found = re.findall(r"CD19|B[- ]cell|B-ALL|leukemi\w*|blinatumomab|aplasia|CNS-3", words)
    # Washout labels of general knowledge, all drafts, may name what they were read for.
    assert found == []
    assert GD2.follow_up.b_cell_aplasia is None
    assert GD2.product.target == "GD2"


def test_no_washout_of_neuroblastoma_is_in_force_until_a_center_approves_it() -> None:
    assert GD2.washout_rules() == ()
    assert {row.status for row in GD2.washouts.rules} == {"draft"}
    assert {row.drug_class for row in GD2.washouts.rules} >= {
        "anti_gd2_antibody",
        "cytotoxic",
        "radiotherapy",
    }


@pytest.mark.parametrize("protocol", [DONOR, GD2, VARNIM], ids=lambda protocol: protocol.id)
@pytest.mark.parametrize(
    ("years", "needed"),
    [(5, ("consent",)), (11, ("consent",)), (12, ("consent", "assent")), (18, ("own_consent",))],
)
def test_assent_from_twelve_and_own_consent_from_eighteen(
    protocol: Protocol, years: int, needed: tuple[str, ...]
) -> None:
    criterion = protocol.criterion("E17")
    assert criterion is not None
    on = date(2026, 3, 2)
    assert consents_needed(criterion, birth=on.replace(year=on.year - years), on=on) == needed


def test_what_was_read_for_cd19_products_is_a_working_default_in_neuroblastoma() -> None:
    for row in GD2.eligibility:
        if row.status == "confirmed":
            assert "GD2" in row.source, row.id


def test_the_new_protocols_are_long_enough_to_treat_a_child_by() -> None:
    for protocol in (DONOR, GD2, VARNIM):
        assert len([row for _, row in rows_of(protocol) if row.in_force()]) > 80
        assert protocol.manufacturing.milestones[0].id == "slot_confirmed"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("data", "parts"):
        shutil.copytree(registry.FOLDER / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "before", "after", "reason"),
    [
        ("varnimcabtagene-eu", "percent = 30\n", "percent = 30\ncells = 1.0e6\n", "exactly one of cells"),
        ("varnimcabtagene-eu", "percent = 30\n", "", "exactly one of cells"),
        ("varnimcabtagene-eu", "percent = 30\n", "percent = 130\n", "less than or equal to 100"),
        ("varnimcabtagene-eu", "usual_cells = 1.0e6", "usual_cells = 9.0e6", "lies outside"),
        ("obecabtagene-eu", "stop_from_crs_grade = 3", "stop_from_crs_grade = 1", "should be above"),
        ("obecabtagene-eu", "postpone_until_day = 21", "postpone_until_day = 9", "should not lie before"),
        ("obecabtagene-eu", "max_crs_grade = 1", "max_crs_grade = 6", "less than or equal to 5"),
        ("donor-cd19-eu", 'id = "donor_serology_days"', 'id = "donor_days"', "'donor_serology_days'"),
        ("donor-cd19-eu", '"visit_month_1..24"]', '"visit_month_61..70"]', "there is no visit"),
        ("gd2-cart01-eu", 'target = "GD2"', 'target = "CD99"', "product.target"),
        ("gd2-cart01-eu", '"autologous_apheresis"', '"cord_blood"', "product.collection_source"),
    ],
)
def test_a_gate_that_can_not_be_meant_is_refused(
    folder: Path, file: str, before: str, after: str, reason: str
) -> None:
    path = folder / "data" / file / "1.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ProtocolError, match=re.escape(reason)):
        registry.Registry.from_folder(folder)


def test_two_approved_dose_levels_at_once_are_refused(folder: Path) -> None:
    path = folder / "data" / "gd2-cart01-eu" / "1.toml"
    text = path.read_text(encoding="utf-8")
    one = text.replace('source = ["UNREAD"]\nstatus = "draft"', 'source = ["GD2"]\nstatus = "confirmed"', 1)
    path.write_text(one, encoding="utf-8")
    found = registry.Registry.from_folder(folder)
    (gd2,) = [p for p in found.protocols if p.id == "gd2-cart01-eu"]
    assert [row.id for row in gd2.dose_rules()] == ["dose_level_1"]
    two = one.replace('source = ["UNREAD"]\nstatus = "draft"', 'source = ["GD2"]\nstatus = "confirmed"', 1)
    path.write_text(two, encoding="utf-8")
    with pytest.raises(ProtocolError, match="begin where the band before ends"):
        registry.Registry.from_folder(folder)
