"""A person at a page, at the time the story has come to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cartpath.accounts.models import User
from tests.factories import Story


@dataclass
class Desk:
    """One person's browser. The clock stands still at the story's time for each request."""

    user: User
    story: Story

    def path(self, name: str, *args: object) -> str:
        """The address of a page; a name of a journey page takes the story's journey first."""
        return reverse(name, args=[self.story.journey_id, *args])

    def get(self, path: str, **headers: str) -> HttpResponse:
        """Open a page."""
        return self._at_the_time(lambda client: client.get(path, headers=headers))

    def post(self, path: str, typed: dict[str, Any] | None = None, **headers: str) -> HttpResponse:
        """Send a form."""
        return self._at_the_time(lambda client: client.post(path, typed or {}, headers=headers))

    def queries(self, path: str) -> int:
        """How many queries a page costs, sign-in left out."""
        with time_machine.travel(self.story.at, tick=False):
            client = Client()
            client.force_login(self.user)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(path).status_code == 200
            return len(asked)

    def _at_the_time(self, ask: Callable[[Client], Any]) -> Any:
        with time_machine.travel(self.story.at, tick=False):
            client = Client()
            client.force_login(self.user)
            return ask(client)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Nobody attacks these passwords, so that hashing them need not be slow."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def desk(story: Story) -> Callable[[User], Desk]:
    """`desk(ada)` is Ada at her screen."""
    return lambda user: Desk(user, story)


def typed_time(at: datetime) -> str:
    """A time as a datetime-local field sends it, in the zone it is given in."""
    return at.strftime("%Y-%m-%dT%H:%M")


def text_of(response: HttpResponse) -> str:
    """The page without its markup's line breaks, so that sentences can be looked for."""
    return " ".join(response.content.decode().split())


def panel_of(story: Story, anchor: str) -> str:
    """Where a form about the story's journey leads back to."""
    return f"/journeys/{story.journey_id}/#{anchor}"
