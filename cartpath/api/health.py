"""Is the process alive, and is all it needs there? For load balancers and monitors; no sign-in."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from celery import current_app
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cartpath.reminders.selectors import scheduler_is_silent

BROKER_SECONDS: Final = 2

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process lives."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database, broker and scheduler are fresh; otherwise 503 and which one is not."""
    found = {name: _state(name, is_well) for name, is_well in CHECKS.items()}
    ready = all(state == "ok" for state in found.values())
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"status": "ok" if ready else "not ready", **found}, status=status)


def database_answers() -> bool:
    """Whether the database answers a question."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def broker_answers() -> bool:
    """Whether the broker can be reached within two seconds."""
    options = {"socket_connect_timeout": BROKER_SECONDS, "socket_timeout": BROKER_SECONDS}
    with current_app.connection_for_write(transport_options=options) as broker:
        broker.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
        channel: Any = broker.default_channel
        return bool(channel.client.ping())


def scheduler_beats() -> bool:
    """Whether the scheduler gave a sign of life in the last minutes."""
    return not scheduler_is_silent(at=timezone.now())


CHECKS: Final[dict[str, Callable[[], bool]]] = {
    "database": database_answers,
    "broker": broker_answers,
    "scheduler": scheduler_beats,
}


def _state(name: str, is_well: Callable[[], bool]) -> str:
    """`ok`, `stale` or `unreachable`; an error's text can hold an address or a password, so it stays here."""
    try:
        return "ok" if is_well() else "stale"
    except Exception as error:  # whatever it is, this part is not there
        logger.warning("%s is not reachable: %s", name, type(error).__name__)
        return "unreachable"
