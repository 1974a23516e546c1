"""Mail of every kind, read back from a real SMTP server and searched for what it must not say."""

import re
from datetime import date, timedelta
from email.message import Message
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from pytest_django import Settings

from cartpath.accounts.models import User
from cartpath.ledger.models import Event
from cartpath.reminders.models import Reminder
from cartpath.reminders.services import heartbeat_record
from cartpath.reminders.watching import Watcher
from leukapheresis.scheduling.booking import booking_create
from patients.models import Journey, Patient
from tests.factories import Story, patient_details
from tests.reminders.conftest import Clock
from tests.reminders.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")
SMTP = "django.core.mail.backends.smtp.EmailBackend"
CHILDREN = [
    ("Quetzalcoatl", "Zenobia", "ZQ-778812", date(2019, 11, 23)),
    ("D'Ursø-Łuczak", "Þórdís", "ŁD/445566", date(2017, 2, 28)),
]


def telling_words() -> set[str]:
    """Everything about a child that could be read, in the ways in which it could be written."""
    words: set[str] = set()
    for patient in Patient.objects.all():
        words |= {patient.family_name, patient.given_name, patient.mrn, str(patient.pk), patient.pk.hex}
        born = patient.birth_date
        words |= {born.isoformat(), f"{born:%d.%m.%Y}", f"{born:%d/%m/%Y}", f"{born:%m/%d/%Y}"}
        words |= {f"{born.day} {month} {born.year}" for month in (f"{born:%B}", f"{born:%b}")}
    for journey in Journey.objects.all():
        words |= {str(journey.pk), journey.pk.hex}
    items = Reminder.objects.values_list("item", "label")
    return words | {word for pair in items for word in pair} | {"tisagenlecleucel", "b_all"}


def everything(message: Message) -> str:
    """Headers as they are and decoded, and the body decoded."""
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    body = "\n".join(part.decode("utf-8") for part in parts if isinstance(part, bytes))
    return "\n".join([*(f"{name}: {value}" for name, value in message.items()), body, message.as_string()])


def tell_of_a_child(story: Story, number: int) -> None:
    """Referred, accepted and booked, today, by somebody whose colleagues are told of it."""
    family_name, given_name, mrn, born = CHILDREN[number]
    story.child = patient_details(family_name=family_name, given_name=given_name, mrn=mrn, birth_date=born)
    story.at = timezone.now().astimezone(ROME)
    story.accepted()
    story.at = timezone.now().astimezone(ROME)
    slot = story.slot(machine=f"Machine {number}")
    booking_create(journey_id=story.journey_id, times=[slot.pk], by=story.coordinator.actor, at=story.at)


def test_no_mail_of_any_kind_says_anything_about_a_child(
    story: Story, omar: User, settings: Settings
) -> None:
    with SmtpSink() as sink:
        settings.EMAIL_BACKEND = SMTP
        settings.EMAIL_HOST = sink.environment["EMAIL_HOST"]
        settings.EMAIL_PORT = int(sink.environment["EMAIL_PORT"])
        start = timezone.now()
        heartbeat_record(name="scheduler", at=start)
        watcher = Watcher(started_at=start)
        watcher.look(start + timedelta(minutes=6))
        heartbeat_record(name="scheduler", at=start + timedelta(minutes=9))
        watcher.look(start + timedelta(minutes=9, seconds=15))
        for number in range(len(CHILDREN)):
            tell_of_a_child(story, number)
        clock = Clock(timezone.now() + timedelta(minutes=11))
        clock.run()
        for _day in range(12):
            clock.later(days=3)
            clock.run()
    subjects = "\n".join(str(message["Subject"]) for message in sink.messages)
    for kind in ("reminder", "calendar", "no reminders are going out", "reminders go out again"):
        assert kind in subjects, f"no mail of kind {kind}: {subjects}"
    assert Event.objects.exists()
    words = {word.lower() for word in telling_words() if len(word) > 3}
    reminders = {str(pk) for pk in Reminder.objects.values_list("pk", flat=True)}
    for message in sink.messages:
        text = everything(message).lower()
        assert not [word for word in words if word in text]
        linked = set(re.findall(r"/reminders/([0-9a-f-]{36})/", text))
        assert linked <= reminders
