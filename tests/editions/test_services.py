"""From working copy to published edition, through the services."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Forbidden, Invalid, NotFound
from cartpath.protocols import catalog, registry
from cartpath.protocols.apply import rows_by_id
from cartpath.protocols.editions import (
    edition_add,
    edition_alter,
    edition_approve,
    edition_discard,
    edition_forget,
    edition_preview,
    edition_protocol,
    edition_publish,
    edition_retire,
    edition_start,
)
from cartpath.protocols.models import ProtocolEdition
from tests.editions.conftest import DRAFT, EU, OTHER_DRAFT, Desk, Ship

pytestmark = pytest.mark.django_db


def test_a_working_copy_does_nothing(desk: Desk) -> None:
    edition = desk.started()
    edition_approve(edition_id=edition.pk, row_id=DRAFT, reason="Right.", **desk.act)
    assert catalog.for_center(desk.center, "tisagenlecleucel") is registry.latest(EU)
    assert (edition.base_version, edition.version, edition.created_by) == ("1", "", "Ben")


def test_a_published_edition_is_current_in_its_center(desk: Desk) -> None:
    edition = desk.published(DRAFT, OTHER_DRAFT)
    current = catalog.for_center(desk.center, "tisagenlecleucel")
    assert (edition.version, edition.number) == ("1-a-1", 1)
    assert (edition.published_by, edition.published_at, edition.reason) == (
        "Ben",
        desk.at,
        "Agreed in the team.",
    )
    assert (current.id, current.version) == (EU, "1-a-1")
    assert {DRAFT, OTHER_DRAFT} <= {item.id for item in current.checklist_items()}
    assert current.cite(rows_by_id(current)[DRAFT]).endswith(
        "approved by Ben on 2026-03-02: check_gvhd is right"
    )


def test_the_next_edition_begins_with_the_decisions_of_the_one_before(desk: Desk) -> None:
    desk.published(DRAFT)
    second = desk.started()
    assert [change["row_id"] for change in second.changes] == [DRAFT]
    assert second.left_out == []
    edition_approve(edition_id=second.pk, row_id=OTHER_DRAFT, reason="Right.", **desk.act)
    assert edition_publish(edition_id=second.pk, reason="More.", **desk.act).version == "1-a-2"


def test_what_does_not_fit_a_newer_version_is_listed_and_can_be_struck(desk: Desk, ship: Ship) -> None:
    desk.published(DRAFT, OTHER_DRAFT)
    shipped = registry.latest(EU)
    rows = tuple(
        replace(row, label="Said better") if row.id == DRAFT else row for row in shipped.infusion.checklist
    )
    ship(replace(shipped, version="2", infusion=replace(shipped.infusion, checklist=rows)))
    second = desk.started()
    assert second.base_version == "2"
    assert [change["row_id"] for change in second.changes] == [OTHER_DRAFT]
    (left,) = second.left_out
    assert (left["row_id"], left["why"]) == (DRAFT, "The chosen version itself changes this row.")
    struck = edition_forget(edition_id=second.pk, row_id=DRAFT, **desk.act)
    assert struck.left_out == []
    assert edition_publish(edition_id=second.pk, reason="Version 2.", **desk.act).version == "2-a-2"


def test_a_decision_made_anew_is_no_longer_listed_as_left_out(desk: Desk, ship: Ship) -> None:
    desk.published(DRAFT)
    shipped = registry.latest(EU)
    rows = tuple(
        replace(row, label="Said better") if row.id == DRAFT else row for row in shipped.infusion.checklist
    )
    ship(replace(shipped, version="2", infusion=replace(shipped.infusion, checklist=rows)))
    second = desk.started()
    again = edition_approve(edition_id=second.pk, row_id=DRAFT, reason="Read again.", **desk.act)
    assert (again.left_out, len(again.changes)) == ([], 1)


def test_neither_replaces_the_other_silently(desk: Desk, ship: Ship) -> None:
    assert catalog.newer_shipped(desk.center, EU) is None
    desk.published(DRAFT)
    assert catalog.newer_shipped(desk.center, EU) is None
    newer = replace(registry.latest(EU), version="2")
    ship(newer)
    assert catalog.for_center(desk.center, "tisagenlecleucel").version == "1-a-1"
    assert catalog.newer_shipped(desk.center, EU) is newer


def test_a_center_goes_back_to_what_ships_by_publishing_no_changes(desk: Desk) -> None:
    desk.published(DRAFT)
    edition = desk.started()
    edition_forget(edition_id=edition.pk, row_id=DRAFT, **desk.act)
    edition_publish(edition_id=edition.pk, reason="Withdrawn.", **desk.act)
    current = catalog.for_center(desk.center, "tisagenlecleucel")
    assert current.version == "1-a-2"
    assert replace(current, version="1") == registry.latest(EU)


@pytest.mark.parametrize("first", [(), (DRAFT,)])
def test_an_edition_that_says_what_is_current_anyway_is_refused(desk: Desk, first: tuple[str, ...]) -> None:
    if first:
        desk.published(*first)
    edition = desk.started()
    with pytest.raises(Conflict) as refused:
        edition_publish(edition_id=edition.pk, reason="Again.", **desk.act)
    assert refused.value.code == "nothing_changed"


def test_a_second_decision_about_a_row_replaces_the_first(desk: Desk) -> None:
    edition = desk.started()
    act: dict[str, Any] = {"edition_id": edition.pk, "row_id": "washout_pegaspargase", **desk.act}
    edition_approve(reason="As shipped.", **act)
    altered = edition_alter(values={"days": 35}, reason="Longer.", **act)
    (change,) = altered.changes
    assert (change["kind"], change["values"], change["section"]) == ("alter", {"days": 35}, "washouts.rules")


def test_only_what_differs_from_the_shipped_row_is_kept(desk: Desk) -> None:
    edition = desk.started()
    shipped = rows_by_id(registry.latest(EU))["check_line"]
    values = {"label": shipped.label, "severity": "warn"}  # type: ignore[attr-defined]
    altered = edition_alter(edition_id=edition.pk, row_id="check_line", values=values, reason="x", **desk.act)
    assert altered.changes[0]["values"] == {"severity": "warn"}


def test_a_row_of_the_center_s_own_is_altered_and_taken_back_but_not_retired(desk: Desk) -> None:
    edition = desk.started()
    act: dict[str, Any] = {"edition_id": edition.pk, **desk.act}
    values = {"id": "check_family", "label": "Family told", "phase": "before_infusion", "severity": "warn"}
    edition_add(section="infusion.checklist", values=values, reason="Good habit.", **act)
    changed = edition_alter(row_id="check_family", values={"severity": "block"}, reason="Must.", **act)
    (change,) = changed.changes
    assert (change["kind"], change["values"]["label"], change["values"]["severity"]) == (
        "add",
        "Family told",
        "block",
    )
    with pytest.raises(Conflict, match="take it back"):
        edition_retire(row_id="check_family", reason="x", **act)
    assert edition_forget(row_id="check_family", **act).changes == []
    with pytest.raises(NotFound):
        edition_forget(row_id="check_family", **act)


@pytest.mark.parametrize("row_id", ["", "Check family", "a" * 61, None, 3, "1st"])
def test_a_new_row_needs_a_plain_name(desk: Desk, row_id: object) -> None:
    edition = desk.started()
    with pytest.raises(Invalid) as refused:
        edition_add(
            edition_id=edition.pk, section="infusion.checklist", values={"id": row_id}, reason="x", **desk.act
        )
    assert list(refused.value.fields) == ["id"]


def test_a_retired_row_is_off_in_the_center_and_on_in_the_shipped_version(desk: Desk) -> None:
    edition = desk.started()
    edition_retire(
        edition_id=edition.pk, row_id="check_lodging", reason="Social service does it.", **desk.act
    )
    edition_publish(edition_id=edition.pk, reason="x", **desk.act)
    here = catalog.for_center(desk.center, "tisagenlecleucel")
    assert "check_lodging" not in {item.id for item in here.checklist_items()}
    assert rows_by_id(here)["check_lodging"].status == "retired"
    assert "check_lodging" in {item.id for item in registry.latest(EU).checklist_items()}


def test_a_refusal_names_the_row_and_the_field_in_words(desk: Desk) -> None:
    edition = desk.started()
    with pytest.raises(Invalid) as refused:
        edition_alter(edition_id=edition.pk, row_id="E1", values={"valid_days": 0}, reason="x", **desk.act)
    assert refused.value.fields == {"valid_days": "Should be 1 or more."}
    assert refused.value.message == "“Age” can't be changed like this. valid days: Should be 1 or more."


@pytest.mark.parametrize("values", [{"label": float("nan")}, {"label": object()}, {"label": "a\x00b"}])
def test_values_that_json_can_not_hold_are_refused(desk: Desk, values: dict[str, object]) -> None:
    edition = desk.started()
    with pytest.raises(Invalid):
        edition_alter(edition_id=edition.pk, row_id="E1", values=values, reason="x", **desk.act)


def test_two_steps_may_be_unsound_between_them_but_nothing_unsound_is_published(desk: Desk) -> None:
    edition = desk.started()
    act: dict[str, Any] = {"edition_id": edition.pk, **desk.act}
    bands = catalog.get(EU, "1").dose_rules()
    edition_alter(row_id=bands[0].id, values={"up_to_kg": 40}, reason="As in the trial.", **act)
    fresh = ProtocolEdition.objects.get(pk=edition.pk)
    (problem,) = edition_preview(fresh).problems
    assert problem.endswith("should begin where the band before ends (40.0).")
    with pytest.raises(Invalid) as refused:
        edition_publish(reason="x", **act)
    assert (refused.value.code, refused.value.message) == ("edition_unsound", problem)
    with pytest.raises(Invalid):
        edition_protocol(fresh)
    edition_alter(row_id=bands[1].id, values={"above_kg": 40}, reason="As in the trial.", **act)
    edition_publish(reason="Together.", **act)
    assert catalog.for_center(desk.center, "tisagenlecleucel").dose_rules()[0].up_to_kg == 40


def test_a_center_works_on_one_edition_of_a_protocol_at_a_time(desk: Desk) -> None:
    first = desk.started()
    with pytest.raises(Conflict) as refused:
        desk.started()
    assert refused.value.code == "working_copy_open"
    edition_discard(edition_id=first.pk, **desk.act)
    desk.started()


def test_two_centers_work_on_the_same_protocol_each_for_itself(desk: Desk, cleos_desk: Desk) -> None:
    desk.published(DRAFT)
    edition = cleos_desk.published(OTHER_DRAFT)
    assert edition.version == "1-b-1"
    assert DRAFT not in {c.id for c in catalog.get(EU, "1-b-1").checklist_items()}


def test_centers_whose_codes_differ_in_case_only_get_versions_of_their_own(desk: Desk, ben: Any) -> None:
    desk.published(DRAFT)
    twin = type(desk.center).objects.create(code="a", name="Center a", timezone="Europe/Rome", region="EU")
    assert Desk(twin, ben, desk.at).published(DRAFT).version == "1-a-2"


def test_a_published_edition_can_be_neither_changed_nor_discarded(desk: Desk) -> None:
    act: dict[str, Any] = {"edition_id": desk.published(DRAFT).pk, **desk.act}
    attempts: list[Callable[[], object]] = [
        lambda: edition_approve(row_id=OTHER_DRAFT, reason="x", **act),
        lambda: edition_forget(row_id=DRAFT, **act),
        lambda: edition_discard(**act),
        lambda: edition_publish(reason="x", **act),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict) as refused:
            attempt()
        assert refused.value.code == "edition_published"


def test_what_was_discarded_is_not_there(desk: Desk) -> None:
    with pytest.raises(NotFound):
        edition_discard(edition_id=uuid4(), **desk.act)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 801, "a\x00"])
def test_every_decision_needs_a_reason(desk: Desk, reason: str) -> None:
    edition = desk.started()
    for attempt in (
        lambda: edition_approve(edition_id=edition.pk, row_id=DRAFT, reason=reason, **desk.act),
        lambda: edition_publish(edition_id=edition.pk, reason=reason, **desk.act),
    ):
        with pytest.raises(Invalid) as refused:
            attempt()
        assert list(refused.value.fields) == ["reason"]


def test_a_program_can_not_decide_about_rules(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        edition_start(center=desk.center, protocol_id=EU, by=Actor.system("beat"), at=desk.at)


@pytest.mark.parametrize(
    ("protocol_id", "version", "code"),
    [
        ("tisagenlecleucel-us", None, "wrong_region"),
        ("nobody", None, "unknown_version"),
        (EU, "99", "unknown_version"),
    ],
)
def test_an_edition_stands_on_a_shipped_version_of_the_center_s_region(
    desk: Desk, protocol_id: str, version: str | None, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        desk.started(protocol_id=protocol_id, base_version=version)
    assert refused.value.code == code


def test_the_day_of_a_decision_is_that_of_the_center(desk: Desk) -> None:
    late = replace(desk, at=desk.at.replace(hour=23, minute=30) + timedelta(hours=1))
    edition = late.published(DRAFT)
    assert edition.changes[0]["on"] == "2026-03-03"
