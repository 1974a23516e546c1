"""The slot finder over twelve months, beside a plain loop over the same center in the same run.

The plain loop asks the same of the same rules, day by day and half hour by half hour, without keeping any
answer. Both get what the database holds; the finder's time includes reading it, in its fixed number of
queries, the loop's doesn't. Each size has a database of its own, and is filled with a year of bookings.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench.servers import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cartpath.core.dates import Period
    from leukapheresis.scheduling.finding import Found
    from patients.models import Journey

SIZES: Final = (10, 30, 1_000)
BOOKINGS: Final = 2_000
TURNS: Final = 7
TARGET_OF: Final = 30
TARGET_MS: Final = 300.0
# The loop stops where the finder's page stops; a whole year would take it minutes at the largest size.
LOOP_DATES: Final = 20


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds for a center of one size: the median, and the slowest of the turns."""

    resources: int
    bookings: int
    year_ms: float
    slowest_ms: float
    page_ms: float
    loop_ms: float
    queries: int


def run() -> bool:
    """Measure, print, and say whether the target was met."""
    print(f"\nSlot finder, 12 months, median of {TURNS}; a loop to its first {LOOP_DATES} dates beside it")
    print(
        f"{'resources':>10}{'bookings':>10}{'queries':>9}{'year ms':>10}{'slowest':>10}{'page ms':>10}",
        end="",
    )
    print(f"{'loop ms':>12}   page beside loop")
    met = True
    for size in SIZES:
        found = _of_size(size)
        print(
            f"{found.resources:10,}{found.bookings:10,}{found.queries:9}{found.year_ms:10.0f}"
            f"{found.slowest_ms:10.0f}{found.page_ms:10.0f}{found.loop_ms:12,.0f}"
            f"   {found.loop_ms / found.page_ms:.1f} times as fast"
        )
        if found.resources == TARGET_OF:
            met = found.year_ms <= TARGET_MS
    print(f"a year of {TARGET_OF} resources: at most {TARGET_MS:.0f} ms: {'met' if met else 'missed'}")
    return met


def _of_size(resources: int) -> Measured:
    with _database(f"cartpath_bench_finder_{resources}") as url:
        done = subprocess.run(
            [sys.executable, "-m", "bench.finder", str(resources)],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return Measured(**json.loads(done.stdout))


@contextmanager
def _database(name: str) -> "Iterator[str]":
    address = os.environ["DATABASE_URL"]
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(address)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def main() -> None:
    """Fill an empty database and print what was measured in it as JSON."""
    import django

    django.setup()
    from django.core.management import call_command

    from bench.unit import unit_fill
    from cartpath.accounts.models import Center
    from patients.models import Journey

    call_command("migrate", interactive=False, verbosity=0)
    at = datetime(2026, 3, 2, 11, tzinfo=UTC)
    center = Center.objects.create(code="BENCH", name="Bench", timezone="Europe/Rome", region="EU")
    filled = unit_fill(center, resources=int(sys.argv[1]), bookings=BOOKINGS, at=at)
    journey = Journey.objects.select_related("patient", "center", "referral").get(pk=filled.journey.pk)
    json.dump(asdict(_measured(journey, len(filled.resources), filled.bookings, at)), sys.stdout)


def _measured(journey: "Journey", resources: int, bookings: int, at: datetime) -> Measured:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from leukapheresis.scheduling.finding import Wish, found_for

    def look(most: int | None) -> "Found":
        return found_for(journey, Wish(from_on=at.date(), most=most), at=at)

    with CaptureQueriesContext(connection) as asked:
        found = look(None)
    year = [_milliseconds(lambda: look(None)) for _turn in range(TURNS)]
    page = [_milliseconds(lambda: look(LOOP_DATES)) for _turn in range(TURNS)]
    fast = [answer.on for answer in found.answers if answer.is_offered][:LOOP_DATES]
    loop = Loop(found, journey)
    loop_ms = _milliseconds(lambda: loop.dates(at.date(), LOOP_DATES))
    if loop.found != fast:
        raise RuntimeError("the finder and the plain loop found other dates")
    return Measured(
        resources=resources,
        bookings=bookings,
        year_ms=statistics.median(year),
        slowest_ms=max(year),
        page_ms=statistics.median(page),
        loop_ms=loop_ms,
        queries=len(asked),
    )


def _milliseconds(act: "Callable[[], object]") -> float:
    begun = perf_counter()
    act()
    return (perf_counter() - begun) * 1000


class Loop:
    """The same search as one would write it first."""

    def __init__(self, found: "Found", journey: "Journey") -> None:
        from leukapheresis.models import Allocation
        from leukapheresis.scheduling.stands import stands_of

        self._child = found.child
        self._zone = journey.center.zone
        self._minutes = found.wish.minutes
        self._stands = stands_of(journey.center, since=found.almanac.moment(found.almanac.begins))
        rows = Allocation.objects.filter(resource__center=journey.center, is_live=True)
        self._uses = [
            (resource_id, unit, period.lower, period.upper)
            for resource_id, unit, period in rows.values_list("resource_id", "unit", "period")
        ]
        self.found: list[date] = []

    def dates(self, first: date, most: int) -> Sequence[date]:
        """The first dates on which everything is there and free."""
        self.found = []
        day = first
        while len(self.found) < most and day < first + timedelta(days=365):
            if self._fits(day):
                self.found.append(day)
            day += timedelta(days=1)
        return self.found

    def _fits(self, day: date) -> bool:
        for half_hour in range(48):
            starts_at = datetime(
                day.year, day.month, day.day, half_hour // 2, half_hour % 2 * 30, tzinfo=self._zone
            )
            ends_at = (starts_at.astimezone(UTC) + timedelta(minutes=self._minutes)).astimezone(self._zone)
            if ends_at.date() == day and self._all(day, starts_at, ends_at):
                return True
        return False

    def _all(self, day: date, starts_at: datetime, ends_at: datetime) -> bool:
        for machine in (stand.resource for stand in self._stands if stand.resource.kind == "machine"):
            needed = [need for need in self._child.needs(machine, on=day) if need.verdict == "needed"]
            if all(
                self._any(need.part, need.around(starts_at, ends_at, self._zone), machine.pk)
                for need in needed
            ):
                return True
        return False

    def _any(self, part: str, period: "Period", machine: object) -> bool:
        for stand in self._stands:
            resource = stand.resource
            if resource.kind != part or (part == "machine" and resource.pk != machine):
                continue
            if stand.opening.shut(period) is not None:
                continue
            begins, ends = period.starts_at, period.ends_at
            for unit in range(1, resource.capacity + 1):
                if not any(
                    key == resource.pk and taken == unit and lower < ends and begins < upper
                    for key, taken, lower, upper in self._uses
                ):
                    return True
        return False


if __name__ == "__main__":
    main()
