"""Reads of the leukapheresis room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from cartpath.accounts.models import User
from cartpath.protocols.bundle import MaterialRule
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import Protocol
from leukapheresis.enums import WHOLE_BLOOD, BookingDayState, BookingState, CollectionSource
from leukapheresis.models import Booking, BookingDay, Collection, CollectionDay, Resource, Slot
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


def source_expected(journey: Journey, *, on: date) -> CollectionSource:
    """Whose cells the product is made of, and how the rows in force on a day take them."""
    protocol = protocol_for(journey)
    source = CollectionSource(protocol.product.collection_source)
    row = whole_blood_row(protocol, on=on)
    if row is None or source in WHOLE_BLOOD:
        return source
    whose = "donor" if protocol.product.is_from_donor else "autologous"
    return CollectionSource(f"{whose}_whole_blood")


def whole_blood_row(protocol: Protocol, *, on: date) -> MaterialRule | None:
    """The row in force that starts the product from whole blood; None where none does."""
    return next(
        (
            row
            for row in in_force(protocol.apheresis.materials, on)
            if row.product == protocol.product.name and row.starts_from == "whole_blood"
        ),
        None,
    )


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


def machine_booked(journey: Journey, *, at: datetime) -> Resource | None:
    """The machine of the booking's day that begins on the center's day of `at`, else of its first day."""
    days = BookingDay.objects.filter(
        booking__journey=journey, booking__state=BookingState.BOOKED, state=BookingDayState.PLANNED
    )
    found = list(days.select_related("slot__resource").order_by("number"))
    today = journey.center.local_day(at)
    chosen = next(
        (day for day in found if journey.center.local_day(day.slot.starts_at) == today),
        found[0] if found else None,
    )
    return chosen.slot.resource if chosen else None


def current_round(journey_id: UUID) -> int:
    """Which round of collection is under way: one more than those completed."""
    return Collection.objects.filter(journey_id=journey_id).count() + 1


def collection_days(journey_id: UUID, *, round_number: int | None = None) -> list[CollectionDay]:
    """The days of a round (the one under way unless named), without those entered in error, in order."""
    wanted = round_number or current_round(journey_id)
    return list(
        CollectionDay.objects.filter(journey_id=journey_id, round=wanted, struck_at=None)
        .select_related("identity__first", "identity__second")
        .order_by("number")
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
