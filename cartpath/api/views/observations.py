"""Bedside observations: sets in and out, each value with its LOINC code and UCUM unit, shaped as in FHIR."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema

from cartpath.accounts.enums import Scope
from cartpath.api.auth import CenterOf
from cartpath.api.bodies import ObservationsBody
from cartpath.api.coded import OWN_CODES, UCUM, entry_of
from cartpath.api.documents import Page, fhir_status
from cartpath.api.etag import refuse_stale
from cartpath.api.idempotency import Reply
from cartpath.api.listing import rows_by_time
from cartpath.api.observation_documents import (
    FhirCoding,
    FhirQuantity,
    NotTakenDocument,
    ObservationDocument,
    ObservationSetDocument,
)
from cartpath.api.reading import read_body, renamed
from cartpath.api.schema import IDEMPOTENT, PAGED, PRECONDITION, Shape, parameter, refusals
from cartpath.api.scoped import center_of
from cartpath.api.status import status_etag
from cartpath.api.views.base import ApiRequest, ApiView, written
from cartpath.core.errors import Invalid
from toxicity.models import Observation, ObservationSet
from toxicity.observations.catalog import LOINC
from toxicity.observations.inputs import NotTaken
from toxicity.observations.rows import not_taken_of
from toxicity.observations.services import observations_record


class ObservationsView(ApiView):
    """`/journeys/{id}/observations/`"""

    scopes: ClassVar = {"GET": Scope.OBSERVATIONS_READ, "POST": Scope.OBSERVATIONS_WRITE}

    @extend_schema(
        operation_id="observations_list",
        summary="Sets of bedside observations, oldest first",
        description=(
            "A value that was corrected stays with the status `entered-in-error`, and so do the values of a"
            " set that was struck. What was not observed is not listed."
        ),
        parameters=[parameter("since", "Observed at this time or later.", form="date-time"), *PAGED],
        responses={
            200: Shape(Page[ObservationSetDocument], "ObservationSetPage"),
            **refusals(401, 403, 404, 422, 429),
        },
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """A page of sets."""
        values = Prefetch("observations", Observation.objects.order_by("event_id", "code"))
        rows = ObservationSet.objects.select_related("assessment").prefetch_related(values)
        return rows_by_time(request, journey_id, rows, time="observed_at", render=set_document)

    @extend_schema(
        operation_id="observations_record",
        summary="Record a set of bedside observations",
        description=(
            "Everything one person saw at one time; what was not observed is left out and counts as unknown."
            " The set is graded at once, as far as it goes. `oxygen_device` `none` is room air, an empty list"
            " of `vasopressors` says that none is running. ICE and CAPD are given by their items. Instead of"
            " names, `observations` takes what was observed as FHIR writes it, by LOINC or CARTPath's own"
            " codes with units in UCUM, as the list gives it. `If-Match` is compared with the `ETag` of the"
            " journey's status."
        ),
        request=Shape(ObservationsBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={
            201: Shape(ObservationSetDocument),
            **refusals(401, 403, 404, 409, 412, 415, 422, 429),
        },
    )
    def post(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """201 with the set and its grades."""
        body = read_body(request, ObservationsBody)
        return written(request, lambda: _record(request, journey_id, body))


def _record(request: ApiRequest, journey_id: UUID, body: ObservationsBody) -> Reply:
    center = center_of(request.client, journey_id)
    refuse_stale(request, lambda: status_etag(request.client, journey_id, at=request.at))
    try:
        made = observations_record(
            journey_id=journey_id,
            observed_at=body.observed_at or request.at,
            entry=entry_of(body, body.observations),
            by=request.client.actor,
            at=request.at,
        )
    except Invalid as refused:
        raise renamed(refused, at="observed_at") from None
    return Reply.of(set_document(made, center), status=201)


def set_document(row: ObservationSet, center: CenterOf) -> ObservationSetDocument:
    """One set as the API answers it."""
    graded = row.assessment
    return {
        "id": str(row.pk),
        "journey": str(row.journey_id),
        "observed_at": row.observed_at.astimezone(center.zone).isoformat(),
        "recorded_at": row.recorded_at.astimezone(center.zone).isoformat(),
        "recorded_by": row.recorded_by,
        "status": fhir_status(struck=row.struck_at is not None),
        "status_reason": row.struck_reason or None,
        "circumstances": {name: said for name, said in row.circumstances.items() if name != "not_taken"},
        "not_taken": [_not_taken(each) for each in not_taken_of(row.circumstances)],
        "note": row.note or None,
        "completes": [
            check
            for check, done in (
                ("vitals", row.completes_vitals),
                ("neuro", row.completes_neuro),
                ("weight", row.completes_weight),
            )
            if done
        ],
        "assessment": None if graded is None else str(graded.pk),
        "crs_grade": None if graded is None else graded.crs_final,
        "icans_grade": None if graded is None else graded.icans_final,
        "ungraded": row.ungraded,
        "observations": [_document(each, row) for each in row.observations.all()],
    }


def _not_taken(told: NotTaken) -> NotTakenDocument:
    return {"code": told.code.value, "reason": told.reason.value}


def _document(row: Observation, of: ObservationSet) -> ObservationDocument:
    loinc: list[FhirCoding] = [{"system": LOINC, "code": row.loinc}] if row.loinc else []
    return {
        "id": str(row.pk),
        "status": fhir_status(struck=row.struck_at is not None or of.struck_at is not None),
        "code": {"coding": [*loinc, {"system": OWN_CODES, "code": row.code}]},
        "valueQuantity": _quantity(row),
        "valueString": row.word or None,
        "component": row.parts,
    }


def _quantity(row: Observation) -> FhirQuantity | None:
    if row.value is None:
        return None
    value: Any = float(row.value)
    return {"value": value, "system": UCUM, "code": row.unit}
