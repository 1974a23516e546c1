"""Two people, one tablet, two bags, and a net that drops in between: nothing is lost and nothing doubled."""

from datetime import timedelta

import time_machine
from playwright.sync_api import Locator, Page, expect

from cartpath.ledger.models import Event
from infusion.models import BagInfusion, IdentityCheck, InfusionReaction
from manufacturing.models import CustodyItem
from tests.browser.conftest import PHONE, TABLET, Open
from tests.browser.looking import STICKS_OUT, look
from tests.factories import PASSWORD, Story
from tests.infusing import at_bedside, code, scan_of, thawed
from toxicity.models import ObservationSet

AT = "bedside/"
# The request reaches the server and its answer gets lost on the way back.
LOSE_ONE_ANSWER = """() => {
  const real = window.fetch;
  window.fetch = async (...asked) => {
    window.fetch = real;
    window.lost = (await real(...asked)).status;
    throw new TypeError("lost");
  };
}"""


def check(page: Page, story: Story, item: CustodyItem) -> None:
    """Nina scans wristband and bag as a scanner does, with Enter; Ben signs with his own password."""
    page.locator("[name=wristband]").fill(story.journey.patient.mrn)
    page.keyboard.press("Enter")
    expect(page.locator("[name=bag]")).to_be_focused()
    page.keyboard.type(code(item))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Match")
    page.locator("[name=second]").fill(story.clinician.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign").click()
    expect(bag(page, item)).to_have_attribute("data-bag", "checked")


def bag(page: Page, item: CustodyItem) -> Locator:
    return page.locator(f"#bag-{item.number}")


def press(page: Page, item: CustodyItem, label: str) -> None:
    bag(page, item).get_by_role("button", name=label, exact=True).click()


def waiting(page: Page) -> Locator:
    return page.locator("[data-queue-list] li")


def kinds(story: Story) -> dict[str, int]:
    found: dict[str, int] = {}
    for kind in Event.objects.of(story.journey_id).values_list("kind", flat=True):
        found[kind] = found.get(kind, 0) + 1
    return found


def test_two_people_give_two_bags_while_the_net_drops(open_as: Open, story: Story) -> None:
    one, two = at_bedside(story)
    with time_machine.travel(story.at, tick=True):
        page = open_as(story.nurse, f"/journeys/{story.journey_id}/{AT}", size=TABLET)
        check(page, story, one)
        check(page, story, two)
        press(page, one, "Thaw starts")
        expect(bag(page, one)).to_have_attribute("data-bag", "thawed")
        expect(waiting(page)).to_have_count(0)
        expect(bag(page, one).locator("[data-left]")).to_contain_text(":")
        press(page, one, "Infusion starts")
        expect(waiting(page)).to_have_count(0)

        page.wait_for_load_state("networkidle")
        page.context.set_offline(True)
        bag(page, one).locator("[name=volume_ml]").fill("20")
        bag(page, one).get_by_text("Whole bag", exact=True).click()
        press(page, one, "Bag ended")
        press(page, two, "Thaw starts")
        press(page, two, "Infusion starts")
        page.locator("[name=heart_rate]").fill("104")
        page.get_by_role("button", name="Save vital signs").click()
        expect(waiting(page)).to_have_count(4)
        expect(bag(page, two)).to_have_attribute("data-bag", "running")
        kept = page.evaluate("JSON.stringify(localStorage)")
        patient = story.journey.patient
        assert patient.family_name not in kept
        assert patient.given_name not in kept
        assert patient.mrn not in kept
        assert BagInfusion.objects.get(item=one).ended_at is None

        page.context.set_offline(False)
        expect(waiting(page)).to_have_count(0)
        expect(bag(page, one)).to_have_attribute("data-bag", "given")
        expect(bag(page, two)).to_have_attribute("data-bag", "running")
        press(page, two, "Bag ended")
        expect(bag(page, two)).to_have_attribute("data-bag", "given")
        expect(waiting(page)).to_have_count(0)
    told = kinds(story)
    assert {
        kind: told[kind]
        for kind in (
            *("identity_verified", "thaw_started", "infused", "bag_infusion_started"),
            *("bag_infusion_ended", "observations_recorded"),
        )
    } == {
        "identity_verified": 2,
        "thaw_started": 2,
        "infused": 1,
        "bag_infusion_started": 2,
        "bag_infusion_ended": 2,
        "observations_recorded": 1,
    }
    assert BagInfusion.objects.get(item=one).volume_ml == 20
    first, second = BagInfusion.objects.order_by("started_at")
    assert first.ended_at
    assert second.started_at
    assert first.ended_at <= second.started_at
    assert IdentityCheck.objects.count() == 2
    assert ObservationSet.objects.count() == 1


def test_an_answer_that_never_came_back_does_not_double_the_entry(open_as: Open, story: Story) -> None:
    one, _two = at_bedside(story)
    thawed(story, one)
    with time_machine.travel(story.at + timedelta(minutes=1), tick=True):
        page = open_as(story.nurse, f"/journeys/{story.journey_id}/{AT}", size=PHONE)
        page.evaluate(LOSE_ONE_ANSWER)
        press(page, one, "Infusion starts")
        expect(waiting(page)).to_have_count(0, timeout=30_000)
        expect(bag(page, one)).to_have_attribute("data-bag", "running")
        assert page.evaluate("window.lost") == 200
    assert kinds(story)["bag_infusion_started"] == 1
    assert kinds(story)["infused"] == 1


def test_what_the_server_refuses_is_shown_and_stays_until_somebody_discards_it(
    open_as: Open, story: Story
) -> None:
    one, _two = at_bedside(story)
    thawed(story, one)
    with time_machine.travel(story.at + timedelta(minutes=1), tick=True):
        here = f"/journeys/{story.journey_id}/{AT}"
        first, second = (open_as(story.nurse, here, size=TABLET), open_as(story.clinician, here, size=PHONE))
        press(first, one, "Infusion starts")
        expect(waiting(first)).to_have_count(0)
        press(second, one, "Infusion starts")
        expect(waiting(second)).to_contain_text("The start of this bag is already recorded.")
        second.reload()
        waiting(second).get_by_role("button", name="Discard").click()
        expect(waiting(second)).to_have_count(0)
        expect(bag(second, one)).to_have_attribute("data-bag", "running")
    assert kinds(story)["bag_infusion_started"] == 1
    assert not InfusionReaction.objects.exists()


def test_the_bedside_fits_every_screen_and_the_match_as_well(open_as: Open, story: Story) -> None:
    one, two = at_bedside(story)
    thawed(story, one)
    with time_machine.travel(story.at, tick=True):
        page = open_as(story.nurse)
        assert look(page, f"/journeys/{story.journey_id}/{AT}") == []
        page.set_viewport_size(PHONE)
        page.goto(f"/journeys/{story.journey_id}/{AT}")
        scan = scan_of(story, two)
        page.locator("[name=wristband]").fill(scan.wristband)
        page.locator("[name=bag]").fill(scan.bag)
        page.get_by_role("button", name="Compare").click()
        expect(page.locator("h1")).to_have_text("Match")
        page.wait_for_load_state("networkidle")
        assert page.evaluate(STICKS_OUT) == ""
