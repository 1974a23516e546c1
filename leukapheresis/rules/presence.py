"""When resources are there, as numbers: a year of many resources is looked through in a moment.

Moments are whole seconds since 1970 (UTC), so comparing them costs nothing. The answers are those of
`Opening.shut`, which explains a single one in words.

Source: the center's own plan (hours, closures, exceptional openings).
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from cartpath.core.dates import local_midnight
from leukapheresis.rules.opening import DayHours, Hours, Opening

SECONDS_PER_DAY: Final = 86_400


class Almanac:
    """The calendar days of a search in one zone, each with the second at which it begins."""

    def __init__(self, zone: tzinfo, first: date, last: date) -> None:
        self.zone = zone
        self.first, self.last = first.toordinal(), last.toordinal()
        days = (date.fromordinal(day) for day in range(self.first, self.last + 2))
        self._midnights = [int(local_midnight(day, zone).timestamp()) for day in days]

    @property
    def begins(self) -> int:
        """The first second of the first day."""
        return self._midnights[0]

    @property
    def ends(self) -> int:
        """The second after the last day."""
        return self._midnights[-1]

    def midnight(self, day: int) -> int:
        """The second at which a day (by its ordinal) begins."""
        return self._midnights[day - self.first]

    def day_of(self, second: int) -> int:
        """The ordinal of the day in which a second lies."""
        return self.first + bisect_right(self._midnights, second) - 1

    def second(self, day: int, clock: time) -> int:
        """The second at which clocks show a time on a day."""
        midnight = self.midnight(day)
        if self._midnights[day - self.first + 1] - midnight == SECONDS_PER_DAY:
            return midnight + clock.hour * 3600 + clock.minute * 60 + clock.second
        return int(datetime.combine(date.fromordinal(day), clock, tzinfo=self.zone).timestamp())

    def moment(self, second: int) -> datetime:
        """A second as a time in the zone."""
        return datetime.fromtimestamp(second, tz=self.zone)


@dataclass(frozen=True, slots=True)
class Presence:
    """The times at which a resource is there, in order, none touching the next."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def covers(self, start: int, end: int) -> bool:
        """Whether the resource is there from `start` to `end`."""
        at = bisect_right(self.starts, start) - 1
        return at >= 0 and self.ends[at] >= end

    def within(self, start: int, end: int) -> list[tuple[int, int]]:
        """The times between two moments, cut at them."""
        at = max(0, bisect_right(self.starts, start) - 1)
        found = []
        while at < len(self.starts) and self.starts[at] < end:
            cut = max(self.starts[at], start), min(self.ends[at], end)
            if cut[0] < cut[1]:
                found.append(cut)
            at += 1
        return found


def presence(opening: Opening, almanac: Almanac) -> Presence:
    """When a resource is there over all days of an almanac."""
    if not (opening.hours or opening.open_days or opening.closed):
        return Presence((almanac.begins,), (almanac.ends,))
    spans = sorted(_spans(opening, almanac))
    starts: list[int] = []
    ends: list[int] = []
    for start, end in spans:
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return Presence(tuple(starts), tuple(ends))


def _spans(opening: Opening, almanac: Almanac) -> Iterable[tuple[int, int]]:
    exceptional: dict[int, list[DayHours]] = {}
    for open_day in opening.open_days:
        exceptional.setdefault(open_day.on.toordinal(), []).append(open_day)
    closed = _closed_days(opening, almanac, whole_center=False)
    closed |= _closed_days(opening, almanac, whole_center=True) - exceptional.keys()
    weekly: list[list[Hours]] = [[] for _weekday in range(7)]
    for hours in opening.hours:
        weekly[hours.weekday].append(hours)
    for day in range(almanac.first, almanac.last + 1):
        if day in closed:
            continue
        rows: Sequence[DayHours | Hours] = exceptional.get(day) or weekly[(day + 6) % 7]
        if not rows and not opening.hours:
            yield almanac.midnight(day), almanac.midnight(day + 1)
        for row in rows:
            start = almanac.second(day, row.opens)
            end = _closing(almanac, day, row)
            if end > start:
                yield start, end


def _closing(almanac: Almanac, day: int, row: DayHours | Hours) -> int:
    if row.closes > row.opens:
        return almanac.second(day, row.closes)
    if row.closes == time(0):
        return almanac.midnight(day + 1)
    following = date.fromordinal(day) + timedelta(days=1)
    return int(datetime.combine(following, row.closes, tzinfo=almanac.zone).timestamp())


def _closed_days(opening: Opening, almanac: Almanac, *, whole_center: bool) -> set[int]:
    days: set[int] = set()
    for closure in opening.closed:
        if closure.whole_center == whole_center:
            first = max(closure.first_on.toordinal(), almanac.first)
            last = min(closure.last_on.toordinal(), almanac.last)
            days.update(range(first, last + 1))
    return days
