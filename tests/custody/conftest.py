"""Two bags of a released product, the people who hand them over, and shorter calls of the services."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from cartpath.accounts.enums import Role, Scope
from cartpath.accounts.models import User
from cartpath.accounts.services import api_client_create
from cartpath.api import throttle
from manufacturing.custody.inputs import ItemDetails, StepDetails
from manufacturing.custody.selectors import bags_of
from manufacturing.custody.services import custody_record, items_add
from manufacturing.custody.signing import Signature
from manufacturing.models import CustodyEntry, CustodyItem
from tests.api.program import Program
from tests.conftest import person
from tests.factories import Story
from tests.pages.conftest import Desk

DIN = "G999626123456"
CODE = "S1234"
Sit = Callable[[User], Desk]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Nobody attacks these passwords, so that hashing them need not be slow."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def rosa(story: Story) -> User:
    """Ward nurse, center A."""
    return person("rosa@a.example", "Rosa", Role.WARD_NURSE, story.center)


@pytest.fixture
def desk(story: Story) -> Sit:
    """`desk(rosa)` is Rosa at her screen."""
    return lambda user: Desk(user, story)


@pytest.fixture
def bags(story: Story) -> list[CustodyItem]:
    """A released and received product in two bags."""
    story.released()
    return added(story)


@pytest.fixture
def program(story: Story) -> Program:
    """A program of center A that may do everything."""
    throttle.forget_all()
    made = api_client_create(name="Freezer", centers=[story.center], scopes=Scope.values)
    return Program(made.token)


def bag(division: str, **changes: Any) -> ItemDetails:
    """A bag under ISBT 128 numbers."""
    told = {"din": DIN, "product_code": CODE, "collection_type": "1", "division": division}
    return ItemDetails(**told | changes)


def added(story: Story, *items: ItemDetails, kind: str = "product_bag") -> list[CustodyItem]:
    """Bags A0 and B0 taken into custody, or those given."""
    return items_add(
        journey_id=story.journey_id,
        kind=kind,
        items=items or (bag("A0"), bag("B0")),
        by=story.lab.actor,
        at=story.later(hours=1),
    )


def recorded(
    story: Story,
    step: str,
    items: list[CustodyItem],
    *,
    signed: tuple[User, ...] = (),
    at: datetime | None = None,
    **details: Any,
) -> list[CustodyEntry]:
    """One hand-over, an hour on."""
    moment = at or story.later(hours=1)
    return custody_record(
        journey_id=story.journey_id,
        step=step,
        item_ids=[item.pk for item in items],
        details=StepDetails(**details),
        signatures=[Signature(user, "checked", moment) for user in signed],
        by=story.lab.actor,
        at=moment,
    )


def again(story: Story) -> list[CustodyItem]:
    """The bags as they are now."""
    return bags_of(story.journey)
