"""Many clients who book, hold, confirm, move and cancel at random."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

from cartpath.core.errors import DomainError
from leukapheresis.models import Booking
from leukapheresis.scheduling.booking import (
    booking_cancel,
    booking_confirm,
    booking_create,
    booking_hold,
    hold_release,
)
from leukapheresis.scheduling.expiry import holds_sweep
from leukapheresis.scheduling.moving import booking_move, day_add, day_release
from leukapheresis.scheduling.times import MachineTime
from tests.scheduling.world import BY, DAYS, HOURS, LONG, World

# What a refusal may say. Anything else is a bug.
KNOWN: Final = frozenset(
    {
        "slot_taken",
        "resource_busy",
        "patient_busy",
        "hold_expired",
        "not_held",
        "not_booked",
        "last_day",
        "not_found",
    }
)
# As many clients are served at once as by the web server of production: two workers with four threads each.
SERVER: Final = threading.BoundedSemaphore(8)
SWEEP_SECONDS: Final = 0.2
NAP_SECONDS: Final = 0.02
WORTH_A_LOOK_SECONDS: Final = 0.5
LONGEST_THOUGHT_SECONDS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Refusal:
    """When it was asked for and given, by the clock of the processor, and after how many questions of SQL."""

    began: float
    ended: float
    questions: int

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass(frozen=True, slots=True)
class Glance:
    """A look at one row that nobody locks took so many seconds: what the machine makes of one question."""

    at: float
    seconds: float


@dataclass(slots=True)
class Tally:
    """What came of the operations: done ones and refusals by code, the slow refusals, lost connections."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    slow: list[Refusal] = field(default_factory=list)
    glances: list[Glance] = field(default_factory=list)
    lost: int = 0
    strange: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take another client's tally in."""
        self.done += other.done
        self.refused += other.refused
        self.slow += other.slow
        self.lost += other.lost
        self.strange += other.strange

    def late(self, seconds: float) -> list[Refusal]:
        """The refusals that took longer, without what every question took meanwhile on a busy machine.

        What remains is waiting for others: that must have an end, also where processors are scarce.
        """
        return [refusal for refusal in self.slow if self._unhurried(refusal) > seconds]

    def _unhurried(self, refusal: Refusal) -> float:
        took = [each.seconds for each in self.glances if refusal.began <= each.at <= refusal.ended]
        return refusal.seconds - refusal.questions * (sum(took) / len(took) if took else 0.0)

    def __str__(self) -> str:
        done, refused = sum(self.done.values()), sum(self.refused.values())
        slowest = max((refusal.seconds for refusal in self.slow), default=0.0)
        waited = max((self._unhurried(refusal) for refusal in self.slow), default=0.0)
        return (
            f"{done} done {dict(self.done)}, {refused} refused {dict(self.refused)}, lost {self.lost},"
            f" slowest refusal {slowest:.2f} s, {waited:.2f} s of it without the questions"
        )


class Clock:
    """A clock that all clients share; every look at it is a second later, so that holds end on the way."""

    def __init__(self, start: datetime) -> None:
        self._start, self._ticks = start, count(1)

    def now(self) -> datetime:
        """A moment that nobody saw before."""
        return self._start + timedelta(seconds=next(self._ticks))


