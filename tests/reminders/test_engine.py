"""From a due reminder to a person who was told: once, and only when it still holds."""

import smtplib
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, Membership, User
from cartpath.reminders import engine, planning, sending
from cartpath.reminders.channels import message_id
from cartpath.reminders.enums import Channel, DeliveryState, Obstacle
from cartpath.reminders.models import Delivery, Reminder
from cartpath.reminders.sending import Run
from cartpath.reminders.services import deliveries_retry, notices_read, reminder_complete
from patients.models import Patient
from patients.referrals import (
    referral_decline,
)
from tests.factories import Story
from tests.reminders.conftest import Clock, Refer, unsendable

pytestmark = pytest.mark.django_db


def states(**which: Any) -> list[tuple[str, str]]:
    """State and problem of deliveries."""
    return sorted(Delivery.objects.filter(**which).values_list("state", "problem"))


def test_a_due_reminder_is_told_by_mail_and_in_the_app(refer: Refer, clock: Clock, ben: User) -> None:
    reminder = refer()
    tally = clock.run()
    assert tally == {"announced": 1, "sent": 2}
    assert [message.to for message in mail.outbox] == [[ben.email]]
    assert [notice.reminder for notice in Delivery.objects.unread_by(ben)] == [reminder]


def test_a_second_run_finds_nothing_to_do(refer: Refer, clock: Clock) -> None:
    refer()
    clock.run()
    clock.later(minutes=30)
    assert clock.run() == {}
    assert len(mail.outbox) == 1


def test_nobody_is_told_before_the_hour_has_come(story: Story, clock: Clock) -> None:
    story.infused()
    clock.at = story.at + timedelta(hours=11, minutes=59)
    clock.run()
    before = Delivery.objects.filter(reminder__item="toxicity_assessment").count()
    clock.later(minutes=1)
    clock.run()
    told = Delivery.objects.filter(reminder__item="toxicity_assessment", channel=Channel.EMAIL)
    assert before == 0
    assert {delivery.recipient for delivery in told} == {story.clinician, story.second}


def test_only_people_of_the_center_who_hold_the_role_are_told(
    refer: Refer, clock: Clock, ada: User, cara: User, cleo: User
) -> None:
    former = User.objects.create_user("gone@a.example", name="Gone")
    Membership.objects.create(user=former, center=ada.memberships.get().center, role=Role.CLINICIAN)
    User.objects.filter(pk=former.pk).update(is_active=False)
    refer()
    clock.run()
    assert sorted(message.to[0] for message in mail.outbox) == ["ben@a.example", "cara@a.example"]


def test_the_administrator_stands_in_where_nobody_holds_the_role(
    refer: Refer, clock: Clock, ben: User, omar: User
) -> None:
    refer()
    Membership.objects.filter(user=ben).delete()
    clock.run()
    (message,) = mail.outbox
    assert message.to == [omar.email]
    assert "Nobody in your center holds this role" in message.body


def test_a_reminder_that_finds_nobody_is_recorded_and_shown(refer: Refer, clock: Clock, ben: User) -> None:
    refer()
    Membership.objects.filter(user=ben).delete()
    clock.run()
    assert states() == [("failed", "no_recipient")]
    assert deliveries_retry(delivery_ids=Delivery.objects.values_list("pk", flat=True), at=clock.at) == 0


def test_nothing_is_sent_after_the_thing_is_done(refer: Refer, clock: Clock, ben: User) -> None:
    reminder = refer()
    planning.plan_batch(at=clock.at, tally=engine.Tally())
    reminder_complete(reminder_id=reminder.pk, by=ben.actor, at=clock.at, reason="Decided by phone.")
    clock.run()
    assert mail.outbox == []
    assert states() == [("skipped", "no_longer_open")] * 2


def test_nothing_is_planned_for_what_is_done_already(refer: Refer, clock: Clock, ben: User) -> None:
    reminder_complete(reminder_id=refer().pk, by=ben.actor, at=clock.at, reason="Decided by phone.")
    assert clock.run() == {}


def test_nothing_is_sent_about_a_closed_journey(refer: Refer, clock: Clock, ben: User) -> None:
    reminder = refer()
    planning.plan_batch(at=clock.at, tally=engine.Tally())
    referral_decline(journey_id=reminder.journey_id, reason="Too ill.", by=ben.actor, at=clock.at)
    clock.run()
    assert mail.outbox == []


def test_nothing_is_sent_about_a_child_who_died_whatever_the_reminder_says(
    refer: Refer, clock: Clock
) -> None:
    reminder = refer()
    Patient.objects.filter(pk=reminder.patient_id).update(died_on=clock.at.date())
    clock.run()
    assert states() == [("skipped", "journey_over")] * 2


def test_nothing_is_sent_to_somebody_who_left(refer: Refer, clock: Clock, ben: User, cara: User) -> None:
    refer()
    planning.plan_batch(at=clock.at, tally=engine.Tally())
    Membership.objects.filter(user=ben).update(role=Role.AUDITOR)
    clock.run()
    assert [message.to for message in mail.outbox] == [[cara.email]]
    assert states(recipient=ben) == [("skipped", "no_longer_entitled")] * 2


