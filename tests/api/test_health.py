"""Health for load balancers: who is not there is named, and nothing else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from kombu import Connection

from cartpath.api import health
from cartpath.reminders.services import SCHEDULER, heartbeat_record
from tests.api.program import Answer

SECRET = "redis://:hunter2@broker:6379/0"


def fails() -> bool:
    """Whatever it is, its text tells too much."""
    raise OperationalError(SECRET)


@pytest.fixture
def beating(db: None) -> None:
    """A scheduler that gave a sign of life a moment ago."""
    heartbeat_record(name=SCHEDULER, at=timezone.now() - timedelta(seconds=20))


def ready(**replaced: Callable[[], bool]) -> Answer:
    with pytest.MonkeyPatch.context() as patch:
        for name, check in replaced.items():
            patch.setitem(health.CHECKS, name, check)
        return Client().get("/readyz")


def test_a_living_process_says_so_without_asking_anybody(django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        response = Client().get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_all_is_ready_when_database_broker_and_scheduler_are(beating: None) -> None:
    response = ready()
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": "ok",
        "broker": "ok",
        "scheduler": "ok",
    }
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("name", ["database", "broker", "scheduler"])
def test_what_does_not_answer_is_named_and_nothing_of_it_is_told(
    name: str, beating: None, caplog: pytest.LogCaptureFixture
) -> None:
    response = ready(**{name: fails})
    assert response.status_code == 503
    expected = {"database": "ok", "broker": "ok", "scheduler": "ok"} | {name: "unreachable"}
    assert response.json() == {"status": "not ready", **expected}
    assert "OperationalError" in caplog.text
    assert "hunter2" not in caplog.text + response.content.decode()


def test_a_scheduler_that_fell_silent_is_stale(db: None) -> None:
    assert ready().json()["scheduler"] == "stale"
    heartbeat_record(name=SCHEDULER, at=timezone.now() - timedelta(minutes=30))
    response = ready()
    assert (response.status_code, response.json()["scheduler"]) == (503, "stale")


def test_a_broker_that_is_gone_is_noticed_within_seconds(beating: None, settings: Any) -> None:
    from celery import current_app

    gone = Connection("redis+socket:///nonexistent/broker.sock?virtual_host=0")
    with pytest.MonkeyPatch.context() as patch:
        # Celery keeps what it once connected to, so its settings stay as they are.
        patch.setattr(
            type(current_app._get_current_object()), "connection_for_write", lambda _app, **_options: gone
        )
        began = timezone.now()
        response = Client().get("/readyz")
    assert response.json()["broker"] == "unreachable"
    assert timezone.now() - began < timedelta(seconds=6)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_read_and_never_written(path: str) -> None:
    assert Client().post(path).status_code == 405
