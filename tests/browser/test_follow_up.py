"""A coordinator works the list of overdue visits to zero, in a real browser."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect

from cartpath.reminders.enums import Cause
from cartpath.reminders.models import Reminder
from followup.models import ArrangedVisit
from tests.browser.conftest import PHONE, Open
from tests.browser.hands import fill, send, told
from tests.browser.looking import TOO_SMALL, look
from tests.factories import Story, patient_details

OVERDUE = "/follow-up/?show=overdue"


@pytest.fixture
def children(story: Story) -> Iterator[Story]:
    """Three children 41 to 43 days after the infusion, two visits overdue; the clock stands there."""
    began = story.at
    for day, name in enumerate(("Amato", "Bianchi", "Conti")):
        story.at = began + timedelta(days=day)
        story.child = patient_details(family_name=name)
        story.in_follow_up()
    story.later(days=27)
    with time_machine.travel(story.at, tick=True):
        yield story


def row_of(page: Page, name: str) -> Locator:
    """A child's row of the list, freshly opened."""
    page.goto(OVERDUE)
    return page.locator("tbody tr", has_text=name)


def press(page: Page, name: str, act: str) -> None:
    """Follow one of the acts of a child's row."""
    row_of(page, name).get_by_role("link", name=act, exact=True).click()
    page.wait_for_load_state()


def test_a_coordinator_works_the_overdue_list_to_zero(open_as: Open, children: Story) -> None:
    page = open_as(children.coordinator)
    today = children.center.local_day(children.at).isoformat()
    expect(page.locator("main")).to_contain_text("Amato")
    page.goto(OVERDUE)
    expect(page.locator("tbody tr")).to_have_count(3)

    # The first child was there: each visit recorded completes its reminder at once.
    for _visit in ("visit_day_28", "visit_month_1"):
        press(page, "Amato", "Record")
        fill(page, visited_on=today, response="CR")
        send(page, "Record visit")
        told(page, "recorded")
    amato = Reminder.objects.filter(patient__family_name="Amato")
    done = amato.filter(cause=Cause.FULFILLED, item__in=["visit_day_28", "visit_month_1"])
    assert done.count() == 2
    page.goto("/")
    expect(page.locator("main")).to_contain_text("Bianchi")
    expect(page.locator("main [data-row]", has_text="Amato")).to_have_count(0)

    # The second family is told a day for both visits.
    press(page, "Bianchi", "Arrange")
    send(page, "Arrange visit")
    told(page, "Visit arranged.")
    assert sorted(line.item for line in ArrangedVisit.objects.get().items.all()) == [
        "visit_day_28",
        "visit_month_1",
    ]

    # The third child is seen elsewhere.
    for _visit in ("visit_day_28", "visit_month_1"):
        press(page, "Conti", "Leave out")
        fill(page, reason_code="elsewhere", note="Seen at home")
        send(page, "Leave out")
        told(page, "left out")

    page.goto(OVERDUE)
    expect(page.locator("main")).to_contain_text("No visit is overdue")
    page.goto("/follow-up/?show=arranged")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("main [name=q]").fill("conti")
    page.get_by_role("button", name="Search", exact=True).last.click()
    expect(page.locator("main")).to_contain_text("Nobody found")


def test_the_list_and_the_plan_fit_every_screen(open_as: Open, children: Story) -> None:
    page = open_as(children.coordinator)
    plan = f"/journeys/{children.journey_id}/follow-up/"
    assert [
        each for path in ("/follow-up/", plan, f"{plan}visit_month_1/arrange/") for each in look(page, path)
    ] == []
    page.set_viewport_size(PHONE)
    page.goto("/follow-up/")
    assert page.evaluate(TOO_SMALL) == []
