"""CRS and ICANS since a part of the dose, as the ledger tells them.

Toxicity is a room above this one; its grades reach the gate through the ledger, as facts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from infusion.rules.fraction_gate import GradeSince
from patients.models import Journey


def grades_since(journey: Journey, *, since: datetime, at: datetime) -> tuple[GradeSince, GradeSince]:
    """CRS and ICANS after `since` and not after `at`; one query. A grade signed later counts as signed.

    Today's grade is the latest one assessed on the center's day of `at`; that of the day before is history.
    """
    told = Event.objects.filter(
        journey_id=journey.pk,
        kind__in=[EventKind.TOXICITY_ASSESSED, EventKind.RESULT_CONFIRMED],
        occurred_at__gt=since,
        occurred_at__lte=at,
        corrections=None,
    )
    events = list(told.order_by("occurred_at", "seq"))
    today = journey.center.local_day(at)
    return _scale(journey, events, "crs", today), _scale(journey, events, "icans", today)


@dataclass(frozen=True, slots=True)
class _Graded:
    """One grade of one scale; None is unknown."""

    on: date
    grade: int | None
    is_lower_bound: bool


def _scale(journey: Journey, events: Sequence[Event], name: str, today: date) -> GradeSince:
    signed = {
        event.data["event"]: int(event.data["value"])
        for event in events
        if event.kind == EventKind.RESULT_CONFIRMED and event.data["rule"] == name
    }
    graded = [
        _graded(journey.center.local_day(event.occurred_at), event.data[name], signed.get(event.seq))
        for event in events
        if event.kind == EventKind.TOXICITY_ASSESSED and event.data.get(name)
    ]
    of_today = next((each for each in reversed(graded) if each.on == today), None)
    return GradeSince(
        current=of_today.grade if of_today else None,
        worst=max((each.grade for each in graded if each.grade is not None), default=None),
        is_lower_bound=of_today is not None and of_today.is_lower_bound,
        earlier_is_lower_bound=any(each.is_lower_bound for each in graded if each is not of_today),
    )


def _graded(on: date, scale: dict[str, Any], signed: int | None) -> _Graded:
    """A grade as it counts. One that a clinician confirmed is what it says, never a lower bound."""
    if signed is not None:
        return _Graded(on, signed, is_lower_bound=False)
    is_open = bool(scale.get("at_least")) and scale.get("confirmed_grade") is None
    return _Graded(on, scale.get("grade"), is_lower_bound=is_open)
