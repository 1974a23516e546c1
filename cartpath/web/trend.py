"""A small line of measurements over time, as coordinates for a drawing. Pure geometry, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

WIDTH: Final = 300
HEIGHT: Final = 56
_MARGIN: Final = 5
# With a narrower span a gram more would look like a leap.
_LEAST_SPAN_SHARE: Final = 0.1

Point = tuple[datetime, float]


@dataclass(frozen=True, slots=True)
class Dot:
    """Where one value stands in the drawing."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Trend:
    """The drawing: the dots in order of time, the line through them, and the band of the limits if any.

    `first` and `last` are the ends in time, `low` and `high` the ends in value.
    """

    dots: tuple[Dot, ...]
    band_y: float | None
    band_height: float | None
    first: Point
    last: Point
    low: float
    high: float

    @property
    def line(self) -> str:
        """The points of an SVG polyline."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)

    @property
    def end(self) -> Dot:
        """The latest value."""
        return self.dots[-1]


def trend(points: Sequence[Point], limits: tuple[float, float] | None = None) -> Trend | None:
    """Draw at least two values, in any order; `limits` is the band that is shaded. None for fewer."""
    if len(points) < 2:
        return None
    ordered = sorted(points)
    values = [value for _at, value in ordered]
    low, high = _ends([*values, *(limits or ())])
    scale_y = (HEIGHT - 2 * _MARGIN) / (high - low)

    def y_of(value: float) -> float:
        return round(HEIGHT - _MARGIN - (value - low) * scale_y, 1)

    start = ordered[0][0]
    span = (ordered[-1][0] - start).total_seconds() or 1.0
    dots = tuple(
        Dot(round(_MARGIN + (at - start).total_seconds() / span * (WIDTH - 2 * _MARGIN), 1), y_of(value))
        for at, value in ordered
    )
    band_y = y_of(limits[1]) if limits else None
    band_height = round(y_of(limits[0]) - y_of(limits[1]), 1) if limits else None
    return Trend(dots, band_y, band_height, ordered[0], ordered[-1], min(values), max(values))


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    missing = max(abs(high) * _LEAST_SPAN_SHARE - (high - low), 0) or (0 if high > low else 1)
    return low - missing / 2, high + missing / 2
