"""The facts of a planning sheet, gathered for one journey and one planned day."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cartpath.protocols.rows import in_force
from leukapheresis.enums import PartState
from leukapheresis.models import Allocation, BookingDay, Resource
from leukapheresis.person import Person, person_collected
from leukapheresis.progress import Progress, progress
from leukapheresis.rules.counts import BloodCounts, GoAhead, go_ahead
from leukapheresis.rules.sheet import PlanningSheet, SheetFacts, planning_sheet
from leukapheresis.scheduling.bundles import Part
from leukapheresis.scheduling.preconditions import BloodCountsKnown, counts_known
from leukapheresis.scheduling.selectors import live_hold, parts_of, planned_days, resources_of_days
from leukapheresis.selectors import live_booking
from patients.eligibility import protocol_for
from patients.models import Journey

# A part that nothing is booked for, though it was spoken of.
_SAID: Final = (PartState.OUTSIDE, PartState.LEFT_OUT, PartState.UNDECIDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPicture:
    """A planning sheet with what it was made of.

    `day` is the planned day, None without a booking; `taken` is what is booked with it, `parts` what was
    spoken of and isn't. `known` are the counts that are recorded, `counts` those the sheet is made of: typed
    today, else recorded while they still speak.
    """

    person: Person
    days: tuple[BookingDay, ...]
    day: BookingDay | None
    machine: Resource | None
    taken: tuple[Allocation, ...]
    parts: list[Part]
    reached: Progress
    known: BloodCountsKnown
    counts: BloodCounts
    is_old: bool
    is_typed: bool
    target_cd3: float | None
    target_met: bool
    sheet: PlanningSheet
    go: GoAhead
    count_sources: tuple[str, ...]


def sheet_for(
    journey: Journey, *, at: datetime, number: int | None = None, typed: Mapping[str, float] | None = None
) -> SheetPicture:
    """The planning sheet of a planned day (the next one unless named), with counts typed today."""
    given = dict(typed or {})
    rules = protocol_for(journey).apheresis
    booking = live_booking(journey.pk) or live_hold(journey.pk, at=at)
    days = tuple(planned_days(booking)) if booking else ()
    day = _chosen(days, number, at)
    machine = day.slot.resource if day else None
    person = person_collected(journey, at=at)
    reached = progress(journey, at=at)
    known = counts_known(journey, rules, at=at)
    age = known.age_days(journey.center.local_day(at))
    is_old = age is not None and (known.speaks_for_days is None or age > known.speaks_for_days)
    # Recorded counts of the child say nothing of a donor.
    recorded = BloodCounts() if is_old or person.is_donor else known.counts
    counts = replace(
        recorded,
        **{name: value for name, value in given.items() if name in BloodCounts.__dataclass_fields__},
    )
    target = _target_cd3(reached)
    ecv = given.get("ecv_ml", machine.extracorporeal_volume_ml if machine else None)
    facts = SheetFacts(
        weight_kg=person.weight_kg,
        height_cm=person.height_cm,
        sex=person.sex,
        age_days=(journey.center.local_day(at) - person.birth_date).days if person.birth_date else None,
        ecv_ml=ecv,
        cd3_per_ul=counts.cd3_per_ul,
        platelets_e9_per_l=counts.platelets_e9_per_l,
        hematocrit_percent=given.get("hematocrit_percent"),
        target_cd3=target,
        acda_ratio=given.get("acda_ratio"),
    )
    return SheetPicture(
        person=person,
        days=days,
        day=day,
        machine=machine,
        taken=tuple(resources_of_days([day])[day.pk]) if day else (),
        parts=[part for part in (parts_of(booking) if booking else []) if part.state in _SAID],
        reached=reached,
        known=known,
        counts=counts,
        is_old=is_old,
        is_typed=any(name in BloodCounts.__dataclass_fields__ for name in given),
        target_cd3=target,
        target_met=target == 0,
        sheet=planning_sheet(rules, facts),
        go=go_ahead(rules, counts),
        count_sources=tuple(
            dict.fromkeys(rules.sources[key] for row in in_force(rules.counts) for key in row.source)
        ),
    )


def _chosen(days: tuple[BookingDay, ...], number: int | None, at: datetime) -> BookingDay | None:
    """The day named, else the first that has not ended, else the last."""
    named = next((day for day in days if day.number == number), None)
    if named is not None:
        return named
    return next((day for day in days if day.slot.ends_at > at), days[-1] if days else None)


def _target_cd3(reached: Progress) -> float | None:
    """The CD3+ cells still wanted: the target less what is known to be collected; None without a target."""
    target = next((line.target for line in reached.targets if line.target.quantity == "cd3"), None)
    if target is None:
        return None
    return max(target.value - reached.totals.known_cd3, 0.0)
