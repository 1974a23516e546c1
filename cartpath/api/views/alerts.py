"""Alerts of a child: what stands and what was, and the answer of a person."""

from dataclasses import replace
from typing import ClassVar, Final
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema

from cartpath.accounts.enums import Scope
from cartpath.api.auth import CenterOf
from cartpath.api.bedside_documents import AlertDocument, AlertsDocument
from cartpath.api.bodies import AlertAnswerBody
from cartpath.api.documents import Page
from cartpath.api.etag import refuse_stale
from cartpath.api.idempotency import Reply
from cartpath.api.pagination import PAGE_NAMES, after_pair, aware_time, page, window
from cartpath.api.query import Query
from cartpath.api.reading import read_body
from cartpath.api.schema import IDEMPOTENT, PAGED, PRECONDITION, Shape, parameter, refusals
from cartpath.api.scoped import journey_of
from cartpath.api.status import local_time, local_time_if_known, status_etag
from cartpath.api.views.base import ApiRequest, ApiView, answer, written
from cartpath.core.actor import Actor
from cartpath.core.inputs import invalid_input
from toxicity.alerts.selectors import AlertPicture, pictures
from toxicity.alerts.services import AlertAnswered, alerts_acknowledge
from toxicity.models import Alert

# As much as the ledger keeps of a name.
LONGEST_NAME: Final = 120


class AlertsView(ApiView):
    """`/journeys/{id}/alerts/`"""

    scopes: ClassVar = {"GET": Scope.OBSERVATIONS_READ}

    @extend_schema(
        operation_id="alerts_list",
        summary="Alerts of a child, oldest first",
        description="An alert stands until it is cleared, answered or not; `because` says what raised it.",
        parameters=[
            parameter("standing", "Only those that stand.", enum=["true"]),
            parameter("since", "Raised at this time or later.", form="date-time"),
            *PAGED,
        ],
        responses={200: Shape(Page[AlertDocument], "AlertPage"), **refusals(401, 403, 404, 422, 429)},
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """A page of alerts."""
        query = Query(request.GET, {"standing", "since"} | PAGE_NAMES)
        since, only_standing = query.time("since"), query.only_true("standing")
        shown = window(query, [aware_time, int])
        query.refuse_problems()
        journey = journey_of(request.client, journey_id)
        center = request.client.centers[journey.center_id]
        found = Alert.objects.filter(journey_id=journey_id)
        if since is not None:
            found = found.filter(raised_at__gte=since)
        if only_standing:
            found = found.filter(cleared_at=None)
        rows = after_pair(found, "raised_at", "event_id", shown)
        return answer(
            page(
                request,
                shown,
                pictures(journey, rows[: shown.limit]),
                render=lambda each: _document(each, center),
                key=lambda each: (each.alert.raised_at, each.alert.event_id),
            )
        )


class AlertAnswerView(ApiView):
    """`/journeys/{id}/alerts/acknowledge/`"""

    scopes: ClassVar = {"POST": Scope.TOXICITY_WRITE}

    @extend_schema(
        operation_id="alerts_acknowledge",
        summary="Pass on a person's answer to standing alerts",
        description=(
            "All named alerts get the answer, or none: 409 `alert_answered` or `alert_over` when one of"
            " them waits for nobody any more. `note` is needed with the answer `other`. `If-Match` is"
            " compared with the `ETag` of the journey's status."
        ),
        request=Shape(AlertAnswerBody),
        parameters=[*IDEMPOTENT, *PRECONDITION],
        responses={
            200: Shape(AlertsDocument),
            **refusals(401, 403, 404, 409, 412, 415, 422, 429),
        },
    )
    def post(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """200 with the alerts that were answered."""
        body = read_body(request, AlertAnswerBody)
        return written(request, lambda: _acknowledge(request, journey_id, body))


def _acknowledge(request: ApiRequest, journey_id: UUID, body: AlertAnswerBody) -> Reply:
    journey = journey_of(request.client, journey_id)
    refuse_stale(request, lambda: status_etag(request.client, journey_id, at=request.at))
    answered = alerts_acknowledge(
        journey_id=journey_id,
        cases=body.cases,
        answered=AlertAnswered(body.answer, body.note),
        by=_person(request.client.actor, body.answered_by.strip()),
        at=request.at,
    )
    # What the answer cleared is read anew.
    rows = Alert.objects.filter(pk__in=[alert.pk for alert in answered]).order_by("raised_at", "event_id")
    center = request.client.centers[journey.center_id]
    return Reply.of({"results": [_document(each, center) for each in pictures(journey, rows)]})


def _person(client: Actor, name: str) -> Actor:
    """Who answered, and through which program: an alert that nobody answered is not answered."""
    if not name:
        raise invalid_input({"answered_by": "Name the person who answers."})
    return replace(client, name=f"{name} · {client.name}"[:LONGEST_NAME])


def _document(picture: AlertPicture, center: CenterOf) -> AlertDocument:
    alert = picture.alert
    return {
        "id": str(alert.pk),
        "journey": str(alert.journey_id),
        "case": alert.case,
        "rule": alert.rule,
        "label": picture.label if picture.rule else None,
        "text": picture.text or None,
        "urgency": alert.urgency,
        "because": alert.because,
        "seen_at": local_time(alert.evidence_at, center.zone),
        "raised_at": local_time(alert.raised_at, center.zone),
        "acknowledged_at": local_time_if_known(alert.acknowledged_at, center.zone),
        "acknowledged_by": alert.acknowledged_by or None,
        "answer": alert.answer or None,
        "note": alert.note or None,
        "cleared_at": local_time_if_known(alert.cleared_at, center.zone),
        "cleared_because": alert.cleared_because or None,
    }
