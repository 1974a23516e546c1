"""Making, showing once and revoking an address; choosing which e-mails come."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from cartpath.accounts.models import User
from cartpath.reminders.choices import mail_choice
from leukapheresis.models import CalendarFeed, Resource
from tests.factories import Story

SignedIn = Callable[[User], Client]


@pytest.fixture
def machine(story: Story) -> Resource:
    return Resource.objects.create(center=story.center, name="Machine 1")


def address_in(page: str) -> str:
    found = re.search(r'value="(http://localhost:8000/feeds/[^"]+)"', page)
    assert found
    return found[1]


def test_an_address_is_shown_once_and_works(story: Story, signed_in: SignedIn) -> None:
    browser = signed_in(story.coordinator)
    made = browser.post("/mine/addresses/new/", {"name": "my phone"})
    assert made.status_code == 201
    assert "no-store" in made["Cache-Control"]
    address = address_in(made.content.decode())
    assert Client().get(address.removeprefix("http://localhost:8000")).status_code == 200
    listed = browser.get("/mine/").content.decode()
    assert "my phone" in listed
    assert "/feeds/" not in listed


def test_an_address_needs_a_name(story: Story, signed_in: SignedIn) -> None:
    answer = signed_in(story.coordinator).post("/mine/addresses/new/", {"name": " "})
    assert answer.status_code == 422
    assert not CalendarFeed.objects.exists()


def test_a_person_revokes_an_address_on_their_own_page(story: Story, signed_in: SignedIn) -> None:
    browser = signed_in(story.coordinator)
    browser.post("/mine/addresses/new/", {"name": "my phone"})
    feed = CalendarFeed.objects.get()
    assert browser.get(f"/mine/addresses/{feed.pk}/revoke/").status_code == 405
    answer = browser.post(f"/mine/addresses/{feed.pk}/revoke/", follow=True)
    assert answer.redirect_chain == [("/mine/", 302)]
    assert "Address revoked: my phone." in answer.content.decode()
    feed.refresh_from_db()
    assert feed.revoked_at is not None


def test_nobody_revokes_the_address_of_somebody_else(story: Story, signed_in: SignedIn) -> None:
    signed_in(story.coordinator).post("/mine/addresses/new/", {"name": "my phone"})
    feed = CalendarFeed.objects.get()
    assert signed_in(story.clinician).post(f"/mine/addresses/{feed.pk}/revoke/").status_code == 404


def test_a_resource_has_a_page_of_its_addresses(
    story: Story, machine: Resource, signed_in: SignedIn, omar: User
) -> None:
    path = f"/apheresis/resources/{machine.pk}/addresses/"
    made = signed_in(story.nurse).post(path, {"name": "the wall of room 3"})
    assert made.status_code == 201
    assert Client().get(address_in(made.content.decode()).partition("8000")[2]).status_code == 200
    seen = {
        user.name: "the wall of room 3" in signed_in(user).get(path).content.decode()
        for user in (story.nurse, story.clinician, story.coordinator, omar)
    }
    assert seen == {"Nina": True, "Ben": False, "Ada": True, "Omar": True}
    feed = CalendarFeed.objects.get()
    answer = signed_in(omar).post(f"/mine/addresses/{feed.pk}/revoke/", {"resource": "1"})
    assert answer["Location"] == path


def test_an_administrator_may_not_make_an_address(machine: Resource, signed_in: SignedIn, omar: User) -> None:
    browser = signed_in(omar)
    assert browser.post("/mine/addresses/new/", {"name": "x"}).status_code == 403
    assert browser.post(f"/apheresis/resources/{machine.pk}/addresses/", {"name": "x"}).status_code == 403
    assert "does not open the apheresis calendar" in browser.get("/mine/").content.decode()


def test_a_resource_of_another_center_has_no_page(machine: Resource, signed_in: SignedIn, cleo: User) -> None:
    assert signed_in(cleo).get(f"/apheresis/resources/{machine.pk}/addresses/").status_code == 404


def test_a_person_chooses_which_mails_come_and_in_which_language(story: Story, signed_in: SignedIn) -> None:
    browser = signed_in(story.clinician)
    answer = browser.post("/mine/", {"calendar_changes": "yes", "language": "it"})
    assert answer["Location"] == "/mine/"
    choice = mail_choice(story.clinician)
    assert (choice.calendar_changes, choice.language) == (True, "it")
    assert browser.post("/mine/", {"calendar_changes": "perhaps"}).status_code == 422
    browser.post("/mine/", {"calendar_changes": "role", "language": ""})
    choice = mail_choice(story.clinician)
    assert (choice.calendar_changes, choice.language) == (None, "")
