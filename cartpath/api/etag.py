"""Entity tags: what a record looked like when it was read, and whether it still does."""

from collections.abc import Callable
from hashlib import blake2b

from django.http import HttpRequest
from django.utils.http import parse_etags

from cartpath.core.errors import Stale

ANY = "*"


def etag_of(body: bytes) -> str:
    """The strong tag of a rendered document: it changes whenever a single byte does."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def is_not_modified(request: HttpRequest, etag: str) -> bool:
    """Whether the client already holds this version (`If-None-Match`, compared weakly as RFC 9110 says)."""
    header = request.META.get("HTTP_IF_NONE_MATCH")
    if header is None:
        return False
    known = parse_etags(header)
    return ANY in known or etag in {tag.removeprefix("W/") for tag in known}


def refuse_stale(request: HttpRequest, current: Callable[[], str]) -> None:
    """Raise `Stale` (412) unless `If-Match`, when sent, names the record as it is now.

    `current` is asked only then; it must lock the record for the rest of the transaction.
    """
    header = request.META.get("HTTP_IF_MATCH")
    if header is None:
        return
    named = parse_etags(header)
    if ANY not in named and current() not in named:
        raise Stale("stale", "The record changed since you read it. Read it again.")
