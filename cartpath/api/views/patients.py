"""Patients: who they are, and which journeys are theirs."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final, NamedTuple
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema

from cartpath.accounts.enums import Scope
from cartpath.api.auth import Client
from cartpath.api.documents import Page, PatientDocument
from cartpath.api.pagination import PAGE_NAMES, Window, page, window
from cartpath.api.query import Query
from cartpath.api.schema import CONDITIONAL, PAGED, Shape, parameter, refusals
from cartpath.api.views.base import ApiRequest, ApiView, answer, record
from cartpath.api.views.journeys import center_ids_asked
from cartpath.core.errors import NotFound

FILTERS: Final = frozenset({"mrn", "center"})

# The cursor holds the patient's id, for an MRN has no place in an address; the index holds center and MRN.
_AFTER: Final = """
   AND (patient.center_id, patient.mrn) > (SELECT last.center_id, last.mrn FROM patients_patient last
                                            WHERE last.id = %(after)s)
"""
_SELECT: Final = """
SELECT patient.id, patient.center_id, patient.mrn, patient.family_name, patient.given_name,
       patient.birth_date, patient.sex, patient.language, patient.allergy_state, patient.allergies,
       patient.died_on, weight.weight_kg, weight.measured_at, height.height_cm, height.measured_at,
       ARRAY(SELECT journey.id FROM patients_journey journey WHERE journey.patient_id = patient.id
              ORDER BY journey.created_at, journey.id)
  FROM patients_patient patient
  LEFT JOIN LATERAL (
       SELECT weight_kg, measured_at FROM patients_measurement
        WHERE patient_id = patient.id AND weight_kg IS NOT NULL ORDER BY measured_at DESC LIMIT 1
  ) weight ON TRUE
  LEFT JOIN LATERAL (
       SELECT height_cm, measured_at FROM patients_measurement
        WHERE patient_id = patient.id AND height_cm IS NOT NULL ORDER BY measured_at DESC LIMIT 1
  ) height ON TRUE
 WHERE patient.center_id = ANY(%(centers)s)
"""
_ORDERED: Final = " ORDER BY patient.center_id, patient.mrn LIMIT %(limit)s"


class PatientRow(NamedTuple):
    """One patient as `_SELECT` returns it."""

    id: UUID
    center_id: int
    mrn: str
    family_name: str
    given_name: str
    birth_date: Any
    sex: Any
    language: str | None
    allergy_state: Any
    allergies: str
    died_on: Any
    weight_kg: Decimal | None
    weighed_at: datetime
    height_cm: Decimal | None
    height_at: datetime
    journeys: list[UUID]


class PatientsView(ApiView):
    """`/patients/`"""

    scopes: ClassVar = {"GET": Scope.JOURNEYS_READ}

    @extend_schema(
        operation_id="patients_list",
        summary="Patients by center and MRN",
        parameters=[
            parameter("mrn", "With exactly this medical record number."),
            parameter("center", "Of this center, by code."),
            *PAGED,
        ],
        responses={200: Shape(Page[PatientDocument], "PatientPage"), **refusals(401, 403, 422, 429)},
    )
    def get(self, request: ApiRequest) -> HttpResponse:
        """A page of patients."""
        query = Query(request.GET, FILTERS | PAGE_NAMES)
        center_ids = center_ids_asked(query, request.client)
        mrn = query.text("mrn")
        shown = window(query, [UUID])
        query.refuse_problems()
        return answer(
            page(
                request,
                shown,
                _patients(center_ids, mrn, shown),
                render=lambda row: _rendered(row, request.client),
                key=lambda row: [row.id],
            )
        )


class PatientView(ApiView):
    """`/patients/{id}/`"""

    scopes: ClassVar = {"GET": Scope.JOURNEYS_READ}

    @extend_schema(
        operation_id="patient",
        summary="One patient",
        parameters=[*CONDITIONAL],
        responses={200: Shape(PatientDocument), 304: None, **refusals(401, 403, 404, 429)},
    )
    def get(self, request: ApiRequest, patient_id: UUID) -> HttpResponse:
        """The patient."""
        parameters: dict[str, Any] = {"centers": request.client.center_ids, "id": patient_id}
        with connection.cursor() as cursor:
            cursor.execute(f"{_SELECT} AND patient.id = %(id)s", parameters)
            row = cursor.fetchone()
        if row is None:
            raise NotFound
        return record(request, _rendered(PatientRow._make(row), request.client))


def _patients(center_ids: list[int], mrn: str | None, shown: Window) -> list[PatientRow]:
    sql = _SELECT
    parameters: dict[str, Any] = {"centers": center_ids, "limit": shown.limit}
    if mrn is not None:
        sql += " AND patient.mrn = %(mrn)s"
        parameters["mrn"] = mrn
    if shown.after is not None:
        sql += _AFTER
        parameters["after"] = shown.after[0]
    with connection.cursor() as cursor:
        cursor.execute(sql + _ORDERED, parameters)
        return [PatientRow._make(row) for row in cursor.fetchall()]


def _rendered(row: PatientRow, client: Client) -> PatientDocument:
    center = client.centers[row.center_id]
    return {
        "id": str(row.id),
        "center": center.code,
        "mrn": row.mrn,
        "family_name": row.family_name,
        "given_name": row.given_name,
        "birth_date": row.birth_date.isoformat(),
        "sex": row.sex,
        "language": row.language or None,
        "allergy_state": row.allergy_state,
        "allergies": row.allergies or None,
        "died_on": row.died_on.isoformat() if row.died_on else None,
        "weight": (
            None
            if row.weight_kg is None
            else {
                "kg": float(row.weight_kg),
                "measured_at": row.weighed_at.astimezone(center.zone).isoformat(),
            }
        ),
        "height": (
            None
            if row.height_cm is None
            else {
                "cm": float(row.height_cm),
                "measured_at": row.height_at.astimezone(center.zone).isoformat(),
            }
        ),
        "journeys": [str(journey_id) for journey_id in row.journeys],
    }
