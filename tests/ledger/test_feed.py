"""Sixteen writers, one poller: every event exactly once, and each journey in its order."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable

import pytest
from django.db import close_old_connections, connection, transaction

from cartpath.core.actor import Actor
from cartpath.core.errors import Invalid
from cartpath.ledger.feed import START, changes
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.services import NewEvent, append
from tests.factories import Story
from tests.waiting import feed_settled

BY = Actor.system("test")
WRITERS = 16
ROUNDS = 12


def in_threads(work: Callable[[int], None], count: int) -> list[threading.Thread]:
    """Run `work(n)` in threads with connections of their own."""

    def run(number: int) -> None:
        try:
            work(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    return threads


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sixteen_writers_and_a_poller_see_every_event_once_in_order(story: Story, seed: int) -> None:
    journeys = []
    for _ in range(4):
        story.referred()
        journeys.append(story.journey_id)
    center_ids = [story.center.pk]
    dice = [random.Random(seed * 100 + number) for number in range(WRITERS)]

    def write(number: int) -> None:
        for _ in range(ROUNDS):
            with transaction.atomic():
                if dice[number].random() < 0.5:
                    # Take a transaction number early and wait: the order of numbers and of locks differs.
                    with connection.cursor() as cursor:
                        cursor.execute(
                            "SELECT pg_current_xact_id(), pg_sleep(%s)", [dice[number].random() / 200]
                        )
                chosen = dice[number].sample(journeys, k=2)
                for journey_id in sorted(chosen):
                    new = [NewEvent(EventKind.DEFERRED, story.at, {"writer": number})] * dice[number].randint(
                        1, 3
                    )
                    append(journey_id, new, by=BY)

    threads = in_threads(write, WRITERS)
    seen: list[Event] = []
    cursor = START
    while any(thread.is_alive() for thread in threads):
        page = changes(after=cursor, limit=7, center_ids=center_ids)
        seen += page.events
        cursor = page.cursor
        close_old_connections()
    feed_settled()
    while (page := changes(after=cursor, limit=50, center_ids=center_ids)).events:
        seen += page.events
        cursor = page.cursor

    assert len(seen) == len({event.id for event in seen}) == Event.objects.count() > WRITERS * ROUNDS
    by_journey = defaultdict(list)
    for event in seen:
        by_journey[event.journey_id].append(event.seq)
    for seqs in by_journey.values():
        assert seqs == list(range(1, len(seqs) + 1))


@pytest.mark.django_db(transaction=True)
def test_an_event_waits_until_no_older_transaction_can_still_commit(story: Story) -> None:
    story.referred()
    begun, finish = threading.Event(), threading.Event()

    def older(_number: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
            begun.set()
            finish.wait(10)

    feed_settled()
    start = changes(after=START, limit=10, center_ids=[story.center.pk]).cursor
    (thread,) = in_threads(older, 1)
    begun.wait(10)
    append(story.journey_id, [NewEvent(EventKind.DEFERRED, story.at, {})], by=BY)
    waiting = changes(after=start, limit=10, center_ids=[story.center.pk])
    assert (waiting.events, waiting.cursor) == ([], start)
    finish.set()
    thread.join()
    feed_settled()
    assert len(changes(after=start, limit=10, center_ids=[story.center.pk]).events) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["", "x", "1", "1-", "-1", "1-2-3", "1 -2", "9" * 50 + "-1"])
def test_a_broken_cursor_is_refused_and_an_empty_one_means_the_start(cursor: str) -> None:
    if cursor == "":
        assert changes(after=cursor, limit=5, center_ids=[]).cursor == START
    else:
        with pytest.raises(Invalid):
            changes(after=cursor, limit=5, center_ids=[])


def test_the_feed_keeps_to_the_centers_in_scope(story: Story) -> None:
    story.referred()
    assert changes(after=START, limit=5, center_ids=[story.center.pk + 1]).events == []
