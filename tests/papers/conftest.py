"""A person at a page of the papers."""

from collections.abc import Callable

import pytest

from cartpath.accounts.models import User
from tests.factories import Story
from tests.pages.conftest import Desk

Sit = Callable[[User], Desk]


@pytest.fixture
def desk(story: Story) -> Sit:
    """`desk(ada)` is Ada at her screen."""
    return lambda user: Desk(user, story)
