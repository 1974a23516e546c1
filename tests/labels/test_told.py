"""Labels and stops in the words of the timeline."""

from cartpath.ledger.models import Event
from cartpath.web.timeline.entries import in_words
from manufacturing.labels.inputs import AccountDetails
from manufacturing.labels.services import labels_account
from manufacturing.scanning.services import scan_stop, scan_stop_acknowledge
from tests.factories import Story
from tests.labels.conftest import bags, band_printed, printed


def test_each_fact_says_what_was_printed_what_became_of_it_and_what_was_stopped(child: Story) -> None:
    one, _two = printed(child, *bags(child))
    printed(child, bags(child)[0], reason="spoiled")
    band_printed(child)
    band_printed(child, replaces=True, reason="lost")
    labels_account(
        journey_id=child.journey_id,
        details=AccountDetails(labels=[one.number], state="destroyed", note="Torn."),
        by=child.lab.actor,
        at=child.at,
    )
    stop = scan_stop(
        journey_id=child.journey_id, reason="wrong_bag", read="KYM-1", by=child.nurse.actor, at=child.at
    )
    scan_stop_acknowledge(stop_id=stop.pk, done="Put aside.", by=child.lab.actor, at=child.at)
    kinds = ("labels_printed", "label_accounted", "scan_stopped")
    events = list(Event.objects.filter(journey_id=child.journey_id, kind__in=kinds).order_by("seq"))
    told = [f"{title} | {detail}" for title, detail in in_words(child.journey, events)]
    assert told[0].startswith("2 labels printed | numbers 1, 2 · item")
    assert "again: Spoiled in the printer" in told[1]
    assert "Wristband" in told[2]
    assert "new code" in told[3]
    assert told[4] == "1 label: Destroyed | numbers 1 · Torn."
    assert told[5] == "Stopped at the scanner: This is another bag | read: KYM-1"
    assert told[6] == "Stop 1 at the scanner acknowledged | Put aside."
