"""Visits that a family was given a day for: they stand on that day, and no longer on the one of the plan."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from followup.models import ArrangedItem, ArrangedVisit


def arranged_in(center_ids: Collection[int], first: date, last: date) -> list[ArrangedVisit]:
    """What is arranged in some centers on the days of a span, in order. One query."""
    standing = ArrangedVisit.objects.standing().filter(center__in=list(center_ids))
    rows = standing.filter(planned_on__range=(first, last)).select_related("center", "journey__patient")
    return list(rows.order_by("planned_on", "starts_at", "pk"))


def arranged_items(center_ids: Collection[int]) -> list[tuple[UUID, str]]:
    """Journey and item of everything that is arranged, on whatever day. One query."""
    waiting = ArrangedItem.objects.unsettled().filter(
        arranged__center__in=list(center_ids), arranged__canceled_at=None
    )
    return list(waiting.values_list("arranged__journey_id", "item"))


def moment_of(visit: ArrangedVisit) -> datetime | None:
    """When the family is to come, in the center's zone; None when only the day was said."""
    if visit.starts_at is None:
        return None
    return datetime.combine(visit.planned_on, visit.starts_at, tzinfo=visit.center.zone)
