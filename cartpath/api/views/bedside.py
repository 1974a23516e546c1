"""What a ward's screens read beside observations: episodes, the checks that wait, hand-over sheets."""

from typing import Any, ClassVar, Final
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema

from cartpath.accounts.enums import Scope
from cartpath.api.auth import CenterOf
from cartpath.api.bedside_documents import CheckDocument, EpisodeDocument, HandOverDocument
from cartpath.api.documents import Page, fhir_status
from cartpath.api.listing import rows_by_time
from cartpath.api.query import Query
from cartpath.api.schema import PAGED, Shape, parameter, refusals
from cartpath.api.scoped import journey_of
from cartpath.api.status import local_time, local_time_if_known
from cartpath.api.views.base import ApiRequest, ApiView, answer
from patients.enums import Stage
from toxicity.checks.selectors import plans
from toxicity.checks.ward import NextCheck, next_checks
from toxicity.models import Episode, HandOverSheet
from toxicity.observations.selectors import has_delay
from toxicity.pictures import latest_assessments

# How pages and programs call the states of a check.
STATES: Final[dict[str, Any]] = {"late": "late", "due": "due", "fine": "upcoming"}
INSTRUMENTS: Final = ("ICE", "CAPD")


class EpisodesView(ApiView):
    """`/journeys/{id}/episodes/`"""

    scopes: ClassVar = {"GET": Scope.OBSERVATIONS_READ}

    @extend_schema(
        operation_id="episodes_list",
        summary="Episodes of CRS and ICANS by their onset",
        description=(
            "An episode without `resolved_at` is open. One that was withdrawn, because its facts were entered"
            " in error, stays with the status `entered-in-error`."
        ),
        parameters=[parameter("since", "Begun at this time or later.", form="date-time"), *PAGED],
        responses={200: Shape(Page[EpisodeDocument], "EpisodePage"), **refusals(401, 403, 404, 422, 429)},
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """A page of episodes."""
        return rows_by_time(request, journey_id, Episode.objects.all(), time="onset_at", render=_episode)


class ChecksView(ApiView):
    """`/journeys/{id}/checks/`"""

    scopes: ClassVar = {"GET": Scope.OBSERVATIONS_READ}

    @extend_schema(
        operation_id="checks_list",
        summary="Checks that wait for a child, the most pressing first",
        description=(
            "Empty outside acute monitoring. A check is done by recording what it asks for. Late checks of"
            " all children are among the overdue reminders."
        ),
        responses={200: Shape(Page[CheckDocument], "CheckPage"), **refusals(401, 403, 404, 422, 429)},
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """Every check that waits, on one page."""
        Query(request.GET, frozenset()).refuse_problems()
        journey = journey_of(request.client, journey_id)
        center = request.client.centers[journey.center_id]
        waiting: list[NextCheck] = []
        if journey.stage == Stage.INFUSED:
            latest = latest_assessments([journey]).get(journey.pk)
            delay = has_delay(journey.pk, at=request.at)
            waiting = next_checks(journey, plans(journey.pk), latest, has_delay=delay, at=request.at)
        results = [_check(each, journey_id, center) for each in waiting if each.check is not None]
        return answer({"results": results, "next": None})


class HandOverSheetsView(ApiView):
    """`/journeys/{id}/hand-over-sheets/`"""

    scopes: ClassVar = {"GET": Scope.OBSERVATIONS_READ}

    @extend_schema(
        operation_id="hand_over_sheets_list",
        summary="Hand-over sheets of a child, oldest first",
        description="The last one with `holds` is what the next shift is told; people write them.",
        parameters=[parameter("since", "Written at this time or later.", form="date-time"), *PAGED],
        responses={200: Shape(Page[HandOverDocument], "HandOverPage"), **refusals(401, 403, 404, 422, 429)},
    )
    def get(self, request: ApiRequest, journey_id: UUID) -> HttpResponse:
        """A page of sheets."""
        return rows_by_time(
            request,
            journey_id,
            HandOverSheet.objects.all(),
            time="written_at",
            render=lambda row, center: _sheet(row, center, holds=row.holds(request.at)),
        )


def _episode(row: Episode, center: CenterOf) -> EpisodeDocument:
    return {
        "id": str(row.pk),
        "journey": str(row.journey_id),
        "status": fhir_status(struck=row.withdrawn_at is not None),
        "scale": row.scale,
        "number": row.number,
        "recurrence_of": str(row.previous_id) if row.previous_id else None,
        "onset_at": local_time(row.onset_at, center.zone),
        "onset_grade": row.onset_grade,
        "peak_at": local_time(row.peak_at, center.zone),
        "peak_grade": row.peak_grade,
        "peak_at_least": row.peak_at_least,
        "last_sign_at": local_time(row.last_sign_at, center.zone),
        "resolved_at": local_time_if_known(row.resolved_at, center.zone),
        "settled_at": local_time_if_known(row.settled_at, center.zone),
    }


def _check(waiting: NextCheck, journey_id: UUID, center: CenterOf) -> CheckDocument:
    instrument: Any = str(waiting.label) if waiting.label in INSTRUMENTS else None
    check: Any = waiting.check
    return {
        "journey": str(journey_id),
        "check": check,
        "instrument": instrument,
        "state": STATES[waiting.state],
        "due_at": local_time(waiting.due_at, center.zone),
        "every_minutes": waiting.every_minutes,
        "because": list(waiting.because),
        "done_at": local_time_if_known(waiting.done_at, center.zone),
    }


def _sheet(row: HandOverSheet, center: CenterOf, *, holds: bool) -> HandOverDocument:
    return {
        "id": str(row.pk),
        "journey": str(row.journey_id),
        "status": fhir_status(struck=row.struck_at is not None),
        "status_reason": row.struck_reason or None,
        "holds": holds,
        "language": row.language,
        "situation": row.situation or None,
        "background": row.background or None,
        "assessment": row.assessment or None,
        "recommendation": row.recommendation or None,
        "crs_grade": row.crs_grade,
        "icans_grade": row.icans_grade,
        "written_at": local_time(row.written_at, center.zone),
        "written_by": row.written_by,
        "expires_at": local_time_if_known(row.expires_at, center.zone),
        "digest": row.digest,
    }
