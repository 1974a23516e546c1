"""Many clients on few resources: nothing overlaps, is half or lost, and refusals are quick.

On every commit the race is run in part, on one seed each way; `make race` runs all of it: 64 clients with 500
operations each, on several seeds.
"""

import os
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Final

import pytest

from cartpath.ledger.verify import verify
from tests.scheduling.clients import Client, Clock, Tally, race
from tests.scheduling.promises import broken, forgotten
from tests.scheduling.world import World

CLIENTS: Final = 64
OPERATIONS: Final = int(os.environ.get("RACE_OPERATIONS", "10"))
SEEDS: Final = [int(seed) for seed in os.environ.get("RACE_SEEDS", "1").split(",")]
START: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
LONGEST_SECONDS: Final = 1.0
# A machine on which others work as well is slow in bursts: a race is run again for them, and of thousands of
# refusals a few may be late. `test_patience.py` holds every single wait to its end.
LATE_SHARE: Final = 0.001
TRIES: Final = 3


def refuse_broken_promises(clients: list[Client], tally: Tally, clock: Clock) -> None:
    """Everything that must be true after any race."""
    sys.stdout.write(f"{tally}\n")
    at = clock.now()
    assert tally.strange == []
    assert broken(at) == {}
    assert forgotten(clients, at=at) == []
    assert verify().breaks == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_double_books_nothing_is_half_and_every_refusal_names_its_conflict_in_time(seed: int) -> None:
    """As many are served at once as by the web server; a refusal's time counts from when it is let in."""
    for _try in range(TRIES):
        world, clock = World.made(CLIENTS, at=START), Clock(START)
        clients = [Client(world, number, seed=seed, clock=clock) for number in range(CLIENTS)]
        tally = race(clients, OPERATIONS)
        refuse_broken_promises(clients, tally, clock)
        refused = sum(tally.refused.values())
        assert sum(tally.done.values()) + refused == CLIENTS * OPERATIONS
        if len(tally.late(LONGEST_SECONDS)) <= refused * LATE_SHARE:
            return
    pytest.fail(f"refusals took longer than {LONGEST_SECONDS} s in {TRIES} races: {tally}")


@pytest.mark.django_db(transaction=True)
def test_with_all_clients_in_the_database_at_once_nothing_overlaps_is_half_or_lost() -> None:
    world, clock = World.made(CLIENTS, at=START), Clock(START)
    clients = [
        Client(world, number, seed=1000 + SEEDS[0], clock=clock, door=nullcontext())
        for number in range(CLIENTS)
    ]
    tally = race(clients, OPERATIONS // 2)
    refuse_broken_promises(clients, tally, clock)
