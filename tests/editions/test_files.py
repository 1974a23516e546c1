"""Journey files carry the version a journey is pinned to, and say so where it is unknown."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.exchange.exporting import journey_export
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import JourneyFileError, read
from cartpath.protocols.editions import edition_publish, edition_retire
from patients.models import Journey
from patients.protocol_move import journey_protocol_move
from tests.editions.conftest import DRAFT, EU, OTHER_DRAFT, Desk
from tests.factories import Story

pytestmark = pytest.mark.django_db


def copied(told: dict[str, Any], center: Center) -> Journey:
    """Import a file as another journey of another child."""
    again = json.loads(json.dumps(told))
    again["journey"] |= {"center": center.code, "id": str(uuid4())}
    again["patient"]["mrn"] += "-2"
    done = journey_import(file=read(json.dumps(again), now=timezone.now()), by=Actor.system("import"))
    return Journey.objects.get(pk=done.journey_id)


def refusals(told: dict[str, Any], center: Center) -> list[str]:
    with pytest.raises(JourneyFileError) as refused:
        copied(told, center)
    return [str(problem) for problem in refused.value.problems]


def test_a_journey_on_an_edition_comes_back_on_it_although_a_newer_one_is_current(
    story: Story, desk: Desk
) -> None:
    edition = desk.started()
    edition_retire(edition_id=edition.pk, row_id="E3", reason="Outdated.", **desk.act)
    edition_publish(edition_id=edition.pk, reason="x", **desk.act)
    story.accepted()
    told = journey_export(story.journey_id)
    assert told["journey"]["protocol"] == {"id": EU, "version": "1-a-1"}
    desk.published(DRAFT)
    again = copied(told, story.center)
    assert again.protocol_version == "1-a-1"
    assert journey_export(again.pk)["events"] == told["events"]


def test_a_journey_accepted_before_the_edition_comes_back_on_the_shipped_version(
    story: Story, desk: Desk
) -> None:
    story.accepted()
    told = journey_export(story.journey_id)
    desk.published(DRAFT)
    assert copied(told, story.center).protocol_version == "1"
    for event in told["events"]:
        event["data"].pop("protocol_version", None)
    assert copied(told | {"patient": told["patient"] | {"mrn": "T-9"}}, story.center).protocol_version == "1"


def test_a_move_comes_back_with_its_reason(story: Story, desk: Desk) -> None:
    story.accepted()
    desk.published(DRAFT)
    journey_protocol_move(
        journey_id=story.journey_id,
        version="1-a-1",
        reason="New checks.",
        by=story.clinician.actor,
        at=story.later(hours=1),
    )
    told = journey_export(story.journey_id)
    assert told["events"][-1]["data"] == {
        "protocol_id": EU,
        "from": "1",
        "to": "1-a-1",
        "reason": "New checks.",
    }
    again = copied(told, story.center)
    assert again.protocol_version == "1-a-1"
    assert journey_export(again.pk)["events"] == told["events"]


def test_an_edition_that_the_center_has_not_published_is_refused_with_what_to_do(
    story: Story, desk: Desk, cleos_desk: Desk
) -> None:
    story.accepted()
    desk.published(DRAFT)
    journey_protocol_move(
        journey_id=story.journey_id,
        version="1-a-1",
        reason="New checks.",
        by=story.clinician.actor,
        at=story.later(hours=1),
    )
    cleos_desk.published(OTHER_DRAFT)
    found = refusals(journey_export(story.journey_id), cleos_desk.center)
    assert len(found) == 2
    assert "journey.protocol.version: “1-a-1” is an edition of tisagenlecleucel-eu" in found[0]
    assert "the center B has not published" in found[0]
    assert "Publish the same changes there" in found[0]
    assert "events[" in found[1]
    assert not Journey.objects.filter(center=cleos_desk.center).exists()


def test_an_acceptance_on_an_unknown_edition_is_refused_at_its_place(
    story: Story, desk: Desk, other_center: Center
) -> None:
    desk.published(DRAFT)
    story.accepted()
    told = journey_export(story.journey_id)
    del told["journey"]["protocol"]
    (problem,) = refusals(told, other_center)
    assert ".data.protocol_version: “1-a-1” is an edition" in problem


def test_a_shipped_version_that_is_not_installed_is_refused_at_its_place(story: Story) -> None:
    story.accepted()
    told = journey_export(story.journey_id)
    del told["journey"]["protocol"]
    next(event for event in told["events"] if event["kind"] == "accepted")["data"]["protocol_version"] = "7"
    (problem,) = refusals(told, story.center)
    assert ".data.protocol_version: There is no version 7 of this protocol in this center." in problem
