"""Reads of bedside observations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q

from cartpath.core.errors import NotFound
from patients.eligibility import protocol_for
from patients.models import Journey
from toxicity.enums import Agent
from toxicity.models import Assessment, Intervention, Observation, ObservationSet
from toxicity.observations.catalog import ObservationCode

LOOKS_BACK: Final = timedelta(hours=72)


def observation_sets(
    journey_id: UUID, *, since: datetime | None = None, until: datetime | None = None
) -> Sequence[ObservationSet]:
    """Sets of a journey, latest first, with every observation ever made in them; two queries.

    Struck sets and struck values are among them: a sheet shows them crossed out. `set.observations.all()`
    lists the standing ones and the struck ones, the oldest entry first.
    """
    found = ObservationSet.objects.filter(journey_id=journey_id)
    if since is not None:
        found = found.filter(observed_at__gte=since)
    if until is not None:
        found = found.filter(observed_at__lte=until)
    entered = Observation.objects.order_by("event_id")
    return list(
        found.order_by("-observed_at", "-event_id")
        .prefetch_related(Prefetch("observations", entered))
        .select_related("assessment")
        .defer("assessment__crs", "assessment__icans")
    )


def observation_set(journey_id: UUID, set_id: UUID) -> ObservationSet:
    """One set of a journey with its observations. Raises `NotFound`."""
    found = (
        ObservationSet.objects.filter(journey_id=journey_id, pk=set_id)
        .prefetch_related(Prefetch("observations", Observation.objects.order_by("event_id")))
        .select_related("assessment")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def standing(sets: Iterable[ObservationSet]) -> list[Observation]:
    """What counts of some sets: neither the set nor the observation is struck."""
    return [
        each
        for one in sets
        if one.struck_at is None
        for each in one.observations.all()
        if each.struck_at is None
    ]


def last_observation(
    journey_id: UUID, code: ObservationCode, *, at: datetime, within: timedelta
) -> Observation | None:
    """The last standing observation of a kind not after `at` and not older than `within`."""
    return (
        Observation.objects.filter(
            observation_set__journey_id=journey_id,
            observation_set__struck_at=None,
            observation_set__observed_at__gte=at - within,
            observation_set__observed_at__lte=at,
            struck_at=None,
            code=code,
        )
        .select_related("observation_set")
        .order_by("-observation_set__observed_at", "-event_id")
        .first()
    )


def capd_in_shift(journey: Journey, *, at: datetime) -> Observation | None:
    """The CAPD that counts at `at`: it is rated from a whole shift, and holds for the center's hours."""
    shift = protocol_for(journey).bedside.capd_shift
    return last_observation(journey.pk, ObservationCode.CAPD, at=at, within=shift)


def capd_baseline(journey: Journey, *, at: datetime) -> int | None:
    """The child's last CAPD before the infusion; None when there was none."""
    if journey.infused_at is None or at < journey.infused_at:
        return None
    within = protocol_for(journey).bedside.own_baseline
    found = last_observation(journey.pk, ObservationCode.CAPD, at=journey.infused_at, within=within)
    return None if found is None or found.value is None else int(found.value)


def has_delay(journey_id: UUID, *, at: datetime) -> bool:
    """Whether somebody said not after `at` that the child has a developmental delay, in what stands."""
    return Journey.objects.filter(delay_said(at), pk=journey_id).exists()


def delay_said(at: datetime) -> Q:
    """Holds for a journey when somebody said so of the child not after `at`, in what stands."""
    assessed = Assessment.objects.filter(
        journey_id=OuterRef("pk"),
        struck_at=None,
        assessed_at__lte=at,
        icans__inputs__developmental_delay=True,
    )
    observed = ObservationSet.objects.filter(
        journey_id=OuterRef("pk"),
        struck_at=None,
        observed_at__lte=at,
        circumstances__developmental_delay=True,
    )
    return Q(Exists(assessed) | Exists(observed))


@dataclass(frozen=True, slots=True)
class Pressors:
    """Vasopressors by the record: those that run, and those last charted that nobody said had ended."""

    running: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()


def pressors(journey_id: UUID, *, at: datetime) -> Pressors:
    """The vasopressors that were given and not stopped, and those of the last chart that have no record.

    One that is recorded without its name is said by the name of the group; two queries.
    """
    given = list(
        Intervention.objects.filter(
            journey_id=journey_id, agent=Agent.VASOPRESSOR, struck_at=None, given_at__lte=at
        ).order_by("given_at")
    )
    running = {each.drug or Agent.VASOPRESSOR.value for each in given if each.runs(at)}
    charted = last_observation(journey_id, ObservationCode.VASOPRESSORS, at=at, within=LOOKS_BACK)
    if charted is None:
        return Pressors(tuple(sorted(running)))
    since = charted.observation_set.observed_at
    named = set(charted.parts or ())
    ended = {each.drug for each in given if each.stopped_at is not None and since <= each.stopped_at <= at}
    return Pressors(tuple(sorted(running)), tuple(sorted(named - running - ended)))


def bolus_given(journey: Journey, *, at: datetime) -> bool:
    """Whether a bolus of fluid was given in the hours before for which the center lets it count."""
    return Intervention.objects.filter(
        journey_id=journey.pk,
        agent=Agent.FLUID_BOLUS,
        struck_at=None,
        given_at__gt=at - protocol_for(journey).bedside.bolus_counts,
        given_at__lte=at,
    ).exists()
