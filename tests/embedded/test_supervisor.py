"""The supervisor, seen from outside: a process with children, a joint log and signals."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.parents import ends_within

SUPERVISOR = """
import os, signal, sys
# Whoever runs the tests may ignore it (nohup), and children inherit that.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from cartpath.embedded.supervisor import Supervisor, command_program
programs = []
for definition in sys.argv[1:]:
    name, _, code = definition.partition("=")
    command = [sys.executable, "-u", "-c", code]
    programs.append(command_program(name, command, dict(os.environ), stop_seconds=1))
Supervisor(programs).run()
print("all stopped", flush=True)
"""
STEADY = "import os, time; print('process', os.getpid()); time.sleep(60)"
GOODBYE = (
    "import os, signal, sys, time\n"
    "signal.signal(signal.SIGTERM, lambda *_: (print('goodbye'), sys.exit()))\n"
    "print('process', os.getpid())\n"
    "time.sleep(60)"
)
STUBBORN = (
    "import os, signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('process', os.getpid())\n"
    "time.sleep(60)"
)
# Noisy from the moment it is told to, for what it says would push out the lines of others.
NOISY = (
    "import os, signal\n"
    "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])\n"
    "print('process', os.getpid())\n"
    "signal.sigwait([signal.SIGUSR1])\n"
    "while True: print('x' * 1000)"
)
PARENT = (
    "import os, subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print('process', child.pid)\n"
    "time.sleep(60)"
)


class Running:
    """One supervisor process and what it has printed so far."""

    def __init__(self, *definitions: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, *definitions], stdout=subprocess.PIPE, text=True
        )
        self.lines: list[str] = []

    def read_until(self, text: str, *, times: int = 1) -> str:
        """The line that holds the text for the given time, read before or waited for."""
        assert self.process.stdout is not None
        while sum(text in line for line in self.lines) < times:
            line = self.process.stdout.readline()
            if not line:
                pytest.fail(f"{text!r} was never printed: {self.lines}")
            self.lines.append(line.rstrip())
        return [line for line in self.lines if text in line][times - 1]

    def pid_of(self, name: str, *, times: int = 1) -> int:
        return int(self.read_until(f"{name} | process", times=times).split()[-1])

    def finish(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=60)
        self.lines += output.splitlines()
        return self.process.returncode


@pytest.fixture
def supervisors() -> Iterator[list[Running]]:
    started: list[Running] = []
    yield started
    for running in started:
        running.process.kill()
        running.process.communicate()


def test_every_line_names_its_program(supervisors: list[Running]) -> None:
    web = "import os, time; os.write(1, b'first' + bytes([10]) + b'second'); time.sleep(60)"
    running = Running(f"web={web}", f"worker={STEADY}")
    supervisors.append(running)
    running.read_until("web    | first")
    running.read_until("worker | process")
    running.finish(signal.SIGTERM)
    assert "web    | second" in running.lines  # The last line counts even without its end.


def test_a_crashed_program_is_started_again_and_the_others_are_left_alone(supervisors: list[Running]) -> None:
    running = Running(f"web={STEADY}", f"worker={STEADY}")
    supervisors.append(running)
    web, worker = (running.pid_of(name) for name in ("web   ", "worker"))
    os.kill(worker, signal.SIGKILL)
    assert "ended by SIGKILL; starting again in 0.5 s" in running.read_until("starting again")
    assert running.pid_of("worker", times=2) != worker
    os.kill(web, 0)
    running.finish(signal.SIGTERM)


def test_a_program_that_keeps_crashing_is_started_less_and_less_often(supervisors: list[Running]) -> None:
    running = Running("web=raise SystemExit(3)")
    supervisors.append(running)
    assert running.read_until("again").endswith("ended with exit code 3; starting again in 0.5 s")
    assert running.read_until("again", times=2).endswith("starting again in 1 s")
    running.finish(signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_signal_stops_all_in_reverse_order(supervisors: list[Running], number: signal.Signals) -> None:
    running = Running(f"first={GOODBYE}", f"second={GOODBYE}")
    supervisors.append(running)
    pids = [running.pid_of(name) for name in ("first ", "second")]
    assert running.finish(number) == 0
    assert running.lines[-3:] == ["second | goodbye", "first  | goodbye", "all stopped"]
    assert all(ends_within(pid, 0) for pid in pids)


def test_a_program_that_ignores_the_signal_is_killed(supervisors: list[Running]) -> None:
    running = Running(f"web={STUBBORN}")
    supervisors.append(running)
    pid = running.pid_of("web")
    assert running.finish(signal.SIGTERM) == 0
    assert "web | does not stop; killing it" in running.lines
    assert ends_within(pid, 0)


def test_what_a_program_started_is_stopped_with_it(supervisors: list[Running]) -> None:
    running = Running(f"web={PARENT}")
    supervisors.append(running)
    grandchild = running.pid_of("web")
    running.finish(signal.SIGTERM)
    assert ends_within(grandchild, 2)


def test_nothing_is_left_when_the_supervisor_is_killed(supervisors: list[Running]) -> None:
    running = Running(f"web={STEADY}", f"worker={STEADY}")
    supervisors.append(running)
    pids = [running.pid_of(name) for name in ("web   ", "worker")]
    running.process.kill()
    assert all(ends_within(pid, 5) for pid in pids)


def test_a_reader_who_stopped_reading_does_not_keep_it_from_stopping(supervisors: list[Running]) -> None:
    running = Running(f"first={STEADY}", f"noisy={NOISY}")
    supervisors.append(running)
    pid, noisy = running.pid_of("first"), running.pid_of("noisy")
    os.kill(noisy, signal.SIGUSR1)
    time.sleep(0.5)  # Long enough to fill the pipe that nobody reads.
    running.process.send_signal(signal.SIGTERM)
    running.process.wait(timeout=10)
    assert ends_within(pid, 0)


def test_a_log_may_be_a_file(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-c", SUPERVISOR, f"web={STEADY}"], stdout=file)
    while "process" not in log.read_text(encoding="utf-8"):
        time.sleep(0.05)
    process.terminate()
    assert process.wait(timeout=10) == 0
