"""Loading the demo: once, the same for the same seed, on any day, never in production."""

import io
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction

from cartpath.accounts.models import Center, User
from cartpath.demo.cast import DEMO_PASSWORD, PEOPLE
from cartpath.demo.loading import demo_load
from cartpath.demo.plot import Plot
from cartpath.demo.stories import PLOTS
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from cartpath.reminders.models import Delivery
from patients.models import Journey, Patient
from tests.demo.conftest import NOW

MISSING = Path("missing.json")
COMMAND = "cartpath.demo.management.commands.load_demo"


def some(*keys: str) -> tuple[Plot, ...]:
    chosen = tuple(plot for plot in PLOTS if plot.key in keys)
    assert len(chosen) == len(keys)
    return chosen


def told(**arguments: Any) -> list[object]:
    """What a load made, and take it back."""
    with transaction.atomic():
        demo_load(**arguments)
        found: list[object] = [
            *Journey.objects.order_by("pk").values_list("pk", "stage", "stage_since"),
            *Patient.objects.order_by("mrn").values_list("mrn", "family_name", "given_name", "birth_date"),
            *Event.objects.order_by("journey_id", "seq").values_list("journey_id", "kind", "occurred_at"),
        ]
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_the_same_seed_makes_the_same_demo_and_another_seed_another_one() -> None:
    plots = some("newborn", "rebooked", "day_6", "b_cells_back")
    first = told(seed=1, now=NOW, plots=plots)
    assert told(seed=1, now=NOW, plots=plots) == first
    assert told(seed=2, now=NOW, plots=plots) != first


@pytest.mark.django_db
@pytest.mark.parametrize(
    "now",
    [
        datetime(2027, 3, 28, 2, 30, tzinfo=UTC),  # Sunday, an hour after the clocks changed
        datetime(2028, 2, 29, 23, 30, tzinfo=UTC),  # already March in Rome
        datetime(2026, 12, 31, 22, 59, tzinfo=UTC),  # a minute before midnight in Rome
        datetime(2027, 7, 3, 10, 0, tzinfo=UTC),  # Saturday noon
    ],
)
def test_the_demo_can_be_loaded_at_any_time(now: datetime) -> None:
    plots = some(
        *("newborn", "collected_next", "second_round", "deviation_used", "second_day", "day_4"),
        *("day_28_today", "withdrawn"),
    )
    loaded = demo_load(seed=3, now=now, plots=plots)
    assert loaded.journeys == len(plots) + 1
    assert not Event.objects.filter(occurred_at__gt=now).exists()
    stages = set(Journey.objects.values_list("stage", flat=True))
    assert stages == {
        *("referred", "apheresis_planned", "collected", "released", "lymphodepletion", "infused"),
        *("follow_up", "closed"),
    }
    assert verify().breaks == []


@pytest.mark.django_db
def test_the_command_loads_once_and_tells_people_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{COMMAND}.demo_load", partial(demo_load, plots=some("booking_overdue", "day_1")))
    first, second = io.StringIO(), io.StringIO()
    call_command("load_demo", stdout=first)
    events = Event.objects.count()
    call_command("load_demo", "--seed", "9", stdout=second)
    assert first.getvalue().startswith(f"Demo loaded: 3 journeys, {events} events.")
    assert second.getvalue() == "The demo center is here already; nothing was changed.\n"
    assert (Event.objects.count(), Center.objects.count()) == (events, 2)
    ada = User.objects.get(email="ada@demo.example")
    assert Delivery.objects.unread_by(ada).exists()


@pytest.mark.django_db
def test_a_story_that_can_not_be_told_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cartpath.demo.loading.REAL_CASE", MISSING)
    with pytest.raises(FileNotFoundError):
        demo_load(seed=1, now=NOW, plots=some("newborn"))
    assert not Center.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_the_demo_is_refused_in_production(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="not loaded in production"):
        call_command("load_demo")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_everybody_named_can_sign_in_with_the_password_printed() -> None:
    demo_load(seed=1, now=NOW, plots=())
    printed = io.StringIO()
    call_command("demo_accounts", stdout=printed)
    heading, *lines = printed.getvalue().splitlines()
    assert DEMO_PASSWORD in heading
    assert [line.split()[0] for line in lines] == [person.email for person in PEOPLE]
    for person in PEOPLE:
        assert authenticate(None, email=person.email, password=DEMO_PASSWORD)
    assert User.objects.get(is_staff=True).email == "omar@demo.example"
