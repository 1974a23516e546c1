"""Lists: filters that are understood or refused, and pages that neither repeat nor skip."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from cartpath.accounts.models import Center
from cartpath.ledger.models import Event
from cartpath.reminders.models import Reminder
from leukapheresis.models import Allocation, Resource, Slot
from leukapheresis.services import slot_open
from patients.models import Status
from tests.api.conftest import NewProgram
from tests.api.program import Answer, Program
from tests.factories import Story, patient_details


def ids(response: Answer) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def errors(response: Answer) -> dict[str, str]:
    assert response.status_code == 422, response.content
    document = response.json()
    assert document["code"] == "invalid_input"
    found: dict[str, str] = document["errors"]
    return found


def walk(program: Program, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """All rows of a list, page by page."""
    page = program.get(path, **parameters).json()
    rows: list[dict[str, Any]] = page["results"]
    while page["next"]:
        page = program.get(page["next"]).json()
        assert page["results"]
        rows += page["results"]
    return rows


def test_journeys_are_found_by_stage_product_patient_and_center(program: Program, story: Story) -> None:
    referred = story.referred()
    accepted = story.accepted()
    assert ids(program.get("journeys/", stage="accepted")) == [str(accepted.pk)]
    assert ids(program.get("journeys/", patient=referred.patient_id)) == [str(referred.pk)]
    assert len(ids(program.get("journeys/", product="tisagenlecleucel", center="A"))) == 2
    assert ids(program.get("journeys/", stage="accepted", patient=referred.patient_id)) == []
    assert ids(program.get("journeys/", patient=uuid4())) == []


def test_a_poll_with_the_last_update_finds_what_changed_since(program: Program, story: Story) -> None:
    quiet, changed = story.referred(), story.referred()
    last_seen = program.get("journeys/").json()["results"][-1]["updated_at"]
    story.measured()
    found = ids(program.get("journeys/", updated_since=last_seen))
    assert found == [str(changed.pk)]
    assert ids(program.get("journeys/")) == [str(quiet.pk), str(changed.pk)]


def test_a_plus_sign_that_got_lost_in_the_address_is_understood(program: Program, story: Story) -> None:
    story.referred()
    raw = program.http.get(
        "/api/v1/journeys/?updated_since=2026-01-01T00:00:00+01:00",
        headers={"Authorization": f"Bearer {program.token}"},
    )
    assert len(ids(raw)) == 1


def test_overdue_journeys_are_those_with_an_overdue_reminder(program: Program, story: Story) -> None:
    story.referred()
    with time_machine.travel(story.at, tick=False):
        assert ids(program.get("journeys/", overdue="true")) == []
    with time_machine.travel(story.at + timedelta(days=60), tick=False):
        assert ids(program.get("journeys/", overdue="true")) == [str(story.journey_id)]


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("journeys/", {"stage": "cured"}),
        ("journeys/", {"stage": ""}),
        ("journeys/", {"product": "aspirin"}),
        ("journeys/", {"center": "B"}),
        ("journeys/", {"center": "NOWHERE"}),
        ("journeys/", {"patient": "7"}),
        ("journeys/", {"updated_since": "yesterday"}),
        ("journeys/", {"updated_since": "2026-01-01"}),
        ("journeys/", {"updated_since": "2026-01-01T00:00:00"}),
        ("journeys/", {"updated_since": "0001-01-01T00:00:00+14:00"}),
        ("journeys/", {"overdue": "false"}),
        ("journeys/", {"page_size": "0"}),
        ("journeys/", {"page_size": "501"}),
        ("journeys/", {"page_size": "٥"}),
        ("journeys/", {"cursor": "abc"}),
        ("journeys/", {"cursor": "WzEsMl0="}),
        ("journeys/", {"stages": "accepted"}),
        ("journeys/", {"stage": ["accepted", "referred"]}),
        ("patients/", {"mrn": "\0"}),
        ("patients/", {"mrn": "7" * 300}),
        ("patients/", {"name": "Rossi"}),
        ("leukapheresis/slots/", {"from": "soon"}),
        ("leukapheresis/slots/", {"to": "9999-12-31"}),
        ("leukapheresis/slots/", {"to": "2020-01-01"}),
        ("leukapheresis/slots/", {"free": "yes"}),
        ("reminders/", {"state": "late"}),
        ("reminders/", {"journey": "x"}),
        ("changes/", {"after": "x"}),
        ("changes/", {"limit": "-1"}),
        ("changes/", {"since": "x"}),
    ],
)
def test_a_parameter_that_can_not_match_is_refused_by_name(
    program: Program, other_center: Center, path: str, parameters: dict[str, Any]
) -> None:
    (name,) = parameters
    assert list(errors(program.get(path, **parameters))) == [name]


def test_every_refused_parameter_is_named(program: Program) -> None:
    assert set(errors(program.get("journeys/", stage="cured", patient="7", page_size="x", foo="1"))) == {
        "stage",
        "patient",
        "page_size",
        "foo",
    }


def test_pages_show_every_journey_once_although_others_are_written(program: Program, story: Story) -> None:
    journeys = [str(story.referred().pk) for _ in range(7)]
    first = program.get("journeys/", page_size=3, stage="referred").json()
    story.referred()
    rest = walk(program, first["next"])
    shown = [row["id"] for row in first["results"]] + [row["id"] for row in rest]
    assert shown == [*journeys, str(story.journey_id)]
    assert "stage=referred" in first["next"]


def test_a_journey_that_changes_between_two_pages_is_shown_again_rather_than_missed(
    program: Program, story: Story
) -> None:
    story.referred()
    first = program.get("journeys/", page_size=1).json()
    assert first["next"] is None
    one_more = story.referred()
    page = program.get("journeys/", page_size=1).json()
    story.journey_id = page["results"][0]["id"]
    story.measured()
    assert [row["id"] for row in walk(program, page["next"])] == [str(one_more.pk), page["results"][0]["id"]]


def test_pages_of_two_centers_are_merged_in_one_order(
    story: Story, other_story: Story, center: Center, other_center: Center, new_program: NewProgram
) -> None:
    journeys = [str(told.referred().pk) for told in (story, other_story, other_story, story, other_story)]
    both = new_program(center, other_center)
    assert [row["id"] for row in walk(both, "journeys/", page_size=2)] == journeys


def test_journeys_of_the_same_moment_are_paged_by_id(program: Program, story: Story) -> None:
    for _ in range(5):
        story.referred()
    Status.objects.update(updated_at=story.at)
    shown = [row["id"] for row in walk(program, "journeys/", page_size=2)]
    assert sorted(shown) == shown
    assert len(set(shown)) == 5


def test_the_ledger_is_paged_in_its_order(program: Program, story: Story) -> None:
    story.infused()
    path = f"journeys/{story.journey_id}/events/"
    events = walk(program, path, page_size=5)
    expected = [event.facts() for event in Event.objects.of(story.journey_id)]
    assert events == expected
    assert [event["seq"] for event in events] == list(range(1, len(expected) + 1))


def test_patients_are_found_by_mrn_and_paged_without_one_in_the_address(
    program: Program, story: Story
) -> None:
    mrns = ["C-3", "A-1", "B-2", "A-10"]
    for mrn in mrns:
        story.referred(patient=patient_details(mrn=mrn))
    story.measured(weight_kg=18.4)
    page = program.get("patients/", page_size=2).json()
    assert not any(mrn in page["next"] for mrn in mrns)
    assert [row["mrn"] for row in walk(program, "patients/", page_size=2)] == sorted(mrns)
    (found,) = program.get("patients/", mrn="A-10").json()["results"]
    assert found["journeys"] == [str(story.journey_id)]
    assert found["weight"] == {"kg": 18.4, "measured_at": "2026-03-02T12:00:00+01:00"}
    assert found["allergies"] is None
    assert ids(program.get("patients/", mrn="a-1")) == []


def test_a_patient_has_a_tag(program: Program, story: Story) -> None:
    path = reverse("api:patient", args=[story.referred().patient_id])
    tag = program.get(path)["ETag"]
    assert program.get(path, headers={"If-None-Match": tag}).status_code == 304
    story.measured()
    assert program.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_slots_are_those_of_the_coming_weeks_unless_other_times_are_asked_for(
    program: Program, story: Story
) -> None:
    soon, later = story.slot(in_days=3), story.slot(in_days=70)
    gone = story.slot(in_days=-3)
    path = "leukapheresis/slots/"
    with time_machine.travel(story.at, tick=False):
        assert ids(program.get(path)) == [str(soon.pk)]
        assert ids(program.get(path, from_="2026-05-01")) == [str(later.pk)]
        assert ids(program.get(path, from_="2026-02-01", to="2026-03-01")) == [str(gone.pk)]
        everything = program.get(path, from_="2026-02-01T00:00:00+01:00", to="2026-12-31", page_size=2)
        assert len(ids(everything)) == 2
        assert len(walk(program, path, from_="2026-02-01", to="2026-12-31", page_size=2)) == 3


def test_a_day_begins_where_the_center_is(program: Program, center: Center, story: Story) -> None:
    slot = story.slot()
    day = slot.starts_at.date().isoformat()
    midnight = slot.starts_at.replace(hour=0)
    Slot.objects.filter(pk=slot.pk).update(starts_at=midnight)
    with time_machine.travel(story.at, tick=False):
        assert ids(program.get("leukapheresis/slots/", from_=day)) == [str(slot.pk)]
        assert ids(program.get("leukapheresis/slots/", to=day)) == []


def test_a_day_means_nothing_to_a_client_of_several_zones(
    center: Center, other_center: Center, new_program: NewProgram
) -> None:
    Center.objects.filter(pk=other_center.pk).update(timezone="Europe/London")
    both = new_program(center, other_center)
    assert "from" in errors(both.get("leukapheresis/slots/", from_="2026-05-01"))
    assert both.get("leukapheresis/slots/", from_="2026-05-01", center="A").status_code == 200


def test_a_slot_is_free_only_when_it_could_be_booked_now(program: Program, story: Story) -> None:
    free = story.slot(in_days=5, machine="Machine 2")
    blocked = story.slot(in_days=6, machine="Machine 2")
    Slot.objects.filter(pk=blocked.pk).update(state="blocked")
    idle = story.slot(in_days=5, machine="Machine 3")
    Resource.objects.filter(pk=idle.resource_id).update(is_active=False)
    taken = story.booked(story.slot(in_days=5)).slot
    overlapping = slot_open(
        resource=taken.resource,
        starts_at=taken.starts_at + timedelta(hours=5),
        ends_at=taken.ends_at + timedelta(hours=5),
    )
    after = slot_open(
        resource=taken.resource, starts_at=taken.ends_at, ends_at=taken.ends_at + timedelta(hours=2)
    )
    with time_machine.travel(story.at, tick=False):
        listed = program.get("leukapheresis/slots/").json()["results"]
        only_free = ids(program.get("leukapheresis/slots/", free="true"))
    assert {row["id"] for row in listed if row["free"]} == {str(free.pk), str(after.pk)} == set(only_free)
    assert {row["id"]: row["state"] for row in listed}[str(overlapping.pk)] == "open"
    Allocation.objects.update(is_live=False)
    with time_machine.travel(free.starts_at, tick=False):
        assert str(free.pk) not in ids(program.get("leukapheresis/slots/", free="true"))


def test_reminders_are_due_upcoming_or_overdue_and_never_two_of_them(program: Program, story: Story) -> None:
    story.in_follow_up()
    with time_machine.travel(story.at + timedelta(days=75), tick=False):
        everything = {row["id"]: row["timing"] for row in walk(program, "reminders/", page_size=10)}
        by_state = {
            state: {row["id"] for row in walk(program, "reminders/", state=state, page_size=7)}
            for state in ("overdue", "due", "upcoming")
        }
    assert len(everything) == Reminder.objects.open().count() == sum(map(len, by_state.values()))
    assert all(everything[reminder] == state for state, found in by_state.items() for reminder in found)
    assert all(by_state.values())
    assert ids(program.get("reminders/", journey=uuid4())) == []
    assert len(walk(program, "reminders/", journey=story.journey_id)) == len(everything)
