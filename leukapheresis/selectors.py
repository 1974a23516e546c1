"""Reads of the leukapheresis room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from cartpath.accounts.models import User
from leukapheresis.models import Booking, Collection, CollectionDay, Slot
from leukapheresis.rules.washout import Exposure, Washout, washout
from patients.donors import needs_donor
from patients.eligibility import protocol_for
from patients.models import Journey, Treatment


@dataclass(frozen=True, slots=True)
class Totals:
    """Cells over all days. A total is None while any day is unknown; `known_*` adds what is known."""

    days: int
    tnc: int | None
    cd3: int | None
    known_tnc: int
    known_cd3: int
    unknown_days: tuple[int, ...]


def washout_of(journey: Journey, *, on: date) -> Washout:
    """When the child may be collected by the washouts in force on a day, the binding class, what is unknown.

    What the child was treated with doesn't hold up the collection of a donor.
    """
    exposures = [
        Exposure(treatment.drug_class, treatment.last_dose, treatment.half_life_hours)
        for treatment in treatments_counted(journey)
    ]
    return washout(protocol_for(journey).washout_rules(on), exposures, zone=journey.center.zone)


def treatments_counted(journey: Journey) -> list[Treatment]:
    """The treatments whose washout counts: the child's own, none where a donor is collected."""
    return [] if needs_donor(journey) else list(journey.treatments.all())


def slots_between(
    user: User, start: datetime, end: datetime, *, center_id: int | None = None
) -> Sequence[Slot]:
    """Slots that begin in the half-open period, with machine and live booking, for the calendar."""
    slots = Slot.objects.visible_to(user).between(start, end)
    if center_id is not None:
        slots = slots.filter(center_id=center_id)
    return list(slots.select_related("resource").order_by("starts_at", "resource__name"))


def live_booking(journey_id: UUID) -> Booking | None:
    """The booking that holds a slot for this journey."""
    return (
        Booking.objects.filter(journey_id=journey_id, state="booked").select_related("slot__resource").first()
    )


def current_round(journey_id: UUID) -> int:
    """Which round of collection is under way: one more than those completed."""
    return Collection.objects.filter(journey_id=journey_id).count() + 1


def collection_days(journey_id: UUID, *, round_number: int | None = None) -> list[CollectionDay]:
    """The days of a round (the one under way unless named), without those entered in error, in order."""
    wanted = round_number or current_round(journey_id)
    return list(
        CollectionDay.objects.filter(journey_id=journey_id, round=wanted, struck_at=None).order_by("number")
    )


def totals(days: Sequence[CollectionDay]) -> Totals:
    """Add the days up; a day without a number makes the total unknown, not smaller."""
    unknown = tuple(day.number for day in days if day.tnc is None or day.cd3 is None)
    known_tnc = sum(day.tnc for day in days if day.tnc is not None)
    known_cd3 = sum(day.cd3 for day in days if day.cd3 is not None)
    return Totals(
        days=len(days),
        tnc=known_tnc if days and all(day.tnc is not None for day in days) else None,
        cd3=known_cd3 if days and all(day.cd3 is not None for day in days) else None,
        known_tnc=known_tnc,
        known_cd3=known_cd3,
        unknown_days=unknown,
    )
