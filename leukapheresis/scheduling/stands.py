"""The resources of a center with the times at which each is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cartpath.accounts.models import Center
from leukapheresis.models import Closure, OpenDay, Resource, ResourceHours
from leukapheresis.rules.opening import ClosedDays, DayHours, Hours, Opening


@dataclass(frozen=True, slots=True)
class Stand:
    """A resource in use, and when it is there."""

    resource: Resource
    opening: Opening


def stands_of(center: Center, kinds: Iterable[str] | None = None, *, since: datetime) -> list[Stand]:
    """The resources in use of a center by name, of some kinds or all; four queries.

    Closures and exceptional days that ended before `since` are left out.
    """
    resources = Resource.objects.filter(center=center, is_active=True).order_by("name")
    if kinds is not None:
        resources = resources.filter(kind__in=list(kinds))
    rows = list(resources)
    openings = _openings(center, rows, since)
    return [Stand(row, openings[row.pk]) for row in rows]


def _openings(center: Center, resources: list[Resource], since: datetime) -> Mapping[UUID, Opening]:
    first = since.astimezone(center.zone).date()
    hours: dict[UUID, list[Hours]] = {row.pk: [] for row in resources}
    days: dict[UUID, list[DayHours]] = {row.pk: [] for row in resources}
    closed: dict[UUID, list[ClosedDays]] = {row.pk: [] for row in resources}
    for row in ResourceHours.objects.filter(resource__in=resources):
        hours[row.resource_id].append(Hours(row.weekday, row.opens, row.closes))
    for day in OpenDay.objects.filter(resource__in=resources, on__gte=first):
        days[day.resource_id].append(DayHours(day.on, day.opens, day.closes))
    for closure in Closure.objects.filter(center=center, last_on__gte=first):
        told = ClosedDays(
            closure.first_on, closure.last_on, closure.kind, closure.note, closure.resource_id is None
        )
        for resource_id in closed if closure.resource_id is None else (closure.resource_id,):
            if resource_id in closed:
                closed[resource_id].append(told)
    return {pk: Opening(center.zone, hours[pk], days[pk], closed[pk]) for pk in hours}
