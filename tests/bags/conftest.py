"""Another child of the same center, for whatever must not be mixed up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import Story


@pytest.fixture
def other_story(story: Story) -> Story:
    """Tells the journey of a second child."""
    return replace(story, at=story.at + timedelta(days=1))
