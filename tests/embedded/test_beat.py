"""Beat may run many times and schedules once; queues keep apart."""

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
import redis
from celery import Celery
from django.db import connection

from cartpath.beat import SingleLock, SingleScheduler, somebody_holds_the_lock
from cartpath.celery import app

SPARE_DATABASE = "15"
# All of these share one database and one lock.
pytestmark = pytest.mark.django_db(transaction=True)


class RecordingScheduler(SingleScheduler):
    """Remembers what it would have sent."""

    def __init__(self, app: Celery) -> None:
        self.sent: list[str] = []
        super().__init__(app=app)

    def apply_async(self, entry, producer=None, advance=True, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN003, ANN201
        self.sent.append(entry.name)


@pytest.fixture
def schedulers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[RecordingScheduler]]:
    monkeypatch.setattr(RecordingScheduler, "producer", None)
    started = [RecordingScheduler(app), RecordingScheduler(app)]
    yield started
    for scheduler in started:
        scheduler.lock.release()


def tick(scheduler: RecordingScheduler, times: int = 0) -> float:
    """Each tick sends one entry; without a number as many as there are."""
    times = times or len(app.conf.beat_schedule)
    return [scheduler.tick() for _ in range(times)][-1]


def kill_lock_holder() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE application_name = 'cartpath-beat' AND datname = current_database()"
        )


def test_of_two_beats_one_schedules_and_the_other_stands_by(schedulers: list[RecordingScheduler]) -> None:
    first, second = schedulers
    tick(first)
    assert tick(second) == SingleScheduler.standby_seconds
    assert sorted(first.sent) == sorted(app.conf.beat_schedule)
    assert second.sent == []


def test_a_beat_begins_at_once_and_then_keeps_the_interval(schedulers: list[RecordingScheduler]) -> None:
    first, _ = schedulers
    assert 15 < tick(first, times=10) <= 20
    assert sorted(first.sent) == sorted(app.conf.beat_schedule)


def test_the_other_beat_goes_on_when_the_first_ends(schedulers: list[RecordingScheduler]) -> None:
    first, second = schedulers
    tick(first)
    first.close()
    tick(second)
    assert sorted(second.sent) == sorted(app.conf.beat_schedule)


def test_a_beat_that_lost_its_connection_sends_nothing_until_it_has_the_lock_again(
    schedulers: list[RecordingScheduler],
) -> None:
    first, second = schedulers
    tick(first)
    kill_lock_holder()
    tick(second)
    first.sent.clear()
    tick(first, times=5)
    assert first.sent == []
    second.close()
    tick(first)
    assert first.sent


def test_health_knows_whether_any_beat_is_scheduling() -> None:
    lock = SingleLock()
    assert not somebody_holds_the_lock()
    assert lock.is_mine()
    assert somebody_holds_the_lock()
    lock.release()
    assert not somebody_holds_the_lock()


def test_locks_with_other_keys_do_not_meet() -> None:
    one, other = SingleLock(key=1), SingleLock(key=1 << 40)
    assert one.is_mine()
    assert other.is_mine()
    for lock in (one, other):
        lock.release()


def test_two_beat_processes_send_one_schedule_and_survive_a_kill() -> None:
    url = re.sub(r"\d+$", SPARE_DATABASE, os.environ["REDIS_URL"])
    broker = redis.Redis.from_url(url)
    broker.flushdb()
    command = [sys.executable, "-m", "celery", "--app", "cartpath", "--quiet", "beat", "--loglevel", "INFO"]
    environment = os.environ | {"REDIS_URL": url}
    beats: list[subprocess.Popen[str]] = []
    try:
        for _ in range(2):
            beats.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True))
            wait_for_messages(broker, 2, beats[-1])
        read_until(beats[1], "standing by")
        assert broker.llen("reminders") == 2
        beats[0].kill()
        wait_for_messages(broker, 4, beats[-1])
        # The hourly task once for each beat that begins, and the sweep of bookings, which comes as often.
        names = Counter(json.loads(each)["headers"]["task"] for each in broker.lrange("default", 0, -1))
        assert all(count <= 2 for count in names.values()), names
    finally:
        for beat in beats:
            beat.kill()
            beat.communicate()
        broker.flushdb()


def read_until(process: subprocess.Popen[str], text: str) -> None:
    assert process.stderr is not None
    assert any(text in line for line in process.stderr), f"{text!r} was never printed"


def wait_for_messages(broker: redis.Redis, wanted: int, sender: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 30
    while broker.llen("reminders") < wanted:
        assert sender.poll() is None, sender.communicate()[1]
        assert time.monotonic() < deadline, f"{broker.llen('reminders')} of {wanted} messages arrived"
        time.sleep(0.05)


def test_each_message_goes_to_one_queue() -> None:
    broker = redis.Redis.from_url(os.environ["REDIS_URL"])
    before = {name: broker.llen(name) for name in ("default", "reminders")}
    app.send_task("cartpath.reminders.tasks.tick")
    app.send_task("some.other.task")
    assert {name: broker.llen(name) - before[name] for name in before} == {"default": 1, "reminders": 1}
    for name in before:
        broker.rpop(name)


def test_a_misspelled_queue_is_refused_when_the_message_is_sent() -> None:
    with pytest.raises(KeyError):
        app.send_task("cartpath.reminders.tasks.tick", queue="remindres")


def test_what_celery_promises_is_set_on_purpose() -> None:
    options = app.conf.broker_transport_options
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.accept_content == ["json"]
    assert str(app.conf.timezone) == "UTC"
    # A message that comes back must have belonged to a dead worker.
    assert app.conf.task_time_limit < options["visibility_timeout"]
    # The sweep for lost messages runs every few seconds instead of every 100.
    assert options["unacked_restore_interval"] * options["unacked_restore_throttle"] <= 10
