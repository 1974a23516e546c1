"""Interventions against toxicity: what was given, and recording one."""

from dataclasses import fields
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema

from cartpath.accounts.enums import Scope
from cartpath.api.auth import CenterOf
from cartpath.api.bodies import InterventionBody, InterventionStopBody
from cartpath.api.documents import Page, fhir_status
from cartpath.api.etag import refuse_stale
from cartpath.api.given_documents import InterventionDocument
from cartpath.api.idempotency import Reply
from cartpath.api.listing import rows_by_time
from cartpath.api.reading import read_body, renamed
from cartpath.api.schema import IDEMPOTENT, PAGED, PRECONDITION, Shape, parameter, refusals
from cartpath.api.scoped import center_of
from cartpath.api.status import status_etag
from cartpath.api.views.base import ApiRequest, ApiView, written
from cartpath.core.errors import Invalid, NotFound
from cartpath.core.said import said_text
from patients.services import refuse_future
from toxicity.inputs import InterventionDetails
from toxicity.interventions.services import intervention_record, intervention_stop
from toxicity.interventions.shape import missing
from toxicity.models import Intervention

_DETAILS: Final = tuple(field.name for field in fields(InterventionDetails))


class InterventionsView(ApiView):
    """`/journeys/{id}/interventions/`"""

    scopes: ClassVar = {"GET": Scope.OBSERVATIONS_READ, "POST": Scope.TOXICITY_WRITE}

    @extend_schema(
        operation_id="interventions_list",
        summary="What was given against toxicity, oldest first",
        description=(
            "What was entered in error stays, with the status `entered-in-error`. A course without"
            " `stopped_at` still runs; `is_course` tells it from one dose."
        ),
        parameters=[parameter("since", "Given at this time or later.", form="date-time"), *PAGED],
        responses={
            200: Shape(Page[InterventionDocument], "InterventionPage"),
            **refusals(401, 403, 404, 422, 429),
        },
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """A page of interventions."""
        return rows_by_time(
            request, journey_id, Intervention.objects.all(), time="given_at", render=intervention_document
        )

    @extend_schema(
        operation_id="intervention_record",
        summary="Record something given against toxicity",
        description=(
            "One dose, or a course with its rate or interval. A vasopressor ends the rate at which the same"
            " one ran until then, oxygen the device before it. `If-Match` is compared with the `ETag` of the"
            " journey's status."
        ),
        request=Shape(InterventionBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={
            201: Shape(InterventionDocument),
            **refusals(401, 403, 404, 409, 412, 415, 422, 429),
        },
    )
    def post(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """201 with what was recorded."""
        body = read_body(request, InterventionBody)
        return written(request, lambda: _record(request, journey_id, body))


class InterventionStopView(ApiView):
    """`/journeys/{id}/interventions/{intervention}/stop/`"""

    scopes: ClassVar = {"POST": Scope.TOXICITY_WRITE}

    @extend_schema(
        operation_id="intervention_stop",
        summary="Stop a course",
        description="409 when it is stopped already (`already_stopped`) or struck (`already_struck`).",
        request=Shape(InterventionStopBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={
            200: Shape(InterventionDocument),
            **refusals(401, 403, 404, 409, 412, 415, 422, 429),
        },
    )
    def post(self, request: ApiRequest, journey_id: UUID, intervention_id: UUID) -> HttpResponse:
        """200 with the course and its end."""
        body = read_body(request, InterventionStopBody)
        return written(request, lambda: _stop(request, journey_id, intervention_id, body))


def _record(request: ApiRequest, journey_id: UUID, body: InterventionBody) -> Reply:
    center = center_of(request.client, journey_id)
    refuse_stale(request, lambda: status_etag(request.client, journey_id, at=request.at))
    given_at = body.given_at or request.at
    details = InterventionDetails(**{name: getattr(body, name) for name in _DETAILS})
    try:
        refuse_future(given_at, request.at)
        _refuse_future_end(details, request.at)
        _refuse_missing(details)
        made = intervention_record(
            journey_id=journey_id, intervention=details, by=request.client.actor, at=given_at
        )
    except Invalid as refused:
        raise renamed(refused, at="given_at") from None
    return Reply.of(intervention_document(made, center), status=201)


def _stop(request: ApiRequest, journey_id: UUID, intervention_id: UUID, body: InterventionStopBody) -> Reply:
    center = center_of(request.client, journey_id)
    if not Intervention.objects.filter(pk=intervention_id, journey_id=journey_id).exists():
        raise NotFound
    refuse_stale(request, lambda: status_etag(request.client, journey_id, at=request.at))
    stopped_at = body.stopped_at or request.at
    try:
        refuse_future(stopped_at, request.at)
        stopped = intervention_stop(
            intervention_id=intervention_id, reason=body.reason, by=request.client.actor, at=stopped_at
        )
    except Invalid as refused:
        raise renamed(refused, at="stopped_at") from None
    return Reply.of(intervention_document(stopped, center))


def _refuse_future_end(details: InterventionDetails, now: datetime) -> None:
    if details.stopped_at is not None:
        try:
            refuse_future(details.stopped_at, now)
        except Invalid as refused:
            raise renamed(refused, at="stopped_at") from None


def _refuse_missing(details: InterventionDetails) -> None:
    problems = missing(details)
    if problems:
        said = {name: said_text(sentence) for name, sentence in problems.items()}
        raise Invalid("invalid_input", next(iter(said.values())), fields=said)


def intervention_document(row: Intervention, center: CenterOf) -> InterventionDocument:
    """One intervention as the API answers it."""
    return {
        "id": str(row.pk),
        "journey": str(row.journey_id),
        "status": fhir_status(struck=row.struck_at is not None),
        "status_reason": row.struck_reason or None,
        "agent": row.agent,
        "drug": row.drug or None,
        "is_course": row.is_course,
        "given_at": row.given_at.astimezone(center.zone).isoformat(),
        "stopped_at": row.stopped_at.astimezone(center.zone).isoformat() if row.stopped_at else None,
        "dose_mg": _number(row.dose_mg),
        "volume_ml": _number(row.volume_ml),
        "rate": _number(row.rate),
        "rate_unit": row.rate_unit or None,
        "device": row.device or None,
        "fio2_percent": _number(row.fio2_percent),
        "every_hours": row.every_hours,
        "route": row.route or None,
        "weight_kg": _number(row.weight_kg),
        "weight_from": row.weight_from or None,
        "note": row.note or None,
        "given_by": row.given_by,
    }


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
