"""Child processes that stop with their parent, and the small folders and locks they need."""

import contextlib
import fcntl
import functools
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final, Literal

ServerUser = Literal["same", "namespace", "nobody"]
GUARD: Final = str(Path(__file__).with_name("guard.py"))
LONGEST_SOCKET_FOLDER: Final = 80  # A UNIX socket's path may have 103 bytes on macOS, 107 on Linux.


class ServiceError(RuntimeError):
    """A server could not be found, started or stopped; the message is meant for the person who asked."""


class InUseError(ServiceError):
    """Another process works with the same data folder."""


def spawn(
    command: Sequence[str],
    *,
    output: int | IO[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    user: ServerUser = "same",
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a program in its own process group, so that a terminal's Ctrl-C reaches only its supervisor.

    When the calling *thread* ends, the program receives `death_signal` (Linux; elsewhere the next start
    finds and stops what was left over). Call this from the main thread.
    """
    guarded = [sys.executable, "-I", "-S", GUARD, str(os.getpid()), str(int(death_signal)), user, *command]
    return subprocess.Popen(
        guarded,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=environment,
        cwd=folder,
        process_group=0,
    )


@functools.cache
def unprivileged_user() -> ServerUser:
    """How a server that refuses to run as root is started here."""
    if os.geteuid() != 0:
        return "same"
    for user in ("namespace", "nobody"):
        with spawn(["/bin/sh", "-c", ":"], user=user, output=subprocess.DEVNULL) as attempt:
            if attempt.wait(timeout=10) == 0:
                return user
    message = "PostgreSQL refuses to run as root, and this system lets root start no other user's process."
    raise ServiceError(message)


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals, seconds: float) -> None:
    """Ask a process to stop, wait, then kill whatever is left of its group."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    kill_group(process)
    process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what a process started and left behind."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # Nobody is left; macOS answers with a refusal when only a zombie is.


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true within the given time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def running_program(pid: int) -> str | None:
    """The name of the program that runs under a number; None when there is none or only its zombie."""
    if sys.platform == "linux":
        try:
            # "PID (name) STATE ...": the name may hold anything, so look from its last parenthesis.
            head, _, rest = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if rest.split()[0] in "ZX" else head.partition("(")[2]
    answer = subprocess.run(
        ["ps", "-p", str(pid), "-o", "comm="], capture_output=True, text=True, check=False
    )
    return Path(answer.stdout.strip()).name or None


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log file, or nothing when there is none."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def runtime_folder(data_folder: Path) -> Path:
    """A private folder with a short path for the sockets of one data folder; the same at every start.

    A socket's path has a fixed maximum, which a checkout deep in somebody's home can pass.
    """
    digest = hashlib.sha256(str(data_folder.resolve()).encode()).hexdigest()[:12]
    name = f"cartpath-{os.getuid()}-{digest}"
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    if not os.access(base, os.W_OK) or len(str(base / name)) > LONGEST_SOCKET_FOLDER:
        base = Path("/tmp")
    folder = base / name
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.getuid():
        message = f"{folder} belongs to somebody else; remove it or set XDG_RUNTIME_DIR."
        raise ServiceError(message)
    folder.chmod(0o700)
    return folder


def remove_runtime_folder(data_folder: Path) -> None:
    """Remove the folder of the sockets when its last socket is gone."""
    folder = runtime_folder(data_folder)
    for empty in (folder / "postgres", folder):
        with contextlib.suppress(OSError):
            empty.rmdir()


class FolderLock:
    """One process at a time may work with a data folder; the kernel releases the lock when it dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise `InUseError` at once."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            message = (
                f"The data folder {self.path.parent} is in use by another process. "
                "Stop that one first, or choose another folder: DATA=..."
            )
            raise InUseError(message) from error
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; releasing twice does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
