"""Finding and claiming the resources of a collection: all parts or none.

Resources are chosen without a lock. At the very end of the write they are locked in sorted order and looked
at again, so that one of which a center has only one is held up for a few queries. When a rival was faster,
everything is done anew (`patience.tried_again`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from random import shuffle
from typing import Final
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cartpath.core.dates import Period
from cartpath.core.errors import Conflict
from leukapheresis.enums import BookingDayState, BookingState, ResourceKind
from leukapheresis.models import Allocation, Booking, BookingDay, Resource, Slot
from leukapheresis.rules.opening import ready_from, with_buffers
from leukapheresis.scheduling.patience import LostError, Patience, is_second_try
from leukapheresis.scheduling.stands import Stand
from leukapheresis.scheduling.times import is_over

MOMENT: Final = "j M Y H:i"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPart:
    """One part of one day: when it is needed, by which rows, and which resource is meant or preferred."""

    part: str
    period: Period
    rows: tuple[str, ...] = ()
    reason: str = ""
    lead_hours: int = 0
    only: UUID | None = None
    preferred: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDay:
    """One day with its slot and all that it takes."""

    number: int
    slot: Slot
    parts: tuple[WantedPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A unit of a resource, claimed for a part of a day; `period` includes the buffers."""

    day: int
    wanted: WantedPart
    resource: Resource
    unit: int
    period: Period


@dataclass(frozen=True, slots=True)
class _Use:
    """A live allocation as far as a rival needs to know it."""

    unit: int
    period: Period
    booking_id: UUID
    is_over: bool


@dataclass(slots=True)
class _Uses:
    """The live allocations of some resources; those of holds that have ended are in nobody's way."""

    by_resource: dict[UUID, list[_Use]] = field(default_factory=dict)

    def add(self, resource_id: UUID, use: _Use) -> None:
        self.by_resource.setdefault(resource_id, []).append(use)

    def overlapping(self, resource_id: UUID, period: Period) -> Iterable[_Use]:
        return (use for use in self.by_resource.get(resource_id, ()) if use.period.overlaps(period))

    def free_unit(self, resource: Resource, period: Period, preferred: int = 1) -> int | None:
        taken = {use.unit for use in self.overlapping(resource.pk, period) if not use.is_over}
        free = [unit for unit in range(1, resource.capacity + 1) if unit not in taken]
        return preferred if preferred in free else next(iter(free), None)


def claims_chosen(
    days: Sequence[WantedDay],
    stands: Sequence[Stand],
    *,
    at: datetime,
    ignoring: Collection[int] = (),
    as_recorded: bool = False,
) -> list[Claim]:
    """Choose a resource for every part of every day; nothing is locked or written.

    `ignoring` are days of bookings whose allocations the caller is about to let go. `as_recorded` asks
    neither for hours nor for lead times: what is told happened. Raises `Conflict` `resource_busy`, `closed`
    or `lead_time` naming the part.
    """
    periods = [_with_widest_buffers(part.period, stands) for day in days for part in day.parts]
    uses = _uses([stand.resource.pk for stand in stands], periods, at, ignoring)
    chosen: list[Claim] = []
    for day in days:
        for wanted in day.parts:
            claim = _claim(day, wanted, stands, uses, at=at, as_recorded=as_recorded)
            uses.add(claim.resource.pk, _Use(claim.unit, claim.period, UUID(int=0), is_over=False))
            chosen.append(claim)
    return chosen


def _uses(
    resource_ids: Sequence[UUID], periods: Sequence[Period], at: datetime, ignoring: Collection[int] = ()
) -> _Uses:
    """The live allocations of resources from the first to the last moment of some periods; one query."""
    uses = _Uses()
    if not periods:
        return uses
    span = DateTimeTZRange(min(map(_start, periods)), max(map(_end, periods)))
    rows = Allocation.objects.filter(resource__in=resource_ids, is_live=True, period__overlap=span)
    if ignoring:
        rows = rows.exclude(day__in=list(ignoring))
    for resource_id, unit, period, booking_id, state, expires_at in rows.values_list(
        "resource_id", "unit", "period", "booking_id", "booking__state", "booking__hold_expires_at"
    ):
        over = state == BookingState.HELD and is_over(expires_at, at)
        uses.add(resource_id, _Use(unit, Period(period.lower, period.upper), booking_id, over))
    return uses


