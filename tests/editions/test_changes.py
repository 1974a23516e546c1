"""A center's changes put into a shipped protocol: pure, row by row."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.protocols import checks, registry
from cartpath.protocols.apply import (
    Change,
    ChangeKind,
    ChangeRefused,
    alterable,
    apply,
    carried_over,
    rows_by_id,
    section_of,
    sections,
    values_of,
)
from cartpath.protocols.difference import row_differences
from cartpath.protocols.schema import Protocol

PROTOCOL = registry.get("tisagenlecleucel-eu", "1")
ALL = registry.all_protocols()
EVERY_DAY = (date(1990, 1, 1), date(2026, 3, 2), date(2099, 1, 1), None)
BY_ID = {protocol.id: protocol for protocol in ALL}
ROWS = [(protocol.id, row_id) for protocol in ALL for row_id in rows_by_id(protocol)]


def change(kind: ChangeKind, row_id: str, section: str = "", /, **values: Any) -> Change:
    """Ben's decision of 2 March 2026."""
    return Change(
        kind=kind,
        row_id=row_id,
        section=section,
        values=values,
        reason="Agreed in the team.",
        by="Ben",
        by_id="7",
        at=datetime(2026, 3, 2, 11, tzinfo=UTC),
        on=date(2026, 3, 2),
    )


def changed(*changes: Change, base: Protocol = PROTOCOL) -> Protocol:
    return apply(base, changes, version="1-a-1")


def refusal(*changes: Change, base: Protocol = PROTOCOL) -> dict[str, str]:
    with pytest.raises(ChangeRefused) as refused:
        changed(*changes, base=base)
    return refused.value.fields


def touched(new: Protocol, base: Protocol = PROTOCOL) -> set[tuple[str, str]]:
    return {(each.row_id, each.kind) for each in row_differences(base, new) if each.kind != "same"}


def test_shipped_protocols_pass_the_checks_of_an_edition() -> None:
    assert [str(problem) for protocol in ALL for problem in checks.of_joined(protocol)] == []


def test_an_approved_draft_counts_and_names_who_when_and_why() -> None:
    new = changed(change("approve", "check_gvhd"))
    row = rows_by_id(new)["check_gvhd"]
    assert not rows_by_id(PROTOCOL)["check_gvhd"].in_force()
    assert (row.status, row.in_force()) == ("center_default", True)
    assert row.source == ("UNREAD", "CENTER:check_gvhd")
    assert new.cite(row).endswith("Center's decision, approved by Ben on 2026-03-02: Agreed in the team.")
    assert (new.id, new.version) == (PROTOCOL.id, "1-a-1")


@given(st.sampled_from([each for each in ROWS if rows_by_id(BY_ID[each[0]])[each[1]].status == "draft"]))
def test_approving_a_draft_changes_no_other_row(drawn: tuple[str, str]) -> None:
    base, row_id = BY_ID[drawn[0]], drawn[1]
    new = changed(change("approve", row_id), base=base)
    assert touched(new, base) == {(row_id, "changed")}
    assert rows_by_id(new)[row_id].in_force(date(2026, 3, 2)) or rows_by_id(base)[row_id].valid_from


@given(st.sampled_from(ROWS))
def test_a_retired_row_does_nothing_on_any_day_and_stays_readable(drawn: tuple[str, str]) -> None:
    base, row_id = BY_ID[drawn[0]], drawn[1]
    new = changed(change("retire", row_id), base=base)
    row = rows_by_id(new)[row_id]
    assert touched(new, base) == {(row_id, "changed")}
    assert [row.in_force(day) for day in EVERY_DAY] == [False] * len(EVERY_DAY)
    assert values_of(row) | {"status": "", "source": []} == values_of(rows_by_id(base)[row_id]) | {
        "status": "",
        "source": [],
    }


