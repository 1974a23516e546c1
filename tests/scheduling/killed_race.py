"""A race that outlives its database: `python -m tests.scheduling.killed_race CLIENTS OPERATIONS`.

It migrates the database that `DATABASE_URL` names, says "half-way" when the clients did half of what they are
to do, and checks everything when they are done. The exit code is 1 when a promise is broken.
"""

import os
import sys
import time
from datetime import UTC, datetime
from itertools import count
from typing import Final

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cartpath.settings")
django.setup()

# Models can be read only now.
from django.core.management import call_command  # noqa: E402
from django.db import DatabaseError, InterfaceError, connection  # noqa: E402

from cartpath.ledger.verify import verify  # noqa: E402
from tests.scheduling.clients import Client, Clock, race  # noqa: E402
from tests.scheduling.promises import broken, forgotten  # noqa: E402
from tests.scheduling.world import World  # noqa: E402

START: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
RECOVERY_SECONDS: Final = 60


class Survivor(Client):
    """A client that takes a lost connection as it comes: it looks what became of its act, and goes on."""

    half_way: int
    done = count(1)

    def once(self) -> None:
        super().once()
        if next(self.done) == self.half_way:
            sys.stdout.write("half-way\n")
            sys.stdout.flush()

    def lost_connection(self, name: str, error: Exception) -> None:
        if "deadlock" in str(error):
            super().lost_connection(name, error)
            return
        self.tally.lost += 1
        deadline = time.monotonic() + RECOVERY_SECONDS
        while time.monotonic() < deadline:
            connection.close()
            try:
                # Whether the act under way came through nobody knows; only these two end anything.
                self.look(may_be_over=name in ("cancel", "release"))
            except (DatabaseError, InterfaceError):
                time.sleep(0.2)
            else:
                return
        self.tally.strange.append("the database didn't come back")


def main() -> int:
    """Race, check, and say what was found."""
    call_command("migrate", verbosity=0)
    clients, operations = (int(argument) for argument in sys.argv[1:])
    Survivor.half_way = clients * operations // 2
    world, clock = World.made(clients, at=START), Clock(START)
    survivors = [Survivor(world, number, seed=7, clock=clock) for number in range(clients)]
    tally = race(survivors, operations)
    connection.close()  # It was idle while its server died.
    problems = [*tally.strange, *forgotten(survivors, at=clock.now())]
    problems += [f"{promise}: {rows}" for promise, rows in broken(clock.now()).items()]
    problems += [str(each) for each in verify().breaks]
    sys.stdout.write("".join(f"{line}\n" for line in (f"lost {tally.lost}", str(tally), *problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
