"""Labels and stops come back from a journey file; a wristband gets a code of its own there."""

import json

from cartpath.exchange.exporting import journey_export
from manufacturing.labels.inputs import AccountDetails
from manufacturing.labels.services import account_strike, labels_account
from manufacturing.models import Label, ScanStop, Wristband
from manufacturing.scanning.services import scan_stop, scan_stop_acknowledge
from tests.exchange.elsewhere import imported
from tests.factories import Story
from tests.labels.conftest import DIN, bags, bags_added, band_printed, printed

ELSEWHERE = "A999917000001"


def test_labels_and_stops_come_back_event_by_event(story: Story) -> None:
    story.released()
    bags_added(story, "A0", "B0")
    first, second = bags(story)
    one, two = printed(story, first, second)
    printed(story, first, reason="spoiled")
    band = band_printed(story)
    for number in (one.number, two.number):
        labels_account(
            journey_id=story.journey_id,
            details=AccountDetails(labels=[number], state="applied", note="On the bag."),
            by=story.nurse.actor,
            at=story.later(minutes=5),
        )
    account_strike(label_id=two.pk, reason="Not yet.", by=story.lab.actor, at=story.later(minutes=5))
    stop = scan_stop(
        journey_id=story.journey_id,
        reason="wrong_division",
        read="=<S12341B0",
        item_id=first.pk,
        by=story.nurse.actor,
        at=story.later(minutes=5),
    )
    scan_stop_acknowledge(stop_id=stop.pk, done="Put aside.", by=story.lab.actor, at=story.at)

    told = journey_export(story.journey_id)
    assert band.codes[0] not in json.dumps(told)
    made = imported(story, json.loads(json.dumps(told).replace(DIN, ELSEWHERE)))

    again = json.loads(json.dumps(journey_export(made)).replace(ELSEWHERE, DIN))  # type: ignore[arg-type]
    for each in (told, again):
        each["journey"].pop("center")
        each["journey"].pop("id")
    assert again == json.loads(json.dumps(told))
    there = Label.objects.filter(journey_id=made).order_by("number")
    here = Label.objects.filter(journey_id=story.journey_id).order_by("number")
    shown = [
        [(row.number, row.size, row.copy, row.state, row.reason) for row in rows] for rows in (here, there)
    ]
    assert shown[0] == shown[1]
    assert Wristband.objects.get(journey_id=made).code != band.codes[0]
    kept = ScanStop.objects.get(journey_id=made)
    assert (kept.reason, kept.done, kept.item and kept.item.number) == (
        "wrong_division",
        "Put aside.",
        first.number,
    )
