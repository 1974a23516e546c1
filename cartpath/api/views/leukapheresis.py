"""Apheresis slots and bookings."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import Exists, ExpressionWrapper, Func, OuterRef, Q
from django.db.models.fields import BooleanField
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema

from cartpath.accounts.enums import Scope
from cartpath.api.auth import CenterOf
from cartpath.api.documents import Page, SlotDocument
from cartpath.api.pagination import PAGE_NAMES, after_pair, aware_time, page, window
from cartpath.api.query import Query
from cartpath.api.schema import PAGED, Shape, parameter, refusals
from cartpath.api.views.base import ApiRequest, ApiView, answer
from cartpath.api.views.journeys import center_ids_asked
from leukapheresis.enums import SlotState
from leukapheresis.models import Allocation, Slot

DEFAULT_SPAN: Final = timedelta(weeks=8)


class SlotsView(ApiView):
    """`/leukapheresis/slots/`"""

    scopes: ClassVar = {"GET": Scope.SLOTS_READ}

    @extend_schema(
        operation_id="slots_list",
        summary="Apheresis slots by their beginning",
        parameters=[
            parameter("from", "Beginning at this time or day, or later; now unless given.", form="date-time"),
            parameter(
                "to",
                "Beginning before this time or day; 8 weeks after `from` unless given.",
                form="date-time",
            ),
            parameter("free", "That can be taken now.", enum=["true"]),
            parameter("center", "Of this center, by code."),
            *PAGED,
        ],
        responses={200: Shape(Page[SlotDocument], "SlotPage"), **refusals(401, 403, 422, 429)},
    )
    def get(self, request: ApiRequest) -> HttpResponse:
        """A page of slots."""
        query = Query(request.GET, {"from", "to", "free", "center"} | PAGE_NAMES)
        center_ids = center_ids_asked(query, request.client)
        centers = request.client.centers
        zones = {centers[center_id].zone for center_id in center_ids}
        start = query.time_or_day("from", zones) or request.at
        end = query.time_or_day("to", zones) or start + DEFAULT_SPAN
        if end <= start:
            query.refuse("to", "Give a time after “from”.")
        only_free = query.only_true("free")
        shown = window(query, [aware_time, UUID])
        query.refuse_problems()
        is_free = _is_free(request.at)
        slots = Slot.objects.filter(center_id__in=center_ids).between(start, end)
        if only_free:
            slots = slots.filter(is_free)
        columns = after_pair(slots, "starts_at", "id", shown).values_list(
            "id", "center_id", "resource__name", "starts_at", "ends_at", "state", is_free
        )
        return answer(
            page(
                request,
                shown,
                list(columns[: shown.limit]),
                render=lambda row: _slot(row, centers),
                key=lambda row: (row[3], row[0]),
            )
        )


def _is_free(at: datetime) -> "ExpressionWrapper[Q]":
    """Whether a slot is open, still to come, and its machine in use and held by nobody in that time."""
    period = Func(
        OuterRef("starts_at"), OuterRef("ends_at"), function="tstzrange", output_field=DateTimeRangeField()
    )
    held = Allocation.objects.filter(
        resource_id=OuterRef("resource_id"), is_live=True, period__overlap=period
    )
    free = Q(state=SlotState.OPEN, resource__is_active=True, starts_at__gt=at) & ~Q(Exists(held))
    return ExpressionWrapper(free, output_field=BooleanField())


SlotRow = tuple[UUID, int, str, datetime, datetime, str, bool]


def _slot(row: SlotRow, centers: Mapping[int, CenterOf]) -> SlotDocument:
    slot_id, center_id, machine, starts_at, ends_at, state, is_free = row
    center = centers[center_id]
    return {
        "id": str(slot_id),
        "center": center.code,
        "machine": machine,
        "starts_at": starts_at.astimezone(center.zone).isoformat(),
        "ends_at": ends_at.astimezone(center.zone).isoformat(),
        "state": state,
        "free": is_free,
    }