@given(st.sampled_from(ROWS))
def test_every_row_can_be_written_and_read_again(drawn: tuple[str, str]) -> None:
    base, row_id = BY_ID[drawn[0]], drawn[1]
    row = rows_by_id(base)[row_id]
    values = {name: value for name, value in values_of(row).items() if name in alterable(row)}
    if row.is_off:
        again = rows_by_id(changed(change("alter", row_id, **values), base=base))[row_id]
        assert {name: values_of(again)[name] for name in values} == values
    else:
        assert refusal(change("alter", row_id, **values), base=base) == {"": "Nothing of the row is altered."}


def test_an_altered_row_takes_the_center_s_figure_and_keeps_its_sources() -> None:
    new = changed(change("alter", "washout_pegaspargase", days=35))
    row = next(row for row in new.washout_rules() if row.id == "washout_pegaspargase")
    assert (row.days, row.status) == (35, "center_default")
    assert row.source[:-1] == rows_by_id(PROTOCOL)["washout_pegaspargase"].source
    assert new.washouts.sources[row.source[-1]].startswith("Center's decision, altered by Ben")


@pytest.mark.parametrize(
    ("row_id", "values", "field", "reason"),
    [
        ("washout_pegaspargase", {"days": 2.5}, "days", "Should be a whole number."),
        ("washout_pegaspargase", {"days": 0}, "days", "Should be 1 or more."),
        ("washout_pegaspargase", {"days": "2"}, "days", "Should be a whole number."),
        ("washout_pegaspargase", {"hours": 3}, "", "give exactly one of hours, days and none = true"),
        ("washout_pegaspargase", {"weeks": 3}, "weeks", "A row of this kind has no such field."),
        (
            "washout_pegaspargase",
            {"class": "cytotoxic"},
            "class",
            "This is fixed; add a row of its own instead.",
        ),
        ("check_gvhd", {"label": ""}, "label", "Should not be empty."),
        ("check_gvhd", {"label": None}, "label", "Give a value."),
        ("check_gvhd", {"label": 3}, "label", "Should be text."),
        ("check_gvhd", {"valid_to": "tomorrow"}, "valid_to", "Should be a day such as 2026-03-05."),
        (
            "check_gvhd",
            {"valid_from": "2026-03-02", "valid_to": "2026-03-01"},
            "valid_to",
            "should be later than valid_from",
        ),
        ("E1", {"values": {}}, "values", "Keep these figures and their kind: below_years."),
        (
            "E1",
            {"values": {"below_years": "26"}},
            "values",
            "Keep these figures and their kind: below_years.",
        ),
        ("E1", {"severity": "loud"}, "severity", "Should be one of: 'block', 'warn' or 'info'."),
        ("visit_of_nobody", {"label": "x"}, "", "The protocol has no such row."),
        (
            "expect_toxicity_assessment",
            {"window": {"before_days": 1}},
            "window",
            "an item counted in hours has its window in hours",
        ),
        (
            "expect_toxicity_assessment",
            {"anchor": "sneezed"},
            "anchor",
            None,
        ),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_its_field(
    row_id: str, values: dict[str, Any], field: str, reason: str | None
) -> None:
    fields = refusal(change("alter", row_id, **values))
    assert list(fields) == [field]
    assert reason is None or fields[field] == reason


def test_only_a_draft_can_be_approved() -> None:
    assert refusal(change("approve", "E1")) == {"": "Only a draft waits for approval; this row is none."}


def test_an_added_check_stands_last_in_its_section() -> None:
    asked = change(
        "add",
        "check_family",
        "infusion.checklist",
        label="Family informed",
        phase="before_infusion",
        severity="warn",
    )
    new = changed(asked)
    assert new.checklist_items()[-1].id == "check_family"
    assert section_of(new, "check_family") == "infusion.checklist"
    assert touched(new) == {("check_family", "added")}


def test_an_added_band_of_weight_takes_its_place() -> None:
    base = registry.get("tisagenlecleucel-us", "1")
    first, *_ = base.dose_rules()
    split = (first.up_to_kg or 0) / 2
    new = changed(
        change("alter", first.id, up_to_kg=split),
        change(
            "add",
            "dose_middle",
            "product.dose",
            label="Middle",
            basis=first.basis,
            min_cells=first.min_cells,
            max_cells=first.max_cells,
            above_kg=split,
            up_to_kg=first.up_to_kg,
        ),
        base=base,
    )
    assert [row.id for row in new.product.dose][:2] == [first.id, "dose_middle"]
    assert list(checks.of_joined(new)) == []


@pytest.mark.parametrize(
    ("section", "row_id", "field", "reason"),
    [
        ("apheresis.figures", "my_figure", "section", "No row can be added here; alter one instead."),
        ("nowhere", "my_row", "section", "No row can be added here; alter one instead."),
        ("infusion.checklist", "check_gvhd", "id", "The protocol has a row of this name."),
        ("infusion.checklist", "check_x", "phase", "Give a value."),
    ],
)
def test_a_row_that_can_not_be_added_is_refused(section: str, row_id: str, field: str, reason: str) -> None:
    fields = refusal(change("add", row_id, section, label="X", severity="warn"))
    assert fields == {field: reason}


def test_every_open_section_names_the_rows_it_holds() -> None:
    for section, row_type in sections().items():
        held = [row for protocol in ALL for row in rows_by_id(protocol).values() if type(row) is row_type]
        # The lower limits of a laboratory's own serum tests can only be a center's.
        assert held or section == "follow_up.immune.serum_limits", section
    assert "washouts.rules" in sections()
    assert "apheresis.figures" not in sections()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ([change("retire", "platelet_fall_percent")], "a row 'platelet_fall_percent' in force is missing"),
        ([change("retire", "tisagenlecleucel_b_all")], None),
        (
            [change("alter", "tisagenlecleucel_b_all_alternative", default=True)],
            "exactly one regimen in force should be the default",
        ),
        ([change("approve", "washout_blinatumomab"), change("approve", "washout_filgrastim")], None),
        (
            [
                change(
                    "add", "washout_again", "washouts.rules", **{"class": "hsct", "label": "Again", "days": 9}
                )
            ],
            "class 'hsct' has two rules in force",
        ),
        (
            [
                change(
                    "add",
                    "expect_again",
                    "monitoring.items",
                    **values_of(rows_by_id(PROTOCOL)["expect_monitoring_review"])
                    | {"id": None, "source": [], "status": None},
                )
            ],
            "item 'acute_monitoring_review' is expected by the rows"
            " 'expect_monitoring_review' and 'expect_again'",
        ),
    ],
)
def test_the_whole_is_checked_like_a_shipped_file(changes: list[Change], problem: str | None) -> None:
    found = [problem.reason for problem in checks.of_joined(changed(*changes))]
    assert (problem in found) if problem else not found


