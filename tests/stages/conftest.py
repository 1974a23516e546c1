"""What the tests of stages share."""

import pytest

from leukapheresis.models import Resource
from tests.equipment import unit_of
from tests.factories import Story
from tests.stages.parts import obe

__all__ = ["obe"]


@pytest.fixture
def unit(story: Story) -> dict[str, Resource]:
    """Center A keeps everything."""
    return unit_of(story.center)
