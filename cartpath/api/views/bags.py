"""Wristband and bag compared by a program, e.g. that of a scanner at the bedside."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from typing_extensions import TypedDict  # pydantic reads that of `typing` from Python 3.12 on

from cartpath.accounts.enums import Scope
from cartpath.api.idempotency import Reply
from cartpath.api.reading import read_body
from cartpath.api.schema import IDEMPOTENT, Shape, refusals
from cartpath.api.scoped import center_of
from cartpath.api.views.base import ApiRequest, ApiView, written
from infusion.bedside.comparing import bedside_scan
from infusion.bedside.inputs import Scan


class BagComparisonDocument(TypedDict):
    """What a scan came to. `item` is the bag's number in the journey; `stop` is the number of the stop kept.

    `reasons` are codes, the gravest first: none of them for a match.
    """

    match: bool
    item: int | None
    reasons: list[str]
    unknown: list[str]
    stop: int | None


class BagComparisonView(ApiView):
    """`/journeys/{id}/bag-comparisons/`"""

    scopes: ClassVar = {"POST": Scope.CUSTODY_WRITE}

    @extend_schema(
        operation_id="bag_compare",
        summary="Compare a wristband and a bag of the product",
        description=(
            "Held against the child, the bags on record, the order and the certificate. A mismatch is kept in"
            " the child's ledger (`scan_stopped`) and has to be answered by a person. A match is no"
            " signature: two people sign on the page. `unknown` names identifiers that only one side has."
        ),
        request=Shape(Scan, "BagScan"),
        parameters=[*IDEMPOTENT],
        responses={
            200: Shape(BagComparisonDocument),
            **refusals(401, 403, 404, 409, 415, 422, 429),
        },
    )
    def post(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """200 with what the scan came to."""
        scan = read_body(request, Scan)
        return written(request, lambda: _compared(request, journey_id, scan))


def _compared(request: ApiRequest, journey_id: UUID, scan: Scan) -> Reply:
    center_of(request.client, journey_id)
    found = bedside_scan(journey_id=journey_id, scan=scan, by=request.client.actor, at=request.at)
    document: BagComparisonDocument = {
        "match": found.match.is_match,
        "item": found.match.number,
        "reasons": list(found.match.reasons),
        "unknown": [line.name for line in found.match.comparisons if line.verdict == "unknown"],
        "stop": found.stop.number if found.stop else None,
    }
    return Reply.of(document)
