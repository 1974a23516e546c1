"""Observations as FHIR writes them: in by code and unit, out the same way, and each wrong one named."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from tests.api.program import Answer, Program
from tests.factories import Story
from toxicity.models import ObservationSet

LOINC, OWN = "http://loinc.org", "urn:cartpath:observation"


def coded(system: str, code: str, **members: Any) -> dict[str, Any]:
    return {"code": {"coding": [{"system": system, "code": code}]}} | members


def number(code: str, value: float, unit: str) -> dict[str, Any]:
    return coded(LOINC, code, valueQuantity={"value": value, "code": unit})


WARM = number("8310-5", 39.1, "Cel")
FAST = number("8867-4", 131.0, "/min")
CANNULA = coded(OWN, "oxygen_device", valueString="nasal_cannula")
FLOW = number("3151-8", 2, "L/min")
RESTLESS = ["sometimes"] * 4 + ["often"] * 4


@pytest.fixture
def child(story: Story) -> Story:
    """Giulia, five, a day after the infusion."""
    story.infused()
    story.later(days=1)
    return story


def send(program: Program, story: Story, observations: list[Any], **more: Any) -> Answer:
    with time_machine.travel(story.at, tick=False):
        return program.post(
            f"journeys/{story.journey_id}/observations/", {"observations": observations} | more
        )


def refused(answer: Answer) -> set[str]:
    assert answer.status_code == 422, answer.content
    assert not ObservationSet.objects.exists()
    return set(answer.json()["errors"])


def test_a_set_by_codes_is_graded_and_comes_back_as_it_was_sent(program: Program, child: Story) -> None:
    sent = [
        *(WARM, FAST, CANNULA, FLOW),
        coded(OWN, "vasopressors", component=[]),
        coded(OWN, "capd", component=RESTLESS),
        coded(OWN, "motor_weakness", valueString="no"),
        coded(OWN, "consciousness", valueString="voice"),
    ]
    made = send(program, child, sent, temperature_site="rectal")
    assert made.status_code == 201, made.content
    found = made.json()
    assert (found["crs_grade"], found["icans_grade"]) == (2, 3)
    assert found["circumstances"] == {"temperature_site": "rectal"}
    given = {each["code"]["coding"][0]["code"]: each for each in found["observations"]}
    assert given["8310-5"]["valueQuantity"] == {
        "value": 39.1,
        "system": "http://unitsofmeasure.org",
        "code": "Cel",
    }
    assert given["capd"]["component"] == RESTLESS
    assert given["motor_weakness"]["valueString"] == "no"


def test_what_the_list_gave_can_be_sent_again(program: Program, child: Story) -> None:
    first = send(program, child, [WARM, FAST, CANNULA, FLOW]).json()
    again = [
        {name: each[name] for name in ("code", "status", "valueQuantity", "valueString", "component")}
        for each in first["observations"]
    ]
    child.later(hours=1)
    second = send(program, child, again).json()
    shown = [{name: value for name, value in each.items() if name != "id"} for each in second["observations"]]
    assert shown == again


@pytest.mark.parametrize(
    ("observations", "named"),
    [
        ([number("8310-5", 385, "Cel")], "observations.0.valueQuantity.value"),
        ([number("8310-5", 102, "[degF]")], "observations.0.valueQuantity.code"),
        ([WARM, number("59408-5", 9, "%")], "observations.1.valueQuantity.value"),
        ([number("8867-4", 131.5, "/min")], "observations.0.valueQuantity.value"),
        ([FLOW], "observations.0.valueQuantity.value"),
        ([coded(OWN, "oxygen_device", valueString="snorkel")], "observations.0.valueString"),
        ([coded(OWN, "motor_weakness", valueString="maybe")], "observations.0.valueString"),
        ([coded(OWN, "ice", component={"orientation": 11})], "observations.0.component.orientation"),
        ([coded(OWN, "capd", component=["never"])], "observations.0.component"),
        ([coded(OWN, "vasopressors", component=["\0"])], "observations.0.component.0"),
        ([WARM, WARM], "observations.1.code"),
        ([coded(LOINC, "1-1", valueString="?")], "observations.0.code"),
        ([coded("urn:another", "temperature_c", valueString="?")], "observations.0.code"),
        ([coded(OWN, "heart_rate")], "observations.0.valueQuantity"),
        ([WARM | {"valueString": "39.1"}], "observations.0.valueString"),
        ([WARM | {"status": "preliminary"}], "observations.0.status"),
    ],
)
def test_each_wrong_observation_is_named_by_its_place(
    program: Program, child: Story, observations: list[Any], named: str
) -> None:
    assert refused(send(program, child, observations)) == {named}


def test_codes_that_contradict_each_other_name_no_observation(program: Program, child: Story) -> None:
    both = {"code": {"coding": [*WARM["code"]["coding"], *FAST["code"]["coding"]]}}
    assert refused(send(program, child, [WARM | both])) == {"observations.0.code"}


def test_a_value_by_name_beside_values_by_code_is_refused(program: Program, child: Story) -> None:
    assert refused(send(program, child, [WARM], spo2=97)) == {"spo2"}


def test_what_could_not_be_taken_comes_beside_the_codes_with_its_reason(
    program: Program, child: Story
) -> None:
    asleep = [{"code": "spo2", "reason": "asleep"}]
    made = send(program, child, [WARM], not_taken=asleep)
    assert made.status_code == 201, made.content
    assert (made.json()["not_taken"], made.json()["circumstances"], made.json()["completes"]) == (
        asleep,
        {},
        [],
    )


def test_a_time_in_the_future_is_refused_under_its_own_name(program: Program, child: Story) -> None:
    later = (child.at + timedelta(hours=1)).isoformat()
    assert refused(send(program, child, [WARM], observed_at=later)) == {"observed_at"}
