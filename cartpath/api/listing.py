"""Lists of what lies below a journey, by the time it is about."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpResponse

from cartpath.api.auth import CenterOf
from cartpath.api.pagination import PAGE_NAMES, after_pair, aware_time, page, window
from cartpath.api.query import Query
from cartpath.api.scoped import center_of
from cartpath.api.views.base import ApiRequest, answer

__all__ = ["rows_by_time"]

ModelT = TypeVar("ModelT", bound=Model)


def rows_by_time(
    request: ApiRequest,
    journey_id: UUID,
    rows: "QuerySet[ModelT]",
    *,
    time: str,
    render: Callable[[ModelT, CenterOf], Mapping[str, Any]],
    tie: str = "event_id",
) -> HttpResponse:
    """A page of a journey's rows, the oldest first; `since` in the query leaves out what is older.

    `time` names the column they are ordered by, and after it the event that wrote them; where one event wrote
    several rows, `tie` names the column that tells them apart. Raises `NotFound`
    outside the client's centers, `Invalid` for a wrong query.
    """
    query = Query(request.GET, {"since"} | PAGE_NAMES)
    since = query.time("since")
    shown = window(query, [aware_time, int])
    query.refuse_problems()
    center = center_of(request.client, journey_id)
    found = rows.filter(journey_id=journey_id)
    if since is not None:
        found = found.filter(**{f"{time}__gte": since})
    return answer(
        page(
            request,
            shown,
            list(after_pair(found, time, tie, shown)[: shown.limit]),
            render=lambda row: render(row, center),
            key=attrgetter(time, tie),
        )
    )
