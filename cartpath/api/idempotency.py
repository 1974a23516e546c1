"""Makes a retry safe: the same `Idempotency-Key` gets the answer that the first request got.

The key's row is inserted in the transaction of the act itself. A second request with the key waits for that
transaction: if it commits, the stored answer is given again; if it fails, nothing was stored and the second
request acts. Refusals are not stored, because they changed nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest
from pydantic_core import to_json

from cartpath.api.auth import Client
from cartpath.api.models import IdempotencyKey
from cartpath.core.errors import Conflict
from cartpath.core.inputs import invalid_input

__all__ = ["HEADER", "KEPT_FOR", "Reply", "idempotency_keys_forget", "once"]

HEADER: Final = "Idempotency-Key"
KEPT_FOR: Final = timedelta(hours=24)
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a write: its JSON text, and the path under which a new record can be read."""

    status: int
    body: bytes
    location: str = ""
    replayed: bool = False

    @classmethod
    def of(cls, document: Mapping[str, Any], *, status: int = 200, location: str = "") -> "Reply":
        """The answer that a document makes."""
        return cls(status, to_json(document), location)


def once(request: HttpRequest, client: Client, act: Callable[[], Reply]) -> Reply:
    """Act once per key, or give the stored answer again; without a key just act. All in one transaction.

    Raises `Conflict` `idempotency_key_reused` when the key came with another request before.
    """
    key = request.headers.get(HEADER)
    if key is None:
        with transaction.atomic():
            return act()
    if not _KEY.fullmatch(key):
        raise invalid_input({HEADER: "Give 1 to 200 visible ASCII characters."})
    digest = _digest(request)
    with transaction.atomic():
        if not _claimed(client, key, digest):
            return _stored(IdempotencyKey.objects.get(client_id=client.id, key=key), digest)
        reply = act()
        IdempotencyKey.objects.filter(client_id=client.id, key=key).update(
            status=reply.status, body=reply.body.decode(), location=reply.location
        )
        return reply


def idempotency_keys_forget(*, at: datetime) -> int:
    """Delete the answers kept for longer than a day, for they hold patient data; returns how many."""
    forgotten, _by_table = IdempotencyKey.objects.filter(created_at__lt=at - KEPT_FOR).delete()
    return forgotten


def _claimed(client: Client, key: str, digest: str) -> bool:
    """Whether this request is the first with its key; waits for one that is under way."""
    row = IdempotencyKey(client_id=client.id, key=key, digest=digest)
    IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
    return IdempotencyKey.objects.filter(pk=row.pk).exists()


def _stored(row: IdempotencyKey, digest: str) -> Reply:
    if row.digest != digest:
        raise Conflict("idempotency_key_reused", "This Idempotency-Key came with another request before.")
    return Reply(row.status, row.body.encode(), row.location, replayed=True)


def _digest(request: HttpRequest) -> str:
    return sha256(b"\n".join([str(request.method).encode(), request.path.encode(), request.body])).hexdigest()
