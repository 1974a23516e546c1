"""`python -m tests.simulation --reminders 100000 --seed 1`: fifteen years, and what became of each reminder.

The exit code is 1 when one was lost, doubled, told after its completion, or told to the wrong person or about
the wrong child.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

from tests.simulation.clock import FileClock
from tests.simulation.servers import Machinery

if TYPE_CHECKING:
    from tests.simulation.model import Verdict

# What one journey brings, as the protocol has it.
REMINDERS_OF_A_JOURNEY = 72
BREAKS = {"kills": 40, "process-kills": 10, "flushes": 10, "crashes": 10, "outages": 4}


def main() -> int:
    """Simulate, judge, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--reminders", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--years", type=int, default=15)
    for name, default in BREAKS.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="cartpath-simulation-") as name:
        folder = Path(name)
        machinery = Machinery(folder, workers=options.workers)
        try:
            os.environ.update(machinery.environment)
            return simulate(machinery, FileClock(folder / "clock"), options)
        finally:
            machinery.stop()


def simulate(machinery: Machinery, clock: FileClock, options: argparse.Namespace) -> int:
    """One run on running servers."""
    import django

    django.setup()
    from django.core.management import call_command

    from cartpath.reminders.models import Delivery, Reminder
    from tests.simulation import sink
    from tests.simulation.model import judge
    from tests.simulation.run import Breaks, Simulation

    call_command("migrate", verbosity=0)
    breaks = Breaks(options.kills, options.process_kills, options.flushes, options.crashes, options.outages)
    journeys = -(-options.reminders // REMINDERS_OF_A_JOURNEY)
    simulation = Simulation(
        machinery, clock, breaks, journeys=journeys, years=options.years, seed=options.seed
    )
    began = time.monotonic()
    simulation.run()
    took = timedelta(seconds=round(time.monotonic() - began))
    verdict = judge(simulation.record, sink.read(machinery.folder / "log"))
    say(f"{Reminder.objects.count():,} reminders of {journeys:,} journeys, seed {options.seed}, in {took}")
    say(f"{Delivery.objects.count():,} deliveries; broke: {breaks.done}; refused: {simulation.cast.refused}")
    report(verdict)
    return 0 if verdict.is_clean else 1


def report(verdict: "Verdict") -> None:
    """What was found, in figures, with the first of each kind."""
    say(f"{verdict.messages:,} messages left")
    say(f"{verdict.expected:,} of {verdict.asked:,} reminders had to be told")
    for name in ("lost", "doubled", "after_completion", "wrong", "repeated_by_killed_process"):
        found = getattr(verdict, name)
        say(f"{len(found):6,} {name.replace('_', ' ')}")
        for line in found[:5]:
            say(f"       {line}")
    late = sorted(verdict.lateness_minutes)
    if len(late) > 1:
        cuts = quantiles(late, n=100)
        say(
            f"lateness in minutes: median {cuts[49]:.2f}, 95 % {cuts[94]:.2f}, 99 % {cuts[98]:.2f}, "
            f"longest {late[-1]:.1f}"
        )


def say(line: str) -> None:
    """To standard output, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
