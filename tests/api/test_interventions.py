"""What was given, by program: recorded once, read back in order, refused with the field that is wrong."""

from datetime import timedelta
from typing import Any

import time_machine

from tests.api.program import Answer, Program
from tests.factories import Story
from toxicity.models import Intervention

PRESSOR: dict[str, Any] = {"agent": "vasopressor", "drug": "norepinephrine", "rate_unit": "ug/kg/min"}


def infused(story: Story) -> None:
    story.infused()
    story.later(hours=12)


def send(program: Program, story: Story, body: dict[str, Any], **headers: str) -> Answer:
    with time_machine.travel(story.at, tick=False):
        return program.post(
            f"journeys/{story.journey_id}/interventions/",
            body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


def shown(program: Program, story: Story) -> list[dict[str, Any]]:
    with time_machine.travel(story.at, tick=False):
        response = program.get(f"journeys/{story.journey_id}/interventions/")
    assert response.status_code == 200, response.content
    return list(response.json()["results"])


def test_a_course_is_recorded_changed_and_read_back_oldest_first(program: Program, story: Story) -> None:
    infused(story)
    first = send(program, story, PRESSOR | {"rate": 0.1})
    assert first.status_code == 201, first.content
    story.later(hours=1)
    send(program, story, PRESSOR | {"rate": 0.3})
    before, after = shown(program, story)
    assert (before["rate"], before["stopped_at"]) == (0.1, after["given_at"])
    assert (after["rate"], after["stopped_at"], after["is_course"]) == (0.3, None, True)
    assert (after["weight_kg"], after["weight_from"], after["status"]) == (18.4, "measured", "final")


def test_the_same_key_records_a_dose_once(program: Program, story: Story) -> None:
    infused(story)
    body = {"agent": "tocilizumab", "dose_mg": 220.8}
    key = {"Idempotency_Key": "pump-7-dose-1"}
    first, again = send(program, story, body, **key), send(program, story, body, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert Intervention.objects.count() == 1


def test_what_is_wrong_is_named_and_nothing_is_stored(program: Program, story: Story) -> None:
    infused(story)
    later = (story.at + timedelta(hours=1)).isoformat()
    for body, field in (
        ({"agent": "oxygen", "rate": 2.0, "rate_unit": "L/min"}, "device"),
        ({"agent": "vasopressor"}, "drug"),
        ({"agent": "anakinra", "dose_mg": -3.0}, "dose_mg"),
        ({"agent": "anakinra", "given_at": later}, "given_at"),
        ({"agent": "anakinra", "stopped_at": later}, "stopped_at"),
    ):
        response = send(program, story, body)
        assert response.status_code == 422, (body, response.content)
        assert field in response.json()["errors"], body
    assert not Intervention.objects.exists()
