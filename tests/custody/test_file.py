"""Custody comes back from a journey file event by event, with the same items, steps and breaks."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from cartpath.exchange.exporting import journey_export
from manufacturing.custody.breaks import break_close, break_open, quarantine_lift, quarantine_set
from manufacturing.custody.identity import chain_of_identity_set
from manufacturing.custody.inputs import BreakDetails, ClosingDetails
from manufacturing.custody.rules import ScanRead
from manufacturing.custody.services import custody_strike
from manufacturing.models import ChainOfIdentity, CustodyBreak, CustodyEntry, CustodyItem
from tests.custody.conftest import DIN, added, recorded
from tests.exchange.elsewhere import imported
from tests.factories import Story


def kept(journey_id: UUID) -> list[list[dict[str, Any]]]:
    """What custody keeps of a journey, without keys that only one database knows."""
    here = {"id", "journey_id", "center_id", "item_id", "event_id", "order_id", "batch_id", "owner_id"}
    told = here | {"recorded_by", "found_by", "closed_by", "set_by", "owner_name"}
    tables = (ChainOfIdentity, CustodyItem, CustodyEntry, CustodyBreak)
    return [
        sorted(
            (
                {name: value for name, value in row.items() if name not in told}
                for row in table._default_manager.filter(journey_id=journey_id).values()
            ),
            key=str,
        )
        for table in tables
    ]


def test_custody_is_exported_and_imported_event_by_event(story: Story) -> None:
    story.accepted()
    chain_of_identity_set(
        journey_id=story.journey_id,
        scheme="local",
        identifier="LOC-7",
        by=story.coordinator.actor,
        at=story.later(minutes=5),
    )
    story.released()
    bags = added(story)
    recorded(
        story,
        "hospital_receipt",
        bags,
        signed=(story.lab,),
        temp_min_c=-150.0,
        temp_max_c=-90.0,
        seal="S-1",
        documents=("certificate", "temperature_log"),
        reads=(ScanRead(din=DIN, division="A0"), ScanRead(din=DIN, division="B0")),
    )
    act: dict[str, Any] = {"journey_id": story.journey_id, "by": story.lab.actor}
    items = [item.pk for item in bags]
    quarantine_lift(item_ids=items, reason="no_effect", note="Letter.", at=story.later(hours=1), **act)
    break_close(
        number=1, details=ClosingDetails(outcome="no_effect", note="Letter."), at=story.later(hours=1), **act
    )
    recorded(story, "product_stored", bags, position="A1")
    (entry, _other) = recorded(story, "issued_to_ward", bags, to="Ward 4")
    custody_strike(event_id=entry.event_id, reason="Next week.", by=story.lab.actor, at=story.later(hours=1))
    quarantine_set(item_ids=items[:1], reason="damage", note="Frost.", at=story.later(hours=1), **act)
    details = BreakDetails(
        reason="seal", what="Seal missing.", due_on=story.center.local_day(story.at) + timedelta(days=2)
    )
    break_open(item_id=items[0], details=details, owner=story.clinician, at=story.later(hours=1), **act)
    file = journey_export(story.journey_id)
    made = UUID(imported(story, file))
    again = journey_export(made)
    for each in (file, again):
        each["journey"].pop("center")
        each["journey"].pop("id")
    assert again == file
    assert kept(made) == kept(story.journey_id)
    found = CustodyBreak.objects.get(journey_id=made, number=3)
    assert (found.owner_name, found.owner and found.owner.email) == (story.clinician.name, "ben@c.example")
