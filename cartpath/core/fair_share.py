"""How often one asker may ask: a fair share per minute, counted in this process.

An asker may spend a whole minute's share at once and gets it back evenly (the "generic cell rate algorithm":
one number per asker says until when its share is spent).
"""

from threading import Lock
from uuid import UUID

WINDOW_SECONDS = 60.0

_spent_until: dict[UUID, float] = {}
_lock = Lock()


def seconds_to_wait(asker: UUID, *, now: float, rate_per_minute: int) -> float:
    """Count one request at `now` (monotonic seconds): 0 when it may pass, else the seconds until one may.

    A rate of 0 means no limit.
    """
    if not rate_per_minute:
        return 0.0
    with _lock:
        spent_until = max(_spent_until.get(asker, now), now) + WINDOW_SECONDS / rate_per_minute
        wait = spent_until - now - WINDOW_SECONDS
        # Sums of fractions of a minute are not exact; a microsecond is nobody's business.
        if wait > 1e-6:
            return wait
        _spent_until[asker] = spent_until
        return 0.0


def forget_all() -> None:
    """Give everybody the whole share back."""
    with _lock:
        _spent_until.clear()
