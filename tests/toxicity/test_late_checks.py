"""Late checks by the clock: whom the engine tells, over days with a clock change and workers that die.

`CARTPATH_LATE_CHECKS=full` plays 14 days of 40 children; else a part of them over the night of the change.
"""

import os
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import pytest

from bench.beds import child_infuse
from cartpath.accounts.enums import Role
from cartpath.reminders.channels import EmailChannel, Notice
from cartpath.reminders.engine import run
from cartpath.reminders.enums import DeliveryState
from cartpath.reminders.models import Delivery
from tests.conftest import person
from tests.factories import Story
from tests.toxicity.bedside import WELL, observed
from toxicity.models import CheckPlan
from toxicity.services import acute_monitoring_end

FULL: Final = os.environ.get("CARTPATH_LATE_CHECKS") == "full"
CHILDREN, DAYS = (40, 14) if FULL else (2, 1)
INFUSED_AT: Final = datetime(2026, 3, 28, 6, tzinfo=UTC)
TICK: Final = timedelta(minutes=10)
EVERY: Final = timedelta(hours=4)
RUNGS: Final = (("ward_nurse", 0), ("charge_nurse", 30), ("registrar", 60), ("attending", 90))
# How long after its hour a nurse does a check, in minutes; before it when negative.
HABITS: Final = (-30, 0, 20, 40, 70, 100, 130)


class KilledError(BaseException):
    """A worker that dies in the middle of a message."""


@dataclass
class Ward:
    """Children whose vital signs come at random times; what happened to each check is written down."""

    chance: random.Random
    watched: list[Story]
    plan: dict[UUID, datetime] = field(default_factory=dict)
    # The check that waits for each child.
    due: dict[UUID, datetime] = field(default_factory=dict)
    # By child and the hour a check was due: when it was done, or no longer wanted.
    over: dict[tuple[UUID, datetime], datetime] = field(default_factory=dict)

    def begin(self, at: datetime) -> None:
        """Everybody is seen once."""
        for story in self.watched:
            self._see(story, at)

    def work(self, at: datetime) -> None:
        """Do what nurses do at this moment."""
        for story in self.watched:
            if at >= self.plan[story.journey_id]:
                self.over[story.journey_id, self.due[story.journey_id]] = at
                self._see(story, at)

    def discharge(self, story: Story, at: datetime) -> None:
        """A child leaves acute monitoring."""
        acute_monitoring_end(journey_id=story.journey_id, by=story.nurse.actor, at=at)
        self.watched.remove(story)
        self.over[story.journey_id, self.due[story.journey_id]] = at

    def expected(self, ends: datetime) -> set[tuple[UUID, datetime, str]]:
        """Who must have been told of which check: each rung that came before it was done."""
        pending = {(story.journey_id, self.due[story.journey_id]): ends for story in self.watched}
        return {
            (journey_id, due_at, role)
            for (journey_id, due_at), over_at in (self.over | pending).items()
            for role, minutes in RUNGS
            if due_at + timedelta(minutes=minutes) < over_at
        }

    def _see(self, story: Story, at: datetime) -> None:
        story.at = at
        observed(story, WELL)
        planned = CheckPlan.objects.get(journey_id=story.journey_id, check_kind="vitals").due_at
        # Four hours are four hours, whatever the clock on the wall does.
        assert planned - at == EVERY
        self.due[story.journey_id] = planned
        self.plan[story.journey_id] = planned + timedelta(minutes=self.chance.choice(HABITS))


class Post:
    """What left by e-mail, and how often a worker died over it."""

    def __init__(self) -> None:
        self.chance, self.rate = random.Random(7), 0.0
        self.left: Counter[UUID] = Counter()
        self.deaths = 0


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    """`post.rate = 0.2`: from now on every fifth message kills its worker before it is taken."""
    made = Post()
    send = EmailChannel.send

    def send_or_die(self: EmailChannel, message: Notice) -> Any:
        if made.chance.random() < made.rate:
            made.deaths += 1
            raise KilledError
        sent = send(self, message)
        made.left[message.delivery_id] += 1
        return sent

    monkeypatch.setattr(EmailChannel, "send", send_or_die)
    return made


def tick(at: datetime) -> None:
    """One beat; a worker that dies is followed by another one when its lease is over."""
    for attempt in range(50):
        moment = at + timedelta(seconds=20 * attempt)
        try:
            run(now=partial(_still, moment), seconds=600)
        except KilledError:
            continue
        return


def _still(moment: datetime) -> datetime:
    """A clock that stands."""
    return moment


def infused_children(story: Story) -> list[Story]:
    """Children infused on the morning before the clocks go forward."""
    made = []
    for number in range(CHILDREN):
        one = Story(
            *(story.center, story.coordinator, story.clinician, story.second, story.nurse, story.lab),
            at=INFUSED_AT,
        )
        one.journey_id = child_infuse(story.center, number=number, at=INFUSED_AT).pk
        made.append(one)
    return made


def test_each_late_check_reaches_each_rung_once_and_none_after_it_is_done(
    story: Story, post: Post, request: pytest.FixtureRequest
) -> None:
    for role, _minutes in RUNGS:
        person(f"{role}@a.example", role, Role(role), story.center)
    ward = Ward(random.Random(1), infused_children(story))
    at = INFUSED_AT + timedelta(hours=6)
    ends = at + timedelta(days=DAYS)
    halfway = at + timedelta(days=DAYS) / 2
    assert at < datetime(2026, 3, 29, 1, tzinfo=UTC) < ends
    ward.begin(at)
    post.rate = 0.15
    while at < ends:
        ward.work(at)
        if at == halfway:
            ward.discharge(ward.watched[0], at)
        tick(at)
        if not at.hour and not at.minute:
            _say(request, f"{at:%d %B}: {len(ward.over)} checks over, {post.deaths} workers died")
        at += TICK
    expected = ward.expected(ends)
    sent = Delivery.objects.filter(reminder__item="check_vitals", state=DeliveryState.SENT)
    rows = list(
        sent.values_list(
            *("reminder__journey_id", "reminder__due_at", "role", "channel", "recipient__email"),
            *("sent_at", "pk"),
        )
    )
    # Each rung of each child's late check, by every channel, and nobody and nothing else.
    assert {row[:3] for row in rows} == expected
    assert max(Counter(row[:4] for row in rows).values()) == 1
    assert all(row[4] == f"{row[2]}@a.example" for row in rows)
    assert [row for row in rows if row[5] > ward.over.get(row[:2], ends)] == []
    # What left is what was noted, whatever died in between.
    assert {row[6] for row in rows if row[3] == "email"} <= set(post.left)
    assert set(post.left.values()) == {1}
    assert {role for _child, _due_at, role in expected} == {role for role, _minutes in RUNGS}
    assert post.deaths > 0
    told = Counter(role for _child, _due_at, role in expected)
    _say(request, f"{CHILDREN} children, {DAYS} days, {len(ward.over)} checks, {dict(told)}")
    _say(request, f"{len(rows)} messages, {post.deaths} workers died")


def _say(request: pytest.FixtureRequest, line: str) -> None:
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if FULL and reporter is not None:
        reporter.write_line(line)
