"""A child after the infusion whom somebody watches through the night."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, User
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from tests.conftest import person
from tests.factories import Story
from toxicity.alerts.services import AlertAnswered, alerts_acknowledge
from toxicity.models import Alert, ObservationSet
from toxicity.observations.inputs import ObservationEntry
from toxicity.observations.services import observations_record


@dataclass
class Night:
    """Observations hour by hour, and the alerts they led to."""

    story: Story
    nurse: User
    doctor: User

    @property
    def at(self) -> datetime:
        """Now."""
        return self.story.at

    def sees(self, *, hours: float = 0, late: float = 0, **values: Any) -> ObservationSet:
        """Enter what is seen so many hours on, or was seen `late` hours ago."""
        now = self.story.later(hours=hours)
        return observations_record(
            journey_id=self.story.journey_id,
            observed_at=now - timedelta(hours=late),
            entry=ObservationEntry(**values),
            by=self.nurse.actor,
            at=now,
        )

    def alerts(self, *, standing: bool = True) -> list[str]:
        """The rules of the alerts, in the order in which they were raised."""
        found = Alert.objects.filter(journey_id=self.story.journey_id)
        found = found.filter(cleared_at=None) if standing else found
        return [alert.rule for alert in found.order_by("event_id")]

    def alert(self, rule: str) -> Alert:
        """The last alert of a rule."""
        found = Alert.objects.filter(journey_id=self.story.journey_id, rule=rule)
        return found.order_by("event_id").reverse()[0]

    def answers(self, *rules: str, answer: str = "with_the_child", minutes: float = 1) -> None:
        """The doctor answers."""
        alerts_acknowledge(
            journey_id=self.story.journey_id,
            cases=[self.alert(rule).case for rule in rules],
            answered=AlertAnswered(answer),
            by=self.doctor.actor,
            at=self.story.later(minutes=minutes),
        )

    def told(self, kind: EventKind) -> list[dict[str, Any]]:
        """The data of the journey's events of a kind."""
        return [event.data for event in Event.objects.of(self.story.journey_id) if event.kind == kind]


@pytest.fixture
def ivo(center: Center) -> User:
    """The registrar."""
    return person("ivo@a.example", "Ivo Rossi", Role.REGISTRAR, center)


@pytest.fixture
def rosa(center: Center) -> User:
    """The ward nurse."""
    return person("rosa@a.example", "Rosa Neri", Role.WARD_NURSE, center)


@pytest.fixture
def night(story: Story, rosa: User, ivo: User) -> Night:
    """The first night after the infusion, six hours after it."""
    story.infused()
    story.later(hours=6)
    return Night(story, rosa, ivo)
