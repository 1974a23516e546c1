"""A calendar program that subscribes to an address, at the time the story has come to."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import recurring_ical_events
import time_machine
from django.http import HttpResponse
from django.test import Client
from icalendar import Calendar, Event

from cartpath.accounts.models import User
from leukapheresis.enums import FeedKind
from leukapheresis.feeds.services import NewFeed, feed_make
from leukapheresis.inputs import PreparationDetails
from leukapheresis.models import Booking, Resource, Slot
from leukapheresis.scheduling.booking import booking_create
from leukapheresis.scheduling.preparing import preparation_record
from tests.factories import Story


class Program:
    """Reads one address, as Thunderbird or a phone does: without any session."""

    def __init__(self, story: Story, made: NewFeed) -> None:
        self.story, self.feed = story, made.feed
        self.path = made.address.removeprefix("http://localhost:8000")

    def get(self, **headers: str) -> HttpResponse:
        """Ask once."""
        with time_machine.travel(self.story.at, tick=False):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return Client().get(self.path, headers=named)

    def calendar(self) -> Calendar:
        """What stands at the address."""
        response = self.get()
        assert response.status_code == 200
        return Calendar.from_ical(response.content)

    def everything(self) -> list[Event]:
        """The events, as they are written."""
        return list(self.calendar().walk("VEVENT"))

    def events(self) -> list[Event]:
        """Those of the apheresis calendar; what is due for somebody's roles is left out."""
        return [event for event in self.everything() if "/apheresis/" in event["url"]]

    def between(self, first: datetime, last: datetime) -> list[Event]:
        """What a calendar program would draw between two moments."""
        found = recurring_ical_events.of(self.calendar()).between(first, last)
        return sorted(found, key=lambda event: str(event.start))

    def times(self) -> list[tuple[datetime, datetime]]:
        """When the events with a time are, as a calendar program draws them over the whole feed."""
        found = self.between(self.story.at - timedelta(days=120), self.story.at + timedelta(days=600))
        return [(event.start, event.end) for event in found if isinstance(event.start, datetime)]


@pytest.fixture
def program(story: Story) -> Program:
    """The coordinator's own calendar."""
    return Program(story, feed_make(user=story.coordinator, name="phone", at=story.at))


def program_of(story: Story, resource: Resource, user: User | None = None) -> Program:
    """The calendar of a resource."""
    made = feed_make(user=user or story.coordinator, name="wall", resource=resource, at=story.at)
    assert made.feed.kind == FeedKind.RESOURCE
    return Program(story, made)


def ready(story: Story) -> None:
    """An accepted child of whom nothing is undecided."""
    story.accepted()
    details: Any = PreparationDetails(vascular_access="central_present", sedation="no")
    preparation_record(journey_id=story.journey_id, details=details, by=story.nurse.actor, at=story.at)


def book(story: Story, slots: Sequence[Slot], **more: Any) -> Booking:
    """Book one day for each slot."""
    return booking_create(
        journey_id=story.journey_id,
        times=[slot.pk for slot in slots],
        by=story.coordinator.actor,
        at=story.at,
        **more,
    )
