"""The product by program: its orders with milestones and quality, and what the infusion waits for."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema

from cartpath.accounts.enums import Scope
from cartpath.api.auth import CenterOf
from cartpath.api.documents import Page, fhir_status
from cartpath.api.product_documents import (
    BatchDocument,
    DeviationDocument,
    HoldDocument,
    OrderDocument,
    ParameterDocument,
    ReadinessDocument,
    ResultDocument,
)
from cartpath.api.query import Query
from cartpath.api.schema import Shape, refusals
from cartpath.api.scoped import journey_of
from cartpath.api.status import local_time, local_time_if_known
from cartpath.api.views.base import ApiRequest, ApiView, answer
from infusion.models import InfusionHold
from infusion.ready.conditions import ready_picture
from manufacturing.models import OutOfSpecification, QualityResult
from manufacturing.quality.selectors import OrderStory, ParameterLine, Specification, quality_story


class OrdersView(ApiView):
    """`/journeys/{id}/orders/`"""

    scopes: ClassVar = {"GET": Scope.JOURNEYS_READ}

    @extend_schema(
        operation_id="orders_list",
        summary="Orders of a child's product with milestones, quality and release, oldest first",
        description=(
            "The specification is the one in force on the day of the release or the report, today's before"
            " that. A parameter nobody told of is `unknown`, and unknown is not met."
        ),
        responses={200: Shape(Page[OrderDocument], "OrderPage"), **refusals(401, 403, 404, 422, 429)},
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """Every order, on one page."""
        Query(request.GET, frozenset()).refuse_problems()
        journey = journey_of(request.client, journey_id)
        center = request.client.centers[journey.center_id]
        stories = quality_story(journey, at=request.at)
        return answer({"results": [_order(each, center) for each in stories], "next": None})


class ReadinessView(ApiView):
    """`/journeys/{id}/readiness/`"""

    scopes: ClassVar = {"GET": Scope.JOURNEYS_READ}

    @extend_schema(
        operation_id="readiness_read",
        summary="What stands in the way of the infusion",
        description=(
            "The conditions of the ready page: met, open, unknown or overridden by a named person. People"
            " decide; no program overrides a stop or ends a hold."
        ),
        responses={200: Shape(ReadinessDocument), **refusals(401, 403, 404, 422, 429)},
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """The conditions as they stand now."""
        Query(request.GET, frozenset()).refuse_problems()
        journey = journey_of(request.client, journey_id)
        center = request.client.centers[journey.center_id]
        picture = ready_picture(journey, at=request.at)
        days = picture.window.days if picture.window else None
        document: ReadinessDocument = {
            "journey": str(journey.pk),
            "at": local_time(request.at, center.zone),
            "part": picture.fraction,
            "state": "waits" if picture.waiting else "clear",
            "conditions": [
                {
                    "name": each.name,
                    "label": each.label,
                    "state": each.state,
                    "severity": each.severity,
                    "said": [str(sentence) for sentence in each.said],
                    "source": each.source or None,
                    "reason": each.reason or None,
                    "by": each.by or None,
                }
                for each in picture.conditions
            ],
            "holds": [_hold(each, center) for each in picture.holds],
            "first_on": days.first_on.isoformat() if days else None,
            "last_on": days.last_on.isoformat() if days and days.last_on else None,
        }
        return answer(document)


def _order(story: OrderStory, center: CenterOf) -> OrderDocument:
    order = story.order
    milestones = sorted(order.milestones.all(), key=lambda each: each.reached_at)
    return {
        "id": str(order.pk),
        "journey": str(order.journey_id),
        "product": order.product,
        "region": order.region or None,
        "protocol_version": order.protocol_version or None,
        "state": order.state,
        "order_number": order.manufacturer_order_id or None,
        "chain_of_identity": order.chain_of_identity or None,
        "apheresis_id": order.apheresis_id or None,
        "batch_number": order.batch_number or None,
        "slot_number": order.slot_number or None,
        "slot_on": order.slot_on.isoformat() if order.slot_on else None,
        "weight_kg": None if order.weight_kg is None else float(order.weight_kg),
        "remakes": str(order.remakes_id) if order.remakes_id else None,
        "ordered_at": local_time(order.ordered_at, center.zone),
        "milestones": [
            {
                "milestone": each.milestone,
                "reached_at": local_time(each.reached_at, center.zone),
                "expected_on": each.expected_on.isoformat() if each.expected_on else None,
            }
            for each in milestones
        ],
        "specification": [_parameter(line) for line in story.specification.lines],
        "results": [_result(row, center) for row in story.results],
        "batch": _batch(story.specification, center),
        "deviation": _deviation(story.deviation, center) if story.deviation else None,
    }


def _parameter(line: ParameterLine) -> ParameterDocument:
    each = line.parameter
    return {
        "parameter": each.id,
        "label": each.label,
        "operator": each.op,
        "limit": each.limit,
        "unit": each.unit or None,
        "value": each.value,
        "finding": (line.result.finding or None) if line.result else None,
        "verdict": each.verdict,
        "decides": each.decides,
    }


def _result(row: QualityResult, center: CenterOf) -> ResultDocument:
    return {
        "id": str(row.pk),
        "status": fhir_status(struck=row.struck_at is not None),
        "parameter": row.parameter,
        "value": row.value,
        "finding": row.finding or None,
        "certificate": row.certificate or None,
        "method": row.method or None,
        "recorded_by": row.recorded_by,
        "recorded_at": local_time(row.recorded_at, center.zone),
    }


def _batch(specification: Specification, center: CenterOf) -> BatchDocument | None:
    batch, second = specification.batch, specification.second_stage
    if batch is None:
        return None
    viability = batch.viability_percent
    return {
        "id": str(batch.pk),
        "lot": batch.lot or None,
        "state": batch.state,
        "bags": batch.bags,
        "car_positive_viable_cells": batch.car_positive_viable_cells,
        "viability_percent": None if viability is None else float(viability),
        "expires_on": batch.expires_on.isoformat() if batch.expires_on else None,
        "certificate": batch.certificate or None,
        "released_by": batch.released_by or None,
        "released_at": local_time_if_known(batch.released_at, center.zone),
        "received_at": local_time_if_known(batch.received_at, center.zone),
        "second_stage": second.state if second else None,
    }


def _deviation(row: OutOfSpecification, center: CenterOf) -> DeviationDocument:
    return {
        "parameter": row.parameter,
        "limit": row.limit or None,
        "value": row.value or None,
        "risk_statement": row.risk_statement or None,
        "reported_at": local_time(row.reported_at, center.zone),
        "decision": row.decision or None,
        "reason": row.reason or None,
        "reference": row.reference or None,
        "consent_on": row.consent_on.isoformat() if row.consent_on else None,
        "decided_by": row.decided_by or None,
        "decided_at": local_time_if_known(row.decided_at, center.zone),
    }


def _hold(row: InfusionHold, center: CenterOf) -> HoldDocument:
    return {
        "id": str(row.pk),
        "reason": row.reason,
        "note": row.note or None,
        "held_by": row.held_by,
        "held_at": local_time(row.held_at, center.zone),
        "review_at": local_time(row.review_at, center.zone),
        "ended_at": local_time_if_known(row.ended_at, center.zone),
        "outcome": row.outcome or None,
    }
