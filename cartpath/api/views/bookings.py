"""Apheresis bookings and holds."""

from collections.abc import Callable
from typing import ClassVar, Final
from uuid import UUID

from django.db.models import Exists
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from pydantic_core import to_json

from cartpath.accounts.enums import Scope
from cartpath.api.auth import Client
from cartpath.api.bodies import BookingBody, CancelBody, ConfirmBody, MoveBody, ReleaseBody
from cartpath.api.documents import BookingDayDocument, BookingDocument
from cartpath.api.etag import etag_of, refuse_stale
from cartpath.api.idempotency import Reply
from cartpath.api.reading import read_body
from cartpath.api.schema import CONDITIONAL, IDEMPOTENT, PRECONDITION, Shape, refusals
from cartpath.api.status import status_etag
from cartpath.api.views.base import ApiRequest, ApiView, record, written
from cartpath.core.errors import NotFound
from leukapheresis.enums import BookingState, CancelReason, MoveReason, ResourceKind
from leukapheresis.models import Booking, BookingDay, Slot
from leukapheresis.scheduling.booking import (
    booking_cancel,
    booking_confirm,
    booking_create,
    booking_hold,
    hold_release,
)
from leukapheresis.scheduling.moving import booking_move
from leukapheresis.scheduling.patience import patient
from leukapheresis.scheduling.selectors import planned_days, resources_of_days
from leukapheresis.scheduling.taking import journey_patiently_locked
from patients.models import Journey

_BOOKING: Final = Shape(BookingDocument)
_REFUSED: Final = (
    "A refusal changes nothing and takes less than a second. Its `code` is `slot_taken`, `resource_busy`,"
    " `closed` or `lead_time` (both name the part), `quota_full`, `washout_open`, `patient_busy`,"
    " `parts_undecided`, `slot_past` or `wrong_stage`. A program can neither override an open washout nor"
    " decide what is unknown about a child: these are a person's decisions."
)


