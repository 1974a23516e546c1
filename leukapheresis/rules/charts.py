"""Control charts: whether a quantity varies as it usually does, or something has changed.

Two charts. `individuals` takes one value per collection: the center line is their mean, and the limits lie
2.66 times the mean moving range (the mean difference of neighbors) on either side. `proportions` takes how
many of the cases of each month had an event: the center line is their share over all months, and the limits
lie three standard errors away, so that a month with few cases has wide ones. Limits end where the quantity
does. What lies beyond a limit, or eight in a row on one side of the center line, is a signal: luck alone
seldom does that.

With few cases a month the share is lopsided (most months have no event at all), so that eight months on one
side mean little. There a run is a signal only when luck alone makes it as seldom as eight heads in a row.

Source: Shewhart, Economic Control of Quality of Manufactured Product, 1931; Western Electric, Statistical
Quality Control Handbook, 1956 (eight in a row); Montgomery, Introduction to Statistical Quality Control
(individuals chart, fraction nonconforming); NHS England, Making Data Count (the same charts for hospitals).
How few points are too few, and the guard on runs of months, are working defaults of CARTPath.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, inf, isclose, lgamma, log, prod, sqrt
from statistics import fmean
from typing import Final, Literal

SOURCE: Final = (
    "Shewhart 1931; Western Electric Statistical Quality Control Handbook 1956; Montgomery, Introduction to "
    "Statistical Quality Control; NHS England, Making Data Count"
)

# Three standard deviations of single values: 3 ÷ 1.128, the expected range of two values.
MOVING_RANGE_FACTOR: Final = 2.66
STANDARD_ERRORS: Final = 3
RUN: Final = 8
# Fewer points have no limits; until there are enough for firm ones, limits are provisional.
FEWEST: Final = 8
FIRM_FROM: Final = 20
PERCENT: Final = 100

# How seldom luck alone makes a run that counts: eight in a row, each as likely as the flip of a coin.
_LUCK_OF_A_RUN: Final = 0.5**RUN

Side = Literal["above", "below"]


@dataclass(frozen=True, slots=True)
class Group:
    """The cases of one month whose outcome is known, and how many of them had the event."""

    events: int
    cases: int

    def __post_init__(self) -> None:
        """Refuse more events than cases."""
        if not 0 <= self.events <= self.cases:
            raise ValueError(f"{self.events} events of {self.cases} cases")


@dataclass(frozen=True, slots=True)
class Limits:
    """Between which values points lie by their usual variation."""

    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Point:
    """One point: its value (None is unknown, never 0), its limits where there are any, its signals."""

    value: float | None
    limits: Limits | None = None
    beyond: Side | None = None
    in_run: bool = False

    @property
    def is_signal(self) -> bool:
        """Whether the point is part of any signal."""
        return self.beyond is not None or self.in_run


@dataclass(frozen=True, slots=True)
class Signal:
    """Something luck alone seldom does: a point `beyond` its limit, or a `run` from one place to another."""

    kind: Literal["beyond", "run"]
    side: Side
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Chart:
    """The points in their order; center line, limits and signals only where there are enough known points."""

    points: tuple[Point, ...]
    known: int
    center: float | None
    signals: tuple[Signal, ...]

    @property
    def is_provisional(self) -> bool:
        """Whether limits are drawn that a few more points may still move."""
        return self.center is not None and self.known < FIRM_FROM


def individuals(values: Sequence[float], *, at_least: float = 0, at_most: float = inf) -> Chart:
    """The individuals chart of values in the order in which they came.

    The limits stay within what the quantity can be: not below `at_least`, not above `at_most`.

    Source: Montgomery, control charts for individual measurements; NHS England, Making Data Count.
    """
    if len(values) < FEWEST:
        return _without_limits(values, known=len(values))
    center = fmean(values)
    reach = MOVING_RANGE_FACTOR * fmean(abs(after - before) for before, after in pairwise(values))
    limits = _within(center, reach, at_least, at_most)
    return _judged(values, [limits] * len(values), center, luck=lambda run: 0.5 ** len(run.places))


def proportions(groups: Sequence[Group]) -> Chart:
    """The p chart of months in their order, in percent. A month without known cases is unknown, not 0.

    Source: Montgomery, control chart for fraction nonconforming with samples of different size.
    """
    values = [PERCENT * each.events / each.cases if each.cases else None for each in groups]
    known = sum(1 for value in values if value is not None)
    if known < FEWEST:
        return _without_limits(values, known=known)
    share = sum(each.events for each in groups) / sum(each.cases for each in groups)
    center = PERCENT * share
    limits = [_limits_of_share(center, share, each.cases) if each.cases else None for each in groups]
    return _judged(values, limits, center, luck=lambda run: _luck(run, groups, share))


def _limits_of_share(center: float, share: float, cases: int) -> Limits:
    reach = PERCENT * STANDARD_ERRORS * sqrt(share * (1 - share) / cases)
    return _within(center, reach, 0, PERCENT)


def _within(center: float, reach: float, at_least: float, at_most: float) -> Limits:
    """Limits that end where the quantity does, and never leave the center line outside."""
    return Limits(
        lower=min(center, max(at_least, center - reach)), upper=max(center, min(at_most, center + reach))
    )


def _without_limits(values: Sequence[float | None], *, known: int) -> Chart:
    return Chart(tuple(Point(value) for value in values), known, None, ())


def _judged(
    values: Sequence[float | None],
    limits: Sequence[Limits | None],
    center: float,
    *,
    luck: "Callable[[_Run], float]",
) -> Chart:
    """Every point with its limits and signals; `luck` is how often a run comes about by luck alone."""
    beyond = [_beyond(value, reach) for value, reach in zip(values, limits, strict=True)]
    runs = [run for run in _runs(values, center) if luck(run) <= _LUCK_OF_A_RUN]
    inside = {place for run in runs for place in run.places}
    points = tuple(
        Point(value, limits[place], beyond[place], place in inside) for place, value in enumerate(values)
    )
    signals = [Signal("beyond", side, place, place) for place, side in enumerate(beyond) if side]
    signals += [Signal("run", run.side, run.places[0], run.places[-1]) for run in runs]
    signals.sort(key=lambda signal: (signal.first, signal.last))
    known = sum(1 for value in values if value is not None)
    return Chart(points, known, center, tuple(signals))


def _beyond(value: float | None, limits: Limits | None) -> Side | None:
    if value is None or limits is None:
        return None
    if _side(value, limits.upper) == "above":
        return "above"
    return "below" if _side(value, limits.lower) == "below" else None


def _side(value: float, line: float) -> Side | None:
    """On which side of a line a value lies; none when it lies on it, but for the rounding of the machine."""
    if isclose(value, line, rel_tol=1e-9, abs_tol=1e-12):
        return None
    return "above" if value > line else "below"


@dataclass(frozen=True, slots=True)
class _Run:
    """Known points next to each other on one side of the center line."""

    side: Side
    places: tuple[int, ...]


def _runs(values: Sequence[float | None], center: float) -> list[_Run]:
    """Runs of eight and more. What is unknown says nothing; a point on the center line ends a run."""
    runs: list[_Run] = []
    side: Side | None = None
    places: list[int] = []
    for place, value in enumerate(values):
        if value is None:
            continue
        here = _side(value, center)
        if here != side:
            runs += _long_enough(side, places)
            side, places = here, []
        places.append(place)
    return runs + _long_enough(side, places)


def _long_enough(side: Side | None, places: Sequence[int]) -> list[_Run]:
    return [_Run(side, tuple(places))] if side and len(places) >= RUN else []


def _luck(run: _Run, groups: Sequence[Group], share: float) -> float:
    return prod(_chance(run.side, groups[place].cases, share) for place in run.places)


def _chance(side: Side, cases: int, share: float) -> float:
    """How often luck alone puts the share of so many cases on one side of the usual one."""
    usual = cases * share
    return sum(
        _chance_of(number, cases, share) for number in range(cases + 1) if _side(number, usual) == side
    )


def _chance_of(number: int, cases: int, share: float) -> float:
    """The binomial chance of so many events, by logarithms: factorials of large months don't fit a float."""
    if share in (0, 1):
        return float(number == cases * share)
    ways = lgamma(cases + 1) - lgamma(number + 1) - lgamma(cases - number + 1)
    return exp(ways + number * log(share) + (cases - number) * log(1 - share))
