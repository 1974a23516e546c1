"""Toxicity by program: what was seen goes in, the grades of the rules come out."""

from datetime import datetime, timedelta
from typing import Any

import time_machine

from tests.api.program import Answer, Program
from tests.conftest import ROME
from tests.factories import Story
from toxicity.models import Assessment

SEEN: dict[str, Any] = {
    "crs": {"temperature_c": 39.4, "hypotension": True, "vasopressors": ["norepinephrine"], "oxygen": None},
    "icans": {"capd_total": 11, "consciousness": "spontaneous", "seizure": "none"},
    "note": "Second evening.",
}


def send(program: Program, story: Story, body: dict[str, Any], **headers: str) -> Answer:
    with time_machine.travel(story.at, tick=False):
        return program.post(
            f"journeys/{story.journey_id}/toxicity-assessments/",
            body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


def errors(response: Answer) -> set[str]:
    assert response.status_code == 422, response.content
    return set(response.json()["errors"])


def test_an_assessment_is_stored_and_answered_with_its_grades(program: Program, story: Story) -> None:
    story.infused()
    story.later(days=2)
    seen_at = story.at - timedelta(minutes=20)
    response = send(program, story, SEEN | {"assessed_at": seen_at.isoformat()})
    found = response.json()
    assert response.status_code == 201
    assert found["assessed_at"] == seen_at.astimezone(ROME).isoformat()
    assert (found["crs"]["result"]["grade"], found["crs"]["scale"]) == (3, "ASTCT")
    assert found["crs"]["explanation"]
    assert found["icans"]["result"]["instrument"] == "CAPD"
    assert (found["note"], found["override_reason"]) == ("Second evening.", None)
    stored = Assessment.objects.get()
    assert (str(stored.pk), stored.crs_grade, stored.assessed_by) == (found["id"], 3, "Registry")
    with time_machine.travel(story.at, tick=False):
        status = program.get(f"journeys/{story.journey_id}/").json()
    assert status["toxicity"]["crs"] == {"current": 3, "max": 3}


def test_without_a_time_it_was_seen_now(program: Program, story: Story) -> None:
    story.infused()
    story.later(hours=3)
    found = send(program, story, {"crs": {"temperature_c": 37.1}}).json()
    assert datetime.fromisoformat(found["assessed_at"]) == story.at
    assert found["icans"] is None
    assert "hypotension" in found["crs"]["missing"]


def test_the_same_key_stores_one_assessment(program: Program, story: Story) -> None:
    story.infused()
    story.later(hours=3)
    first = send(program, story, SEEN, Idempotency_Key="a")
    again = send(program, story, SEEN, Idempotency_Key="a")
    assert (again.status_code, again.content) == (201, first.content)
    assert Assessment.objects.count() == 1


def test_bad_input_names_the_field_and_its_scale(program: Program, story: Story) -> None:
    story.infused()
    story.later(hours=3)
    assert errors(send(program, story, {})) == {"crs"}
    assert errors(send(program, story, {"crs": {"temperature_c": "39"}})) == {"crs.temperature_c"}
    assert errors(send(program, story, {"crs": {"temperature_f": 102}})) == {"crs.temperature_f"}
    oxygen = {"device": "none", "flow_l_min": 2}
    assert errors(send(program, story, {"crs": {"oxygen": oxygen}})) == {"crs.oxygen.flow_l_min"}
    contradiction = {"capd_unable": True, "capd_total": 5}
    assert errors(send(program, story, {"icans": contradiction})) == {"icans.capd_unable"}
    ice = {"orientation": 11}
    assert errors(send(program, story, {"icans": {"ice": ice}})) == {"icans.ice.orientation"}
    override = {"crs": {"temperature_c": 36.5}, "crs_confirmed_grade": 4}
    assert errors(send(program, story, override)) == {"override_reason"}
    assert Assessment.objects.count() == 0


def test_a_time_that_can_not_be_is_refused_under_its_own_name(program: Program, story: Story) -> None:
    story.infused()
    tomorrow = (story.at + timedelta(days=1)).isoformat()
    before = (story.at - timedelta(days=9)).isoformat()
    for at in (tomorrow, before, "2026-03-02T08:00:00", "0"):
        assert errors(send(program, story, SEEN | {"assessed_at": at})) == {"assessed_at"}


def test_a_child_who_was_not_infused_is_not_assessed(program: Program, story: Story) -> None:
    story.accepted()
    refused = send(program, story, SEEN)
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_stage")


def test_an_assessment_may_insist_on_the_journey_as_it_was_read(program: Program, story: Story) -> None:
    story.infused()
    story.later(hours=3)
    with time_machine.travel(story.at, tick=False):
        tag = program.get(f"journeys/{story.journey_id}/")["ETag"]
    assert send(program, story, SEEN, If_Match=tag).status_code == 201
    assert send(program, story, SEEN, If_Match=tag).status_code == 412
    assert send(program, story, SEEN, If_Match="*").status_code == 201
    assert Assessment.objects.count() == 2