class BookingsView(ApiView):
    """`/leukapheresis/bookings/`"""

    scopes: ClassVar = {"POST": Scope.BOOKINGS_WRITE}

    @extend_schema(
        operation_id="booking_create",
        summary="Book or hold slots for a journey",
        description=f"{_REFUSED} `If-Match` is compared with the `ETag` of the journey's status.",
        request=Shape(BookingBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={201: _BOOKING, **refusals(401, 403, 404, 409, 412, 415, 422, 429)},
    )
    def post(self, request: ApiRequest) -> HttpResponse:
        """201 with the booking or hold."""
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


class BookingConfirmView(ApiView):
    """`/leukapheresis/bookings/{id}/confirm/`"""

    scopes: ClassVar = {"POST": Scope.BOOKINGS_WRITE}

    @extend_schema(
        operation_id="booking_confirm",
        summary="Turn a hold into a booking",
        description="`hold_expired` when its time was over, `not_held` when it is no hold.",
        request=Shape(ConfirmBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={200: _BOOKING, **refusals(401, 403, 404, 409, 412, 415, 422, 429)},
    )
    def post(self, request: ApiRequest, booking_id: UUID) -> HttpResponse:
        """200 with the booking."""
        read_body(request, ConfirmBody)
        client = request.client
        return written(
            request,
            lambda: _changed(
                request,
                booking_id,
                lambda: booking_confirm(booking_id=booking_id, by=client.actor, at=request.at),
            ),
        )


class BookingReleaseView(ApiView):
    """`/leukapheresis/bookings/{id}/release/`"""

    scopes: ClassVar = {"POST": Scope.BOOKINGS_WRITE}

    @extend_schema(
        operation_id="hold_release",
        summary="Give a hold back",
        description="`hold_expired` when its time was over, `not_held` when it is no hold.",
        request=Shape(ReleaseBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={200: _BOOKING, **refusals(401, 403, 404, 409, 412, 415, 422, 429)},
    )
    def post(self, request: ApiRequest, booking_id: UUID) -> HttpResponse:
        """200 with the ended hold."""
        read_body(request, ReleaseBody)
        client = request.client
        return written(
            request,
            lambda: _changed(
                request,
                booking_id,
                lambda: hold_release(booking_id=booking_id, by=client.actor, at=request.at),
            ),
        )


class BookingMoveView(ApiView):
    """`/leukapheresis/bookings/{id}/move/`"""

    scopes: ClassVar = {"POST": Scope.BOOKINGS_WRITE}

    @extend_schema(
        operation_id="booking_move",
        summary="Move a day of a booking to another slot",
        description=f"`reason_code` is one of {', '.join(MoveReason.values)}. {_REFUSED}",
        request=Shape(MoveBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={200: _BOOKING, **refusals(401, 403, 404, 409, 412, 415, 422, 429)},
    )
    def post(self, request: ApiRequest, booking_id: UUID) -> HttpResponse:
        """200 with the moved booking."""
        body = read_body(request, MoveBody)
        client = request.client
        return written(
            request,
            lambda: _changed(
                request,
                booking_id,
                lambda: booking_move(
                    booking_id=booking_id,
                    day=body.day,
                    to=body.slot,
                    reason_code=body.reason_code,
                    note=body.note,
                    by=client.actor,
                    at=request.at,
                ),
            ),
        )


class BookingCancelView(ApiView):
    """`/leukapheresis/bookings/{id}/cancel/`"""

    scopes: ClassVar = {"POST": Scope.BOOKINGS_WRITE}

    @extend_schema(
        operation_id="booking_cancel",
        summary="Give a booking back",
        description=f"`reason_code` is one of {', '.join(CancelReason.values)}.",
        request=Shape(CancelBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={200: _BOOKING, **refusals(401, 403, 404, 409, 412, 415, 422, 429)},
    )
    def post(self, request: ApiRequest, booking_id: UUID) -> HttpResponse:
        """200 with the canceled booking."""
        body = read_body(request, CancelBody)
        client = request.client
        return written(
            request,
            lambda: _changed(
                request,
                booking_id,
                lambda: booking_cancel(
                    booking_id=booking_id,
                    reason_code=body.reason_code,
                    note=body.note,
                    by=client.actor,
                    at=request.at,
                ),
            ),
        )


def _book(request: ApiRequest, body: BookingBody) -> Reply:
    client = request.client
    times = [body.slot, *body.days]
    journey = Journey.objects.filter(pk=body.journey, center_id__in=client.center_ids)
    # One question for both: under a rush, every query of those who lose counts.
    slots = Slot.objects.filter(Exists(journey), pk__in=times, center_id__in=client.center_ids)
    if slots.count() != len(set(times)):
        raise NotFound("There is no such journey or no such slot.")
    booking = _taken_unchanged(request, body, times)
    document = _document(_booking(client, booking.pk), client)
    return Reply.of(document, status=201, location=reverse("api:booking", args=[booking.pk]))


def _taken_unchanged(request: ApiRequest, body: BookingBody, times: list[UUID]) -> Booking:
    """Take the slots; if `If-Match` is sent, only while the journey is as it says, which is locked for it."""
    if "If-Match" not in request.headers:
        return _taken(request, body, times)
    with patient() as patience:
        journey_patiently_locked(body.journey, patience)
        refuse_stale(request, lambda: status_etag(request.client, body.journey, at=request.at))
        return _taken(request, body, times)


def _taken(request: ApiRequest, body: BookingBody, times: list[UUID]) -> Booking:
    client = request.client
    if body.hold_minutes is None:
        return booking_create(journey_id=body.journey, times=times, by=client.actor, at=request.at)
    return booking_hold(
        journey_id=body.journey, times=times, minutes=body.hold_minutes, by=client.actor, at=request.at
    )


def _changed(request: ApiRequest, booking_id: UUID, act: Callable[[], object]) -> Reply:
    """Act on a booking of the client's centers, if it still is as `If-Match` says."""
    client = request.client
    booking = _booking(client, booking_id)

    def current() -> str:
        return etag_of(to_json(_document(_booking(client, booking_id), client)))

    with patient() as patience:
        journey_patiently_locked(booking.journey_id, patience)
        refuse_stale(request, current)
        act()
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
    document: BookingDocument = {
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
    if booking.state == BookingState.HELD and booking.hold_expires_at is not None:
        document["hold_expires_at"] = booking.hold_expires_at.astimezone(center.zone).isoformat()
    days = _days(planned_days(booking), client)
    if len(days) > 1 or any(day["resources"] for day in days):
        document["days"] = days
    return document


def _days(days: list[BookingDay], client: Client) -> list[BookingDayDocument]:
    taken = resources_of_days(days)
    return [
        {
            "day": day.number,
            "slot": str(day.slot_id),
            "machine": day.slot.resource.name,
            "starts_at": day.slot.starts_at.astimezone(client.centers[day.slot.center_id].zone).isoformat(),
            "ends_at": day.slot.ends_at.astimezone(client.centers[day.slot.center_id].zone).isoformat(),
            "resources": {
                each.kind: each.resource.name for each in taken[day.pk] if each.kind != ResourceKind.MACHINE
            },
        }
        for day in days
    ]
