"""Reads of the follow-up room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from cartpath.protocols.expected import due_days
from cartpath.protocols.plan import ExpectedItem
from followup.inputs import VisitDetails
from followup.models import DiseaseEvent, SkippedVisit, Visit
from followup.rules.b_cell_aplasia import BCellSample, b_cell_aplasia
from patients.eligibility import protocol_for
from patients.models import Journey


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """One visit of the fifteen years, with what became of it."""

    expected: ExpectedItem
    first_on: date
    due_on: date
    last_on: date
    visit: Visit | None
    skipped: SkippedVisit | None

    def state(self, on: date) -> str:
        """`done`, `skipped`, `planned`, `due` or `missed` on a day."""
        if self.visit:
            return "done"
        if self.skipped:
            return "skipped"
        if on < self.first_on:
            return "planned"
        return "due" if on <= self.last_on else "missed"


def visits(journey_id: UUID) -> Sequence[Visit]:
    """Visits held and not struck, in order."""
    return list(Visit.objects.filter(journey_id=journey_id, struck_at=None).order_by("visited_on"))


def plan(journey: Journey) -> list[PlannedVisit]:
    """The visits the protocol wants, from day 28 to year 15; empty before infusion."""
    return planned_visits(journey, visits(journey.pk), SkippedVisit.objects.filter(journey=journey))


def planned_visits(
    journey: Journey, held: Iterable[Visit], skipped: Iterable[SkippedVisit]
) -> list[PlannedVisit]:
    """The plan of a journey whose visits were read before, e.g. for many journeys at once; no query."""
    if journey.infused_at is None:
        return []
    infused_on = journey.infused_at.astimezone(journey.center.zone).date()
    held_by_item = {visit.item: visit for visit in held}
    skipped_by_item = {row.item: row for row in skipped}
    planned = []
    for expected in visit_items(journey):
        first_on, due_on, last_on = due_days(expected, infused_on)
        visit, row = held_by_item.get(expected.item), skipped_by_item.get(expected.item)
        planned.append(PlannedVisit(expected, first_on, due_on, last_on, visit, row))
    return sorted(planned, key=lambda visit: visit.due_on)


def visit_items(journey: Journey) -> list[ExpectedItem]:
    """The visits of the protocol the journey is pinned to."""
    follow_up = protocol_for(journey).follow_up
    return [item for row in follow_up.visits if row.in_force() for item in row.items()]


def b_cell_state(journey: Journey, *, at: datetime, another: VisitDetails | None = None) -> str | None:
    """B-cell aplasia by the protocol's definition from every visit so far; None while nothing is known.

    `another` is a visit about to be recorded.
    """
    transplant = (
        DiseaseEvent.objects.filter(journey=journey, kind=DiseaseEvent.Kind.TRANSPLANT)
        .order_by("happened_on")
        .first()
    )
    held: list[Visit | VisitDetails] = [*visits(journey.pk), *([another] if another else [])]
    samples = [
        BCellSample(visit.visited_on, percent=visit.b_cells_percent, per_ul=visit.b_cells_per_ul)
        for visit in held
        if visit.b_cells_percent is not None or visit.b_cells_per_ul is not None
    ]
    infused_on = journey.infused_at.astimezone(journey.center.zone).date() if journey.infused_at else None
    return b_cell_aplasia(
        protocol_for(journey).follow_up.b_cell_aplasia,
        samples,
        infused_on=infused_on,
        conditioning_on=transplant.happened_on if transplant else None,
    )
