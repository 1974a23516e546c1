"""What a person's own calendar says of visits and duties: days and counts, nothing of a child."""

from datetime import date, timedelta
from typing import Any

import pytest

from cartpath.accounts.models import User
from cartpath.reminders.duties import duties_of
from cartpath.reminders.models import Reminder
from cartpath.web.calendar.feed import Duties
from followup.arranging import Arrangement, visit_arrange
from followup.inputs import VisitDetails
from followup.services import visit_record
from leukapheresis.feeds.services import feed_make
from leukapheresis.models import Resource
from tests.factories import Story
from tests.feeds.conftest import Program, program_of


def summaries(program: Program) -> dict[date, str]:
    """The all-day lines, by day."""
    events = program.everything()
    return {event.start: str(event["summary"]) for event in events if type(event.start) is date}


def line_on(program: Program, on: date) -> Any:
    (event,) = [
        each for each in program.everything() if each.start == on and "Overdue" not in each["summary"]
    ]
    return event


@pytest.fixture
def day_28(story: Story, program: Program) -> date:
    """A child is in follow-up; the day its first visit is due."""
    story.in_follow_up()
    due_on = Reminder.objects.get(item="visit_day_28").due_on
    assert due_on is not None
    return due_on


def test_a_visit_stands_on_its_due_day_as_a_count(program: Program, day_28: date) -> None:
    event = line_on(program, day_28)
    assert event["summary"] == "Follow-up visit · 1 child"
    assert event["transp"] == "TRANSPARENT"
    assert f"/mine/week/?on={day_28.isoformat()}" in event["url"]
    assert event["location"] == "Center A"


def test_several_children_on_a_day_are_one_line(story: Story, program: Program, day_28: date) -> None:
    first = story.at
    story.in_follow_up()
    Reminder.objects.filter(journey_id=story.journey_id, item="visit_day_28").update(
        due_on=day_28, first_on=day_28, last_on=day_28
    )
    story.at = first
    assert line_on(program, day_28)["summary"] == "Follow-up visit · 2 children"


def test_nothing_of_a_child_stands_there(story: Story, program: Program, day_28: date) -> None:
    text = program.get().content.decode()
    child = story.journey.patient
    for secret in (child.family_name, child.given_name, child.mrn, "leukemia", "aplasia", "Day 28 visit"):
        assert secret not in text


def test_what_is_done_is_gone_and_the_rest_of_the_day_counts_on(
    story: Story, program: Program, day_28: date
) -> None:
    uid, before = line_on(program, day_28)["uid"], line_on(program, day_28)["sequence"]
    done = story.journey_id
    story.in_follow_up()
    Reminder.objects.filter(journey_id=story.journey_id, item="visit_day_28").update(
        due_on=day_28, first_on=day_28, last_on=day_28
    )
    both = line_on(program, day_28)
    visit_record(
        journey_id=done,
        visit=VisitDetails(item="visit_day_28", visited_on=story.at.date()),
        by=story.clinician.actor,
        at=story.later(hours=1),
    )
    one = line_on(program, day_28)
    assert (both["summary"], one["summary"]) == ("Follow-up visit · 2 children", "Follow-up visit · 1 child")
    assert {both["uid"], one["uid"]} == {uid}
    assert before < both["sequence"] < one["sequence"]
    assert one["last-modified"].dt >= both["last-modified"].dt


def arrange(story: Story, on: date, starts_at: str | None) -> None:
    visit_arrange(
        journey_id=story.journey_id,
        arrangement=Arrangement(items=("visit_day_28",), planned_on=on, starts_at=starts_at),
        by=story.coordinator.actor,
        at=story.at,
    )


