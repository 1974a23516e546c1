"""A reminder that can't be planned stops nobody else; and what was sent stays as it was sent."""

from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from cartpath.accounts.models import Center, User
from cartpath.reminders import planning
from cartpath.reminders.enums import Channel
from cartpath.reminders.models import Delivery, Digest, Reminder
from cartpath.reminders.selectors import reminders_set_aside
from cartpath.reminders.services import notices_read, reminders_retry
from patients.models import Journey
from patients.referrals import referral_register
from tests.factories import patient_details, referral_details
from tests.reminders.conftest import Clock, Refer

pytestmark = pytest.mark.django_db


@pytest.fixture
def poisoned(refer: Refer) -> Reminder:
    """The middle one of three reminders, with a ladder that nobody can climb."""
    _first, middle, _last = refer(), refer(), refer()
    Reminder.objects.filter(pk=middle.pk).update(ladder=[["soon", "nobody"]])
    return middle


def test_a_reminder_that_cannot_be_planned_is_set_aside_alone(
    poisoned: Reminder, clock: Clock, ben: User
) -> None:
    assert clock.run() == {"announced": 2, "set aside": 1, "sent": 4}
    assert len(mail.outbox) == 2
    poisoned.refresh_from_db()
    assert (poisoned.problem, poisoned.notified_at, poisoned.wake_at) == ("ValueError", None, None)
    assert list(reminders_set_aside(ben)) == [poisoned]
    clock.later(minutes=1)
    assert clock.run() == {}


def test_it_is_planned_when_somebody_has_mended_it(poisoned: Reminder, clock: Clock) -> None:
    clock.run()
    Reminder.objects.filter(pk=poisoned.pk).update(ladder=[])
    assert reminders_retry(reminder_ids=[poisoned.pk]) == 1
    clock.run()
    assert len(mail.outbox) == 3


def test_what_the_database_refuses_is_set_aside_alone(
    refer: Refer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _first, bad, _last = refer(), refer(), refer()
    plan = planning._deliveries

    def impossible(reminder: Reminder, *rest: Any) -> Any:
        for row in plan(reminder, *rest):
            row.role = "nobody" if reminder.pk == bad.pk else row.role
            yield row

    monkeypatch.setattr(planning, "_deliveries", impossible)
    clock.run()
    assert len(mail.outbox) == 2
    assert Reminder.objects.get(pk=bad.pk).problem == "IntegrityError"


def test_a_center_without_a_zone_does_not_stop_the_others(
    refer: Refer, clock: Clock, other_center: Center, ada: User, cleo: User, center: Center
) -> None:
    referral_register(
        center=other_center, patient=patient_details(), referral=referral_details(), by=ada.actor, at=clock.at
    )
    refer()
    Center.objects.filter(pk=other_center.pk).update(timezone="Mars/Olympus")
    clock.run()
    assert [message.to for message in mail.outbox] == [["ben@a.example"]]
    assert set(Reminder.objects.set_aside().values_list("center__code", flat=True)) == {"B"}


def test_the_administrator_sees_it_without_the_child_and_plans_it_again(
    poisoned: Reminder, clock: Clock, client: Client
) -> None:
    clock.run()
    client.force_login(User.objects.create_superuser("root@a.example", "x", name="Root"))
    url = reverse("admin:reminders_reminder_changelist")
    page = client.get(url).content.decode()
    assert "ValueError" in page
    assert page.count('class="field-problem') == 1
    for secret in (poisoned.patient.mrn, poisoned.patient.family_name):
        assert secret not in page
        change = client.get(reverse("admin:reminders_reminder_change", args=[poisoned.pk]))
        assert secret not in change.content.decode()
    client.post(url, {"action": "try_again", "_selected_action": [str(poisoned.pk)]})
    assert Reminder.objects.get(pk=poisoned.pk).problem == ""


@pytest.fixture
def sent(refer: Refer, clock: Clock) -> Delivery:
    """A notice in the app that was told."""
    refer()
    clock.run()
    return Delivery.objects.get(channel=Channel.IN_APP)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "intended", "sent_at": None},
        {"recipient": None, "state": "failed", "sent_at": None, "problem": "x"},
        {"attempts": 3},
        {"planned_at": "2026-01-01T00:00Z"},
    ],
)
def test_what_was_sent_cannot_be_changed(sent: Delivery, changes: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="stays as it was sent"), transaction.atomic():
        Delivery.objects.filter(pk=sent.pk).update(**changes)


def test_what_was_sent_cannot_be_deleted(sent: Delivery) -> None:
    with pytest.raises(IntegrityError, match="proves who was told"), transaction.atomic():
        Delivery.objects.filter(pk=sent.pk).delete()


def test_what_was_sent_can_be_read(sent: Delivery, clock: Clock, ben: User) -> None:
    assert notices_read(user=ben, at=clock.at) == 1


def test_a_digest_that_was_sent_cannot_be_changed_either(
    center: Center, ben: User, clock: Clock, refer: Refer
) -> None:
    journey: Journey = refer().journey
    row = Digest.objects.create(
        id=journey.pk,
        recipient=ben,
        center=center,
        on=clock.at.date(),
        state="sent",
        sent_at=clock.at,
        planned_at=clock.at,
        next_try_at=clock.at,
    )
    with pytest.raises(IntegrityError, match="stays as it was sent"), transaction.atomic():
        Digest.objects.filter(pk=row.pk).update(sent_at=clock.later(hours=1))
