"""The status document: what it says, what it costs, and when its tag changes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cartpath.accounts.models import Center
from cartpath.reminders.models import Reminder
from patients.services import journey_close
from tests.api.conftest import NewProgram
from tests.api.program import Program
from tests.conftest import ROME
from tests.factories import Story


def status(program: Program, story: Story, at: datetime | None = None) -> dict[str, Any]:
    with time_machine.travel(at or story.at, tick=False):
        response = program.get(f"journeys/{story.journey_id}/")
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def test_a_referred_child_has_no_protocol_no_milestones_and_no_grades(program: Program, story: Story) -> None:
    journey = story.referred()
    found = status(program, story)
    updated_at = found.pop("updated_at")
    assert datetime.fromisoformat(updated_at).utcoffset() is not None
    next_due = found.pop("next_due")
    assert found == {
        "id": str(journey.pk),
        "patient": {
            "id": str(journey.patient_id),
            "mrn": journey.patient.mrn,
            "birth_date": "2021-01-15",
        },
        "center": "A",
        "product": "tisagenlecleucel",
        "protocol": {"id": None, "version": None},
        "stage": "referred",
        "stage_since": "2026-03-02T12:00:00+01:00",
        "day_post_infusion": None,
        "milestones": {
            "referred": "2026-03-02T12:00:00+01:00",
            "accepted": None,
            "apheresis": None,
            "manufacturing_started": None,
            "released": None,
            "lymphodepletion_started": None,
            "infused": None,
        },
        "toxicity": {"crs": {"current": None, "max": None}, "icans": {"current": None, "max": None}},
        "b_cell_aplasia": None,
        "last_response": None,
        "overdue": 0,
    }
    assert next_due is None or set(next_due) == {"item", "due", "window"}


def test_a_child_in_follow_up_shows_every_milestone_and_grade(program: Program, story: Story) -> None:
    story.infused()
    infused_at = story.at
    story.assessed(crs=crs(temperature_c=39.2, hypotension=True, vasopressors=(), oxygen=None))
    story.assessed(crs=crs(temperature_c=36.8, hypotension=False, vasopressors=(), oxygen=None))
    found = status(program, story, at=infused_at + timedelta(days=41))
    assert found["stage"] == "infused"
    assert found["protocol"] == {"id": "tisagenlecleucel-eu", "version": "1"}
    assert found["day_post_infusion"] == 41
    assert None not in found["milestones"].values()
    assert found["milestones"]["infused"] == infused_at.astimezone(ROME).isoformat()
    assert found["toxicity"]["crs"] == {"current": 0, "max": 2}
    assert found["toxicity"]["icans"] == {"current": None, "max": None}
    assert "closed_reason" not in found


def test_a_closed_journey_carries_its_reason(program: Program, story: Story) -> None:
    story.referred()
    journey_close(
        journey_id=story.journey_id,
        reason_code="withdrawn",
        note="The family chose another way.",
        by=story.clinician.actor,
        at=story.at,
    )
    found = status(program, story)
    assert (found["stage"], found["closed_reason"]) == ("closed", "withdrawn")


def test_the_day_after_infusion_turns_at_midnight_of_the_center(program: Program, story: Story) -> None:
    story.infused()
    infused_on = story.at.astimezone(ROME).date()
    midnight = datetime(infused_on.year, infused_on.month, infused_on.day, tzinfo=ROME) + timedelta(days=1)
    assert status(program, story, at=midnight - timedelta(seconds=1))["day_post_infusion"] == 0
    assert status(program, story, at=midnight)["day_post_infusion"] == 1
    # In summer, midnight in Rome is 22:00 UTC.
    july = datetime(2026, 7, 10, 22, 0, tzinfo=UTC)
    assert status(program, story, at=july)["day_post_infusion"] == (july.date() - infused_on).days + 1


def test_next_due_is_the_earliest_reminder_that_can_still_be_kept(program: Program, story: Story) -> None:
    story.in_follow_up()
    found = status(program, story)
    waiting = Reminder.objects.filter(journey_id=story.journey_id, state="open", closes_at__gt=story.at)
    first = waiting.order_by("due_at", "priority", "item", "occurrence").first()
    assert first is not None
    assert first.due_on is not None
    assert found["next_due"] == {
        "item": first.item,
        "due": str(first.due_on),
        "window": [str(first.first_on), str(first.last_on)],
    }
    assert found["overdue"] == 0


def test_an_item_counted_in_hours_is_due_at_a_time_of_the_center(program: Program, story: Story) -> None:
    story.infused()
    found = status(program, story)["next_due"]
    due = datetime.fromisoformat(found["due"])
    opens, closes = (datetime.fromisoformat(edge) for edge in found["window"])
    assert opens <= due <= closes
    assert due.utcoffset() == timedelta(hours=2 if due.astimezone(ROME).dst() else 1)


def test_what_was_not_done_in_its_window_is_overdue(program: Program, story: Story) -> None:
    story.in_follow_up()
    later = story.at + timedelta(days=400)
    expected = Reminder.objects.filter(
        journey_id=story.journey_id, state="open", due_at__lte=later, closes_at__lte=later
    ).count()
    assert expected > 0
    assert status(program, story, at=later)["overdue"] == expected


def test_a_status_costs_a_token_and_a_row(
    program: Program, story: Story, django_assert_num_queries: Any
) -> None:
    story.in_follow_up()
    with time_machine.travel(story.at + timedelta(days=400), tick=False), django_assert_num_queries(2):
        program.get(f"journeys/{story.journey_id}/")


@pytest.mark.parametrize("journeys", [1, 30])
def test_a_list_costs_the_same_however_long_it_is(
    program: Program, story: Story, journeys: int, django_assert_num_queries: Any
) -> None:
    for _ in range(journeys):
        story.referred()
    with django_assert_num_queries(2):
        found = program.get("journeys/", page_size=100).json()
    assert len(found["results"]) == journeys


def test_a_list_shows_the_same_documents(program: Program, story: Story) -> None:
    story.infused()
    with time_machine.travel(story.at, tick=False):
        (listed,) = program.get("journeys/").json()["results"]
    assert listed == status(program, story)


def test_the_tag_holds_while_nothing_changes_and_saves_the_body(program: Program, story: Story) -> None:
    story.referred()
    path = f"journeys/{story.journey_id}/"
    with time_machine.travel(story.at, tick=False):
        tag = program.get(path)["ETag"]
        again = program.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert again.status_code == 304
    assert (again.content, again["ETag"]) == (b"", tag)
    assert "Content-Type" not in again
    assert "Content-Length" not in again


def test_the_tag_changes_with_an_event_with_the_day_and_with_what_is_overdue(
    program: Program, story: Story
) -> None:
    story.in_follow_up()
    path = f"journeys/{story.journey_id}/"
    tags = set()
    for days in (0, 1, 200):
        with time_machine.travel(story.at + timedelta(days=days), tick=False):
            tags.add(program.get(path)["ETag"])
    assert len(tags) == 3
    story.measured()
    with time_machine.travel(story.at, tick=False):
        assert program.get(path)["ETag"] not in tags


def test_a_journey_of_another_center_can_not_be_told_from_none(
    program: Program, outsider: Program, story: Story
) -> None:
    story.referred()
    theirs = outsider.get(f"journeys/{story.journey_id}/")
    nobodys = outsider.get(f"journeys/{uuid4()}/")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content


def test_patient_data_is_never_kept_by_a_cache_between(program: Program, story: Story) -> None:
    story.referred()
    response = program.get(f"journeys/{story.journey_id}/")
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Vary"] == "Authorization"
    assert response["Content-Length"] == str(len(response.content))


def test_each_center_counts_days_in_its_own_zone(
    other_story: Story, other_center: Center, new_program: NewProgram
) -> None:
    Center.objects.filter(pk=other_center.pk).update(timezone="America/New_York")
    other_center.refresh_from_db()
    other_story.referred()
    found = status(new_program(other_center), other_story)
    assert found["stage_since"] == "2026-03-02T06:00:00-05:00"


def test_no_query_names_a_patient(program: Program, story: Story) -> None:
    """What PostgreSQL may write into its log of slow statements."""
    journey = story.referred()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        program.get(f"journeys/{story.journey_id}/")
    assert all(journey.patient.mrn not in query["sql"] for query in queries)


def crs(**found: Any) -> Any:
    from toxicity.grading.crs import CrsInput

    return CrsInput(**found)
