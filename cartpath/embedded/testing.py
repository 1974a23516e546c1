"""Servers for the tests: started once by the process that started pytest, shared by all its workers."""

import atexit
import fcntl
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final

from cartpath.embedded.process import runtime_folder
from cartpath.embedded.services import Services, start_services, stop_services

FOLDER_PREFIX: Final = "cartpath-test-"
MEMORY: Final = Path("/dev/shm")
MEMORY_NEEDED: Final = 4 * 1024**3
VARIABLES: Final = ("DATABASE_URL", "REDIS_URL")
TEST_ENVIRONMENT: Final = {
    "CARTPATH_ENV": "test",
    "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 4,
}

_started: Services | None = None


def ensure_services(*, durable: bool = False) -> None:
    """Make DATABASE_URL and REDIS_URL name running servers; call this before Django reads its settings.

    Servers that the environment names already are used as they are. Those started here stop when this
    process ends, however it ends, and leave no data behind.
    """
    global _started
    for name, value in TEST_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if all(os.environ.get(name) for name in VARIABLES) or _started is not None:
        return
    folder = _new_folder()
    _started = start_services(folder, durable=durable)
    os.environ.update(_started.environment())
    atexit.register(_stop, _started, folder, os.getpid())


def separate_broker_database(worker: str) -> None:
    """Give a pytest-xdist worker ("gw0", "gw1", ...) its own broker database; it has its own tables too."""
    number = 1 + int(worker.removeprefix("gw")) % 15
    os.environ["REDIS_URL"] = re.sub(r"(\?db=|:\d+/)\d+$", rf"\g<1>{number}", os.environ["REDIS_URL"])


def _stop(services: Services, folder: Path, owner: int) -> None:
    if os.getpid() != owner:
        return  # A forked child inherits the exit handlers, not the servers.
    stop_services(services)
    shutil.rmtree(folder, ignore_errors=True)


def _new_folder() -> Path:
    """A folder in memory when there is room, after removing those of runs that were killed."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED
    base = MEMORY if roomy else Path(tempfile.gettempdir())
    for left_over in base.glob(f"{FOLDER_PREFIX}*"):
        if not _is_in_use(left_over):
            shutil.rmtree(runtime_folder(left_over), ignore_errors=True)
            shutil.rmtree(left_over, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=base))


def _is_in_use(folder: Path) -> bool:
    """Whether a server of that folder still holds its lock (see `FolderLock`)."""
    try:
        with (folder / "postgres.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
