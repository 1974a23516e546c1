"""Apheresis slots and bookings."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import Exists, ExpressionWrapper, Func, OuterRef, Q
from django.db.models.fields import BooleanField
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from pydantic_core import to_json

from cartpath.accounts.enums import Scope
from cartpath.api.auth import CenterOf, Client
from cartpath.api.bodies import BookingBody, CancelBody
from cartpath.api.documents import BookingDocument, Page, SlotDocument
from cartpath.api.etag import etag_of, refuse_stale
from cartpath.api.idempotency import Reply
from cartpath.api.pagination import PAGE_NAMES, after_pair, aware_time, page, window
from cartpath.api.query import Query
from cartpath.api.reading import read_body
from cartpath.api.schema import CONDITIONAL, IDEMPOTENT, PAGED, PRECONDITION, Shape, parameter, refusals
from cartpath.api.status import status_etag
from cartpath.api.views.base import ApiRequest, ApiView, answer, record, written
from cartpath.api.views.journeys import center_ids_asked
from cartpath.core.errors import NotFound
from leukapheresis.enums import CancelReason, SlotState
from leukapheresis.models import Allocation, Booking, Slot
from leukapheresis.services import booking_cancel, booking_create
from patients.models import Journey
from patients.services import journey_locked

DEFAULT_SPAN: Final = timedelta(weeks=8)
_BOOKING: Final = Shape(BookingDocument)


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


class BookingsView(ApiView):
    """`/leukapheresis/bookings/`"""

    scopes: ClassVar = {"POST": Scope.BOOKINGS_WRITE}

    @extend_schema(
        operation_id="booking_create",
        summary="Book a slot for a journey",
        description=(
            "A refusal changes nothing. Its `code` is `slot_taken`, `resource_busy`, `washout_open`,"
            " `patient_busy`, `slot_past` or `wrong_stage`. A program can't override an open washout: that is"
            " a person's decision. `If-Match` is compared with the `ETag` of the journey's status."
        ),
        request=Shape(BookingBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={201: _BOOKING, **refusals(401, 403, 404, 409, 412, 415, 422, 429)},
    )
    def post(self, request: ApiRequest) -> HttpResponse:
        """201 with the booking."""
        body = read_body(request, BookingBody)
        return written(request, lambda: _book(request, body))


class BookingView(ApiView):
    """`/leukapheresis/bookings/{id}/`"""

    scopes: ClassVar = {"GET": Scope.SLOTS_READ}

    @extend_schema(
        operation_id="booking",
        summary="One booking",
        parameters=[*CONDITIONAL],
        responses={200: _BOOKING, 304: None, **refusals(401, 403, 404, 429)},
    )
    def get(self, request: ApiRequest, booking_id: UUID) -> HttpResponse:
        """The booking."""
        return record(request, _document(_booking(request.client, booking_id), request.client))


class BookingCancelView(ApiView):
    """`/leukapheresis/bookings/{id}/cancel/`"""

    scopes: ClassVar = {"POST": Scope.BOOKINGS_WRITE}

    @extend_schema(
        operation_id="booking_cancel",
        summary="Give a slot back",
        description=f"`reason_code` is one of {', '.join(CancelReason.values)}.",
        request=Shape(CancelBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={200: _BOOKING, **refusals(401, 403, 404, 409, 412, 415, 422, 429)},
    )
    def post(self, request: ApiRequest, booking_id: UUID) -> HttpResponse:
        """200 with the canceled booking."""
        body = read_body(request, CancelBody)
        return written(request, lambda: _cancel(request, booking_id, body))


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


def _book(request: ApiRequest, body: BookingBody) -> Reply:
    client = request.client
    journey = Journey.objects.filter(pk=body.journey, center_id__in=client.center_ids)
    # One question for both: under a rush, every query of those who lose counts.
    if not Slot.objects.filter(Exists(journey), pk=body.slot, center_id__in=client.center_ids).exists():
        raise NotFound("There is no such journey or no such slot.")
    refuse_stale(request, lambda: status_etag(client, body.journey, at=request.at))
    booking = booking_create(journey_id=body.journey, slot_id=body.slot, by=client.actor, at=request.at)
    document = _document(_booking(client, booking.pk), client)
    return Reply.of(document, status=201, location=reverse("api:booking", args=[booking.pk]))


def _cancel(request: ApiRequest, booking_id: UUID, body: CancelBody) -> Reply:
    client = request.client
    booking = _booking(client, booking_id)
    with journey_locked(booking.journey_id):
        refuse_stale(request, lambda: etag_of(to_json(_document(_booking(client, booking_id), client))))
        booking_cancel(
            booking_id=booking_id,
            reason_code=body.reason_code,
            note=body.note,
            by=client.actor,
            at=request.at,
        )
    return Reply.of(_document(_booking(client, booking_id), client))


def _booking(client: Client, booking_id: UUID) -> Booking:
    """The booking, if it belongs to one of the client's centers. Raises `NotFound`."""
    found = Booking.objects.filter(pk=booking_id, center_id__in=client.center_ids)
    booking = found.select_related("slot__resource").first()
    if booking is None:
        raise NotFound
    return booking


def _document(booking: Booking, client: Client) -> BookingDocument:
    center = client.centers[booking.center_id]
    return {
        "id": str(booking.pk),
        "journey": str(booking.journey_id),
        "slot": str(booking.slot_id),
        "center": center.code,
        "machine": booking.slot.resource.name,
        "starts_at": booking.slot.starts_at.astimezone(center.zone).isoformat(),
        "ends_at": booking.slot.ends_at.astimezone(center.zone).isoformat(),
        "state": booking.state,
        "booked_by": booking.booked_by,
        "booked_at": booking.booked_at.astimezone(center.zone).isoformat(),
        "cancel_reason": booking.cancel_reason or None,
        "cancel_note": booking.cancel_note or None,
    }
