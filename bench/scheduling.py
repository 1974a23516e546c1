"""Bookings per second at 1 and at 16 clients, beside raw INSERTs under the same constraint in the same run.

A booking claims a machine, a chair, a nurse and the laboratory, judges bundle, hours, washout and quota, and
writes the ledger with everything that follows from it. The yardstick writes one row into a copy of the table
of allocations, exclusion constraint and indexes included, and commits. Both commit durably.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final

import psycopg
from psycopg.types.range import TimestamptzRange

from bench.workers import ask, own_database, race

NAME: Final = "cartpath_bench_scheduling"
MODULE: Final = "bench.bookings"
JOURNEYS: Final = 320
CLIENTS: Final = (1, 16)
WORKERS: Final = 2
TURNS: Final = 3
ALONE: Final = 80
RAW_SECONDS: Final = 2.0
FIRST: Final = datetime(2030, 1, 1, tzinfo=UTC)


def run() -> bool:
    """Measure and print; nothing is required but that every booking is made."""
    with seeded_database() as (url, pairs, machines):
        turns: dict[tuple[str, int], list[float]] = defaultdict(list)
        for _turn in range(TURNS):
            for clients in CLIENTS:
                # One after the other, so that what else the machine does slows both alike.
                turns["INSERTs", clients].append(_raw(url, machines, clients))
                chosen = pairs if clients > 1 else pairs[:ALONE]
                turns["bookings", clients].append(_booked(url, chosen, clients))
                ask(MODULE, url, {"act": "cancel"})
    print(f"\nbookings with four parts, median of {TURNS} turns, {WORKERS} processes for many clients")
    print(f"{'clients':>8}{'bookings/s':>14}{'INSERTs/s':>14}{'ratio':>9}{'ratio of each turn':>26}")
    for clients in CLIENTS:
        ours, raw_ones = turns["bookings", clients], turns["INSERTs", clients]
        ratios = [one / other for one, other in zip(ours, raw_ones, strict=True)]
        each = " ".join(f"{ratio:.3f}" for ratio in ratios)
        print(f"{clients:8}{median(ours):14,.0f}{median(raw_ones):14,.0f}{median(ratios):9.3f}{each:>26}")
    return True


def _booked(url: str, pairs: list[Any], clients: int) -> float:
    """Bookings per second from the first start to the last end."""
    workers = min(WORKERS, clients)
    asked = [
        {"act": "book", "pairs": pairs[number::workers], "threads": clients // workers}
        for number in range(workers)
    ]
    results = race(MODULE, url, asked)
    again = sum(each["again"] for each in results)
    if again:
        print(f"{clients} clients were told {again} times to try again")
    seconds = max(each["ended"] for each in results) - min(each["began"] for each in results)
    return float(sum(each["count"] for each in results) / seconds)


def _raw(url: str, machines: list[str], clients: int) -> float:
    """Rows per second that so many connections write, each for a machine and time of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS raw_allocation")
        connection.execute("CREATE TABLE raw_allocation (LIKE leukapheresis_allocation INCLUDING ALL)")
    counts = [0] * clients
    over = threading.Event()
    gate = threading.Barrier(clients + 1)

    def insert(number: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            gate.wait()
            while not over.is_set():
                starts_at = FIRST + timedelta(hours=3 * (counts[number] * clients + number))
                connection.execute(
                    "INSERT INTO raw_allocation (id, booking_id, day_id, kind, resource_id, unit, period,"
                    " is_live, need, reason)"
                    " VALUES (%s, gen_random_uuid(), %s, 'machine', %s, 1, %s, true, '', '')",
                    [
                        counts[number] * clients + number,
                        counts[number] * clients + number,
                        machines[number % len(machines)],
                        TimestamptzRange(starts_at, starts_at + timedelta(hours=3)),
                    ],
                )
                counts[number] += 1

    threads = [threading.Thread(target=insert, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    time.sleep(RAW_SECONDS)
    over.set()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


@contextmanager
def seeded_database() -> Iterator[tuple[str, list[Any], list[str]]]:
    """A database of its own with children to be booked, dropped afterwards."""
    with own_database(NAME) as url:
        print(f"Filling a database with {JOURNEYS} children to be booked …", flush=True)
        made = ask(MODULE, url, {"act": "seed", "journeys": JOURNEYS})
        yield url, made["pairs"], made["machines"]
