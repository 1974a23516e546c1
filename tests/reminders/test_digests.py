"""The morning digest: once a morning, in figures, and never about nothing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, Membership, User
from cartpath.reminders import digests
from cartpath.reminders.digests import Digests
from cartpath.reminders.enums import Channel, DeliveryState
from cartpath.reminders.models import Delivery, Digest, DigestRound, Reminder
from cartpath.reminders.sending import Tally
from cartpath.reminders.services import digests_retry, reminder_complete, reminder_snooze
from cartpath.reminders.telling import absence_add
from tests.reminders.conftest import Clock, Refer
from tests.reminders.test_engine import in_threads

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_round_of_the_day_is_over(center: Center, clock: Clock) -> None:
    """The tests begin at noon, after the day's digest."""
    DigestRound.objects.create(center=center, on=center.local_day(clock.at), planned_at=clock.at)


def routine(refer: Refer, clock: Clock, count: int = 1, **changes: Any) -> list[Reminder]:
    """Routine things that are due since now and for a week."""
    made = [refer(at=clock.at, priority=3) for _ in range(count)]
    Reminder.objects.filter(pk__in=[each.pk for each in made]).update(
        closes_at=clock.at + timedelta(days=7), ladder=[], **changes
    )
    return made


def soon_closed(reminder: Reminder, clock: Clock) -> None:
    """Let its window close within the hour."""
    closes_at = clock.at + timedelta(hours=1)
    Reminder.objects.filter(pk=reminder.pk).update(due_at=clock.at, closes_at=closes_at)


def next_morning(clock: Clock, minute: int = 30) -> None:
    """Go on to 07:30 of the next day, and let the engine work."""
    clock.at = (clock.at + timedelta(days=1)).replace(hour=7, minute=minute)
    clock.run()


def lines() -> list[tuple[str, str]]:
    """State and problem of what digests carry."""
    return sorted(Delivery.objects.filter(channel=Channel.DIGEST).values_list("state", "problem"))


def test_routine_is_in_the_app_at_once_and_in_one_mail_the_next_morning(
    refer: Refer, clock: Clock, ben: User
) -> None:
    routine(refer, clock, 3)
    clock.run()
    assert Delivery.objects.unread_by(ben).count() == 3
    assert mail.outbox == []
    assert lines() == [("gathered", "")] * 3
    next_morning(clock, minute=29)
    assert mail.outbox == []
    clock.later(minutes=1)
    clock.run()
    assert [message.to for message in mail.outbox] == [[ben.email]]
    assert lines() == [("sent", "")] * 3
    clock.later(hours=2)
    clock.run()
    assert len(mail.outbox) == 1


def test_a_digest_says_role_figures_and_link_and_nothing_about_a_child(
    refer: Refer, clock: Clock, settings: Any
) -> None:
    settings.SITE_URL = "https://cart.example"
    reminders = routine(refer, clock, 2)
    soon_closed(reminders[0], clock)
    clock.run()
    next_morning(clock)
    (message,) = mail.outbox
    assert message.subject == "CARTPath in the morning: 1 overdue, 1 due, 2 new"
    body = " ".join(message.body.split())
    assert "Clinician 1 overdue 1 due 2 new since the last digest https://cart.example/" in body
    text = message.message().as_string().lower()
    for reminder in reminders:
        child = reminder.patient
        for secret in (child.family_name, child.given_name, child.mrn, child.birth_date.isoformat()):
            assert secret.lower() not in text


def test_what_is_merely_still_due_was_told_already(refer: Refer, clock: Clock) -> None:
    routine(refer, clock)
    clock.run()
    next_morning(clock)
    next_morning(clock)
    assert len(mail.outbox) == 1


def test_what_is_overdue_is_told_every_morning_until_it_is_done(
    refer: Refer, clock: Clock, ben: User
) -> None:
    (reminder,) = routine(refer, clock)
    soon_closed(reminder, clock)
    clock.run()
    next_morning(clock)
    next_morning(clock)
    assert len(mail.outbox) == 2
    reminder_complete(reminder_id=reminder.pk, by=ben.actor, at=clock.at, reason="Done by phone.")
    next_morning(clock)
    assert len(mail.outbox) == 2


def test_nothing_to_say_is_no_digest(clock: Clock, ben: User) -> None:
    next_morning(clock)
    assert (mail.outbox, Digest.objects.count()) == ([], 0)


def test_what_was_done_meanwhile_makes_no_digest(refer: Refer, clock: Clock, ben: User) -> None:
    (reminder,) = routine(refer, clock)
    clock.run()
    reminder_complete(reminder_id=reminder.pk, by=ben.actor, at=clock.at, reason="Done by phone.")
    next_morning(clock)
    assert mail.outbox == []
    assert list(Digest.objects.values_list("state", "problem")) == [("skipped", "nothing_left")]
    assert lines() == [("skipped", "no_longer_open")]


