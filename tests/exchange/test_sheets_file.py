"""Papers of the ward come back from a journey file by their digests, and without their texts."""

import json
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.exchange.exporting import journey_export
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import read
from leukapheresis.models import Resource
from tests.conftest import person
from tests.factories import Story
from tests.sheets.conftest import told, written
from toxicity.models import DischargeSummary, HandOverSheet
from toxicity.sheets.discharge import discharge_begin, discharge_sign
from toxicity.sheets.inputs import SummaryDetails
from toxicity.sheets.services import hand_over_strike


def test_sheets_and_summaries_come_back_event_by_event(story: Story) -> None:
    elsewhere = Center.objects.create(code="C", name="Center C", timezone="Europe/Rome", region="EU")
    person("ben@c.example", "Ben", "clinician", elsewhere)
    person("nina@c.example", "Nina", "apheresis_nurse", elsewhere)
    Resource.objects.create(center=elsewhere, name="Machine 1")
    story.infused()
    wrong = written(story, told(situation="Of another child."))
    hand_over_strike(
        sheet_id=wrong.pk, reason="Another child.", by=story.nurse.actor, at=story.later(minutes=5)
    )
    kept = written(story)
    draft = discharge_begin(
        journey_id=story.journey_id,
        summary=SummaryDetails(addressee="Dr. Verdi", language="it"),
        by=story.clinician.actor,
        at=story.later(hours=1),
    )
    signed = discharge_sign(
        summary_id=draft.pk, version=1, by=story.clinician.actor, at=story.later(minutes=5)
    )
    file = journey_export(story.journey_id)
    text = json.dumps(file)
    assert "Fever since noon." not in text
    assert signed.body.splitlines()[-1] not in text
    moved = json.loads(text)
    moved["journey"] |= {"center": "C", "id": str(uuid4())}
    done = journey_import(
        file=read(json.dumps(moved), now=timezone.now() + timedelta(days=3650)), by=Actor.system("import")
    )
    again = journey_export(done.journey_id)
    for each in (file, again):
        each["journey"].pop("center")
        each["journey"].pop("id")
    assert again == file
    there = HandOverSheet.objects.filter(journey_id=done.journey_id).order_by("written_at")
    assert [(sheet.digest, sheet.situation) for sheet in there] == [(wrong.digest, ""), (kept.digest, "")]
    assert [sheet.struck_at is not None for sheet in there] == [True, False]
    assert there[1].expires_at == kept.expires_at
    assert DischargeSummary.objects.get(journey_id=done.journey_id).digest == signed.digest
