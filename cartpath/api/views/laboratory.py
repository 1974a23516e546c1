"""Laboratory values of a journey: read, and stored idempotently."""

from typing import ClassVar
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema

from cartpath.accounts.enums import Scope
from cartpath.api.documents import Page
from cartpath.api.idempotency import Reply
from cartpath.api.laboratory import LaboratoryBody, LaboratoryDocument, entry_of, laboratory_document
from cartpath.api.pagination import PAGE_NAMES, page, window
from cartpath.api.query import Query
from cartpath.api.reading import read_body, renamed
from cartpath.api.schema import IDEMPOTENT, PAGED, Shape, refusals
from cartpath.api.scoped import center_of
from cartpath.api.views.base import ApiRequest, ApiView, answer, written
from cartpath.core.errors import Invalid
from toxicity.laboratory.services import laboratory_record
from toxicity.models import LabSet, LabValue


class LaboratoryView(ApiView):
    """`/journeys/{id}/laboratory/`"""

    scopes: ClassVar = {"GET": Scope.OBSERVATIONS_READ, "POST": Scope.OBSERVATIONS_WRITE}

    @extend_schema(
        operation_id="laboratory_list",
        summary="Laboratory values, in the order they were recorded",
        description="Values entered in error stay, with the reason.",
        parameters=[*PAGED],
        responses={
            200: Shape(Page[LaboratoryDocument], "LaboratoryPage"),
            **refusals(401, 403, 404, 422, 429),
        },
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """A page of sets of values."""
        query = Query(request.GET, PAGE_NAMES)
        shown = window(query, [int])
        query.refuse_problems()
        center = center_of(request.client, journey_id)
        found = LabSet.objects.filter(journey_id=journey_id).order_by("event_id")
        if shown.after is not None:
            found = found.filter(event_id__gt=shown.after[0])
        found = found.prefetch_related(Prefetch("values", LabValue.objects.order_by("pk")))
        return answer(
            page(
                request,
                shown,
                list(found[: shown.limit]),
                render=lambda row: laboratory_document(row, center),
                key=lambda row: [row.event_id],
            )
        )

    @extend_schema(
        operation_id="laboratory_record",
        summary="Store the laboratory values of one specimen",
        description=(
            "Units are UCUM and converted; a unit that can't be converted safely is refused. All values are"
            " stored, or none: each that is wrong is named. A value that the specimen has already is refused"
            " with 409."
        ),
        request=Shape(LaboratoryBody),
        parameters=[*IDEMPOTENT],
        responses={201: Shape(LaboratoryDocument), **refusals(401, 403, 404, 409, 415, 422, 429)},
    )
    def post(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """201 with the stored values."""
        body = read_body(request, LaboratoryBody)
        return written(request, lambda: _record(request, journey_id, body))


def _record(request: ApiRequest, journey_id: UUID, body: LaboratoryBody) -> Reply:
    center = center_of(request.client, journey_id)
    try:
        stored = laboratory_record(
            journey_id=journey_id,
            taken_at=body.taken_at or request.at,
            entry=entry_of(body),
            by=request.client.actor,
            at=request.at,
        )
    except Invalid as refused:
        raise renamed(refused, at="taken_at") from None
    return Reply.of(laboratory_document(stored, center), status=201)
