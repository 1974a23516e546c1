"""Cursor pages: `{"results": […], "next": URL or null}`.

A cursor names the sort key of the last row of a page, so pages neither repeat nor skip a row when others are
written meanwhile. Cursors are opaque to clients and hold ids and times only, never anything of a patient.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from cartpath.api.query import Query

__all__ = ["PAGE_NAMES", "Window", "after_pair", "aware_time", "page", "window"]

T = TypeVar("T")
ModelT = TypeVar("ModelT", bound=Model)

DEFAULT_SIZE: Final = 50
LARGEST_SIZE: Final = 500
PAGE_NAMES: Final = frozenset({"page_size", "cursor"})
_NOT_A_CURSOR: Final = "Follow the “next” address of the page before."


@dataclass(frozen=True, slots=True)
class Window:
    """How many rows a page shows, and the sort key after which it begins (None at the start)."""

    size: int
    after: tuple[Any, ...] | None

    @property
    def limit(self) -> int:
        """How many rows to fetch: one more than shown tells whether there is a next page."""
        return self.size + 1


def window(query: Query, key: Sequence[Callable[[str], Any]]) -> Window:
    """Read `page_size` and `cursor`; `key` turns each part of the sort key from text to its type."""
    size = query.number("page_size", low=1, high=LARGEST_SIZE, default=DEFAULT_SIZE)
    cursor = query.text("cursor")
    if cursor is None:
        return Window(size, None)
    try:
        parts = json.loads(urlsafe_b64decode(cursor.encode()))
        after = tuple(read(part) for read, part in zip(key, parts, strict=True))
    except (NotBase64, ValueError, TypeError, AttributeError):
        query.refuse("cursor", _NOT_A_CURSOR)
        return Window(size, None)
    return Window(size, after)


def aware_time(text: str) -> datetime:
    """A time with an offset; raises ValueError for any other text."""
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        raise ValueError("no offset")
    return moment


def after_pair(rows: "QuerySet[ModelT]", first: str, second: str, shown: Window) -> "QuerySet[ModelT]":
    """`rows` in the order of two columns, from behind the last pair that the page before showed."""
    ordered = rows.order_by(first, second)
    if shown.after is None:
        return ordered
    last_first, last_second = shown.after
    behind = Q(**{f"{first}__gt": last_first}) | Q(**{first: last_first, f"{second}__gt": last_second})
    # The plain bound says nothing new, but an index can begin there.
    return ordered.filter(behind, **{f"{first}__gte": last_first})


def page(
    request: HttpRequest,
    shown: Window,
    rows: Sequence[T],
    *,
    render: Callable[[T], Mapping[str, Any]],
    key: Callable[[T], Sequence[datetime | UUID | int]],
) -> dict[str, Any]:
    """The page of `rows`, of which `shown.limit` were fetched; `key` is the sort key of a row."""
    visible = rows[: shown.size]
    following = _address(request, key(visible[-1])) if len(rows) > shown.size else None
    return {"results": [render(row) for row in visible], "next": following}


def _address(request: HttpRequest, key: Sequence[datetime | UUID | int]) -> str:
    parts = [part.isoformat() if isinstance(part, datetime) else str(part) for part in key]
    cursor = urlsafe_b64encode(json.dumps(parts).encode()).decode()
    parameters = {name: value for name, value in request.GET.items() if name != "cursor"}
    return request.build_absolute_uri(f"{request.path}?{urlencode({**parameters, 'cursor': cursor})}")
