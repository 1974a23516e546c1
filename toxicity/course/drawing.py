"""Where things stand in the picture of the first thirty days. Pure geometry, no clock, no words.

Coordinates are texts as SVG reads them, so that no language changes their decimal mark. Everything is told by
place, height, length and shape; color only repeats it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WIDTH: Final = 1000
LEFT: Final = 132
RIGHT: Final = 988
GRADE_STEP: Final = 9
WORST_GRADE: Final = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """The stretch of time that is drawn, from `begins` up to `ends`."""

    begins: datetime
    ends: datetime

    def x(self, at: datetime) -> float:
        """Where a time stands; a time outside stands at the edge."""
        share = (at - self.begins) / (self.ends - self.begins)
        return LEFT + min(max(share, 0.0), 1.0) * (RIGHT - LEFT)

    def holds(self, at: datetime) -> bool:
        """Whether a time lies in the frame."""
        return self.begins <= at < self.ends


@dataclass(frozen=True, slots=True)
class Measured:
    """One value; `comparator` is `<` or `>` when the true value lies beyond it."""

    at: datetime
    value: float
    comparator: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """One value in the picture."""

    x: str
    y: str
    told: Measured


@dataclass(frozen=True, slots=True)
class Level:
    """A line across at a value; `is_limit` for one that means something, drawn dashed."""

    y: str
    value: float
    is_limit: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """Values as a line: `path` for SVG, broken where nothing was measured for too long."""

    top: int
    bottom: int
    path: str
    dots: tuple[Dot, ...]
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """How values become height: `low` stands at `bottom`, `high` at `top`; `logarithmic` by decades."""

    top: int
    bottom: int
    low: float
    high: float
    logarithmic: bool = False

    def y(self, value: float) -> float:
        """Where a value stands; one beyond the axis stands at its end."""
        kept = min(max(value, self.low), self.high)
        if self.logarithmic:
            share = math.log10(kept / self.low) / math.log10(self.high / self.low)
        else:
            share = (kept - self.low) / (self.high - self.low)
        return self.bottom - share * (self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Step:
    """A grade from its assessment until the next one, as high as it is severe; a grade 0 is a flat line."""

    x: str
    width: str
    y: str
    height: str
    grade: int
    at_least: bool
    at: datetime
    says_grade: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time; `goes_on` is true where it isn't over at the edge or at the time of asking."""

    x: str
    width: str
    end: str
    goes_on: bool


def text(value: float) -> str:
    """A coordinate as SVG reads it."""
    return f"{value:.1f}"


def curve(
    frame: Frame,
    axis: Axis,
    values: Iterable[Measured],
    *,
    levels: Sequence[tuple[float, bool]] = (),
    broken_after: timedelta,
) -> Curve:
    """Values in order of time as a line with dots; a gap longer than `broken_after` breaks the line."""
    inside = sorted((each for each in values if frame.holds(each.at)), key=lambda each: each.at)
    dots = tuple(Dot(text(frame.x(each.at)), text(axis.y(each.value)), each) for each in inside)
    path = "".join(
        f"{_joint(before, dot, broken_after)}{dot.x} {dot.y}"
        for before, dot in zip((None, *dots), dots, strict=False)
    )
    drawn = tuple(Level(text(axis.y(value)), value, is_limit) for value, is_limit in levels)
    return Curve(axis.top, axis.bottom, path, dots, drawn)


def _joint(before: Dot | None, dot: Dot, broken_after: timedelta) -> str:
    if before is None or dot.told.at - before.told.at > broken_after:
        return "M"
    return "L"


def steps(
    frame: Frame,
    floor: int,
    graded: Sequence[tuple[datetime, int, bool]],
    *,
    until: datetime,
    holds: timedelta,
) -> tuple[Step, ...]:
    """Grades (time, grade, at least) as steps on a floor, each until the next or while it holds.

    The grade is written where it changes.
    """
    ordered = sorted(graded)
    ends = [*(each[0] for each in ordered[1:]), until]
    found: list[Step] = []
    told: tuple[int, bool] | None = None
    for (at, grade, at_least), next_at in zip(ordered, ends, strict=False):
        end = max(min(next_at, at + holds), at)
        if end < frame.begins or at >= frame.ends:
            continue
        left = frame.x(at)
        height = max(grade * GRADE_STEP, 1)
        found.append(
            Step(
                x=text(left),
                width=text(max(frame.x(end) - left, 1.5)),
                y=text(floor - height),
                height=text(height),
                grade=grade,
                at_least=at_least,
                at=at,
                says_grade=(grade, at_least) != told and grade > 0,
            )
        )
        told = (grade, at_least)
    return tuple(found)


def bar(frame: Frame, begins: datetime, ends: datetime | None, *, now: datetime) -> Bar | None:
    """A stretch from `begins` to `ends`, until now while it isn't over; None outside the frame."""
    until = ends or max(now, begins)
    if until < frame.begins or begins >= frame.ends:
        return None
    left, right = frame.x(begins), frame.x(until)
    return Bar(
        text(left),
        text(max(right - left, 2.0)),
        text(max(right, left + 2.0)),
        ends is None or ends > frame.ends,
    )


def decades(values: Iterable[float], *, at_least: tuple[float, float]) -> tuple[float, float]:
    """The whole decades that hold every value, at least those named."""
    low, high = at_least
    for value in values:
        if value > 0:
            low = min(low, 10.0 ** math.floor(math.log10(value)))
            high = max(high, 10.0 ** math.ceil(math.log10(value)))
    return low, high


def ceiling(values: Iterable[float], *, at_least: float) -> float:
    """A round number at or above every value: 1, 2 or 5 of a decade."""
    highest = max((*values, at_least))
    decade = 10.0 ** math.floor(math.log10(highest))
    return next(step * decade for step in (1, 2, 5, 10) if step * decade >= highest)
