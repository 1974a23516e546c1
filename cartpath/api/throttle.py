"""How often one client may ask: a fair share per minute, counted in this process.

`settings.API_RATE_PER_MINUTE` is the rate per client and web process; 0 means no limit. A client may spend a
whole minute's share at once and gets it back evenly (the "generic cell rate algorithm": one number per
client says until when its share is spent).
"""

import math
import time
from http import HTTPStatus
from threading import Lock
from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from cartpath.api.problems import ApiRefusal

WINDOW_SECONDS = 60.0

_spent_until: dict[UUID, float] = {}
_lock = Lock()


def seconds_to_wait(client_id: UUID, *, now: float, rate_per_minute: int) -> float:
    """Count one request at `now` (monotonic seconds): 0 when it may pass, else the seconds until one may."""
    if not rate_per_minute:
        return 0.0
    with _lock:
        spent_until = max(_spent_until.get(client_id, now), now) + WINDOW_SECONDS / rate_per_minute
        wait = spent_until - now - WINDOW_SECONDS
        # Sums of fractions of a minute are not exact; a microsecond is nobody's business.
        if wait > 1e-6:
            return wait
        _spent_until[client_id] = spent_until
        return 0.0


def refuse_too_many(client_id: UUID) -> None:
    """Raise a 429 with `Retry-After` when the client has spent its share."""
    wait = seconds_to_wait(client_id, now=time.monotonic(), rate_per_minute=settings.API_RATE_PER_MINUTE)
    if wait:
        raise ApiRefusal(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too_many_requests",
            f"At most {settings.API_RATE_PER_MINUTE} requests a minute. Wait and try again.",
            headers={"Retry-After": str(math.ceil(wait))},
        )


def forget_all() -> None:
    """Give every client its whole share back."""
    with _lock:
        _spent_until.clear()


class ClientRateThrottle(BaseThrottle):
    """The same count for plain REST framework views."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Always True: a refusal travels as an exception that already carries its headers."""
        client: Any = request.auth
        if client is not None:
            refuse_too_many(client.id)
        return True
