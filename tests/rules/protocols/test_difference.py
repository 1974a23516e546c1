"""What differs between two versions of a protocol: in the rules, and in the plan they make."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cartpath.protocols import registry
from cartpath.protocols.checks import rows_of
from cartpath.protocols.difference import (
    Anchors,
    PlanDifference,
    RowDifference,
    anchored_once,
    plan_differences,
    row_differences,
    section_of,
)
from cartpath.protocols.plan import At, Window
from cartpath.protocols.schema import Protocol

EU = registry.latest("tisagenlecleucel-eu")
ROME = ZoneInfo("Europe/Rome")
DAY_0 = datetime(2026, 3, 2, 9, 0, tzinfo=ROME)


def with_series(protocol: Protocol, row_id: str, **changes: Any) -> Protocol:
    """The protocol with another row of the follow-up visits."""
    visits = tuple(replace(row, **changes) if row.id == row_id else row for row in protocol.follow_up.visits)
    return replace(protocol, follow_up=replace(protocol.follow_up, visits=visits))


def without_series(protocol: Protocol, row_id: str) -> Protocol:
    visits = tuple(row for row in protocol.follow_up.visits if row.id != row_id)
    return replace(protocol, follow_up=replace(protocol.follow_up, visits=visits))


def with_criterion(protocol: Protocol, criterion_id: str, **changes: Any) -> Protocol:
    rows = tuple(replace(row, **changes) if row.id == criterion_id else row for row in protocol.eligibility)
    return replace(protocol, eligibility=rows)


def changed(old: Protocol, new: Protocol) -> dict[str, RowDifference]:
    return {row.row_id: row for row in row_differences(old, new) if row.kind != "same"}


def moved(old: Protocol, new: Protocol, anchors: Anchors | None = None) -> dict[str, PlanDifference]:
    known = anchored_once({"infused": DAY_0}) if anchors is None else anchors
    return {each.item: each for each in plan_differences(old, new, known, ROME) if each.kind != "same"}


def test_a_protocol_does_not_differ_from_itself_and_every_row_is_compared() -> None:
    rows = row_differences(EU, EU)
    assert {row.kind for row in rows} == {"same"}
    assert len(rows) == len(list(rows_of(EU)))
    assert {each.kind for each in plan_differences(EU, EU, anchored_once({"infused": DAY_0}), ROME)} == {
        "same"
    }


def test_a_changed_figure_is_told_with_both_its_values() -> None:
    found = changed(EU, with_criterion(EU, "E4", valid_days=60))
    assert list(found) == ["E4"]
    row = found["E4"]
    assert (row.kind, row.section, row.label) == ("changed", "eligibility", "CD19 expression")
    assert [(each.name, each.old, each.new) for each in row.fields] == [("valid_days", 90, 60)]


def test_an_added_row_has_no_old_side_and_a_removed_one_no_new_side() -> None:
    one_less = replace(EU, eligibility=EU.eligibility[1:])
    gone, back = changed(EU, one_less)["E1"], changed(one_less, EU)["E1"]
    assert (gone.kind, gone.new, gone.old) == ("removed", None, EU.eligibility[0])
    assert (back.kind, back.old, back.new) == ("added", None, EU.eligibility[0])


def test_another_place_in_the_list_is_no_difference() -> None:
    assert changed(EU, replace(EU, eligibility=EU.eligibility[::-1])) == {}


def test_a_source_is_compared_by_its_text_and_not_by_its_key() -> None:
    renamed = {f"NEW-{key}": text for key, text in EU.sources.items()}
    source = tuple(f"NEW-{key}" for key in EU.eligibility[0].source)
    other_key = replace(with_criterion(EU, "E1", source=source), sources={**EU.sources, **renamed})
    assert changed(EU, other_key) == {}
    other_text = replace(EU, sources={**EU.sources, EU.eligibility[0].source[0]: "Another paper"})
    assert "E1" in changed(EU, other_text)


def test_rows_of_one_section_stand_together_with_what_was_removed() -> None:
    two_less = replace(EU, eligibility=EU.eligibility[2:])
    sections = [row.section for row in row_differences(EU, two_less)]
    assert sections == sorted(sections, key=sections.index)
    first, last = sections.index("eligibility"), len(sections) - sections[::-1].index("eligibility")
    assert set(sections[first:last]) == {"eligibility"}


def test_a_section_is_named_without_the_place_in_its_list() -> None:
    assert section_of(("product", "dose", 1)) == "product.dose"


def test_a_wider_window_moves_an_item_with_its_dates() -> None:
    wider = with_series(EU, "plan_day_28", window=Window(before_days=5, after_days=7))
    found = moved(EU, wider)
    assert list(found) == ["visit_day_28"]
    item = found["visit_day_28"]
    assert item.kind == "moved"
    assert item.old is not None
    assert item.new is not None
    assert item.old.times[0].first_on == date(2026, 3, 27)
    assert item.new.times[0].first_on == date(2026, 3, 25)
    assert item.new.times[0].due_on == date(2026, 3, 30)


def test_an_item_of_one_version_only_is_new_or_gone() -> None:
    less = without_series(EU, "plan_day_28")
    assert moved(less, EU)["visit_day_28"].kind == "new"
    assert moved(EU, less)["visit_day_28"].kind == "gone"


def test_one_more_visit_of_a_series_is_new_and_the_others_stay() -> None:
    more = with_series(EU, "plan_months_1_6", at=At(months=(1, 2, 3, 4, 5, 6, 7)))
    assert {name: each.kind for name, each in moved(EU, more).items()} == {"visit_month_7": "new"}


def test_another_role_or_priority_is_changed_and_not_moved() -> None:
    assert moved(EU, with_series(EU, "plan_day_28", role="clinician"))["visit_day_28"].kind == "changed"
    assert moved(EU, with_series(EU, "plan_day_28", priority=1))["visit_day_28"].kind == "changed"


def test_a_shorter_recurrence_moves_the_item() -> None:
    items = tuple(
        replace(row, recurrence=replace(row.recurrence, for_days=3)) if row.recurrence else row
        for row in EU.monitoring.items
    )
    shorter = replace(EU, monitoring=replace(EU.monitoring, items=items))
    found = moved(EU, shorter)["toxicity_assessment"]
    assert found.kind == "moved"
    assert found.old is not None
    assert found.new is not None
    assert len(found.new.times) == 6
    assert len(found.old.times) > 6


def test_without_its_anchor_an_item_is_compared_by_its_distance_and_has_no_times() -> None:
    later = with_series(EU, "plan_day_28", at=At(days=(30,)))
    renamed = with_series(later, "plan_day_28", item="visit_day_28")
    found = moved(with_series(EU, "plan_day_28", item="visit_day_28"), renamed, {})
    assert found["visit_day_28"].kind == "moved"
    assert found["visit_day_28"].new is not None
    assert found["visit_day_28"].new.times == ()


def test_a_draft_expects_nothing() -> None:
    draft = with_series(EU, "plan_day_28", status="draft")
    assert moved(EU, draft)["visit_day_28"].kind == "gone"


def test_a_row_that_ended_before_its_anchor_is_gone_and_one_that_ends_later_stays() -> None:
    assert moved(EU, with_series(EU, "plan_day_28", valid_to=date(2026, 3, 2)))["visit_day_28"].kind == "gone"
    assert moved(EU, with_series(EU, "plan_day_28", valid_to=date(2026, 3, 3))) == {}


def test_the_day_of_the_anchor_is_that_of_the_center() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # the third of March in Rome
    ended = with_series(EU, "plan_day_28", valid_to=date(2026, 3, 3))
    assert moved(EU, ended, anchored_once({"infused": late}))["visit_day_28"].kind == "gone"


def test_an_item_counted_from_the_latest_event_takes_the_latest_anchor() -> None:
    anchors: Anchors = {
        ("infused", "first"): DAY_0,
        ("infused", "latest"): DAY_0 + timedelta(days=10),
    }
    latest = with_series(EU, "plan_day_28", anchor_event="latest")
    found = moved(EU, latest, anchors)["visit_day_28"]
    assert found.old is not None
    assert found.new is not None
    assert found.new.times[0].due_at - found.old.times[0].due_at > timedelta(days=9)


def test_an_anchor_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        plan_differences(EU, EU, anchored_once({"infused": datetime(2026, 3, 2)}), ROME)  # noqa: DTZ001
