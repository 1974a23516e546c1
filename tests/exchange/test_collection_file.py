"""A journey with every kind of collection record goes out as a file and comes in again as the same."""

import json
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.exchange.collecting import NOT_TOLD
from cartpath.exchange.exporting import journey_export
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import read
from cartpath.ledger.verify import verify
from leukapheresis.collection_bags import bag_change, bags_strike, cells_freeze
from leukapheresis.inputs import AdverseEventDetails
from leukapheresis.models import Collection, CollectionDay, CryoBag
from leukapheresis.services import (
    collection_again,
    collection_day_correct,
    collection_day_strike,
)
from tests.collecting import DIN, POOR, WHOLE, bag, complete, details, record, verified
from tests.conftest import person
from tests.factories import Story


def everything(story: Story) -> None:
    """Two rounds with identity, correction, strike, bags and adverse events."""
    story.accepted()
    story.later(days=1)
    verified(story)
    first = record(story, **WHOLE | {"decision": "again"} | POOR)
    wrong = record(story, days=1, decision="again", identity_missing_reason="Alone.")
    collection_day_strike(day_id=wrong.pk, reason="Wrong.", by=story.nurse.actor, at=story.later(hours=1))
    nausea = (AdverseEventDetails(kind="nausea", grade=1, at=story.at + timedelta(days=1)),)
    second = record(story, days=1, adverse=nausea, product_volume_ml=60)
    collection_day_correct(
        day_id=second.pk,
        day=details(din="A999926123457", product_volume_ml=60, adverse=nausea),
        started_at=second.started_at,
        reason="Number added.",
        by=story.lab.actor,
        at=story.later(hours=1),
    )
    lab = story.lab.actor
    bags = cells_freeze(day_id=second.pk, bags=[bag("A0"), bag("B0")], by=lab, at=story.later(hours=1))
    mistaken = cells_freeze(
        day_id=second.pk,
        bags=[bag("C0", volume_ml=5.0, tnc=None, cd3=None)],
        by=lab,
        at=story.later(minutes=1),
    )
    bags_strike(bag_id=mistaken[0].pk, reason="No such bag.", by=lab, at=story.later(minutes=1))
    complete(story)
    bag_change(bag_id=bags[0].pk, state="discarded", note="Leaked.", by=lab, at=story.later(hours=1))
    collection_again(journey_id=story.journey_id, reason="It leaked.", by=lab, at=story.later(hours=1))
    record(story, days=3, method="whole_blood", product_volume_ml=50, history_reason="")
    assert first.din == DIN


def test_every_record_of_a_collection_comes_back_as_it_was(story: Story) -> None:
    everything(story)
    told = journey_export(story.journey_id)
    elsewhere = Center.objects.create(code="C", name="Center C", timezone="Europe/Rome", region="EU")
    for known in (story.nurse, story.clinician):
        person(f"{known.name.lower()}@c.example", known.name, known.memberships.get().role, elsewhere)
    moved = json.loads(json.dumps(told))
    moved["journey"] |= {"center": "C", "id": str(uuid4())}
    # A donation number belongs to one day, also across centers.
    text = json.dumps(moved).replace("A9999261234", "A9999271234")
    done = journey_import(
        file=read(text, now=timezone.now() + timedelta(days=3650)), by=Actor.system("import")
    )
    again = json.loads(json.dumps(journey_export(done.journey_id)).replace("A9999271234", "A9999261234"))
    kept = again["events"]
    assert [event["kind"] for event in kept] == [event["kind"] for event in told["events"]]
    for before, after in zip(told["events"], kept, strict=True):
        assert after["data"] == before["data"], before["kind"]
    assert verify(done.journey_id).breaks == []
    assert CryoBag.objects.filter(day__journey_id=done.journey_id, struck_at=None).count() == 2
    assert Collection.objects.get(journey_id=done.journey_id).tnc_total == 6_500_000_000


def test_a_file_of_before_identity_checks_still_comes_in_and_says_so(story: Story) -> None:
    story.accepted()
    record(story)
    told = json.loads(json.dumps(journey_export(story.journey_id)))
    told["journey"]["id"] = str(uuid4())
    told["patient"]["mrn"] = "OLD-1"
    old = ("decision", "tnc", "cd3", "round", "day")
    for event in told["events"]:
        if event["kind"] == "collection_day_recorded":
            event["data"] = {name: event["data"][name] for name in old}
    done = journey_import(
        file=read(json.dumps(told), now=timezone.now() + timedelta(days=3650)), by=Actor.system("import")
    )
    day = CollectionDay.objects.get(journey_id=done.journey_id)
    assert (day.identity, day.identity_missing_reason) == (None, NOT_TOLD)
