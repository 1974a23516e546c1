"""What the Today page, the rail and the status document read."""

from datetime import UTC, date, timedelta
from typing import Any

import pytest

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Forbidden, NotFound
from cartpath.reminders.enums import Timing
from cartpath.reminders.models import Reminder
from cartpath.reminders.selectors import (
    Counts,
    Today,
    next_due_and_overdue,
    notices_for,
    reminder_for,
    reminders_of,
    today_counts,
    today_for,
    unread_count,
)
from patients.referrals import referral_decline
from tests.factories import Story
from tests.reminders.conftest import Clock, Refer

pytestmark = pytest.mark.django_db


def shown(today: Today) -> dict[str, list[str]]:
    """The items of each group, child by child."""
    return {
        group: [line.reminder.item for child in getattr(today, group) for line in child.lines]
        for group in ("overdue", "due", "upcoming")
    }


def test_every_open_reminder_is_upcoming_due_or_overdue_at_any_moment(story: Story) -> None:
    story.in_follow_up()
    for days in (0, 20, 29, 60, 400, 6000):
        at = story.at + timedelta(days=days)
        groups = [set(Reminder.objects.timed(timing, at)) for timing in Timing]
        assert set.union(*groups) == set(Reminder.objects.open())
        assert sum(map(len, groups)) == Reminder.objects.open().count()
        assert all(
            row.timing(at) == timing for timing, group in zip(Timing, groups, strict=True) for row in group
        )


def test_a_window_is_half_open(refer: Refer) -> None:
    reminder = refer()
    moment = timedelta(microseconds=1)
    assert reminder.timing(reminder.opens_at - moment) == Timing.UPCOMING
    assert reminder.timing(reminder.opens_at) == Timing.DUE
    assert reminder.timing(reminder.closes_at - moment) == Timing.DUE
    assert reminder.timing(reminder.closes_at) == Timing.OVERDUE


def test_today_shows_what_is_mine_and_nothing_else(
    story: Story, ada: User, ben: User, dana: User, cleo: User
) -> None:
    story.infused()
    at = story.later(hours=12)
    assert shown(today_for(ben, at=at, zone=story.center.zone))["due"] == ["toxicity_assessment"]
    for other in (ada, dana, cleo):
        assert shown(today_for(other, at=at, zone=story.center.zone))["due"] == []


def test_what_was_missed_of_a_series_is_one_line_with_a_number(story: Story, ben: User) -> None:
    story.infused()
    at = story.later(hours=49)
    today = today_for(ben, at=at, zone=story.center.zone)
    (child,) = today.overdue
    (line,) = child.lines
    assert (line.reminder.occurrence, line.missed) == (4, 3)
    assert today.counts == today_counts(ben, at=at) == Counts(overdue=1, due=0)
    assert "toxicity_assessment" not in shown(today)["upcoming"]


def test_the_next_of_a_series_is_shown_while_none_has_opened(story: Story, ben: User) -> None:
    story.infused()
    today = today_for(ben, at=story.later(hours=1), zone=story.center.zone)
    assert shown(today)["upcoming"] == ["toxicity_assessment"]
    (line,) = today.upcoming[0].lines
    assert (line.reminder.occurrence, line.missed) == (1, 0)


def test_harm_comes_first_and_a_child_stays_together(story: Story, ben: User) -> None:
    story.infused()
    other = Story(
        center=story.center,
        coordinator=story.coordinator,
        clinician=ben,
        second=story.second,
        nurse=story.nurse,
        lab=story.lab,
        at=story.at - timedelta(days=6),
    )
    other.referred()
    at = story.later(hours=12)
    today = today_for(ben, at=at, zone=story.center.zone)
    assert [child.journey.pk for child in today.due] == [story.journey_id, other.journey_id]


def test_seven_days_ahead_are_local_days(story: Story, ada: User) -> None:
    story.in_follow_up()
    visit = Reminder.objects.get(item="visit_day_28", state="open")
    assert visit.first_on is not None
    zone = story.center.zone
    for days_before, expected in ((8, []), (7, ["visit_day_28"])):
        at = visit.opens_at - timedelta(days=days_before) + timedelta(hours=23)
        upcoming = shown(today_for(ada, at=at, zone=zone))["upcoming"]
        assert [item for item in upcoming if item == "visit_day_28"] == expected


