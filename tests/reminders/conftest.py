"""A clock that is turned by hand, and children who wait for a decision on their referral."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from cartpath.accounts.models import Center, User
from cartpath.reminders.engine import Tally, run
from cartpath.reminders.models import Reminder
from patients.referrals import (
    referral_register,
)
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


@pytest.fixture
def clock(noon: datetime) -> Clock:
    """Noon of the day most tests begin."""
    return Clock(noon)


Refer = Callable[..., Reminder]


@pytest.fixture
def refer(center: Center, ada: User, ben: User, noon: datetime) -> Refer:
    """`refer()` refers a child at noon and returns the reminder that asks Ben, clinician, for a decision."""

    def make(at: datetime = noon) -> Reminder:
        journey = referral_register(
            center=center, patient=patient_details(), referral=referral_details(), by=ada.actor, at=at
        )
        return Reminder.objects.get(journey=journey, item="referral_decision")

    return make
