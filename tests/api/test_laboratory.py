"""Laboratory values by program: LOINC and UCUM in, converted values out, idempotent."""

from datetime import timedelta
from typing import Any

import time_machine

from cartpath.accounts.enums import Scope
from tests.api.conftest import NewProgram
from tests.api.program import Answer, Program
from tests.factories import Story
from toxicity.models import LabSet

FERRITIN: dict[str, Any] = {"loinc": "2276-4", "value": 18, "unit": "mg/L", "high": 0.15}


def send(program: Program, story: Story, body: dict[str, Any], **headers: str) -> Answer:
    with time_machine.travel(story.at, tick=False):
        return program.post(
            f"journeys/{story.journey_id}/laboratory/",
            body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


def test_values_are_stored_converted_and_given_back(program: Program, story: Story) -> None:
    story.infused()
    taken_at = story.at - timedelta(minutes=5)
    body = {
        "taken_at": taken_at.isoformat(),
        "order": "L-7",
        "results": [FERRITIN, {"analyte": "anc", "value": 480, "unit": "/uL", "comparator": "<"}],
    }
    made = send(program, story, body)
    assert made.status_code == 201
    ferritin, anc = made.json()["results"]
    assert (ferritin["value"], ferritin["unit"], ferritin["high"]) == (18_000, "ng/mL", 150)
    assert (ferritin["given_value"], ferritin["given_unit"]) == ("18", "mg/L")
    assert (anc["loinc"], anc["comparator"]) == ("751-8", "<")
    with time_machine.travel(story.at, tick=False):
        listed = program.get(f"journeys/{story.journey_id}/laboratory/").json()
    assert listed == {"results": [made.json()], "next": None}


def test_a_retry_with_the_same_key_stores_once(program: Program, story: Story) -> None:
    story.infused()
    first = send(program, story, {"results": [FERRITIN]}, Idempotency_Key="k1")
    again = send(program, story, {"results": [FERRITIN]}, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert LabSet.objects.count() == 1
    assert send(program, story, {"results": [FERRITIN]}).status_code == 409


def test_each_wrong_value_is_named_and_none_is_stored(program: Program, story: Story) -> None:
    story.infused()
    wrong = [
        FERRITIN,
        {"loinc": "2276-4", "analyte": "ferritin", "value": 1, "unit": "ng/mL"},
        {"loinc": "9999-9", "value": 1, "unit": "ng/mL"},
    ]
    refused = send(program, story, {"results": wrong})
    assert refused.status_code == 422
    assert set(refused.json()["errors"]) == {"results.1.loinc", "results.2.loinc"}
    bad_unit = send(program, story, {"results": [FERRITIN | {"unit": "stones"}]})
    assert set(bad_unit.json()["errors"]) == {"results.0.unit"}
    later = (story.at + timedelta(hours=2)).isoformat()
    assert set(send(program, story, {"results": [FERRITIN], "taken_at": later}).json()["errors"]) == {
        "taken_at"
    }
    assert not LabSet.objects.exists()


def test_another_centers_journey_does_not_exist_and_scopes_hold(
    program: Program, outsider: Program, new_program: NewProgram, story: Story
) -> None:
    story.infused()
    assert send(outsider, story, {"results": [FERRITIN]}).status_code == 404
    reader = new_program(story.center, scopes=[Scope.OBSERVATIONS_READ])
    assert send(reader, story, {"results": [FERRITIN]}).status_code == 403
    assert reader.get(f"journeys/{story.journey_id}/laboratory/").status_code == 200
