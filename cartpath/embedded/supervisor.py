"""Runs several programs as one: starts them, restarts what crashes, joins their logs, stops them all.

One thread does everything. A program's death signal is tied to the thread that started it, and a loop that
owns all the state needs no lock.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

from cartpath.embedded.process import kill_group, spawn

FIRST_DELAY_SECONDS: Final = 0.5
LONGEST_DELAY_SECONDS: Final = 30.0
HEALTHY_SECONDS: Final = 10.0  # A program that lived this long starts again without a longer delay.
PIECE: Final = 4096  # A pipe that says it is writable takes this much without blocking.
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Program:
    """One supervised program and how to start and stop it.

    `start` receives the pipe for the program's output. `death_signal` is what the kernel sends when the
    supervisor is killed; `stop_signal` is what the supervisor sends, with `stop_seconds` before SIGKILL.
    """

    name: str
    start: Callable[[int], subprocess.Popen[bytes]]
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    process: subprocess.Popen[bytes] | None = None
    output: int | None = None
    unfinished_line: bytes = b""
    started_at: float = 0.0
    restart_at: float | None = None
    delay: float = field(default=FIRST_DELAY_SECONDS)


def command_program(
    name: str,
    command: list[str],
    environment: dict[str, str],
    *,
    stop_seconds: float = 10.0,
    death_signal: signal.Signals = signal.SIGTERM,
) -> Program:
    """A program that is started by a command line."""

    def start(output: int) -> subprocess.Popen[bytes]:
        return spawn(command, output=output, environment=environment, death_signal=death_signal)

    return Program(name=name, start=start, stop_seconds=stop_seconds)


class Supervisor:
    """Keeps its programs running until it is told to stop; then stops them in reverse order."""

    def __init__(self, programs: list[Program], *, on_tick: Callable[[], None] = lambda: None) -> None:
        self.programs = programs
        self._on_tick = on_tick
        self._selector = selectors.DefaultSelector()
        self._stopping = False
        self._width = max(len(program.name) for program in programs)

    def run(self) -> None:
        """Start every program that is not running yet, and return when all have stopped after a signal."""
        with self._signals():
            try:
                for program in self.programs:
                    if program.process is None:
                        self._start(program)
                while not self._stopping:
                    self._wait(0.25)
                    self._revive()
                    self._on_tick()
            finally:
                for program in reversed(self.programs):
                    self._stop(program)
                self._selector.close()

    def say(self, name: str, text: str) -> None:
        """Write one line of the joint log."""
        self._write(f"{name:<{self._width}} | {text}\n".encode())

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Turn signals into bytes that wake the loop."""
        wake, written = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(written, False)
        self._selector.register(wake, selectors.EVENT_READ, None)
        wanted = wanted_stop_signals()
        before = {number: signal.getsignal(number) for number in (*wanted, signal.SIGCHLD)}
        for number in wanted:
            signal.signal(number, self._request_stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        wakeup_before = signal.set_wakeup_fd(written, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup_before)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(wake)
            os.close(written)

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _start(self, program: Program) -> None:
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        try:
            program.process = program.start(writing)
        finally:
            os.close(writing)
        program.output = reading
        program.started_at = time.monotonic()
        program.restart_at = None
        self._selector.register(reading, selectors.EVENT_READ, program)

    def _wait(self, seconds: float) -> None:
        """Pass on what the programs write until something else needs attention."""
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(key.fd, PIECE)
            else:
                self._pass_on(key.data)

    def _pass_on(self, program: Program) -> bool:
        """Copy one piece of a program's output to the joint log; False at its end or when there is none."""
        if program.output is None:
            return False
        try:
            piece = os.read(program.output, 65536)
        except BlockingIOError:
            return False
        if not piece:
            self._close_output(program)
            return False
        *lines, program.unfinished_line = (program.unfinished_line + piece).split(b"\n")
        if len(program.unfinished_line) > 65536:
            lines.append(program.unfinished_line)
            program.unfinished_line = b""
        for line in filter(None, lines):
            self.say(program.name, line.decode(errors="replace"))
        return True

    def _close_output(self, program: Program) -> None:
        if program.output is None:
            return
        if program.unfinished_line:
            self.say(program.name, program.unfinished_line.decode(errors="replace"))
        self._selector.unregister(program.output)
        os.close(program.output)
        program.output = None
        program.unfinished_line = b""

    def _revive(self) -> None:
        """Notice what ended and start again what has waited long enough."""
        now = time.monotonic()
        for program in self.programs:
            if program.process is not None and program.process.poll() is not None:
                self._note_crash(program, now)
            if program.restart_at is not None and program.restart_at <= now:
                self._start(program)

    def _note_crash(self, program: Program, now: float) -> None:
        if program.process is None:
            return
        how = _how_it_ended(program.process.returncode)
        self._clear(program)
        if now - program.started_at > HEALTHY_SECONDS:
            program.delay = FIRST_DELAY_SECONDS
        self.say(program.name, f"{how}; starting again in {program.delay:g} s")
        program.restart_at = now + program.delay
        program.delay = min(program.delay * 2, LONGEST_DELAY_SECONDS)

    def _stop(self, program: Program) -> None:
        process = program.process
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(program.stop_signal)
        deadline = time.monotonic() + program.stop_seconds
        while process.poll() is None and time.monotonic() < deadline:
            self._wait(0.05)
        if process.poll() is None:
            self.say(program.name, "does not stop; killing it")
            process.kill()
            process.wait()
        self._clear(program)

    def _clear(self, program: Program) -> None:
        """Kill what an ended program left behind, print its last words, forget it."""
        if program.process is not None:
            kill_group(program.process)
            program.process.wait()
        while self._pass_on(program):
            continue
        self._close_output(program)
        program.process = None

    def _write(self, line: bytes) -> None:
        """Write without ever blocking: a reader that stopped reading must not keep us from stopping."""
        descriptor = sys.stdout.fileno()
        for start in range(0, len(line), PIECE):
            writable = _is_writable(descriptor)
            if not writable:
                return
            try:
                os.write(descriptor, line[start : start + PIECE])
            except OSError:
                return  # The reader is gone; the programs matter more than their log.


def wanted_stop_signals() -> list[signal.Signals]:
    """The signals that mean "stop" here; under nohup a closed terminal does not."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        return [number for number in STOP_SIGNALS if number is not signal.SIGHUP]
    return list(STOP_SIGNALS)


def _is_writable(descriptor: int) -> bool:
    with selectors.SelectSelector() as selector:
        selector.register(descriptor, selectors.EVENT_WRITE)
        return bool(selector.select(0))


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
