"""Changing the days of a booking in place: moving one, adding one, releasing one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Conflict
from cartpath.ledger.kinds import EventKind
from leukapheresis.enums import BookingDayState, BookingState, MoveReason
from leukapheresis.models import Allocation, Booking, BookingDay, Slot
from leukapheresis.scheduling.booking import MOST_DAYS
from leukapheresis.scheduling.bundles import merged, refuse_undecided
from leukapheresis.scheduling.changing import (
    Change,
    booking_written,
    change_append,
    first_of,
    locked_for_change,
    resources_now,
)
from leukapheresis.scheduling.claims import claims_settled
from leukapheresis.scheduling.ending import days_let_go, offer_after_commit
from leukapheresis.scheduling.judging import Judgment, judged
from leukapheresis.scheduling.patience import tried_again
from leukapheresis.scheduling.records import (
    days_facts,
)
from leukapheresis.scheduling.taking import (
    Recorded,
    Taken,
    refuse_over_quota,
    refuse_overlap,
    take,
)
from leukapheresis.scheduling.times import (
    Time,
    slot_saved,
    slots_given_back,
)


@tried_again
def booking_move(
    *,
    booking_id: UUID,
    day: int,
    to: Time,
    reason_code: str,
    note: str = "",
    version: int | None = None,
    override_reason: str = "",
    cascade: Sequence[Mapping[str, Any]] = (),
    by: Actor,
    at: datetime,
    recorded: Recorded | None = None,
) -> Booking:
    """Move one day of a booking or hold to another time with all its parts, or refuse and change nothing.

    Parts keep their resources where these are free. `cascade` is what the move does to everything after it,
    as it was shown before it was confirmed (JSON types). Raises as `booking_create`, and `Stale` naming what
    changed since `version`.
    """
    _refuse_unknown_reason(reason_code)
    with locked_for_change(booking_id, version, at=at, to=to, is_recorded=recorded is not None) as change:
        moved = change.day(day)
        (before,) = days_facts([moved])
        slot = change.slot
        assert slot is not None
        rearranged = _rearrange(
            change,
            {**change.slots(), day: slot},
            {day},
            override_reason=override_reason,
            by=by,
            recorded=recorded,
        )
        old_slot_id = moved.slot_id
        moved.slot = slot_saved(slot, at=at)
        moved.save(update_fields=["slot"])
        slots_given_back([old_slot_id], at=at)
        days = _written(change, rearranged, change.days)
        facts = {
            "day": day,
            "from": before,
            "to": next(told for told in days if told["day"] == day),
            "reason_code": reason_code,
            "note": note or None,
            "cascade": list(cascade),
            **rearranged.computed,
        }
        change_append(change, EventKind.APHERESIS_MOVED, facts, days, by=by)
        _settled(change, rearranged, change.days)
        offer_after_commit(change.journey.center_id, at)
        return change.booking


@tried_again
def day_add(
    *,
    booking_id: UUID,
    time: Time,
    reason_code: str,
    note: str = "",
    version: int | None = None,
    override_reason: str = "",
    by: Actor,
    at: datetime,
    recorded: Recorded | None = None,
) -> BookingDay:
    """Give a booking or hold one more day, with all its parts. Raises as `booking_move`."""
    _refuse_unknown_reason(reason_code)
    with locked_for_change(booking_id, version, at=at, to=time, is_recorded=recorded is not None) as change:
        if len(change.days) >= MOST_DAYS:
            raise Conflict("too_many_days", _("A booking has at most %(most)d days.") % {"most": MOST_DAYS})
        slot = change.slot
        assert slot is not None
        numbers = BookingDay.objects.filter(booking_id=booking_id).values_list("number", flat=True)
        number = 1 + max(numbers)
        rearranged = _rearrange(
            change,
            {**change.slots(), number: slot},
            {number},
            override_reason=override_reason,
            by=by,
            recorded=recorded,
        )
        day = BookingDay.objects.create(
            booking=change.booking,
            number=number,
            slot=slot_saved(slot, at=at),
            state=BookingDayState.PLANNED,
        )
        days = _written(change, rearranged, [*change.days, day])
        facts = {
            **next(told for told in days if told["day"] == number),
            "reason_code": reason_code,
            "note": note or None,
            **rearranged.computed,
        }
        change_append(change, EventKind.APHERESIS_DAY_ADDED, facts, days, by=by)
        _settled(change, rearranged, [*change.days, day])
        return day


@tried_again
def day_release(
    *,
    booking_id: UUID,
    day: int,
    reason_code: str,
    note: str = "",
    version: int | None = None,
    by: Actor,
    at: datetime,
    recorded: Recorded | None = None,
) -> Booking:
    """Give one day of a booking or hold back. The last one is given back by canceling the booking.

    The day that comes first then takes what only a first day needs.
    """
    _refuse_unknown_reason(reason_code)
    with locked_for_change(booking_id, version, at=at, is_recorded=recorded is not None) as change:
        released = change.day(day)
        slots = change.slots()
        slots.pop(day)
        if not slots:
            raise Conflict("last_day", _("This is the only day of the booking. Cancel the booking instead."))
        rearranged = _rearrange(change, slots, set(), override_reason="", by=by, recorded=recorded)
        days_let_go([released], center_id=change.journey.center_id, at=at)
        days = _written(change, rearranged, [each for each in change.days if each.pk != released.pk])
        facts = release_facts(released, reason_code=reason_code, note=note) | rearranged.computed
        change_append(change, EventKind.APHERESIS_DAY_RELEASED, facts, days, by=by)
        _settled(change, rearranged, change.days)
        return change.booking


def release_facts(day: BookingDay, *, reason_code: str, note: str) -> dict[str, Any]:
    """What the ledger keeps of a released day."""
    return {
        "day": day.number,
        "machine": day.slot.resource.name,
        "starts_at": day.slot.starts_at,
        "ends_at": day.slot.ends_at,
        "reason_code": reason_code,
        "note": note or None,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rearranged:
    """What was claimed for the days that a change touches; the judgment, where the start was judged anew."""

    touched: frozenset[int]
    taken: Taken
    judgment: Judgment | None

    @property
    def computed(self) -> dict[str, Any]:
        """The record of the judgment as the ledger keeps it."""
        return {"computed": [self.judgment.record]} if self.judgment else {}


def _rearrange(
    change: Change,
    slots: Mapping[int, Slot],
    touched: set[int],
    *,
    override_reason: str,
    by: Actor,
    recorded: Recorded | None,
) -> _Rearranged:
    """Claim the parts of the touched days; of a day that becomes, or stops being, the first as well.

    `slots` are those of all days after the change, by number.
    """
    override_reason = override_reason.strip() or change.booking.override_reason
    first_before, first = first_of(change.slots()), first_of(slots)
    if first_before != first:
        touched = touched | ({first_before, first} & set(slots))
    refuse_overlap(slots.values())
    starts_at = slots[first].starts_at
    judgment = None
    if starts_at != change.slots()[first_before].starts_at or change.booking.override_reason:
        judgment = judged(change.journey, starts_at, override_reason=override_reason, by=by, at=change.at)
    if recorded is None and starts_at != change.booking.slot.starts_at:
        refuse_over_quota(
            change.journey, starts_at, at=change.at, patience=change.patience, moved=change.booking
        )
    taken = take(
        change.journey,
        [(number, slots[number]) for number in sorted(touched)],
        first_day=first,
        at=change.at,
        before=change.before,
        preferred=resources_now(change.days),
        ignoring=[day.pk for day in change.days if day.number in touched or day.number not in slots],
        recorded=recorded,
    )
    if change.booking.state == BookingState.BOOKED and recorded is None:
        refuse_undecided(taken.parts)
    return _Rearranged(touched=frozenset(touched), taken=taken, judgment=judgment)


def _written(change: Change, done: _Rearranged, days: Sequence[BookingDay]) -> list[dict[str, Any]]:
    """Let go what the touched days had and write the booking; every day as the ledger tells it."""
    touched = [day for day in days if day.number in done.touched]
    Allocation.objects.filter(day__in=touched, is_live=True).update(is_live=False)
    untouched = [day for day in days if day.number not in done.touched]
    held = set(Allocation.objects.filter(day__in=untouched, is_live=True).values_list("kind", flat=True))
    mentioned = {part.part for part in done.taken.parts}
    others = [part for part in change.before if part.part in held or part.part not in mentioned]
    parts = merged([done.taken.parts, others])
    override_reason = done.judgment.override_reason if done.judgment else ""
    return booking_written(change, parts, override_reason, done.taken.claims)


def _settled(change: Change, done: _Rearranged, days: Sequence[BookingDay]) -> None:
    """Claim what the touched days take: the last act of a change."""
    claims_settled(change.booking, days, done.taken.claims, at=change.at, patience=change.patience)


def _refuse_unknown_reason(reason_code: str) -> None:
    if reason_code not in MoveReason.values:
        raise unknown_choice("reason_code", MoveReason)
