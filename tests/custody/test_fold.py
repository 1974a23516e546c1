"""Custody is folded from the ledger alone; the chain of identity, and what was entered in error."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cartpath.core.errors import Conflict, DomainError, Invalid
from cartpath.ledger.models import Chain, Event
from leukapheresis.collection_identity import collection_identity_verify
from leukapheresis.inputs import IdentityCheckDetails
from manufacturing.custody.breaks import quarantine_lift
from manufacturing.custody.identity import chain_of_identity_set
from manufacturing.custody.readers import CustodyReader, facts_of
from manufacturing.custody.rules.chain import Fact
from manufacturing.custody.rules.fold import fold
from manufacturing.custody.rules.steps import STEPS
from manufacturing.custody.services import custody_strike
from manufacturing.custody.words import Step
from manufacturing.models import ChainOfIdentity, CustodyBreak, CustodyEntry, CustodyItem
from tests.custody.conftest import added, again, recorded
from tests.factories import Story

COLD: dict[str, Any] = {"temp_min_c": -180.0, "temp_max_c": -150.0}


def tables() -> list[list[dict[str, Any]]]:
    """Everything that the reader keeps; the number of a row that nobody names is left out."""
    rows: list[list[dict[str, Any]]] = []
    for table in (ChainOfIdentity, CustodyItem, CustodyEntry, CustodyBreak):
        found = [{k: v for k, v in row.items() if k != "id"} for row in table._default_manager.values()]
        rows.append(sorted(found, key=str))
    return rows


def fact(kind: str, **data: Any) -> Fact:
    """A fact after everything else."""
    return Fact(id=10**9, kind=kind, at=datetime(2026, 12, 1, 10, tzinfo=UTC), by="Ben", data=data)


def replay(story: Story) -> None:
    """What `manage.py replay custody` does with one journey."""
    chain = Chain.objects.get(pk=story.journey_id)
    CustodyReader().rebuild(chain, list(Event.objects.of(story.journey_id)))


def test_the_words_and_the_rules_name_the_same_steps() -> None:
    assert tuple(Step.values) == STEPS


# --- Facts of other rooms --------------------------------------------------------------------------


def test_an_infusion_not_told_bag_by_bag_gives_every_bag_that_is_here(
    bags: list[CustodyItem],
) -> None:
    told = fold(
        [
            *facts_of(Event.objects.of(bags[0].journey_id)),
            fact("thaw_started", batch=str(bags[0].batch_id)),
            fact("infused", batch=str(bags[0].batch_id), ended_at="2026-12-01T10:20:00+00:00"),
        ],
        zone=UTC,
    )
    given = [item for item in told.items.values() if item.kind == "product_bag"]
    assert {(item.state, item.last_step) for item in given} == {("given", "infusion_ended")}


def test_an_infusion_that_is_told_bag_by_bag_gives_just_that_bag(bags: list[CustodyItem]) -> None:
    batch = str(bags[0].batch_id)
    told = fold(
        [
            *facts_of(Event.objects.of(bags[0].journey_id)),
            fact("identity_verified", batch=batch, item=bags[0].number, first="Ben", second="Nina"),
            fact("thaw_started", batch=batch, item=bags[0].number),
            fact("bag_infusion_started", item=bags[0].number),
            fact("infused", batch=batch),
            fact("bag_infusion_ended", item=bags[0].number),
        ],
        zone=UTC,
    )
    assert [told.items[bag.number].state for bag in bags] == ["given", "here"]
    (check,) = [entry for entry in told.entries if entry.step == "bedside_check"]
    assert (check.item, [each["name"] for each in check.signatures]) == (bags[0].number, ["Ben", "Nina"])


def test_a_missed_specification_holds_the_bags_until_a_physician_decides(bags: list[CustodyItem]) -> None:
    batch = str(bags[0].batch_id)
    facts = [*facts_of(Event.objects.of(bags[0].journey_id)), fact("product_recalled", batch=batch)]
    assert fold(facts, zone=UTC).items[2].quarantine_reason == "recalled"
    for decision, held in (("abandon", True), ("use", False)):
        decided = fact("out_of_specification_decided", batch=batch, decision=decision)
        assert fold([*facts, decided], zone=UTC).items[2].is_quarantined is held


# --- Identity --------------------------------------------------------------------------------------


def identify(story: Story, identifier: str, scheme: str = "local", reason: str = "") -> ChainOfIdentity:
    return chain_of_identity_set(
        journey_id=story.journey_id,
        scheme=scheme,
        identifier=identifier,
        reason=reason,
        by=story.coordinator.actor,
        at=story.later(minutes=5),
    )


def test_an_isbt_identity_has_the_form_of_structure_040(story: Story) -> None:
    story.accepted()
    with pytest.raises(Invalid) as refused:
        identify(story, "CHG99O626123456", "isbt128")
    assert "identifier" in refused.value.fields
    assert identify(story, "&/CH G9996 26 00012A", "isbt128").identifier == "CHG99962600012A"


def test_an_identity_changes_with_a_reason_and_only_until_the_patient_is_verified(story: Story) -> None:
    story.accepted()
    identify(story, "LOC-1")
    with pytest.raises(Invalid):
        identify(story, "LOC-2")
    assert identify(story, "LOC-2", reason="mistyped").identifier == "LOC-2"
    collection_identity_verify(
        journey_id=story.journey_id,
        first=story.clinician,
        second=story.nurse,
        check=IdentityCheckDetails(identifiers=("name_and_birth", "wristband")),
        at=story.later(hours=1),
    )
    with pytest.raises(Conflict) as refused:
        identify(story, "LOC-3", reason="mistyped")
    assert refused.value.code == "identity_used"


def test_a_used_identity_is_refused_by_service_and_database(bags: list[CustodyItem], story: Story) -> None:
    with pytest.raises(Conflict) as refused:
        identify(story, "LOC-2", reason="mistyped")
    assert refused.value.code == "identity_used"
    changes: tuple[dict[str, Any], ...] = ({"identifier": "X"}, {"scheme": "local"})
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            ChainOfIdentity.objects.filter(journey=story.journey_id).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChainOfIdentity.objects.filter(journey=story.journey_id).delete()


def test_an_identity_belongs_to_one_journey_of_the_center(story: Story) -> None:
    story.accepted()
    identify(story, "LOC-1")
    story.accepted()
    with pytest.raises(Invalid):
        identify(story, "LOC-1")
    assert identify(story, "LOC-1", "manufacturer").scheme == "manufacturer"


# --- Replay and strike -----------------------------------------------------------------------------


def test_from_the_ledger_alone_every_row_is_rebuilt_as_it_was(bags: list[CustodyItem], story: Story) -> None:
    recorded(story, "hospital_receipt", bags, signed=(story.lab,), temp_min_c=-150.0, temp_max_c=-90.0)
    quarantine_lift(
        journey_id=story.journey_id,
        item_ids=[bags[0].pk],
        reason="no_effect",
        note="Letter.",
        by=story.lab.actor,
        at=story.later(hours=1),
    )
    recorded(story, "product_stored", bags, position="A1", documents=("certificate",), **COLD)
    before = tables()
    assert all(before)
    replay(story)
    assert tables() == before, "nothing to change"
    for table in (CustodyBreak, CustodyEntry):
        table._default_manager.all().delete()
    wrong: dict[str, Any] = {
        "state": "destroyed",
        "position": "Nowhere",
        "is_quarantined": False,
        "quarantine_reason": "",
    }
    CustodyItem.objects.update(**wrong)
    assert tables() != before
    replay(story)
    assert tables() == before


def test_a_hand_over_entered_in_error_is_left_out_and_the_item_is_where_it_was(
    bags: list[CustodyItem], story: Story
) -> None:
    recorded(story, "product_stored", bags, position="A1")
    (entry, _other) = recorded(story, "issued_to_ward", bags)
    act: dict[str, Any] = {"event_id": entry.event_id, "by": story.lab.actor, "at": story.later(minutes=1)}
    with pytest.raises(Invalid):
        custody_strike(reason=" ", **act)
    custody_strike(reason="Another child's bag.", **act)
    assert {(item.state, item.position) for item in again(story)} == {("here", "A1")}
    with pytest.raises(Conflict):
        custody_strike(reason="Twice.", **act)


def test_bags_added_in_error_go_and_keep_their_number(bags: list[CustodyItem], story: Story) -> None:
    strike: dict[str, Any] = {"event_id": bags[0].event_id, "by": story.lab.actor}
    custody_strike(reason="Wrong product.", at=story.later(minutes=1), **strike)
    assert again(story) == []
    later = added(story)
    assert [item.number for item in later] == [4, 5]
    recorded(story, "product_stored", later, position="A1")
    with pytest.raises(Conflict) as refused:
        custody_strike(event_id=later[0].event_id, reason="No.", by=story.lab.actor, at=story.at)
    assert refused.value.code == "item_in_use"


def test_a_refused_step_leaves_no_trace(bags: list[CustodyItem], story: Story) -> None:
    before, length = tables(), Event.objects.count()
    with pytest.raises(DomainError):
        recorded(story, "product_stored", bags, position="A1", coi="wrong", **COLD)
    assert (tables(), Event.objects.count()) == (before, length)
