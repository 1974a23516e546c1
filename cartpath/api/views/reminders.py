"""Reminders: what the protocol expects now, and telling that it is in hand or settled."""

from collections.abc import Callable
from datetime import date, tzinfo
from typing import ClassVar, Final
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from pydantic_core import to_json

from cartpath.accounts.enums import Scope
from cartpath.api.auth import Client
from cartpath.api.bodies import AcknowledgeBody, CompleteBody
from cartpath.api.documents import Page, ReminderDocument
from cartpath.api.etag import etag_of, refuse_stale
from cartpath.api.idempotency import Reply
from cartpath.api.pagination import PAGE_NAMES, after_pair, aware_time, page, window
from cartpath.api.query import Query
from cartpath.api.reading import read_body
from cartpath.api.schema import CONDITIONAL, IDEMPOTENT, PAGED, PRECONDITION, Shape, parameter, refusals
from cartpath.api.status import local_time_if_known
from cartpath.api.views.base import ApiRequest, ApiView, answer, record, written
from cartpath.api.views.journeys import center_ids_asked
from cartpath.core.errors import NotFound
from cartpath.reminders.enums import Timing
from cartpath.reminders.models import Reminder
from cartpath.reminders.services import reminder_acknowledge, reminder_complete
from patients.services import journey_locked

_REMINDER: Final = Shape(ReminderDocument)


class RemindersView(ApiView):
    """`/reminders/`"""

    scopes: ClassVar = {"GET": Scope.REMINDERS_READ}

    @extend_schema(
        operation_id="reminders_list",
        summary="Open reminders by the beginning of their window",
        parameters=[
            parameter("state", "Before the window, in it, or past it; all unless given.", enum=Timing.values),
            parameter("journey", "Of this journey.", form="uuid"),
            parameter("center", "Of this center, by code."),
            *PAGED,
        ],
        responses={200: Shape(Page[ReminderDocument], "ReminderPage"), **refusals(401, 403, 422, 429)},
    )
    def get(self, request: ApiRequest) -> HttpResponse:
        """A page of reminders."""
        query = Query(request.GET, {"state", "journey", "center"} | PAGE_NAMES)
        center_ids = center_ids_asked(query, request.client)
        timing = query.choice("state", Timing.values)
        journey_id = query.uuid("journey")
        shown = window(query, [aware_time, UUID])
        query.refuse_problems()
        wanted = Reminder.objects.timed(Timing(timing), request.at) if timing else Reminder.objects.open()
        wanted = wanted.in_centers(center_ids)
        if journey_id is not None:
            wanted = wanted.filter(journey_id=journey_id)
        return answer(
            page(
                request,
                shown,
                list(after_pair(wanted, "opens_at", "id", shown)[: shown.limit]),
                render=lambda reminder: _document(reminder, request),
                key=lambda reminder: (reminder.opens_at, reminder.pk),
            )
        )


class ReminderView(ApiView):
    """`/reminders/{id}/`"""

    scopes: ClassVar = {"GET": Scope.REMINDERS_READ}

    @extend_schema(
        operation_id="reminder",
        summary="One reminder",
        parameters=[*CONDITIONAL],
        responses={200: _REMINDER, 304: None, **refusals(401, 403, 404, 429)},
    )
    def get(self, request: ApiRequest, reminder_id: UUID) -> HttpResponse:
        """The reminder."""
        return record(request, _document(_reminder(request.client, reminder_id), request))


class AcknowledgeView(ApiView):
    """`/reminders/{id}/acknowledge/`"""

    scopes: ClassVar = {"POST": Scope.REMINDERS_WRITE}

    @extend_schema(
        operation_id="reminder_acknowledge",
        summary="Say that somebody has taken it in hand",
        description="It stays open until the thing is done. A second acknowledgement changes nothing.",
        request=Shape(AcknowledgeBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={200: _REMINDER, **refusals(401, 403, 404, 409, 412, 415, 422, 429)},
    )
    def post(self, request: ApiRequest, reminder_id: UUID) -> HttpResponse:
        """200 with the reminder."""
        body = read_body(request, AcknowledgeBody)
        return written(
            request,
            lambda: _work(
                request,
                reminder_id,
                lambda: reminder_acknowledge(
                    reminder_id=reminder_id, by=request.client.actor, at=request.at, note=body.note
                ),
            ),
        )


class CompleteView(ApiView):
    """`/reminders/{id}/complete/`"""

    scopes: ClassVar = {"POST": Scope.REMINDERS_WRITE}

    @extend_schema(
        operation_id="reminder_complete",
        summary="Settle a reminder by hand, with a reason",
        description="Recording the expected thing itself completes its reminder without this.",
        request=Shape(CompleteBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={200: _REMINDER, **refusals(401, 403, 404, 409, 412, 415, 422, 429)},
    )
    def post(self, request: ApiRequest, reminder_id: UUID) -> HttpResponse:
        """200 with the reminder."""
        body = read_body(request, CompleteBody)
        return written(
            request,
            lambda: _work(
                request,
                reminder_id,
                lambda: reminder_complete(
                    reminder_id=reminder_id, by=request.client.actor, at=request.at, reason=body.reason
                ),
            ),
        )


def _work(request: ApiRequest, reminder_id: UUID, act: Callable[[], Reminder]) -> Reply:
    found = _reminder(request.client, reminder_id)
    with journey_locked(found.journey_id):
        refuse_stale(
            request, lambda: etag_of(to_json(_document(_reminder(request.client, reminder_id), request)))
        )
        return Reply.of(_document(act(), request))


def _reminder(client: Client, reminder_id: UUID) -> Reminder:
    """The reminder, if it belongs to one of the client's centers. Raises `NotFound`."""
    reminder = Reminder.objects.in_centers(client.center_ids).filter(pk=reminder_id).first()
    if reminder is None:
        raise NotFound
    return reminder


def _document(reminder: Reminder, request: ApiRequest) -> ReminderDocument:
    center = request.client.centers[reminder.center_id]
    timing = reminder.timing(request.at)
    due, (opens, closes) = _when(reminder, center.zone)
    return {
        "id": str(reminder.pk),
        "journey": str(reminder.journey_id),
        "patient": str(reminder.patient_id),
        "center": center.code,
        "item": reminder.item,
        "label": reminder.label,
        "occurrence": reminder.occurrence,
        "role": reminder.role,
        "priority": reminder.priority,
        "state": reminder.state,
        "timing": None if timing is None else timing.value,
        "due": due.isoformat(),
        "window": [opens.isoformat(), closes.isoformat()],
        "acknowledged_at": local_time_if_known(reminder.acknowledged_at, center.zone),
        "acknowledged_by": reminder.acknowledged_by or None,
        "closed_at": local_time_if_known(reminder.closed_at, center.zone),
        "cause": reminder.cause or None,
    }


def _when(reminder: Reminder, zone: tzinfo) -> tuple[date, tuple[date, date]]:
    """When it is due and its window: days of the center for a calendar item, else times in its zone."""
    due_on, first_on, last_on = reminder.due_on, reminder.first_on, reminder.last_on
    if due_on is not None and first_on is not None and last_on is not None:
        return due_on, (first_on, last_on)
    due, opens, closes = (
        moment.astimezone(zone) for moment in (reminder.due_at, reminder.opens_at, reminder.closes_at)
    )
    return due, (opens, closes)
