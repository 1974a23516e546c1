"""A time zone as iCalendar tells it (RFC 5545, section 3.6.5).

Written here, because the library lets summer begin at the hour after the change, while the standard counts
the moment of a change on the clock before it.
"""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_STEP: Final = timedelta(days=1)
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAYS_IN_A_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the clock: `at` is its moment on the clock that was in force before it."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str

    @property
    def rule(self) -> tuple[int, int, timedelta, timedelta]:
        """What the changes of one yearly rule share: month, weekday, and the offsets."""
        return self.at.month, self.at.weekday(), self.before, self.after


@lru_cache(maxsize=64)
def timezone_of(key: str, first_year: int, last_year: int) -> Timezone:
    """The component for a zone, right from the first year to the last one, both included."""
    zone = ZoneInfo(key)
    made = Timezone()
    made.add("tzid", key)
    start = datetime(first_year, 1, 1, tzinfo=UTC)
    offset, name = _state(start, zone)
    made.add_component(_observance(Change(start.replace(tzinfo=None) + offset, offset, offset, name)))
    changes = sorted(_changes(zone, start, datetime(last_year + 1, 1, 1, tzinfo=UTC)), key=_by_rule)
    for _rule, group in groupby(changes, key=lambda change: change.rule):
        same = list(group)
        part = _observance(same[0])
        yearly = _yearly([change.at.date() for change in same])
        if yearly:
            part.add("rrule", yearly)
        elif len(same) > 1:
            part.add("rdate", [change.at for change in same[1:]])
        made.add_component(part)
    return made


def _yearly(days: Sequence[date]) -> dict[str, str | int] | None:
    """The rule for one day in each of several years, such as the last Sunday of March.

    Some calendar programs understand only rules, so dates are listed where there is no rule.
    """
    years = [day.year for day in days]
    if len(days) == 1 or years != list(range(years[0], years[0] + len(days))):
        return None
    places = {(day.day - 1) // _DAYS_IN_A_WEEK + 1 for day in days}
    if all(day.day + _DAYS_IN_A_WEEK > calendar.monthrange(day.year, day.month)[1] for day in days):
        place = "-1"
    elif len(places) == 1:
        place = str(places.pop())
    else:
        return None
    return {"freq": "yearly", "bymonth": days[0].month, "byday": place + _WEEKDAYS[days[0].weekday()]}


def _by_rule(change: Change) -> tuple[int, int, timedelta, timedelta, datetime]:
    return (*change.rule, change.at)


def _observance(change: Change) -> TimezoneDaylight | TimezoneStandard:
    part = TimezoneDaylight() if change.after > change.before else TimezoneStandard()
    part.add("dtstart", change.at)
    part.add("tzoffsetfrom", change.before)
    part.add("tzoffsetto", change.after)
    part.add("tzname", change.name)
    return part


def _changes(zone: tzinfo, start: datetime, end: datetime) -> Iterator[Change]:
    """Every change of the clock between two moments in UTC, in order."""
    at = start
    while at < end:
        if _state(at, zone) != _state(at + _STEP, zone):
            moment = _moment_of_change(zone, at, at + _STEP)
            before, _name = _state(at, zone)
            after, name = _state(moment, zone)
            yield Change(moment.replace(tzinfo=None) + before, before, after, name)
        at += _STEP


def _moment_of_change(zone: tzinfo, low: datetime, high: datetime) -> datetime:
    """The first second after the change, found by halving; there is one change between the two."""
    old = _state(low, zone)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if _state(middle, zone) == old:
            low = middle
        else:
            high = middle
    return high


def _state(at: datetime, zone: tzinfo) -> tuple[timedelta, str]:
    local = at.astimezone(zone)
    return local.utcoffset() or timedelta(0), local.tzname() or ""