def test_an_arranged_visit_stands_at_its_hour_and_no_longer_on_the_day_of_the_plan(
    story: Story, program: Program, day_28: date
) -> None:
    arrange(story, day_28 + timedelta(days=1), "09:30")
    (visit,) = [event for event in program.everything() if "arranged" in event["summary"]]
    assert visit["summary"] == "Follow-up visit, arranged"
    assert visit["dtstart"].params["TZID"] == "Europe/Rome"
    assert (visit.start.date(), f"{visit.start:%H:%M}") == (day_28 + timedelta(days=1), "09:30")
    assert day_28 not in summaries(program)


def test_a_visit_arranged_for_a_day_without_an_hour_takes_the_whole_day(
    story: Story, program: Program, day_28: date
) -> None:
    arrange(story, day_28, None)
    assert line_on(program, day_28)["summary"] == "Follow-up visit, arranged"
    assert summaries(program)[day_28] == "Follow-up visit, arranged"


def test_what_is_overdue_is_one_line_of_today(story: Story, program: Program) -> None:
    made = feed_make(user=story.clinician, name="phone", at=story.at)
    his = Program(story, made)
    story.referred()
    assert not [text for text in summaries(his).values() if "Overdue" in text]
    story.later(days=21)
    today = story.at.date()
    assert summaries(his)[today] == "Overdue · 1 child"
    first = {event["uid"]: event["sequence"] for event in his.everything() if "Overdue" in event["summary"]}
    story.later(days=1)
    later = {event["uid"]: event["sequence"] for event in his.everything() if "Overdue" in event["summary"]}
    assert first.keys() == later.keys()
    assert list(later.values()) > list(first.values())


def test_each_person_reads_what_waits_for_their_own_roles(story: Story, day_28: date, nina: User) -> None:
    hers = Program(story, feed_make(user=nina, name="phone", at=story.at))
    assert day_28 not in summaries(hers)


def test_another_center_reads_nothing(story: Story, day_28: date, cleo: User) -> None:
    theirs = Program(story, feed_make(user=cleo, name="phone", at=story.at))
    assert theirs.everything() == []


def test_the_calendar_of_a_resource_has_no_duties(story: Story, day_28: date) -> None:
    machine, _made = Resource.objects.get_or_create(center=story.center, name="Machine 1")
    wall = program_of(story, machine)
    assert not [event for event in wall.everything() if "visit" in event["summary"]]


def test_the_same_duties_give_the_same_bytes_and_a_change_another_etag(
    story: Story, program: Program, day_28: date
) -> None:
    first, again = program.get(), program.get()
    assert (first.content, first["ETag"]) == (again.content, again["ETag"])
    assert program.get(if_none_match=first["ETag"]).status_code == 304
    visit_record(
        journey_id=story.journey_id,
        visit=VisitDetails(item="visit_day_28", visited_on=story.at.date()),
        by=story.clinician.actor,
        at=story.later(hours=1),
    )
    assert program.get()["ETag"] != first["ETag"]


def test_what_lies_beyond_the_window_is_left_out(story: Story, program: Program, day_28: date) -> None:
    last = max(summaries(program))
    assert last <= story.at.date() + timedelta(days=18 * 31)


def test_the_duties_cost_the_same_number_of_queries_however_many_there_are(
    story: Story, day_28: date, django_assert_num_queries: Any
) -> None:
    story.in_follow_up()
    user = User.objects.get(pk=story.coordinator.pk)
    with django_assert_num_queries(7):
        told = Duties().read(user, at=story.at)
    assert len(told) > 5


def test_an_item_counted_in_hours_stands_in_no_calendar(story: Story, nina: User, ben: User) -> None:
    story.infused()
    first, last = story.at.date(), story.at.date() + timedelta(days=10)
    hourly = Reminder.objects.filter(due_on=None, state="open").count()
    assert hourly > 0
    counted = sum(day.tasks for user in (nina, ben) for day in duties_of(user, first, last))
    dated = Reminder.objects.filter(
        state="open", due_on__range=(first, last), role__in=["clinician", "apheresis_nurse"]
    )
    assert counted == dated.count()
