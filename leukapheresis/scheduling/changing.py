"""A live booking locked for a change, and the change written: what moving and changing parts share."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import NotFound
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from leukapheresis.enums import BookingDayState, BookingState, ResourceKind
from leukapheresis.models import Allocation, Booking, BookingDay, Slot
from leukapheresis.scheduling.booking import booking_locked, refuse_not_held
from leukapheresis.scheduling.bundles import Part
from leukapheresis.scheduling.claims import Claim, bookable_until, ended_let_go
from leukapheresis.scheduling.ending import offer_moved
from leukapheresis.scheduling.patience import Patience, patient
from leukapheresis.scheduling.records import change_facts, days_facts, planned_days, refuse_stale_version
from leukapheresis.scheduling.refusals import hold_expired, not_booked
from leukapheresis.scheduling.taking import journey_for_booking
from leukapheresis.scheduling.times import Time, refuse_taken_early, slots_locked
from patients.models import Journey


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A booking under change: journey and slots are locked, the version is the one meant, days in order.

    `slot` is the new time, if the change has one; `is_recorded` tells what happened elsewhere already.
    """

    journey: Journey
    booking: Booking
    days: list[BookingDay]
    slot: Slot | None
    is_recorded: bool
    at: datetime
    patience: Patience

    @property
    def zone(self) -> tzinfo:
        return self.journey.center.zone

    @property
    def before(self) -> list[Part]:
        return [Part.of(stored) for stored in self.booking.bundle]

    def day(self, number: int) -> BookingDay:
        found = next((day for day in self.days if day.number == number), None)
        if found is None or found.state != BookingDayState.PLANNED:
            raise NotFound("This booking has no such planned day.")
        return found

    def slots(self) -> dict[int, Slot]:
        """The slot of each day by its number."""
        return {day.number: day.slot for day in self.days}


@contextmanager
def locked_for_change(
    booking_id: UUID, version: int | None, *, at: datetime, to: Time | None = None, is_recorded: bool = False
) -> Iterator[Change]:
    """Lock a live booking for a change. Raises `Conflict` `not_booked` or `hold_expired`, and `Stale`."""
    seen = Booking.objects.select_related("center").get(pk=booking_id)
    refuse_stale_version(seen, version)
    if to is not None:
        refuse_taken_early([to], at=at, booking_id=booking_id)
    with patient() as patience:
        journey = journey_for_booking(seen.journey_id, patience)
        booking = booking_locked(booking_id, patience)
        if booking.state in (BookingState.CANCELED, BookingState.DONE):
            raise not_booked()
        if booking.state != BookingState.BOOKED:
            refuse_not_held(booking, at)
        refuse_stale_version(booking, version)
        days = planned_days(booking)
        if not days:
            raise hold_expired()
        locked = slots_locked(
            () if to is None else (to,),
            center_id=journey.center_id,
            at=at,
            patience=patience,
            also=[day.slot_id for day in days],
            is_recorded=is_recorded,
        )
        ended_let_go(locked.ended_holds, at=at)
        slot = locked.wanted[0] if locked.wanted else None
        yield Change(
            journey=journey,
            booking=booking,
            days=days,
            slot=slot,
            is_recorded=is_recorded,
            at=at,
            patience=patience,
        )


def booking_written(
    change: Change, parts: Sequence[Part], override_reason: str, claims: Sequence[Claim]
) -> list[dict[str, Any]]:
    """Write the booking with its next version; every day as the ledger tells it with the claims to come.

    A hold still ends in time to be booked, and the offer that it stands for goes with it.
    """
    days = planned_days(change.booking)
    booking = change.booking
    booking.slot, booking.version = days[0].slot, booking.version + 1
    booking.bundle = [part.stored() for part in parts]
    booking.override_reason = override_reason
    if booking.hold_expires_at is not None and not change.is_recorded:
        bookable = bookable_until([day.slot for day in days], claims)
        booking.hold_expires_at = min(booking.hold_expires_at, bookable)
    booking.save(update_fields=["slot", "version", "bundle", "override_reason", "hold_expires_at"])
    offer_moved(booking)
    return days_facts(days, claims)


def change_append(
    change: Change,
    kind: EventKind,
    facts: Mapping[str, Any],
    days: Sequence[dict[str, Any]],
    *,
    by: Actor,
) -> None:
    """Write the change into the ledger with the whole booking as it is after it."""
    told = {**facts, **change_facts(change.booking, days)}
    change.patience.before(_("this child's record"), code="patient_busy")
    append(change.journey.pk, [NewEvent(kind, change.at, told)], by=by)


def first_of(slots: Mapping[int, Slot]) -> int:
    """The number of the day that comes first."""
    return min(slots, key=lambda number: slots[number].starts_at)


def resources_now(days: Sequence[BookingDay]) -> dict[tuple[int, str], UUID]:
    """The resource that each part of each day has now, but for machines: those are the slot's."""
    rows = Allocation.objects.filter(day__in=days, is_live=True).exclude(kind=ResourceKind.MACHINE)
    return {
        (number, kind): resource_id
        for number, kind, resource_id in rows.values_list("day__number", "kind", "resource_id")
    }
