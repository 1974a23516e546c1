"""The shapes of a drawn plan. Places are percentages: one drawing fits a phone and a sheet of paper."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from django.utils.functional import Promise

# The drawing in pixels and percent: the height of a lane, of the axis above the lanes, the margins aside.
LANE: Final = 38
AXIS: Final = 26
LABEL_BASE: Final = 13
BELOW_LABEL: Final = 26
_MARGIN: Final = 1.5


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time: the `window` of an item, a `repeat`ed item, or a `rule` that holds so long.

    `goes_on` marks one that lasts beyond the drawing.
    """

    x: str
    width: str
    kind: str
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis; `anchor` is where its label stands: at its `start`, `middle` or `end`."""

    x: str
    label: str
    is_major: bool = True
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of the drawing: its name and figure, and what is drawn below them."""

    y: int
    label: str
    detail: str
    bars: Sequence[Bar]
    marks: Sequence[str]
    repeats: Sequence[str] = ()

    @property
    def line_y(self) -> int:
        """Where the lane's bars and marks lie."""
        return self.y + BELOW_LABEL

    @property
    def label_y(self) -> int:
        """The base line of the lane's name."""
        return self.y + LABEL_BASE


@dataclass(frozen=True, slots=True)
class Link:
    """From what is done to what is counted from it."""

    x: str
    y1: int
    y2: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One panel of the time line."""

    key: str
    title: str | Promise
    note: str | Promise
    lanes: Sequence[Lane]
    ticks: Sequence[Tick]
    links: Sequence[Link] = ()
    breaks: Sequence[str] = ()

    @property
    def height(self) -> int:
        """The height of the drawing in pixels."""
        return AXIS + LANE * len(self.lanes) + 6


Scale = Callable[[float], float]


def percent(share: float) -> str:
    """A place in the drawing. Always with a decimal point: it is an address, not a number to read."""
    return f"{_MARGIN + share * (100 - 2 * _MARGIN):.2f}%"


def bar(start: float, end: float, scale: Scale, kind: str) -> Bar:
    """A stretch from one day to another."""
    first, last = scale(start), scale(end)
    width = max(last - first, 0) * (100 - 2 * _MARGIN)
    return Bar(percent(first), f"{width:.2f}%", kind)


def linear(end: float) -> Scale:
    """Every day as wide as the next; what lies outside is put at the edge."""
    return lambda day: min(max(day / end, 0.0), 1.0)


def square_root(end: float) -> Scale:
    """Days that shrink toward the end."""
    return lambda day: sqrt(min(max(day / end, 0.0), 1.0))
