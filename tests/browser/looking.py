"""Looking at a page as everybody sees it: at a desk, on a tablet, on a phone, and with other senses."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, TABLET

SIZES = (DESKTOP, TABLET, PHONE)
# Only what is grave comes back from the browser: the whole answer is long.
GRAVE = """async (rules) => {
  const found = await axe.run(document, { resultTypes: ["violations"], preload: false, rules });
  const grave = found.violations.filter((each) => ["serious", "critical"].includes(each.impact));
  const said = ({ html, failureSummary }) => `${html.slice(0, 160)} ${(failureSummary ?? "").slice(0, 200)}`;
  return grave.map((each) => `${each.id}: ${said(each.nodes[0])}`);
}"""
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


def look(page: Page, path: str) -> list[str]:
    """What is wrong with one page in any size."""
    page.goto(path)
    wrong = []
    for size in SIZES:
        page.set_viewport_size(size)
        found = [f"sticks out: {page.evaluate(STICKS_OUT)}"] if page.evaluate(STICKS_OUT) else []
        # The tablet shows what the desktop shows, and the phone shows it in the same colors.
        found += [] if size is TABLET else grave(page, colors=size is DESKTOP)
        wrong += [f"{path} at {size['width']}: {each}" for each in found]
    return wrong


def wrong_on(page: Page, *paths: str) -> list[str]:
    """What is wrong on pages of which each is there."""
    wrong = []
    for path in paths:
        wrong += look(page, path)
        answer = page.request.get(path)
        wrong += [] if answer.status == 200 else [f"{path}: {answer.status}"]
    return wrong


def grave(page: Page, *, colors: bool = True) -> list[str]:
    """What stops people who see, hear or move otherwise; without `colors` the contrast isn't measured."""
    page.evaluate(AXE_SCRIPT)
    rules = {} if colors else {"color-contrast": {"enabled": False}}
    return [str(each) for each in page.evaluate(GRAVE, rules)]
