"""A short simulation: a year, everything broken at least once, and nobody told wrongly."""

import subprocess
import sys

from tests.simulation.servers import ROOT

PATIENCE_SECONDS = 600
SHORT = {
    "reminders": 600,
    "years": 1,
    "kills": 3,
    "process-kills": 0,
    "flushes": 1,
    "crashes": 1,
    "outages": 1,
}


def test_a_year_with_everything_broken_loses_doubles_and_misleads_nobody() -> None:
    options = [f"--{name}={value}" for name, value in SHORT.items()]
    command = [sys.executable, "-m", "tests.simulation", *options]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert "'kill'" in done.stdout
    assert "'crash'" in done.stdout
