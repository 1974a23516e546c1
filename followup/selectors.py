"""Reads of the follow-up room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from cartpath.ledger.models import Event
from cartpath.protocols.plan import ExpectedItem
from followup.models import ArrangedVisit, SkippedVisit, Visit
from followup.rules.course import DAY_0, RESETS, DatedVisit, Happening, dated_visits
from patients.eligibility import protocol_for
from patients.models import Journey


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """One visit of the fifteen years on its days, with what became of it."""

    dated: DatedVisit
    visit: Visit | None
    skipped: SkippedVisit | None

    @property
    def expected(self) -> ExpectedItem:
        """The item of the protocol."""
        return self.dated.expected

    @property
    def first_on(self) -> date:
        """First day of the window."""
        return self.dated.first_on

    @property
    def due_on(self) -> date:
        """The day it is due."""
        return self.dated.due_on

    @property
    def last_on(self) -> date:
        """Last day of the window, inside it."""
        return self.dated.last_on


def visits(journey_id: UUID) -> Sequence[Visit]:
    """Visits held and not struck, in order."""
    return list(Visit.objects.filter(journey_id=journey_id, struck_at=None).order_by("visited_on"))


def plan(journey: Journey, happened: Sequence[Happening] | None = None) -> list[PlannedVisit]:
    """The visits the protocol wants, by due day, those of a transplant included; empty before infusion.

    `happened` saves a query to whoever has read the `happenings` before.
    """
    known = happenings(journey) if happened is None else happened
    held = {visit.item: visit for visit in visits(journey.pk)}
    skipped = {row.item: row for row in SkippedVisit.objects.filter(journey=journey)}
    rows = protocol_for(journey).follow_up.visits
    return [
        PlannedVisit(each, held.get(each.expected.item), skipped.get(each.expected.item))
        for each in dated_visits(rows, known, journey.center.zone)
    ]


def visit_items(journey: Journey) -> list[ExpectedItem]:
    """The visits of the protocol the journey is pinned to, as it stood on the day they are counted from."""
    rows = protocol_for(journey).follow_up.visits
    found = dated_visits(rows, happenings(journey), journey.center.zone)
    return [each.expected for each in found]


def arranged_by_item(journey: Journey) -> dict[str, ArrangedVisit]:
    """The days told to the family that still hold, by each visit they are for; two queries."""
    arranged = ArrangedVisit.objects.standing().filter(journey=journey).prefetch_related("items")
    return {line.item: each for each in arranged for line in each.items.all()}


def happenings(journey: Journey) -> list[Happening]:
    """The infusion and whatever else visits count from or stop with; empty before the infusion. One query.

    Death and the end of the journey are not among them: the journey's stage says so.
    """
    if journey.infused_at is None:
        return []
    rows = protocol_for(journey).follow_up.visits
    kinds = {*RESETS, *(row.anchor for row in rows), *(kind for row in rows for kind in row.stops_with)}
    events = (
        Event.objects.of(journey.pk)
        .filter(kind__in=kinds - {DAY_0, "died", "closed"}, corrections=None)
        .values_list("kind", "occurred_at", "data")
    )
    first = Happening(kind=DAY_0, at=journey.infused_at)
    return [first, *(Happening(kind=kind, at=at, data=data) for kind, at, data in events)]
