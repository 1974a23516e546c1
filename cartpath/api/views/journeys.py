"""Journeys: their status and their ledger."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema

from cartpath.accounts.enums import Scope
from cartpath.api.auth import Client
from cartpath.api.documents import EventDocument, Page, StatusDocument
from cartpath.api.pagination import PAGE_NAMES, aware_time, page, window
from cartpath.api.query import Query
from cartpath.api.schema import CONDITIONAL, PAGED, Shape, parameter, refusals
from cartpath.api.status import StatusFilter, rendered, status_of, statuses
from cartpath.api.views.base import ApiRequest, ApiView, answer, record
from cartpath.core.errors import NotFound
from cartpath.ledger.models import Chain, Event
from cartpath.protocols import registry
from patients.enums import Stage

FILTERS = frozenset({"stage", "product", "center", "patient", "updated_since", "overdue"})


class JourneysView(ApiView):
    """`/journeys/`"""

    scopes: ClassVar = {"GET": Scope.JOURNEYS_READ}

    @extend_schema(
        operation_id="journeys_list",
        summary="Status of journeys, the longest unchanged first",
        description=(
            "To poll, ask with `updated_since` a little before the last `updated_at` seen: a transaction that"
            " was slow to commit may show an earlier time. Where nothing may be missed, follow `/changes/`."
        ),
        parameters=[
            parameter("stage", "In this stage.", enum=Stage.values),
            parameter("product", "Of this product."),
            parameter("center", "Of this center, by code."),
            parameter("patient", "Of this patient.", form="uuid"),
            parameter("updated_since", "Changed at this time or later.", form="date-time"),
            parameter("overdue", "With an overdue reminder.", enum=["true"]),
            *PAGED,
        ],
        responses={200: Shape(Page[StatusDocument], "JourneyPage"), **refusals(401, 403, 422, 429)},
    )
    def get(self, request: ApiRequest) -> HttpResponse:
        """A page of status documents."""
        query = Query(request.GET, FILTERS | PAGE_NAMES)
        center_ids = center_ids_asked(query, request.client)
        wanted = StatusFilter(
            stage=query.choice("stage", Stage.values),
            product=query.choice("product", _products()),
            patient=query.uuid("patient"),
            updated_since=query.time("updated_since"),
            overdue=query.only_true("overdue"),
        )
        shown = window(query, [aware_time, UUID])
        query.refuse_problems()
        rows = statuses(center_ids, wanted, shown, at=request.at)
        return answer(
            page(
                request,
                shown,
                rows,
                render=lambda row: rendered(row, at=request.at),
                key=lambda row: (row.updated_at, row.journey_id),
            )
        )


class JourneyView(ApiView):
    """`/journeys/{id}/`"""

    scopes: ClassVar = {"GET": Scope.JOURNEYS_READ}

    @extend_schema(
        operation_id="journey",
        summary="Status of one journey",
        parameters=[*CONDITIONAL],
        responses={
            200: Shape(StatusDocument),
            304: None,
            **refusals(401, 403, 404, 429),
        },
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """The status document."""
        return record(request, status_of(request.client, journey_id, at=request.at))


class EventsView(ApiView):
    """`/journeys/{id}/events/`"""

    scopes: ClassVar = {"GET": Scope.JOURNEYS_READ}

    @extend_schema(
        operation_id="journey_events",
        summary="The journey's ledger, from its beginning",
        parameters=[*PAGED],
        responses={200: Shape(Page[EventDocument], "EventPage"), **refusals(401, 403, 404, 422, 429)},
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """A page of events in the order of the chain."""
        query = Query(request.GET, PAGE_NAMES)
        shown = window(query, [int])
        query.refuse_problems()
        if not Chain.objects.filter(pk=journey_id, center_id__in=request.client.center_ids).exists():
            raise NotFound
        events = Event.objects.of(journey_id)
        if shown.after is not None:
            events = events.filter(seq__gt=shown.after[0])
        return answer(
            page(
                request,
                shown,
                list(events[: shown.limit]),
                render=lambda event: event.facts(),
                key=lambda event: [event.seq],
            )
        )


def center_ids_asked(query: Query, client: Client) -> list[int]:
    """The one center that `center` names, or all of the client's."""
    named = query.center("center", client)
    return client.center_ids if named is None else [named.id]


def _products() -> list[str]:
    return list(dict.fromkeys(product for product, _region in registry.products()))
