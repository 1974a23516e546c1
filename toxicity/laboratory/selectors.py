"""Reads of laboratory values. Values are in the unit of the catalog."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from cartpath.ledger.models import Event
from toxicity.laboratory.inputs import LabResult
from toxicity.laboratory.readings import LabReading
from toxicity.models import HyperinflammationReview, LabSet, LabValue


def laboratory_readings(
    journey_id: UUID, *, since: datetime | None = None, until: datetime | None = None
) -> dict[str, tuple[LabReading, ...]]:
    """Values that were not struck, by analyte, oldest first; both ends are included. One query."""
    found = LabValue.objects.filter(journey_id=journey_id, struck=False)
    if since is not None:
        found = found.filter(taken_at__gte=since)
    if until is not None:
        found = found.filter(taken_at__lte=until)
    by_analyte: dict[str, list[LabReading]] = {}
    for row in found.order_by("taken_at", "pk"):
        by_analyte.setdefault(row.analyte, []).append(_reading(row))
    return {analyte: tuple(readings) for analyte, readings in by_analyte.items()}


def lab_sets(journey_id: UUID, *, struck: bool = False) -> Sequence[LabSet]:
    """Sets with their values, latest first; those entered in error only when asked for."""
    found = LabSet.objects.filter(journey_id=journey_id).order_by("-taken_at", "-event_id")
    found = found if struck else found.filter(struck_at=None)
    return list(found.prefetch_related(Prefetch("values", LabValue.objects.order_by("pk"))))


def results_told(event_id: int) -> dict[str, LabResult]:
    """The results of a set by analyte, as they were given: in the laboratory's units, with its limits."""
    told: list[dict[str, Any]] = Event.objects.get(pk=event_id).data["results"]
    return {each["analyte"]: LabResult(**each) for each in told}


def hyperinflammation_reviews(journey_id: UUID) -> Sequence[HyperinflammationReview]:
    """What clinicians concluded about IEC-HS, latest first, those entered in error left out."""
    found = HyperinflammationReview.objects.filter(journey_id=journey_id, struck_at=None)
    return list(found.order_by("-considered_at", "-event_id"))


def _reading(row: LabValue) -> LabReading:
    return LabReading(
        analyte=row.analyte,
        value=float(row.value),
        at=row.taken_at,
        set_id=row.lab_set_id,
        comparator=row.comparator,
        low=None if row.low is None else float(row.low),
        high=None if row.high is None else float(row.high),
    )
