"""Toxicity assessments: graded by rule, stored, and answered with the grades."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema

from cartpath.accounts.enums import Scope
from cartpath.api.auth import CenterOf
from cartpath.api.bodies import AssessmentBody
from cartpath.api.documents import AssessmentDocument, Page, fhir_status
from cartpath.api.etag import refuse_stale
from cartpath.api.idempotency import Reply
from cartpath.api.listing import rows_by_time
from cartpath.api.reading import read_body, renamed
from cartpath.api.schema import IDEMPOTENT, PAGED, PRECONDITION, Shape, parameter, refusals
from cartpath.api.scoped import center_of
from cartpath.api.status import status_etag
from cartpath.api.views.base import ApiRequest, ApiView, written
from cartpath.core.errors import Invalid
from patients.services import refuse_future
from toxicity.models import Assessment
from toxicity.services import assessment_record


class AssessmentsView(ApiView):
    """`/journeys/{id}/toxicity-assessments/`"""

    scopes: ClassVar = {"GET": Scope.OBSERVATIONS_READ, "POST": Scope.TOXICITY_WRITE}

    @extend_schema(
        operation_id="toxicity_assessments_list",
        summary="Toxicity assessments with their grades, oldest first",
        description=(
            "Those that sets of observations were graded by are among them. What was entered in error stays,"
            " with the status `entered-in-error`."
        ),
        parameters=[parameter("since", "Assessed at this time or later.", form="date-time"), *PAGED],
        responses={
            200: Shape(Page[AssessmentDocument], "AssessmentPage"),
            **refusals(401, 403, 404, 422, 429),
        },
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """A page of assessments."""
        return rows_by_time(
            request, journey_id, Assessment.objects.all(), time="assessed_at", render=_document
        )

    @extend_schema(
        operation_id="toxicity_assessment",
        summary="Store a toxicity assessment",
        description=(
            "Answers with the grades that the rules give. Earlier CRS and fever modifiers come from the"
            " journey, the instrument of ICANS from the child's age that day. `If-Match` is compared with the"
            " `ETag` of the journey's status."
        ),
        request=Shape(AssessmentBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={
            201: Shape(AssessmentDocument),
            **refusals(401, 403, 404, 409, 412, 415, 422, 429),
        },
    )
    def post(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """201 with the grades."""
        body = read_body(request, AssessmentBody)
        return written(request, lambda: _assess(request, journey_id, body))


def _assess(request: ApiRequest, journey_id: UUID, body: AssessmentBody) -> Reply:
    client, center = request.client, center_of(request.client, journey_id)
    assessed_at = body.assessed_at or request.at
    refuse_stale(request, lambda: status_etag(client, journey_id, at=request.at))
    try:
        refuse_future(assessed_at, request.at)
        stored = assessment_record(journey_id=journey_id, assessment=body, by=client.actor, at=assessed_at)
    except Invalid as refused:
        raise renamed(refused, at="assessed_at") from None
    return Reply.of(_document(stored, center), status=201)


def _document(stored: Assessment, center: CenterOf) -> AssessmentDocument:
    crs: Any = stored.crs
    icans: Any = stored.icans
    return {
        "id": str(stored.pk),
        "journey": str(stored.journey_id),
        "status": fhir_status(struck=stored.struck_at is not None),
        "status_reason": stored.struck_reason or None,
        "assessed_at": stored.assessed_at.astimezone(center.zone).isoformat(),
        "assessed_by": stored.assessed_by,
        "crs": crs,
        "crs_confirmed_grade": stored.crs_confirmed_grade,
        "icans": icans,
        "icans_confirmed_grade": stored.icans_confirmed_grade,
        "override_reason": stored.override_reason or None,
        "note": stored.note or None,
    }
