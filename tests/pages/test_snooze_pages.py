"""Putting a reminder off: who, until when, why; it leaves the list and comes back."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from cartpath.accounts.models import User
from cartpath.ledger.models import Event
from cartpath.reminders.models import Reminder
from cartpath.reminders.selectors import today_counts
from patients.referrals import referral_accept
from tests.factories import Story
from tests.pages.conftest import Desk, text_of, typed_time

Sit = Callable[[User], Desk]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def decision(story: Story) -> Reminder:
    """A decision on a referral is awaited, and due."""
    story.referred()
    return Reminder.objects.get(item="referral_decision")


def path_of(reminder: Reminder) -> str:
    return reverse("web:reminder_snooze", args=[reminder.pk])


def put_off(desk: Desk, reminder: Reminder, until: str = "tomorrow", **more: str) -> None:
    answer = desk.post(path_of(reminder), {"until": until, "reason": "The board meets tomorrow.", **more})
    assert answer.status_code == 302


def group(desk: Desk, key: str) -> int:
    context = desk.get("/").context
    groups = {each.key: each.lines for each in (*context["groups"], context["put_off"])}
    return groups[key]


def test_what_is_put_off_leaves_due_and_the_badge_and_comes_back_by_itself(
    story: Story, desk: Sit, ben: User, decision: Reminder
) -> None:
    assert (group(desk(ben), "due"), group(desk(ben), "put_off")) == (1, 0)
    put_off(desk(ben), decision)
    assert (group(desk(ben), "due"), group(desk(ben), "put_off")) == (0, 1)
    assert today_counts(ben, at=story.at).waiting == 0
    page = text_of(desk(ben).get("/"))
    assert "put off until 03-Mar-2026 07:00 by Ben: The board meets tomorrow." in page
    story.later(days=1)
    assert (group(desk(ben), "due"), group(desk(ben), "put_off")) == (1, 0)
    assert today_counts(ben, at=story.at).waiting == 1
    assert "put off until" not in text_of(desk(ben).get("/"))


def test_it_can_be_done_at_any_time_all_the_same(
    story: Story, desk: Sit, ben: User, decision: Reminder
) -> None:
    put_off(desk(ben), decision)
    assert reverse("patients:eligibility", args=[story.journey_id]) in text_of(desk(ben).get("/"))
    story.measured()
    story.eligible()
    referral_accept(journey_id=story.journey_id, by=ben.actor, at=story.later(minutes=5))
    decision.refresh_from_db()
    assert decision.state == "completed"
    assert group(desk(ben), "put_off") == 0


def test_the_event_says_until_when_and_why(story: Story, desk: Sit, ben: User, decision: Reminder) -> None:
    put_off(desk(ben), decision)
    event = Event.objects.get(kind="reminder_snoozed")
    assert event.data["reason"] == "The board meets tomorrow."
    assert datetime.fromisoformat(event.data["until"]) == story.at.replace(day=3, hour=7, minute=0)


def test_another_time_may_be_given(story: Story, desk: Sit, ben: User, decision: Reminder) -> None:
    until = story.at + timedelta(hours=5)
    put_off(desk(ben), decision, until="other", until_at=typed_time(until))
    decision.refresh_from_db()
    assert decision.snoozed_until == until


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"until": "tomorrow", "reason": " "}, "This field is required."),
        ({"reason": "Later."}, "This field is required."),
        ({"until": "other", "reason": "Later."}, "Give the time."),
        ({"until": "other", "until_at": "2026-03-01T08:00", "reason": "Later."}, "This time is past."),
        (
            {"until": "other", "until_at": "2026-06-01T08:00", "reason": "Later."},
            "This can&#x27;t be put off beyond its window.",
        ),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_typed(
    typed: dict[str, str], said: str, desk: Sit, ben: User, decision: Reminder
) -> None:
    Reminder.objects.filter(pk=decision.pk).update(priority=2)
    for headers in ({}, HTMX):
        answer = desk(ben).post(path_of(decision), typed, **headers)
        assert answer.status_code == 422
        page = text_of(answer)
        assert said in page or "more than 30 days" in page
        assert typed["reason"].strip() in page
    assert not Event.objects.filter(kind="reminder_snoozed").exists()


def test_in_place_the_line_asks_and_answers(story: Story, desk: Sit, ben: User, decision: Reminder) -> None:
    asked = text_of(desk(ben).get(path_of(decision), **HTMX))
    assert asked.startswith('<li class="due-line"')
    assert f'id="snooze-{decision.pk}-reason"' in asked
    assert "Tomorrow morning · 03-Mar 07:00" in asked
    typed = {"until": "tomorrow", "reason": "The board meets tomorrow."}
    line = text_of(desk(ben).post(path_of(decision), typed, **HTMX))
    assert "put off until 03-Mar-2026 07:00 by Ben" in line
    assert "hidden>0<" in line
    assert '<form class="form due-form"' not in line


def test_presets_beyond_the_window_of_what_could_harm_are_not_offered(
    story: Story, desk: Sit, ben: User, decision: Reminder
) -> None:
    late_from = story.at + timedelta(hours=30)
    Reminder.objects.filter(pk=decision.pk).update(priority=1, due_at=late_from, closes_at=late_from)
    page = text_of(desk(ben).get(path_of(decision)))
    assert "Tomorrow morning" in page
    assert "In 3 days" not in page
    Reminder.objects.filter(pk=decision.pk).update(due_at=story.at, closes_at=story.at)
    assert path_of(decision) not in text_of(desk(ben).get("/"))


def test_who_may_not_work_reminders_puts_none_off(
    desk: Sit, dana: User, cleo: User, decision: Reminder
) -> None:
    typed = {"until": "tomorrow", "reason": "x"}
    assert desk(dana).post(path_of(decision), typed).status_code == 403
    assert desk(cleo).post(path_of(decision), typed).status_code == 404
    assert "Put off" not in text_of(desk(dana).get("/?who=all"))


def test_what_is_settled_can_not_be_put_off(story: Story, desk: Sit, ben: User, decision: Reminder) -> None:
    desk(ben).post(reverse("web:reminder_complete", args=[decision.pk]), {"reason": "By telephone."})
    assert "This is settled already" in text_of(desk(ben).get(path_of(decision)))
    answer = desk(ben).post(path_of(decision), {"until": "tomorrow", "reason": "x"})
    assert answer.status_code == 422
