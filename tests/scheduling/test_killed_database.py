"""PostgreSQL is killed in the middle of a race and started again: what was promised before still holds."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cartpath.embedded.postgres import PostgresServer, ensure_database
from cartpath.embedded.process import wait_until

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 24
OPERATIONS = int(os.environ.get("RACE_OPERATIONS", "8"))
PATIENCE_SECONDS = 240 + OPERATIONS * 4


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of this test's own, as durable as production's: what it confirmed must survive its death."""
    with tempfile.TemporaryDirectory(prefix="cartpath-race-") as name:
        server = PostgresServer(Path(name), durable=True)
        server.start()
        ensure_database(server.url())
        try:
            yield server
        finally:
            server.stop()


def test_a_database_that_dies_in_the_middle_loses_no_hold_and_keeps_no_half(server: PostgresServer) -> None:
    """The clients run in a process of their own, because this one's settings name the suite's server."""
    environment = {**os.environ, "DATABASE_URL": server.url(), "LOG_LEVEL": "CRITICAL"}
    command = [sys.executable, "-m", "tests.scheduling.killed_race", str(CLIENTS), str(OPERATIONS)]
    racing = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(racing.stdout or ()))
    reader.start()
    try:
        assert wait_until(lambda: "half-way\n" in said or racing.poll() is not None, PATIENCE_SECONDS), said
        kill_and_restart(server)
        racing.wait(timeout=PATIENCE_SECONDS)
    finally:
        racing.kill()
        racing.wait()
        reader.join()
    assert racing.returncode == 0, "".join(said)
    lost = next(int(line.split()[1]) for line in said if line.startswith("lost "))
    assert lost > 0, "nobody noticed that the server was gone"


def kill_and_restart(server: PostgresServer) -> None:
    """Kill the postmaster as the kernel would; its children notice and leave; then start again."""
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    time.sleep(0.5)
    server.stop()
    server.start()
