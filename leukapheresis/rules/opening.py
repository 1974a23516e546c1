"""Whether a resource is there for a period: working hours, exceptional days, closures, lead time.

Hours are read on the center's clock and compared as moments, so an hour is an hour also across a clock
change. Periods are half-open. Hours of neighboring days join: a stay over midnight is one period.

Source: the center's own plan (hours, closures, exceptional openings).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

from cartpath.core.dates import Period, local_midnight
from cartpath.core.sentences import say


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of one weekday (0 is Monday). Those that close at or before they open end on the next day."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class DayHours:
    """Hours of one calendar day, in place of the weekday's."""

    on: date
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """Days on which nothing can be used, the last one included.

    `whole_center` closures give way to `DayHours`; those of the resource itself don't.
    """

    first_on: date
    last_on: date
    kind: str
    note: str = ""
    whole_center: bool = True

    def covers(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.first_on <= day <= self.last_on


@dataclass(frozen=True, slots=True)
class Shut:
    """Why a resource isn't there; `closure` is the one in the way, None outside of working hours."""

    why: Literal["closed", "hours"]
    on: date
    sentence: str
    closure: ClosedDays | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """When one resource is there. Without any hours it is there around the clock, but for closed days."""

    zone: tzinfo
    hours: Sequence[Hours] = ()
    open_days: Sequence[DayHours] = ()
    closed: Sequence[ClosedDays] = ()

    def shut(self, period: Period) -> Shut | None:
        """What keeps the resource from being there for the whole period; None when it is there."""
        reached = period.starts_at.astimezone(UTC)
        ends_at = period.ends_at.astimezone(UTC)
        if reached >= ends_at:
            return None
        first = period.starts_at.astimezone(self.zone).date()
        last = period.ends_at.astimezone(self.zone).date()
        for span in self.spans(first - timedelta(days=1), last):
            if span.starts_at > reached:
                break
            reached = max(reached, span.ends_at)
            if reached >= ends_at:
                return None
        return self._shut_on(reached.astimezone(self.zone).date())

    def spans(self, first: date, last: date) -> Iterator[Period]:
        """The times at which the resource is there that begin on these days, in order, as UTC."""
        day = first
        while day <= last:
            yield from sorted(self._of_day(day), key=lambda span: span.starts_at)
            day += timedelta(days=1)

    def _of_day(self, day: date) -> Iterator[Period]:
        if self.closure(day) is not None:
            return
        exceptional = [row for row in self.open_days if row.on == day]
        weekly = [row for row in self.hours if row.weekday == day.weekday()]
        rows: Sequence[DayHours | Hours] = exceptional or weekly
        if not self.hours and not exceptional:
            yield Period(local_midnight(day, self.zone), local_midnight(day + timedelta(days=1), self.zone))
        for row in rows:
            ends_on = day if row.closes > row.opens else day + timedelta(days=1)
            begins = datetime.combine(day, row.opens, tzinfo=self.zone).astimezone(UTC)
            ends = datetime.combine(ends_on, row.closes, tzinfo=self.zone).astimezone(UTC)
            if ends > begins:
                yield Period(begins, ends)

    def closure(self, day: date) -> ClosedDays | None:
        """What closes a day; None on days that are open or outside of working hours."""
        is_exceptional = any(row.on == day for row in self.open_days)
        for closure in self.closed:
            if closure.covers(day) and not (closure.whole_center and is_exceptional):
                return closure
        return None

    def _shut_on(self, day: date) -> Shut:
        closure = self.closure(day)
        if closure is None:
            return Shut("hours", day, say("outside of working hours on {day}", day=day.isoformat()))
        note = f" ({closure.note})" if closure.note else ""
        return Shut("closed", day, say("closed on {day}{note}", day=day.isoformat(), note=note), closure)


def with_buffers(period: Period, *, before_minutes: int, after_minutes: int) -> Period:
    """A period with the time that must stay free around it.

    Source: the buffers of the center's resource.
    """
    return Period(
        period.starts_at.astimezone(UTC) - timedelta(minutes=before_minutes),
        period.ends_at.astimezone(UTC) + timedelta(minutes=after_minutes),
    )


def ready_from(at: datetime, *, lead_hours: int) -> datetime:
    """The first moment for which something with a lead time can be booked at `at`, as UTC.

    Source: the lead time of the center's resource or of the bundle row.
    """
    return at.astimezone(UTC) + timedelta(hours=lead_hours)
