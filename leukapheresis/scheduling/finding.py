"""The dates on which a child's collection fits, as the database knows it, in a fixed number of queries."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import BigIntegerField, Count, Exists, Func, OuterRef, Q
from django.db.models.functions import TruncDate

from cartpath.core.dates import add_months, age_on, local_midnight
from cartpath.core.sentences import say
from leukapheresis.enums import BookingState, PartState, ResourceKind, SlotState
from leukapheresis.models import Allocation, Booking, BookingDay, Quota, Resource, Slot
from leukapheresis.rules.bundle import MACHINE_FACT, material_of
from leukapheresis.rules.finder import Finder
from leukapheresis.rules.fitting import Ask, Kept, Unit
from leukapheresis.rules.presence import Almanac
from leukapheresis.rules.quota import WeeklyQuota, first_full, unfilled_by, week_of
from leukapheresis.rules.search import DateAnswer, Opportunity, Reason, Search
from leukapheresis.scheduling.bundles import ChildFacts, Part, PartChoice, child_facts, settled
from leukapheresis.scheduling.preconditions import (
    BloodCountsKnown,
    MakersSlot,
    away_barriers,
    counts_barrier,
    counts_known,
    makers_barrier,
    makers_slot,
    walls_of,
)
from leukapheresis.scheduling.stands import Stand, stands_of
from patients.models import Journey

MONTHS_AHEAD: Final = 12
DATES_OFFERED: Final = 20
COLLECTION_MINUTES: Final = 360
_MARGIN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person looks for: so many days in a row from a day on, and what they decided about parts.

    `minutes` is how long a machine is taken where no slot says it; `most` how many dates are enough, None for
    every one of the twelve months.
    """

    from_on: date
    days: int = 1
    minutes: int = COLLECTION_MINUTES
    choices: tuple[PartChoice, ...] = ()
    most: int | None = DATES_OFFERED
    last_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found, with everything that it was judged by.

    `parts` are those of a collection on the first date looked at, the machine not chosen yet; `by_machine`
    says by part and machine's name what becomes of those that only the choice of a machine settles.
    """

    wish: Wish
    answers: list[DateAnswer]
    parts: list[Part]
    by_machine: Mapping[str, Mapping[str, Part]]
    child: ChildFacts
    counts: BloodCountsKnown
    makers: MakersSlot | None
    finder: Finder
    unit: Unit
    machines: Mapping[Hashable, Kept]
    almanac: Almanac

    @property
    def offered(self) -> list[DateAnswer]:
        """The dates on which a collection can begin."""
        return [answer for answer in self.answers if answer.is_offered]

    @property
    def early(self) -> list[DateAnswer]:
        """The dates on which only a washout stands in the way."""
        return [answer for answer in self.answers if answer.offers and not answer.is_offered]

    @property
    def rejected(self) -> list[DateAnswer]:
        """Every other date."""
        return [answer for answer in self.answers if not answer.offers]


def found_for(journey: Journey, wish: Wish, *, at: datetime, booking: Booking | None = None) -> Found:
    """Look for dates. `journey` comes with patient, center and referral; `booking` is the one to be moved.

    What that booking takes counts as free, its decisions count, and it keeps its resources where it can.
    """
    zone = journey.center.zone
    last_on = wish.last_on or add_months(wish.from_on, MONTHS_AHEAD)
    almanac = Almanac(zone, wish.from_on - _MARGIN, last_on + timedelta(days=wish.days + 2))
    reach = almanac.moment(almanac.begins), almanac.moment(almanac.ends)
    stands = stands_of(journey.center, since=reach[0])
    kept = {stand.resource.pk: _kept(stand) for stand in stands}
    now = int(at.timestamp())
    busy = _busy(journey.center_id, _with_buffers(reach, kept.values()), at, booking)
    unit = Unit(kept.values(), busy, almanac, now=now)
    child = child_facts(journey, at=at)
    asking = _Asking(
        child=child,
        machines={stand.resource.pk: stand.resource for stand in stands},
        kinds={stand.resource.kind for stand in stands} | {ResourceKind.MACHINE.value},
        choices=wish.choices,
        before=[Part.of(stored) for stored in booking.bundle] if booking else (),
        prefer=_resources_of(booking) if booking else {},
    )
    slots, kept_back = _times(journey.center_id, kept, almanac, reach, at)
    counts, makers = counts_known(journey, child.rules, at=at), makers_slot(journey, at=at)
    barriers = [counts_barrier(counts), makers_barrier(makers, days=wish.days)]
    search = Search(
        unit=unit,
        asking=asking,
        first_on=wish.from_on,
        last_on=last_on,
        days=wish.days,
        minutes=wish.minutes,
        slots=slots,
        kept_back=kept_back,
        walls=walls_of(journey, at=at),
        barriers=[barrier for barrier in barriers if barrier is not None],
        away=away_barriers(journey.pk),
        quota=_quota(journey, reach, at, booking),
    )
    finder = Finder(search)
    parts = asking.parts(wish.from_on)
    return Found(
        wish=wish,
        answers=finder.answers(most=wish.most),
        parts=parts,
        by_machine=asking.by_machine(parts, wish.from_on),
        child=child,
        counts=counts,
        makers=makers,
        finder=finder,
        unit=unit,
        machines={key: each for key, each in kept.items() if each.kind == ResourceKind.MACHINE},
        almanac=almanac,
    )


def _kept(stand: Stand) -> Kept:
    resource = stand.resource
    return Kept(
        key=resource.pk,
        name=resource.name,
        kind=resource.kind,
        opening=stand.opening,
        capacity=resource.capacity,
        lead_hours=resource.lead_time_hours,
        before_minutes=resource.buffer_before_minutes,
        after_minutes=resource.buffer_after_minutes,
    )


def _with_buffers(reach: tuple[datetime, datetime], kept: Iterable[Kept]) -> tuple[datetime, datetime]:
    """How far around the days looked at a use can be in the way."""
    before = max((each.before_minutes for each in kept), default=0)
    after = max((each.after_minutes for each in kept), default=0)
    return reach[0] - timedelta(minutes=before), reach[1] + timedelta(minutes=after)


class _Second(Func):
    """One end of a range as whole seconds since 1970: numbers are read far faster than ranges."""

    template = "extract(epoch from %(function)s(%(expressions)s))::bigint"
    output_field = BigIntegerField()


def _busy(
    center_id: int, reach: tuple[datetime, datetime], at: datetime, booking: Booking | None
) -> dict[tuple[Hashable, int], tuple[list[int], list[int]]]:
    """What is taken in the center, by resource and unit; one query. Holds that are over take nothing."""
    rows = (
        Allocation.objects.filter(resource__center_id=center_id, is_live=True, period__overlap=reach)
        .exclude(booking__state=BookingState.HELD, booking__hold_expires_at__lte=at)
        .annotate(begins=_Second("period", function="lower"), ends=_Second("period", function="upper"))
        .order_by("begins")
    )
    if booking is not None:
        rows = rows.exclude(booking=booking)
    busy: dict[tuple[Hashable, int], tuple[list[int], list[int]]] = {}
    for resource_id, unit, begins, ends in rows.values_list("resource_id", "unit", "begins", "ends"):
        starts, until = busy.setdefault((resource_id, unit), ([], []))
        starts.append(begins)
        until.append(ends)
    return busy


def _times(
    center_id: int,
    kept: Mapping[UUID, Kept],
    almanac: Almanac,
    reach: tuple[datetime, datetime],
    at: datetime,
) -> tuple[dict[int, list[Opportunity]], dict[Hashable, list[tuple[int, int]]]]:
    """The free slots by day, and the times of machines that were blocked; one query."""
    ended = BookingDay.objects.filter(
        slot=OuterRef("pk"),
        state="planned",
        booking__state=BookingState.HELD,
        booking__hold_expires_at__lte=at,
    )
    free = Q(state__in=(SlotState.OPEN, SlotState.BLOCKED)) | (Q(state=SlotState.BOOKED) & Exists(ended))
    rows = (
        Slot.objects.filter(free, center_id=center_id, starts_at__gte=reach[0], starts_at__lt=reach[1])
        .order_by("starts_at", "resource__name")
        .values_list("pk", "resource_id", "starts_at", "ends_at", "state")
    )
    slots: dict[int, list[Opportunity]] = {}
    blocked: dict[Hashable, list[tuple[int, int]]] = {}
    for pk, resource_id, starts_at, ends_at, state in rows:
        machine = kept.get(resource_id)
        start, end = int(starts_at.timestamp()), int(ends_at.timestamp())
        if state == SlotState.BLOCKED:
            blocked.setdefault(resource_id, []).append((start, end))
        elif machine is not None:
            time = Opportunity(machine=machine, start=start, end=end, slot=pk)
            slots.setdefault(almanac.day_of(start), []).append(time)
    return slots, blocked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """What a collection of one child takes, by day and machine. Answers that are alike are one object."""

    child: ChildFacts
    machines: Mapping[UUID, Resource]
    kinds: set[str]
    choices: Sequence[PartChoice]
    before: Sequence[Part]
    prefer: Mapping[str, UUID]
    _alike: dict[Hashable, Sequence[Ask]] = field(default_factory=dict)
    _equal: dict[Hashable, Sequence[Ask]] = field(default_factory=dict)
    _on: dict[date, Hashable] = field(default_factory=dict)

    def __call__(self, on: date, machine: Kept, is_first: bool) -> Sequence[Ask]:
        """Every part, undecided ones included."""
        resource = self.machines[machine.key]  # type: ignore[index]
        key = (resource.extracorporeal_volume_ml, is_first, self._day(on))
        known = self._alike.get(key)
        if known is None:
            asks = tuple(self._asks(on, resource, is_first=is_first))
            known = self._alike[key] = self._equal.setdefault(asks, asks)
        return known

    def parts(self, on: date, machine: Resource | None = None, *, is_first: bool = True) -> list[Part]:
        """What becomes of each part on a day; without a machine its share of the blood is unknown."""
        needed = self.child.needs(machine, on=on, first_day=is_first)
        return settled(needed, kept=self.kinds, choices=self.choices, before=self.before)

    def by_machine(self, parts: Iterable[Part], on: date) -> dict[str, dict[str, Part]]:
        """What each machine makes of the parts that hang on its volume alone."""
        waiting = {part.part for part in parts if part.missing == [MACHINE_FACT] and part.wanted is None}
        found: dict[str, dict[str, Part]] = {kind: {} for kind in waiting}
        machines = [each for each in self.machines.values() if each.kind == ResourceKind.MACHINE]
        for machine in machines if waiting else ():
            for part in self.parts(on, machine):
                if part.part in waiting:
                    found[part.part][machine.name] = part
        return found

    def _day(self, on: date) -> Hashable:
        """Everything that can change from one day to another: the child's age and the rules in force."""
        known = self._on.get(on)
        if known is None:
            rules, journey = self.child.rules, self.child.journey
            birth = self.child.person.birth_date
            known = self._on[on] = (
                age_on(birth, on).years if birth and birth <= on else None,
                material_of(rules, journey.product, on=on),
                tuple(row.in_force(on) for row in rules.bundle),
            )
        return known

    def _asks(self, on: date, machine: Resource, *, is_first: bool) -> Iterable[Ask]:
        needed = {need.part: need for need in self.child.needs(machine, on=on, first_day=is_first)}
        named = {choice.part: choice.resource_id for choice in self.choices}
        for part in self.parts(on, machine, is_first=is_first):
            if part.state not in (PartState.CLAIMED, PartState.UNDECIDED):
                continue
            need = needed.get(part.part)  # type: ignore[call-overload]
            yield Ask(
                part=part.part,
                spans=need.spans if need else Ask(part=part.part).spans,
                lead_hours=need.lead_hours if need else 0,
                rows=tuple(part.rows),
                sources=tuple(part.sources),
                is_sure=part.state == PartState.CLAIMED,
                only=named.get(part.part),
                prefer=self.prefer.get(part.part),
            )


