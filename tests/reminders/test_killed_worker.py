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
from django.utils import timezone

from cartpath.reminders.channels import message_id
from cartpath.reminders.enums import Channel, DeliveryState
from cartpath.reminders.models import Delivery
from cartpath.reminders.tasks import tick
from tests.reminders.conftest import Refer
from tests.reminders.smtp_sink import SmtpSink

REMINDERS = 200
PATIENCE_SECONDS = 20.0


def wait_for(
    condition: Callable[[], bool], what: str, meanwhile: Callable[[], object] = lambda: None
) -> None:
    """Wait until something is so, doing something else in between; fail when it takes too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS:g} s in vain: {what}"
        meanwhile()
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


def quiet(sink: SmtpSink) -> bool:
    """Whether no mail comes for a while."""
    before = sink.accepted.total()
    time.sleep(0.3)
    return sink.accepted.total() == before


def sent() -> int:
    return Delivery.objects.filter(state=DeliveryState.SENT).count()


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_no_message_and_doubles_none(refer: Refer, tmp_path: Path) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    for _ in range(REMINDERS):
        refer(at=yesterday)
    with SmtpSink(seconds_for_each=0.005) as sink:
        with worker(sink, tmp_path / "first.log") as first:
            tick.delay()
            wait_for(lambda: sink.accepted.total() >= 60, "the first worker sends")
            first.send_signal(signal.SIGKILL)
            assert first.wait(timeout=10) == -signal.SIGKILL
        # Its pool process finishes the message on the wire and goes; what else it held stays leased.
        wait_for(lambda: quiet(sink), "nobody sends any more")
        held = Delivery.objects.filter(state=DeliveryState.SENDING)
        assert held.count() > 0
        assert sink.accepted.total() < REMINDERS
        held.update(lease_until=timezone.now())  # turn the clock instead of waiting for the lease to run out
        with worker(sink, tmp_path / "second.log"):
            tick.delay()
            wait_for(lambda: sent() == 2 * REMINDERS, "the second worker sends the rest")
    mails = Delivery.objects.filter(channel=Channel.EMAIL)
    assert set(sink.accepted) == {message_id(mail.pk) for mail in mails}
    assert set(sink.accepted.values()) == {1}
    assert sink.accepted.total() == REMINDERS
    assert Delivery.objects.count() == sent() == 2 * REMINDERS
