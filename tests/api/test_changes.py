"""The change feed over HTTP. That no event is ever lost or repeated is proven where the ledger is tested."""

from typing import Any

import pytest
from django.db import connection

from cartpath.ledger.models import Event
from tests.api.program import Program
from tests.factories import Story
from tests.waiting import feed_settled

pytestmark = pytest.mark.django_db(transaction=True)


def read(program: Program, **parameters: Any) -> dict[str, Any]:
    feed_settled()
    response = program.get("changes/", **parameters)
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def test_a_reader_that_follows_the_cursor_sees_every_event_once_and_in_order(
    program: Program, story: Story
) -> None:
    story.accepted()
    first_journey = story.journey_id
    story.accepted()
    seen: list[dict[str, Any]] = []
    page = read(program, limit=3)
    while page["results"]:
        assert len(page["results"]) <= 3
        seen += page["results"]
        page = read(program, limit=3, after=page["cursor"])
    everything = {event.pk: event.facts() for event in Event.objects.all()}
    assert len(seen) == len(everything)
    assert {event["id"]: event for event in seen} == everything
    for journey in (first_journey, story.journey_id):
        of_one = [event["seq"] for event in seen if event["journey"] == str(journey)]
        assert of_one == sorted(of_one)


def test_an_empty_page_returns_the_cursor_it_was_asked_with(program: Program, story: Story) -> None:
    begin = read(program)
    assert (begin["results"], read(program, after=begin["cursor"])) == ([], begin)
    story.referred()
    cursor = read(program)["cursor"]
    assert read(program, after=cursor) == {"results": [], "cursor": cursor}
    assert read(program, after=cursor, limit=1) == {"results": [], "cursor": cursor}


def test_what_comes_later_stands_behind_the_cursor(program: Program, story: Story) -> None:
    story.referred()
    cursor = read(program)["cursor"]
    story.measured()
    (new,) = read(program, after=cursor)["results"]
    assert new["kind"] == "measured"
    assert new["data"]["weight_kg"] == 18.4


def test_each_center_has_its_own_events(program: Program, outsider: Program, other_story: Story) -> None:
    other_story.referred()
    assert read(program)["results"] == []
    assert len(read(outsider)["results"]) == Event.objects.count()


def test_a_page_costs_a_token_and_a_query(
    program: Program, story: Story, django_assert_num_queries: Any
) -> None:
    story.accepted()
    with django_assert_num_queries(2, connection=connection):
        program.get("changes/", limit=1000)


def test_a_cursor_far_beyond_the_end_is_answered_and_not_an_error(program: Program) -> None:
    far = "99999999999999999999-1"
    assert read(program, after=far) == {"results": [], "cursor": far}
