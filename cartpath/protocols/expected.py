"""From an expected item and its anchor to points in time. Pure; the clock is never read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Final

from cartpath.core.dates import MONTHS_PER_YEAR, add_months, local_midnight
from cartpath.protocols.plan import ExpectedItem

_HOURS_PER_DAY = 24
NOTHING_SAID: Final[Mapping[str, object]] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Occurrence:
    """One time an item is due. All times are UTC; `closes_at` is the first moment that is too late.

    `occurrence` counts from 1. Calendar items also carry their local days: `due_on` and the first and last
    day of the window, both inside it; these are None for items counted in hours.
    """

    item: ExpectedItem
    occurrence: int
    opens_at: datetime
    due_at: datetime
    closes_at: datetime
    due_on: date | None = None
    first_on: date | None = None
    last_on: date | None = None


def occurrences(
    item: ExpectedItem,
    anchor_at: datetime,
    tz: tzinfo,
    birth: date | None = None,
    said: Mapping[str, object] = NOTHING_SAID,
) -> list[Occurrence]:
    """Every time the item is due, in order; none for a birthday that lies before the anchor or isn't known.

    `anchor_at` is the clinical time of the anchor event, `said` its data and `tz` the center's zone. Calendar
    items count from the local day of the anchor: they open at local midnight of the window's first day and
    close at the end of its last. Items in hours count elapsed hours, also across a clock change. An item
    whose moment the anchor says is due then; none where it says no moment.
    Raises ValueError when `anchor_at` carries no offset.
    """
    if anchor_at.utcoffset() is None:
        raise ValueError("the anchor needs a time with an offset")
    if item.offset.said is not None:
        moment = _said_at(said.get(item.offset.said))
        return [_elapsed(item, 1, moment)] if moment else []
    if item.offset.hours is None:
        anchor_on = anchor_at.astimezone(tz).date()
        due_on = _due_on(item, anchor_on) if item.offset.age is None else birthday(item, birth, anchor_on)
        return [] if due_on is None else [_calendar(item, due_on, tz)]
    return [
        _elapsed(item, number, anchor_at.astimezone(UTC) + timedelta(hours=hours))
        for number, hours in enumerate(_due_hours(item, item.offset.hours), start=1)
    ]


def _said_at(value: object) -> datetime | None:
    """A moment as events write it, as UTC; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.utcoffset() is not None else None


def due_days(item: ExpectedItem, anchor_on: date) -> tuple[date, date, date]:
    """First day of the window, due day and last day of the window of a calendar item.

    Raises ValueError for an item that is counted in hours or from the birth.
    """
    return _window(item, _due_on(item, anchor_on))


def birthday(item: ExpectedItem, birth: date | None, anchor_on: date) -> date | None:
    """The birthday an item is due on; None when it isn't after the anchor's day or the birth isn't known.

    Who was born on February 29 turns older on February 28 of a common year. Raises ValueError for an item
    that isn't counted from the birth.
    """
    if item.offset.age is None:
        raise ValueError(f"{item.item} isn't counted from the birth")
    if birth is None:
        return None
    due_on = add_months(birth, item.offset.age * MONTHS_PER_YEAR)
    return due_on if due_on > anchor_on else None


def _due_on(item: ExpectedItem, anchor_on: date) -> date:
    if item.offset.months is not None:
        return add_months(anchor_on, item.offset.months)
    if item.offset.days is not None:
        return anchor_on + timedelta(days=item.offset.days)
    raise ValueError(f"{item.item} is counted in hours, from the birth or as said, not from a day")


def _window(item: ExpectedItem, due_on: date) -> tuple[date, date, date]:
    before, after = timedelta(days=item.window.before_days), timedelta(days=item.window.after_days)
    return due_on - before, due_on, due_on + after


def _calendar(item: ExpectedItem, due_on: date, tz: tzinfo) -> Occurrence:
    first_on, due_on, last_on = _window(item, due_on)
    return Occurrence(
        item=item,
        occurrence=1,
        opens_at=local_midnight(first_on, tz),
        due_at=local_midnight(due_on, tz),
        closes_at=local_midnight(last_on + timedelta(days=1), tz),
        due_on=due_on,
        first_on=first_on,
        last_on=last_on,
    )


def _due_hours(item: ExpectedItem, first: int) -> range:
    if item.recurrence is None:
        return range(first, first + 1)
    return range(first, item.recurrence.for_days * _HOURS_PER_DAY + 1, item.recurrence.every_hours)


def _elapsed(item: ExpectedItem, number: int, due_at: datetime) -> Occurrence:
    return Occurrence(
        item=item,
        occurrence=number,
        opens_at=due_at - timedelta(hours=item.window.before_hours),
        due_at=due_at,
        closes_at=due_at + timedelta(hours=item.window.after_hours),
    )