def test_today_costs_the_same_for_one_child_and_for_many(
    refer: Refer, ben: User, clock: Clock, django_assert_num_queries: Any
) -> None:
    ben.roles_by_center  # noqa: B018  (read once per request)
    for count in (1, 9):
        for _ in range(count):
            refer()
        with django_assert_num_queries(1):
            today = today_for(ben, at=clock.at, zone=UTC)
            assert {child.patient.family_name for child in today.due} == {"Rossi"}
        with django_assert_num_queries(1):
            today_counts(ben, at=clock.at)
    assert today.counts == today_counts(ben, at=clock.at) == Counts(overdue=0, due=10)
    assert today_counts(ben, at=clock.at, center_id=0).waiting == 0


def test_the_outlook_of_a_journey_in_follow_up(story: Story, django_assert_num_queries: Any) -> None:
    story.infused()
    infused_on = story.at.astimezone(story.center.zone).date()
    at = story.at + timedelta(days=41)
    with django_assert_num_queries(1):
        outlook = next_due_and_overdue([story.journey_id], at=at)[story.journey_id]
    next_due = outlook.next_due
    assert next_due is not None
    assert next_due.item == "visit_month_2"
    assert isinstance(next_due.due, date)
    assert (next_due.due - infused_on).days in (59, 60, 61, 62)
    assert next_due.facts() == {
        "item": "visit_month_2",
        "due": next_due.due.isoformat(),
        "window": [
            (next_due.due - timedelta(days=7)).isoformat(),
            (next_due.due + timedelta(days=7)).isoformat(),
        ],
    }
    assert outlook.overdue == Reminder.objects.overdue(at).filter(journey_id=story.journey_id).count() > 0


def test_an_item_counted_in_hours_is_due_at_a_time(story: Story) -> None:
    story.infused()
    next_due = next_due_and_overdue([story.journey_id], at=story.at)[story.journey_id].next_due
    assert next_due is not None
    assert next_due.item == "check_vitals_first"
    assert next_due.facts()["due"] == (story.at.astimezone(UTC) + timedelta(hours=4)).isoformat()


def test_a_closed_journey_has_an_empty_outlook(refer: Refer, ben: User, clock: Clock) -> None:
    journey_id = refer().journey_id
    referral_decline(journey_id=journey_id, reason="Too ill.", by=ben.actor, at=clock.at)
    outlook = next_due_and_overdue([journey_id], at=clock.later(days=90))[journey_id]
    assert (outlook.next_due, outlook.overdue) == (None, 0)


def test_a_reminder_is_reached_only_from_its_own_center(
    refer: Refer, ben: User, dana: User, cleo: User
) -> None:
    reminder = refer()
    assert reminder_for(ben, reminder.pk, Permission.WORK_REMINDERS) == reminder
    assert reminder_for(dana, reminder.pk) == reminder
    with pytest.raises(Forbidden):
        reminder_for(dana, reminder.pk, Permission.WORK_REMINDERS)
    with pytest.raises(NotFound):
        reminder_for(cleo, reminder.pk)


def test_a_notice_disappears_when_the_thing_is_done_or_the_person_leaves(
    refer: Refer, clock: Clock, ben: User
) -> None:
    refer()
    clock.run()
    assert unread_count(ben) == 1
    assert [notice.reminder.patient.family_name for notice in notices_for(ben)] == ["Rossi"]
    ben.memberships.all().delete()
    assert unread_count(User.objects.get(pk=ben.pk)) == 0


def test_all_reminders_of_a_journey_come_in_the_order_of_their_dates(story: Story) -> None:
    story.in_follow_up()
    rows = list(reminders_of(story.journey_id))
    assert [row.due_at for row in rows] == sorted(row.due_at for row in rows)
    assert {row.state for row in rows} == {"open", "completed", "canceled"}
