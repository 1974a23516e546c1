"""When the scheduler is silent, its administrators get one e-mail, and one more when it beats again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from cartpath.accounts.models import User
from cartpath.reminders import watching
from cartpath.reminders.models import Silence
from cartpath.reminders.selectors import scheduler_is_silent
from cartpath.reminders.services import heartbeat_record
from cartpath.reminders.watching import Watcher
from tests.reminders.conftest import Clock
from tests.reminders.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db


@pytest.fixture
def watcher(clock: Clock, omar: User) -> Watcher:
    """A watcher that begins at noon, when the scheduler beats."""
    heartbeat_record(name="scheduler", at=clock.at)
    return Watcher(started_at=clock.at)


def subjects() -> list[str]:
    return [message.subject for message in mail.outbox]


SILENT, AGAIN = "CARTPath: no reminders are going out", "CARTPath: reminders go out again"


def test_five_minutes_of_silence_are_told_once(watcher: Watcher, clock: Clock, omar: User) -> None:
    watcher.look(clock.later(minutes=4, seconds=59))
    assert mail.outbox == []
    watcher.look(clock.later(seconds=1))
    watcher.look(clock.later(hours=2))
    assert subjects() == [SILENT]
    assert mail.outbox[0].to == [omar.email]
    assert "Last sign of life: 2026-03-02 11:00 UTC" in mail.outbox[0].body


def test_the_end_of_a_silence_is_told_once(watcher: Watcher, clock: Clock) -> None:
    watcher.look(clock.later(minutes=6))
    heartbeat_record(name="scheduler", at=clock.later(minutes=10))
    watcher.look(clock.later(seconds=15))
    watcher.look(clock.later(seconds=15))
    assert subjects() == [SILENT, AGAIN]
    silence = Silence.objects.get()
    assert None not in (silence.told_at, silence.ended_at, silence.end_told_at)


def test_another_silence_is_told_again(watcher: Watcher, clock: Clock) -> None:
    watcher.look(clock.later(minutes=6))
    heartbeat_record(name="scheduler", at=clock.later(minutes=1))
    watcher.look(clock.later(seconds=15))
    watcher.look(clock.later(minutes=6))
    assert subjects() == [SILENT, AGAIN, SILENT]


def test_two_watchers_and_one_that_was_started_again_tell_once(watcher: Watcher, clock: Clock) -> None:
    other = Watcher(started_at=clock.at)
    for each in (watcher, other, Watcher(started_at=clock.later(minutes=6))):
        each.look(clock.at)
    assert subjects() == [SILENT]


def test_a_scheduler_that_never_beat_is_silent_too(clock: Clock, omar: User) -> None:
    watcher = Watcher(started_at=clock.at)
    watcher.look(clock.later(minutes=4))
    assert mail.outbox == []
    watcher.look(clock.later(minutes=1))
    watcher.look(clock.later(minutes=1))
    assert subjects() == [SILENT]


def test_runs_that_never_end_well_are_told_although_the_scheduler_beats(
    watcher: Watcher, clock: Clock
) -> None:
    heartbeat_record(name="engine", at=clock.at)
    heartbeat_record(name="scheduler", at=clock.later(minutes=6))
    watcher.look(clock.at)
    assert subjects() == [SILENT]
    assert "no run of the reminders has ended well for 5 minutes" in mail.outbox[0].body
    assert scheduler_is_silent(at=clock.at)


def test_while_the_mail_server_refuses_the_watcher_goes_on_trying(
    watcher: Watcher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refused:
        def send_messages(self, _messages: Any) -> int:
            raise ConnectionRefusedError

    with monkeypatch.context() as down:
        down.setattr(watching, "get_connection", Refused)
        watcher.look(clock.later(minutes=6))
    assert Silence.objects.get().told_at is None
    watcher.look(clock.later(seconds=15))
    assert subjects() == [SILENT]


def test_addresses_of_the_house_are_told_too_and_nobody_twice(
    watcher: Watcher, clock: Clock, omar: User, settings: Any
) -> None:
    settings.WATCH_EMAILS = ["duty@a.example", omar.email]
    watcher.look(clock.later(minutes=6))
    assert sorted(message.to[0] for message in mail.outbox) == ["duty@a.example", omar.email]


class Unplugged:
    """A database that can't be reached."""

    def __call__(self, **_kwargs: Any) -> None:
        raise OperationalError


def test_a_database_out_of_reach_is_told_once_to_whom_the_watcher_last_knew(
    watcher: Watcher, clock: Clock, omar: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher.look(clock.at)
    with monkeypatch.context() as away:
        away.setattr(watching, "heartbeat_record", Unplugged())
        for _ in range(30):
            watcher.look(clock.later(seconds=15))
    assert subjects() == ["CARTPath: the database can't be reached"]
    assert mail.outbox[0].to == [omar.email]
    watcher.look(clock.later(seconds=15))
    assert subjects()[1:] == ["CARTPath: the database can be reached again"]


def test_after_the_database_came_back_the_scheduler_has_five_minutes(
    watcher: Watcher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(watching, "heartbeat_record", Unplugged())
        watcher.look(clock.later(minutes=1))
        watcher.look(clock.later(minutes=20))
    mail.outbox.clear()
    watcher.look(clock.later(seconds=15))
    watcher.look(clock.later(minutes=4, seconds=45))
    assert SILENT not in subjects()
    watcher.look(clock.later(seconds=15))
    assert SILENT in subjects()


@pytest.fixture
def sink(settings: Any) -> Iterator[SmtpSink]:
    """A real mail server, and Django told of it."""
    with SmtpSink() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = server.environment["EMAIL_HOST"]
        settings.EMAIL_PORT = int(server.environment["EMAIL_PORT"])
        yield server


def test_the_command_mails_over_smtp_without_celery(
    sink: SmtpSink, omar: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    settings.SITE_URL = "https://cart.example"
    heartbeat_record(name="scheduler", at=timezone.now() - timedelta(minutes=6))
    call_command("watch_scheduler", once=True)
    call_command("watch_scheduler", once=True)
    heartbeat_record(name="scheduler", at=timezone.now())
    call_command("watch_scheduler", once=True)
    assert [message["Subject"] for message in sink.messages] == [SILENT, AGAIN]
    assert set(sink.accepted.values()) == {1}
    assert sink.messages[0]["To"] == omar.email
    assert "https://cart.example/" in str(sink.messages[0].get_payload())
    call_command("watch_scheduler", alive=True)


def test_nobody_watches_until_a_watcher_looked() -> None:
    with pytest.raises(CommandError):
        call_command("watch_scheduler", alive=True)
