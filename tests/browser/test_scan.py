"""The hand scanner, the camera and the full-screen stop in a real browser; labels on every screen."""

import time_machine
from playwright.sync_api import expect

from cartpath.accounts.models import User
from manufacturing.models import ScanStop
from tests.browser.conftest import TABLET, Open
from tests.browser.looking import look
from tests.factories import Story
from tests.labels.conftest import bags, bags_added, band_printed, printed, scan_of
from tests.labels.test_scanning import another

# A browser that reads bar codes: its camera shows a picture in which it finds what `window.shown` says.
CAMERA = """() => {
  const canvas = document.createElement("canvas");
  navigator.mediaDevices.getUserMedia = async () => {
    canvas.getContext("2d").fillRect(0, 0, 10, 10);
    return canvas.captureStream();
  };
  window.BarcodeDetector = class {
    static async getSupportedFormats() { return ["code_128", "data_matrix"]; }
    async detect() { return [{ rawValue: sessionStorage.getItem("shown") }]; }
  };
}"""


def test_a_hand_scanner_works_wherever_the_focus_is_and_the_wrong_bag_fills_the_screen(
    open_as: Open, story: Story, luca: User
) -> None:
    story.released()
    bags_added(story, "A0", "B0")
    (theirs,) = bags(another(story))
    here = f"/journeys/{story.journey_id}/"
    with time_machine.travel(story.at, tick=True):
        page = open_as(luca, f"{here}scan/", size=TABLET)
        page.locator("h1").click()
        page.keyboard.type(scan_of(theirs))
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("This belongs to another child")
        expect(page.locator("#rail")).to_have_count(0)
        page.get_by_label("What did you do with it?").fill("Put aside, laboratory called.")
        page.keyboard.press("Enter")
        expect(page.locator("[data-messages]")).to_contain_text("Scan the right item.")
        expect(page.locator("[data-scan]")).to_be_focused()
        page.keyboard.type(scan_of(bags(story)[0]))
        page.keyboard.press("Enter")
        page.wait_for_url("**/custody/**")
    stop = ScanStop.objects.get()
    assert (stop.reason, stop.acknowledged_by) == ("wrong_patient", "Luca")


def test_the_camera_reads_where_the_browser_can_and_is_not_offered_elsewhere(
    open_as: Open, story: Story, luca: User
) -> None:
    story.released()
    bags_added(story, "A0")
    with time_machine.travel(story.at, tick=True):
        page = open_as(luca, "/scan/")
        page.evaluate("delete window.BarcodeDetector")
        page.context.add_init_script(f"({CAMERA})()")
        page.evaluate("code => sessionStorage.setItem('shown', code)", scan_of(bags(story)[0]))
        page.reload()
        page.get_by_role("button", name="Use the camera").click()
        page.wait_for_url("**/custody/**")
        plain = open_as(luca, "/scan/", scripts=False)
        assert not plain.get_by_role("button", name="Use the camera").is_visible()
        plain.locator("[data-scan]").fill(scan_of(bags(story)[0]))
        plain.get_by_role("button", name="Go on").click()
        plain.wait_for_url("**/custody/**")


def test_labels_and_the_scanner_fit_every_screen_and_every_person(
    open_as: Open, story: Story, luca: User, omar: User
) -> None:
    story.released()
    bags_added(story, "A0", "B0")
    printed(story, *bags(story))
    band_printed(story)
    (theirs,) = bags(another(story))
    here = f"/journeys/{story.journey_id}/"
    with time_machine.travel(story.at, tick=True):
        page = open_as(luca, f"{here}scan/")
        page.locator("[data-scan]").fill(scan_of(theirs))
        page.keyboard.press("Enter")
        page.wait_for_url("**/stops/1/")
        paths = ("labels/", "labels/print/", "labels/wristband/", "scan/", "scan/stops/1/")
        wrong = [each for path in paths for each in look(page, here + path)]
        wrong += [each for path in ("/labels/", "/scan/") for each in look(page, path)]
        wrong += look(open_as(omar, "/"), "/labels/settings/")
    assert wrong == []
