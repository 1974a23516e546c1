"""How long a write may wait for others: never so long that a refusal takes a second."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from time import monotonic
from typing import Final, ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from cartpath.core.errors import Conflict

PATIENCE_SECONDS: Final = 0.7
# A new limit is a round trip to the database, so a limit that is nearly right is kept.
CLOSE_ENOUGH_MS: Final = 50
ATTEMPTS: Final = 4

# Which attempt of a write is under way: 1 for the first one.
_ATTEMPT: ContextVar[int] = ContextVar("attempt", default=1)

P = ParamSpec("P")
T = TypeVar("T")

# When the patience of the write under way ends, over all its attempts; None outside of one.
_ENDS: ContextVar[float | None] = ContextVar("patience_ends", default=None)


class LostError(Exception):
    """A rival took one of the chosen resources between the choice and the lock: choose again."""


class Crowded(Conflict):
    """Others are writing the same just now: in a moment it may be possible, or refused for a reason."""


class Patience:
    """The time that is left for waiting, over all locks of one write together."""

    def __init__(self, ends: float) -> None:
        self._ends = ends
        self._limit_ms = 0
        self.waits_for, self.code = "", "resource_busy"

    def before(self, waits_for: str, *, code: str = "resource_busy") -> None:
        """Call it before each statement that locks: no longer than what is left, and for what, in words.

        `code` is that of the refusal when somebody else doesn't let go in time.
        """
        self.waits_for, self.code = waits_for, code
        left_ms = max(1, round((self._ends - monotonic()) * 1000))
        if self._limit_ms and abs(self._limit_ms - left_ms) < CLOSE_ENOUGH_MS:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{left_ms}ms"])
        self._limit_ms = left_ms


@contextmanager
def patient() -> Iterator[Patience]:
    """One transaction in which waiting has an end. What is begun within it shares its patience.

    Raises `Crowded` when the patience is over, naming what somebody else is just writing: `slot_taken`,
    `patient_busy` or `resource_busy`.
    """
    is_inner = connection.in_atomic_block
    with _one_patience() as ends:
        patience = Patience(ends)
        try:
            with transaction.atomic():
                yield patience
                if is_inner:
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT set_config('lock_timeout', '0', true)")
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                sentence = _("Somebody else is booking just now: %(what)s. Try again.")
                raise Crowded(patience.code, sentence % {"what": patience.waits_for}) from error
            raise


@contextmanager
def _one_patience() -> Iterator[float]:
    """When the patience of the outermost write ends."""
    ends = _ENDS.get() or monotonic() + PATIENCE_SECONDS
    token = _ENDS.set(ends)
    try:
        yield ends
    finally:
        _ENDS.reset(token)


def is_second_try() -> bool:
    """Whether a rival was faster before: who then chooses as everybody does would lose again."""
    return _ATTEMPT.get() > 1


def tried_again(write: Callable[P, T]) -> Callable[P, T]:
    """A write that is done anew, from its first read on, when a rival was faster at the last moment.

    Only while there is time for it: an attempt takes about as long as the one before.
    """

    @wraps(write)
    def attempt(*args: P.args, **kwargs: P.kwargs) -> T:
        with _one_patience() as ends:
            for number in range(1, ATTEMPTS + 1):
                began = monotonic()
                token = _ATTEMPT.set(number)
                try:
                    return write(*args, **kwargs)
                except LostError:
                    now = monotonic()
                    if now + (now - began) > ends:
                        break
                finally:
                    _ATTEMPT.reset(token)
        raise Crowded("resource_busy", _("Others are booking the same time just now. Try again."))

    return attempt
