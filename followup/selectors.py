"""Reads of the follow-up room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from cartpath.core.sentences import say
from cartpath.protocols.expected import due_days
from cartpath.protocols.plan import ExpectedItem
from cartpath.protocols.sections import BCellAplasia
from followup.inputs import VisitDetails
from followup.models import DiseaseEvent, SkippedVisit, Visit
from followup.rules.b_cell_aplasia import BCellCourse, BCellSample, b_cell_course
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
    """The visits of the protocol the journey is pinned to, as it stood on the day they are counted from."""
    follow_up = protocol_for(journey).follow_up
    on = journey.center.local_day(journey.infused_at) if journey.infused_at else None
    return [item for row in follow_up.visits if row.in_force(on) for item in row.items()]


@dataclass(frozen=True, slots=True)
class BCellFinding:
    """B-cell aplasia by the protocol's definition, and what it was judged from; without `rule` it isn't."""

    rule: BCellAplasia | None
    samples: tuple[BCellSample, ...]
    infused_on: date | None
    transplanted_on: date | None
    course: BCellCourse

    @property
    def state(self) -> str | None:
        """The state as the status row names it; None while nothing is known."""
        return self.course.state


def b_cell_finding(journey: Journey, *, another: VisitDetails | None = None) -> BCellFinding:
    """B-cell aplasia from every visit so far; `another` is a visit about to be recorded.

    `not_applicable` where the product doesn't act on B cells.
    """
    rule = protocol_for(journey).follow_up.b_cell_aplasia
    if rule is None:
        said = say("The product doesn't act on B cells.")
        return BCellFinding(None, (), None, None, BCellCourse(state="not_applicable", explanation=(said,)))
    transplant = (
        DiseaseEvent.objects.filter(journey=journey, kind=DiseaseEvent.Kind.TRANSPLANT)
        .order_by("happened_on")
        .first()
    )
    held: list[Visit | VisitDetails] = [*visits(journey.pk), *([another] if another else [])]
    samples = tuple(
        BCellSample(visit.visited_on, percent=visit.b_cells_percent, per_ul=visit.b_cells_per_ul)
        for visit in held
        if visit.b_cells_percent is not None or visit.b_cells_per_ul is not None
    )
    infused_on = journey.infused_at.astimezone(journey.center.zone).date() if journey.infused_at else None
    transplanted_on = transplant.happened_on if transplant else None
    course = b_cell_course(rule, samples, infused_on=infused_on, conditioning_on=transplanted_on)
    return BCellFinding(rule, samples, infused_on, transplanted_on, course)
