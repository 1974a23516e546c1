"""A calendar address from its making to its end, in a browser; no page of it stands in anybody's way."""

import re

import pytest
from playwright.sync_api import ViewportSize, expect

from leukapheresis.models import Resource
from tests.browser.conftest import DESKTOP, PHONE, TABLET, Open
from tests.browser.looking import grave
from tests.factories import Story


@pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE], ids=["desktop", "tablet", "phone"])
def test_an_address_is_made_shown_once_and_revoked(open_as: Open, story: Story, size: ViewportSize) -> None:
    machine = Resource.objects.create(center=story.center, name="Machine 1")
    page = open_as(story.coordinator, "/mine/", size=size)
    page.get_by_role("link", name="Make an address").click()
    page.get_by_label("Where you will use it").fill("my phone")
    assert grave(page) == []
    page.keyboard.press("Enter")
    address = page.get_by_label("Address")
    expect(address).to_have_value(re.compile(r"^http://localhost:8000/feeds/[\w-]{43}\.ics$"))
    assert grave(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_role("row", name="my phone")).to_be_visible()
    assert grave(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="Revoke my phone").click()
    expect(page.get_by_text("Address revoked: my phone.")).to_be_visible()
    page.goto(f"/apheresis/resources/{machine.pk}/addresses/")
    page.get_by_label("Where you will use it").fill("the wall")
    assert grave(page) == []
    page.get_by_role("button", name="Make an address").click()
    expect(page.get_by_label("Address")).to_be_visible()
