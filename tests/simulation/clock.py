"""A clock in a file: the simulation turns it, the workers read it."""

import os
import struct
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

VARIABLE: Final = "SIMULATION_CLOCK"
_FORM: Final = struct.Struct("d")


class FileClock:
    """Seconds since 1970, as eight bytes that are read and written at once."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def set(self, at: datetime) -> None:
        """Turn it."""
        os.pwrite(self._file, _FORM.pack(at.timestamp()), 0)

    def now(self) -> datetime:
        """What it says, in UTC."""
        (seconds,) = _FORM.unpack(os.pread(self._file, _FORM.size, 0))
        return datetime.fromtimestamp(seconds, UTC)


@cache
def clock_of_environment() -> FileClock:
    """The clock that the environment names, opened once in each process."""
    return FileClock(Path(os.environ[VARIABLE]))
