"""The broker under our own launcher."""

from pathlib import Path

import pytest
import redis

from cartpath.embedded import broker
from cartpath.embedded.broker import BrokerServer, find_program
from cartpath.embedded.process import InUseError, ServiceError
from tests.embedded.parents import ends_within, killed_parent_of


def test_a_message_is_there_after_a_restart(tmp_path: Path) -> None:
    server = BrokerServer(tmp_path)
    server.start()
    redis.Redis.from_url(server.url()).rpush("queue", "a message")
    server.stop()
    server.start()
    assert redis.Redis.from_url(server.url()).lrange("queue", 0, -1) == [b"a message"]
    server.stop()


def test_the_broker_stops_by_itself_when_its_parent_is_killed(tmp_path: Path) -> None:
    with killed_parent_of("broker", "BrokerServer", tmp_path) as pid:
        assert ends_within(pid, 5)


def test_a_start_right_after_the_parent_was_killed_waits_for_the_old_broker(tmp_path: Path) -> None:
    with killed_parent_of("broker", "BrokerServer", tmp_path):
        server = BrokerServer(tmp_path)
        server.start()
    assert redis.Redis.from_url(server.url()).ping()
    server.stop()


def test_two_brokers_never_share_a_folder(tmp_path: Path) -> None:
    server = BrokerServer(tmp_path, durable=False)
    server.start()
    with pytest.raises(InUseError, match="in use by another process"):
        BrokerServer(tmp_path).start()
    server.stop()


def test_a_broker_on_the_path_serves_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\n", encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setattr(broker, "_wheel_program", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program() == program


def test_a_machine_without_a_broker_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "_wheel_program", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServiceError, match="Set REDIS_URL"):
        find_program()
