"""How much room the coming weeks have."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal

from django.db.models import Q

from cartpath.accounts.models import Center
from cartpath.core.dates import Period as Span
from cartpath.core.dates import local_midnight
from leukapheresis.agenda.entries import not_in_the_way
from leukapheresis.calendar import monday_of
from leukapheresis.enums import LIVE_STATES, BookingState, ResourceKind, SlotState
from leukapheresis.models import Booking, Quota, Slot
from leukapheresis.scheduling.selectors import stands_of

WEEKS: Final = 8
# From here on a week still counts as free without a second thought.
_FEW_UP_TO: Final = 2

Room = Literal["none", "over", "full", "few", "free"]


@dataclass(frozen=True, slots=True)
class WeekRoom:
    """One week from its Monday: collections that could still begin, and all that the center has room for.

    `by_quota` when the weekly quota leaves less room than the machines; `is_over` when every time has begun.
    """

    monday: date
    free: int
    total: int
    by_quota: bool
    is_over: bool = False

    @property
    def room(self) -> Room:
        """The week in a word."""
        if not self.total:
            return "none"
        if not self.free:
            return "over" if self.is_over else "full"
        return "few" if self.free <= _FEW_UP_TO else "free"

    @property
    def taken(self) -> int:
        """What is no longer free, past times included."""
        return self.total - self.free


def rooms(center: Center, *, at: datetime) -> list[WeekRoom]:
    """The room of this week and the seven after it, in seven queries.

    A slot counts unless it is blocked or its machine is out of use or closed then; one that has begun without
    a child is no longer free. A quota for all products and referring centers caps what is left.
    """
    this_monday = monday_of(at.astimezone(center.zone).date())
    mondays = [this_monday + timedelta(weeks=number) for number in range(WEEKS)]
    start = local_midnight(this_monday, center.zone)
    end = local_midnight(this_monday + timedelta(weeks=WEEKS), center.zone)
    free, total, ahead = _slots(center, start, end, at)
    caps = _caps(center, mondays)
    begun = _begun(center, start, end, at) if caps else Counter()
    return [
        replace(
            _room(monday, free[monday], total[monday], caps.get(monday), begun[monday]),
            is_over=not ahead[monday],
        )
        for monday in mondays
    ]


def _room(monday: date, free: int, total: int, cap: int | None, begun: int) -> WeekRoom:
    left = free if cap is None else max(0, min(free, cap - begun))
    return WeekRoom(
        monday, left, total if cap is None else min(total, max(cap, begun)), cap is not None and cap < total
    )


def _slots(
    center: Center, start: datetime, end: datetime, at: datetime
) -> tuple[Counter[date], Counter[date], Counter[date]]:
    """Of each week the slots that are free, all of them, and those that are still to begin."""
    openings = {
        stand.resource.pk: stand.opening for stand in stands_of(center, [ResourceKind.MACHINE], since=start)
    }
    free: Counter[date] = Counter()
    total: Counter[date] = Counter()
    ahead: Counter[date] = Counter()
    slots = list(Slot.objects.between(start, end).filter(center=center).exclude(state=SlotState.BLOCKED))
    taken_slots = {slot.pk for slot in slots if slot.state == SlotState.BOOKED}
    for slot in not_in_the_way(slots, taken_slots):
        opening = openings.get(slot.resource_id)
        taken = slot.pk in taken_slots
        if not taken and (opening is None or opening.shut(Span(slot.starts_at, slot.ends_at))):
            continue
        monday = monday_of(slot.starts_at.astimezone(center.zone).date())
        total[monday] += 1
        ahead[monday] += slot.starts_at > at
        free[monday] += not taken and slot.starts_at > at
    return free, total, ahead


def _caps(center: Center, mondays: list[date]) -> dict[date, int]:
    """The smallest quota for all collections of each week that has one."""
    quotas = list(
        Quota.objects.filter(center=center, product="", referring_center="").filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=mondays[0])
        )
    )
    caps: dict[date, int] = {}
    for monday in mondays:
        held = [
            quota.per_week
            for quota in quotas
            if quota.valid_from <= monday and (quota.valid_to is None or monday < quota.valid_to)
        ]
        if held:
            caps[monday] = min(held)
    return caps


def _begun(center: Center, start: datetime, end: datetime, at: datetime) -> Counter[date]:
    """How many collections begin in each week."""
    starts = (
        Booking.objects.filter(center=center, slot__starts_at__gte=start, slot__starts_at__lt=end)
        .filter(Q(state__in=[*LIVE_STATES, BookingState.DONE]))
        .exclude(state=BookingState.HELD, hold_expires_at__lte=at)
        .values_list("slot__starts_at", flat=True)
    )
    return Counter(monday_of(each.astimezone(center.zone).date()) for each in starts)
