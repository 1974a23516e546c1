"""Bedside observations by program: sets go in once, come out with their codes, and bad ones are named."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from tests.api.program import Answer, Program
from tests.conftest import ROME
from tests.factories import Story
from tests.toxicity.bedside import WELL, observed
from toxicity.models import ObservationSet
from toxicity.observations.services import observations_correct

SEEN: dict[str, Any] = {
    "temperature_c": 39.1,
    "heart_rate": 131,
    "systolic": 92,
    "diastolic": 51,
    "respiratory_rate": 28,
    "spo2": 95,
    "oxygen_device": "nasal_cannula",
    "oxygen_flow": 2,
    "vasopressors": [],
    "consciousness": "spontaneous",
    "motor_weakness": False,
}


@pytest.fixture
def child(story: Story) -> Story:
    """Giulia, five, a day after the infusion."""
    story.infused()
    story.later(days=1)
    return story


def send(program: Program, story: Story, body: dict[str, Any], **headers: str) -> Answer:
    with time_machine.travel(story.at, tick=False):
        return program.post(
            f"journeys/{story.journey_id}/observations/",
            body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


def errors(response: Answer) -> set[str]:
    assert response.status_code == 422, response.content
    return set(response.json()["errors"])


def test_a_set_is_stored_and_answered_with_codes_units_and_grades(program: Program, child: Story) -> None:
    response = send(program, child, SEEN)
    found = response.json()
    assert response.status_code == 201
    assert found["observed_at"] == child.at.astimezone(ROME).isoformat()
    assert (found["crs_grade"], found["status"], found["completes"]) == (2, "final", ["vitals"])
    warm = next(
        each
        for each in found["observations"]
        if {"system": "http://loinc.org", "code": "8310-5"} in each["code"]["coding"]
    )
    assert warm["valueQuantity"] == {
        "value": 39.1,
        "system": "http://unitsofmeasure.org",
        "code": "Cel",
    }
    pressors = next(
        each for each in found["observations"] if each["code"]["coding"][-1]["code"] == "vasopressors"
    )
    assert (pressors["component"], pressors["valueQuantity"]) == ([], None)


def test_the_same_key_stores_one_set(program: Program, child: Story) -> None:
    first = send(program, child, SEEN, Idempotency_Key="a")
    again = send(program, child, SEEN, Idempotency_Key="a")
    assert (again.status_code, again.content) == (201, first.content)
    assert ObservationSet.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"temperature_c": 385}, {"temperature_c"}),
        ({"temperature_c": "39.1"}, {"temperature_c"}),
        ({"spo2": 9}, {"spo2"}),
        ({"oxygen_device": None}, {"oxygen_flow"}),
        ({"oxygen_device": "none"}, {"oxygen_flow"}),
        ({"ice": {"orientation": 11}}, {"ice.orientation"}),
        ({"ice_total": 11}, {"ice_total"}),
        ({"diastolic": 95}, {"diastolic"}),
        ({"capd": ["never"]}, {"capd"}),
    ],
)
def test_bad_input_is_named_and_nothing_is_stored(
    program: Program, child: Story, wrong: dict[str, Any], named: set[str]
) -> None:
    assert errors(send(program, child, SEEN | wrong)) == named
    assert not ObservationSet.objects.exists()


def test_a_time_in_the_future_is_refused_under_its_own_name(program: Program, child: Story) -> None:
    tomorrow = (child.at + timedelta(days=1)).isoformat()
    assert errors(send(program, child, SEEN | {"observed_at": tomorrow})) == {"observed_at"}
    assert errors(send(program, child, {})) == {"temperature_c"}


def test_sets_are_listed_oldest_first_page_by_page_with_what_was_corrected(
    program: Program, child: Story
) -> None:
    first = observed(child, WELL, temperature_c=39.5)
    child.later(hours=4)
    second = observed(child, WELL)
    observations_correct(
        set_id=first.pk,
        changes={"temperature_c": 38.5},
        reason="Typed wrong.",
        by=child.nurse.actor,
        at=child.later(minutes=1),
    )
    page = program.get(f"journeys/{child.journey_id}/observations/?page_size=1").json()
    (shown,) = page["results"]
    assert shown["id"] == str(first.pk)
    warm = [
        (each["valueQuantity"]["value"], each["status"])
        for each in shown["observations"]
        if each["code"]["coding"][0]["code"] == "8310-5"
    ]
    assert warm == [(39.5, "entered-in-error"), (38.5, "final")]
    following = program.get(page["next"]).json()
    assert [each["id"] for each in following["results"]] == [str(second.pk)]
    assert following["next"] is None


def test_another_center_s_child_does_not_exist(outsider: Program, child: Story) -> None:
    assert outsider.get(f"journeys/{child.journey_id}/observations/").status_code == 404
    assert send(outsider, child, SEEN).status_code == 404
