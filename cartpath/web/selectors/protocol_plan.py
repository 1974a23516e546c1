"""The plan of a protocol drawn on a time line, in three panels, with the table that says the same in words.

Before the infusion the days are counted from event to event: each item stands where it would be if the one
before it were done on its due day. Where nothing says how long something takes, the line is broken. After the
infusion the first weeks have a scale of their own, and the years one that shrinks toward the end, so that the
first months stay readable.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cartpath.accounts.enums import Role
from cartpath.protocols.plan import Offset, Series
from cartpath.protocols.schema import Protocol
from cartpath.web.selectors.protocol_drawing import (
    AXIS,
    LANE,
    Bar,
    Drawing,
    Lane,
    Link,
    Scale,
    Tick,
    bar,
    linear,
    percent,
    square_root,
)
from cartpath.web.selectors.protocol_values import label_text, value_text
from cartpath.web.selectors.protocol_words import (
    PRIORITIES,
    event_text,
    offsets_text,
    recurrence_text,
    window_text,
)
from cartpath.web.wording import days_words, infusion_day_text

INFUSED: Final = "infused"
DAYS_PER_MONTH: Final = 365.25 / 12
_HOURS_PER_DAY: Final = 24
_MONTHS_PER_YEAR: Final = 12
_MAJOR_YEARS: Final = (1, 2, 5, 10, 15)

# The first weeks end behind the window of the first visits; the years end behind the last window.
WEEKS_END: Final = 38
_WEEKS_LAST_DUE: Final = 31
_YEARS_FROM_DAYS: Final = 28
YEARS_END: Final = 15.6 * 365.25
# How wide a break in the line is, in days of the drawing.
_BREAK: Final = 6
_ROOM: Final = 3

_BEFORE: Final = frozenset(
    {
        "referred",
        "accepted",
        "apheresis_booked",
        "collection_day_recorded",
        "collection_completed",
        "product_ordered",
        "product_released",
        "product_received",
        "lymphodepletion_given",
        "lymphodepletion_waived",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One row of the plan in the table."""

    label: str
    counted_from: str
    due: str
    window: str
    repeats: str
    role: str
    priority: str


@dataclass(frozen=True, slots=True)
class PlanPicture:
    """The plan as it would be for somebody who begins on the day it was asked for."""

    drawings: Sequence[Drawing]
    lines: Sequence[PlanLine]


def plan_picture(protocol: Protocol, on: date) -> PlanPicture:
    """The plan of the rows in force on a day."""
    rows = [row for row in protocol.plan() if row.in_force(on)]
    drawings = (before_infusion(rows), first_weeks(protocol, rows, on), years(rows))
    return PlanPicture([drawing for drawing in drawings if drawing.lanes], [_line(row) for row in rows])


def _line(row: Series) -> PlanLine:
    return PlanLine(
        label=label_text(row),
        counted_from=event_text(row.anchor),
        due=offsets_text(row.at),
        window=window_text(row.window),
        repeats=recurrence_text(row.recurrence) if row.recurrence else "",
        role=str(Role(row.role).label),
        priority=str(PRIORITIES[row.priority]),
    )


def days_of(offset: Offset) -> float:
    """A distance in days; a month has its mean length."""
    if offset.hours is not None:
        return offset.hours / _HOURS_PER_DAY
    return float(offset.days) if offset.days is not None else (offset.months or 0) * DAYS_PER_MONTH


def _is_from_infusion(row: Series) -> bool:
    """Whether a row has a place on a line that begins with the infusion; a birthday has none."""
    return row.anchor == INFUSED and _has_distance(row)


def _has_distance(row: Series) -> bool:
    """Whether a row is due some time after its event; a birthday and what a record says are no distance."""
    return not row.at.ages and not row.at.said


def _window_days(row: Series) -> tuple[float, float]:
    window = row.window
    return (
        window.before_days + window.before_hours / _HOURS_PER_DAY,
        window.after_days + window.after_hours / _HOURS_PER_DAY,
    )


