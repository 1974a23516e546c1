"""A clock that is turned by hand, and children who wait for a decision on their referral."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection

from cartpath.accounts.models import Center, User
from cartpath.reminders.engine import Tally, run
from cartpath.reminders.models import Reminder
from patients.referrals import referral_register
from tests.factories import patient_details, referral_details


class Clock:
    """Tells the time it was set to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def later(self, **span: float) -> datetime:
        """Let time pass: `later(minutes=5)`."""
        self.at += timedelta(**span)
        return self.at

    def run(self) -> Tally:
        """Let the engine work until nothing is left to do at this moment."""
        return run(now=self, seconds=60)


@contextmanager
def unsendable(table: str) -> Iterator[None]:
    """Within it, what was sent can be made unsent, as no program of the house could."""
    name = f"reminders_{table}"
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {name} DISABLE TRIGGER {name}_sent_stays")
        yield
        cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER {name}_sent_stays; SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def clock(noon: datetime) -> Clock:
    """Noon of the day most tests begin."""
    return Clock(noon)


Refer = Callable[..., Reminder]


@pytest.fixture
def refer(center: Center, ada: User, ben: User, noon: datetime) -> Refer:
    """`refer()` refers a child at noon and returns the reminder that asks Ben, clinician, for a decision.

    The protocol calls it a treatment date, which has an e-mail of its own; a test may want another priority.
    """

    def make(at: datetime = noon, priority: int | None = None) -> Reminder:
        journey = referral_register(
            center=center, patient=patient_details(), referral=referral_details(), by=ada.actor, at=at
        )
        if priority is not None:
            Reminder.objects.filter(journey=journey).update(priority=priority)
        return Reminder.objects.get(journey=journey, item="referral_decision")

    return make
