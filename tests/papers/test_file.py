"""Printed papers come back from a journey file by their digests."""

import json

from cartpath.exchange.exporting import journey_export
from cartpath.papers.inputs import CardAgreement
from cartpath.papers.models import Paper
from cartpath.papers.services import custody_report_print, product_sheet_print, wallet_card_print
from tests.exchange.elsewhere import imported
from tests.factories import Story


def test_papers_come_back_event_by_event(story: Story) -> None:
    story.infused()
    wallet_card_print(
        journey_id=story.journey_id,
        agreement=CardAgreement(shown=("name", "allergies"), agreed_by="Maria Rossi"),
        by=story.coordinator.actor,
        at=story.later(hours=1),
    )
    for print_it in (product_sheet_print, custody_report_print):
        print_it(journey_id=story.journey_id, language="it", by=story.lab.actor, at=story.later(hours=1))
    file = journey_export(story.journey_id)
    there = imported(story, json.loads(json.dumps(file)))
    again = journey_export(there)  # type: ignore[arg-type]
    for each in (file, again):
        each["journey"].pop("center")
        each["journey"].pop("id")
    assert again == file
    values = ("kind", "language", "pages", "digest", "printed_at")
    kept, made = (
        list(Paper.objects.filter(journey_id=key).order_by("printed_at").values_list(*values))
        for key in (story.journey_id, there)
    )
    assert made == kept
    assert len(made) == 3
