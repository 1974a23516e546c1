"""The fifteen years as pages show them: each visit with its state, and who is due across all children."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import log10
from typing import Final, Literal, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from cartpath.accounts.models import User
from followup.models import SkippedVisit, Visit
from followup.rules.immunoglobulin import IgGReading, read_igg
from followup.selectors import PlannedVisit, plan, planned_visits
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.results import RuleResult
from patients.selectors import results_of_events

Row = TypeVar("Row", Visit, SkippedVisit)
_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

VisitState = Literal["done", "skipped", "due", "missed", "planned", "not_held"]


@dataclass(frozen=True, slots=True)
class VisitPicture:
    """One visit of the plan; `igg` says how to read an IgG, None when none was taken.

    `results` are the values computed when it was recorded, where they are asked for.
    """

    planned: PlannedVisit
    state: VisitState
    igg: IgGReading | None
    results: tuple[RuleResult, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it can be recorded or left out now."""
        return self.state in ("due", "missed")

    @property
    def sensitivity(self) -> str:
        """The sensitivity of the MRD test as a power of ten; empty when it is not known."""
        visit = self.planned.visit
        if visit is None or not visit.mrd_sensitivity:
            return ""
        return f"10{str(round(log10(visit.mrd_sensitivity))).translate(_SUPERSCRIPTS)}"


def visit_pictures(journey: Journey, *, on: date) -> list[VisitPicture]:
    """Every visit of a journey's plan on a day."""
    return [
        VisitPicture(planned, _state(journey, planned, on), _igg(journey, planned.visit))
        for planned in plan(journey)
    ]


def with_results(pictures: Sequence[VisitPicture]) -> list[VisitPicture]:
    """The visits with what was computed at each; one query."""
    found = results_of_events(each.planned.visit.event_id for each in pictures if each.planned.visit)
    return [
        replace(each, results=_results(found, each.planned.visit)) if each.planned.visit else each
        for each in pictures
    ]


def _results(found: Mapping[tuple[int, str], RuleResult], visit: Visit) -> tuple[RuleResult, ...]:
    keys = ((visit.event_id, rule) for rule in ("b_cell_aplasia", "immunoglobulin"))
    return tuple(found[key] for key in keys if key in found)


def _state(journey: Journey, planned: PlannedVisit, on: date) -> VisitState:
    """A closed journey awaits nothing: what was not held is not overdue any more."""
    if planned.visit:
        return "done"
    if planned.skipped:
        return "skipped"
    if journey.stage == Stage.CLOSED:
        return "not_held"
    if on < planned.first_on:
        return "planned"
    return "due" if on <= planned.last_on else "missed"


def _igg(journey: Journey, visit: Visit | None) -> IgGReading | None:
    if visit is None or visit.igg_mg_dl is None:
        return None
    return read_igg(
        protocol_for(journey).follow_up.immunoglobulin,
        igg_mg_dl=visit.igg_mg_dl,
        sampled_on=visit.visited_on,
        last_immunoglobulin_on=visit.last_immunoglobulin_on,
        ever_replaced=None,
    )


def next_visit(pictures: Sequence[VisitPicture]) -> VisitPicture | None:
    """The visit to think of: the first that is open, else the first to come."""
    waiting = [each for each in pictures if each.is_open]
    coming = [each for each in pictures if each.state == "planned"]
    return next(iter(waiting or coming), None)


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One child in follow-up: how long since the infusion, the next visit, and how many were missed."""

    journey: Journey
    infused_on: date
    last: Visit | None
    next: VisitPicture | None
    missed: int

    @property
    def rank(self) -> tuple[bool, date]:
        """Missed visits first, then by the day the next one is due."""
        return not self.missed, self.next.planned.due_on if self.next else date.max


def overview(user: User, *, center_id: int, on: date) -> list[OverviewRow]:
    """Every infused child of a center who is still followed, the most overdue first; three queries."""
    journeys = list(
        Journey.objects.visible_to(user)
        .filter(center_id=center_id, stage__in=[Stage.INFUSED, Stage.FOLLOW_UP], infused_at__isnull=False)
        .select_related("patient", "center", "status")
    )
    held = _by_journey(Visit.objects.filter(journey__in=journeys, struck_at=None).order_by("visited_on"))
    skipped = _by_journey(SkippedVisit.objects.filter(journey__in=journeys))
    rows = [
        _row(journey, held.get(journey.pk, []), skipped.get(journey.pk, []), on=on) for journey in journeys
    ]
    return sorted(rows, key=lambda row: row.rank)


def _by_journey(rows: "QuerySet[Row]") -> dict[UUID, list[Row]]:
    grouped: dict[UUID, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.journey_id, []).append(row)
    return grouped


def _row(journey: Journey, held: list[Visit], skipped: list[SkippedVisit], *, on: date) -> OverviewRow:
    pictures = [
        VisitPicture(planned, _state(journey, planned, on), None)
        for planned in planned_visits(journey, held, skipped)
    ]
    return OverviewRow(
        journey=journey,
        infused_on=infused_on(journey),
        last=held[-1] if held else None,
        next=next_visit(pictures),
        missed=sum(each.state == "missed" for each in pictures),
    )


def infused_on(journey: Journey) -> date:
    """Day 0 in the center's zone. The journey must have been infused."""
    if journey.infused_at is None:
        raise ValueError("there was no infusion yet")
    return _day(journey, journey.infused_at)


def _day(journey: Journey, at: datetime) -> date:
    return at.astimezone(journey.center.zone).date()