def test_what_is_snoozed_is_in_no_digest(refer: Refer, clock: Clock, ben: User) -> None:
    (reminder,) = routine(refer, clock)
    clock.run()
    reminder_snooze(
        reminder_id=reminder.pk, by=ben.actor, at=clock.at, until=clock.at + timedelta(days=3), reason="Away."
    )
    next_morning(clock)
    assert mail.outbox == []
    assert lines() == [("skipped", "snoozed")]


def test_a_digest_exists_once_for_a_person_a_center_and_a_day(refer: Refer, clock: Clock) -> None:
    routine(refer, clock)
    clock.run()
    next_morning(clock)
    row = Digest.objects.values().get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Digest.objects.create(**row | {"id": UUID(int=1)})


def test_who_left_gets_no_digest(refer: Refer, clock: Clock, ben: User, cara: User) -> None:
    routine(refer, clock)
    clock.run()
    Membership.objects.filter(user=ben).delete()
    next_morning(clock)
    assert [message.to for message in mail.outbox] == [[cara.email]]
    assert list(Digest.objects.filter(recipient=ben).values_list("problem", flat=True)) == [
        "no_longer_entitled"
    ]


def test_who_is_away_that_morning_is_stood_in_for(
    refer: Refer, clock: Clock, center: Center, ada: User, ben: User, nina: User
) -> None:
    routine(refer, clock)
    clock.run()
    tomorrow = center.local_day(clock.at) + timedelta(days=1)
    absence_add(
        user=ben,
        center_id=center.pk,
        first_on=tomorrow,
        last_on=tomorrow,
        substitute_id=nina.pk,
        by=ada.actor,
        at=clock.at,
    )
    next_morning(clock)
    (message,) = mail.outbox
    assert message.to == [nina.email]
    assert "Clinician (for a colleague who is away)" in message.body
    assert lines() == [("sent", ""), ("skipped", "absent")]


def test_a_digest_waits_for_what_another_worker_is_still_planning(refer: Refer, clock: Clock) -> None:
    (reminder,) = routine(refer, clock)
    clock.at = clock.at.replace(day=3, hour=7, minute=31)
    Reminder.objects.filter(pk=reminder.pk).update(notify_at=clock.at - timedelta(minutes=31))
    tally = Tally()
    assert digests.gather(at=clock.at, tally=tally) == 0
    clock.run()
    assert len(mail.outbox) == 1


def test_after_an_outage_the_digest_waits_for_the_end_of_the_quiet_hours(refer: Refer, clock: Clock) -> None:
    routine(refer, clock)
    clock.run()
    clock.at = clock.at.replace(day=3, hour=22)
    clock.run()
    assert mail.outbox == []
    clock.at = clock.at.replace(day=4, hour=7, minute=30)
    clock.run()
    assert len(mail.outbox) == 1


def test_what_a_failed_digest_carried_goes_with_the_next(
    refer: Refer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    routine(refer, clock)
    clock.run()
    with monkeypatch.context() as broken:
        broken.setattr(digests, "message_id", lambda _pk: "\n")  # no header may hold this
        next_morning(clock)
        for _ in range(10):
            clock.later(minutes=200)
            clock.run()
    failed = Digest.objects.get(state=DeliveryState.FAILED)
    assert lines() == [("gathered", "")]
    next_morning(clock)
    assert len(mail.outbox) == 1
    assert lines() == [("sent", "")]
    assert digests_retry(digest_ids=[failed.pk], at=clock.at) == 1
    clock.run()
    assert len(mail.outbox) == 1


def test_a_worker_that_lost_its_lease_settles_nothing(refer: Refer, clock: Clock) -> None:
    routine(refer, clock)
    clock.run()
    clock.at = clock.at.replace(day=3, hour=7, minute=30)
    digests.gather(at=clock.at, tally=Tally())
    (slow,) = Digests().claim(at=clock.at)
    Digest.objects.update(lease_until=clock.at + timedelta(minutes=5))
    assert Digests().obstacle(slow, at=clock.at) is None
    assert lines() == [("gathered", "")]


def test_a_role_that_nobody_holds_is_in_the_administrators_digest(
    refer: Refer, clock: Clock, ben: User, omar: User
) -> None:
    routine(refer, clock)
    Membership.objects.filter(user=ben).update(role=Role.AUDITOR)
    clock.run()
    next_morning(clock)
    (message,) = mail.outbox
    assert message.to == [omar.email]
    assert "Administrator" in message.body


@pytest.mark.django_db(transaction=True)
def test_racing_workers_send_one_digest_to_each(refer: Refer, clock: Clock, ben: User, cara: User) -> None:
    routine(refer, clock, 5)
    clock.run()
    clock.at = clock.at.replace(day=3, hour=7, minute=30)
    in_threads(4, lambda: clock.run() and None)
    assert sorted(message.to[0] for message in mail.outbox) == [ben.email, cara.email]
    assert lines() == [("sent", "")] * 10