def _with_widest_buffers(period: Period, stands: Sequence[Stand]) -> Period:
    """A need with as much time around it as any of the resources keeps free."""
    return with_buffers(
        period,
        before_minutes=max((stand.resource.buffer_before_minutes for stand in stands), default=0),
        after_minutes=max((stand.resource.buffer_after_minutes for stand in stands), default=0),
    )


def _start(period: Period) -> datetime:
    return period.starts_at.astimezone(UTC)


def _end(period: Period) -> datetime:
    return period.ends_at.astimezone(UTC)


def _claim(
    day: WantedDay,
    wanted: WantedPart,
    stands: Sequence[Stand],
    uses: _Uses,
    *,
    at: datetime,
    as_recorded: bool,
) -> Claim:
    """The first resource that can do it, a preferred one before all others."""
    refusals: list[tuple[str, str]] = []
    for stand in _candidates(wanted, stands):
        resource = stand.resource
        refusal = None if as_recorded else _refusal(stand, wanted, at)
        if refusal is None:
            period = with_buffers(
                wanted.period,
                before_minutes=resource.buffer_before_minutes,
                after_minutes=resource.buffer_after_minutes,
            )
            unit = uses.free_unit(resource, period)
            if unit is not None:
                return Claim(day=day.number, wanted=wanted, resource=resource, unit=unit, period=period)
            refusal = ("resource_busy", _("%(name)s is taken") % {"name": resource.name})
        refusals.append(refusal)
    raise _refused(wanted, refusals, stands)


def _candidates(wanted: WantedPart, stands: Sequence[Stand]) -> list[Stand]:
    """The resources that may be taken, the preferred one first; rivals spread over them when they met."""
    fitting = [
        stand
        for stand in stands
        if stand.resource.kind == wanted.part and wanted.only in (None, stand.resource.pk)
    ]
    if is_second_try():
        shuffle(fitting)
    return sorted(fitting, key=lambda stand: stand.resource.pk != wanted.preferred)


def _refusal(stand: Stand, wanted: WantedPart, at: datetime) -> tuple[str, str] | None:
    """Why a resource can't be taken although it may be free: not there, or too late to order it."""
    shut = stand.opening.shut(wanted.period)
    if shut is not None:
        name, day = stand.resource.name, date_format(shut.on, "j M Y")
        if shut.closure is None:
            return "closed", _("%(name)s works other hours on %(day)s") % {"name": name, "day": day}
        note = f" ({shut.closure.note})" if shut.closure.note else ""
        return "closed", _("%(name)s is closed on %(day)s%(note)s") % {"name": name, "day": day, "note": note}
    lead_hours = _lead_hours(wanted, stand.resource)
    ready_at = ready_from(at, lead_hours=lead_hours)
    if lead_hours and ready_at > wanted.period.starts_at.astimezone(UTC):
        return "lead_time", _("%(name)s needs %(hours)d h, so from %(moment)s on") % {
            "name": stand.resource.name,
            "hours": lead_hours,
            "moment": _moment(ready_at, stand.opening.zone),
        }
    return None


def _lead_hours(wanted: WantedPart, resource: Resource) -> int:
    """How long before a need it must be booked: the rule's time or the resource's own, the longer one."""
    return max(wanted.lead_hours, resource.lead_time_hours)


def bookable_until(slots: Iterable[Slot], claims: Iterable[Claim]) -> datetime:
    """The last moment at which slots and claims can still be booked: a hold must not outlive it.

    No slot can be booked that has begun, and nothing later than it must be ordered.
    """
    leads = [(claim.wanted.period.starts_at, _lead_hours(claim.wanted, claim.resource)) for claim in claims]
    orders = [starts_at.astimezone(UTC) - timedelta(hours=hours) for starts_at, hours in leads if hours]
    return min([*(slot.starts_at for slot in slots), *orders])


