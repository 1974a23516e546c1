"""A child on the ward with fever, and what the shifts tell each other about it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from cartpath.accounts.enums import Role
from cartpath.accounts.models import User
from tests.conftest import person
from tests.factories import Story
from tests.pages.conftest import Desk
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice
from toxicity.inputs import InterventionDetails
from toxicity.interventions.services import intervention_record
from toxicity.models import HandOverSheet
from toxicity.sheets.inputs import SheetDetails
from toxicity.sheets.services import hand_over_write

FEVER = CrsInput(
    temperature_c=39.4, hypotension=False, vasopressors=(), oxygen=Oxygen(device=OxygenDevice.NONE)
)
Sit = Callable[[User], Desk]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Nobody attacks these passwords, so that hashing them need not be slow."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def child(story: Story) -> Story:
    """A five-year-old on the ward, day 0, with fever four hours after the infusion."""
    story.infused()
    story.assessed(crs=FEVER)
    return story


@pytest.fixture
def rosa(story: Story) -> User:
    """Ward nurse, center A."""
    return person("rosa@a.example", "Rosa", Role.WARD_NURSE, story.center)


@pytest.fixture
def desk(story: Story) -> Sit:
    """`desk(rosa)` is Rosa at her screen."""
    return lambda user: Desk(user, story)


def told(**changes: Any) -> SheetDetails:
    """What one shift tells the next."""
    said = {
        "situation": "Fever since noon.",
        "background": "Day 0.",
        "assessment": "Stable.",
        "recommendation": "Call at 39.5.",
        "language": "en",
    }
    return SheetDetails(**said | changes)


def written(story: Story, sheet: SheetDetails | None = None, **more: Any) -> HandOverSheet:
    """A sheet written an hour on."""
    return hand_over_write(
        journey_id=story.journey_id,
        sheet=sheet or told(),
        by=story.nurse.actor,
        at=story.later(hours=1),
        **more,
    )


def gave(story: Story, at: datetime | None = None, **given: Any) -> None:
    """Something was given."""
    intervention_record(
        journey_id=story.journey_id,
        intervention=InterventionDetails(**given),
        by=story.clinician.actor,
        at=at or story.later(minutes=30),
    )
