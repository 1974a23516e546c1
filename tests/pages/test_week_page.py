"""A person's week on one sheet."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cartpath.accounts.models import User
from cartpath.reminders.models import Reminder
from followup.arranging import Arrangement, visit_arrange
from tests.factories import Story
from tests.pages.conftest import Desk, text_of

Sit = Callable[[User], Desk]
WEEK = "/mine/week/"


def lines(desk: Desk, query: str = "") -> list[tuple[int, str, str]]:
    """What stands in the week: the day's place, the hour, the text."""
    days = desk.get(WEEK + query).context["days"]
    return [
        (place, f"{line.at.astimezone(desk.story.center.zone):%H:%M}" if line.at else "", line.text)
        for place, day in enumerate(days)
        for line in day.lines
    ]


def test_the_week_begins_on_monday_and_marks_today(story: Story, desk: Sit, ada: User) -> None:
    story.later(days=2)
    response = desk(ada).get(WEEK)
    days = response.context["days"]
    assert [day.on.isoweekday() for day in days] == [1, 2, 3, 4, 5, 6, 7]
    assert [day.is_today for day in days].index(True) == 2
    assert 'aria-current="date"' in text_of(response)


def test_collections_visits_and_duties_stand_on_their_day(story: Story, desk: Sit, ada: User) -> None:
    story.booked(story.slot(in_days=3))
    assert (3, "08:00", "Apheresis") in lines(desk(ada))
    assert "Rossi" in text_of(desk(ada).get(WEEK))


def test_a_visit_stands_on_its_due_day(story: Story, desk: Sit, ada: User) -> None:
    story.in_follow_up()
    due_on = Reminder.objects.get(item="visit_day_28").due_on
    assert due_on is not None
    assert (due_on.weekday(), "", "Day 28 visit") in lines(desk(ada), f"?on={due_on}")
    assert (due_on.weekday(), "", "Day 28 visit") not in lines(desk(ada), f"?on={due_on + timedelta(days=7)}")


def test_an_arranged_visit_stands_at_its_hour(story: Story, desk: Sit, ben: User) -> None:
    story.in_follow_up()
    on = story.at.date() + timedelta(days=1)
    visit_arrange(
        journey_id=story.journey_id,
        arrangement=Arrangement(items=("visit_day_28",), planned_on=on, starts_at="09:30"),
        by=story.coordinator.actor,
        at=story.at,
    )
    assert (on.weekday(), "09:30", "Follow-up visit, arranged") in lines(desk(ben), f"?on={on}")


def test_the_checks_of_one_child_in_a_day_are_one_line(
    story: Story, desk: Sit, ben: User, nina: User
) -> None:
    story.infused()
    reminder = Reminder.objects.filter(due_on=None, state="open").first()
    assert reminder is not None
    user = {"clinician": ben, "apheresis_nurse": nina}[reminder.role]
    found = [each for each in lines(desk(user)) if each[2] == reminder.label]
    assert len({place for place, _hour, _text in found}) == len(found)


def test_what_was_due_before_the_week_and_is_late_is_counted(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    story.later(days=21)
    response = desk(ben).get(WEEK)
    assert response.context["overdue"] == 1
    assert "1 due before this week is overdue" in text_of(response)


def test_any_day_leads_to_its_week_and_nonsense_to_this_one(story: Story, desk: Sit, ada: User) -> None:
    assert str(desk(ada).get(f"{WEEK}?on=2026-03-15").context["week"].first) == "2026-03-09"
    for nonsense in ("x", "0001-01-01", "9999-12-31", "2026-02-30"):
        assert str(desk(ada).get(f"{WEEK}?on={nonsense}").context["week"].first) == "2026-03-02"


def test_ten_children_cost_no_more_queries_than_one(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    one = desk(ben).queries(WEEK)
    for _child in range(9):
        story.referred()
    assert desk(ben).queries(WEEK) == one


def test_the_weeks_before_and_after_are_one_press_away(story: Story, desk: Sit, ada: User) -> None:
    page = text_of(desk(ada).get(WEEK))
    assert 'href="?on=2026-02-23"' in page
    assert 'href="?on=2026-03-09"' in page


def test_others_children_are_not_on_the_sheet(story: Story, desk: Sit, cleo: User, omar: User) -> None:
    story.booked(story.slot(in_days=3))
    assert lines(desk(cleo)) == []
    assert desk(omar).get(WEEK).status_code == 403


@pytest.mark.parametrize("user", ["ada", "ben", "dana"])
def test_everybody_who_sees_children_has_a_week(
    user: str, story: Story, desk: Sit, request: pytest.FixtureRequest
) -> None:
    assert desk(request.getfixturevalue(user)).get(WEEK).status_code == 200
