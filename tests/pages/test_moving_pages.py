"""Moving a booking, adding and releasing its days: as coordinators use the pages."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from cartpath.accounts.models import User
from cartpath.ledger.models import Event
from leukapheresis.enums import ResourceKind
from leukapheresis.models import (
    Booking,
    BookingDay,
    Resource,
)
from tests.booking import prepared
from tests.equipment import unit_of
from tests.factories import Story
from tests.pages.conftest import Desk, text_of, typed_time
from tests.pages.scheduled import booked, treated

Sit = Callable[[User], Desk]
FIND = "leukapheresis:find"
WAITING = "/apheresis/waiting/"


def moved(booking: Booking) -> str:
    return reverse("leukapheresis:booking_move", args=[booking.pk])


def test_a_move_shows_the_cascade_first_and_moves_on_the_second_press(
    story: Story, desk: Sit, ada: User
) -> None:
    story.accepted()
    booking = booked(story, 3)
    other = story.slot(in_days=10)
    path = moved(booking)
    page = text_of(desk(ada).post(path, {"slot": str(other.pk), "day": "1"}))
    assert "What the move changes" in page
    assert "Product received at the center." in page and "Month 12 visit." in page
    assert "another week of the quota" in page
    booking.refresh_from_db()
    assert booking.slot_id != other.pk
    confirm = {"slot": str(other.pk), "day": "1", "version": "1", "confirm": "1"}
    without = desk(ada).post(path, confirm)
    assert without.status_code == 422 and "What the move changes" in text_of(without)
    assert desk(ada).post(path, confirm | {"reason_code": "family"}).status_code == 302
    booking.refresh_from_db()
    assert (booking.slot_id, booking.version) == (other.pk, 2)
    event = Event.objects.of(story.journey_id).get(kind="apheresis_moved")
    assert event.data["reason_code"] == "family"
    assert {"follow_up", "infusion", "quota"} <= {effect["kind"] for effect in event.data["cascade"]}


def test_a_stale_move_says_what_changed(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    booking = booked(story, 3)
    first, second = story.slot(in_days=5), story.slot(in_days=6)
    typed = {"day": "1", "version": "1", "confirm": "1", "reason_code": "center"}
    assert desk(ada).post(moved(booking), typed | {"slot": str(first.pk)}).status_code == 302
    stale = desk(ada).post(moved(booking), typed | {"slot": str(second.pk)})
    assert stale.status_code == 422
    assert "This booking changed since you opened it: Apheresis moved by Ada" in text_of(stale)


def test_a_move_into_a_washout_needs_a_reason(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    treated(story, "Vincristine", date(2026, 2, 22))
    booking = booked(story, 10)
    early = story.slot(in_days=3)
    typed = {"slot": str(early.pk), "day": "1"}
    page = text_of(desk(ada).post(moved(booking), typed))
    assert "Washout open: Vincristine" in page and 'name="override_reason"' in page
    confirm = typed | {"version": "1", "confirm": "1", "reason_code": "clinical"}
    assert desk(ada).post(moved(booking), confirm).status_code == 422
    assert desk(ada).post(moved(booking), confirm | {"override_reason": "Progress"}).status_code == 302


def test_a_machines_own_time_can_be_chosen(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    booking = booked(story, 3)
    optia = Resource.objects.get(name="Machine 1")
    starts = (story.at + timedelta(days=6)).replace(hour=9, minute=0)
    typed = {
        "resource": str(optia.pk),
        "starts_at": typed_time(starts),
        "ends_at": typed_time(starts + timedelta(hours=5)),
        "day": "1",
    }
    assert "What the move changes" in text_of(desk(ada).post(moved(booking), typed))
    confirm = typed | {"version": "1", "confirm": "1", "reason_code": "center"}
    assert desk(ada).post(moved(booking), confirm).status_code == 302
    booking.refresh_from_db()
    assert booking.slot.starts_at == starts
    wrong = desk(ada).post(moved(booking), typed | {"ends_at": typed["starts_at"]})
    assert wrong.status_code == 422 and "The end must lie after the start." in text_of(wrong)
    assert desk(ada).post(moved(booking), {"day": "1"}).status_code == 422


def test_days_are_added_and_released(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    booking = booked(story, 3)
    more = story.slot(in_days=4)
    add = reverse("leukapheresis:booking_day_add", args=[booking.pk])
    assert desk(ada).get(add).status_code == 200
    typed = {"slot": str(more.pk), "version": "1", "reason_code": "cells"}
    assert desk(ada).post(add, typed | {"reason_code": ""}).status_code == 422
    assert desk(ada).post(add, typed).status_code == 302
    assert BookingDay.objects.filter(booking=booking, state="planned").count() == 2
    release = reverse("leukapheresis:booking_day_release", args=[booking.pk])
    assert "Day released" not in text_of(desk(ada).get(f"{release}?day=2"))
    done = desk(ada).post(f"{release}?day=2", {"version": "2", "reason_code": "cells"})
    assert done.status_code == 302
    assert BookingDay.objects.filter(booking=booking, state="planned").count() == 1
    last = desk(ada).post(release, {"version": "3", "reason_code": "cells"})
    assert last.status_code == 422 and "only day" in text_of(last)


def preview(person: Desk, booking: Booking, typed: dict[str, Any], **headers: str) -> Any:
    return person.post(reverse("leukapheresis:booking_preview", args=[booking.pk]), typed, **headers)


def test_the_calendar_reads_a_preview_as_json_and_as_a_fragment(story: Story, desk: Sit, ada: User) -> None:
    unit_of(story.center, ResourceKind.NURSE)
    story.accepted()
    booking = booked(story, 3)
    optia = Resource.objects.get(name="Machine 1")
    starts = (story.at + timedelta(days=6)).replace(hour=9, minute=0)
    typed = {
        "day": "1",
        "resource": str(optia.pk),
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=5)).isoformat(),
        "version": "1",
    }
    told = preview(desk(ada), booking, typed).json()
    assert (told["version"], told["blocked"], told["needs_override"]) == (1, False, False)
    infusion = next(effect for effect in told["effects"] if effect["kind"] == "infusion")
    assert (infusion["before"], infusion["after"]) == ("2026-04-14", "2026-04-17")
    assert infusion["rules"] == ["window_after_lymphodepletion"] and infusion["sources"]
    fragment = text_of(preview(desk(ada), booking, typed, **{"HX-Request": "true"}))
    assert "Infusion, at the earliest" in fragment and "<html" not in fragment
    wrong = preview(desk(ada), booking, typed | {"ends_at": typed["starts_at"]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_input")
    assert preview(desk(ada), booking, typed | {"day": "7"}).status_code == 404


def test_a_preview_names_the_part_that_is_taken_and_blocks(story: Story, desk: Sit, ada: User) -> None:
    unit_of(story.center, ResourceKind.ANESTHESIA)
    story.accepted()
    prepared(story, "central_present", "yes")
    booked(story, 5)
    taken = Booking.objects.get().slot
    story.accepted()
    prepared(story, "central_present", "yes")
    own = booked(story, 9)
    slot = story.slot(in_days=5, machine="Machine 2")
    assert slot.starts_at.date() == taken.starts_at.date()
    told = preview(desk(ada), own, {"day": "1", "slot": str(slot.pk)}).json()
    assert told["blocked"] is True
    assert told["effects"][0]["sentence"] == "Anesthesia: taken (Anesthesia)."
    assert told["effects"][0]["rules"] == ["bundle_sedation_anesthesia"]


def test_an_outsider_can_neither_look_nor_move(story: Story, desk: Sit, cleo: User, dana: User) -> None:
    story.accepted()
    booking = booked(story, 3)
    for path in (moved(booking), reverse("leukapheresis:booking_day_add", args=[booking.pk])):
        assert desk(cleo).get(path).status_code == 404
        assert desk(dana).get(path).status_code == 403
    assert preview(desk(cleo), booking, {"day": "1"}).status_code == 404
