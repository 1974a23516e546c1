"""Bags at the bedside go out in a journey file, come in again as the same, and are told in words."""

import json
from typing import Any
from uuid import UUID

import pytest

from cartpath.exchange.exporting import journey_export
from cartpath.exchange.journey_file import JourneyFileError
from cartpath.ledger.verify import verify
from cartpath.web.timeline.entries import timeline, timeline_events
from infusion.bedside.around import (
    premedication_give,
    premedication_strike,
    reaction_record,
    reaction_strike,
)
from infusion.bedside.giving import bag_end, bag_end_strike, bag_start, bag_start_strike
from infusion.bedside.inputs import BagEnd, BagStart, PremedicationDetails, ReactionDetails
from infusion.models import BagInfusion, Infusion, InfusionReaction, Premedication
from patients.models import Journey
from tests.exchange.elsewhere import imported
from tests.factories import Story
from tests.infusing import DIN, at_bedside, thawed

pytestmark = pytest.mark.django_db


def everything(story: Story) -> None:
    """Two bags, each act once, and each struck once."""
    one, two = at_bedside(story)

    def act(minutes: int = 1) -> dict[str, Any]:
        return {"by": story.nurse.actor, "at": story.later(minutes=minutes)}

    told: dict[str, Any] = {"journey_id": story.journey_id}
    premedication_give(
        premedication=PremedicationDetails(drug="paracetamol", dose_mg=180.0, route="oral"), **told, **act()
    )
    wrong = premedication_give(premedication=PremedicationDetails(drug="cetirizine"), **told, **act())
    premedication_strike(premedication_id=wrong.pk, reason="Not given.", **act())
    story.later(minutes=40)
    thawed(story, one)
    bag_start(item_id=one.pk, start=BagStart(), **told, **act())
    reaction = ReactionDetails(signs=("chills",), action="slowed", grade=1, note="Warmed.", item=one.number)
    reaction_record(reaction=reaction, **told, **act())
    twice = reaction_record(reaction=reaction, **told, **act())
    reaction_strike(reaction_id=twice.pk, reason="Entered twice.", **act())
    first = bag_end(item_id=one.pk, end=BagEnd(volume_ml=2.0), **told, **act())
    bag_end_strike(bag_id=first.pk, reason="The comma.", **act())
    bag_end(item_id=one.pk, end=BagEnd(volume_ml=20.0, is_whole=True), **told, **act())
    thawed(story, two)
    second = bag_start(item_id=two.pk, start=BagStart(), **told, **act())
    bag_start_strike(bag_id=second.pk, reason="Not yet connected.", **act())
    bag_start(item_id=two.pk, start=BagStart(late_reason="Line blocked."), **told, **act(minutes=40))
    bag_end(item_id=two.pk, end=BagEnd(volume_ml=11.5, is_whole=False, note="Line blocked."), **told, **act())


def test_every_act_comes_back_as_it_was(story: Story) -> None:
    everything(story)
    told = elsewhere(journey_export(story.journey_id))
    made = imported(story, told)
    again = journey_export(UUID(made))
    assert [event["kind"] for event in again["events"]] == [event["kind"] for event in told["events"]]
    for before, after in zip(told["events"], again["events"], strict=True):
        assert after["data"] == before["data"], before["kind"]
    assert verify().breaks == []
    assert rows_of(made) == rows_of(str(story.journey_id))


def elsewhere(told: dict[str, Any]) -> dict[str, Any]:
    """The same file about other bags: a donation number is there once in the world."""
    moved: dict[str, Any] = json.loads(json.dumps(told).replace(DIN, "A999926654321"))
    return moved


def rows_of(journey_id: str) -> list[list[tuple[Any, ...]]]:
    bags = BagInfusion.objects.filter(journey_id=journey_id).order_by("item__number")
    drugs = Premedication.objects.filter(journey_id=journey_id).order_by("given_at")
    reactions = InfusionReaction.objects.filter(journey_id=journey_id).order_by("seen_at")
    infusions = Infusion.objects.filter(journey_id=journey_id)
    return [
        list(
            bags.values_list(
                *("item__number", "fraction", "thaw_started_at", "started_at", "ended_at"),
                *("volume_ml", "is_whole", "end_note"),
            )
        ),
        list(drugs.values_list("drug", "dose_mg", "route", "fraction", "given_at", "struck_reason")),
        list(
            reactions.values_list(
                *("bag__item__number", "signs", "grade", "action", "note", "seen_at", "struck_reason")
            )
        ),
        list(infusions.values_list("thaw_started_at", "started_at", "ended_at", "dose_cells")),
    ]


def test_a_file_with_a_bag_that_was_never_registered_is_refused(story: Story) -> None:
    everything(story)
    told = elsewhere(journey_export(story.journey_id))
    for event in told["events"]:
        if event["kind"] == "identity_verified":
            event["data"]["item"] = 9
    with pytest.raises(JourneyFileError):
        imported(story, told)


def test_the_timeline_tells_each_bag_and_what_happened_around_it(story: Story) -> None:
    everything(story)
    journey = Journey.objects.select_related("patient", "center").get(pk=story.journey_id)
    entries = [
        f"{entry.title} {entry.detail}" for entry in timeline(journey, list(timeline_events(journey.pk)))
    ]
    told = "\n".join(entries)
    for words in (
        "Bag started:",
        "Bag ended:",
        "Premedication:",
        "Reaction during the infusion:",
        "A999926123456 B0",
        "not the whole bag",
        "longer than the limit",
        "Line blocked.",
    ):
        assert words in told, words
