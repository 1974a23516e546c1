"""The slot calendar: one week or one day of a center, by day and machine."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from cartpath.accounts.models import Center, User
from cartpath.core.dates import local_midnight
from leukapheresis.enums import BookingState, SlotState
from leukapheresis.models import Booking, Resource, Slot
from leukapheresis.selectors import slots_between
from patients.models import Measurement

_WEEK: Final = re.compile(r"(\d{4})-W(\d{2})")

SlotLook = Literal["free", "booked", "blocked", "past"]


@dataclass(frozen=True, slots=True)
class Period:
    """The days that are shown: a week from its Monday, or one day."""

    first: date
    days: Literal[1, 7]

    @classmethod
    def read(cls, *, week: str, day: str, today: date) -> "Period":
        """The period an address asks for: `2026-W48`, `2026-11-24`; anything else is this week."""
        named_day = _day(day)
        if named_day:
            return cls(named_day, 1)
        monday = _monday(week) or today - timedelta(days=today.weekday())
        return cls(monday, 7)

    @property
    def last(self) -> date:
        """The last day shown."""
        return self.first + timedelta(days=self.days - 1)

    @property
    def dates(self) -> list[date]:
        """Every day shown."""
        return [self.first + timedelta(days=number) for number in range(self.days)]

    @property
    def query(self) -> str:
        """How this period is written in an address."""
        if self.days == 1:
            return f"?day={self.first.isoformat()}"
        return f"?week={week_name(self.first)}"

    @property
    def before(self) -> "Period":
        """The period before."""
        return Period(self.first - timedelta(days=self.days), self.days)

    @property
    def after(self) -> "Period":
        """The period after."""
        return Period(self.first + timedelta(days=self.days), self.days)


def week_name(day: date) -> str:
    """The ISO week of a day, as addresses write it: `2026-W48`."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"


def _monday(week: str) -> date | None:
    found = _WEEK.fullmatch(week)
    if not found:
        return None
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class CalendarSlot:
    """One slot with who holds it; the weight is the child's latest, in kilograms, None when unknown."""

    slot: Slot
    look: SlotLook
    booking: Booking | None
    weight_kg: Decimal | None


@dataclass(frozen=True, slots=True)
class CalendarCell:
    """One machine on one day."""

    machine: Resource
    slots: tuple[CalendarSlot, ...]


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day across all machines."""

    on: date
    is_today: bool
    cells: tuple[CalendarCell, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no machine has a slot that day."""
        return not any(cell.slots for cell in self.cells)


def calendar_days(user: User, center: Center, period: Period, *, at: datetime) -> list[CalendarDay]:
    """The days of a period with every slot, in four queries."""
    start = local_midnight(period.first, center.zone)
    end = local_midnight(period.after.first, center.zone)
    slots = slots_between(user, start, end, center_id=center.pk)
    drawn = _drawn(slots, at=at)
    machines = _machines(center, {slot.resource_id for slot in slots})
    today = at.astimezone(center.zone).date()
    by_place: dict[tuple[date, UUID], list[CalendarSlot]] = {}
    for each in drawn:
        day = each.slot.starts_at.astimezone(center.zone).date()
        by_place.setdefault((day, each.slot.resource_id), []).append(each)
    return [
        CalendarDay(
            on=day,
            is_today=day == today,
            cells=tuple(
                CalendarCell(machine, tuple(by_place.get((day, machine.pk), ()))) for machine in machines
            ),
        )
        for day in period.dates
    ]


def _machines(center: Center, used: set[UUID]) -> list[Resource]:
    """Machines in use, and those out of use that still have slots in the period."""
    machines = Resource.objects.filter(center=center).order_by("name")
    return [machine for machine in machines if machine.is_active or machine.pk in used]


def _drawn(slots: Iterable[Slot], *, at: datetime) -> list[CalendarSlot]:
    shown = list(slots)
    held = {
        booking.slot_id: booking
        for booking in Booking.objects.filter(slot__in=shown)
        .exclude(state=BookingState.CANCELED)
        .select_related("journey__patient")
    }
    weights = _weights((booking.journey.patient_id for booking in held.values()), at=at)
    return [_slot(slot, held.get(slot.pk), weights, at=at) for slot in shown]


def _slot(
    slot: Slot, booking: Booking | None, weights: Mapping[UUID, Decimal | None], *, at: datetime
) -> CalendarSlot:
    look: SlotLook = "past" if slot.starts_at <= at else "free"
    if booking:
        look = "booked"
    elif slot.state == SlotState.BLOCKED or not slot.resource.is_active:
        look = "blocked"
    return CalendarSlot(slot, look, booking, weights.get(booking.journey.patient_id) if booking else None)


def _weights(patient_ids: Iterable[UUID], *, at: datetime) -> dict[UUID, Decimal | None]:
    latest = (
        Measurement.objects.filter(
            patient_id__in=set(patient_ids), weight_kg__isnull=False, measured_at__lte=at
        )
        .order_by("patient_id", "-measured_at")
        .distinct("patient_id")
    )
    return {row.patient_id: row.weight_kg for row in latest}
