"""Acknowledging and completing by hand: two facts in the ledger, told apart from doing the thing."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from cartpath.accounts.models import User
from cartpath.core.errors import Conflict, Invalid, NotFound
from cartpath.ledger.models import Event
from cartpath.reminders.enums import Cause, ReminderState
from cartpath.reminders.models import Heartbeat
from cartpath.reminders.selectors import scheduler_is_silent
from cartpath.reminders.services import heartbeat_record, reminder_acknowledge, reminder_complete
from cartpath.reminders.tasks import heartbeat, tick
from patients.referrals import (
    referral_decline,
)
from tests.reminders.conftest import Clock, Refer

pytestmark = pytest.mark.django_db


def test_completing_by_hand_writes_the_reason_into_the_ledger(refer: Refer, ben: User, clock: Clock) -> None:
    reminder = refer()
    done = reminder_complete(reminder_id=reminder.pk, by=ben.actor, at=clock.at, reason=" Decided by phone. ")
    assert (done.state, done.cause) == (ReminderState.COMPLETED, Cause.BY_HAND)
    event = Event.objects.get(kind="reminder_completed")
    assert event.data == {"item": "referral_decision", "occurrence": 1, "reason": "Decided by phone."}
    assert done.closed_by_event_id == event.pk


def test_completing_needs_a_reason(refer: Refer, ben: User, clock: Clock) -> None:
    with pytest.raises(Invalid) as refused:
        reminder_complete(reminder_id=refer().pk, by=ben.actor, at=clock.at, reason="  ")
    assert set(refused.value.fields) == {"reason"}


def test_completing_twice_is_a_clean_conflict(refer: Refer, ben: User, clock: Clock) -> None:
    reminder = refer()
    reminder_complete(reminder_id=reminder.pk, by=ben.actor, at=clock.at, reason="Decided by phone.")
    with pytest.raises(Conflict) as refused:
        reminder_complete(reminder_id=reminder.pk, by=ben.actor, at=clock.at, reason="Again.")
    assert refused.value.code == "already_completed"
    assert Event.objects.filter(kind="reminder_completed").count() == 1


def test_a_canceled_reminder_says_so(refer: Refer, ben: User, clock: Clock) -> None:
    reminder = refer()
    referral_decline(journey_id=reminder.journey_id, reason="Too ill.", by=ben.actor, at=clock.at)
    for act in (
        lambda: reminder_complete(reminder_id=reminder.pk, by=ben.actor, at=clock.at, reason="Done."),
        lambda: reminder_acknowledge(reminder_id=reminder.pk, by=ben.actor, at=clock.at),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "already_canceled"


def test_acknowledging_keeps_the_reminder_open_and_the_first_name(
    refer: Refer, ada: User, ben: User, clock: Clock
) -> None:
    reminder = refer()
    first = reminder_acknowledge(reminder_id=reminder.pk, by=ben.actor, at=clock.at, note="Waiting for MRD.")
    again = reminder_acknowledge(reminder_id=reminder.pk, by=ada.actor, at=clock.later(hours=1))
    assert first.is_open
    assert (again.acknowledged_by, again.acknowledged_at) == ("Ben", first.acknowledged_at)
    event = Event.objects.get(kind="reminder_acknowledged")
    assert event.data == {"item": "referral_decision", "occurrence": 1, "note": "Waiting for MRD."}


def test_an_unknown_reminder_is_not_found(db: None, ben: User, clock: Clock) -> None:
    with pytest.raises(NotFound):
        reminder_acknowledge(reminder_id=uuid4(), by=ben.actor, at=clock.at)


def test_the_scheduler_is_silent_until_it_beats_and_after_five_minutes(clock: Clock) -> None:
    assert scheduler_is_silent(at=clock.at)
    heartbeat_record(name="scheduler", at=clock.at)
    assert not scheduler_is_silent(at=clock.later(minutes=4, seconds=59))
    assert scheduler_is_silent(at=clock.later(seconds=1))


def test_an_old_beat_that_arrives_late_does_not_turn_the_clock_back(clock: Clock) -> None:
    heartbeat_record(name="scheduler", at=clock.at)
    heartbeat_record(name="scheduler", at=clock.at - timedelta(minutes=10))
    assert Heartbeat.objects.get().beat_at == clock.at


def test_the_tasks_do_what_beat_asks_for(
    refer: Refer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="cartpath.reminders.tasks")
    refer()
    with time_machine.travel(clock.later(minutes=5), tick=False):  # what is told depends on the hour
        heartbeat()
        tick()
    assert Heartbeat.objects.filter(name="scheduler").exists()
    assert "2 sent" in caplog.text
