"""Reads of hand-over sheets and discharge summaries."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Max

from cartpath.core.errors import NotFound
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from patients.models import Journey
from toxicity.models import Assessment, DischargeSummary, HandOverSheet
from toxicity.models.episodes import Scale

# What makes the text of a summary old.
_NEWS: Final = (
    EventKind.TOXICITY_ASSESSED,
    EventKind.RESULT_CONFIRMED,
    EventKind.INTERVENTION_GIVEN,
    EventKind.INTERVENTION_STOPPED,
    EventKind.LABORATORY_RECORDED,
    EventKind.HYPERINFLAMMATION_CONSIDERED,
    EventKind.EPISODE_OPENED,
    EventKind.EPISODE_RESOLVED,
    EventKind.ENTERED_IN_ERROR,
)


def sheets(journey_id: UUID, *, limit: int | None = None) -> Sequence[HandOverSheet]:
    """Sheets of a journey, latest first, those entered in error too."""
    found = HandOverSheet.objects.filter(journey_id=journey_id).order_by("-written_at", "-event_id")
    return list(found[:limit])


def latest_sheet(journey_id: UUID) -> HandOverSheet | None:
    """The last sheet that was not struck, expired or not."""
    found = HandOverSheet.objects.filter(journey_id=journey_id, struck_at=None)
    return found.order_by("-written_at", "-event_id").first()


def latest_sheets(journey_ids: Iterable[UUID]) -> dict[UUID, HandOverSheet]:
    """The last sheet of each journey that was not struck, expired or not; one query."""
    found = (
        HandOverSheet.objects.filter(journey_id__in=list(journey_ids), struck_at=None)
        .order_by("journey_id", "-written_at", "-event_id")
        .distinct("journey_id")
    )
    return {sheet.journey_id: sheet for sheet in found}


def sheet_of(journey_id: UUID, sheet_id: UUID) -> HandOverSheet:
    """One sheet of a journey. Raises `NotFound`."""
    found = HandOverSheet.objects.filter(pk=sheet_id, journey_id=journey_id).first()
    if found is None:
        raise NotFound
    return found


def summaries(journey_id: UUID) -> Sequence[DischargeSummary]:
    """Discharge summaries of a journey, latest first."""
    return list(DischargeSummary.objects.filter(journey_id=journey_id).order_by("-begun_at"))


def summary_of(journey_id: UUID, summary_id: UUID) -> DischargeSummary:
    """One summary of a journey. Raises `NotFound`."""
    found = DischargeSummary.objects.filter(pk=summary_id, journey_id=journey_id).first()
    if found is None:
        raise NotFound
    return found


def grades_at(journey_id: UUID, *, at: datetime) -> tuple[int | None, int | None]:
    """The grades of CRS and ICANS that counted at a time, the clinician's or else the rule's; two queries."""
    seen = Assessment.objects.filter(journey_id=journey_id, struck_at=None, assessed_at__lte=at)
    latest = seen.order_by("-assessed_at", "-event_id")
    crs = latest.filter(crs__isnull=False).first()
    icans = latest.filter(icans__isnull=False).first()
    return (crs.crs_final if crs else None, icans.icans_final if icans else None)


def lower_bounds(journey_ids: Iterable[UUID], scale: Scale) -> set[UUID]:
    """Journeys whose latest grade of a scale is a lower bound: unsigned, something missing; one query."""
    latest = (
        Assessment.objects.filter(
            journey_id__in=list(journey_ids), struck_at=None, **{f"{scale}__isnull": False}
        )
        .order_by("journey_id", "-assessed_at", "-event_id")
        .distinct("journey_id")
        .values_list("journey_id", f"{scale}_confirmed_grade", f"{scale}__result__at_least")
    )
    return {journey_id for journey_id, confirmed, at_least in latest if confirmed is None and at_least}


def last_number(journey: Journey) -> int:
    """The number of the journey's last event: what a text made now can know of."""
    found = Event.objects.filter(journey_id=journey.pk).aggregate(last=Max("seq"))["last"]
    return int(found or 0)


def news_for(summary: DischargeSummary) -> int:
    """How many facts a draft's text can't know, because they were recorded after it was made."""
    if summary.known_to is None:
        return 0
    later = Event.objects.filter(journey_id=summary.journey_id, seq__gt=summary.known_to)
    return later.filter(kind__in=_NEWS).count()
