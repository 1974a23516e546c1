"""What the pages of the bedside cost: queries, which don't depend on how busy the machine is.

`python -m bench bedside` measures the time.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.beds import EVERY, blood_copy, blood_record, children_copy, round_record, rounds_copy
from cartpath.accounts.models import User
from cartpath.ledger.models import Event
from tests.factories import Story
from toxicity.checks.ward import ward_rows
from toxicity.models import Alert, CheckPlan

# The whole page with its frame, and what the children alone cost of it.
WARD_QUERIES = 8
ROWS_QUERIES = 5


@pytest.fixture
def ill(story: Story) -> Story:
    """A child with fever, graded, with checks planned and an alert standing."""
    story.infused()
    for number in range(2):
        story.later(hours=4)
        round_record(story.journey, at=story.at, number=3 * number + 20)
    assert Alert.objects.filter(journey_id=story.journey_id, cleared_at=None).exists()
    return story


def asked(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def opened(user: User, story: Story, address: str) -> int:
    """Queries of a whole page with session and account, once the session is kept anew."""
    client = Client()
    client.force_login(user)
    with time_machine.travel(story.at, tick=False):
        _page(client, address)
        return asked(lambda: _page(client, address))


def _page(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


def test_the_ward_of_sixty_reads_as_often_as_the_ward_of_five(ill: Story, ben: User) -> None:
    def ward() -> int:
        person = User.objects.get(pk=ben.pk)
        return asked(lambda: seen.append(len(ward_rows(person, center_id=ill.center.pk, at=ill.at))))

    seen: list[int] = []
    address = reverse("toxicity:ward")
    children_copy(ill.journey, 4)
    of_five, page_of_five = ward(), opened(ben, ill, address)
    children_copy(ill.journey, 55, named="Another")
    assert (ward(), opened(ben, ill, address)) == (of_five, page_of_five)
    assert seen == [5, 60]
    assert of_five <= ROWS_QUERIES
    assert page_of_five <= WARD_QUERIES


def test_a_sheet_of_thirty_days_reads_as_often_as_that_of_one(ill: Story, ben: User) -> None:
    blood_record(ill.journey, at=ill.at)
    addresses = [
        reverse("toxicity:flowsheet", args=[ill.journey_id]) + "?span=month",
        reverse("toxicity:course", args=[ill.journey_id]),
        reverse("toxicity:grades", args=[ill.journey_id]),
    ]
    infused_at = ill.journey.infused_at
    assert infused_at is not None
    few = [opened(ben, ill, address) for address in addresses]
    ill.later(days=30)
    rounds_copy(ill.journey, rounds=180, since=infused_at + timedelta(days=1))
    blood_copy(ill.journey, days=29, since=infused_at + timedelta(days=1))
    assert [opened(ben, ill, address) for address in addresses] == few


def test_a_round_costs_no_more_queries_on_day_thirty_than_on_day_one(ill: Story) -> None:
    def one_round() -> int:
        ill.later(hours=4)
        return asked(lambda: round_record(ill.journey, at=ill.at, number=1))

    one_round()
    early = one_round()
    infused_at = ill.journey.infused_at
    assert infused_at is not None
    rounds_copy(ill.journey, rounds=170, since=infused_at + timedelta(days=1))
    ill.later(days=28)
    one_round()
    assert one_round() <= early


def test_a_round_is_read_by_the_readers_once(ill: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[list[str]] = []

    class Watching:
        name = "watching"

        def read(self, _chain: object, events: list[Event]) -> None:
            read.append([event.kind for event in events])

    monkeypatch.setattr("cartpath.ledger.services.readers", lambda: (Watching(),))
    ill.later(hours=4)
    round_record(ill.journey, at=ill.at, number=1)
    (kinds,) = read
    assert kinds[:2] == ["observations_recorded", "toxicity_assessed"]
    assert "check_planned" in kinds
    assert CheckPlan.objects.get(journey_id=ill.journey_id, check_kind="vitals").due_at <= ill.at + EVERY