class Client:
    """One of many, with a child of its own."""

    def __init__(
        self,
        world: World,
        number: int,
        *,
        seed: int,
        clock: Clock,
        door: AbstractContextManager[Any] = SERVER,
    ) -> None:
        self.world, self.clock, self.door = world, clock, door
        self.journey_id = world.children[number]
        self.dice = Random(f"{seed}/{number}")
        self.booking_id: UUID | None = None
        # What the client was told that the booking is: "held", "booked", or nothing.
        self.told = ""
        self.questions = 0
        self.tally = Tally()

    def run(self, operations: int) -> None:
        """So many operations, with a moment's thought before each: the machine is to be busy, not drowned."""
        for _ in range(operations):
            time.sleep(self.dice.uniform(0, LONGEST_THOUGHT_SECONDS))
            self.once()

    def once(self) -> None:
        """One operation, refused or not."""
        chosen = self.dice.choice(FIRST if self.booking_id is None else LATER)
        with self.door, connection.execute_wrapper(self.count):
            self.questions, began = 0, time.perf_counter()
            self.attempt(chosen, began)

    def count(self, execute: Callable[..., Any], *question: Any) -> Any:
        """Let a question of SQL pass and count it."""
        self.questions += 1
        return execute(*question)

    def attempt(self, chosen: "Operation", began: float) -> None:
        """Do it and note what came of it, from the moment at which it was let in."""
        try:
            chosen(self, self.clock.now())
        except DomainError as refused:
            refusal = Refusal(began, time.perf_counter(), self.questions)
            self.tally.refused[refused.code] += 1
            if refusal.seconds > WORTH_A_LOOK_SECONDS:
                self.tally.slow.append(refusal)
            if refused.code not in KNOWN:
                self.tally.strange.append(f"{chosen.__name__}: {refused.code}: {refused.message}")
            if refused.code in ("hold_expired", "not_held", "not_booked", "patient_busy"):
                self.look()
        except (DatabaseError, InterfaceError) as error:
            self.lost_connection(chosen.__name__, error)
        else:
            self.tally.done[chosen.__name__] += 1

    def lost_connection(self, name: str, error: Exception) -> None:
        """Nothing of the kind happens while the server lives."""
        self.tally.strange.append(f"{name}: {type(error).__name__}: {error}")

    def look(self, *, may_be_over: bool = False) -> None:
        """See what the child has, as somebody would who was refused.

        What it was told before must still be there, but for a hold that has ended, unless it `may_be_over`.
        """
        live = Booking.objects.filter(journey_id=self.journey_id, state__in=("held", "booked")).first()
        if self.told and not may_be_over and (live is None or live.pk != self.booking_id):
            over = Booking.objects.filter(hold_expires_at__lte=self.clock.now()).values_list("pk", flat=True)
            if self.told == "booked" or self.booking_id not in over:
                self.tally.strange.append(f"{self.booking_id} was {self.told}, and then it was {live}")
        self.booking_id, self.told = (live.pk, live.state) if live else (None, "")

    def slot(self) -> UUID:
        return self.dice.choice(self.world.slots)

    def machine_time(self) -> MachineTime:
        """A time for which there is no slot: a quarter of an hour beside one."""
        day, hour = self.dice.randrange(DAYS), self.dice.choice(HOURS)
        starts_at = self.world.start + timedelta(days=10 + day, hours=hour, minutes=15)
        return MachineTime(self.dice.choice(self.world.machines), starts_at, starts_at + LONG)

    @property
    def act(self) -> dict[str, Any]:
        return {"booking_id": self.booking_id, "by": BY}

    def book(self, at: datetime) -> None:
        self.has(booking_create(journey_id=self.journey_id, slot_id=self.slot(), by=BY, at=at))

    def has(self, booking: Booking | None) -> None:
        """What the client is told that it has now."""
        self.booking_id, self.told = (booking.pk, booking.state) if booking else (None, "")

    def hold(self, at: datetime) -> None:
        minutes = self.dice.randint(1, 4)
        times = [self.slot()]
        self.has(booking_hold(journey_id=self.journey_id, times=times, minutes=minutes, by=BY, at=at))

    def book_two_days(self, at: datetime) -> None:
        times = self.dice.sample(self.world.slots, 2)
        self.has(booking_create(journey_id=self.journey_id, times=times, by=BY, at=at))

    def confirm(self, at: datetime) -> None:
        self.has(booking_confirm(**self.act, at=at))

    def release(self, at: datetime) -> None:
        hold_release(**self.act, at=at)
        self.has(None)

    def cancel(self, at: datetime) -> None:
        booking_cancel(**self.act, reason_code="family", at=at)
        self.has(None)

    def move(self, at: datetime) -> None:
        booking_move(**self.act, day=1, to=self.slot(), reason_code="family", at=at)

    def move_beside(self, at: datetime) -> None:
        booking_move(**self.act, day=1, to=self.machine_time(), reason_code="center", at=at)

    def add_day(self, at: datetime) -> None:
        day_add(**self.act, time=self.slot(), reason_code="cells", at=at)

    def drop_day(self, at: datetime) -> None:
        day_release(**self.act, day=1, reason_code="cells", at=at)


Operation = Callable[[Client, datetime], None]
FIRST: Final[tuple[Operation, ...]] = (
    Client.book,
    Client.book,
    Client.hold,
    Client.hold,
    Client.book_two_days,
)
LATER: Final[tuple[Operation, ...]] = (
    Client.confirm,
    Client.confirm,
    Client.cancel,
    Client.cancel,
    Client.release,
    Client.move,
    Client.move,
    Client.move_beside,
    Client.add_day,
    Client.drop_day,
    Client.book,
)


def race(clients: Sequence[Client], operations: int) -> Tally:
    """Let all clients go at one moment; what came of it together."""
    gate = threading.Barrier(len(clients))

    def run(client: Client) -> None:
        try:
            connection.ensure_connection()
            gate.wait()
            client.run(operations)
        finally:
            connection.close()

    over = threading.Event()
    together = Tally()
    helpers = (
        threading.Thread(target=_sweep_until, args=(over, clients[0].clock)),
        threading.Thread(target=_glance_until, args=(over, together.glances)),
    )
    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in (*helpers, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    for thread in helpers:
        thread.join()
    for client in clients:
        together.add(client.tally)
    return together


def _sweep_until(over: threading.Event, clock: Clock) -> None:
    """What beat does, only faster."""
    try:
        while not over.wait(SWEEP_SECONDS):
            with contextlib.suppress(DatabaseError, InterfaceError):
                holds_sweep(at=clock.now())
    finally:
        connection.close()


def _glance_until(over: threading.Event, glances: list[Glance]) -> None:
    """Look at a row again and again, and note how long it takes."""
    try:
        while not over.wait(NAP_SECONDS):
            began = time.perf_counter()
            with contextlib.suppress(DatabaseError, InterfaceError):
                Booking.objects.filter(pk=UUID(int=0)).first()
            now = time.perf_counter()
            glances.append(Glance(now, now - began))
    finally:
        connection.close()
