"""Episodes in the timeline of a journey and in its file."""

import json
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.exchange.exporting import journey_export
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import read
from cartpath.web.rule_words import known_rules
from cartpath.web.timeline.entries import timeline, timeline_events
from leukapheresis.models import Resource
from patients.results import RuleResult
from tests.conftest import person
from tests.factories import Story
from toxicity.episodes.selectors import episodes
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice
from toxicity.inputs import AssessmentDetails
from toxicity.services import assessment_record, assessment_strike

AIR = Oxygen(device=OxygenDevice.NONE)
LOW = CrsInput(temperature_c=39.2, hypotension=True, vasopressors=(), oxygen=AIR)
FEVER = CrsInput(temperature_c=39.2, hypotension=False, vasopressors=(), oxygen=AIR)
WELL = CrsInput(temperature_c=36.8, hypotension=False, vasopressors=(), oxygen=AIR)


def a_course_with_a_recurrence(story: Story) -> None:
    """Fever, resolution, a wrong entry that is struck, and CRS again."""
    story.infused()
    begun = story.at
    for hour, found in ((10, LOW), (14, WELL), (38, WELL), (44, FEVER), (50, FEVER)):
        made = assessment_record(
            journey_id=story.journey_id,
            assessment=AssessmentDetails(crs=found),
            by=story.clinician.actor,
            at=begun + timedelta(hours=hour),
        )
        if hour == 44:
            assessment_strike(
                assessment_id=made.pk,
                reason="Another child.",
                by=story.clinician.actor,
                at=begun + timedelta(hours=45),
            )
    story.at = begun + timedelta(hours=51)


def test_the_timeline_says_when_an_episode_began_and_resolved(story: Story) -> None:
    a_course_with_a_recurrence(story)
    told = timeline(story.journey, list(timeline_events(story.journey_id)))
    said = [
        (str(entry.title), str(entry.detail), entry.voided) for entry in told if "pisode" in str(entry.title)
    ]
    assert ("Episode began: CRS", "grade 1 · episode 2, a recurrence", False) in said
    assert ("Episode began: CRS", "grade 1 · episode 2, a recurrence", True) in said
    (resolved,) = [each for each in said if each[0] == "Episode resolved: CRS"]
    assert resolved[1].startswith("grade at worst 2 · began ")


def test_what_an_episode_was_judged_from_has_words(story: Story) -> None:
    a_course_with_a_recurrence(story)
    assert "episode" in known_rules()
    assert RuleResult.objects.filter(journey_id=story.journey_id, rule="episode").count() == 4


def test_episodes_come_back_from_a_journey_file_event_by_event(story: Story) -> None:
    elsewhere = Center.objects.create(code="C", name="Center C", timezone="Europe/Rome", region="EU")
    person("ben@c.example", "Ben", "clinician", elsewhere)
    person("nina@c.example", "Nina", "apheresis_nurse", elsewhere)
    Resource.objects.create(center=elsewhere, name="Machine 1")
    a_course_with_a_recurrence(story)
    file = journey_export(story.journey_id)
    moved = json.loads(json.dumps(file))
    moved["journey"] |= {"center": "C", "id": str(uuid4())}
    done = journey_import(
        file=read(json.dumps(moved), now=timezone.now() + timedelta(days=3650)), by=Actor.system("import")
    )
    again = journey_export(done.journey_id)
    for each in (file, again):
        each["journey"].pop("center")
        each["journey"].pop("id")
    assert again == file
    here, there = (
        [
            (row.scale, row.number, row.onset_at, row.peak_grade, row.resolved_at)
            for row in episodes(journey_id)
        ]
        for journey_id in (story.journey_id, done.journey_id)
    )
    assert here == there
    assert len(here) == 2