def test_a_row_that_replaces_a_retired_one_may_expect_the_same_item() -> None:
    row = values_of(rows_by_id(PROTOCOL)["expect_monitoring_review"])
    mine = row | {"id": None, "source": [], "status": None, "at": {"days": [21]}}
    new = changed(
        change("retire", "expect_monitoring_review"), change("add", "review_mine", "monitoring.items", **mine)
    )
    assert list(checks.of_joined(new)) == []
    item = new.item("acute_monitoring_review")
    assert item is not None
    assert item.offset.days == 21


def test_a_change_is_read_as_it_was_stored() -> None:
    made = change("alter", "washout_pegaspargase", "washouts.rules", days=35)
    assert Change.read(made.stored() | {"why": "left out once"}) == made


def test_a_decision_is_carried_to_another_base_only_while_its_row_is_the_same() -> None:
    base = changed(change("alter", "washout_pegaspargase", days=35))
    decisions = [
        change("approve", "check_gvhd"),
        change("alter", "washout_pegaspargase", days=28),
        change("retire", "row_of_old"),
        change("add", "check_support_needed", "infusion.checklist"),
    ]
    kept, left = carried_over(decisions, PROTOCOL, base)
    assert [each.row_id for each in kept] == ["check_gvhd"]
    assert [(each.row_id, why) for each, why in left] == [
        ("washout_pegaspargase", "The chosen version itself changes this row."),
        ("row_of_old", "The chosen version no longer has this row."),
        ("check_support_needed", "The chosen version has a row of this name itself."),
    ]
