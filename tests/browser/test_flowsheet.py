"""The bedside on a phone and a tablet: few presses, a lost net, a slow one, and every person."""

from datetime import date

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect

from cartpath.accounts.enums import Role
from cartpath.accounts.models import User
from tests.browser.conftest import PHONE, TABLET, Open
from tests.browser.looking import look
from tests.conftest import person
from tests.factories import Story, patient_details
from toxicity.models import ObservationSet

MOST_ACTIONS = 12
# A slow third-generation network: the latency in ms, the rates in bytes a second.
SLOW_NET = {"offline": False, "latency": 300, "downloadThroughput": 200_000, "uploadThroughput": 90_000}


class Thumb:
    """One thumb. A press is an action and so is a number typed, however many digits it has."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions = 0

    def press(self, what: Locator) -> None:
        """Press what is there."""
        what.click()
        self.actions += 1

    def choose(self, name: str, value: str) -> None:
        """Press one of the large buttons."""
        self.press(self.page.locator(f"label:has([name='{name}'][value='{value}'])"))

    def number(self, digits: str) -> None:
        """Type where the page has led."""
        self.page.keyboard.type(digits)
        self.actions += 1


@pytest.fixture
def rosa(story: Story) -> User:
    """Ward nurse, center A."""
    return person("rosa@a.example", "Rosa", Role.WARD_NURSE, story.center)


def at_the_bedside(story: Story) -> str:
    story.infused()
    story.later(hours=12)
    return f"/journeys/{story.journey_id}/"


def a_round(page: Page) -> Thumb:
    """A complete set of vital signs, from the flowsheet to the press on Save."""
    thumb = Thumb(page)
    thumb.press(page.get_by_role("link", name="Record observations"))
    page.wait_for_load_state()
    thumb.press(page.locator("[name=temperature_c]"))
    for digits in ("38.6", "132", "28", "97", "101", "58"):
        thumb.number(digits)
    thumb.choose("oxygen_device", "none")
    thumb.choose("vasopressors", "none")
    thumb.press(page.get_by_role("button", name="Save"))
    return thumb


@pytest.mark.parametrize("size", [PHONE, TABLET])
def test_a_complete_vital_set_takes_one_thumb_and_twelve_actions(
    size: dict[str, int], open_as: Open, story: Story, rosa: User
) -> None:
    here = at_the_bedside(story)
    with time_machine.travel(story.at, tick=True):
        page = open_as(rosa, f"{here}flowsheet/", size=size)
        thumb = a_round(page)
        expect(page.locator("[data-messages]")).to_contain_text("Observations saved.")
        expect(page.locator(".sheet")).to_contain_text("38.6")
    assert thumb.actions <= MOST_ACTIONS
    made = ObservationSet.objects.get()
    assert made.completes_vitals
    values = {row.code: row.value and float(row.value) for row in made.observations.all()}
    assert (values["temperature_c"], values["diastolic"]) == (38.6, 58)
    assert made.assessment is not None and made.assessment.crs_grade == 1


def test_a_neurological_check_takes_twelve_actions(open_as: Open, story: Story, rosa: User) -> None:
    story.child = patient_details(birth_date=date(2012, 1, 1))
    here = at_the_bedside(story)
    with time_machine.travel(story.at, tick=True):
        page = open_as(rosa, f"{here}observations/new/#neuro", size=PHONE)
        thumb = Thumb(page)
        thumb.choose("consciousness", "spontaneous")
        for item, points in (
            ("orientation", 4),
            ("naming", 3),
            ("command", 1),
            ("writing", 1),
            ("attention", 1),
        ):
            thumb.choose(f"ice_{item}", str(points))
        thumb.choose("seizure", "none")
        thumb.choose("motor_weakness", "no")
        thumb.choose("raised_icp", "none")
        thumb.choose("handwriting", "unchanged")
        thumb.press(page.get_by_role("button", name="Save"))
        expect(page.locator("[data-messages]")).to_contain_text("Observations saved.")
    assert thumb.actions <= MOST_ACTIONS
    assert ObservationSet.objects.get().completes_neuro


def test_an_entry_survives_a_lost_net_and_is_sent_once(open_as: Open, story: Story, rosa: User) -> None:
    here = at_the_bedside(story)
    with time_machine.travel(story.at, tick=True):
        page = open_as(rosa, f"{here}observations/new/", size=PHONE)
        page.locator("[name=temperature_c]").fill("385")
        page.locator("[name=heart_rate]").click()
        expect(page.locator("[data-impossible]:visible")).to_have_text("Possible is 25 to 45 °C.")
        page.locator("[name=temperature_c]").fill("38.5")
        page.locator("[name=heart_rate]").click()
        expect(page.locator("#grades")).to_contain_text("CRS")
        page.wait_for_load_state("networkidle")
        page.context.set_offline(True)
        page.get_by_role("button", name="Save").click()
        expect(page.locator("[data-connection]")).to_be_visible()
        expect(page.locator("[name=temperature_c]")).to_have_value("38.5")
        page.context.set_offline(False)
        page.reload()
        expect(page.locator("[data-kept]")).to_be_visible()
        expect(page.locator("[name=temperature_c]")).to_have_value("38.5")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("[data-messages]")).to_contain_text("Observations saved.")
        page.goto(f"{here}observations/new/")
        expect(page.locator("[name=temperature_c]")).to_have_value("")
        assert page.evaluate("Object.keys(sessionStorage)") == []
    assert ObservationSet.objects.count() == 1


def test_a_round_works_over_a_slow_net(open_as: Open, story: Story, rosa: User) -> None:
    here = at_the_bedside(story)
    with time_machine.travel(story.at, tick=True):
        page = open_as(rosa, f"{here}flowsheet/", size=PHONE)
        net = page.context.new_cdp_session(page)
        net.send("Network.enable")
        net.send("Network.emulateNetworkConditions", SLOW_NET)
        a_round(page)
        expect(page.locator("[data-messages]")).to_contain_text("Observations saved.")
    assert ObservationSet.objects.count() == 1


def test_the_bedside_fits_every_screen_and_every_person(open_as: Open, story: Story, rosa: User) -> None:
    here = at_the_bedside(story)
    with time_machine.travel(story.at, tick=True):
        page = open_as(rosa, f"{here}flowsheet/", size=PHONE)
        a_round(page)
        expect(page.locator(".sheet")).to_contain_text("38.6")
        made = ObservationSet.objects.get().pk
        paths = (
            "flowsheet/",
            "observations/new/",
            *(f"observations/{made}/{act}" for act in ("", "correct/", "strike/")),
        )
        assert [each for path in paths for each in look(page, here + path)] == []
