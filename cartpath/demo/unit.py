"""The apheresis unit of the demo center: who and what a collection takes besides a machine, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from cartpath.accounts.models import Center
from leukapheresis.enums import ClosureKind, ResourceKind
from leukapheresis.models import Closure, OpenDay, Quota, Resource, ResourceHours

WORKDAYS: Final = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A resource and its weekly hours; none means around the clock."""

    kind: ResourceKind
    name: str
    hours: tuple[time, time] | None
    capacity: int = 1
    lead_time_hours: int = 0
    buffer_after_minutes: int = 0


PARTS: Final = (
    Part(kind=ResourceKind.CHAIR, name="Bed 1", hours=(time(7), time(20))),
    Part(kind=ResourceKind.CHAIR, name="Bed 2", hours=(time(7), time(20))),
    Part(kind=ResourceKind.CHAIR, name="Reclining chair", hours=(time(7), time(20))),
    Part(kind=ResourceKind.NURSE, name="Nina Ferri", hours=(time(7), time(20))),
    Part(kind=ResourceKind.NURSE, name="Pia Lombardi", hours=(time(7), time(20))),
    Part(kind=ResourceKind.NURSE, name="Tom Villa", hours=(time(7), time(15))),
    Part(kind=ResourceKind.ANESTHESIA, name="Anesthesia, day unit", hours=(time(6), time(19, 30))),
    Part(kind=ResourceKind.LINE_PLACEMENT, name="Line placement", hours=(time(6), time(16))),
    Part(kind=ResourceKind.PICU_BED, name="Intensive care", hours=None, capacity=2),
    Part(kind=ResourceKind.RED_CELL_PRIME, name="Blood bank", hours=(time(6), time(20)), capacity=4),
    Part(kind=ResourceKind.COURIER, name="Courier", hours=(time(10), time(22)), capacity=3),
    Part(kind=ResourceKind.CRYOPRESERVATION, name="Cell laboratory", hours=(time(8), time(22)), capacity=3),
)
# Far enough ahead that no journey of the demo is booked on them.
HOLIDAY_AFTER: Final = timedelta(weeks=4, days=2)
MAINTENANCE_AFTER: Final = timedelta(weeks=3)
SATURDAY_AFTER: Final = timedelta(weeks=2, days=5)


def unit_make(center: Center, machines: Sequence[Resource], *, today: date) -> None:
    """Everything but the machines, with hours, a holiday, a closed machine, an open Saturday and a quota."""
    for part in PARTS:
        resource = Resource.objects.create(
            center=center,
            kind=part.kind,
            name=part.name,
            capacity=part.capacity,
            lead_time_hours=part.lead_time_hours,
            buffer_after_minutes=part.buffer_after_minutes,
        )
        if part.hours is not None:
            opens, closes = part.hours
            ResourceHours.objects.bulk_create(
                [
                    ResourceHours(resource=resource, weekday=weekday, opens=opens, closes=closes)
                    for weekday in WORKDAYS
                ]
            )
    monday = today - timedelta(days=today.weekday())
    holiday, maintenance = monday + HOLIDAY_AFTER, monday + MAINTENANCE_AFTER
    Closure.objects.create(
        center=center, first_on=holiday, last_on=holiday, kind=ClosureKind.HOLIDAY, note="Patron saint's day"
    )
    Closure.objects.create(
        center=center,
        resource=machines[-1],
        first_on=maintenance,
        last_on=maintenance + timedelta(days=1),
        kind=ClosureKind.MAINTENANCE,
        note="Yearly service",
    )
    OpenDay.objects.create(
        resource=Resource.objects.get(center=center, name="Nina Ferri"),
        on=monday + SATURDAY_AFTER,
        opens=time(8),
        closes=time(14),
        note="Extra Saturday",
    )
    Quota.objects.create(center=center, product="", referring_center="", per_week=12, valid_from=monday)