def _resources_of(booking: Booking) -> dict[str, UUID]:
    """The resource of each part on the first day of a booking."""
    rows = Allocation.objects.filter(booking=booking, is_live=True).exclude(kind=ResourceKind.MACHINE)
    found: dict[str, UUID] = {}
    for kind, resource_id in rows.order_by("day__number").values_list("kind", "resource_id"):
        found.setdefault(kind, resource_id)
    return found


def _quota(
    journey: Journey, reach: tuple[datetime, datetime], at: datetime, booking: Booking | None
) -> Callable[[date], Reason | None]:
    """Why the week of a day has no room for one more, or for a booking that is moved; two queries."""
    quotas = [
        WeeklyQuota(row.pk, row.per_week, row.product, row.referring_center, row.valid_from, row.valid_to)
        for row in Quota.objects.filter(center_id=journey.center_id).order_by("pk")
    ]
    begun = _begun_by_week(journey, reach, at, booking)
    product, referrer = journey.product, journey.referral.referring_center
    was_on = journey.center.local_day(booking.slot.starts_at) if booking else None

    def full(on: date) -> Reason | None:
        monday, _next = week_of(on)
        asked: Sequence[WeeklyQuota] = quotas
        if was_on is not None:
            asked = unfilled_by(was_on, quotas, product=product, referring_center=referrer, on=on)

        def used(quota: WeeklyQuota) -> int:
            return sum(
                count
                for day, of_product, referring, count in begun.get(monday, ())
                if quota.concerns(product=of_product, referring_center=referring, on=day)
            )

        found = first_full(asked, used, product=product, referring_center=referrer, on=on)
        if found is None:
            return None
        return Reason(code="quota_full", sentence=found.sentence, sources=(say("Quota of the center"),))

    return full


def _begun_by_week(
    journey: Journey, reach: tuple[datetime, datetime], at: datetime, booking: Booking | None
) -> dict[date, list[tuple[date, str, str, int]]]:
    """How many other collections begin on the days of each week, by product and referring center."""
    zone = journey.center.zone
    monday, _next = week_of(reach[0].date())
    others = (
        Booking.objects.filter(
            center_id=journey.center_id,
            state__in=(BookingState.HELD, BookingState.BOOKED, BookingState.DONE),
            slot__starts_at__gte=local_midnight(monday, zone),
            slot__starts_at__lt=reach[1] + timedelta(days=7),
        )
        .exclude(state=BookingState.HELD, hold_expires_at__lte=at)
        .annotate(day=TruncDate("slot__starts_at", tzinfo=zone))
        .values_list("day", "journey__product", "journey__referral__referring_center")
        .annotate(count=Count("pk"))
        .order_by("day")
    )
    if booking is not None:
        others = others.exclude(pk=booking.pk)
    found: dict[date, list[tuple[date, str, str, int]]] = {}
    for day, product, referring, count in others:
        found.setdefault(week_of(day)[0], []).append((day, product, referring or "", count))
    return found
