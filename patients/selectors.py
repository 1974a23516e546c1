"""Reads of the patients room: one function, what one screen needs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.errors import NotFound
from patients.models import Journey, Measurement, Patient
from patients.results import RuleResult

SEARCH_LIMIT = 20


def journey_for(user: User, journey_id: UUID, permission: Permission = Permission.VIEW_PATIENTS) -> Journey:
    """The journey, if the person may do `permission` in its center.

    The one door through which pages reach a journey. Raises `NotFound` outside the person's centers, where
    it can't be told from one that does not exist, and `Forbidden` inside them when the role is not enough.
    """
    journey = (
        Journey.objects.visible_to(user)
        .filter(pk=journey_id)
        .select_related("patient", "center", "status", "referral")
        .first()
    )
    if journey is None:
        raise NotFound
    require(user, permission, journey.center_id)
    return journey


def patients_found(user: User, text: str, *, limit: int = SEARCH_LIMIT) -> Sequence[Patient]:
    """Patients in the person's centers whose names or MRN hold every word of `text`."""
    if len(text.strip()) < 2:
        return []
    return list(
        Patient.objects.visible_to(user)
        .matching(text)
        .select_related("center")
        .prefetch_related("journeys", "former_names")
        .order_by("family_name", "given_name")[:limit]
    )


def results_of_events(event_ids: Iterable[int]) -> dict[tuple[int, str], RuleResult]:
    """What was stored with some events, by event and rule; one query."""
    found = RuleResult.objects.filter(event_id__in=list(event_ids)).order_by("event_id", "position")
    results: dict[tuple[int, str], RuleResult] = {}
    for result in found:
        results.setdefault((result.event_id, result.rule), result)
    return results


def latest_results(journey_id: UUID, rules: Iterable[str]) -> dict[str, RuleResult]:
    """The last result of each rule in a journey, those entered in error left out; one query."""
    found = RuleResult.objects.counting().filter(journey_id=journey_id, rule__in=list(rules))
    latest = found.order_by("rule", "-computed_at", "-event_id", "-position").distinct("rule")
    return {result.rule: result for result in latest}


def latest_weights(patient_id: UUID, *, at: datetime) -> list[Measurement]:
    """The last two weights measured not after `at`, newest first."""
    return list(
        Measurement.objects.filter(
            patient_id=patient_id, weight_kg__isnull=False, measured_at__lte=at
        ).order_by("-measured_at")[:2]
    )


def latest_weight(patient_id: UUID, *, at: datetime) -> Measurement | None:
    """The last weight measured not after `at`."""
    return next(iter(latest_weights(patient_id, at=at)), None)


def latest_height(patient_id: UUID, *, at: datetime) -> Measurement | None:
    """The last height measured not after `at`."""
    return (
        Measurement.objects.filter(patient_id=patient_id, height_cm__isnull=False, measured_at__lte=at)
        .order_by("-measured_at")
        .first()
    )
