"""The calendar: its feed, its versions, moving from it, and the room of the coming weeks."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, Membership, User
from leukapheresis.enums import ClosureKind, ResourceKind
from leukapheresis.models import (
    Booking,
    CalendarChange,
    Closure,
    Quota,
)
from leukapheresis.scheduling.booking import booking_hold
from tests.equipment import unit_of
from tests.factories import Story
from tests.pages.conftest import Desk, text_of

Sit = Callable[[User], Desk]
RESOURCES = "/apheresis/resources/"


def closure(day: date, **changes: str) -> dict[str, str]:
    return {"kind": "holiday", "first_on": f"{day}", "last_on": f"{day}", "note": "Feast", **changes}


def feed_path(first: date, days: int = 7, **more: str) -> str:
    asked = "".join(f"&{name}={value}" for name, value in more.items())
    return f"/apheresis/feed/?start={first}&end={first + timedelta(days=days)}{asked}"


def monday(story: Story) -> date:
    day = story.at.astimezone(story.center.zone).date()
    return day - timedelta(days=day.weekday())


def events(desk: Desk, path: str) -> list[dict[str, Any]]:
    response: Any = desk.get(path)
    assert response.status_code == 200
    found: list[dict[str, Any]] = response.json()["events"]
    return found


def of_state(found: list[dict[str, Any]], state: str) -> list[dict[str, Any]]:
    return [event for event in found if event["extendedProps"]["state"] == state]


# --- Feed --------------------------------------------------------------------------------------------------


def test_a_booked_child_stands_on_the_machine_and_on_every_part(
    story: Story, desk: Sit, ada: User, center: Center
) -> None:
    unit_of(center, ResourceKind.CHAIR, ResourceKind.NURSE)
    booking = story.booked()
    found = of_state(events(desk(ada), feed_path(monday(story))), "booked")
    names = sorted(event["title"] for event in found)
    assert names == ["Chair 1", "Machine 1", "Nurse 1"]
    machine = next(event for event in found if event["title"] == "Machine 1")
    html = " ".join(machine["extendedProps"]["html"].split())
    for said in ("ROSSI, Giulia", "Booked", "5 y 1 m · 18.4 kg", "Nurse 1"):
        assert said in html
    assert machine["start"] == "2026-03-05T08:00:00"
    assert machine["extendedProps"]["version"] == booking.version
    assert machine["extendedProps"]["movable"]
    assert not any(event["extendedProps"]["movable"] for event in found if event is not machine)


def test_a_hold_says_until_when_and_is_free_again_afterwards(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    slot = story.slot()
    booking_hold(journey_id=story.journey_id, times=[slot.pk], minutes=60, by=ada.actor, at=story.at)
    path = feed_path(monday(story))
    (held,) = of_state(events(desk(ada), path), "held")
    until = (story.at + timedelta(minutes=60)).astimezone(story.center.zone)
    assert f"Hold until {until:%H:%M}" in held["extendedProps"]["html"]
    story.later(minutes=60)
    assert not of_state(events(desk(ada), path), "held")
    assert len(of_state(events(desk(ada), path), "free")) == 1


def test_closed_days_say_why_and_offer_no_slot(story: Story, desk: Sit, ada: User, center: Center) -> None:
    slot = story.slot()
    day = slot.starts_at.astimezone(center.zone).date()
    Closure.objects.create(
        center=center, first_on=day, last_on=day, kind=ClosureKind.HOLIDAY, note="Patron saint"
    )
    found = events(desk(ada), feed_path(monday(story)))
    assert not of_state(found, "free")
    (closed,) = of_state(found, "closed")
    assert "Closed: Public holiday · Patron saint" in closed["extendedProps"]["html"]
    page = text_of(desk(ada).get(f"/apheresis/?day={day}"))
    assert "Closed: Public holiday · Patron saint" in page


def test_filters_hide_who_it_is_but_never_that_the_time_is_taken(
    story: Story, desk: Sit, ada: User, nina: User
) -> None:
    story.booked()
    other = feed_path(monday(story), product="obecabtagene")
    (taken,) = of_state(events(desk(ada), other), "other")
    assert "ROSSI" not in str(taken)
    assert taken["extendedProps"]["panel"] == "" and not taken["extendedProps"]["movable"]
    mine = feed_path(monday(story), mine="1")
    assert of_state(events(desk(ada), mine), "booked")
    assert of_state(events(desk(nina), mine), "booked")
    stranger = User.objects.create_user("eva@a.example", "x", name="Eva")
    Membership.objects.create(user=stranger, center=story.center, role=Role.COORDINATOR)
    assert not of_state(events(desk(stranger), mine), "booked")


def test_the_feed_shows_one_kind_of_resource_when_asked(
    story: Story, desk: Sit, ada: User, center: Center
) -> None:
    unit_of(center, ResourceKind.NURSE)
    story.booked()
    response: Any = desk(ada).get(feed_path(monday(story), kind="nurse"))
    fed = response.json()
    assert {row["title"] for row in fed["rows"]} == {"Nurse 1", "Nurse 2"}
    assert {event["title"] for event in fed["events"]} == {"Nurse 1"}


def test_the_feed_costs_the_same_for_one_child_as_for_six(
    story: Story, desk: Sit, ada: User, center: Center
) -> None:
    unit_of(center, ResourceKind.NURSE, ResourceKind.CHAIR)
    path = feed_path(monday(story))
    story.booked(story.slot(machine="Machine 1", in_days=2))
    for_one = desk(ada).queries(path)
    for number in range(2, 6):
        story.booked(story.slot(machine=f"Machine {number}", in_days=number))
    assert desk(ada).queries(path) == for_one
    assert desk(ada).queries(f"{path}&view=day") == for_one


def test_the_feed_never_shows_another_center(story: Story, desk: Sit, cleo: User, omar: User) -> None:
    story.booked()
    response: Any = desk(cleo).get(feed_path(monday(story)))
    assert "ROSSI" not in response.content.decode()
    assert response.json()["rows"] == []
    assert desk(omar).get(feed_path(monday(story))).status_code == 403


@pytest.mark.parametrize(
    "query", ["", "?start=x&end=y", "?start=2026-03-02&end=2026-03-01", "?start=2026-01-01&end=2027-01-01"]
)
def test_a_feed_of_impossible_days_is_refused(query: str, story: Story, desk: Sit, ada: User) -> None:
    assert desk(ada).get(f"/apheresis/feed/?{query}").status_code == 422


def test_a_slot_that_a_moved_child_overlaps_is_not_offered(story: Story, desk: Sit, ada: User) -> None:
    booking = story.booked()
    shortened = {"ends_at": "2026-03-05T12:00:00", "reason_code": "center"}
    assert "data-panel-done" in text_of(drop(desk(ada), booking, **shortened))
    found = events(desk(ada), feed_path(monday(story)))
    assert not of_state(found, "free")
    assert [event["end"] for event in of_state(found, "booked")] == ["2026-03-05T12:00:00"]


def test_a_month_tells_collections_free_slots_and_closures(
    story: Story, desk: Sit, ada: User, center: Center
) -> None:
    booking = story.booked()
    story.slot(in_days=4)
    day = booking.slot.starts_at.astimezone(center.zone).date()
    Closure.objects.create(
        center=center, first_on=day + timedelta(days=5), last_on=day + timedelta(days=6), kind="holiday"
    )
    page = text_of(desk(ada).get("/apheresis/?month=2026-03"))
    assert "ROSSI, Giulia" in page and "1 slot free" in page and "Closed: Public holiday" in page
    found = events(desk(ada), feed_path(date(2026, 2, 23), 42, view="month"))
    assert [event["title"] for event in found if event.get("allDay")][:1] == ["1 slot free"]


# --- Changes -----------------------------------------------------------------------------------------------


def changes_path(story: Story) -> str:
    first = monday(story)
    return f"/apheresis/changes/?start={first}&end={first + timedelta(days=7)}"


def test_a_poll_answers_304_until_somebody_else_changes_the_week(
    story: Story, desk: Sit, ada: User, dana: User
) -> None:
    slot = story.slot()
    first = desk(dana).get(changes_path(story))
    tag = first["ETag"]
    again = desk(dana).get(changes_path(story), **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    story.booked(slot)
    changed: Any = desk(dana).get(changes_path(story), **{"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.json()["by"] == ["Ada"]
    own: Any = desk(ada).get(changes_path(story), **{"If-None-Match": tag})
    assert own.json()["by"] == []


def test_a_poll_costs_one_query_beyond_who_asks(story: Story, desk: Sit, ada: User) -> None:
    story.booked()
    with time_machine.travel(story.at, tick=False):
        client = Client()
        client.force_login(ada)
        tag = client.get(changes_path(story))["ETag"]
        with CaptureQueriesContext(connection) as asked:
            client.get(changes_path(story), headers={"If-None-Match": tag})
    assert sum("calendarchange" in query["sql"] for query in asked) == 1
    assert len(asked) <= 5


@pytest.mark.parametrize("act", ["block", "unblock", "closure", "cancel"])
def test_every_act_that_the_calendar_shows_gives_the_day_a_new_version(
    act: str, story: Story, desk: Sit, ada: User
) -> None:
    booking = story.booked() if act == "cancel" else None
    if booking is None:
        story.accepted()
    slot = booking.slot if booking else story.slot()
    day = slot.starts_at.astimezone(story.center.zone).date()
    if act == "unblock":
        desk(ada).post(reverse("leukapheresis:slot_block", args=[slot.pk]))
    before = CalendarChange.objects.filter(on=day).count()
    if act in ("block", "unblock"):
        desk(ada).post(reverse(f"leukapheresis:slot_{act}", args=[slot.pk]))
    elif act == "closure":
        desk(ada).post("/apheresis/closures/new/", closure(day))
    else:
        desk(ada).post(desk(ada).path("leukapheresis:booking_cancel"), {"reason_code": "family"})
    assert CalendarChange.objects.filter(on=day).count() == before + 1


def test_a_move_gives_both_days_a_new_version(story: Story, desk: Sit, ada: User) -> None:
    booking = story.booked()
    CalendarChange.objects.all().delete()
    drop(
        desk(ada),
        booking,
        starts_at="2026-03-09T09:00:00",
        ends_at="2026-03-09T14:00:00",
        reason_code="family",
    )
    assert set(CalendarChange.objects.values_list("on", flat=True)) == {date(2026, 3, 5), date(2026, 3, 9)}


def test_looking_for_news_does_not_keep_a_session_alive(story: Story, ada: User, settings: Any) -> None:
    client = Client()
    with time_machine.travel(story.at, tick=False) as clock:
        client.force_login(ada)
        client.get("/notices/")
        for _minute in range(settings.IDLE_MINUTES + 1):
            clock.shift(timedelta(minutes=1))
            client.get(changes_path(story), headers={"X-By-Itself": "1"})
        assert client.get("/notices/").status_code == 302


# --- Moving ------------------------------------------------------------------------------------------------


def drop(desk: Desk, booking: Booking, **changes: str) -> Any:
    zone = booking.center.zone
    sent = {
        "resource": str(booking.slot.resource_id),
        "starts_at": f"{booking.slot.starts_at.astimezone(zone):%Y-%m-%dT%H:%M:%S}",
        "ends_at": f"{booking.slot.ends_at.astimezone(zone):%Y-%m-%dT%H:%M:%S}",
        "version": str(booking.version),
    }
    return desk.post(reverse("leukapheresis:calendar_drop", args=[booking.pk, 1]), sent | changes)


def at_day(day: str) -> dict[str, str]:
    return {"starts_at": f"{day}T08:00:00", "ends_at": f"{day}T14:00:00"}


def without_times(response: Any) -> str:
    """The text without its <time> elements."""
    return re.sub(r"</?time[^>]*>", "", text_of(response))


def test_a_drop_shows_from_where_to_where_and_moves_only_with_a_reason(
    story: Story, desk: Sit, ada: User
) -> None:
    booking = story.booked()
    later = {"starts_at": "2026-03-06T09:15:00", "ends_at": "2026-03-06T15:15:00"}
    look = drop(desk(ada), booking, **later)
    assert look.status_code == 200
    assert "Fri 06-Mar, 09:15–15:15" in without_times(look)
    booking.refresh_from_db()
    assert booking.version == 1
    assert drop(desk(ada), booking, **later, reason_code="").status_code == 422
    done = drop(desk(ada), booking, **later, reason_code="family")
    assert done.status_code == 200 and "data-panel-done" in text_of(done)
    booking.refresh_from_db()
    assert booking.slot.starts_at == datetime(2026, 3, 6, 9, 15, tzinfo=story.center.zone)
    assert booking.version == 2


def test_a_stale_drop_is_told_what_changed(story: Story, desk: Sit, ada: User, nina: User) -> None:
    booking = story.booked()
    drop(
        desk(nina),
        booking,
        starts_at="2026-03-06T08:00:00",
        ends_at="2026-03-06T14:00:00",
        reason_code="center",
    )
    refused = drop(
        desk(ada),
        booking,
        starts_at="2026-03-07T08:00:00",
        ends_at="2026-03-07T14:00:00",
        reason_code="family",
    )
    assert refused.status_code == 422
    page = text_of(refused)
    assert "data-stale" in page
    assert "Apheresis moved by Nina" in page


def test_a_drop_on_a_taken_time_is_refused_in_words(story: Story, desk: Sit, ada: User) -> None:
    other = story.booked(story.slot(machine="Machine 2"))
    booking = story.booked()
    refused = drop(desk(ada), booking, resource=str(other.slot.resource_id), reason_code="center")
    assert refused.status_code == 422
    assert "taken" in text_of(refused)


def test_only_those_who_book_can_drop_and_outsiders_find_nothing(
    story: Story, desk: Sit, dana: User, cleo: User
) -> None:
    booking = story.booked()
    assert drop(desk(dana), booking).status_code == 403
    assert drop(desk(cleo), booking).status_code == 403
    coordinator = User.objects.create_user("jana@b.example", "x", name="Jana")
    Membership.objects.create(user=coordinator, center=cleo.memberships.get().center, role=Role.COORDINATOR)
    assert drop(desk(coordinator), booking).status_code == 404


# --- Room -------------------------------------------------------------------------------------------------


def test_the_strip_counts_what_is_free_of_what_there_is(
    story: Story, desk: Sit, ada: User, center: Center
) -> None:
    story.booked()
    story.slot(in_days=4)
    story.slot(in_days=9)
    strip = text_of(desk(ada).get("/apheresis/")).split('class="rooms"')[1].split("</nav>")[0]
    assert "<strong>1</strong> of 2" in strip
    assert "<strong>1</strong> of 1" in strip
    assert strip.count("no slots") == 6
    Quota.objects.create(center=center, per_week=1, valid_from=date(2026, 1, 1))
    strip = text_of(desk(ada).get("/apheresis/")).split('class="rooms"')[1].split("</nav>")[0]
    assert '<strong>0</strong> of 1 <span class="room-word">full</span>' in strip
    assert "by quota" in strip
