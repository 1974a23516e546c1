"""Custody by program: the items of a journey, their steps, and recording one that needs no signature."""

from typing import ClassVar, Final, cast
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema

from cartpath.accounts.enums import Scope
from cartpath.api.auth import CenterOf
from cartpath.api.bodies import CustodyStepBody
from cartpath.api.custody_documents import (
    CustodyEntryDocument,
    CustodyItemDocument,
    CustodyRecordedDocument,
)
from cartpath.api.documents import Page, fhir_status
from cartpath.api.etag import refuse_stale
from cartpath.api.idempotency import Reply
from cartpath.api.listing import rows_by_time
from cartpath.api.reading import read_body, renamed
from cartpath.api.schema import IDEMPOTENT, PAGED, PRECONDITION, Shape, parameter, refusals
from cartpath.api.scoped import center_of
from cartpath.api.status import status_etag
from cartpath.api.views.base import ApiRequest, ApiView, written
from cartpath.core.errors import Invalid
from manufacturing.custody.inputs import StepDetails
from manufacturing.custody.services import custody_record
from manufacturing.models import CustodyEntry, CustodyItem
from patients.services import refuse_future

_NUMBERS: Final = ("din", "product_code", "collection_type", "division", "text", "coi", "lot")
_WHERE: Final = ("quarantine_reason", "holder", "place", "position", "last_step")
_TOLD: Final = ("from_holder", "to_holder", "place", "position", "logger", "seal", "condition", "note")
_DETAILS: Final = (
    *("from_", "to", "place", "position", "temp_min_c", "temp_max_c", "logger", "seal", "condition"),
    *("documents", "note", "coi", "fate", "reads"),
)


class CustodyItemsView(ApiView):
    """`/journeys/{id}/custody/items/`"""

    scopes: ClassVar = {"GET": Scope.JOURNEYS_READ}

    @extend_schema(
        operation_id="custody_items_list",
        summary="What is in custody, in the order in which it was taken in",
        description="What was entered in error stays, with the status `entered-in-error`.",
        parameters=[parameter("since", "Taken in at this time or later.", form="date-time"), *PAGED],
        responses={
            200: Shape(Page[CustodyItemDocument], "CustodyItemPage"),
            **refusals(401, 403, 404, 422, 429),
        },
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """A page of items."""
        return rows_by_time(
            request,
            journey_id,
            CustodyItem.objects.all(),
            time="added_at",
            tie="number",
            render=item_document,
        )


class CustodyEntriesView(ApiView):
    """`/journeys/{id}/custody/entries/`"""

    scopes: ClassVar = {"GET": Scope.JOURNEYS_READ, "POST": Scope.CUSTODY_WRITE}

    @extend_schema(
        operation_id="custody_entries_list",
        summary="The chain of custody, oldest first",
        description=(
            "Steps come from hand-overs and from the acts themselves: collection, freezing, release, thaw,"
            " infusion. What was entered in error is left out; the ledger keeps it."
        ),
        parameters=[parameter("since", "At this time or later.", form="date-time"), *PAGED],
        responses={
            200: Shape(Page[CustodyEntryDocument], "CustodyEntryPage"),
            **refusals(401, 403, 404, 422, 429),
        },
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """A page of steps."""
        return rows_by_time(
            request, journey_id, CustodyEntry.objects.all(), time="at", tie="pk", render=entry_document
        )

    @extend_schema(
        operation_id="custody_step_record",
        summary="Record a hand-over of one or several items",
        description=(
            "Only steps that the center lets pass without a signature: people sign with their own passwords"
            " (`signatures_missing`). What stands against a step is a 409 with its own code, such as"
            " `item_quarantined`, `item_expired`, `out_of_order` or `time_backwards`; identifiers that don't"
            " fit are a 422 `identifiers_mismatch`. A temperature out of range is recorded, puts the item in"
            " quarantine and opens a break. `If-Match` is compared with the `ETag` of the journey's status."
        ),
        request=Shape(CustodyStepBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={
            201: Shape(CustodyRecordedDocument),
            **refusals(401, 403, 404, 409, 412, 415, 422, 429),
        },
    )
    def post(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """201 with what was recorded."""
        body = read_body(request, CustodyStepBody)
        return written(request, lambda: _record(request, journey_id, body))


def _record(request: ApiRequest, journey_id: UUID, body: CustodyStepBody) -> Reply:
    center = center_of(request.client, journey_id)
    refuse_stale(request, lambda: status_etag(request.client, journey_id, at=request.at))
    at = body.at or request.at
    try:
        refuse_future(at, request.at)
        made = custody_record(
            journey_id=journey_id,
            step=body.step,
            item_ids=body.items,
            details=StepDetails(**{name: getattr(body, name) for name in _DETAILS}),
            signatures=(),
            by=request.client.actor,
            at=at,
        )
    except Invalid as refused:
        raise renamed(refused, at="at") from None
    document: CustodyRecordedDocument = {"entries": [entry_document(each, center) for each in made]}
    return Reply.of(document, status=201)


def item_document(row: CustodyItem, center: CenterOf) -> CustodyItemDocument:
    """One item as the API answers it."""
    document = {
        "id": str(row.pk),
        "journey": str(row.journey_id),
        "number": row.number,
        "status": fhir_status(struck=row.struck_at is not None),
        "kind": row.kind,
        **{name: getattr(row, name) or None for name in (*_NUMBERS, *_WHERE)},
        "expires_at": row.expires_at.astimezone(center.zone).isoformat() if row.expires_at else None,
        "volume_ml": _number(row.volume_ml),
        "car_positive_viable_cells": row.car_positive_viable_cells,
        "state": row.state,
        "is_quarantined": row.is_quarantined,
        "last_at": row.last_at.astimezone(center.zone).isoformat() if row.last_at else None,
        "added_at": row.added_at.astimezone(center.zone).isoformat(),
    }
    return cast("CustodyItemDocument", document)


def entry_document(row: CustodyEntry, center: CenterOf) -> CustodyEntryDocument:
    """One step as the API answers it."""
    document = {
        "journey": str(row.journey_id),
        "item": str(row.item_id) if row.item_id else None,
        "step": row.step,
        "at": row.at.astimezone(center.zone).isoformat(),
        **{name: getattr(row, name) or None for name in _TOLD},
        "temp_min_c": _number(row.temp_min_c),
        "temp_max_c": _number(row.temp_max_c),
        "is_temp_in_range": row.is_temp_in_range,
        "documents": row.documents,
        "signatures": [{"name": each["name"], "meaning": each["meaning"]} for each in row.signatures],
        "recorded_by": row.recorded_by,
        "event": row.event_id,
    }
    return cast("CustodyEntryDocument", document)


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
