"""One child at the bedside, as reviews, ward and hand-over see it: read once, never written."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, Subquery

from cartpath.protocols.bedside_rows import BedsideFigures
from patients.eligibility import protocol_for
from patients.models import Journey
from toxicity.grades import age_at
from toxicity.grading.icans import Instrument, instrument_for
from toxicity.laboratory.readings import LabReading
from toxicity.laboratory.selectors import laboratory_readings
from toxicity.models import Assessment, DosingWeight, Intervention, Observation
from toxicity.observations.catalog import ObservationCode
from toxicity.observations.limits import Limit, limits_for
from toxicity.observations.selectors import LOOKS_BACK, has_delay

_BASELINES: Final = (ObservationCode.SYSTOLIC, ObservationCode.ICE, ObservationCode.CAPD)


@dataclass(frozen=True, slots=True)
class Reading:
    """One standing observation. `value` is a number, a word of its list, or None for parts without a total.

    `parts` are the points of ICE, the answers of CAPD or the vasopressors running (an empty list: none),
    `circumstances` what was said beside the values of its set.
    """

    value: float | str | None
    at: datetime
    set_id: UUID
    parts: Any = None
    circumstances: Mapping[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> float | None:
        """The value when it is a number."""
        return self.value if isinstance(self.value, float) else None


@dataclass(frozen=True, slots=True)
class GradeNow:
    """The final grade of one scale (a clinician's, else the rule's) and when it was seen."""

    grade: int
    at: datetime
    at_least: bool
    missing: tuple[str, ...]
    assessment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Bedside:
    """What is known of one child at `at`, entered in error left out, oldest first.

    `readings` and `laboratory` go 72 hours back, by `ObservationCode` and analyte; `graded` are the
    assessments of that time, `given` everything given since the infusion. `crs` and `icans` are the latest
    grades, however old; None is unknown. `baseline` are the child's own last values before the infusion.
    `limits` are those of the age. `dosing_weight_kg` is None until it is set. `figures` are the center's.
    """

    journey: Journey
    at: datetime
    age_years: int
    instrument: Instrument
    infused_at: datetime | None
    readings: Mapping[str, Sequence[Reading]]
    baseline: Mapping[str, Reading]
    crs: GradeNow | None
    icans: GradeNow | None
    graded: Sequence[Assessment]
    given: Sequence[Intervention]
    laboratory: Mapping[str, Sequence[LabReading]]
    limits: Mapping[str, Limit]
    dosing_weight_kg: float | None
    figures: BedsideFigures

    def latest(self, code: str) -> Reading | None:
        """The last reading of a kind; None when there is none in the last 72 hours."""
        return next(reversed(self.readings.get(code, ())), None)


# The bedside of one child at a time.
Look = Callable[[datetime], Bedside]


def looks(journey: Journey) -> Look:
    """Looks at one child for a write of its own: asked for the same time again, it reads nothing again."""
    return cache(lambda at: bedside(journey, at=at))


def bedside(journey: Journey, *, at: datetime) -> Bedside:
    """Everything about a child that reviews go by, in six queries beside those of the journey itself."""
    since = at - LOOKS_BACK
    figures = protocol_for(journey).bedside
    rows = _observations(journey, since, at, figures)
    readings, baseline = _readings(journey, rows, since)
    assessed = _assessments(journey, since, at)
    graded = [each for each in assessed if each.assessed_at > since]
    day = at.astimezone(journey.center.zone).date()
    age_years = age_at(journey, at).years
    delay = has_delay(journey.pk, at=at)
    return Bedside(
        journey=journey,
        at=at,
        age_years=age_years,
        instrument=instrument_for(age_years, developmental_delay=delay) or "CAPD",
        infused_at=journey.infused_at,
        readings=readings,
        baseline=baseline,
        crs=_grade_now("crs", assessed),
        icans=_grade_now("icans", assessed),
        graded=graded,
        given=_given(journey, at),
        laboratory=laboratory_readings(journey.pk, since=since, until=at),
        limits=limits_for(journey.patient.birth_date, day, figures),
        dosing_weight_kg=_dosing_weight_kg(journey, at),
        figures=figures,
    )


def reading_of(row: Observation) -> Reading:
    """A stored observation as a reading; its set must be at hand."""
    value = row.word or (None if row.value is None else float(row.value))
    found = row.observation_set
    return Reading(value, found.observed_at, row.observation_set_id, row.parts, found.circumstances)


def _observations(
    journey: Journey, since: datetime, at: datetime, figures: BedsideFigures
) -> Sequence[Observation]:
    """The last days' observations and the child's own before the infusion, oldest first."""
    wanted = Q(observation_set__observed_at__gt=since)
    infused_at = journey.infused_at
    if infused_at is not None:
        before = (infused_at - figures.own_baseline, infused_at)
        wanted |= Q(observation_set__observed_at__range=before, code__in=_BASELINES)
    rows = Observation.objects.filter(
        wanted,
        observation_set__journey_id=journey.pk,
        observation_set__struck_at=None,
        observation_set__observed_at__lte=at,
        struck_at=None,
    )
    return list(
        rows.select_related("observation_set").order_by(
            "observation_set__observed_at", "observation_set__event_id"
        )
    )


def _readings(
    journey: Journey, rows: Sequence[Observation], since: datetime
) -> tuple[Mapping[str, Sequence[Reading]], Mapping[str, Reading]]:
    lately: dict[str, list[Reading]] = defaultdict(list)
    baseline: dict[str, Reading] = {}
    for row in rows:
        reading = reading_of(row)
        if reading.at > since:
            lately[row.code].append(reading)
        if row.code in _BASELINES and journey.infused_at is not None and reading.at <= journey.infused_at:
            baseline[row.code] = reading
    return MappingProxyType(dict(lately)), MappingProxyType(baseline)


def _assessments(journey: Journey, since: datetime, at: datetime) -> Sequence[Assessment]:
    """Assessments of the last days and the latest of each scale, however old, oldest first."""
    standing = Assessment.objects.filter(journey_id=journey.pk, struck_at=None, assessed_at__lte=at)
    latest = standing.order_by("-assessed_at", "-event_id").values("pk")
    wanted = (
        Q(assessed_at__gt=since)
        | Q(pk=Subquery(latest.filter(crs__isnull=False)[:1]))
        | Q(pk=Subquery(latest.filter(icans__isnull=False)[:1]))
    )
    return list(standing.filter(wanted).order_by("assessed_at", "event_id"))


def _grade_now(scale: str, assessed: Sequence[Assessment]) -> GradeNow | None:
    found = next((each for each in reversed(assessed) if getattr(each, scale) is not None), None)
    if found is None:
        return None
    answer = getattr(found, scale)
    is_signed = getattr(found, f"{scale}_confirmed_grade") is not None
    return GradeNow(
        grade=getattr(found, f"{scale}_final"),
        at=found.assessed_at,
        at_least=answer["result"].get("at_least", False) and not is_signed,
        missing=tuple(answer["missing"]),
        assessment_id=found.pk,
    )


def _dosing_weight_kg(journey: Journey, at: datetime) -> float | None:
    fixed = DosingWeight.objects.filter(journey_id=journey.pk, struck_at=None, set_at__lte=at)
    kg = fixed.order_by("-set_at", "-event_id").values_list("weight_kg", flat=True).first()
    return None if kg is None else float(kg)


def _given(journey: Journey, at: datetime) -> Sequence[Intervention]:
    found = Intervention.objects.filter(journey_id=journey.pk, struck_at=None, given_at__lte=at)
    return list(found.order_by("given_at", "event_id"))
