"""Reminders by program: taken in hand, or settled."""

from typing import Any

import pytest
import time_machine

from cartpath.ledger.models import Event
from cartpath.reminders.models import Reminder
from tests.api.program import Answer, Program
from tests.factories import Story


@pytest.fixture
def reminder(story: Story) -> Reminder:
    """What a referral waits for first."""
    story.referred()
    found = Reminder.objects.open().order_by("due_at").first()
    assert found is not None
    return found


def send(
    program: Program, story: Story, reminder: Reminder, act: str, body: Any = None, **headers: str
) -> Answer:
    with time_machine.travel(story.at, tick=False):
        return program.post(
            f"reminders/{reminder.pk}/{act}/",
            body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


def test_a_reminder_tells_what_when_and_for_whom(program: Program, story: Story, reminder: Reminder) -> None:
    with time_machine.travel(story.at, tick=False):
        response = program.get(f"reminders/{reminder.pk}/")
    found = response.json()
    assert found["journey"] == str(story.journey_id)
    assert (found["item"], found["label"], found["role"]) == (reminder.item, reminder.label, reminder.role)
    assert (found["state"], found["timing"]) == ("open", "due")
    assert (found["due"], found["window"]) == (
        str(reminder.due_on),
        [str(reminder.first_on), str(reminder.last_on)],
    )
    assert (
        found["acknowledged_at"] is found["acknowledged_by"] is found["closed_at"] is found["cause"] is None
    )
    assert program.get(f"reminders/{reminder.pk}/", headers={"If-None-Match": "*"}).status_code == 304


def test_an_acknowledged_reminder_stays_open_and_counts_once(
    program: Program, story: Story, reminder: Reminder
) -> None:
    found = send(program, story, reminder, "acknowledge").json()
    assert (found["state"], found["acknowledged_by"]) == ("open", "Registry")
    assert send(program, story, reminder, "acknowledge", {"note": "Again."}).status_code == 200
    assert Event.objects.filter(kind="reminder_acknowledged").count() == 1


def test_a_reminder_is_settled_with_a_reason_and_only_once(
    program: Program, story: Story, reminder: Reminder
) -> None:
    for body in (None, {}, {"reason": ""}, {"reason": " "}, {"reason": 5}):
        refused = send(program, story, reminder, "complete", body)
        assert list(refused.json()["errors"]) == ["reason"]
    found = send(program, story, reminder, "complete", {"reason": "Settled by phone."}).json()
    assert (found["state"], found["timing"]) == ("completed", None)
    assert found["closed_at"]
    refused = send(program, story, reminder, "complete", {"reason": "Again."})
    assert (refused.status_code, refused.json()["code"]) == (409, "already_completed")


def test_a_retry_with_its_key_gets_the_first_answer(
    program: Program, story: Story, reminder: Reminder
) -> None:
    first = send(program, story, reminder, "complete", {"reason": "By phone."}, Idempotency_Key="r")
    again = send(program, story, reminder, "complete", {"reason": "By phone."}, Idempotency_Key="r")
    assert (again.status_code, again.content) == (200, first.content)


def test_what_was_done_meanwhile_makes_a_tag_stale(
    program: Program, story: Story, reminder: Reminder
) -> None:
    with time_machine.travel(story.at, tick=False):
        tag = program.get(f"reminders/{reminder.pk}/")["ETag"]
    assert send(program, story, reminder, "acknowledge", If_Match=tag).status_code == 200
    refused = send(program, story, reminder, "complete", {"reason": "Done."}, If_Match=tag)
    assert (refused.status_code, refused.json()["code"]) == (412, "stale")
