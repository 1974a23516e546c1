"""Fifteen years of one simulation: the clock goes from moment to moment, and things break on the way.

The clock is turned to the next moment at which something is due or somebody does something. From there it
goes on in beats of twenty seconds until the workers have come to rest, as the real clock would while they
work; so lateness is measured in the simulation's time, and what breaks costs time there as well.
"""

import heapq
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from random import Random

from django.db import DatabaseError, InterfaceError, connection
from kombu.exceptions import OperationalError

from cartpath.core.celery_config import BEAT_INTERVAL_SECONDS
from cartpath.reminders.tasks import tick
from tests.simulation.cast import Cast
from tests.simulation.clock import FileClock
from tests.simulation.servers import Machinery
from tests.simulation.story import Child, Record

START = datetime(2024, 2, 20, 9, tzinfo=UTC)
YEARS = 15
BEAT = timedelta(seconds=BEAT_INTERVAL_SECONDS)
# How long the workers have before the simulation's clock goes on by a beat.
BEAT_LASTS = 1.0
PATIENCE_SECONDS = 120.0
COHORTS = 4
OUTAGE = timedelta(hours=30)
VISITS = (*(f"visit_month_{number}" for number in (1, 2, 3, 6, 9, 12, 18, 24, 36, 48)), "visit_day_28")

_NEXT_SQL = """
SELECT least(
    (SELECT min(wake_at) FROM reminders_reminder WHERE state = 'open' AND wake_at IS NOT NULL),
    (SELECT min(next_try_at) FROM reminders_delivery WHERE state = 'intended'),
    (SELECT min(next_try_at) FROM reminders_digest WHERE state = 'intended'))
"""
_BUSY_SQL = """
SELECT (SELECT count(*) FROM reminders_reminder
         WHERE state = 'open' AND wake_at IS NOT NULL AND wake_at <= %(at)s),
       (SELECT count(*) FROM reminders_delivery
         WHERE state = 'intended' AND next_try_at <= %(at)s)
     + (SELECT count(*) FROM reminders_digest
         WHERE state = 'intended' AND next_try_at <= %(at)s)
"""


@dataclass
class Breaks:
    """How often what breaks, and how often it did."""

    kills: int
    process_kills: int
    flushes: int
    crashes: int
    outages: int
    done: dict[str, int] = field(default_factory=dict)

    def planned(self, random: Random, years: int) -> list[tuple[datetime, str]]:
        """When each may happen, in order: most of it while the children are new and much is sent."""
        names = (
            ["kill"] * self.kills
            + ["process"] * self.process_kills
            + ["flush"] * self.flushes
            + ["crash"] * self.crashes
            + ["outage"] * self.outages
        )
        span = timedelta(days=330 * years)
        return sorted((START + 0.8 * span * random.random() ** 2, name) for name in names)


