"""The ledger of reminders: what was asked of whom, proved for any child and day."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse

from cartpath.accounts.models import User
from cartpath.core.actor import Actor
from cartpath.ledger import services
from cartpath.ledger.models import Event
from cartpath.reminders.engine import run
from cartpath.reminders.models import Reminder
from cartpath.reminders.services import (
    notices_read,
    reminder_acknowledge,
    reminder_complete,
    reminder_snooze,
)
from cartpath.web.views import reminder_ledger
from patients.referrals import referral_accept
from tests.factories import Story
from tests.pages.conftest import Desk, text_of

Sit = Callable[[User], Desk]


@pytest.fixture(autouse=True)
def recorded_as_it_happens(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger's own clock follows the story: what people knew on a day depends on it."""
    stamp = services._stamp
    monkeypatch.setattr(services, "_stamp", lambda count: (*stamp(count)[:2], story.at))


@pytest.fixture
def decision(story: Story) -> Reminder:
    """A child was referred, and Ben was told to decide."""
    story.referred()
    tell(story)
    return Reminder.objects.get(item="referral_decision")


def tell(story: Story) -> None:
    story.later(minutes=1)
    run(now=lambda: story.at, seconds=60)


def page_of(desk: Desk) -> str:
    return desk.path("web:journey_reminders")


def test_a_story_tells_the_plan_its_rule_and_each_person_who_was_told(
    story: Story, desk: Sit, ada: User, decision: Reminder
) -> None:
    page = text_of(desk(ada).get(page_of(desk(ada))))
    assert "Decision on the referral" in page
    assert "counted from: Referred" in page
    assert 'class="identifier">expect_referral_decision' in page
    assert "Ben, Clinician · Notice in CARTPath" in page
    assert "Cara, Clinician · Notice in CARTPath" in page
    assert f"/journeys/{story.journey_id}/ledger/?all#event-1" in page


def test_reading_taking_in_hand_putting_off_and_the_end_stand_in_order(
    story: Story, desk: Sit, ben: User, decision: Reminder
) -> None:
    notices_read(user=ben, at=story.later(minutes=1))
    reminder_acknowledge(reminder_id=decision.pk, by=ben.actor, at=story.later(minutes=1))
    until = story.at + timedelta(days=1)
    reminder_snooze(
        reminder_id=decision.pk,
        by=ben.actor,
        at=story.later(minutes=1),
        until=until,
        reason="Board on Tuesday.",
    )
    reminder_complete(reminder_id=decision.pk, by=ben.actor, at=story.later(hours=1), reason="By telephone.")
    response = desk(ben).get(page_of(desk(ben)))
    (picture,) = [each for each in response.context["stories"] if each.story.reminder == decision]
    kinds = [line.step.kind for line in picture.lines]
    assert kinds[0] == "planned"
    assert kinds[-4:] == ["read", "acknowledged", "snoozed", "completed"]
    page = text_of(response)
    assert "until 03-Mar-2026" in page
    assert "Board on Tuesday." in page
    assert "Completed by hand, with a reason · By telephone." in page


def test_the_end_names_the_event_that_did_it(story: Story, desk: Sit, dana: User) -> None:
    story.accepted()
    done = Event.objects.get(kind="accepted")
    page = text_of(desk(dana).get(page_of(desk(dana))))
    assert "The expected thing was recorded" in page
    assert f"?all#event-{done.seq}" in page


def test_a_day_shows_what_was_asked_of_whom_as_it_was_known_then(
    story: Story, desk: Sit, dana: User, decision: Reminder
) -> None:
    asked_on = story.at.date()
    story.later(days=3)
    story.measured()
    story.eligible()
    referral_accept(journey_id=story.journey_id, by=story.clinician.actor, at=story.later(hours=1))
    path = page_of(desk(dana))
    first = desk(dana).get(f"{path}?on={asked_on}")
    (asked,) = [each for each in first.context["asked"] if each.asked.reminder == decision]
    assert (asked.state, asked.ended) == ("due", None)
    assert {person.who for person in asked.told} == {"Ben", "Cara"}
    assert "still open" in text_of(first)
    eve = desk(dana).get(f"{path}?on={asked_on - timedelta(days=1)}")
    assert eve.context["asked"] == []
    story.later(hours=1)
    last = desk(dana).get(f"{path}?on={story.at.date()}")
    (asked,) = [each for each in last.context["asked"] if each.asked.reminder == decision]
    assert asked.ended.step.kind == "completed"


