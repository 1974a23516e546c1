"""When the milestones of an order are to be expected now that some came late.

Source: DESIGN. A milestone is planned by the protocol's row; what the manufacturer tells stands above it. The
delay of the last milestone that is known shifts those behind it of which nothing was told; being early
promises nothing for the next.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """One milestone: planned by the row, told by the manufacturer, reached; each None while unknown."""

    id: str
    planned_on: date | None = None
    told_on: date | None = None
    reached_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """When a milestone is to be expected, None when nobody can say, and how many days later than planned."""

    id: str
    expected_on: date | None
    delay_days: int


def forecast(stops: Iterable[Stop], *, today: date) -> tuple[Forecast, ...]:
    """The milestones in their order, each with the day to expect it on.

    A milestone that is due and hasn't come is expected today at the earliest. Source: DESIGN.
    """
    carried = timedelta()
    seen_open = False
    made = []
    for stop in stops:
        if stop.reached_on is not None:
            carried = _late(stop.planned_on, stop.reached_on, carried)
            made.append(Forecast(id=stop.id, expected_on=stop.reached_on, delay_days=carried.days))
            continue
        expected = stop.told_on or (stop.planned_on + carried if stop.planned_on else None)
        if expected is not None and not seen_open and expected < today:
            expected = today
        seen_open = seen_open or expected is not None
        if expected is not None:
            carried = _late(stop.planned_on, expected, carried)
        made.append(Forecast(id=stop.id, expected_on=expected, delay_days=carried.days if expected else 0))
    return tuple(made)


def _late(planned_on: date | None, on: date, carried: timedelta) -> timedelta:
    """The delay known after a milestone; one without a plan hands on what came before."""
    return carried if planned_on is None else max(on - planned_on, timedelta())
