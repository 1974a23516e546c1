"""Taking slots and all parts for one journey: what holding, booking, moving and adding a day share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.dates import local_midnight
from cartpath.core.errors import Conflict
from leukapheresis.enums import BookingState, PartState, ResourceKind
from leukapheresis.models import Booking, Quota, Slot
from leukapheresis.rules.bundle import Need, Span
from leukapheresis.rules.quota import WeeklyQuota, first_full, unfilled_by, week_of
from leukapheresis.scheduling.bundles import (
    ChildFacts,
    Part,
    PartChoice,
    child_facts,
    merged,
    settled,
)
from leukapheresis.scheduling.claims import Claim, WantedDay, WantedPart, claims_chosen
from leukapheresis.scheduling.patience import Patience
from leukapheresis.scheduling.stands import stands_of
from patients.enums import Stage
from patients.models import Journey, Referral
from patients.services import require_stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A booking as it was recorded elsewhere: `resources` are by day and part, nothing is asked of rules.

    Overlaps are refused all the same.
    """

    parts: tuple[Part, ...] = ()
    resources: Mapping[tuple[int, str], UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What is to be claimed for the days asked for, and what becomes of every part."""

    parts: list[Part]
    claims: list[Claim]


def journey_patiently_locked(journey_id: UUID, patience: Patience) -> Journey:
    """The journey with patient and center, its row locked: bookings of a journey are written one by one."""
    patience.before(_("this child's record"), code="patient_busy")
    journeys = Journey.objects.select_for_update(of=("self",)).select_related("patient", "center")
    return journeys.get(pk=journey_id)


def journey_for_booking(journey_id: UUID, patience: Patience) -> Journey:
    """The journey with its row locked, in a stage in which blood may be collected."""
    journey = journey_patiently_locked(journey_id, patience)
    require_stage(journey, Stage.ACCEPTED, Stage.APHERESIS_PLANNED)
    return journey


def take(
    journey: Journey,
    days: Sequence[tuple[int, Slot]],
    *,
    first_day: int,
    at: datetime,
    choices: Sequence[PartChoice] = (),
    before: Sequence[Part] = (),
    preferred: Mapping[tuple[int, str], UUID] | None = None,
    ignoring: Sequence[int] = (),
    recorded: Recorded | None = None,
    only_parts: frozenset[str] | None = None,
) -> Taken:
    """Choose for every part of some days (number and locked slot); `first_day` is the booking's first.

    `preferred` are resources by day and part, `before` decisions taken earlier, `only_parts` the parts to
    claim when others of the same days are held already.
    """
    stands = stands_of(journey.center, since=at)
    plan = _Plan(
        journey=journey,
        facts=child_facts(journey, at=at),
        kept=kinds_kept(stand.resource.kind for stand in stands),
        choices=choices,
        before=before,
        recorded=recorded,
    )
    planned = [plan.day(number, slot, is_first=number == first_day) for number, slot in days]
    wanted = [
        WantedDay(
            number=day.number,
            slot=day.slot,
            parts=tuple(
                plan.wanted(day, part, (preferred or {}).get((day.number, part)))
                for part in day.claimed
                if only_parts is None or part in only_parts
            ),
        )
        for day in planned
    ]
    kinds = {part.part for day in wanted for part in day.parts}
    claims = claims_chosen(
        wanted,
        [stand for stand in stands if stand.resource.kind in kinds],
        at=at,
        ignoring=ignoring,
        as_recorded=recorded is not None,
    )
    return Taken(parts=merged([day.parts for day in planned]), claims=claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlannedDay:
    """One day with its needs, what becomes of them, and the parts to claim with the resources named."""

    number: int
    slot: Slot
    needs: Sequence[Need]
    parts: list[Part]
    claimed: list[str]
    named: Mapping[str, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Everything that decides about the parts of the days of one booking."""

    journey: Journey
    facts: ChildFacts
    kept: set[str]
    choices: Sequence[PartChoice]
    before: Sequence[Part]
    recorded: Recorded | None

    def day(self, number: int, slot: Slot, *, is_first: bool) -> _PlannedDay:
        """What becomes of each part on one day."""
        on = slot.starts_at.astimezone(self.journey.center.zone).date()
        needed = self.facts.needs(slot.resource, on=on, first_day=is_first)
        if self.recorded is None:
            parts = settled(needed, kept=self.kept, choices=self.choices, before=self.before)
            claimed = [part.part for part in parts if part.state == PartState.CLAIMED]
            named = {choice.part: choice.resource_id for choice in self.choices if choice.resource_id}
        else:
            parts = list(self.recorded.parts) or settled(needed, kept={ResourceKind.MACHINE})
            named = {part: pk for (day, part), pk in self.recorded.resources.items() if day == number}
            claimed = [ResourceKind.MACHINE.value, *(part for part in named if part != ResourceKind.MACHINE)]
        return _PlannedDay(number=number, slot=slot, needs=needed, parts=parts, claimed=claimed, named=named)

    def wanted(self, day: _PlannedDay, part: str, preferred: UUID | None) -> WantedPart:
        """One part of a day as it is claimed; what no rule asks for is taken for the whole collection."""
        zone = self.journey.center.zone
        need = next((each for each in day.needs if each.part == part), None)
        starts_at, ends_at = day.slot.starts_at, day.slot.ends_at
        told = next((each for each in day.parts if each.part == part), None)
        return WantedPart(
            part=part,
            period=(need or Span()).around(starts_at, ends_at, zone),
            rows=tuple(told.rows) if told else (),
            reason=told.reason if told else "",
            lead_hours=need.lead_hours if need else 0,
            only=day.slot.resource_id if part == ResourceKind.MACHINE else day.named.get(part),
            preferred=preferred,
        )


def kinds_kept(kinds: Iterable[str]) -> set[str]:
    """The kinds of which a center keeps any resource in use; a machine it has, for it has slots."""
    return {ResourceKind.MACHINE.value, *kinds}


def refuse_overlap(slots: Iterable[Slot]) -> None:
    """Raise `Conflict` `patient_busy` when two days of one child would share time, on whatever machines."""
    in_order = sorted(slots, key=lambda slot: slot.starts_at)
    if any(later.starts_at < earlier.ends_at for earlier, later in pairwise(in_order)):
        raise Conflict("patient_busy", _("Another day of this booking lies in the same time."))


def refuse_over_quota(
    journey: Journey, starts_at: datetime, *, at: datetime, patience: Patience, moved: Booking | None = None
) -> None:
    """Raise `Conflict` `quota_full` when one more collection in that week is one too many.

    A booking that is `moved` keeps its place in the quotas of its week. The quotas' rows are locked, so two
    bookings can't share the last place.
    """
    rows = Quota.objects.filter(center_id=journey.center_id)
    if not rows.exists():
        return
    patience.before(_("the week's quota"))
    quotas = [
        WeeklyQuota(row.pk, row.per_week, row.product, row.referring_center, row.valid_from, row.valid_to)
        for row in rows.select_for_update(no_key=True).order_by("pk")
    ]
    zone, on = journey.center.zone, journey.center.local_day(starts_at)
    monday, next_monday = week_of(on)
    others = Booking.objects.filter(
        center_id=journey.center_id,
        state__in=(BookingState.HELD, BookingState.BOOKED, BookingState.DONE),
    ).exclude(state=BookingState.HELD, hold_expires_at__lte=at)
    referring_center = Referral.objects.values_list("referring_center", flat=True).get(pk=journey.pk)
    whose = {"product": journey.product, "referring_center": referring_center}
    if moved is not None:
        others = others.exclude(pk=moved.pk)
        quotas = unfilled_by(journey.center.local_day(moved.slot.starts_at), quotas, on=on, **whose)

    def used(quota: WeeklyQuota) -> int:
        first, until = quota.days_of(monday, next_monday)
        counted = others.filter(
            slot__starts_at__gte=local_midnight(first, zone), slot__starts_at__lt=local_midnight(until, zone)
        )
        if quota.product:
            counted = counted.filter(journey__product=quota.product)
        if quota.referring_center:
            counted = counted.filter(journey__referral__referring_center=quota.referring_center)
        return counted.count()

    full = first_full(quotas, used, on=on, **whose)
    if full is not None:
        raise Conflict("quota_full", full.sentence)
