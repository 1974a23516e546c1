"""Starts the web server that production uses, on a free port, for as long as a `with` block lasts."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
HOST: Final = "127.0.0.1"
READY_SECONDS: Final = 60.0
PROJECT: Final = ("cartpath.wsgi:application",)


@contextmanager
def running_server(
    environment: Mapping[str, str],
    *,
    application: tuple[str, ...] = PROJECT,
    workers: int = 1,
    threads: int = 4,
) -> Iterator[int]:
    """granian on a free port of this machine, ready to answer; yields the port."""
    port = _free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", str(threads), "--no-ws", "--log-level", "warning",
        *application,
    ]  # fmt: skip
    settings = {**os.environ, "ALLOWED_HOSTS": HOST, "LOG_LEVEL": "ERROR", **environment}
    server = subprocess.Popen(command, cwd=ROOT, env=settings, process_group=0)
    try:
        _wait_until_ready(server, port)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind((HOST, 0))
        port: int = attempt.getsockname()[1]
        return port


def _wait_until_ready(server: subprocess.Popen[bytes], port: int) -> None:
    """Wait for an answer, whatever it is. Raises RuntimeError when none comes."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
            return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError("the web server did not start")
