"""Everything that stands in a center's calendar between two days, ready to be drawn.

The page without scripts, the live calendar and the printed day sheet show the same entries.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import pairwise
from typing import Literal
from uuid import UUID

from django.db.models import Count, Q

from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.dates import Period as Span
from cartpath.core.dates import local_midnight
from cartpath.ledger.models import Event
from leukapheresis.calendar import Filters
from leukapheresis.enums import BookingDayState, BookingState, ClosureKind, ResourceKind, SlotState
from leukapheresis.models import Allocation, Booking, BookingDay, Resource, Slot
from leukapheresis.rules.opening import ClosedDays, Opening, Shut
from leukapheresis.scheduling.selectors import Stand, stands_of
from leukapheresis.scheduling.times import is_over
from leukapheresis.selectors import slots_between
from patients.donor import Donor
from patients.models import Journey, Measurement

State = Literal["booked", "held", "done", "other", "free", "blocked", "outside", "past", "closed"]


@dataclass(frozen=True, slots=True)
class Weight:
    """The latest weight of a child, in kilograms, and when it was measured."""

    kg: Decimal
    measured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing on one row of the calendar, in the center's time.

    `day` is set for a child's collection and, with `part`, for what it takes on another row. A child that a
    filter leaves out is of the state `other`: taken, without saying by whom. `donor` is on the machine in the
    child's place.
    """

    key: str
    state: State
    resource: Resource
    starts_at: datetime
    ends_at: datetime
    slot: Slot | None = None
    day: BookingDay | None = None
    days: int = 1
    weight: Weight | None = None
    donor: Donor | None = None
    parts: tuple[Allocation, ...] = ()
    part: Allocation | None = None
    closed: ClosedDays | None = None
    movable: bool = False

    @property
    def booking(self) -> Booking | None:
        """The booking, unless a filter leaves its child out."""
        return self.day.booking if self.day and self.state != "other" else None

    @property
    def journey(self) -> Journey | None:
        """The child's journey, unless a filter leaves it out."""
        return self.booking.journey if self.booking else None

    @property
    def because(self) -> str:
        """Why a row is closed, in words."""
        if self.closed is None:
            return ""
        kind = str(ClosureKind(self.closed.kind).label)
        return f"{kind} · {self.closed.note}" if self.closed.note else kind


@dataclass(frozen=True, slots=True)
class Agenda:
    """The rows of a calendar in their order, and what stands on them by time."""

    first: date
    last: date
    rows: tuple[Resource, ...]
    openings: Mapping[UUID, Opening]
    entries: tuple[Entry, ...]

    @property
    def machines(self) -> list[Resource]:
        """The rows that are machines."""
        return [row for row in self.rows if row.kind == ResourceKind.MACHINE]

    def shut(self, row: Resource, zone: tzinfo) -> Iterator[Span]:
        """The times between `first` and `last` that lie outside of a row's working hours, closed days too."""
        opening = self.openings.get(row.pk)
        if opening is None:
            return
        reached = local_midnight(self.first, zone)
        end = local_midnight(self.last + timedelta(days=1), zone)
        for span in opening.spans(self.first - timedelta(days=1), self.last):
            if span.starts_at > reached:
                yield Span(reached, min(span.starts_at, end))
            reached = max(reached, span.ends_at)
        if reached < end:
            yield Span(reached, end)

    def on(self, day: date, *, resource: Resource | None = None) -> list[Entry]:
        """What begins on a day, on every row or on one; closed days count as beginning each day."""
        return [
            entry
            for entry in self.entries
            if _is_on(entry, day) and (resource is None or entry.resource.pk == resource.pk)
        ]


def _is_on(entry: Entry, day: date) -> bool:
    if entry.state == "closed":
        return entry.starts_at.date() <= day < entry.ends_at.date()
    return entry.starts_at.date() == day


def agenda(
    user: User,
    center: Center,
    first: date,
    last: date,
    *,
    filters: Filters | None = None,
    at: datetime,
) -> Agenda:
    """Everything in a center's calendar from `first` to `last`, both included, in a fixed number of queries.

    Raises `Forbidden` unless the person may see the center's patients.
    """
    require(user, Permission.VIEW_PATIENTS, center.pk)
    return _Drawing(user, center, first, last, filters or Filters(), at).agenda()


