"""Reads of the checks at the bedside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Q

from cartpath.protocols.bedside_rows import CheckInterval, CheckWord
from cartpath.protocols.rows import in_force
from patients.eligibility import protocol_for
from patients.models import Journey
from toxicity.bedside import Bedside, GradeNow
from toxicity.checks.rules import ChildState, OwnInterval
from toxicity.episodes.selectors import seen_of
from toxicity.models import Assessment, CheckPlan, CheckSetting, LabSet, ObservationSet
from toxicity.models.episodes import Scale
from toxicity.observations.catalog import ObservationCode
from toxicity.observations.limits import FEVER_FROM_C

# What nobody's answer is missing from.
_COMPLETE = Q(icans__isnull=False, icans__missing=[])


@dataclass(frozen=True, slots=True)
class Done:
    """When each check was last done since the infusion, and the last moment anything is known of."""

    by_check: Mapping[CheckWord, datetime]
    known_until: datetime | None


def last_done(journey: Journey) -> Done:
    """What stands of observations, blood and assessments since the infusion; three queries.

    An assessment in which ICANS misses nothing is a neurological check too.
    """
    sets = ObservationSet.objects.filter(journey_id=journey.pk, struck_at=None)
    sets = sets.filter(observed_at__gte=journey.infused_at)
    seen = sets.aggregate(
        vitals=Max("observed_at", filter=Q(completes_vitals=True)),
        neuro=Max("observed_at", filter=Q(completes_neuro=True)),
        weight=Max("observed_at", filter=Q(completes_weight=True)),
        any=Max("observed_at"),
    )
    graded = Assessment.objects.filter(
        journey_id=journey.pk, struck_at=None, assessed_at__gte=journey.infused_at
    ).aggregate(complete=Max("assessed_at", filter=_COMPLETE), any=Max("assessed_at"))
    blood = LabSet.objects.filter(journey_id=journey.pk, struck_at=None, taken_at__gte=journey.infused_at)
    taken = blood.aggregate(any=Max("taken_at"))
    by_check: dict[CheckWord, datetime | None] = {
        "vitals": seen["vitals"],
        "neuro": _later(seen["neuro"], graded["complete"]),
        "laboratory": taken["any"],
        "weight": seen["weight"],
    }
    known = {check: at for check, at in by_check.items() if at is not None}
    return Done(known, _later(seen["any"], graded["any"], taken["any"]))


def _later(*moments: datetime | None) -> datetime | None:
    return max((each for each in moments if each is not None), default=None)


def check_rows(journey: Journey, check: CheckWord) -> tuple[CheckInterval, ...]:
    """The rows of the child's protocol for a check that were in force on the day of the infusion."""
    on = journey.center.local_day(journey.infused_at) if journey.infused_at else None
    rows = in_force(protocol_for(journey).monitoring.checks, on)
    return tuple(row for row in rows if row.check == check)


def plans(journey_id: UUID) -> dict[str, CheckPlan]:
    """The check of each kind that waits; one query."""
    return {row.check_kind: row for row in CheckPlan.objects.filter(journey_id=journey_id)}


def settings_of(journey_id: UUID) -> dict[str, CheckSetting]:
    """The intervals that people set and that hold now, by check; one query."""
    rows = CheckSetting.objects.filter(journey_id=journey_id, ended_at=None)
    return {row.check_kind: row for row in rows}


def setting_history(journey_id: UUID) -> Sequence[CheckSetting]:
    """Every interval a person ever set, the latest first."""
    return list(CheckSetting.objects.filter(journey_id=journey_id).order_by("-set_at", "-event_id"))


def own_interval(setting: CheckSetting | None) -> OwnInterval | None:
    """A stored setting as the rules take it."""
    if setting is None:
        return None
    return OwnInterval(setting.every_minutes, frozenset(setting.overrules))


def child_state(known: Bedside) -> ChildState:
    """What the rows of the protocol ask of a child."""
    heart_rate = known.latest(ObservationCode.HEART_RATE)
    limit = known.limits.get(ObservationCode.HEART_RATE)
    rate = heart_rate.number if heart_rate else None
    is_fast = None if rate is None or limit is None or limit.high is None else rate > limit.high
    fevers = (
        reading.at
        for reading in known.readings.get(ObservationCode.TEMPERATURE_C, ())
        if reading.number is not None and reading.number >= FEVER_FROM_C
    )
    return ChildState(
        at=known.at,
        fever_at=max(fevers, default=None),
        tachycardia=is_fast,
        crs=_grade_that_holds(known, Scale.CRS, known.crs),
        icans=_grade_that_holds(known, Scale.ICANS, known.icans),
    )


def _grade_that_holds(known: Bedside, scale: Scale, now: GradeNow | None) -> int | None:
    """The grade that the rhythm goes by: the latest, and while that is only a lower bound at least what was
    known of the child before, back to the last look at which nothing was missing."""
    if now is None or not now.at_least:
        return now.grade if now else None
    held = now.grade
    for each in reversed(seen_of(known.graded, scale)):
        held = max(held, each.grade or 0)
        if not each.at_least:
            break
    return held
