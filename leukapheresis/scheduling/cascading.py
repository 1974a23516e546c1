"""What a move would do, looked up without changing anything: shown first, confirmed afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from cartpath.core.errors import NotFound
from cartpath.core.sentences import say
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import Protocol
from leukapheresis.enums import SlotState, WaitingState
from leukapheresis.models import Allocation, Booking, BookingDay, FamilyAway, Resource, Slot, WaitingEntry
from leukapheresis.models.waiting import WAITS
from leukapheresis.rules.cascade import Bridging, Effect, Side, Surroundings, Trip, cascade
from leukapheresis.rules.course import course
from leukapheresis.rules.search import OfferedDay, Opportunity, Reason
from leukapheresis.scheduling.finding import Found, Wish, found_for
from leukapheresis.scheduling.records import planned_days
from leukapheresis.scheduling.times import MachineTime, Time
from leukapheresis.selectors import treatments_counted, washout_of
from patients.eligibility import protocol_for
from patients.models import Journey

NEAR: Final = "proximity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A time of a machine that a day of a booking could be moved to; `slot` when one was opened for it."""

    machine_id: UUID
    machine: str
    starts_at: datetime
    ends_at: datetime
    slot: Slot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A move as it would be: of which day, from where to where, and everything that changes with it.

    `version` is that of the booking as it was looked at. `needs_override` when only a washout stands in the
    way, `is_blocked` when the move would be refused.
    """

    booking: Booking
    version: int
    day: BookingDay
    target: Target
    effects: tuple[Effect, ...]

    @property
    def is_blocked(self) -> bool:
        """Whether anything forbids the move that nobody can override."""
        return any(each.severity == "block" and not each.is_overridable for each in self.effects)

    @property
    def needs_override(self) -> bool:
        """Whether the move goes on only with a reason for collecting before a washout ends."""
        return any(each.severity == "block" and each.is_overridable for each in self.effects)

    def told(self) -> list[dict[str, object]]:
        """The effects as JSON types."""
        return [effect.told() for effect in self.effects]


def move_preview(booking: Booking, *, day: int, to: Time, at: datetime) -> Preview:
    """What moving a day would change. Raises `NotFound` for another center's slot, machine or day.

    `booking.journey` comes with patient, center and referral.
    """
    journey = booking.journey
    days = planned_days(booking)
    moved = next((each for each in days if each.number == day), None)
    if moved is None:
        raise NotFound("This booking has no such planned day.")
    target = target_of(to, center_id=journey.center_id)
    others = [each for each in days if each.number != day]
    found = _look(journey, booking, target, at)
    starts = sorted([*(each.slot.starts_at for each in others), target.starts_at])
    after = _after(found, target, others, starts, journey)
    before = _before(booking, days, moved, journey, at)
    around = _surroundings(journey, days, booking, at=at)
    return Preview(
        booking=booking,
        version=booking.version,
        day=moved,
        target=target,
        effects=cascade(before, after, around),
    )


def booking_effects(booking: Booking, *, at: datetime) -> tuple[Effect, ...]:
    """What follows from a hold or booking as it stands: product, infusion, visits, trips in between."""
    days = planned_days(booking)
    journey = booking.journey
    side = _side(journey, [day.slot.starts_at for day in days], days[0].slot.starts_at)
    return cascade(None, side, _surroundings(journey, days, None, at=at))


def target_of(to: Time, *, center_id: int) -> Target:
    """The time that a slot or a machine's time stands for. Raises `NotFound` outside the center."""
    if isinstance(to, MachineTime):
        machine = Resource.objects.filter(pk=to.resource_id, center_id=center_id, kind="machine").first()
        if machine is None:
            raise NotFound("No such machine in this center.")
        known = Slot.objects.filter(resource=machine, starts_at=to.starts_at, ends_at=to.ends_at).first()
        return Target(
            machine_id=machine.pk,
            machine=machine.name,
            starts_at=to.starts_at,
            ends_at=to.ends_at,
            slot=known,
        )
    slot = Slot.objects.filter(pk=to, center_id=center_id).select_related("resource").first()
    if slot is None:
        raise NotFound("No such slot in this center.")
    return Target(
        machine_id=slot.resource_id,
        machine=slot.resource.name,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        slot=slot,
    )


def _look(journey: Journey, booking: Booking, target: Target, at: datetime) -> Found:
    """The center around the new date, as if the booking took nothing."""
    on = target.starts_at.astimezone(journey.center.zone).date()
    return found_for(journey, Wish(from_on=on, last_on=on), at=at, booking=booking)


