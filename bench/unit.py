"""An apheresis unit with so many resources and a year of bookings, for benchmarks and tests of scheduling."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Final

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from cartpath.accounts.models import Center
from leukapheresis.enums import BookingState, ResourceKind, SlotState
from leukapheresis.models import Allocation, Booking, BookingDay, Resource, ResourceHours, Slot
from patients.enums import Diagnosis, Sex, Stage
from patients.models import Journey, Patient, Referral

# What every booking takes; the rest of the unit is there for others.
TAKEN: Final = (
    ResourceKind.MACHINE,
    ResourceKind.CHAIR,
    ResourceKind.NURSE,
    ResourceKind.CRYOPRESERVATION,
)
OTHERS: Final = (
    ResourceKind.ANESTHESIA,
    ResourceKind.LINE_PLACEMENT,
    ResourceKind.PICU_BED,
    ResourceKind.RED_CELL_PRIME,
    ResourceKind.COURIER,
)
SHIFTS: Final = (time(7, 30), time(13, 45))
LENGTH: Final = timedelta(hours=6)
DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class FilledUnit:
    """What was made: the resources, how many bookings, and a child that waits for one."""

    resources: list[Resource]
    bookings: int
    journey: Journey


def unit_fill(center: Center, *, resources: int, bookings: int, at: datetime) -> FilledUnit:
    """Fill a center with resources on workdays and with bookings over the year after `at`.

    The bookings take the machines day by day in turn, as many as fit.
    """
    made = _resources(center, resources)
    (journey,) = _journeys(center, 1, "W", at)
    machines = [each for each in made if each.kind == ResourceKind.MACHINE]
    times = list(_times(center, machines, at.astimezone(center.zone).date(), bookings))
    _book(center, made, times, at)
    return FilledUnit(made, len(times), journey)


def _resources(center: Center, number: int) -> list[Resource]:
    kinds = (*TAKEN, *TAKEN[:3], *OTHERS)
    made = Resource.objects.bulk_create(
        [
            Resource(
                center=center,
                kind=kind,
                name=f"{kind.label} {index + 1}",
                capacity=1 if kind == ResourceKind.MACHINE else 2,
                extracorporeal_volume_ml=250 if kind == ResourceKind.MACHINE else None,
            )
            for index, kind in enumerate(kinds[index % len(kinds)] for index in range(number))
        ]
    )
    ResourceHours.objects.bulk_create(
        [
            ResourceHours(resource=resource, weekday=weekday, opens=time(6, 30), closes=time(23, 30))
            for resource in made
            for weekday in range(5)
        ]
    )
    return made


def _journeys(center: Center, number: int, prefix: str, at: datetime) -> list[Journey]:
    """Children with a referral; the database lets every journey begin as referred only."""
    patients = Patient.objects.bulk_create(
        [
            Patient(
                center=center,
                mrn=f"{prefix}-{index}",
                family_name=f"Family{index}",
                given_name="Given",
                birth_date=date(2019, 1, 1),
                sex=Sex.FEMALE,
            )
            for index in range(number)
        ]
    )
    journeys = Journey.objects.bulk_create(
        [
            Journey(
                patient=patient,
                center=center,
                product="tisagenlecleucel",
                protocol_id="tisagenlecleucel-eu",
                protocol_version="1",
                stage=Stage.REFERRED,
                stage_since=at,
            )
            for patient in patients
        ]
    )
    Referral.objects.bulk_create(
        [
            Referral(
                journey=journey,
                referring_center=f"Hospital {index % 20}",
                referred_at=at,
                diagnosis=Diagnosis.B_ALL,
            )
            for index, journey in enumerate(journeys)
        ]
    )
    return journeys


def _times(
    center: Center, machines: Sequence[Resource], first: date, number: int
) -> Iterator[tuple[Resource, datetime, int]]:
    """Machine, start and how many collections begin at that moment before; spread over the year."""
    days = [first + timedelta(days=index + 1) for index in range(DAYS)]
    workdays = [day for day in days if day.weekday() < 5]
    counter = count()
    for turn, shift in ((turn, shift) for turn in range(len(machines)) for shift in SHIFTS):
        for day in workdays:
            if next(counter) >= number:
                return
            yield machines[turn], datetime.combine(day, shift, tzinfo=center.zone), turn


def _book(
    center: Center,
    resources: Sequence[Resource],
    times: Sequence[tuple[Resource, datetime, int]],
    at: datetime,
) -> None:
    by_kind = {kind: [each for each in resources if each.kind == kind] for kind in TAKEN}
    journeys = _journeys(center, len(times), "B", at)
    slots = Slot.objects.bulk_create(
        [
            Slot(
                center=center,
                resource=machine,
                starts_at=starts_at,
                ends_at=starts_at + LENGTH,
                state=SlotState.BOOKED,
            )
            for machine, starts_at, _turn in times
        ]
    )
    bookings = Booking.objects.bulk_create(
        [
            Booking(
                journey=journey,
                center=center,
                slot=slot,
                state=BookingState.BOOKED,
                booked_by="bench",
                booked_at=at,
            )
            for journey, slot in zip(journeys, slots, strict=True)
        ]
    )
    days = BookingDay.objects.bulk_create(
        [BookingDay(booking=booking, number=1, slot=booking.slot) for booking in bookings]
    )
    Allocation.objects.bulk_create(
        [
            _allocation(day, kind, by_kind[kind], turn)
            for day, (_machine, _starts_at, turn) in zip(days, times, strict=True)
            for kind in TAKEN
            if turn < sum(each.capacity for each in by_kind[kind])
        ],
        batch_size=2_000,
    )


def _allocation(day: BookingDay, kind: ResourceKind, resources: Sequence[Resource], turn: int) -> Allocation:
    units = [(resource, unit) for unit in (1, 2) for resource in resources if unit <= resource.capacity]
    resource, unit = units[turn]
    if kind == ResourceKind.MACHINE:
        resource = day.slot.resource
    return Allocation(
        booking=day.booking,
        day=day,
        kind=kind,
        resource=resource,
        unit=unit,
        period=DateTimeTZRange(day.slot.starts_at, day.slot.ends_at),
    )