def held_in_time(
    expires_at: datetime, slots: Iterable[Slot], claims: Iterable[Claim], *, at: datetime
) -> datetime:
    """The end of a hold that can be booked to its end, after whole minutes as every hold's.

    Raises `Conflict` `lead_time` when no minute is left.
    """
    minutes = (bookable_until(slots, claims) - at) // timedelta(minutes=1)
    if minutes < 1:
        raise Conflict("lead_time", _("It must be booked at once: there is no time left for a hold."))
    return min(expires_at, at + timedelta(minutes=minutes))


def _refused(wanted: WantedPart, refusals: Sequence[tuple[str, str]], stands: Sequence[Stand]) -> Conflict:
    """The refusal that names the part and says of each resource why; one that is taken speaks first."""
    codes = [code for code, _sentence in refusals]
    code = next((each for each in ("resource_busy", "lead_time", "closed") if each in codes), "resource_busy")
    zone = stands[0].opening.zone if stands else UTC
    reasons = "; ".join(sentence for _code, sentence in refusals) or _("none is in use")
    sentence = _("%(part)s: not possible from %(start)s to %(end)s (%(reasons)s).") % {
        "part": ResourceKind(wanted.part).label,
        "start": _moment(wanted.period.starts_at, zone),
        "end": _moment(wanted.period.ends_at, zone),
        "reasons": reasons,
    }
    return Conflict(code, sentence, fields={"part": wanted.part})


def _moment(moment: datetime, zone: tzinfo) -> str:
    return date_format(moment.astimezone(zone), MOMENT)


def claims_settled(
    booking: Booking,
    days: Sequence[BookingDay],
    claims: Sequence[Claim],
    *,
    at: datetime,
    patience: Patience,
) -> None:
    """Lock the chosen resources, make sure that nobody was faster, let ended holds go, write the claims.

    The last act of a write. Where a rival took a unit, another one of the same resource does as well. Raises
    `LostError` when none is left.
    """
    if not claims:
        return
    ids = sorted({claim.resource.pk for claim in claims})
    patience.before(", ".join(sorted({claim.resource.name for claim in claims})))
    rows = Resource.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    locked = {row.pk: row for row in rows if row.is_active}
    uses = _uses(ids, [claim.period for claim in claims], at)
    over = set()
    sure = []
    for claim in claims:
        resource = locked.get(claim.resource.pk)
        unit = uses.free_unit(resource, claim.period, claim.unit) if resource else None
        if unit is None:
            raise LostError
        overlapping = uses.overlapping(claim.resource.pk, claim.period)
        over |= {use.booking_id for use in overlapping if use.is_over and use.unit == unit}
        uses.add(claim.resource.pk, _Use(unit, claim.period, booking.pk, is_over=False))
        sure.append(replace(claim, unit=unit))
    ended_let_go(over, at=at)
    _save(booking, days, sure)


def ended_let_go(bookings: Collection[UUID], *, at: datetime) -> None:
    """Take from holds that have ended what they still claim. Their ledger is written by the sweep.

    A hold that its owner is just working on isn't waited for, it may live longer than it seems from here:
    `LostError` is raised then.
    """
    if not bookings:
        return
    rows = Booking.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=bookings)
    ended = [
        row.pk
        for row in rows.order_by("pk")
        if row.state == BookingState.EXPIRED
        or (row.state == BookingState.HELD and is_over(row.hold_expires_at, at))
    ]
    if len(ended) < len(bookings):
        raise LostError
    Allocation.objects.filter(booking__in=ended, is_live=True).update(is_live=False)
    BookingDay.objects.filter(booking__in=ended, state=BookingDayState.PLANNED).update(
        state=BookingDayState.RELEASED
    )


def _save(booking: Booking, days: Sequence[BookingDay], claims: Sequence[Claim]) -> None:
    by_number = {day.number: day for day in days}
    Allocation.objects.bulk_create(
        [
            Allocation(
                booking=booking,
                day=by_number[claim.day],
                kind=claim.wanted.part,
                resource=claim.resource,
                unit=claim.unit,
                period=DateTimeTZRange(claim.period.starts_at, claim.period.ends_at),
                need=", ".join(claim.wanted.rows)[:60],
                reason=claim.wanted.reason,
            )
            for claim in claims
        ]
    )
