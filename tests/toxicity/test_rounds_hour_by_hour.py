"""Courses played as rounds at the bedside, entered when they were: the grades are those graded by hand."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import TypeAdapter

from cartpath.ledger.verify import verify
from tests.factories import Story, patient_details
from tests.toxicity.bedside import episodes_told
from toxicity.episodes.selectors import episodes
from toxicity.grading.ice import ICE_ITEM_POINTS
from toxicity.inputs import InterventionDetails
from toxicity.interventions.services import intervention_record
from toxicity.models import Assessment, ObservationSet
from toxicity.observations.inputs import ObservationEntry
from toxicity.observations.services import observations_record

TOLD: Final = json.loads((Path(__file__).parent / "data" / "rounds.json").read_text())
CASES: Final = TOLD["cases"]
SCALES: Final = ("crs", "icans")
_ENTRY: Final = TypeAdapter(ObservationEntry)


def entry_of(saw: dict[str, Any]) -> ObservationEntry:
    """What a step says was seen; ICE stands as the points of its five items."""
    told = dict(saw)
    if "ice" in told:
        told["ice"] = dict(zip(ICE_ITEM_POINTS, told["ice"], strict=True))
    return _ENTRY.validate_json(json.dumps(told))


class Stay:
    """One case at the bedside of a child just infused."""

    def __init__(self, story: Story, case: dict[str, Any]) -> None:
        story.child = patient_details(birth_date=date.fromisoformat(case["born"]))
        story.infused()
        self.story, self.begun = story, story.at
        assert f"{self.begun.astimezone(story.center.zone):%H:%M}" == TOLD["infused_at"]

    def at(self, hour: float | None) -> datetime | None:
        """So many hours after the infusion."""
        return None if hour is None else self.begun + timedelta(hours=hour)

    def hour(self, at: datetime) -> float:
        """The hour of a time."""
        return (at - self.begun) / timedelta(hours=1)

    def step(self, step: dict[str, Any]) -> ObservationSet | None:
        """Record one step when it was entered."""
        seen_at = self.begun + timedelta(hours=step["seen"])
        act: dict[str, Any] = {"journey_id": self.story.journey_id, "by": self.story.nurse.actor}
        if "given" in step:
            intervention_record(intervention=InterventionDetails(agent=step["given"]), at=seen_at, **act)
            return None
        entered_at = self.begun + timedelta(hours=step.get("entered", step["seen"]))
        return observations_record(observed_at=seen_at, entry=entry_of(step["saw"]), at=entered_at, **act)

    def graded(self, scale: str) -> list[list[float]]:
        """The grades of one scale by the hour they were seen."""
        rows = Assessment.objects.filter(journey_id=self.story.journey_id, struck_at=None)
        return [
            [self.hour(row.assessed_at), getattr(row, f"{scale}_grade")]
            for row in rows.order_by("assessed_at", "event_id")
            if getattr(row, scale) is not None
        ]

    def episodes(self) -> list[dict[str, Any]]:
        """The stored episodes."""
        return episodes_told(self.story.journey_id)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_rounds_entered_when_they_were_give_the_grades_graded_by_hand(
    story: Story, case: dict[str, Any]
) -> None:
    stay = Stay(story, case)
    for step in case["steps"]:
        made = stay.step(step)
        if made is not None:
            _as_by_hand(stay, made, step)
        if "open" in step:
            assert [row.scale for row in episodes(story.journey_id) if row.is_open] == step["open"]
    for scale in SCALES:
        assert stay.graded(scale) == case[scale]
    times = ("onset", "peak", "last_sign", "resolved", "settled")
    wanted = [each | {name: stay.at(each[name]) for name in times} for each in case["episodes"]]
    assert stay.episodes() == wanted
    assert verify(story.journey_id).breaks == []


def _as_by_hand(stay: Stay, made: ObservationSet, step: dict[str, Any]) -> None:
    hours = (stay.hour(made.observed_at), stay.hour(made.recorded_at))
    assert hours == (step["seen"], step.get("entered", step["seen"]))
    for scale in SCALES:
        if scale not in step:
            continue
        grade = getattr(made.assessment, f"{scale}_grade") if made.assessment else None
        assert grade == step[scale], f"hour {step['seen']}"
        if grade is not None:
            answer = getattr(made.assessment, scale)
            assert answer["result"]["at_least"] == step.get("at_least", False)
            assert step.get("flag") in (None, *answer["flags"])
        assert made.ungraded.get(scale, []) == step.get("ungraded", [])
