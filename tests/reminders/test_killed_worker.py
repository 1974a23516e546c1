"""`kill -9` of a real Celery worker that holds 200 due reminders, on PostgreSQL, a broker and SMTP."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from cartpath.celery import app
from cartpath.reminders.channels import message_id
from cartpath.reminders.enums import Channel, DeliveryState
from cartpath.reminders.models import Delivery
from cartpath.reminders.tasks import tick
from tests.reminders.conftest import Refer
from tests.reminders.smtp_sink import SmtpSink

REMINDERS = 200
# Far more than it takes: a machine that is busy with other tests is no reason to fail.
PATIENCE_SECONDS = 120.0


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until something is so, while ticks go out as from beat; fail when it takes far too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    next_tick = 0.0
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS:g} s in vain: {what}"
        if time.monotonic() >= next_tick:
            tick.delay()
            next_tick = time.monotonic() + 1
        time.sleep(0.02)


@contextmanager
def worker(sink: SmtpSink, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A Celery worker on the test's database and broker, as production starts it."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "cartpath",
        "worker",
        "-Q",
        "reminders",
        "-c",
        "1",
        "-l",
        "INFO",
    ]
    quick = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command + quick,
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": database.geturl(), **sink.environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait(timeout=PATIENCE_SECONDS)


def in_state(state: DeliveryState) -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=state)


def quiet(sink: SmtpSink) -> bool:
    """Whether no mail comes for a while."""
    before = sink.accepted.total()
    time.sleep(0.3)
    return sink.accepted.total() == before


@pytest.fixture
def empty_queue() -> Iterator[None]:
    """Leave no ticks behind for the workers of other tests."""
    yield
    app.control.purge()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_queue")
def test_a_killed_worker_loses_no_message_and_doubles_none(refer: Refer, tmp_path: Path) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    for _ in range(REMINDERS):
        refer(at=yesterday, priority=1)  # at any hour of the day
    held, sent = Delivery.objects.exclude(lease_until=None), in_state(DeliveryState.SENT)
    with SmtpSink(seconds_for_each=0.005) as sink:
        with worker(sink, tmp_path / "first.log") as first:
            wait_for(lambda: sink.accepted.total() >= 60 and held.count() > 5, "the first worker sends")
            first.send_signal(signal.SIGKILL)
            assert first.wait(timeout=PATIENCE_SECONDS) == -signal.SIGKILL
        # Its pool process finishes the message on the wire and goes; what else it held stays leased.
        wait_for(lambda: quiet(sink), "nobody sends any more")
        assert held.count() > 0
        assert sink.accepted.total() < REMINDERS
        held.update(lease_until=timezone.now())  # turn the clock instead of waiting for the lease to run out
        with worker(sink, tmp_path / "second.log"):
            wait_for(lambda: sent.count() == 2 * REMINDERS, "the second worker sends the rest")
    mails = Delivery.objects.filter(channel=Channel.EMAIL)
    assert set(sink.accepted) == {message_id(mail.pk) for mail in mails}
    assert set(sink.accepted.values()) == {1}
    assert sink.accepted.total() == REMINDERS
    assert Delivery.objects.count() == 2 * REMINDERS
