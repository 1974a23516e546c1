"""An alert reaches people and the pager at once, climbs while nobody answers, and is quiet when answered."""

from collections.abc import Iterator

import pytest
from django.core import mail

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, User
from cartpath.reminders.enums import Channel
from cartpath.reminders.models import Delivery, Reminder
from cartpath.reminders.telling import webhook_make
from tests.alerts.conftest import Night
from tests.conftest import person
from tests.reminders.conftest import Clock
from tests.reminders.http_sink import HttpSink

pytestmark = pytest.mark.django_db

ITEMS = ("answer_emergency", "answer_alert")


@pytest.fixture
def clock(night: Night) -> Clock:
    """The engine's clock, at the story's time."""
    return Clock(night.at)


@pytest.fixture
def elena(center: Center) -> User:
    """The attending."""
    return person("elena@a.example", "Elena Conti", Role.ATTENDING, center)


@pytest.fixture
def sink() -> Iterator[HttpSink]:
    """The paging gateway."""
    with HttpSink() as listening:
        yield listening


def told(channel: Channel = Channel.EMAIL) -> list[str]:
    """Who was told of alerts, in order."""
    found = Delivery.objects.filter(reminder__item__in=ITEMS, channel=channel, state="sent")
    return list(found.order_by("sent_at", "pk").values_list("recipient__name", flat=True))


def run(clock: Clock, night: Night, **span: float) -> None:
    night.story.later(**span)
    clock.at = night.at
    clock.run()


def test_an_emergency_goes_at_once_to_app_mail_and_pager(
    night: Night, clock: Clock, ivo: User, omar: User, center: Center, sink: HttpSink
) -> None:
    webhook_make(
        center_id=center.pk, name="Pager", url=sink.url, up_to_priority=1, by=omar.actor, at=clock.at
    )
    night.sees(spo2=87)
    run(clock, night)
    assert told() == told(Channel.IN_APP) == ["Ivo Rossi"]
    paged = [each.document["data"] for each in sink.received]
    (alert,) = [data for data in paged if data["item"] == "answer_emergency"]
    assert (alert["priority"], alert["role"], alert["state"]) == (1, "registrar", "open")
    child = night.story.journey.patient
    said = " ".join([*(str(message.body) for message in mail.outbox), *(str(data) for data in paged)]).lower()
    assert not any(secret.lower() in said for secret in (child.family_name, child.mrn, "saturation"))


def test_unanswered_it_climbs_to_the_attending_and_answered_it_is_quiet(
    night: Night, clock: Clock, elena: User
) -> None:
    night.sees(spo2=87)
    run(clock, night)
    run(clock, night, minutes=29)
    assert told() == ["Ivo Rossi"]
    run(clock, night, minutes=1)
    assert told() == ["Ivo Rossi", "Elena Conti"]
    night.answers("alert_very_low_saturation")
    reminder = Reminder.objects.get(item="answer_emergency")
    assert reminder.state == "completed"
    run(clock, night, hours=6)
    assert told() == ["Ivo Rossi", "Elena Conti"]


def test_the_same_state_again_tells_nobody_and_a_worse_one_tells_again(night: Night, clock: Clock) -> None:
    night.sees(spo2=93)
    run(clock, night)
    night.answers("alert_low_saturation")
    night.sees(hours=1, spo2=92)
    run(clock, night)
    assert told() == ["Ivo Rossi"]
    night.sees(hours=1, spo2=90)
    run(clock, night)
    assert told() == ["Ivo Rossi", "Ivo Rossi"]


def test_an_alert_that_is_over_stops_its_ladder(night: Night, clock: Clock, elena: User) -> None:
    night.sees(spo2=93)
    run(clock, night)
    night.sees(hours=0.2, spo2=92)
    for hours in (0.1, 4):
        night.sees(hours=hours, spo2=99)
    run(clock, night, hours=3)
    assert Reminder.objects.get(item="answer_alert").state == "canceled"
    assert told() == ["Ivo Rossi"]


def test_a_notice_is_shown_and_told_to_nobody(night: Night, clock: Clock) -> None:
    night.sees(spo2=88)
    run(clock, night)
    assert "alert_low_saturation" in night.alerts()
    assert [reminder.item for reminder in Reminder.objects.filter(item__in=ITEMS)] == ["answer_emergency"]


def test_without_a_registrar_the_clinicians_are_told(night: Night, clock: Clock, ivo: User) -> None:
    ivo.memberships.all().delete()
    night.sees(spo2=87)
    run(clock, night)
    assert set(told()) == {"Ben", "Cara"}
