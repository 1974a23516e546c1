"""How often one client may ask.

`settings.API_RATE_PER_MINUTE` is the rate per client and web process; 0 means no limit.
"""

import math
import time
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from cartpath.api.problems import ApiRefusal
from cartpath.core.fair_share import forget_all, seconds_to_wait

__all__ = ["ClientRateThrottle", "forget_all", "refuse_too_many", "seconds_to_wait"]


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


class ClientRateThrottle(BaseThrottle):
    """The same count for plain REST framework views."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Always True: a refusal travels as an exception that already carries its headers."""
        client: Any = request.auth
        if client is not None:
            refuse_too_many(client.id)
        return True
