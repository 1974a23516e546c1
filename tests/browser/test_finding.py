"""Finding, holding, confirming, moving and splitting a collection: by mouse alone and by keyboard alone."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect

from cartpath.accounts.models import User
from leukapheresis.enums import BookingState, ResourceKind
from leukapheresis.models import Booking
from leukapheresis.scheduling.booking import booking_create, booking_hold
from tests.booking import prepared
from tests.browser.conftest import Open
from tests.browser.hands import told
from tests.browser.looking import grave, look
from tests.equipment import unit_of
from tests.factories import Story


@pytest.fixture
def child(story: Story) -> Iterator[Story]:
    """An accepted child whose access and sedation are known, free slots on four days. The clock runs."""
    unit_of(story.center, ResourceKind.CHAIR, ResourceKind.NURSE)
    story.accepted()
    prepared(story)
    for days in (4, 5, 8, 9):
        story.slot(in_days=days)
    with time_machine.travel(story.at, tick=True):
        yield story


def find(story: Story) -> str:
    return f"/journeys/{story.journey_id}/apheresis/find/"


def days_of(story: Story) -> list[str]:
    """The planned days of the child's booking."""
    booking = Booking.objects.get(journey_id=story.journey_id)
    days = booking.days.filter(state="planned").select_related("slot").order_by("slot__starts_at")
    return [f"{day.slot.starts_at:%d}" for day in days]


class Mouse:
    """Everything by pressing what is seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, what: Locator) -> None:
        what.first.click()
        self.page.wait_for_load_state()

    def choose(self, name: str, words: str) -> None:
        self.page.locator(f"main select[name={name}]").select_option(label=words)


class Keys(Mouse):
    """Everything by Tab, Enter and letters."""

    def reach(self, what: Locator) -> None:
        """Go on with Tab until it has the focus."""
        for _step in range(160):
            if what.first.evaluate("each => each === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {what}")

    def press(self, what: Locator) -> None:
        self.reach(what)
        self.page.keyboard.press("Enter")
        self.page.wait_for_load_state()

    def choose(self, name: str, words: str) -> None:
        field = self.page.locator(f"main select[name={name}]")
        self.reach(field)
        for _option in range(40):
            shown = field.evaluate("each => each.options[each.selectedIndex].text")
            if shown == words:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{words} can't be chosen")


def option(page: Page, name: str, part: str) -> str:
    """The whole words of the first option that holds some words."""
    found = page.locator(f"main select[name={name}] option", has_text=part).first.text_content()
    assert found
    return found.strip()


@pytest.mark.parametrize("hands", [Mouse, Keys])
def test_a_coordinator_finds_holds_confirms_moves_and_splits(
    hands: type[Mouse], open_as: Open, child: Story, ada: User
) -> None:
    page = open_as(ada, find(child))
    act = hands(page)

    # Found and held: the countdown runs.
    act.press(page.locator(".find-week button[name=hold]"))
    told(page, "Held")
    expect(page.locator("[data-countdown]")).to_contain_text(re.compile(r"1:5\d:\d\d left"))
    assert Booking.objects.get().state == BookingState.HELD

    # Confirmed.
    act.press(page.locator("button[name=confirm]"))
    told(page, "Apheresis booked.")
    assert days_of(child) == ["06"]

    # Moved: first what changes, then the move with its reason.
    page.goto(find(child))
    act.press(page.locator(".held-days a", has_text="Move"))
    act.choose("slot", option(page, "slot", "10-Mar"))
    act.press(page.get_by_role("button", name="Show what changes"))
    expect(page.locator("#cascade")).to_contain_text("Infusion, at the earliest")
    act.choose("reason_code", "Family's request")
    act.press(page.get_by_role("button", name="Move", exact=True))
    told(page, "The collection was moved.")
    assert days_of(child) == ["10"]

    # Split over two days.
    page.goto(find(child))
    act.press(page.get_by_role("link", name="Add a day"))
    act.choose("slot", option(page, "slot", "11-Mar"))
    act.choose("reason_code", "Cells collected so far")
    act.press(page.get_by_role("button", name="Add the day"))
    told(page, "Day added.")
    assert days_of(child) == ["10", "11"]

    # One day is given back; the other stays.
    page.goto(find(child))
    act.press(page.locator(".held-days a", has_text="Release").last)
    act.choose("reason_code", "Cells collected so far")
    act.press(page.get_by_role("button", name="Release the day"))
    told(page, "Day released.")
    assert days_of(child) == ["10"]


def test_unknown_parts_are_decided_where_they_are_asked(open_as: Open, story: Story, ada: User) -> None:
    unit_of(story.center)
    story.accepted()
    story.slot(in_days=4)
    with time_machine.travel(story.at, tick=True):
        page = open_as(ada, find(story))
        # What is unknown comes first and stands open; Enter in a reason looks again and books nothing.
        for part in ("line_placement", "anesthesia"):
            page.locator(f"[name=part_{part}]").select_option("leave")
            page.fill(f"[name=why_{part}]", "Line in place, awake")
        page.keyboard.press("Enter")
        page.wait_for_load_state()
        expect(page.locator("[name=why_anesthesia]")).to_have_value("Line in place, awake")
        assert not Booking.objects.exists()
        page.locator("button[name=book]").first.click()
        told(page, "Apheresis booked.")
    bundle = {part["part"]: part["reason"] for part in Booking.objects.get().bundle}
    assert bundle["anesthesia"] == "Line in place, awake"


def test_a_hold_whose_time_is_over_says_so_and_leads_on(open_as: Open, child: Story, ada: User) -> None:
    hold = booking_hold(
        journey_id=child.journey_id,
        times=[child.slot(in_days=12).pk],
        minutes=5,
        by=ada.actor,
        at=child.at,
    )
    assert hold.hold_expires_at
    with time_machine.travel(hold.hold_expires_at - timedelta(seconds=3), tick=True):
        page = open_as(ada, find(child))
        expect(page.locator("[data-countdown]")).to_have_text("Its time is over")
        expect(page.locator("button[name=confirm]")).to_be_disabled()
        page.get_by_role("link", name="Look for a date again").click()
        expect(page.get_by_role("heading", name="Find a date for the collection")).to_be_visible()


def test_pages_of_scheduling_fit_every_screen_and_every_person(
    open_as: Open, child: Story, ada: User
) -> None:
    page = open_as(ada)
    journey = f"/journeys/{child.journey_id}/apheresis"
    paths = [find(child), f"{journey}/preparation/", f"{journey}/away/", f"{journey}/waiting/"]
    wrong = [each for path in paths for each in look(page, path)]
    by = {"by": ada.actor, "at": child.at}
    hold = booking_hold(journey_id=child.journey_id, times=[child.slot(in_days=12).pk], **by)
    wrong += look(page, find(child))
    child.accepted()
    prepared(child)
    slots = [child.slot(in_days=days).pk for days in (14, 15)]
    booking = booking_create(journey_id=child.journey_id, times=slots, by=ada.actor, at=child.at)
    for path in (f"/bookings/{booking.pk}/move/", f"/bookings/{hold.pk}/add/", "/apheresis/waiting/"):
        wrong += look(page, path)
    page.goto(f"/bookings/{booking.pk}/move/")
    page.locator("select[name=slot]").select_option(index=1)
    page.get_by_role("button", name="Show what changes").click()
    expect(page.locator("#cascade")).to_be_visible()
    assert wrong + grave(page) == []