# --- Before the infusion -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Way:
    """The way from event to event while it is laid out; places are in days of the drawing."""

    places: dict[str, float] = field(default_factory=dict)
    lane_of: dict[str, int] = field(default_factory=dict)
    starts: list[tuple[float, str]] = field(default_factory=list)
    breaks: list[float] = field(default_factory=list)
    end: float = 0

    def place(self, kind: str) -> float:
        """Where an event lies; after a break when nothing says how long it takes until then."""
        if kind not in self.places:
            start = 0.0
            if self.starts:
                self.breaks.append(self.end + _BREAK / 2)
                start = self.end + _BREAK
            self.places[kind] = start
            self.starts.append((start, kind))
            self.end = max(self.end, start)
        return self.places[kind]


def before_infusion(rows: Iterable[Series]) -> Drawing:
    """From the referral to the infusion, each step counted from the one before it."""
    way = _Way()
    laid: list[tuple[Series, float, float]] = []
    for lane, row in enumerate(row for row in rows if row.anchor in _BEFORE and _has_distance(row)):
        anchor = way.place(row.anchor)
        due = anchor + max(days_of(offset) for _number, offset in row.at.offsets())
        if row.fulfilled_by.kind not in way.places:
            way.places[row.fulfilled_by.kind] = due
            way.lane_of[row.fulfilled_by.kind] = lane
        way.end = max(way.end, due + _window_days(row)[1])
        laid.append((row, anchor, due))
    scale = linear(max(way.end, 1))
    lanes = [_step(index, row, anchor, due, scale) for index, (row, anchor, due) in enumerate(laid)]
    links = [
        Link(percent(scale(anchor)), lanes[way.lane_of[row.anchor]].line_y, lanes[index].line_y)
        for index, (row, anchor, _due) in enumerate(laid)
        if row.anchor in way.lane_of
    ]
    return Drawing(
        key="before",
        title=gettext_lazy("Before the infusion"),
        note=gettext_lazy(
            "Days from event to event, as if each step were done on its due day; // where no rule says how "
            "long it takes."
        ),
        lanes=lanes,
        ticks=_way_ticks(way, scale),
        links=links,
        breaks=[percent(scale(place)) for place in way.breaks],
    )


def _step(index: int, row: Series, anchor: float, due: float, scale: Scale) -> Lane:
    before, after = _window_days(row)
    return Lane(
        y=AXIS + LANE * index,
        label=label_text(row),
        detail=_("%(offset)s after: %(event)s")
        % {
            "offset": days_words(round(due - anchor)),
            "event": event_text(row.anchor),
        },
        bars=[bar(due - before, due + after, scale, "window")],
        marks=[percent(scale(due))],
    )


def _way_ticks(way: _Way, scale: Scale) -> list[Tick]:
    """Weeks, counted anew after each break."""
    ticks: list[Tick] = []
    ends = [place - _BREAK / 2 for place in way.breaks] + [way.end]
    for (start, kind), end in zip(way.starts, ends, strict=True):
        ticks.append(Tick(percent(scale(start)), event_text(kind), anchor="start"))
        # The first label is long, and the last must not run into the next stretch.
        for days in range(14, int(end - start) - _ROOM, 7):
            label = _("+%(count)d d") % {"count": days}
            ticks.append(Tick(percent(scale(start + days)), label, is_major=days % 28 == 0))
    return ticks


# --- The first weeks ---------------------------------------------------------------------------------------


