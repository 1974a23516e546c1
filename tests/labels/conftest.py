"""A child whose product has come in two bags, and what is scanned from them."""

from collections.abc import Callable
from typing import Any

import pytest

from cartpath.accounts.models import User
from leukapheresis.rules.isbt128_print import compose_din
from manufacturing.custody.inputs import ItemDetails
from manufacturing.custody.services import items_add
from manufacturing.labels.inputs import LabelWanted, PrintDetails
from manufacturing.labels.services import labels_print
from manufacturing.models import CustodyItem, Label
from tests.factories import Story
from tests.pages.conftest import Desk

DIN = "A999917123456"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Nobody attacks these passwords, so that hashing them need not be slow."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def desk(story: Story) -> Callable[[User], Desk]:
    """`desk(luca)` is Luca at his screen."""
    return lambda user: Desk(user, story)


def bags_added(story: Story, *divisions: str, din: str = DIN, **more: Any) -> list[CustodyItem]:
    """Bags of the story's product, taken into custody."""
    told = [
        ItemDetails(din=din, product_code="S1234", collection_type="1", division=division, **more)
        for division in divisions
    ]
    return items_add(
        journey_id=story.journey_id, kind="product_bag", items=told, by=story.lab.actor, at=story.at
    )


@pytest.fixture
def child(story: Story) -> Story:
    """Released, received, and in two bags."""
    story.released()
    bags_added(story, "A0", "B0")
    story.later(hours=1)
    return story


def bags(story: Story) -> list[CustodyItem]:
    """The bags of the story's product."""
    return list(
        CustodyItem.objects.filter(journey_id=story.journey_id, kind="product_bag").order_by("number")
    )


def scan_of(bag: CustodyItem) -> str:
    """What a scanner sends from the label of a bag."""
    return f"{compose_din(bag.din)}=<{bag.product_code}{bag.collection_type}{bag.division}"


def printed(story: Story, *items: CustodyItem, size: str = "bag", **more: Any) -> list[Label]:
    """Labels of items."""
    wanted = [LabelWanted(kind="item", size=size, item=item.number) for item in items]  # type: ignore[arg-type]
    details = PrintDetails(**({"labels": wanted, "paper": "roll"} | more))
    return labels_print(journey_id=story.journey_id, details=details, by=story.lab.actor, at=story.at)


def band_printed(story: Story, **more: Any) -> Label:
    """The child's wristband."""
    wanted = [LabelWanted(kind="wristband", size="wristband")]
    details = PrintDetails(labels=wanted, paper="roll", **more)
    (label,) = labels_print(journey_id=story.journey_id, details=details, by=story.lab.actor, at=story.at)
    return label
