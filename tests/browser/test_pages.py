"""Every main page at a desk, on a tablet and on a phone: nothing sticks out, nothing is unreadable."""

from collections.abc import Iterator

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from cartpath.accounts.models import User
from cartpath.reminders.engine import run
from cartpath.reminders.models import Reminder
from tests.browser.conftest import DESKTOP, PHONE, TABLET, Open
from tests.factories import Story, patient_details
from toxicity.grading.crs import CrsInput

SIZES = (DESKTOP, TABLET, PHONE)
GRAVE = {"serious", "critical"}
LONG = patient_details(
    family_name="Acquaviva Santacroce di Roccaforte", given_name="Massimiliano Alessandro Bartolomeo"
)
STICKS_OUT = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return "";
  const all = [...document.body.querySelectorAll("*")];
  const wide = all.filter((each) => each.getBoundingClientRect().right > room);
  return wide.slice(0, 5).map((each) => `${each.tagName}.${each.className}`).join(" ");
}"""
TOO_SMALL = """() => {
  const touched = "main a.button, main button, main select, main textarea, main input:not([type=hidden])";
  const height = (each) => (each.closest("label") ?? each).getBoundingClientRect().height;
  const small = [...document.querySelectorAll(touched)].filter((each) => height(each) && height(each) < 43.5);
  return small.map((each) => each.outerHTML.slice(0, 80));
}"""


@pytest.fixture
def children(story: Story) -> Iterator[dict[str, str]]:
    """Children in four stages, by the stage's name; the clock of the server stands where the story ends."""
    addresses = {}
    story.in_follow_up()
    addresses["follow_up"] = f"/journeys/{story.journey_id}/"
    story.infused()
    story.assessed(crs=CrsInput(temperature_c=38.6, hypotension=False))
    addresses["infused"] = f"/journeys/{story.journey_id}/"
    story.accepted()
    addresses["accepted"] = f"/journeys/{story.journey_id}/"
    story.referred(patient=LONG, disease_status=None, cd19_status=None, cd19_tested_on=None)
    addresses["referred"] = f"/journeys/{story.journey_id}/"
    story.later(days=1)
    with time_machine.travel(story.at, tick=True):
        run(now=lambda: story.at, seconds=60)
        yield addresses


def look(page: Page, path: str) -> list[str]:
    """What is wrong with one page in any size."""
    page.goto(path)
    wrong = []
    for size in SIZES:
        page.set_viewport_size(size)
        found = [f"sticks out: {page.evaluate(STICKS_OUT)}"] if page.evaluate(STICKS_OUT) else []
        wrong += [f"{path} at {size['width']}: {each}" for each in [*found, *grave(page)]]
    return wrong


def grave(page: Page) -> list[str]:
    """What stops people who see, hear or move otherwise."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]} {each['nodes'][0].get('failureSummary', '')[:200]}"
        for each in found
        if each["impact"] in GRAVE
    ]


def test_lists_fit_every_screen_and_every_person(
    open_as: Open, children: dict[str, str], ada: User, omar: User
) -> None:
    page = open_as(ada)
    lists = ("/?who=all", "/board/", "/board/follow_up/", "/notices/", "/protocols/")
    wrong = [each for path in lists for each in look(page, path)]
    page.fill("[data-search]", "acquaviva")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Massimiliano")
    assert wrong + look(page, "/search/") + look(open_as(omar), "/") == []


def test_a_childs_pages_fit_every_screen_every_person_and_every_finger(
    open_as: Open, children: dict[str, str], ben: User
) -> None:
    page = open_as(ben)
    paths = [*children.values(), f"{children['infused']}timeline/", f"{children['accepted']}ledger/"]
    assert [each for path in paths for each in look(page, path)] == []
    page.set_viewport_size(PHONE)
    for path in ("/", children["infused"], f"{children['infused']}measurements/new/"):
        page.goto(path)
        assert page.evaluate(TOO_SMALL) == [], path


def test_forms_and_documents_fit_every_screen_and_every_person(
    open_as: Open, children: dict[str, str], ada: User, ben: User
) -> None:
    page = open_as(ben)
    reminder = Reminder.objects.get(journey__stage="referred", item="referral_decision")
    paths = (
        f"{children['referred']}eligibility/",
        f"{children['referred']}eligibility/E1/",
        f"{children['referred']}accept/",
        f"{children['infused']}measurements/new/",
        f"/reminders/{reminder.pk}/complete/",
        "/protocols/tisagenlecleucel-eu/1/",
    )
    wrong = [each for path in paths for each in look(page, path)]
    assert wrong + look(open_as(ada), "/referrals/new/") == []


def test_a_keyboard_is_enough(open_as: Open, story: Story, ada: User) -> None:
    page = open_as(ada, "/board/")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("a/b")
    expect(page.locator("[data-search]")).to_have_value("a/b")

    page.goto("/board/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()

    page.goto("/referrals/new/")
    page.fill("[name=mrn]", "M-1")
    page.keyboard.press("Enter")
    expect(page.locator("[name=family_name]")).to_be_focused()
    expect(page.locator("[name=mrn]")).to_have_value("M-1")
    page.keyboard.press("Escape")
    expect(page).to_have_url("/board/")