def test_what_was_only_written_down_that_day_asked_nothing(story: Story, desk: Sit, dana: User) -> None:
    story.referred()
    story.later(days=20)
    decision = Reminder.objects.get(item="referral_decision")
    path = f"{page_of(desk(dana))}?on={story.at.date()}"
    assert [each.state for each in desk(dana).get(path).context["asked"]] == ["overdue"]
    long_ago = decision.opens_at + timedelta(days=1)
    reminder_complete(reminder_id=decision.pk, by=story.clinician.actor, at=long_ago, reason="By telephone.")
    story.later(hours=1)
    assert desk(dana).get(path).context["asked"] == []


def test_after_its_window_a_day_calls_it_overdue(
    story: Story, desk: Sit, dana: User, decision: Reminder
) -> None:
    story.later(days=20)
    day = decision.closes_at.date() + timedelta(days=3)
    response = desk(dana).get(f"{page_of(desk(dana))}?on={day}")
    (asked,) = [each for each in response.context["asked"] if each.asked.reminder == decision]
    assert asked.state == "overdue"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("?show=told", True),
        ("?show=failed", False),
        ("?show=completed", False),
        ("?item=referral_decision", True),
        ("?item=visit_day_28", False),
        ("?to=2026-03-01", False),
        ("?from=2026-03-02&to=2026-03-02", True),
        ("?from=nonsense&to=&show=nonsense", True),
    ],
)
def test_filters_leave_what_was_asked_for(
    query: str, found: bool, desk: Sit, dana: User, decision: Reminder
) -> None:
    response = desk(dana).get(page_of(desk(dana)) + query)
    assert (decision in [each.story.reminder for each in response.context["stories"]]) is found


def test_years_to_come_are_shown_when_they_are_asked_for(story: Story, desk: Sit, dana: User) -> None:
    story.in_follow_up()
    path = page_of(desk(dana))
    items = {each.story.reminder.item for each in desk(dana).get(path).context["stories"]}
    assert "visit_year_15" not in items
    ahead = desk(dana).get(f"{path}?to=&item=visit_year_15")
    assert [each.state for each in ahead.context["stories"]] == ["upcoming"]


def test_the_table_has_every_step_once_and_no_name_of_the_family(
    story: Story, desk: Sit, ben: User, decision: Reminder
) -> None:
    sly = Actor(kind="user", id=str(ben.pk), name="=cmd()", user_id=ben.pk)
    reminder_complete(reminder_id=decision.pk, by=sly, at=story.later(hours=1), reason="+39 06: said so")
    response = desk(ben).get(desk(ben).path("web:journey_reminders_csv"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    mine = [row for row in rows if row["item"] == "referral_decision"]
    assert mine[0]["step"] == "planned"
    assert mine[-1]["step"] == "completed"
    assert mine[-1]["person"] == "'=cmd()"
    assert mine[0]["at"].endswith("+01:00")
    assert {row["person"] for row in mine if row["step"] == "told"} == {"Ben", "Cara"}
    assert "Rossi" not in response.content.decode()


def test_a_page_of_stories_costs_the_same_however_many_there_are(
    story: Story, desk: Sit, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminder_ledger, "STORIES_PER_PAGE", 2)
    story.in_follow_up()
    path = page_of(desk(dana))
    few = desk(dana).queries(path)
    monkeypatch.setattr(reminder_ledger, "STORIES_PER_PAGE", 20)
    assert desk(dana).queries(path) == few
    day = desk(dana).queries(f"{path}?on=2026-03-02")
    assert desk(dana).queries(f"{path}?on={story.at.date()}") == day


def test_everything_fits_on_one_page_to_print(
    story: Story, desk: Sit, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminder_ledger, "STORIES_PER_PAGE", 1)
    story.accepted()
    path = page_of(desk(dana))
    assert len(desk(dana).get(path).context["stories"]) == 1
    assert len(desk(dana).get(f"{path}?all=1").context["stories"]) > 1


def test_who_sees_no_child_sees_no_ledger_of_reminders(
    desk: Sit, omar: User, cleo: User, decision: Reminder
) -> None:
    for name in ("web:journey_reminders", "web:journey_reminders_csv"):
        assert desk(cleo).get(desk(cleo).path(name)).status_code == 404
        assert desk(omar).get(desk(omar).path(name)).status_code == 403


def test_the_patient_page_and_each_line_lead_there(
    story: Story, desk: Sit, ben: User, decision: Reminder
) -> None:
    path = reverse("web:journey_reminders", args=[story.journey_id])
    for page in ("/", f"/journeys/{story.journey_id}/"):
        assert f"{path}?item=referral_decision" in text_of(desk(ben).get(page))
    assert f'href="{path}"' in text_of(desk(ben).get(f"/journeys/{story.journey_id}/"))
