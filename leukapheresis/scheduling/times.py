"""The slots that a booking takes and gives back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import IntegrityError, transaction
from django.db.models import Exists, Func, OuterRef, Q
from django.utils.translation import gettext as _

from cartpath.core.errors import Conflict, Invalid, NotFound
from leukapheresis.enums import BookingDayState, BookingState, ResourceKind, SlotState
from leukapheresis.models import Allocation, BookingDay, Resource, Slot
from leukapheresis.scheduling.patience import Patience
from leukapheresis.scheduling.refusals import machine_busy, machine_kept_back, slot_taken


@dataclass(frozen=True, slots=True)
class MachineTime:
    """A time of a machine for which there may be no slot yet."""

    resource_id: UUID
    starts_at: datetime
    ends_at: datetime


# A slot by its id, or a machine's time.
Time = UUID | MachineTime


def refuse_taken_early(times: Iterable[Time], *, at: datetime, booking_id: UUID | None = None) -> None:
    """Under a rush nearly everybody loses: tell them without making them queue for locks. One query.

    `booking_id` is the booking that the times are for: it isn't in its own way.
    """
    ids = [time for time in times if isinstance(time, UUID)]
    if not ids:
        return
    over = Q(booking__state=BookingState.HELD, booking__hold_expires_at__lte=at)
    holder = BookingDay.objects.filter(slot=OuterRef("pk"), state=BookingDayState.PLANNED).exclude(over)
    period = Func(
        OuterRef("starts_at"), OuterRef("ends_at"), function="tstzrange", output_field=DateTimeRangeField()
    )
    use = (
        Allocation.objects.filter(resource=OuterRef("resource_id"), is_live=True, period__overlap=period)
        .exclude(over)
        .exclude(booking=booking_id)
    )
    slots = Slot.objects.filter(pk__in=ids).values_list(
        "state", Exists(holder), Exists(use), "resource__name"
    )
    machine = ""
    for state, is_held, is_used, name in slots:
        if state == SlotState.BLOCKED or is_held:
            raise slot_taken()
        if is_used:
            machine = name
    if machine:
        raise machine_busy(machine)


@dataclass(frozen=True, slots=True)
class LockedSlots:
    """Slots whose rows are locked: those asked for, in that order, and holds that ended on them."""

    wanted: tuple[Slot, ...]
    ended_holds: frozenset[UUID] = frozenset()


def slots_locked(
    times: Sequence[Time],
    *,
    center_id: int,
    at: datetime,
    patience: Patience,
    also: Iterable[UUID] = (),
    is_recorded: bool = False,
) -> LockedSlots:
    """Lock the slots of `times`, and those of `also`, by id; refuse those that can't be taken.

    A machine's time without a slot comes back as a slot that isn't saved yet; `slot_saved` makes it once the
    machine is locked. What `is_recorded` happened: it may be past, and nobody kept the machine back.
    """
    known = _known(times, center_id)
    ids = {time if isinstance(time, UUID) else known.get(time) for time in times}
    rows = _lock({pk for pk in ids if pk} | set(also), center_id, patience)
    wanted = tuple(_slot(time, known, rows, center_id) for time in times)
    if not is_recorded:
        if any(slot.starts_at <= at for slot in wanted):
            raise Conflict("slot_past", _("This slot has already begun. Choose a later one."))
        _refuse_kept_back(slot for slot in wanted if slot._state.adding)
    return LockedSlots(wanted, _ended_holds(wanted, at))


def _known(times: Sequence[Time], center_id: int) -> dict[MachineTime, UUID]:
    """The slots there are for machine times."""
    found = {}
    for time in times:
        if isinstance(time, MachineTime):
            if time.ends_at <= time.starts_at:
                sentence = _("The end must lie after the start.")
                raise Invalid("invalid_input", _("Impossible hours."), fields={"ends_at": sentence})
            pk = (
                Slot.objects.filter(
                    center_id=center_id,
                    resource_id=time.resource_id,
                    starts_at=time.starts_at,
                    ends_at=time.ends_at,
                )
                .values_list("pk", flat=True)
                .first()
            )
            if pk:
                found[time] = pk
    return found


def _lock(ids: set[UUID], center_id: int, patience: Patience) -> dict[UUID, Slot]:
    if not ids:
        return {}
    patience.before(_("the slot"), code="slot_taken")
    rows = (
        Slot.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=ids, center_id=center_id)
        .select_related("resource")
        .order_by("pk")
    )
    return {slot.pk: slot for slot in rows}


def _slot(time: Time, known: dict[MachineTime, UUID], rows: dict[UUID, Slot], center_id: int) -> Slot:
    pk = time if isinstance(time, UUID) else known.get(time)
    if pk:
        if pk not in rows:
            raise NotFound("No such slot in this center.")
        return rows[pk]
    assert isinstance(time, MachineTime)
    machines = Resource.objects.filter(
        pk=time.resource_id, center_id=center_id, kind=ResourceKind.MACHINE, is_active=True
    )
    machine = machines.first()
    if machine is None:
        raise NotFound("No such machine in this center.")
    return Slot(center_id=center_id, resource=machine, starts_at=time.starts_at, ends_at=time.ends_at)


def _refuse_kept_back(slots: Iterable[Slot]) -> None:
    """Raise `Conflict` when somebody keeps a machine back for part of a time for which there is no slot."""
    for slot in slots:
        kept_back = Slot.objects.filter(
            resource=slot.resource_id,
            state=SlotState.BLOCKED,
            starts_at__lt=slot.ends_at,
            ends_at__gt=slot.starts_at,
        )
        if kept_back.exists():
            raise machine_kept_back(slot.resource.name)


def _ended_holds(slots: Sequence[Slot], at: datetime) -> frozenset[UUID]:
    """Bookings whose hold on one of the slots has ended. Raises `Conflict` when a slot is really taken."""
    taken = [slot for slot in slots if slot.state != SlotState.OPEN]
    if not taken:
        return frozenset()
    if any(slot.state == SlotState.BLOCKED for slot in taken):
        raise slot_taken()
    days = BookingDay.objects.filter(slot__in=taken).exclude(state=BookingDayState.RELEASED)
    ended = set()
    for day in days.select_related("booking"):
        booking = day.booking
        if not (booking.state == BookingState.HELD and is_over(booking.hold_expires_at, at)):
            raise slot_taken()
        ended.add(booking.pk)
    return frozenset(ended)


def is_over(expires_at: datetime | None, at: datetime) -> bool:
    """Whether a hold has ended: it still holds right before its end, and no longer at it."""
    return expires_at is not None and expires_at <= at


def slot_saved(slot: Slot, *, at: datetime) -> Slot:
    """Take a slot: mark it as booked, or make it. Its machine's row is locked, so nobody else makes it.

    Raises `Conflict` `slot_taken` when somebody opened and took the same time meanwhile.
    """
    if slot._state.adding:
        slot.state = SlotState.BOOKED
        try:
            with transaction.atomic():
                slot.save(force_insert=True)
        except IntegrityError:
            slot = _made_meanwhile(slot)
    Slot.objects.filter(pk=slot.pk).update(state=SlotState.BOOKED, freed_at=None)
    return slot


def _made_meanwhile(slot: Slot) -> Slot:
    """The slot that somebody opened for the same time since we looked, if nobody else is about to take it."""
    made = (
        Slot.objects.select_for_update(no_key=True, skip_locked=True)
        .filter(resource=slot.resource, starts_at=slot.starts_at, ends_at=slot.ends_at, state=SlotState.OPEN)
        .first()
    )
    if made is None:
        raise slot_taken()
    return made


def slots_held(slot_ids: Iterable[UUID]) -> None:
    """Lock slots by id and wait as long as it takes: for writes that nobody may refuse."""
    rows = Slot.objects.select_for_update(no_key=True).filter(pk__in=list(slot_ids)).order_by("pk")
    list(rows.values_list("pk", flat=True))


def slots_given_back(slot_ids: Iterable[UUID], *, at: datetime) -> int:
    """Open the slots that no day of a booking takes any longer; their rows are locked. Returns how many."""
    taken = BookingDay.objects.filter(slot=OuterRef("pk")).exclude(state=BookingDayState.RELEASED)
    return (
        Slot.objects.filter(pk__in=list(slot_ids), state=SlotState.BOOKED)
        .exclude(Exists(taken))
        .update(state=SlotState.OPEN, freed_at=at)
    )
