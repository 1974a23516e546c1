"""Calendar and clock arithmetic that clinical rules share. Pure: nothing here reads the clock.

Months are counted from the starting day and clamped to the month's end, never chained. Hours are elapsed
hours, also across a clock change. Periods are half-open: the start belongs to them, the end does not.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

from cartpath.core.sentences import say

MONTHS_PER_YEAR = 12
DAYS_PER_WEEK = 7

# Display bands of an age: how a ward speaks of it. Weeks from 4 weeks, months from 3 months, years from 2.
_WEEKS_FROM_DAYS = 28
_MONTHS_FROM_MONTHS = 3
_YEARS_FROM_YEARS = 2

# A clinical date outside these days is a slip of the keyboard, or a number taken for a date.
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2200, 12, 31)

AgeUnit = Literal["days", "weeks", "months", "years"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})")


def add_months(day: date, months: int) -> date:
    """The day `months` calendar months after `day` (before it when negative), clamped to the month's end.

    2024-02-29 plus 12 months is 2025-02-28. Raises OverflowError outside the years 1 to 9999.
    """
    year, month_index = divmod(day.year * MONTHS_PER_YEAR + day.month - 1 + months, MONTHS_PER_YEAR)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError(f"{months} months from {day.isoformat()} lie outside the calendar")
    month = month_index + 1
    last_day = calendar.monthrange(year, month)[1]
    return date(year, month, min(day.day, last_day))


def months_between(first: date, last: date) -> int:
    """Completed calendar months from `first` to `last`; negative when `last` comes first."""
    if last < first:
        return -months_between(last, first)
    months = (last.year - first.year) * MONTHS_PER_YEAR + last.month - first.month
    return months if add_months(first, months) <= last else months - 1


def day_post(infused_on: date, on: date) -> int:
    """Days after infusion, counted in calendar days: the day of infusion is day 0, the eve is -1."""
    return (on - infused_on).days


def local_midnight(day: date, zone: tzinfo) -> datetime:
    """The first moment of a calendar day in a zone, as UTC.

    UTC because Python compares two times of one zone by the clock on the wall and so errs across a change.
    """
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def add_elapsed(at: datetime, span: timedelta) -> datetime:
    """`at` plus elapsed time, in the zone of `at`: 24 h over a clock change is another wall-clock hour.

    Raises ValueError when `at` carries no offset.
    """
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError("a time without an offset can't be counted from")
    return (at.astimezone(UTC) + span).astimezone(at.tzinfo)


def parse_moment(text: str) -> datetime | date:
    """Read `YYYY-MM-DD` as a date or an ISO 8601 time with an offset as an aware datetime.

    Raises ValueError with a sentence for anything else: a time without an offset, a day that isn't in the
    calendar, a day outside `FIRST_DAY` to `LAST_DAY`.
    """
    moment: datetime | date
    if _DATE.fullmatch(text):
        moment = day = date.fromisoformat(text)
    elif _TIME.fullmatch(text):
        moment = datetime.fromisoformat(text)
        day = moment.date()
    else:
        raise ValueError(
            say("Give a date as YYYY-MM-DD or a time as YYYY-MM-DDThh:mm with its offset, e.g. +01:00.")
        )
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(say("Give a day from {first} to {last}.", first=FIRST_DAY, last=LAST_DAY))
    return moment


@dataclass(frozen=True, kw_only=True, slots=True)
class Age:
    """An age in completed units, each counted from birth: `days`, `weeks`, `months` and `years`."""

    days: int
    months: int

    @property
    def weeks(self) -> int:
        """Completed weeks of life."""
        return self.days // DAYS_PER_WEEK

    @property
    def years(self) -> int:
        """Completed years of life."""
        return self.months // MONTHS_PER_YEAR

    @property
    def unit(self) -> AgeUnit:
        """The leading unit in which this age is shown."""
        if self.years >= _YEARS_FROM_YEARS:
            return "years"
        if self.months >= _MONTHS_FROM_MONTHS:
            return "months"
        return "weeks" if self.days >= _WEEKS_FROM_DAYS else "days"

    @property
    def parts(self) -> tuple[tuple[int, AgeUnit], ...]:
        """What to show, largest first: `((5, "years"), (8, "months"))` or `((7, "weeks"),)`."""
        if self.unit == "years":
            return (self.years, "years"), (self.months % MONTHS_PER_YEAR, "months")
        amount = {"days": self.days, "weeks": self.weeks, "months": self.months}[self.unit]
        return ((amount, self.unit),)

    def __str__(self) -> str:
        """English short form: `12 d`, `7 w`, `5 m`, `5 y 8 m`."""
        return " ".join(f"{amount} {unit[0]}" for amount, unit in self.parts)


def age_on(birth: date, on: date) -> Age:
    """The age on a day. Someone born on February 29 turns a year older on February 28 of a common year.

    Raises ValueError before birth.
    """
    if on < birth:
        raise ValueError("the day lies before birth")
    return Age(days=(on - birth).days, months=months_between(birth, on))


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span of time: `starts_at` is inside, `ends_at` is not. Both carry an offset."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        """Refuse times without an offset and periods that end before they start."""
        if self.starts_at.utcoffset() is None or self.ends_at.utcoffset() is None:
            raise ValueError("a period needs times with an offset")
        if self.duration < timedelta(0):
            raise ValueError("a period can't end before it starts")

    @property
    def duration(self) -> timedelta:
        """Elapsed time from start to end."""
        return self.ends_at.astimezone(UTC) - self.starts_at.astimezone(UTC)

    def contains(self, at: datetime) -> bool:
        """Whether a moment lies in the period."""
        return self.starts_at.astimezone(UTC) <= at.astimezone(UTC) < self.ends_at.astimezone(UTC)

    def overlaps(self, other: "Period") -> bool:
        """Whether the two share a moment; an empty period shares none, and touching is not sharing."""
        start = max(self.starts_at.astimezone(UTC), other.starts_at.astimezone(UTC))
        return start < min(self.ends_at.astimezone(UTC), other.ends_at.astimezone(UTC))
