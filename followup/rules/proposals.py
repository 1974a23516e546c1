"""Visits that can be held together, each group with a day to propose to the family.

A family that lives far away should come once, not three times: everything open whose windows have a weekday
in common becomes one proposal. Nothing is ever left out of the proposals.

Source: working default of CARTPath; the windows are those of the follow-up part of the protocol.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_SATURDAY: Final = 5
# What is overdue can't be held in its window any more: it is proposed for these days after today.
SOON_DAYS: Final = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenVisit:
    """A visit that waits: the days of its window, both inside it, and what is examined at it.

    `examinations` are ids of assessments, each with whether it is due rather than only if indicated.
    """

    item: str
    first_on: date
    due_on: date
    last_on: date
    examinations: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """Visits to hold on one day: from `first_on` to `last_on` suits them all, `day` is proposed.

    `late` are the items whose own window has passed. An examination is due when any of the visits wants it.
    """

    items: tuple[str, ...]
    late: tuple[str, ...]
    first_on: date
    last_on: date
    day: date
    examinations: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class _Span:
    visit: OpenVisit
    first_on: date
    last_on: date
    is_late: bool


def proposals(visits: Iterable[OpenVisit], *, today: date) -> tuple[Proposal, ...]:
    """Each open visit in exactly one proposal, the proposals by their day.

    Visits are grouped by windows that share a weekday, the soonest to close first. The proposed day lies in
    every window of the group and not before today; it is a weekday wherever the windows have one.

    Source: the windows of the follow-up part of the protocol; grouping is a working default of CARTPath.
    """
    spans = sorted((_span(visit, today) for visit in visits), key=_by_end)
    groups: list[list[_Span]] = []
    for span in spans:
        if groups and _weekdays(*_common([*groups[-1], span])):
            groups[-1].append(span)
        else:
            groups.append([span])
    return tuple(sorted(map(_proposal, groups), key=lambda each: (each.day, each.items)))


def _by_end(span: _Span) -> tuple[date, date, str]:
    return span.last_on, span.first_on, span.visit.item


def _span(visit: OpenVisit, today: date) -> _Span:
    """The days that still suit a visit."""
    if visit.last_on < today:
        return _Span(visit, today + timedelta(days=1), today + timedelta(days=SOON_DAYS), True)
    return _Span(visit, max(visit.first_on, today), visit.last_on, False)


def _common(group: Sequence[_Span]) -> tuple[date, date]:
    """First and last day that suits every one; the first comes after the last when there is none."""
    return max(span.first_on for span in group), min(span.last_on for span in group)


def _weekdays(first_on: date, last_on: date) -> list[date]:
    days = (first_on + timedelta(days=count) for count in range((last_on - first_on).days + 1))
    return [day for day in days if day.weekday() < _SATURDAY]


def _proposal(group: Sequence[_Span]) -> Proposal:
    first_on, last_on = _common(group)
    ordered = sorted(group, key=lambda span: (span.visit.due_on, span.visit.item))
    return Proposal(
        items=tuple(span.visit.item for span in ordered),
        late=tuple(span.visit.item for span in ordered if span.is_late),
        first_on=first_on,
        last_on=last_on,
        day=_day(ordered, first_on, last_on),
        examinations=_examinations([span.visit for span in ordered]),
    )


def _day(group: Sequence[_Span], first_on: date, last_on: date) -> date:
    """The weekday nearest to the due days together; of two as near, the earlier. A weekend if need be."""
    wanted = [min(max(span.visit.due_on, span.first_on), span.last_on) for span in group]
    # A window without any weekday stands alone in its group, and its days are few.
    days = _weekdays(first_on, last_on) or [first_on]
    return min(days, key=lambda day: (sum(abs((day - due).days) for due in wanted), day))


def _examinations(visits: Sequence[OpenVisit]) -> tuple[tuple[str, bool], ...]:
    found: dict[str, bool] = {}
    for visit in visits:
        for name, is_due in visit.examinations:
            found[name] = found.get(name, False) or is_due
    return tuple(found.items())
