"""Messages of one batch, each with a transaction of its own that ends with the beginning of the next."""

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.db import OperationalError, connection
from django.db.models import F

from cartpath.core.prepared import Chain
from cartpath.reminders.enums import Cause, Channel, DeliveryState, ReminderState
from cartpath.reminders.models import Delivery, Reminder
from tests.reminders.conftest import Clock, Refer

pytestmark = pytest.mark.django_db(transaction=True)


def states() -> list[str]:
    """Of the e-mails, in the order in which they are sent."""
    mails = Delivery.objects.filter(channel=Channel.EMAIL).order_by("reminder__due_at")
    return [str(state) for state in mails.values_list("state", flat=True)]


class Awkward(EmailBackend):
    """Accepts all but the second message, and does something on the way of a third."""

    seen = 0

    def send_messages(self, messages: list[EmailMessage]) -> int:  # type: ignore[override]
        Awkward.seen += 1
        if Awkward.seen == 2:
            raise ValueError("this one doesn't please")
        return super().send_messages(messages)


@pytest.fixture
def awkward(settings: object) -> type[Awkward]:
    Awkward.seen = 0
    settings.EMAIL_BACKEND = f"{__name__}.Awkward"  # type: ignore[attr-defined]
    return Awkward


@pytest.mark.usefixtures("awkward")
def test_a_message_that_fails_holds_up_neither_those_before_nor_those_after(
    refer: Refer, clock: Clock
) -> None:
    for _ in range(4):
        refer()
    assert clock.run() == {"announced": 4, "sent": 4 + 3, "postponed": 1}
    assert sorted(states()) == ["intended", "sent", "sent", "sent"]
    assert len(mail.outbox) == 3
    clock.later(minutes=2)
    assert clock.run() == {"sent": 1}
    assert len(mail.outbox) == len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 4


def test_what_must_not_go_is_skipped_and_the_others_go(refer: Refer, clock: Clock) -> None:
    rows = [refer() for _ in range(4)]
    clock.later(seconds=1)

    def close_one(chain: Chain, values: dict[str, object]) -> list[tuple[object, ...]]:
        # Somebody completes the thing between the claim and the check.
        Reminder.objects.filter(pk__in=[rows[0].pk, rows[2].pk], state=ReminderState.OPEN).update(
            state=ReminderState.CANCELED,
            closed_at=clock.at,
            cause=Cause.STOPPED,
            closed_by_event_id=F("anchor_event_id"),
        )
        return ordinary(chain, values)

    ordinary = Chain.next
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Chain, "next", close_one)
        tally = clock.run()
    assert tally["skipped"] == 2
    assert len(mail.outbox) == 2
    assert sorted(states()) == ["sent", "sent", "skipped", "skipped"]


def test_a_commit_that_fails_is_made_up_for_and_nothing_leaves_twice(
    refer: Refer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        refer()
    ordinary, calls = Chain.next, []

    def fall_silent(chain: Chain, values: dict[str, object]) -> list[tuple[object, ...]]:
        calls.append(values)
        if len(calls) == 2:  # With the first message's commit in it.
            connection.connection.close()
            raise OperationalError("the server closed the connection unexpectedly")
        return ordinary(chain, values)

    monkeypatch.setattr(Chain, "next", fall_silent)
    assert clock.run() == {"announced": 3, "sent": 3 + 3}
    assert states() == ["sent"] * 3
    assert len(mail.outbox) == len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 3


def test_a_held_message_looks_as_it_did_to_everybody_else(refer: Refer, clock: Clock) -> None:
    from cartpath.reminders import engine, planning

    refer()
    planning.plan_batch(at=clock.at, tally=engine.Tally())
    (held,) = engine.Deliveries().claim(at=clock.at)
    held.refresh_from_db()
    assert (held.state, held.lease_until is None) == (DeliveryState.INTENDED, False)
    assert engine.Deliveries().claim(at=clock.at) == []