class _Drawing:
    """Reads what one calendar needs, each table once."""

    def __init__(
        self, user: User, center: Center, first: date, last: date, filters: Filters, at: datetime
    ) -> None:
        self.user, self.center, self.filters, self.at = user, center, filters, at
        self.first, self.last = first, last
        self.openings: Mapping[UUID, Opening] = {}
        self.may_move = user.may(Permission.BOOK_APHERESIS, center.pk)
        self.shown: set[UUID] = set()
        self.counts: Mapping[UUID, int] = {}
        self.weights: Mapping[UUID, Weight] = {}
        self.donors: Mapping[UUID, Donor] = {}
        self.start = local_midnight(first, center.zone)
        self.end = local_midnight(last + timedelta(days=1), center.zone)

    def agenda(self) -> Agenda:
        """Rows and entries."""
        stands = stands_of(self.center, since=self.start)
        self.openings = {stand.resource.pk: stand.opening for stand in stands}
        slots = slots_between(self.user, self.start, self.end, center_id=self.center.pk)
        days = self._days(slots)
        parts = self._parts(days.values())
        seen = [*days.values(), *(part.day for part in parts)]
        self.shown, self.counts = self._shown(seen), self._counts(seen)
        self.weights = weights((day.booking.journey.patient_id for day in days.values()), at=self.at)
        self.donors = donors_of(day.booking.journey_id for day in days.values())
        rows = _rows(stands, slots, self.filters.kind)
        of_day: dict[int, list[Allocation]] = {}
        for part in parts:
            of_day.setdefault(part.day_id, []).append(part)
        on_rows = {row.pk for row in rows}
        offered = not_in_the_way(slots, {day.slot_id for day in days.values()})
        drawn = [
            *(self._slot(slot, days.get(slot.pk), of_day) for slot in offered if self._is_drawn(slot, days)),
            *(self._part(part) for part in parts if self._reaches_in(part)),
            *self._closures(stands),
        ]
        entries = sorted(
            (entry for entry in drawn if entry.resource.pk in on_rows),
            key=lambda entry: (entry.starts_at.astimezone(UTC), entry.resource.name),
        )
        return Agenda(self.first, self.last, rows, self.openings, tuple(entries))

    def _days(self, slots: Sequence[Slot]) -> dict[UUID, BookingDay]:
        """Who takes each slot; a hold whose time is over takes none."""
        rows = (
            BookingDay.objects.filter(slot__in=slots)
            .exclude(state=BookingDayState.RELEASED)
            .select_related("booking__journey__patient", "slot__resource")
        )
        return {day.slot_id: day for day in rows if not _is_ended(day.booking, self.at)}

    def _parts(self, days: Iterable[BookingDay]) -> list[Allocation]:
        """What those days take besides machines, and what else reaches into the period."""
        rows = (
            Allocation.objects.filter(booking__center=self.center, is_live=True)
            .filter(Q(day__in=list(days)) | Q(period__overlap=(self.start, self.end)))
            .exclude(kind=ResourceKind.MACHINE)
            .select_related("resource", "day__slot__resource", "day__booking__journey__patient")
            .order_by("pk")
        )
        order = ResourceKind.values
        live = (row for row in rows if not _is_ended(row.day.booking, self.at))
        return sorted(live, key=lambda row: order.index(row.kind))

    def _shown(self, days: Sequence[BookingDay]) -> set[UUID]:
        """The journeys that the filters leave in."""
        journeys = {day.booking.journey_id: day.booking.journey for day in days}
        shown = {pk for pk, journey in journeys.items() if self.filters.product in ("", journey.product)}
        if self.filters.mine:
            written = Event.objects.filter(
                journey_id__in=shown, actor_kind=self.user.actor.kind, actor_id=self.user.actor.id
            )
            shown &= set(written.values_list("journey_id", flat=True).distinct())
        return shown

    def _counts(self, days: Sequence[BookingDay]) -> dict[UUID, int]:
        """How many days each booking has."""
        rows = (
            BookingDay.objects.filter(booking__in={day.booking_id for day in days})
            .exclude(state=BookingDayState.RELEASED)
            .values("booking_id")
            .annotate(days=Count("pk"))
        )
        return {row["booking_id"]: row["days"] for row in rows}

    def _slot(self, slot: Slot, day: BookingDay | None, of_day: Mapping[int, list[Allocation]]) -> Entry:
        state = self._state(slot, day)
        taken = day is not None and state != "other"
        return Entry(
            key=f"day-{day.pk}" if day else f"slot-{slot.pk}",
            state=state,
            resource=slot.resource,
            starts_at=slot.starts_at.astimezone(self.center.zone),
            ends_at=slot.ends_at.astimezone(self.center.zone),
            slot=slot,
            day=day,
            days=self.counts.get(day.booking_id, 1) if day else 1,
            weight=self.weights.get(day.booking.journey.patient_id) if day and taken else None,
            donor=self.donors.get(day.booking.journey_id) if day and taken else None,
            parts=tuple(of_day.get(day.pk, ())) if day and taken else (),
            movable=state in ("booked", "held") and slot.starts_at > self.at and self.may_move,
        )

    def _is_drawn(self, slot: Slot, days: Mapping[UUID, BookingDay]) -> bool:
        """Whether a slot is drawn: on a closed day, only when a child is there; the closure says the rest."""
        shut = self._shut(slot)
        return slot.pk in days or shut is None or shut.why != "closed"

    def _shut(self, slot: Slot) -> Shut | None:
        opening = self.openings.get(slot.resource_id)
        return opening.shut(Span(slot.starts_at, slot.ends_at)) if opening else None

    def _state(self, slot: Slot, day: BookingDay | None) -> State:
        if day is not None:
            if day.booking.journey_id not in self.shown:
                return "other"
            return _taken_state(day)
        if slot.state == SlotState.BLOCKED or not slot.resource.is_active:
            return "blocked"
        if slot.starts_at <= self.at:
            return "past"
        return "outside" if self._shut(slot) else "free"

    def _reaches_in(self, part: Allocation) -> bool:
        lower, upper = part.period.lower, part.period.upper
        return bool(lower < self.end and upper > self.start)

    def _part(self, part: Allocation) -> Entry:
        is_other = part.day.booking.journey_id not in self.shown
        return Entry(
            key=f"part-{part.pk}",
            state="other" if is_other else _taken_state(part.day),
            resource=part.resource,
            starts_at=part.period.lower.astimezone(self.center.zone),
            ends_at=part.period.upper.astimezone(self.center.zone),
            day=part.day,
            days=self.counts.get(part.day.booking_id, 1),
            part=part,
        )

    def _closures(self, stands: Sequence[Stand]) -> Iterator[Entry]:
        """The closed days of each row, runs of them joined."""
        for stand in stands:
            for first, last, closed in _runs(stand.opening, self.first, self.last):
                yield Entry(
                    key=f"closed-{stand.resource.pk}-{first.isoformat()}",
                    state="closed",
                    resource=stand.resource,
                    starts_at=local_midnight(first, self.center.zone).astimezone(self.center.zone),
                    ends_at=local_midnight(last + timedelta(days=1), self.center.zone).astimezone(
                        self.center.zone
                    ),
                    closed=closed,
                )


