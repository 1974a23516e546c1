"""What is known of a child's first thirty days, as the picture and its table need it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from cartpath.core.answers import Answer
from cartpath.core.dates import local_midnight
from patients.models import Journey
from toxicity.course.drawing import Measured
from toxicity.episodes.pictures import day_after
from toxicity.episodes.rules import Seen
from toxicity.episodes.selectors import episodes, seen
from toxicity.grading.daily_counts import Spell, fill_gaps, lowest_by_day
from toxicity.grading.icaht import (
    EARLY_LAST_DAY,
    INTERPOLATED_TO,
    PROFOUND_PER_UL,
    SEVERE_PER_UL,
    neutropenic_spells,
)
from toxicity.interventions.pictures import GivenPicture, given_pictures
from toxicity.laboratory.catalog import AnalyteCode
from toxicity.laboratory.facts import facts_of
from toxicity.laboratory.judging import icaht_answer
from toxicity.models import Assessment, Episode, Observation
from toxicity.models.episodes import Scale
from toxicity.observations.catalog import ObservationCode
from toxicity.selectors import interventions

LAST_DAY: Final = 30


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """Everything from day 0 to day 30; `laboratory` holds ferritin, CRP and neutrophils by analyte.

    `spells` are the days with few neutrophils (day after infusion), by the limit per microliter; days without
    a count are filled in as the grade of ICAHT fills them. `icaht` is its answer as of now, None without a
    count. `grade_holds` is for how long a grade is drawn on.
    """

    journey: Journey
    infused_on: date
    now: datetime
    temperatures: Sequence[Measured]
    graded: Mapping[Scale, Sequence[Seen]]
    episodes: Sequence[Episode]
    given: Sequence[GivenPicture]
    laboratory: Mapping[str, Sequence[Measured]]
    spells: Mapping[int, tuple[Spell, ...]]
    icaht: Answer | None
    grade_holds: timedelta

    def midnight(self, day: int) -> datetime:
        """When a day after infusion begins, in the center's zone."""
        return local_midnight(self.infused_on + timedelta(days=day), self.journey.center.zone)

    def day(self, at: datetime) -> int:
        """The day after infusion of a time."""
        return day_after(self.journey, at) or 0


def course_facts(journey: Journey, *, at: datetime) -> CourseFacts | None:
    """Read the first thirty days; None before the infusion. Ten queries, however long the stay."""
    if journey.infused_at is None:
        return None
    facts = facts_of(journey, at=at)
    infused_on = journey.center.local_day(journey.infused_at)
    begins = local_midnight(infused_on, journey.center.zone)
    wanted = (AnalyteCode.FERRITIN, AnalyteCode.CRP, AnalyteCode.ANC)
    laboratory = {
        str(analyte): [
            Measured(each.at, each.value, each.comparator)
            for each in facts.readings.get(analyte, ())
            if each.at >= begins
        ]
        for analyte in wanted
    }
    counts = [(day_after(journey, each.at) or 0, each.value) for each in laboratory[AnalyteCode.ANC]]
    return CourseFacts(
        journey=journey,
        infused_on=infused_on,
        now=at,
        temperatures=_temperatures(journey, begins, at),
        graded=seen(journey.pk),
        episodes=episodes(journey.pk),
        given=given_pictures(interventions(journey.pk)[::-1]),
        laboratory=laboratory,
        spells=_spells(counts, today=day_after(journey, at) or 0),
        icaht=icaht_answer(facts) if counts else None,
        grade_holds=facts.figures.grade_old,
    )


def _temperatures(journey: Journey, since: datetime, until: datetime) -> list[Measured]:
    """Temperatures of the observations, and of assessments made without them; one a time."""
    graded = Assessment.objects.filter(journey_id=journey.pk, struck_at=None, assessed_at__lte=until)
    found = {
        at: float(value)
        for at, value in graded.values_list("assessed_at", "crs__inputs__temperature_c")
        if value is not None
    }
    observed = Observation.objects.filter(
        observation_set__journey_id=journey.pk,
        observation_set__struck_at=None,
        observation_set__observed_at__gte=since,
        observation_set__observed_at__lte=until,
        struck_at=None,
        code=ObservationCode.TEMPERATURE_C,
        value__isnull=False,
    )
    for at, value in observed.values_list("observation_set__observed_at", "value"):
        if value is not None:
            found[at] = float(value)
    return [Measured(at, value) for at, value in sorted(found.items())]


def _spells(counts: Sequence[tuple[int, float]], *, today: int) -> dict[int, tuple[Spell, ...]]:
    """Spells at or below both limits up to today, at most to day 30."""
    if not counts:
        return {SEVERE_PER_UL: (), PROFOUND_PER_UL: ()}
    last_day = min(today, EARLY_LAST_DAY)
    filled = fill_gaps(lowest_by_day(counts), last_day=last_day, rounded_to=INTERPOLATED_TO)
    return {limit: neutropenic_spells(limit, filled) for limit in (SEVERE_PER_UL, PROFOUND_PER_UL)}
