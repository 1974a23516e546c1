"""The course of one analyte as coordinates of a drawing. Pure geometry, no clock.

Values that differ more than twentyfold are drawn on a scale of powers of ten: ferritin goes from hundreds to
tens of thousands, and a straight scale would hide its rise.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

__all__ = ["Chart", "Mark", "chart_of"]

WIDTH: Final = 720
HEIGHT: Final = 240
LEFT: Final = 56
RIGHT: Final = 12
TOP: Final = 12
BOTTOM: Final = 28
_LOG_FROM: Final = 20
_TICKS: Final = 5
_MOST_DAYS_TICKS: Final = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the drawing with what is written there."""

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A line through dots, marks on both axes, and the band between the limits (None: no limit)."""

    line: str
    dots: tuple[tuple[float, float], ...]
    values: tuple[Mark, ...]
    days: tuple[Mark, ...]
    band_y: float | None
    band_height: float | None
    is_log: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM
    top: int = TOP


def chart_of(points: Sequence[tuple[float, float]], *, low: float | None, high: float | None) -> Chart | None:
    """Draw values over days, oldest first; None for fewer than two. Source: design."""
    if len(points) < 2:
        return None
    values = [value for _day, value in points]
    above_zero = [value for value in values if value > 0]
    is_log = len(above_zero) == len(values) and max(values) / min(values) > _LOG_FROM
    limits = [limit for limit in (low, high) if limit is not None and (limit > 0 or not is_log)]
    ticks = _powers([*values, *limits]) if is_log else _steps([*values, *limits])
    y_of = _scale(ticks[0], ticks[-1], is_log=is_log)
    first, last = points[0][0], points[-1][0]
    span = (last - first) or 1.0

    def x_of(day: float) -> float:
        return round(LEFT + (day - first) / span * (WIDTH - LEFT - RIGHT), 1)

    dots = tuple((x_of(day), y_of(value)) for day, value in points)
    top = TOP if high is None else y_of(high)
    bottom = HEIGHT - BOTTOM if low is None else y_of(low)
    has_band = bool(limits)
    return Chart(
        line=" ".join(f"{x},{y}" for x, y in dots),
        dots=dots,
        values=tuple(Mark(y_of(tick), f"{tick:,.10g}".replace(",", " ")) for tick in ticks),
        days=tuple(Mark(x_of(day), _day_text(day)) for day in _day_ticks(first, last)),
        band_y=top if has_band else None,
        band_height=round(max(bottom - top, 0), 1) if has_band else None,
        is_log=is_log,
    )


def _scale(low: float, high: float, *, is_log: bool) -> Callable[[float], float]:
    def height_of(value: float) -> float:
        return log10(value) if is_log else value

    start, span = height_of(low), (height_of(high) - height_of(low)) or 1.0

    def y_of(value: float) -> float:
        share = min(max((height_of(value) - start) / span, 0.0), 1.0)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)

    return y_of


def _powers(values: Sequence[float]) -> list[float]:
    first, last = floor(log10(min(values))), ceil(log10(max(values)))
    return [10.0**power for power in range(first, max(last, first + 1) + 1)]


def _steps(values: Sequence[float]) -> list[float]:
    """Round marks from just below the lowest to just above the highest value."""
    low, high = min(values), max(values)
    raw = ((high - low) or abs(high) or 1.0) / _TICKS
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    first = floor(low / step)
    return [round(step * place, 10) for place in range(first, max(ceil(high / step), first + 1) + 1)]


def _day_text(day: int) -> str:
    return f"D{day:+d}".replace("-", "\N{MINUS SIGN}") if day else "D0"


def _day_ticks(first: float, last: float) -> list[int]:
    start, end = ceil(first), floor(last)
    step = max(1, ceil((end - start + 1) / _MOST_DAYS_TICKS))
    return list(range(start, end + 1, step))