def test_after_an_outage_only_the_last_of_a_series_is_announced(story: Story, clock: Clock) -> None:
    story.infused()
    clock.at = story.at + timedelta(days=2, hours=1)
    clock.run()
    told = Delivery.objects.filter(reminder__item="toxicity_assessment", recipient=story.clinician)
    assert sorted(told.values_list("reminder__occurrence", "state").distinct()) == [
        (1, "skipped"),
        (2, "skipped"),
        (3, "skipped"),
        (4, "sent"),
    ]
    assert set(told.filter(state="skipped").values_list("problem", flat=True)) == {Obstacle.NEWER_OCCURRENCE}


class MoodySmtp(EmailBackend):
    """Delivers into the outbox, unless told how to fail."""

    refuses: Callable[[str], Exception | None] = staticmethod(lambda address: None)
    is_down = False
    opened = 0

    def open(self) -> bool:
        type(self).opened += 1
        if self.is_down:
            raise ConnectionRefusedError
        return True

    def send_messages(self, messages: Any) -> int:
        for message in messages:
            error = type(self).refuses(message.to[0])
            if error:
                raise error
        return super().send_messages(messages)


@pytest.fixture
def smtp(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[MoodySmtp]:
    settings.EMAIL_BACKEND = f"{__name__}.MoodySmtp"
    monkeypatch.setattr(MoodySmtp, "refuses", staticmethod(lambda address: None))
    monkeypatch.setattr(MoodySmtp, "is_down", False)
    monkeypatch.setattr(MoodySmtp, "opened", 0)
    return MoodySmtp


def refuse(smtp: type[MoodySmtp], address: str) -> None:
    """Let the server refuse one recipient."""
    error = smtplib.SMTPDataError(550, f"no such person {address}".encode())
    smtp.refuses = staticmethod(lambda to: error if to == address else None)


def test_a_poisoned_recipient_does_not_hold_up_the_others(
    refer: Refer, clock: Clock, ben: User, cara: User, smtp: type[MoodySmtp]
) -> None:
    refuse(smtp, ben.email)
    for _ in range(3):
        refer()
    clock.run()
    assert [message.to for message in mail.outbox] == [[cara.email]] * 3
    assert states(recipient=ben, channel=Channel.EMAIL) == [("intended", "SMTPDataError 550")] * 3


def test_a_message_that_keeps_failing_is_set_aside_and_can_be_tried_again(
    refer: Refer, clock: Clock, ben: User, smtp: type[MoodySmtp]
) -> None:
    refuse(smtp, ben.email)
    refer()
    waits = []
    for _ in range(sending.MAX_ATTEMPTS):
        clock.run()
        delivery = Delivery.objects.get(channel=Channel.EMAIL)
        waits.append(delivery.next_try_at - clock.at)
        clock.at = max(delivery.next_try_at, clock.at)
    assert waits[:-1] == list(sending.BACKOFF)
    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, 5)
    assert "@" not in delivery.problem
    assert clock.run() == {}
    smtp.refuses = staticmethod(lambda address: None)
    assert deliveries_retry(delivery_ids=[delivery.pk], at=clock.at) == 1
    clock.run()
    assert [message.to for message in mail.outbox] == [[ben.email]]


def test_while_the_mail_server_is_down_nothing_counts_as_an_attempt(
    refer: Refer, clock: Clock, smtp: type[MoodySmtp]
) -> None:
    smtp.is_down = True
    for _ in range(3):
        refer()
    for _ in range(10):
        clock.run()
        clock.later(hours=12)
    assert Delivery.objects.filter(channel=Channel.IN_APP, state=DeliveryState.SENT).count() == 3
    assert set(Delivery.objects.filter(channel=Channel.EMAIL).values_list("attempts", "state")) == {
        (0, DeliveryState.INTENDED)
    }
    smtp.is_down = False
    clock.run()
    assert len(mail.outbox) == 3


def test_one_connection_carries_all_messages_of_a_run(
    refer: Refer, clock: Clock, smtp: type[MoodySmtp]
) -> None:
    for _ in range(5):
        refer()
    clock.run()
    assert (len(mail.outbox), smtp.opened) == (5, 1)


def test_what_a_killed_worker_held_is_sent_when_its_lease_runs_out(
    refer: Refer, clock: Clock, ben: User
) -> None:
    refer()
    planning.plan_batch(at=clock.at, tally=engine.Tally())
    (held,) = engine.Deliveries().claim(at=clock.at)
    assert held.channel == Channel.EMAIL
    clock.later(seconds=sending.LEASE.total_seconds() - 1)
    assert clock.run() == {"sent": 1}  # the notice in the app, which nobody holds
    clock.later(seconds=1)
    assert clock.run() == {"sent": 1}
    assert len(mail.outbox) == 1


