"""Reads of the toxicity room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from patients.enums import Stage
from patients.models import Journey
from patients.results import RuleResult
from toxicity.enums import FEVER_MODIFIERS
from toxicity.episodes.regrading import is_modified
from toxicity.episodes.selectors import open_crs
from toxicity.models import Assessment, CapdWording, Intervention


@dataclass(frozen=True, slots=True)
class EpisodeState:
    """What earlier facts mean for the next CRS grade: the onset of the open episode, if one is."""

    onset_at: datetime | None
    modifier_given: bool

    @property
    def prior_crs(self) -> bool:
        """Whether an episode of CRS stands open."""
        return self.onset_at is not None


def assessments(journey_id: UUID, *, struck: bool = False) -> Sequence[Assessment]:
    """Assessments, latest first; those entered in error only when asked for."""
    found = Assessment.objects.filter(journey_id=journey_id).order_by("-assessed_at", "-event_id")
    return list(found if struck else found.filter(struck_at=None))


def assessment_of(stored: RuleResult) -> Assessment | None:
    """The assessment whose grade a stored result is; None for what is no grade."""
    if stored.rule not in ("crs", "icans"):
        return None
    return Assessment.objects.filter(event_id=stored.event_id).first()


def interventions(journey_id: UUID, *, struck: bool = False) -> Sequence[Intervention]:
    """Interventions, latest first; those entered in error only when asked for."""
    found = Intervention.objects.filter(journey_id=journey_id).order_by("-given_at", "-event_id")
    return list(found if struck else found.filter(struck_at=None))


def episode_state(journey: Journey, *, at: datetime) -> EpisodeState:
    """The episode of CRS that stands open at `at`, and whether a fever modifier was given since its onset.

    Once it has resolved the next CRS needs fever again; two queries.
    """
    course = open_crs(journey, before=at)
    if course is None:
        return EpisodeState(onset_at=None, modifier_given=False)
    given = Intervention.objects.filter(
        journey_id=journey.pk, agent__in=FEVER_MODIFIERS, given_at__lte=at, struck_at=None
    )
    return EpisodeState(onset_at=course.onset_at, modifier_given=is_modified(list(given), course, at=at))


def ward(user: User, center_id: int) -> QuerySet[Journey]:
    """Children of a center in acute monitoring whom the person may see, longest ungraded first; one query."""
    centers = {center_id}.intersection(user.centers_for(Permission.VIEW_PATIENTS))
    return (
        Journey.objects.visible_to(user)
        .filter(stage=Stage.INFUSED, center_id__in=centers)
        .select_related("patient", "center", "status")
        .order_by("status__crs_at", "infused_at")
    )


def capd_wording(center_id: int, language: str) -> Sequence[CapdWording]:
    """The center's licensed questions of CAPD in one language, by topic; empty where there are none."""
    current = CapdWording.objects.filter(center_id=center_id, language=language, ended_at=None)
    return list(current.order_by("topic"))
