"""Reads for those who schedule: holds, bundles, and which parts a booking takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from leukapheresis.enums import BookingState
from leukapheresis.models import Allocation, Booking, BookingDay, FamilyAway, Resource
from leukapheresis.rules.bundle import Facts, Need
from leukapheresis.scheduling.bundles import ChildFacts, Part, child_facts, settled
from leukapheresis.scheduling.records import planned_days
from leukapheresis.scheduling.stands import Stand, stands_of
from leukapheresis.scheduling.taking import kinds_kept
from leukapheresis.scheduling.waiting import waiting_list
from patients.models import Journey

__all__ = [
    "Bundle",
    "ChildFacts",
    "Stand",
    "bundle_of",
    "child_facts",
    "days_away",
    "live_hold",
    "parts_of",
    "planned_days",
    "resources_of_days",
    "stands_of",
    "waiting_list",
]


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a collection of a child needs, by which facts, and what would become of each part."""

    facts: Facts
    needs: tuple[Need, ...]
    parts: list[Part]


def bundle_of(
    journey: Journey,
    *,
    on: date,
    at: datetime,
    machine: Resource | None = None,
    first_day: bool = True,
) -> Bundle:
    """The bundle of a collection on a day, before anybody decided anything; five queries.

    Without a machine its share of the blood volume is unknown. `journey` comes with patient and center.
    """
    child = child_facts(journey, at=at)
    needed = child.needs(machine, on=on, first_day=first_day)
    in_use = Resource.objects.filter(center=journey.center_id, is_active=True)
    kept = kinds_kept(in_use.values_list("kind", flat=True).distinct())
    return Bundle(child.of(machine, on=on), needed, settled(needed, kept=kept))


def live_hold(journey_id: UUID, *, at: datetime) -> Booking | None:
    """The hold of a journey, while its time isn't over."""
    held = Booking.objects.filter(journey_id=journey_id, state=BookingState.HELD, hold_expires_at__gt=at)
    return held.select_related("slot__resource").first()


def parts_of(booking: Booking) -> list[Part]:
    """What became of each part of a booking, with the rules' reasons and the person's."""
    return [Part.of(stored) for stored in booking.bundle]


def resources_of_days(days: Sequence[BookingDay]) -> dict[int, list[Allocation]]:
    """The live allocations of some days by the day's key, each with its resource."""
    found: dict[int, list[Allocation]] = {day.pk: [] for day in days}
    rows = Allocation.objects.filter(day__in=days, is_live=True).select_related("resource").order_by("pk")
    for row in rows:
        found[row.day_id].append(row)
    return found


def days_away(journey_id: UUID) -> list[FamilyAway]:
    """When the family can't come, the earliest first."""
    return list(FamilyAway.objects.filter(journey_id=journey_id, struck_at=None).order_by("first_on", "pk"))