def test_a_worker_that_lost_its_lease_sends_nothing(refer: Refer, clock: Clock) -> None:
    refer()
    planning.plan_batch(at=clock.at, tally=engine.Tally())
    (slow, *_rest) = engine.Deliveries().claim(at=clock.at)
    clock.later(seconds=sending.LEASE.total_seconds())
    clock.run()
    notice = engine.notice_of(slow, waiting=1, at=clock.at)
    with engine.Channels() as channels:
        assert engine.Deliveries().deliver(slow, notice, Run(now=clock, channels=channels)) == "lost"
    assert len(mail.outbox) == 1


def test_a_message_that_leaves_again_carries_the_same_id(refer: Refer, clock: Clock) -> None:
    refer()
    clock.run()
    delivery = Delivery.objects.get(channel=Channel.EMAIL)
    with unsendable("delivery"):
        Delivery.objects.filter(pk=delivery.pk).update(state="intended", sent_at=None)
    clock.run()
    ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert ids == [message_id(delivery.pk)] * 2
    assert ids[0].startswith(f"<{delivery.pk}@")


def test_a_mail_says_role_count_and_link_and_nothing_about_the_child(
    refer: Refer, clock: Clock, settings: Any
) -> None:
    settings.SITE_URL = "https://cart.example"
    reminder, _other = refer(), refer()
    clock.run()
    message = next(message for message in mail.outbox if str(reminder.pk) in message.body)
    assert message.subject == "CARTPath: 2 reminders for the role Clinician"
    assert f"https://cart.example/reminders/{reminder.pk}/" in message.body
    text = message.message().as_string()
    child = reminder.patient
    for secret in (child.family_name, child.given_name, child.mrn, child.birth_date.isoformat(), "1/15/2021"):
        assert secret.lower() not in text.lower()


def test_a_mail_is_written_in_the_language_of_the_center(
    refer: Refer, clock: Clock, center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken: list[str] = []
    Center.objects.filter(pk=center.pk).update(language="it")
    monkeypatch.setattr(
        engine.Channels,
        "__getitem__",
        lambda self, name: _Listener(spoken),  # the wording is the catalog's
    )
    refer()
    clock.run()
    assert set(spoken) == {"it"}


class _Listener:
    """Notes in which language it was addressed."""

    def __init__(self, spoken: list[str]) -> None:
        self.spoken = spoken

    def send(self, notice: engine.Notice) -> None:
        self.spoken.append(notice.language)


def test_reading_the_notices_empties_the_list(refer: Refer, clock: Clock, ben: User, cara: User) -> None:
    first, _second = refer(), refer()
    clock.run()
    assert notices_read(user=ben, at=clock.at, reminder_ids=[first.pk]) == 1
    assert notices_read(user=ben, at=clock.at) == 1
    assert Delivery.objects.unread_by(ben).count() == 0
    assert Delivery.objects.unread_by(cara).count() == 2


def in_threads(count: int, work: Callable[[], None]) -> None:
    """Run `work` at the same moment in several threads, each with its own database connection."""
    barrier = threading.Barrier(count)
    errors: list[BaseException] = []

    def body() -> None:
        try:
            barrier.wait(timeout=10)
            work()
        except BaseException as error:  # shown by the test's thread
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=body) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []


@pytest.mark.django_db(transaction=True)
def test_racing_workers_tell_everybody_once(refer: Refer, clock: Clock, cara: User) -> None:
    for _ in range(40):
        refer()
    in_threads(4, lambda: clock.run() and None)
    sent = [(message.to[0], message.extra_headers["Message-ID"]) for message in mail.outbox]
    assert len(sent) == len(set(sent)) == 80
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    assert Delivery.objects.count() == 160


@pytest.mark.django_db(transaction=True)
def test_a_completion_waits_for_the_message_that_is_just_leaving(
    refer: Refer, clock: Clock, ben: User, smtp: type[MoodySmtp]
) -> None:
    """Either the message left before the completion was committed, or it never leaves."""
    reminder = refer()
    leaving, order = threading.Event(), []

    def slow(address: str) -> None:
        leaving.set()
        threading.Event().wait(0.3)
        order.append("message left")

    smtp.refuses = staticmethod(slow)
    worker = threading.Thread(target=lambda: (clock.run(), connection.close()))
    worker.start()
    assert leaving.wait(timeout=10)
    reminder_complete(reminder_id=reminder.pk, by=ben.actor, at=clock.at, reason="Decided by phone.")
    order.append("completed")
    worker.join(timeout=10)
    assert order == ["message left", "completed"]


@pytest.mark.django_db(transaction=True)
def test_a_crash_between_planning_and_marking_loses_nothing(refer: Refer, clock: Clock) -> None:
    refer()

    def crash() -> None:
        with transaction.atomic():
            planning.plan_batch(at=clock.at, tally=engine.Tally())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()
    assert Delivery.objects.count() == 0
    assert Reminder.objects.filter(notified_at=None).count() == 1
    assert clock.run()["sent"] == 2
