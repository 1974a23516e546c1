"""What `make demo` decides before it starts anything."""

import socket
import stat
from pathlib import Path

import pytest

from cartpath.embedded.demo import Demo, main
from cartpath.embedded.process import ServiceError
from cartpath.embedded.services import Services

SERVICES = Services("postgresql://db.example/cartpath", "redis://queue.example/0", None, None)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PORT", "BIND", "MAKELEVEL", "SECRET_KEY", "CARTPATH_ENV", "ALLOWED_HOSTS", "EMAIL_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA", str(tmp_path))


def test_the_demo_listens_on_this_machine_only_unless_told_otherwise(tmp_path: Path) -> None:
    demo = Demo.from_environment()
    assert (demo.address, demo.port, demo.folder) == ("127.0.0.1", 8000, tmp_path)
    assert demo.environment(SERVICES)["ALLOWED_HOSTS"] == "localhost,127.0.0.1,[::1]"


def test_an_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    monkeypatch.setenv("SECRET_KEY", "")
    demo = Demo.from_environment()
    assert demo.port == 8000
    assert len(demo.environment(SERVICES)["SECRET_KEY"]) > 50


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_an_impossible_port_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(ServiceError, match="PORT must be a number from 1 to 65535"):
        Demo.from_environment()


def test_the_secret_key_stays_the_same_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    keys = {Demo.from_environment().environment(SERVICES)["SECRET_KEY"] for _ in range(2)}
    assert len(keys) == 1
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_the_address_for_a_browser_is_one_that_it_can_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert Demo("0.0.0.0", 8000, tmp_path).url == "http://127.0.0.1:8000"
    assert Demo("::1", 8000, tmp_path).url == "http://[::1]:8000"


def test_a_taken_port_is_named_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("cartpath.embedded.demo._turn_signals_into_interrupts", lambda: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        assert main([]) == 1
    said = capsys.readouterr().out
    assert f"port {port}" in said
    assert f"make demo PORT={port + 1}" in said
    assert not (tmp_path / "postgres").exists()
