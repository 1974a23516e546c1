"""A product on its way, told through the services."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories import Story
from tests.pages.conftest import Desk, desk, quick_passwords

__all__ = ["Desk", "desk", "quick_passwords"]
VARNIM = "varnimcabtagene"


@pytest.fixture
def act(story: Story) -> Callable[..., dict[str, Any]]:
    """What every service takes: whose journey, by whom, when."""

    def made(user: str = "coordinator") -> dict[str, Any]:
        return {"journey_id": story.journey_id, "by": getattr(story, user).actor, "at": story.at}

    return made


@pytest.fixture
def specified(story: Story) -> Story:
    """A product with a whole specification, in the making."""
    story.wanted = {"product": VARNIM}
    story.manufacturing()
    story.later(days=8)
    return story
