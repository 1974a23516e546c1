"""The change feed."""

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema

from cartpath.accounts.enums import Scope
from cartpath.api.documents import ChangesDocument
from cartpath.api.query import Query
from cartpath.api.schema import Shape, parameter, refusals
from cartpath.api.views.base import ApiRequest, ApiView, answer
from cartpath.ledger.feed import changes

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1000


class ChangesView(ApiView):
    """`/changes/`"""

    scopes: ClassVar = {"GET": Scope.JOURNEYS_READ}

    @extend_schema(
        operation_id="changes",
        summary="Every event since a cursor, each exactly once, none ever skipped",
        description=(
            "Begin without `after`, then ask with the `cursor` of the answer before. An empty page returns"
            " the cursor it was asked with; ask again after a while. Events of one journey come in order."
        ),
        parameters=[
            parameter("after", "The `cursor` of the answer before."),
            parameter(
                "limit",
                f"At most so many events, 1 to {LARGEST_LIMIT}; {DEFAULT_LIMIT} unless given.",
                kind=int,
            ),
        ],
        responses={200: Shape(ChangesDocument), **refusals(401, 403, 422, 429)},
    )
    def get(self, request: ApiRequest) -> HttpResponse:
        """Events after a cursor."""
        query = Query(request.GET, {"after", "limit"})
        after = query.text("after") or ""
        limit = query.number("limit", low=1, high=LARGEST_LIMIT, default=DEFAULT_LIMIT)
        query.refuse_problems()
        found = changes(after=after, limit=limit, center_ids=request.client.center_ids)
        return answer({"results": [event.facts() for event in found.events], "cursor": found.cursor})
