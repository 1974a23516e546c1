"""What programs read at the bedside and pass on: alerts, episodes, checks, sheets, weights, ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from tests.api.program import Answer, Program
from tests.conftest import ROME
from tests.factories import Story
from tests.toxicity.bedside import ALERT, WELL, observed
from toxicity.grading.crs import OxygenDevice
from toxicity.grading.icans import Consciousness, IcansInput
from toxicity.models import Alert
from toxicity.observations.inputs import ObservationEntry
from toxicity.services import acute_monitoring_end, assessment_strike
from toxicity.sheets.inputs import SheetDetails
from toxicity.sheets.services import hand_over_strike, hand_over_write


@pytest.fixture
def child(story: Story) -> Story:
    """Giulia, five, a day after the infusion."""
    story.infused()
    story.later(days=1)
    return story


def got(program: Program, story: Story, name: str, **asked: str) -> list[dict[str, Any]]:
    with time_machine.travel(story.at, tick=False):
        answer = program.get(f"journeys/{story.journey_id}/{name}/", **asked)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def send(program: Program, story: Story, name: str, body: dict[str, Any], **headers: str) -> Answer:
    with time_machine.travel(story.at, tick=False):
        return program.post(
            f"journeys/{story.journey_id}/{name}/",
            body,
            headers={header.replace("_", "-"): value for header, value in headers.items()},
        )


# --- Alerts ------------------------------------------------------------------------------------------------

ANSWER = {"answer": "with_the_child", "answered_by": "Ivo Rossi"}


def test_alerts_are_read_with_their_reason_and_whether_they_stand(program: Program, child: Story) -> None:
    observed(child, ObservationEntry(temperature_c=38.6))
    (shown,) = got(program, child, "alerts", standing="true")
    assert (shown["rule"], shown["urgency"], shown["cleared_at"]) == ("alert_new_fever", "urgent", None)
    assert shown["because"]["value"] == 38.6
    assert shown["label"] and shown["raised_at"] == child.at.astimezone(ROME).isoformat()
    acute_monitoring_end(journey_id=child.journey_id, by=child.clinician.actor, at=child.later(days=14))
    assert got(program, child, "alerts", standing="true") == []
    (over,) = got(program, child, "alerts")
    assert over["cleared_because"] == "monitoring_ended"


def test_a_persons_answer_is_passed_on_once_with_their_name(program: Program, child: Story) -> None:
    observed(child, ObservationEntry(temperature_c=38.6))
    case = Alert.objects.get().case
    child.later(minutes=2)
    first = send(program, child, "alerts/acknowledge", ANSWER | {"cases": [case]}, Idempotency_Key="pager-1")
    again = send(program, child, "alerts/acknowledge", ANSWER | {"cases": [case]}, Idempotency_Key="pager-1")
    assert (first.status_code, again.content) == (200, first.content)
    (answered,) = first.json()["results"]
    assert (answered["acknowledged_by"], answered["answer"]) == ("Ivo Rossi · Registry", "with_the_child")
    told = Event.objects.filter(kind=EventKind.ALERT_ACKNOWLEDGED)
    assert [(event.actor_kind, event.actor_name) for event in told] == [("client", "Ivo Rossi · Registry")]
    late = send(program, child, "alerts/acknowledge", ANSWER | {"cases": [case], "answered_by": "Elena"})
    assert (late.status_code, late.json()["code"]) == (409, "alert_answered")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"cases": []}, "cases"),
        ({"answer": "seen"}, "answer"),
        ({"answer": "other"}, "note"),
        ({"answered_by": " "}, "answered_by"),
        ({"note": "x" * 401}, "note"),
    ],
)
def test_an_answer_that_is_none_is_refused_and_the_alert_waits(
    program: Program, child: Story, wrong: dict[str, Any], named: str
) -> None:
    observed(child, ObservationEntry(temperature_c=38.6))
    body = ANSWER | {"cases": [Alert.objects.get().case]} | wrong
    answer = send(program, child, "alerts/acknowledge", body)
    assert (answer.status_code, set(answer.json()["errors"])) == (422, {named})
    assert Alert.objects.get().acknowledged_at is None


def test_an_alert_that_is_not_this_childs_is_not_answered(program: Program, child: Story) -> None:
    refused = send(program, child, "alerts/acknowledge", ANSWER | {"cases": ["alert_seizure-1"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "alert_over")


AWAKE = IcansInput(capd_total=5, consciousness=Consciousness.SPONTANEOUS)

# --- Episodes and grades -----------------------------------------------------------------------------------


def test_episodes_have_onset_peak_and_an_end_that_is_unknown_while_they_are_open(
    program: Program, child: Story
) -> None:
    began = child.at
    observed(child, WELL, temperature_c=39.0)
    child.later(hours=4)
    observed(child, WELL, temperature_c=39.2, oxygen_device=OxygenDevice.NASAL_CANNULA, oxygen_flow=2)
    (episode,) = got(program, child, "episodes")
    assert (episode["scale"], episode["number"], episode["recurrence_of"]) == ("crs", 1, None)
    assert (episode["onset_at"], episode["onset_grade"]) == (began.astimezone(ROME).isoformat(), 1)
    assert (episode["peak_grade"], episode["resolved_at"], episode["status"]) == (2, None, "final")


def test_assessments_are_read_with_those_entered_in_error(program: Program, child: Story) -> None:
    wrong = child.assessed(icans=AWAKE)
    observed(child, WELL, temperature_c=39.0)
    assessment_strike(
        assessment_id=wrong.pk, reason="Other bed.", by=child.nurse.actor, at=child.later(minutes=1)
    )
    struck, graded = got(program, child, "toxicity-assessments")
    assert (struck["status"], struck["status_reason"], struck["crs"]) == (
        "entered-in-error",
        "Other bed.",
        None,
    )
    assert (graded["status"], graded["crs"]["result"]["grade"], graded["assessed_by"]) == ("final", 1, "Nina")


# --- Checks ------------------------------------------------------------------------------------------------


def test_checks_say_when_how_often_and_why(program: Program, child: Story) -> None:
    observed(child, WELL, capd=ALERT.capd, consciousness=ALERT.consciousness, seizure=ALERT.seizure)
    waiting = {each["check"]: each for each in got(program, child, "checks")}
    assert set(waiting) >= {"vitals", "neuro"}
    vitals = waiting["vitals"]
    due_at = (child.at + timedelta(minutes=vitals["every_minutes"])).astimezone(ROME)
    assert (vitals["due_at"], vitals["because"], vitals["state"]) == (
        due_at.isoformat(),
        ["usual"],
        "upcoming",
    )
    assert (waiting["neuro"]["instrument"], vitals["instrument"]) == ("CAPD", None)
    child.later(days=2)
    assert {each["state"] for each in got(program, child, "checks") if each["check"] == "vitals"} == {"late"}


def test_nothing_waits_outside_acute_monitoring(program: Program, child: Story) -> None:
    acute_monitoring_end(journey_id=child.journey_id, by=child.clinician.actor, at=child.later(days=14))
    assert got(program, child, "checks") == []


# --- Hand-over sheets --------------------------------------------------------------------------------------


def test_sheets_say_whether_they_may_still_be_handed_on(program: Program, child: Story) -> None:
    told = SheetDetails(
        situation="Fever since noon.",
        background="B-ALL, day 1.",
        assessment="CRS 1.",
        recommendation="Vital signs every two hours.",
        language="en",
    )
    first = hand_over_write(journey_id=child.journey_id, sheet=told, by=child.nurse.actor, at=child.at)
    hand_over_strike(
        sheet_id=first.pk, reason="Other child.", by=child.nurse.actor, at=child.later(minutes=5)
    )
    hand_over_write(journey_id=child.journey_id, sheet=told, by=child.nurse.actor, at=child.at)
    struck, standing = got(program, child, "hand-over-sheets")
    assert (struck["status"], struck["holds"], struck["status_reason"]) == (
        "entered-in-error",
        False,
        "Other child.",
    )
    assert (standing["situation"], standing["holds"]) == ("Fever since noon.", True)
    child.later(days=3)
    assert [each["holds"] for each in got(program, child, "hand-over-sheets")] == [False, False]


# --- Dosing weight and the end of a course -----------------------------------------------------------------


def test_a_dosing_weight_is_fixed_once_and_changed_with_a_reason(program: Program, child: Story) -> None:
    made = send(program, child, "dosing-weights", {"weight_kg": 18.4, "measured_on": "2026-03-02"})
    assert made.status_code == 201, made.content
    child.later(hours=1)
    for body, named in (
        ({"weight_kg": 19.0}, "reason"),
        ({"weight_kg": 0.4}, "weight_kg"),
        ({"weight_kg": 19.0, "reason": "Edema.", "measured_on": "2030-01-01"}, "measured_on"),
    ):
        refused = send(program, child, "dosing-weights", body)
        assert (refused.status_code, set(refused.json()["errors"])) == (422, {named}), body
    assert send(program, child, "dosing-weights", {"weight_kg": 19.0, "reason": "Edema."}).status_code == 201
    before, now = got(program, child, "dosing-weights")
    assert (before["weight_kg"], now["weight_kg"], now["reason"]) == (18.4, 19.0, "Edema.")
    assert (before["measured_on"], now["measured_on"], now["set_by"]) == ("2026-03-02", None, "Registry")


def test_a_course_is_stopped_once_and_never_before_it_began(program: Program, child: Story) -> None:
    pump = {"agent": "vasopressor", "drug": "norepinephrine", "rate": 0.1, "rate_unit": "ug/kg/min"}
    begun = send(program, child, "interventions", pump).json()
    child.later(hours=2)
    path = f"interventions/{begun['id']}/stop"
    for moment in (child.at + timedelta(hours=1), child.at - timedelta(hours=5)):
        refused = send(program, child, path, {"stopped_at": moment.isoformat()})
        assert (refused.status_code, set(refused.json()["errors"])) == (422, {"stopped_at"})
    stopped = send(program, child, path, {})
    assert (stopped.status_code, stopped.json()["stopped_at"]) == (200, child.at.astimezone(ROME).isoformat())
    again = send(program, child, path, {})
    assert (again.status_code, again.json()["code"]) == (409, "already_stopped")


def test_a_course_of_another_child_is_not_found(program: Program, child: Story) -> None:
    pump = {"agent": "vasopressor", "drug": "norepinephrine", "rate": 0.1, "rate_unit": "ug/kg/min"}
    begun = send(program, child, "interventions", pump).json()
    other = replace(child)
    other.infused()
    assert send(program, other, f"interventions/{begun['id']}/stop", {}).status_code == 404
