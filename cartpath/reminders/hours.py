"""Quiet hours and the hour of the digest, on the clock of a center. Pure.

A span of quiet hours is counted from its beginning on one local day to its end on that day or the next, so
the night of a clock change has one span as well, an hour shorter or longer.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Protocol

QUIET_FROM: Final = time(21)
QUIET_UNTIL: Final = time(7)
# Half an hour after calendar items are announced, so that the day's own are in it.
DIGEST_AT: Final = time(7, 30)


class Chosen(Protocol):
    """What a center chose."""

    quiet_from: time | None
    quiet_until: time | None
    digest_at: time


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """The hours of one center, with its zone."""

    zone: tzinfo
    quiet_from: time | None = QUIET_FROM
    quiet_until: time | None = QUIET_UNTIL
    digest_at: time = DIGEST_AT

    def local_day(self, at: datetime) -> date:
        """The calendar day of a moment."""
        return at.astimezone(self.zone).date()

    def quiet_end(self, at: datetime) -> datetime | None:
        """When the quiet hours end in which a moment lies, as UTC; None outside of them."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        today = self.local_day(at)
        for day in (today - timedelta(days=1), today):
            last = day if self.quiet_from < self.quiet_until else day + timedelta(days=1)
            starts_at, ends_at = self._moment(day, self.quiet_from), self._moment(last, self.quiet_until)
            if starts_at <= at < ends_at:
                return ends_at
        return None

    def digest_moment(self, on: date) -> datetime:
        """When the digest of a local day goes, as UTC."""
        return self._moment(on, self.digest_at)

    def next_digest(self, at: datetime) -> datetime:
        """When the first digest goes that isn't before a moment, as UTC."""
        today = self.local_day(at)
        first = self.digest_moment(today)
        return first if first >= at else self.digest_moment(today + timedelta(days=1))

    def _moment(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, tzinfo=self.zone).astimezone(UTC)


def hours_of(chosen: Chosen | None, zone: tzinfo) -> Hours:
    """The hours a center chose, or the defaults."""
    if chosen is None:
        return Hours(zone=zone)
    return Hours(
        zone=zone,
        quiet_from=chosen.quiet_from,
        quiet_until=chosen.quiet_until,
        digest_at=chosen.digest_at,
    )
