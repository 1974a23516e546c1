"""The live calendar in a real browser: by mouse, by keyboard, by two people at once, on every screen."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect

from cartpath.accounts.enums import Role
from cartpath.accounts.models import User
from cartpath.ledger.models import Event
from leukapheresis.enums import ClosureKind, ResourceKind
from leukapheresis.models import Booking, Closure
from leukapheresis.scheduling.moving import booking_move
from leukapheresis.scheduling.times import MachineTime
from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.looking import grave, look
from tests.conftest import person
from tests.equipment import unit_of
from tests.factories import Story

DAY = "/apheresis/?day=2026-03-05"
WEEK = "/apheresis/?week=2026-W10"


@pytest.fixture
def booked(story: Story) -> Iterator[Booking]:
    """A child on Machine 1, Thursday 5 March, 08:00 to 14:00; Machine 2 is free then. The clock runs."""
    unit_of(story.center, ResourceKind.CHAIR, ResourceKind.NURSE)
    booking = story.booked()
    story.slot(machine="Machine 2", in_days=4)
    with time_machine.travel(story.at, tick=True):
        yield booking


def child(page: Page) -> Locator:
    """The child's event on its machine."""
    return page.locator(".cal-entry-booked:not(.cal-entry-part)", has_text="ROSSI, Giulia")


def drag(page: Page, what: Locator, *, right: float = 0, down: float = 0, at_end: bool = False) -> None:
    """Press, pull and let go, as a hand does."""
    box = what.bounding_box()
    assert box
    x = box["x"] + (box["width"] - 3 if at_end else box["width"] / 3)
    y = box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y + down / 2, steps=5)
    page.mouse.move(x + right, y + down, steps=5)
    page.mouse.up()


def hour_width(page: Page) -> float:
    """How wide an hour is on the day view."""
    box = page.locator(".ec-slot", has_text="09:00").bounding_box()
    assert box
    return box["width"]


def panel(page: Page) -> Locator:
    """The panel beside the calendar."""
    return page.locator("[data-calendar-panel]")


def news(page: Page) -> Locator:
    """The line above the calendar that says what happened."""
    return page.locator("[data-calendar-news]")


def starts(booking: Booking) -> str:
    """When and where a booking is now."""
    fresh = Booking.objects.select_related("slot__resource", "center").get(pk=booking.pk)
    local = fresh.slot.starts_at.astimezone(fresh.center.zone)
    ends = fresh.slot.ends_at.astimezone(fresh.center.zone)
    return f"{local:%d-%m %H:%M}–{ends:%H:%M} {fresh.slot.resource}"


def test_a_dragged_child_moves_only_after_the_cascade_was_seen_and_a_reason_given(
    open_as: Open, booked: Booking, ada: User
) -> None:
    page = open_as(ada, DAY)
    expect(child(page)).to_be_visible()
    drag(page, child(page), right=hour_width(page))
    expect(panel(page).get_by_role("heading")).to_have_text("Move ROSSI, Giulia")
    expect(panel(page).get_by_role("heading")).to_be_focused()
    expect(panel(page)).to_contain_text("09:00–15:00")
    assert starts(booked) == "05-03 08:00–14:00 Machine 1"

    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    expect(child(page)).to_contain_text("08:00–14:00")
    expect(child(page)).to_be_focused()
    assert starts(booked) == "05-03 08:00–14:00 Machine 1"

    drag(page, child(page), right=hour_width(page))
    panel(page).get_by_role("button", name="Move", exact=True).click()
    expect(panel(page).locator("[name=reason_code]")).to_be_focused()
    panel(page).locator("[name=reason_code]").select_option("family")
    panel(page).get_by_role("button", name="Move", exact=True).click()
    expect(news(page)).to_contain_text("ROSSI, Giulia moved to Thu 05-Mar, 09:00")
    expect(child(page)).to_contain_text("09:00–15:00")
    assert starts(booked) == "05-03 09:00–15:00 Machine 1"
    moved = Event.objects.get(kind="apheresis_moved")
    assert moved.data["reason_code"] == "family"


def test_an_end_is_pulled_on_the_day_view(open_as: Open, booked: Booking, ada: User) -> None:
    page = open_as(ada, DAY)
    expect(child(page)).to_be_visible()
    drag(page, child(page), right=-hour_width(page), at_end=True)
    expect(panel(page)).to_contain_text("08:00–13:00")
    # What is in the hand says where it stands now.
    expect(child(page)).to_contain_text("08:00–13:00")
    panel(page).locator("[name=reason_code]").select_option("center")
    panel(page).get_by_role("button", name="Move", exact=True).click()
    expect(news(page)).to_contain_text("ROSSI, Giulia moved to Thu 05-Mar, 08:00")
    expect(child(page)).to_contain_text("08:00–13:00")
    assert starts(booked) == "05-03 08:00–13:00 Machine 1"


