"""What one write appends is read by the ledger's readers together, and once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from cartpath.core.actor import Actor
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Chain, Event
from cartpath.ledger.services import NewEvent, append, readers_once
from cartpath.reminders.models import Reminder
from patients.models import Status
from patients.results import RuleResult
from tests.factories import Story
from tests.toxicity.bedside import ALERT, WELL, observed
from toxicity.observations.services import observations_strike

BY = Actor.system("test")


class Watcher:
    """A reader that writes down what it was given."""

    name = "watcher"

    def __init__(self) -> None:
        self.read_kinds: list[list[str]] = []

    def read(self, chain: Chain, events: Sequence[Event]) -> None:
        assert chain.length == events[-1].seq
        self.read_kinds.append([event.kind for event in events])


@pytest.fixture
def watcher(story: Story, monkeypatch: pytest.MonkeyPatch) -> Watcher:
    story.referred()
    made = Watcher()
    monkeypatch.setattr("cartpath.ledger.services.readers", lambda: (made,))
    return made


def note(story: Story, kind: EventKind) -> None:
    append(story.journey_id, [NewEvent(kind, story.at)], by=BY)


def test_events_of_one_write_are_read_together_at_its_end(story: Story, watcher: Watcher) -> None:
    with transaction.atomic(), readers_once(story.journey_id):
        note(story, EventKind.DEFERRED)
        with readers_once(story.journey_id):
            note(story, EventKind.MEASURED)
        assert watcher.read_kinds == []
    assert watcher.read_kinds == [["deferred", "measured"]]


def test_a_write_that_appends_nothing_is_read_by_nobody(story: Story, watcher: Watcher) -> None:
    with transaction.atomic(), readers_once(story.journey_id):
        pass
    assert watcher.read_kinds == []


def test_another_journey_is_read_at_once(story: Story, watcher: Watcher) -> None:
    first = story.journey_id
    story.referred()
    watcher.read_kinds.clear()
    with transaction.atomic(), readers_once(first):
        note(story, EventKind.DEFERRED)
        assert watcher.read_kinds == [["deferred"]]


def test_a_write_that_fails_is_not_read_and_the_next_one_is(story: Story, watcher: Watcher) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic(), readers_once(story.journey_id):
        note(story, EventKind.DEFERRED)
        raise ZeroDivisionError
    assert watcher.read_kinds == []
    note(story, EventKind.MEASURED)
    assert watcher.read_kinds == [["measured"]]


def test_rounds_with_alerts_and_a_strike_leave_what_a_replay_makes(story: Story) -> None:
    story.infused()
    story.later(hours=4)
    observed(story, WELL, temperature_c=38.6)
    story.later(hours=4)
    wrong = observed(story, ALERT, temperature_c=39.5, systolic=62)
    observations_strike(set_id=wrong.pk, reason="another child", by=BY, at=story.later(hours=1))
    observed(story, WELL, seen_at=story.at - timedelta(hours=2))
    before = _kept()
    for name in ("status", "results", "reminders"):
        call_command("replay", name, verbosity=0)
    assert _kept() == before


def _kept() -> list[Any]:
    """Every row that these readers keep."""
    tables = (Status.objects, Reminder.objects, RuleResult.objects)
    return [row for table in tables for row in table.order_by("pk").values()]
