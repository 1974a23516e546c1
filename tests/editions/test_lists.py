"""Lists cost the same for one child and for many, whatever their journeys are pinned to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cartpath.accounts.models import User
from cartpath.protocols import catalog
from cartpath.web.selectors.board import BoardFilter, board
from tests.editions.conftest import DRAFT, OTHER_DRAFT, Desk
from tests.factories import Story
from tests.pages.conftest import Desk as Browser

PAGE = "/?who=all"

# Committed, as in life: what is read inside a transaction that may be taken back is not kept.
pytestmark = pytest.mark.django_db(transaction=True)


def told(story: Story, desk: Desk, count: int) -> None:
    """Children on the shipped version, on two editions, and others who wait for a decision."""
    versions: list[Callable[[], Any]] = [
        lambda: None,
        lambda: desk.published(DRAFT),
        lambda: desk.published(OTHER_DRAFT),
    ]
    for publish in versions:
        publish()
        for _number in range(count):
            story.accepted()
            story.referred()


def queries(act: Callable[[], object]) -> int:
    act()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    return len(captured)


@pytest.mark.parametrize("count", [1, 4])
def test_the_board_costs_three_queries(story: Story, desk: Desk, ben: User, count: int) -> None:
    told(story, desk, count)
    at = story.at + timedelta(days=2)
    found = board(ben, story.center, BoardFilter(), at=at)
    assert found.total == 6 * count
    assert queries(lambda: board(ben, story.center, BoardFilter(), at=at)) == 3


def test_today_costs_the_same_for_few_and_for_many(story: Story, desk: Desk, ben: User) -> None:
    told(story, desk, 1)
    story.later(days=2)
    person = Browser(ben, story)
    person.get(PAGE)
    few = person.queries(PAGE)
    for _number in range(3):
        story.accepted()
        story.referred()
    story.later(days=2)
    person.get(PAGE)
    assert person.queries(PAGE) == few


def test_the_first_reading_of_a_process_costs_one_query_an_edition(
    story: Story, desk: Desk, ben: User
) -> None:
    told(story, desk, 2)
    catalog.forget()
    with CaptureQueriesContext(connection) as captured:
        board(ben, story.center, BoardFilter(), at=story.at)
    assert len(captured) <= 3 + 2
