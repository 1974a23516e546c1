"""The quality page in a real browser: on every screen, for every person, and without a mouse."""

import re
from collections.abc import Iterator

import pytest
import time_machine
from playwright.sync_api import expect

from cartpath.accounts.models import User
from tests.browser.conftest import PHONE, Open
from tests.browser.looking import TOO_SMALL, look
from tests.collected import collected_day, collected_days, completed, months_before
from tests.factories import Story

PAGE = "/apheresis/quality/"


@pytest.fixture
def unit(story: Story) -> Iterator[Story]:
    """A unit with a year of collections, one of them far off, some unknown; the clock stands at its end."""
    journey = story.accepted()
    for months in range(12):
        for number in range(2):
            day = collected_day(journey, months_before(story.at, months))
            completed(day, accepted=None if months == 4 else (months, number) != (2, 0))
    collected_days(journey, story.at, [1100, 1300, None, 1200] * 6 + [300], device="Amicus", weight_kg=9)
    with time_machine.travel(story.at, tick=True):
        yield story


def test_charts_fit_every_screen_every_person_and_every_finger(
    open_as: Open, unit: Story, dana: User
) -> None:
    page = open_as(dana)
    asked = ("", "?measure=cd3_per_kg&band=below-10", "?measure=failure", "?measure=adverse", "?device=none")
    assert [each for query in asked for each in look(page, PAGE + query)] == []
    page.set_viewport_size(PHONE)
    page.goto(PAGE)
    assert page.evaluate(TOO_SMALL) == []


def test_a_chart_is_read_and_narrowed_with_the_keyboard_alone(open_as: Open, unit: Story, dana: User) -> None:
    page = open_as(dana, PAGE)
    page.locator("#qc-period").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip the chart")
    expect(skip).to_be_focused()
    page.keyboard.press("Tab")
    first = page.locator(".qc-point").first
    expect(first).to_be_focused()
    ring = first.locator(".qc-hit").evaluate("(each) => getComputedStyle(each).strokeWidth")
    assert ring == "2.5px"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/journeys/{unit.journey_id}/#apheresis$"))
    page.go_back()
    page.get_by_role("link", name="Failed collections").press("Enter")
    expect(page).to_have_url(re.compile(r"/quality/\?measure=failure$"))
    page.locator(".qc-point").last.press("Enter")
    expect(page.locator("#month-2026-03")).to_be_in_viewport()


def test_a_choice_of_weight_has_its_own_address(open_as: Open, unit: Story, dana: User) -> None:
    page = open_as(dana, PAGE)
    page.select_option("#qc-band", "below-10")
    expect(page.locator(".page-head")).to_contain_text("below 10 kg")
    expect(page).to_have_url(re.compile("measure=ce2&band=below-10&device=&period=12$"))
    expect(page.locator(".qc-point.qc-beyond")).to_have_count(1)
    page.get_by_role("link", name="10 to below 25 kg").click()
    expect(page.locator(".page-head")).to_contain_text("10 to below 25 kg")
    page.go_back()
    expect(page.locator(".page-head")).to_contain_text("below 10 kg")
