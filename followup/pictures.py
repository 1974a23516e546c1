"""The fifteen years as pages show them: each visit with its window, its state and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import log10
from typing import Final

from cartpath.protocols.schema import FollowUp
from followup.immune.history import History
from followup.immune.samples import of_visit
from followup.models import ArrangedVisit, Visit
from followup.records import igg_reading
from followup.rules.course import HELD, Clocks, Happening, VisitState, clocks, days_off, visit_state
from followup.rules.immunoglobulin import IgGReading
from followup.rules.proposals import OpenVisit, Proposal, proposals
from followup.selectors import PlannedVisit, arranged_by_item, plan
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.results import RuleResult
from patients.selectors import results_of_events

_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# How far ahead a visit that can't be held yet is thought of when visits are put together.
PROPOSED_AHEAD_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class VisitPicture:
    """One visit of the plan; `igg` says how to read an IgG, None when none was taken.

    `results` are the values computed when it was recorded, where they are asked for. `arranged` is the day
    told to the family.
    """

    planned: PlannedVisit
    state: VisitState
    igg: IgGReading | None
    results: tuple[RuleResult, ...] = ()
    arranged: ArrangedVisit | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can be recorded or left out now."""
        return self.state in ("due", "missed")

    @property
    def is_awaited(self) -> bool:
        """Whether it is still to be held, now or later."""
        return self.is_open or self.state == "planned"

    @property
    def is_held(self) -> bool:
        """Whether it was held, in its window or outside it."""
        return self.state in HELD

    @property
    def days_off(self) -> int:
        """Days outside the window of a visit that was held; 0 inside it and for any other."""
        visit = self.planned.visit
        return abs(days_off(self.planned.dated, visit.visited_on)) if visit else 0

    @property
    def sensitivity(self) -> str:
        """The sensitivity of the MRD test as a power of ten; empty when it is not known."""
        visit = self.planned.visit
        if visit is None or not visit.mrd_sensitivity:
            return ""
        return f"10{str(round(log10(visit.mrd_sensitivity))).translate(_SUPERSCRIPTS)}"


def visit_pictures(
    journey: Journey, *, on: date, happened: Sequence[Happening] | None = None
) -> list[VisitPicture]:
    """Every visit of a journey's plan on a day; seven queries, one less with what `happened`."""
    arranged = arranged_by_item(journey)
    history = History(journey)
    return [
        VisitPicture(
            planned,
            _state(journey, planned, on),
            _igg(journey, planned.visit, history),
            arranged=arranged.get(planned.expected.item),
        )
        for planned in plan(journey, happened)
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
    return visit_state(
        planned.dated,
        held_on=planned.visit.visited_on if planned.visit else None,
        is_skipped=planned.skipped is not None,
        is_closed=journey.stage == Stage.CLOSED,
        on=on,
        zone=journey.center.zone,
    )


def _igg(journey: Journey, visit: Visit | None, history: History) -> IgGReading | None:
    if visit is None or visit.igg_mg_dl is None:
        return None
    return igg_reading(journey, of_visit(visit), history)


def next_visit(pictures: Sequence[VisitPicture]) -> VisitPicture | None:
    """The visit to think of: the first that is open, else the first to come."""
    waiting = [each for each in pictures if each.is_open]
    coming = [each for each in pictures if each.state == "planned"]
    return next(iter(waiting or coming), None)


@dataclass(frozen=True, slots=True)
class ProposedVisit:
    """A proposal with its visits."""

    proposal: Proposal
    visits: tuple[VisitPicture, ...]

    @property
    def examinations(self) -> list[str]:
        """What is examined, in the protocol's words."""
        return [label for label, is_due in self.proposal.examinations if is_due]

    @property
    def optional(self) -> list[str]:
        """What is examined if indicated."""
        return [label for label, is_due in self.proposal.examinations if not is_due]

    @property
    def arranged(self) -> ArrangedVisit | None:
        """The day told to the family for its first visit."""
        return self.visits[0].arranged


def proposed_visits(journey: Journey, pictures: Sequence[VisitPicture], *, on: date) -> list[ProposedVisit]:
    """What is open, or opens soon, put together into as few visits as the windows allow; no query."""
    follow_up = protocol_for(journey).follow_up
    waiting = [
        OpenVisit(
            item=each.planned.expected.item,
            first_on=each.planned.first_on,
            due_on=each.planned.due_on,
            last_on=each.planned.last_on,
            examinations=_examinations(follow_up, each.planned.expected.item, on),
        )
        for each in pictures
        if each.is_open or (each.is_awaited and (each.planned.first_on - on).days <= PROPOSED_AHEAD_DAYS)
    ]
    by_item = {each.planned.expected.item: each for each in pictures}
    return [
        ProposedVisit(each, tuple(by_item[item] for item in each.items))
        for each in proposals(waiting, today=on)
    ]


def _examinations(follow_up: FollowUp, item: str, on: date) -> tuple[tuple[str, bool], ...]:
    return tuple((row.label, is_due) for row, is_due in follow_up.assessments_at(item, on))


def clocks_at(journey: Journey, happened: Sequence[Happening], *, on: date) -> Clocks:
    """Where the two clocks of an infused child stand on a day; no query."""
    if journey.infused_at is None:
        raise ValueError("there was no infusion yet")
    return clocks(infused_at=journey.infused_at, happened=happened, on=on, zone=journey.center.zone)
