"""Today: what waits, for whom, in which order, and the press that settles it."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.urls import reverse

from cartpath.accounts.models import User
from cartpath.core.actor import Actor
from cartpath.reminders.models import Delivery, Reminder
from cartpath.reminders.services import heartbeat_record, reminder_acknowledge, reminder_complete
from cartpath.web import due
from cartpath.web.views import today
from tests.factories import Story
from tests.pages.conftest import Desk, text_of

Sit = Callable[[User], Desk]
HTMX = {"HX-Request": "true"}


def the(item: str) -> Reminder:
    return Reminder.objects.get(item=item, occurrence=1)


def act(name: str, reminder: Reminder) -> str:
    return reverse(f"web:{name}", args=[reminder.pk])


def beat(story: Story) -> None:
    heartbeat_record(name="scheduler", at=story.at)


def test_what_waits_is_told_by_child_with_the_form_that_settles_it(
    story: Story, desk: Sit, ben: User
) -> None:
    story.referred()
    page = text_of(desk(ben).get("/"))
    assert "Decision on the referral" in page
    assert "Rossi" in page
    assert reverse("patients:eligibility", args=[story.journey_id]) in page


def test_the_badge_of_the_rail_counts_what_the_page_shows(story: Story, desk: Sit, ben: User) -> None:
    for _child in range(3):
        story.referred()
    response = desk(ben).get("/")
    counts = response.context["counts"]
    assert (counts.overdue, counts.due) == (0, 3)
    assert '<span class="rail-count" id="rail-count-today">3' in text_of(response)


def test_others_tasks_are_shown_only_on_request(story: Story, desk: Sit, ada: User) -> None:
    story.referred()
    assert "Nothing waits for you" in text_of(desk(ada).get("/"))
    assert "Decision on the referral" in text_of(desk(ada).get("/?who=all"))


def test_a_lapsed_window_is_overdue(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    story.later(days=9)
    response = desk(ben).get("/")
    assert [group.lines for group in response.context["groups"]] == [1, 0, 0]
    assert "Overdue 2 d" in text_of(response)


def test_checks_missed_in_a_row_are_one_line(story: Story, desk: Sit, ben: User) -> None:
    story.infused()
    story.later(hours=40)
    page = text_of(desk(ben).get("/"))
    assert page.count("CRS and ICANS assessment</span>") == 1
    assert "2 before it missed" in page


def test_a_full_house_is_cut_and_says_so(
    story: Story, desk: Sit, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(today, "CHILDREN_SHOWN", 1)
    for _child in range(3):
        story.referred()
    assert "And 2 children more" in text_of(desk(ben).get("/"))


def test_ten_children_cost_no_more_queries_than_one(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    one = desk(ben).queries("/")
    for _child in range(9):
        story.referred()
    assert desk(ben).queries("/") == one


def test_an_auditor_sees_everything_and_can_press_nothing(story: Story, desk: Sit, dana: User) -> None:
    story.referred()
    page = text_of(desk(dana).get("/"))
    assert "Decision on the referral" in page
    assert "Acknowledge" not in page
    assert "Settle" not in page
    assert "New referral" not in page


def test_an_administrator_is_shown_the_house_and_no_child(story: Story, desk: Sit, omar: User) -> None:
    story.referred()
    beat(story)
    page = text_of(desk(omar).get("/"))
    assert "The scheduler is running" in page
    assert reverse("admin:accounts_user_changelist") in page
    assert "Rossi" not in page
    assert reverse("web:board") not in page


def test_a_silent_scheduler_is_said_and_a_beating_one_is_not(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    assert "The scheduler is silent" in text_of(desk(ben).get("/"))
    beat(story)
    assert "The scheduler is silent" not in text_of(desk(ben).get("/"))


def test_acknowledging_leads_back_and_keeps_the_reminder_open(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    reminder = the("referral_decision")
    response = desk(ben).post(act("reminder_acknowledge", reminder), {"next": "/?who=all"})
    assert (response.status_code, response["Location"]) == (302, "/?who=all")
    reminder.refresh_from_db()
    assert reminder.is_open
    assert reminder.acknowledged_by == "Ben"
    assert "in hand: Ben" in text_of(desk(ben).get("/"))


def test_acknowledging_in_place_answers_with_the_row_alone(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    page = text_of(desk(ben).post(act("reminder_acknowledge", the("referral_decision")), **HTMX))
    assert page.startswith('<li class="due-line"')
    assert "in hand: Ben" in page
    assert "<html" not in page


def test_nobody_is_sent_to_another_site_afterwards(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    response = desk(ben).post(
        act("reminder_acknowledge", the("referral_decision")), {"next": "https://elsewhere.example/"}
    )
    assert response["Location"] == f"/journeys/{story.journey_id}/#due"


def test_settling_needs_a_reason_and_keeps_what_was_typed(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    reminder = the("referral_decision")
    path = act("reminder_complete", reminder)
    assert desk(ben).post(path, {"reason": "  "}).status_code == 422
    long = "x" * 401
    refused = desk(ben).post(path, {"reason": long})
    assert refused.status_code == 422
    assert long in text_of(refused)
    reminder.refresh_from_db()
    assert reminder.is_open


def test_settling_by_hand_completes_with_the_reason(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    reminder = the("referral_decision")
    path = act("reminder_complete", reminder)
    assert "The reminder counts as done" in text_of(desk(ben).get(path))
    assert desk(ben).post(path, {"reason": "Decided by telephone."}).status_code == 302
    reminder.refresh_from_db()
    assert not reminder.is_open
    page = text_of(desk(ben).get(reverse("web:journey_timeline", args=[story.journey_id])))
    assert "Decided by telephone." in page


def test_a_registry_form_is_settled_by_one_press_and_the_badge_follows(
    story: Story, desk: Sit, ada: User
) -> None:
    story.in_follow_up()
    story.later(days=90)
    page = text_of(desk(ada).get("/"))
    assert 'value="Sent to the registry"' in page
    path = act("reminder_complete", the("registry_day_100"))
    answer = text_of(desk(ada).post(path, {"reason": "Sent to the registry"}, **HTMX))
    assert "is-done" in answer
    assert 'id="rail-count-today" hx-swap-oob="true"' in answer
    assert not the("registry_day_100").is_open


def test_what_somebody_else_settled_meanwhile_is_said_in_its_row(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    reminder = the("referral_decision")
    reminder_complete(reminder_id=reminder.pk, by=ben.actor, at=story.at, reason="Done.")
    row = text_of(desk(ben).post(act("reminder_acknowledge", reminder), **HTMX))
    assert "This reminder is completed already." in row
    plain = desk(ben).post(act("reminder_acknowledge", reminder))
    assert plain.status_code == 302
    assert "settled already" in text_of(desk(ben).get(act("reminder_complete", reminder)))


def test_to_an_outsider_the_reminder_does_not_exist(story: Story, desk: Sit, cleo: User) -> None:
    story.referred()
    reminder = the("referral_decision")
    for name in ("reminder_acknowledge", "reminder_complete"):
        assert desk(cleo).post(act(name, reminder), {"reason": "x"}).status_code == 404
    assert desk(cleo).get(act("reminder", reminder)).status_code == 404
    assert desk(cleo).get(reverse("web:reminder", args=[uuid4()])).status_code == 404


def test_an_auditor_can_not_acknowledge(story: Story, desk: Sit, dana: User) -> None:
    story.referred()
    assert desk(dana).post(act("reminder_acknowledge", the("referral_decision"))).status_code == 403


def told(user: User, reminder: Reminder, story: Story, role: str = "clinician") -> Delivery:
    return Delivery.objects.create(
        id=uuid4(),
        reminder=reminder,
        recipient=user,
        channel="in_app",
        role=role,
        state="sent",
        planned_at=story.at,
        next_try_at=story.at,
        meant_at=story.at,
        sent_at=story.at,
    )


def test_a_notice_leads_to_the_form_and_is_read_then(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    reminder = the("referral_decision")
    told(ben, reminder, story)
    page = text_of(desk(ben).get("/notices/"))
    assert "Decision on the referral" in page
    assert "Notices: 1 unread" in page
    response = desk(ben).get(act("reminder", reminder))
    assert response["Location"] == reverse("patients:eligibility", args=[story.journey_id])
    assert "No new notices" in text_of(desk(ben).get("/notices/"))


def test_a_notice_of_something_settled_leads_to_the_child(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    reminder = the("referral_decision")
    reminder_complete(reminder_id=reminder.pk, by=ben.actor, at=story.at, reason="Done.")
    assert desk(ben).get(act("reminder", reminder))["Location"].endswith("#due")


def test_all_notices_can_be_marked_as_read(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    told(ben, the("referral_decision"), story)
    desk(ben).post(reverse("web:notices_read"))
    assert not Delivery.objects.unread_by(ben).exists()


def test_an_administrator_who_stands_in_is_told_of_no_child(story: Story, desk: Sit, omar: User) -> None:
    story.referred()
    told(omar, the("referral_decision"), story, role="administrator")
    page = text_of(desk(omar).get("/notices/"))
    assert "Decision on the referral" in page
    assert "nobody holds the role" in page
    assert "Rossi" not in page


def test_every_form_a_reminder_leads_to_exists(story: Story, ben: User) -> None:
    story.referred()
    for form in due.FORMS.values():
        args = [story.journey_id, "visit_day_28"] if form.takes_item else [story.journey_id]
        assert reverse(form.page, args=args)


def test_the_first_acknowledgment_counts(story: Story, ben: User) -> None:
    story.referred()
    reminder = the("referral_decision")
    for name in ("Ben", "Cara"):
        reminder_acknowledge(reminder_id=reminder.pk, by=Actor("user", name, name), at=story.at)
    reminder.refresh_from_db()
    assert reminder.acknowledged_by == "Ben"
