"""What hands do in a form: choose, type, press. Fields are found by name, acts by what stands on them."""

import re
from datetime import datetime

from playwright.sync_api import Locator, Page, expect

Value = str | bool | list[str]


def local(at: datetime) -> str:
    """A time as a `datetime-local` field takes it, in the center's zone."""
    return at.strftime("%Y-%m-%dT%H:%M")


def fill(page: Page, **fields: Value) -> None:
    """Fill the fields of the main form, whatever they are made of."""
    for name, value in fields.items():
        found = page.locator(f"main [name='{name}']")
        first = found.first
        _open_what_hides(first)
        kind = first.evaluate("field => field.type || field.tagName.toLowerCase()")
        if kind in {"radio", "checkbox"}:
            for each in value if isinstance(value, list) else [value]:
                choice = first if each is True else page.locator(f"main [name='{name}'][value='{each}']")
                if not choice.is_checked():
                    choice.focus()
                    page.keyboard.press("Space")
                    expect(choice).to_be_checked()
        elif kind == "select-one":
            first.select_option(str(value))
        else:
            first.fill(str(value))


def _open_what_hides(field: Locator) -> None:
    """Unfold the part of the form that a field lies in."""
    summary = field.locator("xpath=ancestor::details[not(@open)]/summary")
    for each in summary.all():
        each.click()


def send(page: Page, label: str) -> None:
    """Press the form's button and wait for the page that follows."""
    page.locator("main").get_by_role("button", name=label, exact=True).click()
    page.wait_for_load_state()


def follow(page: Page, label: str) -> None:
    """Follow a link of the page by its words."""
    page.locator("main").get_by_role("link", name=re.compile(f"^{re.escape(label)}")).first.click()
    page.wait_for_load_state()


def told(page: Page, text: str) -> None:
    """The page says what was done."""
    expect(page.locator("[data-messages]")).to_contain_text(text)
