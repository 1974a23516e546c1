"""What the protocols that ship say, and how they are asked."""

from datetime import date

import pytest

from cartpath.protocols import registry
from cartpath.protocols.checks import rows_of
from cartpath.protocols.labels import protocol_strings
from cartpath.protocols.rows import Row, in_force
from cartpath.protocols.schema import Protocol
from cartpath.protocols.words import EVENT_WORDS

EU = registry.get("tisagenlecleucel-eu", "1")
US = registry.get("tisagenlecleucel-us", "1")
BEFORE, AFTER = date(2025, 6, 25), date(2025, 6, 26)


def row(status: str = "confirmed", valid_from: date | None = None, valid_to: date | None = None) -> Row:
    return Row(id="x", source=("X",), status=status, valid_from=valid_from, valid_to=valid_to)  # type: ignore[arg-type]


def test_a_draft_row_is_never_in_force() -> None:
    assert not row("draft").in_force()
    assert not row("draft").in_force(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("on", "holds"),
    [("2025-06-25", False), ("2025-06-26", True), ("2026-06-25", True), ("2026-06-26", False)],
)
def test_validity_includes_its_first_day_and_not_its_last(on: str, holds: bool) -> None:
    dated = row(valid_from=date(2025, 6, 26), valid_to=date(2026, 6, 26))
    assert dated.in_force(date.fromisoformat(on)) is holds


def test_without_a_day_only_what_has_no_end_is_in_force() -> None:
    assert row("center_default").in_force()
    assert row(valid_from=date(2025, 6, 26)).in_force()
    assert not row(valid_to=date(2999, 1, 1)).in_force()


def test_a_journey_finds_the_protocol_it_is_pinned_to() -> None:
    assert (EU.id, EU.version, EU.product.region) == ("tisagenlecleucel-eu", "1", "EU")
    with pytest.raises(KeyError):
        registry.get("tisagenlecleucel-eu", "999")


def test_a_product_has_one_newest_protocol_in_a_region() -> None:
    assert registry.for_product("tisagenlecleucel", "US") is US
    assert [protocol.id for protocol in registry.of_product("tisagenlecleucel")] == [EU.id, US.id]
    assert ("brexucabtagene", "EU") in registry.products()
    with pytest.raises(KeyError):
        registry.for_product("tisagenlecleucel", "Mars")
    with pytest.raises(KeyError):
        registry.latest("nobody")


@pytest.mark.parametrize("protocol", registry.all_protocols(), ids=lambda protocol: protocol.id)
def test_every_rule_can_be_cited(protocol: Protocol) -> None:
    rows = [found for _, found in rows_of(protocol)]
    assert len(rows) > 100
    assert all(protocol.cite(found) for found in rows)
    ids = [found.id for found in rows]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("protocol", registry.all_protocols(), ids=lambda protocol: protocol.id)
def test_what_no_source_shows_is_a_draft_unless_another_source_does(protocol: Protocol) -> None:
    for _, found in rows_of(protocol):
        if found.source == ("UNREAD",):
            assert found.status == "draft", found.id


@pytest.mark.parametrize("protocol", registry.all_protocols(), ids=lambda protocol: protocol.id)
def test_a_working_default_is_never_called_confirmed(protocol: Protocol) -> None:
    for _, found in rows_of(protocol):
        if "DESIGN" in found.source:
            assert found.status != "confirmed", found.id


def test_the_european_product_has_every_criterion_from_one_to_seventeen() -> None:
    ids = {found.id for found in EU.eligibility}
    assert {f"E{number}" for number in range(1, 18)} <= ids
    assert EU.criterion("E9") is None  # a draft
    assert EU.criterion("E99") is None


def test_relapse_after_transplant_is_an_indication_in_europe_only() -> None:
    assert "in relapse after transplant" in EU.product.indications[0].text
    assert "transplant" not in US.product.indications[0].text