def test_a_child_is_dragged_to_another_day_of_the_week_and_keeps_the_hour(
    open_as: Open, booked: Booking, ada: User
) -> None:
    page = open_as(ada, WEEK)
    box = page.locator(".ec-col-head", has_text="Fri 06-Mar").bounding_box()
    assert box
    drag(page, child(page), right=box["width"])
    expect(panel(page)).to_contain_text("Fri 06-Mar, 08:00–14:00")
    panel(page).locator("[name=reason_code]").select_option("family")
    panel(page).get_by_role("button", name="Move", exact=True).click()
    expect(panel(page)).to_be_hidden()
    assert starts(booked) == "06-03 08:00–14:00 Machine 1"


def test_everything_goes_by_keyboard_alone(open_as: Open, booked: Booking, ada: User) -> None:
    page = open_as(ada, DAY)
    expect(child(page)).to_be_visible()
    for _press in range(60):
        page.keyboard.press("Tab")
        if child(page).evaluate("each => each === document.activeElement"):
            break
    expect(child(page)).to_be_focused()

    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("heading")).to_be_focused()
    expect(panel(page)).to_contain_text("Nurse 1")
    expect(panel(page).get_by_role("link", name="Move…")).to_have_attribute(
        "href", f"/bookings/{booked.pk}/move/?day=1"
    )
    page.keyboard.press("Escape")
    expect(child(page)).to_be_focused()

    page.keyboard.press("ArrowRight")
    expect(news(page)).to_contain_text("Machine 1, Thu 05-Mar, 08:15–14:15")
    expect(child(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(news(page)).to_contain_text("Put back where it was.")
    expect(child(page)).to_be_focused()

    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    expect(news(page)).to_contain_text("Machine 2, Thu 05-Mar, 08:30–14:15")
    expect(child(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("heading")).to_be_focused()
    for _press in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "reason_code":
            break
    page.keyboard.type("Fam")
    for _press in range(5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Move":
            break
    page.keyboard.press("Enter")
    expect(news(page)).to_contain_text("moved to Thu 05-Mar, 08:30, Machine 2")
    expect(child(page)).to_be_focused()
    assert starts(booked) == "05-03 08:30–14:15 Machine 2"


def test_two_people_at_one_day_see_each_other_and_a_stale_drag_says_what_changed(
    open_as: Open, booked: Booking, story: Story, ada: User
) -> None:
    eva = person("eva@a.example", "Eva", Role.COORDINATOR, story.center)
    page = open_as(ada, DAY)
    expect(child(page)).to_be_visible()
    drag(page, child(page), right=hour_width(page))
    expect(panel(page).get_by_role("heading")).to_be_focused()

    earlier = timedelta(hours=-1)
    to = MachineTime(booked.slot.resource_id, booked.slot.starts_at + earlier, booked.slot.ends_at + earlier)
    booking_move(booking_id=booked.pk, day=1, to=to, reason_code="center", by=eva.actor, at=booked.booked_at)
    # Within five seconds she reads who it was; what she is moving stays in her hand.
    expect(news(page)).to_contain_text("Changed by Eva.", timeout=5_000)
    expect(panel(page)).to_be_visible()

    panel(page).locator("[name=reason_code]").select_option("family")
    panel(page).get_by_role("button", name="Move", exact=True).click()
    expect(panel(page)).to_contain_text("Apheresis moved by Eva")
    expect(child(page)).to_contain_text("07:00–13:00")
    assert starts(booked) == "05-03 07:00–13:00 Machine 1"
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()

    # And with nothing in hand the calendar follows by itself, without losing the keyboard's place.
    child(page).focus()
    booking_move(
        booking_id=booked.pk,
        day=1,
        to=MachineTime(booked.slot.resource_id, booked.slot.starts_at, booked.slot.ends_at),
        reason_code="center",
        by=eva.actor,
        at=booked.booked_at,
    )
    expect(child(page)).to_contain_text("08:00–14:00", timeout=5_000)
    expect(child(page)).to_be_focused()


def test_two_coordinators_in_two_browsers_see_each_others_move_within_five_seconds(
    open_as: Open, booked: Booking, story: Story, ada: User
) -> None:
    eva = person("eva@a.example", "Eva", Role.COORDINATOR, story.center)
    hers, mine = open_as(eva, DAY), open_as(ada, DAY)
    for page in (hers, mine):
        expect(child(page)).to_contain_text("08:00–14:00")
    drag(hers, child(hers), right=hour_width(hers))
    panel(hers).locator("[name=reason_code]").select_option("center")
    panel(hers).get_by_role("button", name="Move", exact=True).click()
    expect(news(hers)).to_contain_text("moved to Thu 05-Mar, 09:00")
    expect(child(mine)).to_contain_text("09:00–15:00", timeout=5_000)
    expect(news(mine)).to_contain_text("Changed by Eva.")

    # And the other way round, before either of them looked away.
    drag(mine, child(mine), right=hour_width(mine))
    panel(mine).locator("[name=reason_code]").select_option("family")
    panel(mine).get_by_role("button", name="Move", exact=True).click()
    expect(news(mine)).to_contain_text("moved to Thu 05-Mar, 10:00")
    expect(child(hers)).to_contain_text("10:00–16:00", timeout=5_000)
    assert starts(booked) == "05-03 10:00–16:00 Machine 1"


def test_a_month_moves_a_child_by_mouse_and_by_keyboard(open_as: Open, booked: Booking, ada: User) -> None:
    page = open_as(ada, "/apheresis/?month=2026-03")
    box = page.locator(".ec-col-head").first.bounding_box()
    assert box
    drag(page, child(page), right=box["width"])
    expect(panel(page)).to_contain_text("Fri 06-Mar, 08:00–14:00")
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    child(page).focus()
    page.keyboard.press("ArrowDown")
    expect(news(page)).to_contain_text("Thu 12-Mar, 08:00–14:00")
    page.keyboard.press("Enter")
    expect(panel(page)).to_contain_text("Thu 12-Mar, 08:00–14:00")
    panel(page).locator("[name=reason_code]").select_option("family")
    panel(page).get_by_role("button", name="Move", exact=True).click()
    expect(news(page)).to_contain_text("moved to Thu 12-Mar")
    assert starts(booked) == "12-03 08:00–14:00 Machine 1"


def test_without_scripts_the_calendar_is_read_filtered_and_worked_with(
    open_as: Open, booked: Booking, ada: User
) -> None:
    page = open_as(ada, WEEK, scripts=False)
    expect(page.locator("[data-calendar]")).to_be_hidden()
    expect(page.locator(".slot-booked")).to_contain_text("ROSSI, Giulia")
    page.locator("select[name=kind]").select_option("nurse")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(".cal-cell-machine")).to_have_count(2 * 7)
    expect(page.locator(".slot-booked")).to_contain_text("07:30–14:00")
    page.goto(DAY)
    page.locator(".slot-booked", has_text="ROSSI, Giulia").click()
    expect(page).to_have_url(f"/journeys/{booked.journey_id}/#apheresis")
    page.goto(f"/bookings/{booked.pk}/move/")
    page.locator("select[name=slot]").select_option(index=1)
    page.get_by_role("button", name="Show what changes").click()
    expect(page.locator("#cascade")).to_be_visible()
    page.locator("select[name=reason_code]").select_option("family")
    page.get_by_role("button", name="Move", exact=True).click()
    assert starts(booked).endswith("Machine 2")


def test_a_phone_gets_the_list_and_follows_changes_too(
    open_as: Open, booked: Booking, story: Story, dana: User
) -> None:
    page = open_as(dana, DAY, size=PHONE)
    expect(page.locator("[data-calendar]")).to_be_hidden()
    listed = page.locator(".slot-booked")
    expect(listed).to_contain_text("08:00–14:00")
    later = timedelta(hours=1)
    to = MachineTime(booked.slot.resource_id, booked.slot.starts_at + later, booked.slot.ends_at + later)
    booking_move(
        booking_id=booked.pk,
        day=1,
        to=to,
        reason_code="center",
        by=story.coordinator.actor,
        at=booked.booked_at,
    )
    expect(listed).to_contain_text("09:00–15:00", timeout=5_000)


def test_calendar_pages_fit_every_screen_and_every_person(
    open_as: Open, booked: Booking, story: Story, ada: User, omar: User
) -> None:
    Closure.objects.create(
        center=story.center,
        first_on="2026-03-07",
        last_on="2026-03-08",
        kind=ClosureKind.HOLIDAY,
        note="Patron saint",
    )
    page = open_as(ada, DAY, size=DESKTOP)
    expect(child(page)).to_be_visible()
    paths = (
        DAY,
        WEEK,
        "/apheresis/?month=2026-03",
        "/apheresis/day/2026-03-05/print/",
        "/apheresis/resources/",
        "/apheresis/closures/new/",
        "/apheresis/open-days/new/",
        "/apheresis/quotas/new/",
    )
    wrong = [each for path in paths for each in look(page, path)]
    page.set_viewport_size(DESKTOP)
    page.goto(DAY)
    child(page).click()
    expect(panel(page).get_by_role("heading")).to_be_focused()
    wrong += grave(page)
    page.keyboard.press("Escape")
    drag(page, child(page), right=hour_width(page))
    expect(panel(page)).to_contain_text("09:00–15:00")
    wrong += grave(page)
    machine = booked.slot.resource_id
    managed = (
        "/apheresis/resources/new/",
        f"/apheresis/resources/{machine}/",
        f"/apheresis/resources/{machine}/hours/",
        "/apheresis/resources/history/",
    )
    administrator = open_as(omar, "/apheresis/resources/")
    wrong += [each for path in managed for each in look(administrator, path)]
    assert wrong == []
