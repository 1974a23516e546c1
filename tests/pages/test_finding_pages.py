"""Finding a date, holding it, deciding on parts: as coordinators use the pages."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from cartpath.accounts.models import User
from leukapheresis.enums import BookingState, ResourceKind
from leukapheresis.models import (
    Booking,
    FamilyAway,
    Preparation,
    Resource,
)
from tests.booking import prepared
from tests.equipment import unit_of
from tests.factories import Story
from tests.pages.conftest import Desk, text_of
from tests.pages.scheduled import booked, held, offered, treated
from tests.stages.test_finding import machine

Sit = Callable[[User], Desk]
FIND = "leukapheresis:find"
WAITING = "/apheresis/waiting/"


def test_the_earliest_dates_come_by_week_with_their_parts(story: Story, desk: Sit, ada: User) -> None:
    unit_of(story.center, ResourceKind.CHAIR, ResourceKind.NURSE)
    story.accepted()
    story.slot(in_days=3)
    story.slot(in_days=8)
    page = text_of(desk(ada).get(desk(ada).path(FIND)))
    assert page.index("Week 10, from 02-Mar") < page.index("Thursday") < page.index("Week 11, from 09-Mar")
    assert "Chair 1" in page and "Nurse 1" in page
    assert "Lymphocytes, CD3+ cells and blasts are unknown" in page
    assert len(offered(page)) == len(offered(page, "hold")) == 2


def test_dates_that_are_rejected_say_why_with_rule_and_source(story: Story, desk: Sit, ada: User) -> None:
    machine(story.center)
    story.accepted()
    treated(story, "Vincristine", date(2026, 3, 1))
    page = text_of(desk(ada).get(desk(ada).path(FIND)))
    assert "Why not earlier" in page
    assert "No machine has a free slot or working hours that day." in page
    assert "Washout open: Vincristine until 16-Mar-2026 00:00." in page
    assert "washout_cytotoxic" in page and "ASH publications" in page
    assert "Dates before the end of the washout" in page


def test_what_hangs_on_the_machine_says_so_and_asks_for_no_decision(
    story: Story, desk: Sit, ada: User
) -> None:
    unit_of(story.center, ResourceKind.RED_CELL_PRIME)
    story.accepted()
    story.measured(weight_kg=40, height_cm=150)
    prepared(story)
    for days, name, volume in ((4, "Machine 1", 100), (5, "Machine 2", 900)):
        slot = story.slot(in_days=days, machine=name)
        Resource.objects.filter(pk=slot.resource_id).update(extracorporeal_volume_ml=volume)
    page = text_of(desk(ada).get(desk(ada).path(FIND)))
    assert "Depends on the machine" in page
    assert "Machine 1: Not needed; Machine 2: Needed" in page
    assert "To be decided first" not in page


def test_many_dates_stay_short_and_the_rest_is_folded(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    for days in (3, 10, 17):
        for name in ("Machine 1", "Machine 2"):
            story.slot(in_days=days, machine=name)
    page = text_of(desk(ada).get(desk(ada).path(FIND)))
    assert page.count("1 more time") == 3
    assert page.count('<details class="disclosure find-week">') == 1
    assert page.count("button-primary") == 1


def test_a_child_that_waits_is_not_asked_to_join_again(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    join = desk(ada).path("leukapheresis:waiting_join")
    assert join in text_of(desk(ada).get(desk(ada).path(FIND)))
    typed = {"priority": "1", "priority_reason": "Blasts double", "from_on": "2026-03-04", "until_on": ""}
    assert desk(ada).post(join, typed).status_code == 302
    page = text_of(desk(ada).get(desk(ada).path(FIND)))
    assert "Place 1; no slot is offered now." in page and "Blasts double" in page
    assert join not in page


def test_several_days_in_a_row_are_one_offer_and_one_hold(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    for days in (3, 4, 9):
        story.slot(in_days=days)
    path = f"{desk(ada).path(FIND)}?days=2"
    (value,) = offered(text_of(desk(ada).get(path)), "hold")
    response = desk(ada).post(path, {"hold": value, "minutes": "30"})
    assert (response.status_code, response["Location"]) == (302, desk(ada).path(FIND))
    booking = Booking.objects.get(journey_id=story.journey_id)
    assert (booking.state, booking.days.count()) == (BookingState.HELD, 2)
    assert booking.hold_expires_at == story.at + timedelta(minutes=30)


def test_a_machine_without_slots_is_offered_in_its_hours_and_booked(
    story: Story, desk: Sit, ada: User
) -> None:
    machine(story.center)
    story.accepted()
    path = f"{desk(ada).path(FIND)}?from_on=2026-03-04&minutes=240"
    first = offered(text_of(desk(ada).get(path)))[0]
    assert desk(ada).post(path, {"book": first}).status_code == 302
    slot = Booking.objects.get(journey_id=story.journey_id).slot
    assert slot.starts_at == datetime(2026, 3, 4, 8, tzinfo=story.center.zone)
    assert slot.ends_at - slot.starts_at == timedelta(hours=4)


def test_a_hold_shows_until_when_and_is_confirmed(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    hold = held(story)
    path = desk(ada).path(FIND)
    page = text_of(desk(ada).get(path))
    assert "data-countdown" in page and hold.hold_expires_at is not None
    assert f"{hold.hold_expires_at.astimezone(story.center.zone):%H:%M}" in page
    # What follows is told before anything is sure: the product five weeks on, the visits of fifteen years.
    assert "Infusion, at the earliest" in page and "Year 15 visit" in page
    assert desk(ada).post(path, {"confirm": str(hold.pk), "version": "1"}).status_code == 302
    hold.refresh_from_db()
    assert hold.state == BookingState.BOOKED


def test_a_hold_is_released_and_can_be_taken_again(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    hold = held(story)
    path = desk(ada).path(FIND)
    assert desk(ada).post(path, {"release": str(hold.pk), "version": "1"}).status_code == 302
    assert offered(text_of(desk(ada).get(path)), "hold") == [str(hold.slot_id)]


def test_confirming_after_the_end_fails_in_words(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    hold = held(story, minutes=30)
    story.later(hours=1)
    response = desk(ada).post(desk(ada).path(FIND), {"confirm": str(hold.pk), "version": "1"})
    assert response.status_code == 422
    assert "The hold has ended" in text_of(response)
    assert Booking.objects.get(pk=hold.pk).state != BookingState.BOOKED


def test_a_hold_of_another_child_can_not_be_confirmed_here(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    foreign = held(story)
    story.accepted()
    assert desk(ada).post(desk(ada).path(FIND), {"confirm": str(foreign.pk)}).status_code == 404


def test_unknown_parts_are_said_and_decided_with_a_reason(story: Story, desk: Sit, ada: User) -> None:
    unit_of(story.center)
    story.accepted()
    story.slot(in_days=4)
    path = desk(ada).path(FIND)
    page = text_of(desk(ada).get(path))
    assert "undecided, free" in page
    assert "Anesthesia for the sedation: unknown, because sedation isn" in page
    assert page.index("To be decided first") < page.index("Earliest dates")
    (value,) = offered(page)
    refused = desk(ada).post(path, {"book": value})
    assert refused.status_code == 422
    assert "Decide first, with a reason." in text_of(refused)
    typed = {
        f"{name}_{part}": word
        for part in ("anesthesia", "line_placement", "picu_bed")
        for name, word in (("part", "leave"), ("why", "Line in place, awake"))
    }
    half = desk(ada).post(path, typed | {"book": value, "why_anesthesia": ""})
    assert (half.status_code, Booking.objects.count()) == (422, 0)
    assert 'value="Line in place, awake"' in text_of(half)
    assert desk(ada).post(path, typed | {"book": value}).status_code == 302
    bundle = {part["part"]: part["state"] for part in Booking.objects.get().bundle}
    assert (bundle["anesthesia"], bundle["nurse"]) == ("left_out", "claimed")


def test_looking_again_with_a_decision_changes_what_is_offered(story: Story, desk: Sit, ada: User) -> None:
    unit_of(story.center, ResourceKind.RED_CELL_PRIME)
    story.accepted()
    prepared(story)
    story.slot(in_days=2)
    path = desk(ada).path(FIND)
    page = text_of(desk(ada).get(path))
    assert offered(page) == []
    assert "must be ordered 72 h ahead" in page and "bundle_prime_weight" in page
    typed = {"part_red_cell_prime": "leave", "why_red_cell_prime": "In stock", "look": "1"}
    looked = desk(ada).post(path, typed)
    assert looked.status_code == 200
    assert len(offered(text_of(looked))) == 1
    assert 'value="In stock"' in text_of(looked)


def test_the_parts_of_a_booking_are_changed_with_a_reason(story: Story, desk: Sit, ada: User) -> None:
    unit_of(story.center, ResourceKind.ANESTHESIA)
    story.accepted()
    prepared(story)
    booking = booked(story, 3)
    path = desk(ada).path(FIND)
    typed = {"decide": str(booking.pk), "version": "1", "part_anesthesia": "take"}
    assert desk(ada).post(path, typed).status_code == 422
    assert desk(ada).post(path, typed | {"why_anesthesia": "Very anxious"}).status_code == 302
    assert booking.allocations.filter(kind="anesthesia", is_live=True).exists()
    stale = desk(ada).post(path, typed | {"why_anesthesia": "Very anxious"})
    assert stale.status_code == 422
    assert "This booking changed since you opened it" in text_of(stale)


@pytest.mark.parametrize("value", ["nonsense", "a@b-c", f"{date(2026, 3, 4)}", "", "1,2"])
def test_what_no_button_sends_is_refused(value: str, story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    response = desk(ada).post(desk(ada).path(FIND), {"book": value})
    assert response.status_code == 422
    assert "Choose a date of the list." in text_of(response)


@pytest.mark.parametrize(
    "query", ["days=99", "days=x", "from_on=2026-02-30", "from_on=1999-01-01", "minutes=7"]
)
def test_an_impossible_search_looks_as_if_nothing_was_typed(
    query: str, story: Story, desk: Sit, ada: User
) -> None:
    story.accepted()
    story.slot(in_days=3)
    assert len(offered(text_of(desk(ada).get(f"{desk(ada).path(FIND)}?{query}")))) == 1


def test_the_page_costs_the_same_for_one_slot_as_for_twelve(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    story.slot(in_days=3)
    path = desk(ada).path(FIND)
    for_one = desk(ada).queries(path)
    for days in range(4, 15):
        story.slot(in_days=days)
    assert desk(ada).queries(path) == for_one


def test_access_and_sedation_are_recorded_and_shown(story: Story, desk: Sit, ada: User) -> None:
    story.accepted()
    path = desk(ada).path("leukapheresis:preparation")
    response = desk(ada).post(path, {"vascular_access": "central_needed", "sedation": "yes", "note": ""})
    assert (response.status_code, response["Location"]) == (302, desk(ada).path(FIND))
    assert Preparation.objects.get().sedation == "yes"
    assert "Central line to be placed" in text_of(desk(ada).get(desk(ada).path(FIND)))
    assert desk(ada).post(path, {"vascular_access": "magic"}).status_code == 422


def test_days_away_are_recorded_counted_and_taken_back(story: Story, desk: Sit, ada: User) -> None:
    machine(story.center)
    story.accepted()
    path = desk(ada).path("leukapheresis:family_away")
    wrong = desk(ada).post(path, {"first_on": "2026-03-05", "last_on": "2026-03-04", "note": "Sea"})
    assert wrong.status_code == 422 and 'value="Sea"' in text_of(wrong)
    right = {"first_on": "2026-03-03", "last_on": "2026-03-04", "note": "Sea"}
    assert desk(ada).post(path, right).status_code == 302
    page = text_of(desk(ada).get(desk(ada).path(FIND)))
    assert "The family is away from 03-Mar-2026 to 04-Mar-2026 (Sea)." in page
    away = FamilyAway.objects.get()
    back = desk(ada).path("leukapheresis:family_back", away.pk)
    assert desk(ada).post(back, {}).status_code == 422
    assert desk(ada).post(back, {"reason": "Trip canceled"}).status_code == 302
    assert "The family is away" not in text_of(desk(ada).get(desk(ada).path(FIND)))
    assert desk(ada).get(back).status_code == 409
