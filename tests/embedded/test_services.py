"""The servers of the tests themselves, and the program that runs a command with servers of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from cartpath.embedded import testing
from cartpath.embedded.services import named_services, running_services, start_services
from cartpath.embedded.testing import ensure_services, separate_broker_database

RUN = [sys.executable, "-m", "cartpath.embedded.run", "--"]


def test_servers_that_the_environment_names_are_used_and_none_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cartpath.embedded.services.ensure_database", lambda url: None)
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/cartpath")
    monkeypatch.setenv("REDIS_URL", "redis://queue.example/0")
    services = start_services(tmp_path, durable=True)
    assert (services.postgres, services.broker) == (None, None)
    assert services.environment() == {
        "DATABASE_URL": "postgresql://db.example/cartpath",
        "REDIS_URL": "redis://queue.example/0",
    }
    assert list(tmp_path.iterdir()) == []


def test_another_process_finds_the_servers_of_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    with running_services(tmp_path, durable=False) as services:
        found = named_services(tmp_path)
        assert found.environment() == services.environment()
        assert redis.Redis.from_url(found.redis_url).ping()


def test_a_second_call_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing, "start_services", lambda *_args, **_options: pytest.fail("started again"))
    ensure_services()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("unix:///tmp/x7/broker.sock?db=0", "unix:///tmp/x7/broker.sock?db=3"),
        ("redis://localhost:6379/0", "redis://localhost:6379/3"),
    ],
)
def test_each_test_worker_has_a_broker_database_of_its_own(
    monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    monkeypatch.setenv("REDIS_URL", before)
    separate_broker_database("gw2")
    assert os.environ["REDIS_URL"] == after


def test_a_command_gets_servers_and_its_exit_code_comes_back(tmp_path: Path) -> None:
    code = "import os, sys; print(os.environ['DATABASE_URL'], os.environ['CARTPATH_ENV']); sys.exit(7)"
    environment = {name: value for name, value in os.environ.items() if name not in testing.VARIABLES}
    environment.pop("CARTPATH_ENV", None)
    answer = subprocess.run(
        [*RUN, sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 7
    assert answer.stdout.startswith("postgresql://cartpath@/cartpath?host=")
    assert answer.stdout.endswith(" test\n")