def not_in_the_way(slots: Sequence[Slot], taken: set[UUID]) -> list[Slot]:
    """Slots without those that a taken one of the same machine overlaps: moving a child can leave such."""
    spans: dict[UUID, list[Slot]] = {}
    for slot in slots:
        if slot.pk in taken:
            spans.setdefault(slot.resource_id, []).append(slot)
    return [
        slot
        for slot in slots
        if slot.pk in taken
        or not any(
            slot.starts_at < other.ends_at and other.starts_at < slot.ends_at
            for other in spans.get(slot.resource_id, ())
        )
    ]


def _taken_state(day: BookingDay) -> State:
    """What a child's day is: held, booked, or collected already."""
    if day.booking.state == BookingState.HELD:
        return "held"
    return "done" if BookingDayState.DONE in (day.state, day.booking.state) else "booked"


def _is_ended(booking: Booking, at: datetime) -> bool:
    return booking.state == BookingState.HELD and is_over(booking.hold_expires_at, at)


def _rows(stands: Sequence[Stand], slots: Iterable[Slot], kind: str) -> tuple[Resource, ...]:
    """Resources in use, and machines out of use that still have slots, by kind and name."""
    rows = {stand.resource.pk: stand.resource for stand in stands}
    rows.update({slot.resource_id: slot.resource for slot in slots})
    order = ResourceKind.values
    wanted = [row for row in rows.values() if kind in ("", row.kind)]
    return tuple(sorted(wanted, key=lambda row: (order.index(row.kind), row.name)))


def _runs(opening: Opening, first: date, last: date) -> Iterator[tuple[date, date, ClosedDays]]:
    """Closed days in a row for the same reason."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    closed = [(day, opening.closure(day)) for day in days]
    begun: date | None = None
    for (day, why), (_next, then) in pairwise([*closed, (last, None)]):
        if why is None:
            continue
        begun = begun or day
        if then != why:
            yield begun, day, why
            begun = None


def donors_of(journey_ids: Iterable[UUID]) -> dict[UUID, Donor]:
    """Who gives the cells of each journey in which it isn't the child; one query."""
    return {donor.journey_id: donor for donor in Donor.objects.filter(journey_id__in=set(journey_ids))}


def weights(patient_ids: Iterable[UUID], *, at: datetime) -> dict[UUID, Weight]:
    """The latest weight of each child who was weighed; one query."""
    latest = (
        Measurement.objects.filter(
            patient_id__in=set(patient_ids), weight_kg__isnull=False, measured_at__lte=at
        )
        .order_by("patient_id", "-measured_at")
        .distinct("patient_id")
    )
    return {row.patient_id: Weight(row.weight_kg, row.measured_at) for row in latest if row.weight_kg}
