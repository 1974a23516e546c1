"""Celery beat that may run on many machines and schedules on one.

The beat that schedules holds an advisory lock of PostgreSQL on a connection of its own. The others stand by
and ask for the lock every two seconds. When the holder dies, or loses its connection, PostgreSQL frees the
lock by itself, and another goes on. `python -m cartpath.beat` tells whether any beat holds the lock.
"""

import contextlib
import logging
import sys
from datetime import timedelta
from typing import Any, Final

import django
from celery.beat import Scheduler
from celery.schedules import schedule
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

# "cartbeat" in ASCII: an arbitrary number that only has to be the same everywhere and used for nothing else.
LOCK_KEY: Final = 0x6361727462656174
STANDBY_SECONDS: Final = 2.0

logger = logging.getLogger(__name__)


class SingleLock:
    """An advisory lock, held for as long as its own database connection lives."""

    def __init__(self, key: int = LOCK_KEY) -> None:
        self.key = key
        self._connection: BaseDatabaseWrapper | None = None

    def is_mine(self) -> bool:
        """Whether this process holds the lock now; tries to take it when nobody does.

        The question goes to the database each time, so a connection that was lost is noticed here.
        """
        try:
            held = self._connection
            if held is None:
                return self._take()
            return _answer(held, f"SELECT EXISTS ({HELD} AND pid = pg_backend_pid())", [self.key])
        except DatabaseError as error:
            # The text of a driver's error can name hosts and users, so only its kind is logged.
            logger.warning("the scheduler's database connection failed: %s", type(error).__name__)
            self.release()
            return False

    def release(self) -> None:
        """Give the lock back and close its connection; releasing twice does nothing.

        The lock is unlocked by name first: a closed connection's server process may take a moment to go.
        """
        if self._connection is None:
            return
        with contextlib.suppress(DatabaseError):
            _answer(self._connection, "SELECT pg_advisory_unlock(%s)", [self.key])
        self._connection.close()
        self._connection = None

    def _take(self) -> bool:
        candidate = _own_connection()
        try:
            mine = _answer(candidate, "SELECT pg_try_advisory_lock(%s)", [self.key])
        except DatabaseError:
            candidate.close()
            raise
        if mine:
            self._connection = candidate
        else:
            candidate.close()
        return mine


# An advisory lock on a 64-bit key is listed in two halves.
HELD: Final = (
    "SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND (classid::bigint << 32 | objid::bigint) = %s"
)


def somebody_holds_the_lock(key: int = LOCK_KEY) -> bool:
    """Whether any beat that uses this database is scheduling."""
    return _answer(connection, f"SELECT EXISTS ({HELD})", [key])


def _answer(database: BaseDatabaseWrapper, question: str, parameters: list[int]) -> bool:
    with database.cursor() as cursor:
        cursor.execute(question, parameters)
        row = cursor.fetchone()
        return row is not None and bool(row[0])


def _own_connection() -> BaseDatabaseWrapper:
    """A new connection to the default database, outside of any pool and any other code's transaction."""
    own = connection.copy()
    own.settings_dict["OPTIONS"].pop("pool", None)
    own.settings_dict["CONN_MAX_AGE"] = None
    # A dead network is noticed within seconds instead of hours.
    own.settings_dict["OPTIONS"] |= {
        "application_name": "cartpath-beat",
        "connect_timeout": 5,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
    }
    return own


class SingleScheduler(Scheduler):
    """The static schedule of the settings, run only while this process holds the lock.

    Nothing is kept on disk: entries run every few seconds, and after a change of holder each is due at once.
    """

    standby_seconds = STANDBY_SECONDS

    def __init__(self, *args: Any, lock: SingleLock | None = None, **kwargs: Any) -> None:
        self.lock = lock or SingleLock()
        self._was_mine: bool | None = None
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due when the lock is ours; return the seconds until the next tick."""
        mine = self.lock.is_mine()
        if mine != self._was_mine:
            logger.info("scheduling here" if mine else "standing by: another beat is scheduling")
            self._was_mine = mine
            if mine:
                self._make_due()
        return super().tick(*args, **kwargs) if mine else self.standby_seconds

    def _make_due(self) -> None:
        """Do not sit out a first interval: another beat may just have died, or the whole house starts."""
        for entry in self.schedule.values():
            if isinstance(entry.schedule, schedule):
                entry.last_run_at = entry.default_now() - timedelta(seconds=entry.schedule.seconds)
        self._heap = None

    def close(self) -> None:
        """Let another beat go on at once."""
        super().close()
        self.lock.release()


if __name__ == "__main__":
    django.setup()
    sys.exit(0 if somebody_holds_the_lock() else 1)
