"""The whole demo as a person starts it: ready, reachable, kept between runs, gone after a signal."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from cartpath.embedded.process import wait_until
from cartpath.embedded.testing import TEST_ENVIRONMENT, VARIABLES
from tests.embedded.parents import ends_within


class RunningDemo:
    """One demo process on a port of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        unwanted = {*VARIABLES, *TEST_ENVIRONMENT, "MAKELEVEL"}
        environment = {name: value for name, value in os.environ.items() if name not in unwanted}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cartpath.embedded.demo"],
            env=environment | {"PORT": str(self.port), "DATA": str(folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.printed = ""

    def wait_until_ready(self) -> float:
        """Read what it prints up to the address; the seconds that it says it took."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line
            ready = re.search(r"ready after ([\d.]+) s", line)
            if ready:
                return float(ready[1])
        pytest.fail(f"the demo ended before it was ready:\n{self.printed}")

    def status_of(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code

    def family(self) -> list[int]:
        """The demo's children, theirs, and so on."""
        return [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.printed += self.process.communicate(timeout=60)[0]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], RunningDemo]]:
    started: list[RunningDemo] = []

    def start_demo() -> RunningDemo:
        started.append(RunningDemo(tmp_path))
        return started[-1]

    yield start_demo
    for running in started:
        if running.process.poll() is None:
            running.process.kill()
            running.process.communicate()


def test_the_demo_starts_keeps_its_data_and_leaves_nothing_running(start: Callable[[], RunningDemo]) -> None:
    first = start()
    first.wait_until_ready()
    assert first.status_of("/healthz") == 200
    assert wait_until(lambda: first.status_of("/readyz") == 200, 60), "worker and beat never reported"
    family = first.family()
    assert len(family) > 5
    first.stop()
    assert first.process.returncode == 0, first.printed
    assert all(ends_within(pid, 0) for pid in family)

    second = start()
    # Alone it takes about 6 s; here other tests share the two cores.
    assert second.wait_until_ready() < 30
    family = second.family()
    second.process.kill()
    assert all(ends_within(pid, 10) for pid in family)