def _after(
    found: Found,
    target: Target,
    others: Sequence[BookingDay],
    starts: Sequence[datetime],
    journey: Journey,
) -> Side:
    machine = found.machines.get(target.machine_id)
    if machine is None:
        reasons: tuple[Reason, ...] = (Reason(code="no_slot", sentence=say("This machine is not in use.")),)
        return _side(journey, starts, target.starts_at, reasons=reasons)
    time = Opportunity(
        machine=machine,
        start=int(target.starts_at.timestamp()),
        end=int(target.ends_at.timestamp()),
        slot=target.slot.pk if target.slot is not None else None,
    )
    planned, reasons = found.finder.judge(time, is_first=target.starts_at == starts[0])
    if target.slot is not None and target.slot.state == SlotState.BLOCKED:
        reasons += (Reason(code="busy", sentence=say("This slot is kept back.")),)
    if any(each.slot.starts_at < target.ends_at and target.starts_at < each.slot.ends_at for each in others):
        sentence = say("Another day of this booking lies in the same time.")
        reasons += (Reason(code="patient_busy", sentence=sentence),)
    parts = _parts_found(planned, found)
    return _side(journey, starts, target.starts_at, reasons=reasons, parts=parts)


def _parts_found(planned: OfferedDay, found: Found) -> dict[str, tuple[str, datetime]]:
    return {seat.part: (seat.name, found.almanac.moment(seat.start)) for seat in planned.seats}


def _before(
    booking: Booking, days: Sequence[BookingDay], moved: BookingDay, journey: Journey, at: datetime
) -> Side:
    """The booking as it stands, with what stands in its way already."""
    zone = journey.center.zone
    rows = Allocation.objects.filter(day=moved, is_live=True).select_related("resource").order_by("pk")
    parts = {row.kind: (row.resource.name, row.period.lower.astimezone(zone)) for row in rows}
    starts = [day.slot.starts_at for day in days]
    reasons: tuple[Reason, ...] = ()
    if moved.slot.starts_at == min(starts):
        target = target_of(moved.slot_id, center_id=booking.center_id)
        found = _look(journey, booking, target, at)
        machine = found.machines.get(target.machine_id)
        if machine is not None:
            start, end = int(target.starts_at.timestamp()), int(target.ends_at.timestamp())
            time = Opportunity(machine=machine, start=start, end=end, slot=moved.slot_id)
            # What it took it may keep, so only what was never asked of a booking is told.
            told = {"washout", "washout_unknown", "counts", "manufacturer", "family_away"}
            reasons = tuple(each for each in found.finder.judge(time)[1] if each.code in told)
    return _side(journey, starts, moved.slot.starts_at, reasons=reasons, parts=parts)


def _side(
    journey: Journey,
    starts: Sequence[datetime],
    starts_at: datetime,
    *,
    reasons: Sequence[Reason] = (),
    parts: Mapping[str, tuple[str, datetime]] | None = None,
) -> Side:
    zone = journey.center.zone
    days = sorted(each.astimezone(zone).date() for each in starts)
    return Side(
        starts_at=starts_at,
        first_on=days[0],
        last_on=days[-1],
        course=course(protocol_for(journey), days[-1]),
        reasons=reasons,
        parts=parts,
    )


def _surroundings(
    journey: Journey, days: Sequence[BookingDay], booking: Booking | None, *, at: datetime
) -> Surroundings:
    protocol, on = protocol_for(journey), journey.center.local_day(at)
    near = [row for row in in_force(protocol.monitoring.restrictions, on) if row.kind == NEAR]
    longest = max(near, key=lambda row: row.days, default=None)
    trips = FamilyAway.objects.filter(journey=journey, struck_at=None).order_by("first_on")
    entry = WaitingEntry.objects.filter(journey=journey, state__in=WAITS).first()
    return Surroundings(
        trips=[Trip(first_on=trip.first_on, last_on=trip.last_on, note=trip.note) for trip in trips],
        bridging=_bridging(journey, protocol, on),
        near_days=longest.days if longest else 0,
        near_rules=(longest.id,) if longest else (),
        near_sources=(protocol.cite(longest),) if longest else (),
        fitting=_fitting(journey, days[0].slot.starts_at) if booking is not None else None,
        waits_until=entry.until_on if entry else None,
    )


def _bridging(journey: Journey, protocol: Protocol, on: date) -> list[Bridging]:
    """Treatments with a known last dose, each with the washout that it asks for."""
    zone = journey.center.zone
    found = []
    for treatment, line in zip(treatments_counted(journey), washout_of(journey, on=on).lines, strict=True):
        last = treatment.last_dose
        if last is None:
            continue
        rule = line.rule
        found.append(
            Bridging(
                drug=treatment.drug,
                last_dose_on=last.astimezone(zone).date() if isinstance(last, datetime) else last,
                rules=(rule.id,) if rule else (),
                sources=(protocol.cite(rule),) if rule else (),
            )
        )
    return found


def _fitting(journey: Journey, freed_at: datetime) -> int:
    """How many other waiting families a time would suit; one query."""
    on: date = freed_at.astimezone(journey.center.zone).date()
    entries = WaitingEntry.objects.filter(
        center_id=journey.center_id, state=WaitingState.WAITING, from_on__lte=on
    ).exclude(journey=journey)
    away = FamilyAway.objects.filter(struck_at=None, first_on__lte=on, last_on__gte=on)
    return entries.exclude(until_on__lt=on).exclude(journey__in=away.values("journey")).distinct().count()
