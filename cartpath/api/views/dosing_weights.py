"""The weight that doses are counted from: every one that was fixed, and fixing one."""

from dataclasses import fields
from typing import ClassVar, Final
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema

from cartpath.accounts.enums import Scope
from cartpath.api.auth import CenterOf
from cartpath.api.bedside_documents import DosingWeightDocument
from cartpath.api.bodies import DosingWeightBody
from cartpath.api.documents import Page, fhir_status
from cartpath.api.etag import refuse_stale
from cartpath.api.idempotency import Reply
from cartpath.api.listing import rows_by_time
from cartpath.api.reading import read_body
from cartpath.api.schema import IDEMPOTENT, PAGED, PRECONDITION, Shape, parameter, refusals
from cartpath.api.scoped import center_of
from cartpath.api.status import local_time, status_etag
from cartpath.api.views.base import ApiRequest, ApiView, written
from toxicity.inputs import DosingWeightDetails
from toxicity.interventions.weights import dosing_weight_set
from toxicity.models import DosingWeight

_DETAILS: Final = tuple(field.name for field in fields(DosingWeightDetails))


class DosingWeightsView(ApiView):
    """`/journeys/{id}/dosing-weights/`"""

    scopes: ClassVar = {"GET": Scope.OBSERVATIONS_READ, "POST": Scope.TOXICITY_WRITE}

    @extend_schema(
        operation_id="dosing_weights_list",
        summary="Dosing weights of a child, oldest first",
        description="The last one that is `final` counts now; without any, the last weight measured does.",
        parameters=[parameter("since", "Set at this time or later.", form="date-time"), *PAGED],
        responses={
            200: Shape(Page[DosingWeightDocument], "DosingWeightPage"),
            **refusals(401, 403, 404, 422, 429),
        },
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """A page of dosing weights."""
        return rows_by_time(request, journey_id, DosingWeight.objects.all(), time="set_at", render=_document)

    @extend_schema(
        operation_id="dosing_weight_set",
        summary="Fix the weight that doses are counted from, from now on",
        description=(
            "A `reason` is needed when one is fixed already, or when it is more than a tenth away from the"
            " last weight measured. `If-Match` is compared with the `ETag` of the journey's status."
        ),
        request=Shape(DosingWeightBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={
            201: Shape(DosingWeightDocument),
            **refusals(401, 403, 404, 409, 412, 415, 422, 429),
        },
    )
    def post(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """201 with the weight."""
        body = read_body(request, DosingWeightBody)
        return written(request, lambda: _set(request, journey_id, body))


def _set(request: ApiRequest, journey_id: UUID, body: DosingWeightBody) -> Reply:
    center = center_of(request.client, journey_id)
    refuse_stale(request, lambda: status_etag(request.client, journey_id, at=request.at))
    made = dosing_weight_set(
        journey_id=journey_id,
        weight=DosingWeightDetails(**{name: getattr(body, name) for name in _DETAILS}),
        by=request.client.actor,
        at=request.at,
    )
    return Reply.of(_document(made, center), status=201)


def _document(row: DosingWeight, center: CenterOf) -> DosingWeightDocument:
    return {
        "id": str(row.pk),
        "journey": str(row.journey_id),
        "status": fhir_status(struck=row.struck_at is not None),
        "status_reason": row.struck_reason or None,
        "weight_kg": float(row.weight_kg),
        "measured_on": row.measured_on.isoformat() if row.measured_on else None,
        "reason": row.reason or None,
        "set_at": local_time(row.set_at, center.zone),
        "set_by": row.set_by,
    }