@pytest.mark.parametrize(
    ("on", "kinds"),
    [
        (BEFORE, {"proximity": 28, "driving": 56}),
        (AFTER, {"daily_monitoring": 7, "monitoring": 14, "proximity": 14, "driving": 14}),
    ],
)
def test_restrictions_in_the_us_changed_on_26_june_2025(on: date, kinds: dict[str, int]) -> None:
    rows = in_force(US.monitoring.restrictions, on)
    assert {found.kind: found.days for found in rows} == kinds


def test_restrictions_in_europe_did_not_change() -> None:
    for on in (BEFORE, AFTER):
        rows = in_force(EU.monitoring.restrictions, on)
        assert {found.kind: found.days for found in rows} == {"proximity": 28, "driving": 56}


def test_tocilizumab_on_site_is_asked_by_region_and_date() -> None:
    def asked(protocol: Protocol, on: date) -> list[str]:
        return [item.label for item in protocol.checklist_items(on) if "ocilizumab" in item.label]

    assert asked(EU, AFTER) == ["One dose of tocilizumab on site and another within 8 hours"]
    assert asked(US, BEFORE) == ["Two doses of tocilizumab on site"]
    assert asked(US, AFTER) == ["Tocilizumab available"]


def test_the_waiver_of_lymphodepletion_is_a_draft_in_the_us() -> None:
    assert in_force(EU.lymphodepletion.waiver)
    assert not in_force(US.lymphodepletion.waiver)


def test_the_regimen_is_the_same_in_both_regions() -> None:
    european, american = EU.lymphodepletion_regimen(), US.lymphodepletion_regimen()
    assert european is not None and american is not None
    assert european.drugs == american.drugs


def test_the_split_dose_adds_up() -> None:
    obe = registry.latest("obecabtagene-eu").product
    total = obe.dose[0].max_cells
    low = [part.cells or 0 for part in obe.fractions if part.blasts_up_to_percent is not None]
    high = [part.cells or 0 for part in obe.fractions if part.blasts_above_percent is not None]
    assert sum(low) == sum(high) == total == 410e6


def test_what_is_examined_at_a_visit() -> None:
    at_month_3 = dict(EU.follow_up.assessments_at("visit_month_3"))
    due = {found.id for found, is_due in at_month_3.items() if is_due}
    assert {"assess_marrow_mrd", "assess_csf", "assess_b_cells", "assess_quality_of_life"} <= due
    at_month_2 = {found.id: is_due for found, is_due in EU.follow_up.assessments_at("visit_month_2")}
    assert at_month_2["assess_marrow_mrd"] is False
    assert "assess_csf" not in at_month_2
    assert {found.id for found, _ in EU.follow_up.assessments_at("visit_year_7")} >= {"assess_neurocognition"}
    assert EU.follow_up.assessments_at("registry_day_100") == ()


def test_every_visit_has_something_to_examine() -> None:
    for series in EU.follow_up.visits:
        for item in series.items():
            assert any(is_due for _, is_due in EU.follow_up.assessments_at(item.item)), item.item


def test_a_visit_is_fulfilled_by_its_own_record_only() -> None:
    item = EU.item("visit_month_2")
    assert item is not None
    assert item.fulfilled_by.matches("visit_recorded", {"item": "visit_month_2", "note": "x"})
    assert not item.fulfilled_by.matches("visit_recorded", {"item": "visit_month_3"})
    assert not item.fulfilled_by.matches("visit_skipped", {"item": "visit_month_2"})
    assert item.skipped_by is not None
    assert item.skipped_by.matches("visit_skipped", {"item": "visit_month_2"})


def test_the_plan_asks_for_events_that_exist() -> None:
    for protocol in registry.all_protocols():
        for item in protocol.expected_items():
            assert {item.anchor, item.fulfilled_by.kind, *item.stops_with} <= set(EVENT_WORDS)


def test_every_label_is_offered_for_translation_once() -> None:
    strings = protocol_strings()
    assert len(strings) == len(set(strings))
    assert {
        "Month 9 visit",
        "Registry form, year 15",
        "CD19 expression",
        "Corticosteroid, therapeutic dose",
    } <= set(strings)
    assert not any("{n}" in text for text in strings)


def test_start_up_reads_the_files() -> None:
    assert registry.load() is registry.load()
    assert registry.load().protocols
