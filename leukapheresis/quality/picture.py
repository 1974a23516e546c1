"""What the quality page shows for its filters: points with their cases, signals, and parts compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import Final

from leukapheresis.quality.cases import Case
from leukapheresis.quality.measures import UNKNOWN, Filters, Measure
from leukapheresis.quality.words import band_choices, device_text
from leukapheresis.rules.charts import (
    PERCENT,
    Chart,
    Group,
    Limits,
    Point,
    Signal,
    individuals,
    proportions,
)

# Of all cells that passed the machine no more than all can be in the bag.
_AT_MOST: Final = {Measure.CE2: float(PERCENT)}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table and, unless its value is unknown, one point: a day, or a month with its cases.

    `on` is the day, or the first day of the month. A month in which nothing was collected has no row.
    """

    on: date
    point: Point
    cases: tuple[Case, ...]

    @property
    def case(self) -> Case:
        """The only case of a day, or the first of a month."""
        return self.cases[0]

    @property
    def known(self) -> int:
        """In how many cases it is known what happened."""
        return len(_values(self.cases))

    @property
    def unknown(self) -> int:
        """In how many it isn't."""
        return len(self.cases) - self.known

    @property
    def events(self) -> int:
        """In how many it happened."""
        return _events(self.cases)

    @property
    def anchor(self) -> str:
        """The line of the table that tells about a month."""
        return f"month-{self.on:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Told:
    """A signal with the points it runs over."""

    signal: Signal
    first: Row
    last: Row

    @property
    def points(self) -> int:
        """How many places of the chart it spans."""
        return self.signal.last - self.signal.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A weight band or a device beside the others, with the address that draws it alone."""

    label: str
    query: str
    is_chosen: bool
    known: int
    unknown: int
    events: int
    average: float | None
    limits: Limits | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The chart with its rows in the order of time; `drawn` are those that have a place on it."""

    filters: Filters
    rows: Sequence[Row]
    drawn: Sequence[Row]
    chart: Chart
    cases: int
    unknown: int
    bands: Sequence[Part]
    devices: Sequence[Part]
    device_choices: Sequence[tuple[str, str]]

    @property
    def told(self) -> list[Told]:
        """Every signal with its points."""
        return [Told(each, self.drawn[each.first], self.drawn[each.last]) for each in self.chart.signals]

    @property
    def limits(self) -> Limits | None:
        """The limits, where all points have the same."""
        if self.filters.measure.is_counted or not self.drawn:
            return None
        return self.drawn[0].point.limits

    @property
    def latest_first(self) -> list[Row]:
        """The rows as the table lists them."""
        return list(reversed(self.rows))


def picture(cases: Sequence[Case], filters: Filters, *, today: date) -> Picture:
    """Draw the cases of a measure that fit the filters."""
    first_day = filters.first_day(today)
    in_period = [case for case in cases if first_day is None or case.on >= first_day]
    shown = [case for case in in_period if case.fits(filters)]
    rows, drawn, chart = _by_month(shown) if filters.measure.is_counted else _by_day(shown, filters.measure)
    return Picture(
        filters=filters,
        rows=rows,
        drawn=drawn,
        chart=chart,
        cases=len(shown),
        unknown=len(shown) - len(_values(shown)),
        bands=_bands(in_period, filters),
        devices=_devices(in_period, filters),
        device_choices=_device_choices(cases, filters),
    )


# --- Points ------------------------------------------------------------------------------------------------


def _by_day(cases: Sequence[Case], measure: Measure) -> tuple[list[Row], list[Row], Chart]:
    """One row per case. An unknown value has a row and no point."""
    chart = _individuals(cases, measure)
    points = iter(chart.points)
    rows = [Row(case.on, Point(None) if case.value is None else next(points), (case,)) for case in cases]
    return rows, [row for row in rows if row.point.value is not None], chart


def _by_month(cases: Sequence[Case]) -> tuple[list[Row], list[Row], Chart]:
    """One row and one place per month in which anything was collected."""
    by_month: dict[date, list[Case]] = {}
    for case in cases:
        by_month.setdefault(case.on.replace(day=1), []).append(case)
    chart = proportions([Group(_events(each), len(_values(each))) for each in by_month.values()])
    rows = [
        Row(month, point, tuple(each))
        for (month, each), point in zip(by_month.items(), chart.points, strict=True)
    ]
    return rows, rows, chart


def _individuals(cases: Iterable[Case], measure: Measure) -> Chart:
    values = _values(cases)
    at_most = _AT_MOST.get(measure)
    return individuals(values) if at_most is None else individuals(values, at_most=at_most)


def _values(cases: Iterable[Case]) -> list[float]:
    return [case.value for case in cases if case.value is not None]


def _events(cases: Iterable[Case]) -> int:
    return round(sum(_values(cases)))


# --- Parts -------------------------------------------------------------------------------------------------


def _bands(cases: Sequence[Case], filters: Filters) -> list[Part]:
    """The weight bands in which anything was collected, for the chosen device."""
    of_device = [case for case in cases if case.fits(filters.but(band=""))]
    return [
        _part(label, [case for case in of_device if case.band_key == key], filters, band=key)
        for key, label in band_choices()
        if any(case.band_key == key for case in of_device)
    ]


def _devices(cases: Sequence[Case], filters: Filters) -> list[Part]:
    """The devices with which anything was collected, in the chosen weight band."""
    of_band = [case for case in cases if case.fits(filters.but(device=""))]
    return [
        _part(
            label, [case for case in of_band if device.casefold() in case.device_keys], filters, device=device
        )
        for device, label in _named_devices(of_band)
    ]


def _part(label: str, cases: Sequence[Case], filters: Filters, **chosen: str) -> Part:
    values = _values(cases)
    counted = filters.measure.is_counted
    factor = PERCENT if counted else 1
    chart = None if counted else _individuals(cases, filters.measure)
    return Part(
        label=label,
        query=filters.but(**chosen).query,
        is_chosen=all(
            getattr(filters, name).casefold() == value.casefold() for name, value in chosen.items()
        ),
        known=len(values),
        unknown=len(cases) - len(values),
        events=_events(cases) if counted else 0,
        average=fmean(values) * factor if values else None,
        limits=chart.points[0].limits if chart and chart.points else None,
    )


def _device_choices(cases: Sequence[Case], filters: Filters) -> list[tuple[str, str]]:
    """Every device of the unit, and the one asked for even if nobody used it."""
    named = _named_devices(cases)
    if filters.device and filters.device.casefold() not in {device.casefold() for device, _label in named}:
        named.append((filters.device, device_text(filters.device)))
    return named


def _named_devices(cases: Iterable[Case]) -> list[tuple[str, str]]:
    """Devices with their labels, by name, the unknown one last."""
    named = {name.casefold(): name for case in cases for name in case.devices or (UNKNOWN,)}
    return [
        (name, device_text(name))
        for key, name in sorted(named.items(), key=lambda pair: (pair[0] == UNKNOWN, pair[0]))
    ]
