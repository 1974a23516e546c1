"""What a plan has become: which visits still count, from when, and where the two clocks stand.

The same rules by which reminders are planned, told for a page: a visit counts from its anchor, and the
earliest of the events that stop it, not before its anchor, ends it.

Source: the follow-up part of the protocol, whose rows name their clock and what stops them; FDA guidance on
long-term follow-up (2020) and protocol NCT02445222 for the clock of fifteen years.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Final, Literal

from cartpath.core.dates import MONTHS_PER_YEAR, add_months
from cartpath.protocols.expected import due_days
from cartpath.protocols.plan import ExpectedItem, Series

SAFETY_YEARS: Final = 15
DAY_0: Final = "infused"

# What stops the efficacy clock.
RESETS: Final = ("relapsed", "transplanted", "reinfused")

VisitState = Literal["planned", "due", "early", "done", "late", "missed", "skipped", "stopped", "not_held"]
HELD: Final[frozenset[VisitState]] = frozenset({"early", "done", "late"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """Something that begins or stops parts of a plan: the infusion, a relapse, a transplant."""

    kind: str
    at: datetime
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class DatedVisit:
    """One visit on its days, both ends of the window inside it; `stopped` is what ended it, if anything."""

    expected: ExpectedItem
    first_on: date
    due_on: date
    last_on: date
    stopped: Happening | None


def dated_visits(rows: Iterable[Series], happened: Sequence[Happening], zone: tzinfo) -> list[DatedVisit]:
    """The visits whose anchor has happened, by due day; those of one day keep the order of the plan.

    Source: the follow-up part of the protocol.
    """
    found = [visit for row in rows for visit in _of_row(row, happened, zone)]
    return sorted(found, key=lambda visit: visit.due_on)


def _of_row(row: Series, happened: Sequence[Happening], zone: tzinfo) -> Iterator[DatedVisit]:
    anchors = [each for each in happened if each.kind == row.anchor and _fits(row, each)]
    if not anchors or row.at.hours or row.at.ages:
        return
    pick = min if row.anchor_event == "first" else max
    anchor = pick(anchors, key=lambda each: each.at)
    anchor_on = anchor.at.astimezone(zone).date()
    if not row.in_force(anchor_on):
        return
    stops = [each for each in happened if each.kind in row.stops_with and each.at >= anchor.at]
    stopped = min((each for each in stops if each is not anchor), key=lambda each: each.at, default=None)
    for item in row.items():
        first_on, due_on, last_on = due_days(item, anchor_on)
        yield DatedVisit(expected=item, first_on=first_on, due_on=due_on, last_on=last_on, stopped=stopped)


def _fits(row: Series, happening: Happening) -> bool:
    return all(happening.data.get(key) == value for key, value in row.anchor_match.items())


def visit_state(
    visit: DatedVisit,
    *,
    held_on: date | None,
    is_skipped: bool,
    is_closed: bool,
    on: date,
    zone: tzinfo,
) -> VisitState:
    """Where a visit stands on a day.

    Held, it is early or late by its window. Not held when its window had passed before something stopped it,
    or when the journey is closed: nothing is awaited there any more.

    Source: the follow-up part of the protocol.
    """
    if held_on is not None:
        shift = days_off(visit, held_on)
        return "done" if shift == 0 else "late" if shift > 0 else "early"
    if is_skipped:
        return "skipped"
    if visit.stopped is not None:
        stopped_on = visit.stopped.at.astimezone(zone).date()
        return "stopped" if stopped_on <= visit.last_on else "not_held"
    if is_closed:
        return "not_held"
    if on < visit.first_on:
        return "planned"
    return "due" if on <= visit.last_on else "missed"


def days_off(visit: DatedVisit, held_on: date) -> int:
    """Days outside the window: negative before it, positive after it, 0 inside.

    Source: the follow-up part of the protocol.
    """
    if held_on < visit.first_on:
        return (held_on - visit.first_on).days
    return max((held_on - visit.last_on).days, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Clocks:
    """The two clocks of a treated child.

    `stopped` is what stopped the efficacy clock, None while it runs. The safety clock ends on
    `safety_ends_on`; `safety_year` is the year it stands in, from 1, and None once the fifteen are over.
    """

    infused_on: date
    stopped: Happening | None
    stopped_on: date | None
    safety_year: int | None
    safety_ends_on: date

    @property
    def is_efficacy_running(self) -> bool:
        """Whether the child is still watched for how well the cells work."""
        return self.stopped is None


def clocks(*, infused_at: datetime, happened: Iterable[Happening], on: date, zone: tzinfo) -> Clocks:
    """Where the clocks stand on a day, which must not lie before the infusion.

    Source: FDA long-term follow-up guidance, January 2020 (15 years); the resets are a default of CARTPath.
    """
    infused_on = infused_at.astimezone(zone).date()
    resets = [each for each in happened if each.kind in RESETS and each.at >= infused_at]
    stopped = min(resets, key=lambda each: each.at, default=None)
    ends_on = add_months(infused_on, SAFETY_YEARS * MONTHS_PER_YEAR)
    return Clocks(
        infused_on=infused_on,
        stopped=stopped,
        stopped_on=stopped.at.astimezone(zone).date() if stopped else None,
        safety_year=_year_of(infused_on, on) if on < ends_on else None,
        safety_ends_on=ends_on,
    )


def _year_of(infused_on: date, on: date) -> int:
    """The year a day lies in, counted from 1: the day before the first anniversary is still in year 1."""
    years = range(1, SAFETY_YEARS + 1)
    return next(year for year in years if on < add_months(infused_on, year * MONTHS_PER_YEAR))
