"""A teenager in follow-up, and the acts of growing up."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from cartpath.accounts.models import User
from tests.factories import Story, patient_details
from tests.pages.conftest import Desk

Sit = Callable[[User], Desk]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Nobody attacks these passwords, so that hashing them need not be slow."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def teen(story: Story) -> Story:
    """Born on 20 May 2008, infused in spring 2026: 18 a few weeks later."""
    story.child = patient_details(birth_date=date(2008, 5, 20))
    story.in_follow_up()
    return story


@pytest.fixture
def child(story: Story) -> Story:
    """A five-year-old in follow-up."""
    story.in_follow_up()
    return story


@pytest.fixture
def desk(story: Story) -> Sit:
    """`desk(ada)` is Ada at her screen."""
    return lambda user: Desk(user, story)


def act(story: Story, **span: float) -> dict[str, Any]:
    """The arguments of a service, a little later."""
    return {
        "journey_id": story.journey_id,
        "by": story.coordinator.actor,
        "at": story.later(**span or {"hours": 1}),
    }


def today(story: Story) -> date:
    """Today in the story's center."""
    return story.center.local_day(story.at)


def days_ago(story: Story, days: int) -> date:
    """A day before today."""
    return today(story) - timedelta(days=days)
