"""The custody report of a product in bags: steps, temperatures, signers, breaks and what is missing."""

import pytest

from cartpath.ledger.models import Event
from cartpath.papers.services import custody_report_print, product_sheet_print
from manufacturing.models import CustodyItem
from tests.custody.conftest import DIN, added, recorded
from tests.factories import Story
from tests.papers.reading import text_of


@pytest.fixture
def bags(story: Story) -> list[CustodyItem]:
    """A released and received product in two bags."""
    story.released()
    return added(story)


def report(story: Story) -> str:
    printed = custody_report_print(
        journey_id=story.journey_id, language="en", by=story.lab.actor, at=story.later(hours=1)
    )
    return text_of(printed.content)


def test_each_bag_stands_there_with_its_steps_temperatures_and_signers(
    story: Story, bags: list[CustodyItem]
) -> None:
    recorded(
        story,
        "product_stored",
        bags,
        signed=(story.nurse,),
        place="Tank 2",
        position="R3 B7",
        temp_min_c=-190,
        temp_max_c=-180,
        logger="LG-55",
        seal="S-901",
    )
    told = report(story)
    assert told.count(DIN) >= 2
    for text in ("Tank 2", "R3 B7", "-190.0 / -180.0 °C", "LG-55", "S-901", "Nina"):
        assert text in told
    assert "Not on record" in told


def test_a_bag_that_was_too_warm_is_reported_with_quarantine_and_break(
    story: Story, bags: list[CustodyItem]
) -> None:
    recorded(
        story, "product_stored", bags[:1], place="Tank 2", position="R1", temp_min_c=-190, temp_max_c=-80
    )
    told = report(story)
    assert "in quarantine" in told
    breaks = told.split("Breaks of the chain of custody")[1].split("Quality, release")[0]
    assert "None on record" not in breaks.split("Custody")[0]
    assert "open" in breaks


def test_the_report_tells_every_event_once_in_the_words_of_the_timeline(
    story: Story, bags: list[CustodyItem]
) -> None:
    recorded(story, "product_stored", bags, place="Tank 2", position="R1")
    events = list(Event.objects.of(story.journey_id))
    last = report(story).split("Every event of the record")[1].replace(" ", "")
    assert [event.seq for event in events if last.count(event.hash[:16]) != 1] == []


def test_the_product_sheet_lists_the_bags_and_warns_of_a_quarantine(
    story: Story, bags: list[CustodyItem]
) -> None:
    recorded(
        story, "product_stored", bags[:1], place="Tank 2", position="R1", temp_min_c=-190, temp_max_c=-80
    )
    printed = product_sheet_print(
        journey_id=story.journey_id, language="en", by=story.lab.actor, at=story.later(hours=1)
    )
    told = text_of(printed.content)
    assert told.count(DIN) == 2
    assert "A bag in quarantine stays where it is." in told
    assert "No bag is on record" not in told