def first_weeks(protocol: Protocol, rows: Iterable[Series], on: date) -> Drawing:
    """Day 0 to the first visits: what is examined, what the family keeps to, parts of a split dose."""
    scale = linear(WEEKS_END)
    lanes: list[Lane] = []

    def add(label: str, detail: str, bars: list[Bar], marks: list[str], repeats: Sequence[str] = ()) -> None:
        lanes.append(Lane(AXIS + LANE * len(lanes), label, detail, bars, marks, repeats))

    for part in protocol.product.fractions:
        if part.in_force(on) and part.on_day is not None:
            day = part.on_day - protocol.product.first_infusion_day
            window = bar(day - part.day_tolerance, day + part.day_tolerance, scale, "window")
            add(label_text(part), str(value_text(part)), [window], [percent(scale(day))])
    for row in rows:
        dues = [days_of(offset) for _number, offset in row.at.offsets()]
        near = [due for due in dues if due <= _WEEKS_LAST_DUE]
        if not _is_from_infusion(row) or not near:
            continue
        if row.recurrence is not None:
            add(*_repeated(row, near[0], scale))
            continue
        before, after = _window_days(row)
        for number, offset in row.at.offsets():
            due = days_of(offset)
            if due <= _WEEKS_LAST_DUE:
                bars = [bar(due - before, due + after, scale, "window")]
                label = _(row.label.replace("{n}", str(number)))
                add(label, _due_text(due, before, after), bars, [percent(scale(due))])
    for rule in protocol.monitoring.restrictions:
        if rule.in_force(on):
            held = replace(bar(0, rule.days, scale, "rule"), goes_on=rule.days > WEEKS_END)
            add(label_text(rule), days_words(rule.days), [held], [])
    days = [
        Tick(percent(scale(day)), infusion_day_text(day), day % 14 == 0) for day in range(0, WEEKS_END, 7)
    ]
    return Drawing(
        key="weeks",
        title=gettext_lazy("Day 0 to 30"),
        note=gettext_lazy("Days from the infusion."),
        lanes=lanes,
        ticks=days,
    )


def _repeated(row: Series, first: float, scale: Scale) -> tuple[str, str, list[Bar], list[str], list[str]]:
    assert row.recurrence is not None
    every = row.recurrence.every_hours / _HOURS_PER_DAY
    count = int((row.recurrence.for_days - first) / every + 1e-9) + 1
    times = [first + every * number for number in range(count)]
    span = bar(times[0], times[-1], scale, "repeat")
    return label_text(row), recurrence_text(row.recurrence), [span], [], [percent(scale(at)) for at in times]


def _due_text(due: float, before: float, after: float) -> str:
    first, last = round(due - before), round(due + after)
    if first == last:
        return infusion_day_text(first)
    span = {"first": infusion_day_text(first), "last": infusion_day_text(last)}
    return _("%(first)s to %(last)s") % span


# --- The years ---------------------------------------------------------------------------------------------


def years(rows: Iterable[Series]) -> Drawing:
    """From the first month to the fifteenth year; the scale is that of the square root."""
    scale = square_root(YEARS_END)
    lanes: list[Lane] = []
    for row in rows:
        dues = [days_of(offset) for _number, offset in row.at.offsets()]
        if not _is_from_infusion(row) or row.recurrence is not None or max(dues) < _YEARS_FROM_DAYS:
            continue
        before, after = _window_days(row)
        bars = [bar(due - before, due + after, scale, "window") for due in dues]
        marks = [percent(scale(due)) for due in dues]
        detail = " · ".join(part for part in (offsets_text(row.at), window_text(row.window)) if part)
        lanes.append(Lane(AXIS + LANE * len(lanes), label_text(row), detail, bars, marks))
    return Drawing(
        key="years",
        title=gettext_lazy("To the fifteenth year"),
        note=gettext_lazy("The scale shrinks toward the end, so that the first months stay readable."),
        lanes=lanes,
        ticks=_year_ticks(scale),
    )


def _year_ticks(scale: Scale) -> list[Tick]:
    ticks = [Tick(percent(scale(0)), infusion_day_text(0), anchor="start")]
    for months, is_major in ((3, False), (6, True)):
        label = pgettext("age in months", "%(count)d m") % {"count": months}
        ticks.append(Tick(percent(scale(months * DAYS_PER_MONTH)), label, is_major))
    for count in (1, 2, 3, 4, 5, 7, 10, 15):
        label = pgettext("age in years", "%(count)d y") % {"count": count}
        place = count * _MONTHS_PER_YEAR * DAYS_PER_MONTH
        ticks.append(Tick(percent(scale(place)), label, is_major=count in _MAJOR_YEARS))
    return ticks
