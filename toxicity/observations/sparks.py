"""The small line beside a row of the flowsheet, as coordinates. Pure geometry, no clock, no Django."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

WIDTH: Final = 96
HEIGHT: Final = 24
_MARGIN: Final = 3
# With a narrower span 0.1 °C more would look like a leap.
_LEAST_SPAN_SHARE: Final = 0.05

Point = tuple[datetime, float]
Limits = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Spark:
    """The line through the values, its end, and the band between the limits; a missing limit is the edge."""

    line: str
    end_x: float
    end_y: float
    band_y: float | None
    band_height: float | None

    @property
    def has_band(self) -> bool:
        """Whether there is a limit to shade."""
        return self.band_y is not None


def spark(points: Sequence[Point], since: datetime, until: datetime, limits: Limits | None) -> Spark | None:
    """Draw at least two values of a span of time, oldest first; None for fewer.

    The span is that of the sheet, so that the lines of all rows stand under each other: a line that ends
    early is a value nobody took lately.
    """
    if len(points) < 2:
        return None
    low, high = _ends([value for _at, value in points], limits)
    seconds = (until - since).total_seconds() or 1.0

    def x_of(at: datetime) -> float:
        return round(_MARGIN + (at - since).total_seconds() / seconds * (WIDTH - 2 * _MARGIN), 1)

    def y_of(value: float) -> float:
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        return round(HEIGHT - _MARGIN - share * (HEIGHT - 2 * _MARGIN), 1)

    dots = [(x_of(at), y_of(value)) for at, value in points]
    top, height = _band(limits, y_of)
    return Spark(" ".join(f"{x},{y}" for x, y in dots), *dots[-1], top, height)


def _band(limits: Limits | None, y_of: Callable[[float], float]) -> tuple[float | None, float | None]:
    if limits is None or limits == (None, None):
        return None, None
    low, high = limits
    top = 0.0 if high is None else y_of(high)
    bottom = float(HEIGHT) if low is None else y_of(low)
    return top, round(bottom - top, 1)


def _ends(values: Sequence[float], limits: Limits | None) -> tuple[float, float]:
    known = [*values, *(limit for limit in limits or () if limit is not None)]
    low, high = min(known), max(known)
    missing = max(abs(high) * _LEAST_SPAN_SHARE - (high - low), 0) or (0 if high > low else 1)
    return low - missing / 2, high + missing / 2
