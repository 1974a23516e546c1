"""Worked cases played hour by hour through the services equal the sequence graded by hand."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from tests.factories import Story, patient_details
from tests.toxicity.bedside import episodes_told
from toxicity.episodes.rules import worst_by_day
from toxicity.episodes.selectors import episodes, seen
from toxicity.grading.crs import CrsInput
from toxicity.grading.icans import IcansInput
from toxicity.inputs import AssessmentDetails, InterventionDetails
from toxicity.interventions.services import intervention_record
from toxicity.models import Assessment
from toxicity.models.episodes import Scale
from toxicity.services import assessment_record

TOLD = json.loads((Path(__file__).parent / "data" / "worked_cases.json").read_text())
CASES = TOLD["cases"]
_CRS = TypeAdapter(CrsInput)
_ICANS = TypeAdapter(IcansInput)


def details(step: dict[str, Any]) -> AssessmentDetails:
    """What a step says was seen."""
    crs, icans = step.get("crs"), step.get("icans")
    return AssessmentDetails(
        crs=_CRS.validate_json(json.dumps(crs)) if crs else None,
        icans=_ICANS.validate_json(json.dumps(icans)) if icans else None,
    )


class Play:
    """One case at the bedside of a child just infused."""

    def __init__(self, story: Story, case: dict[str, Any]) -> None:
        story.child = patient_details(birth_date=date.fromisoformat(case["born"]))
        story.infused()
        self.story, self.case, self.begun = story, case, story.at

    def at(self, hour: float | None) -> datetime | None:
        """So many hours after the infusion."""
        return None if hour is None else self.begun + timedelta(hours=hour)

    def step(self, step: dict[str, Any]) -> Assessment | None:
        """Record one step at its own time."""
        at = self.begun + timedelta(hours=step["hour"])
        if "given" in step:
            given = InterventionDetails(agent=step["given"])
            intervention_record(
                journey_id=self.story.journey_id, intervention=given, by=self.story.nurse.actor, at=at
            )
            return None
        return assessment_record(
            journey_id=self.story.journey_id, assessment=details(step), by=self.story.nurse.actor, at=at
        )

    def told(self) -> list[dict[str, Any]]:
        """The stored episodes, in times of the journey."""
        return episodes_told(self.story.journey_id)

    def wanted(self) -> list[dict[str, Any]]:
        """The hand-made episodes, in the same times."""
        times = ("onset", "peak", "last_sign", "resolved", "settled")
        return [each | {name: self.at(each[name]) for name in times} for each in self.case["episodes"]]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_every_grade_hour_by_hour_is_the_one_graded_by_hand(story: Story, case: dict[str, Any]) -> None:
    play = Play(story, case)
    for step in case["steps"]:
        made = play.step(step)
        if made is None:
            continue
        scale = "crs" if "crs" in step else "icans"
        answer = getattr(made, scale)
        told = (getattr(made, f"{scale}_grade"), answer["result"]["at_least"])
        assert told == (step["grade"], step.get("at_least", False)), f"hour {step['hour']}"
        if "flag" in step:
            assert step["flag"] in answer["flags"]
        if "open" in step:
            assert [row.scale for row in episodes(story.journey_id) if row.is_open] == step["open"]
    assert play.told() == play.wanted()
    _worst_days_are_as_by_hand(play)
    assert verify(story.journey_id).breaks == []


def _worst_days_are_as_by_hand(play: Play) -> None:
    zone = play.story.center.zone
    # Days were counted by hand from this time on the ward's clock.
    assert f"{play.begun.astimezone(zone):%H:%M}" == TOLD["infused_at"]
    first = play.begun.astimezone(zone).date()
    graded = seen(play.story.journey_id)
    for scale, by_day in play.case["worst_by_day"].items():
        worst = worst_by_day(
            graded[Scale(scale)], day_of=lambda at: (at.astimezone(zone).date() - first).days
        )
        assert {str(day): each.grade for day, each in worst.items()} == by_day


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_ledger_tells_each_episode_once_with_the_record_of_its_rule(
    story: Story, case: dict[str, Any]
) -> None:
    play = Play(story, case)
    for step in case["steps"]:
        play.step(step)
    told = list(Event.objects.of(story.journey_id))
    opened = [event for event in told if event.kind == EventKind.EPISODE_OPENED]
    resolved = [event for event in told if event.kind == EventKind.EPISODE_RESOLVED]
    assert [event.occurred_at for event in opened] == [each["onset"] for each in play.wanted()]
    assert len(resolved) == sum(each["resolved"] is not None for each in case["episodes"])
    assert all(event.data["computed"][0]["rule"] == "episode" for event in [*opened, *resolved])
    assert all(
        event.data["computed"][0]["rows"] == [f"{event.data['scale']}_resolved_hours"] for event in resolved
    )
    assert not [event for event in told if event.kind == EventKind.ENTERED_IN_ERROR]