class Simulation:
    """One run."""

    def __init__(
        self,
        machinery: Machinery,
        clock: FileClock,
        breaks: Breaks,
        *,
        journeys: int,
        years: int,
        seed: int,
    ) -> None:
        self.machinery, self.clock, self.breaks, self.years = machinery, clock, breaks, years
        self.random = Random(seed)
        self.cohort = max(9, journeys // COHORTS)
        self.record = Record()
        self.cast = Cast(self.record, self.random, clock)
        self.journeys, self.began = journeys, time.monotonic()
        self.steps = count(1)
        self.to_break = breaks.planned(self.random, years)
        self._acts: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._numbers = count()

    def run(self) -> None:
        """From the first infusion until so many years after the last."""
        self.clock.set(START)
        self.cast.assemble(self.journeys)
        self._write_the_story()
        self.machinery.start_workers()
        self._say("begins")
        end = START + timedelta(days=366 * self.years + 200)
        while True:
            due = self._next_due()
            act = self._acts[0][0] if self._acts else None
            at = min((each for each in (due, act) if each is not None), default=None)
            if at is None or at > end:
                return
            self.cast.order = next(self.steps)
            if self.cast.order % 500 == 0:
                self._say(f"step {self.cast.order}")
            self.clock.set(max(self.clock.now(), at))
            while self._acts and self._acts[0][0] <= at:
                heapq.heappop(self._acts)[2](at)
            if due is not None and due <= at:
                self._work(int(self.cast.order))

    # What people do

    def _at(self, at: datetime, act: Callable[[datetime], None]) -> None:
        heapq.heappush(self._acts, (at, next(self._numbers), act))

    def _write_the_story(self) -> None:
        """Cohorts of children who are infused together, and for each what will become of it."""
        for number, first in enumerate(range(0, self.journeys, self.cohort)):
            cohort = self.record.children[first : first + self.cohort]
            day_0 = START + timedelta(days=9 * number, minutes=20 * self.random.randrange(12))
            self._at(day_0, partial(self.cast.infuse, cohort))
            for child in cohort:
                self._write_a_life(child, day_0)
        for year in range(YEARS):
            self._at(self._some_time(START + timedelta(days=365 * year), 300), self.cast.change_people)

    def _some_time(self, start: datetime, days: float) -> datetime:
        return start + timedelta(days=days * self.random.random())

    def _write_a_life(self, child: Child, day_0: datetime) -> None:
        cast, chance = self.cast, self.random.random
        self._at(day_0 + timedelta(days=15), lambda at: cast.end_monitoring(child, at))
        for item in self.random.sample(VISITS, 3):
            self._at(self._some_time(day_0, 1200), partial(cast.visit, child, item=item))
            if chance() < 0.15:
                later = self._some_time(day_0, 2400)
                self._at(later, partial(cast.strike_visit, child, item=item))
        year = self.random.randrange(1, YEARS)
        form = f"registry_year_{year}"
        self._at(
            self._some_time(day_0 + timedelta(days=365 * year), 90), lambda at: cast.complete(child, at, form)
        )
        if chance() < 0.2:
            self._at(self._some_time(day_0, 400), lambda at: cast.acknowledge(child, at, "visit_month_12"))
        if chance() < 0.05:
            self._at(self._some_time(day_0 + timedelta(days=2), 60), lambda at: cast.correct(child, at))
        if chance() < 0.1:
            self._at(self._some_time(day_0 + timedelta(days=60), 1500), lambda at: cast.transplant(child, at))
        fate = chance()
        if fate < 0.2:
            reason = "died" if fate < 0.1 else "transferred" if fate < 0.15 else "lost_to_follow_up"
            late = self._some_time(day_0 + timedelta(days=20), 365 * YEARS)
            self._at(late, lambda at: cast.close(child, at, reason))

    # What the machinery does

    def _work(self, order: int) -> None:
        """Let the workers work until they rest, and perhaps break something meanwhile."""
        # Beat comes at its own seconds.
        self.clock.set(self.clock.now() + BEAT * self.random.random())
        waiting = self._waiting()
        breaking = None
        if (
            waiting
            and 2 * sum(waiting) >= self.cohort
            and self.to_break
            and self.to_break[0][0] <= self.clock.now()
        ):
            breaking = self.to_break.pop(0)[1]
        if breaking == "outage":
            self._outage()
        deadline = time.monotonic() + PATIENCE_SECONDS
        next_beat = 0.0
        said_before = self._sent()
        raced = self.random.random() > 0.1
        while (waiting := self._waiting()) is None or any(waiting):
            if time.monotonic() > deadline:
                raise RuntimeError(f"the workers don't come to rest at {self.clock.now()}: {waiting}")
            if time.monotonic() >= next_beat:
                if next_beat:
                    self.clock.set(self.clock.now() + BEAT)
                    self.machinery.start_workers()
                self._beat()
                next_beat = time.monotonic() + BEAT_LASTS
            if breaking and breaking != "outage" and self._sent() - said_before >= 4:
                self._break(breaking)
                breaking = None
            if not raced and waiting and 2 * waiting[1] >= self.cohort:
                raced = True
                self._race(order)
            time.sleep(0.01)
        if breaking and breaking != "outage":
            self.to_break.insert(0, (self.clock.now(), breaking))  # It was over too soon.
        self.record.orders.append(order)
        self.record.ends.append(self.clock.now())

    def _race(self, order: int) -> None:
        """Complete by hand what is just being sent."""
        from cartpath.reminders.models import Delivery

        self.cast.order = order + 0.5
        children = {child.journey_id: child for child in self.record.children}
        pending = Delivery.objects.filter(state="intended").order_by("-next_try_at")
        for journey_id, item in list(pending.values_list("reminder__journey_id", "reminder__item")[:6:2]):
            self.cast.complete(children[journey_id], self.clock.now(), item)

    def _beat(self) -> None:
        """What beat sends; when there is no broker, nothing is sent, and it tries again at the next beat."""
        for _worker in self.machinery.workers:
            try:
                tick.apply_async(expires=BEAT_INTERVAL_SECONDS)
            except OperationalError:
                return

    def _outage(self) -> None:
        """Nobody works for more than a day."""
        for number in range(len(self.machinery.workers)):
            self.machinery.kill_worker(number)
        self.clock.set(self.clock.now() + OUTAGE)
        self.machinery.start_workers()
        self._note("outage")

    def _break(self, what: str) -> None:
        number = self.random.randrange(len(self.machinery.workers))
        if what == "kill":
            self.machinery.kill_worker(number)
        elif what == "process":
            self.record.process_kills.append(self.machinery.kill_pool_process(number))
        elif what == "flush":
            self.machinery.flush_broker()
        else:
            connection.close()
            self.machinery.crash_database()
        self._note(what)

    def _note(self, what: str) -> None:
        self.breaks.done[what] = self.breaks.done.get(what, 0) + 1
        self._say(what)

    def _say(self, what: str) -> None:
        sys.stderr.write(f"{time.monotonic() - self.began:6.0f} s {self.clock.now():%Y-%m-%d %H:%M} {what}\n")

    def _sent(self) -> int:
        path = self.machinery.folder / "log"
        return path.stat().st_size // 200 if path.exists() else 0

    def _waiting(self) -> tuple[int, int] | None:
        """How many reminders and messages are due; None while nobody can say."""
        try:
            with connection.cursor() as cursor:
                cursor.execute(_BUSY_SQL, {"at": self.clock.now()})
                found: tuple[int, int] = cursor.fetchone()
                return found
        except (DatabaseError, InterfaceError):
            connection.close()
            return None

    def _next_due(self) -> datetime | None:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT_SQL)
            found: datetime | None = cursor.fetchone()[0]
            return found
