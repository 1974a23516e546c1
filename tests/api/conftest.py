"""Programs with tokens, beside the fixed cast."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from cartpath.accounts.enums import Scope
from cartpath.accounts.models import Center
from cartpath.accounts.services import api_client_create
from cartpath.api import throttle
from tests.api.program import Program
from tests.factories import Story

NewProgram = Callable[..., Program]


@pytest.fixture(autouse=True)
def whole_share() -> None:
    """Every test begins with clients that have asked for nothing yet."""
    throttle.forget_all()


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """The cast signs in nowhere here: its passwords need no slow hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def new_program() -> NewProgram:
    """`new_program(center, scopes=[...])` is a program of its own; all scopes unless some are named."""

    def make(*centers: Center, scopes: Sequence[str] = Scope.values) -> Program:
        return Program(api_client_create(name="Registry", centers=centers, scopes=scopes).token)

    return make


@pytest.fixture
def program(center: Center, new_program: NewProgram) -> Program:
    """A program of center A that may do everything."""
    return new_program(center)


@pytest.fixture
def outsider(other_center: Center, new_program: NewProgram) -> Program:
    """A program of center B that may do everything there."""
    return new_program(other_center)


@pytest.fixture
def other_story(story: Story, other_center: Center) -> Story:
    """A journey of center B; the staff of center A tells it."""
    return Story(
        center=other_center,
        coordinator=story.coordinator,
        clinician=story.clinician,
        second=story.second,
        nurse=story.nurse,
        lab=story.lab,
        at=story.at,
    )
