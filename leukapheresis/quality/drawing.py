"""The chart as SVG: places across in percent, so that it fits a phone and paper, heights in pixels.

What is drawn carries classes and attributes only; colors are the style sheet's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final, Literal

from leukapheresis.quality.picture import Picture, Row

HEIGHT: Final = 300
_TOP: Final = 14
_BOTTOM: Final = 264
_LEFT: Final = 5.0
_RIGHT: Final = 94.0
# How near two labels below the chart may stand, in percent of its width; the second is that of a phone.
_LABEL_ROOM: Final = 9.0
_LABEL_ROOM_NARROW: Final = 20.0
_TICKS: Final = 5

MarkKind = Literal["usual", "beyond", "run"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A point and what it stands for."""

    x: str
    y: str
    kind: MarkKind
    row: Row


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True, slots=True)
class Level:
    """A value on the scale, or on the center line or a limit, with the height at which it stands."""

    y: str
    value: float


@dataclass(frozen=True, slots=True)
class MonthTick:
    """Where a month begins below the chart. A minor one has no name on a narrow screen."""

    x: str
    month: date
    is_minor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """All that is drawn."""

    height: int
    floor: str
    left: str
    right: str
    levels: Sequence[Level]
    months: Sequence[MonthTick]
    path: Sequence[Line]
    center: Level | None
    limits: Sequence[Line]
    limit_levels: Sequence[Level]
    marks: Sequence[Mark]


def drawing(picture: Picture) -> Drawing | None:
    """The chart; None while no value is known."""
    rows = picture.drawn
    known = [row.point.value for row in rows if row.point.value is not None]
    if not known:
        return None
    uppers = [row.point.limits.upper for row in rows if row.point.limits]
    scale = _Scale(_ticks(max([*known, *uppers])))
    places = [_across(place, len(rows)) for place in range(len(rows))]
    center = picture.chart.center
    return Drawing(
        height=HEIGHT,
        floor=_number(_BOTTOM),
        left=_percent(_LEFT),
        right=_percent(_RIGHT),
        levels=[Level(scale.y(value), value) for value in scale.ticks],
        months=_months(rows, places),
        path=_path(rows, places, scale),
        center=None if center is None else Level(scale.y(center), center),
        limits=_limits(picture, places, scale),
        limit_levels=_limit_levels(picture, scale),
        marks=[
            Mark(_percent(x), scale.y(row.point.value), _kind(row), row)
            for row, x in zip(rows, places, strict=True)
            if row.point.value is not None
        ],
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """Heights of values between 0 and the highest tick."""

    ticks: Sequence[float]

    def y(self, value: float) -> str:
        return _number(_BOTTOM - (_BOTTOM - _TOP) * value / self.ticks[-1])


def _ticks(highest: float) -> list[float]:
    """Round numbers from 0 to the highest value or just above it."""
    if highest <= 0:
        return [0.0, 1.0]
    raw = highest / _TICKS
    power = 10.0 ** floor(log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if raw <= power * factor * (1 + 1e-9))
    return [step * number for number in range(ceil(highest / step - 1e-9) + 1)]


def _across(place: int, count: int) -> float:
    """Places side by side; a single one stands in the middle."""
    return _LEFT + (_RIGHT - _LEFT) * (place + 0.5) / count


def _path(rows: Sequence[Row], places: Sequence[float], scale: _Scale) -> list[Line]:
    """From point to point; an unknown month leaves a gap."""
    lines = []
    for (before, x1), (after, x2) in pairwise(zip(rows, places, strict=True)):
        if before.point.value is not None and after.point.value is not None:
            lines.append(
                Line(_percent(x1), scale.y(before.point.value), _percent(x2), scale.y(after.point.value))
            )
    return lines


def _limits(picture: Picture, places: Sequence[float], scale: _Scale) -> list[Line]:
    """The limits as lines: from side to side, or as wide as each month's place. 0 is the ground itself."""
    if picture.limits:
        ends = (picture.limits.lower, picture.limits.upper)
        return [_level_line(_LEFT, _RIGHT, value, scale) for value in ends if value > 0]
    half = (_RIGHT - _LEFT) / len(places) / 2
    return [
        _level_line(x - half, x + half, value, scale)
        for row, x in zip(picture.drawn, places, strict=True)
        if row.point.limits
        for value in (row.point.limits.lower, row.point.limits.upper)
        if value > 0
    ]


def _level_line(x1: float, x2: float, value: float, scale: _Scale) -> Line:
    y = scale.y(value)
    return Line(_percent(x1), y, _percent(x2), y)


def _limit_levels(picture: Picture, scale: _Scale) -> list[Level]:
    """The limits' figures at the edge, where all points share them."""
    if not picture.limits:
        return []
    return [
        Level(scale.y(value), value) for value in (picture.limits.lower, picture.limits.upper) if value > 0
    ]


def _months(rows: Sequence[Row], places: Sequence[float]) -> list[MonthTick]:
    """The first point of each month, as far as there is room for its name."""
    ticks: list[MonthTick] = []
    seen: date | None = None
    free_from = free_from_narrow = 0.0
    for row, x in zip(rows, places, strict=True):
        month = row.on.replace(day=1)
        if month != seen and x >= free_from:
            ticks.append(MonthTick(_percent(x), month, is_minor=x < free_from_narrow))
            free_from = x + _LABEL_ROOM
            free_from_narrow = free_from_narrow if ticks[-1].is_minor else x + _LABEL_ROOM_NARROW
        seen = month
    return ticks


def _kind(row: Row) -> MarkKind:
    if row.point.beyond:
        return "beyond"
    return "run" if row.point.in_run else "usual"


def _percent(place: float) -> str:
    """A place across. Always with a decimal point: it is an address, not a number to read."""
    return f"{place:.2f}%"


def _number(place: float) -> str:
    return f"{place:.1f}"
