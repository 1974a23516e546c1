#!/usr/bin/env python3
"""The one door to everything a developer does.

It needs only python3 and a package registry: the first command builds `.venv`, and each command then goes
on inside it. `make` calls this file and adds nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Callable, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parent))

import environment

PYTHON = str(environment.PYTHON)


def main() -> None:
    """Build what the command needs, then become it."""
    environment.require_new_python()
    listing = "\n".join(f"  {name:9} {command.__doc__}" for name, command in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="scripts/dev.py",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=f"commands:\n{listing}",
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the command")
    options = parser.parse_args()
    COMMANDS[options.command](options.arguments)


def setup(arguments: list[str]) -> None:
    """Build .venv and nothing else."""
    environment.ensure("dev")


def demo(arguments: list[str]) -> NoReturn:
    """Start CARTPath with demo data (PORT=8000, DATA=.data, BIND=127.0.0.1)."""
    environment.ensure("demo")
    _become("-m", "cartpath.embedded.demo", *arguments)


def test(arguments: list[str]) -> NoReturn:
    """Run the tests on every core, on embedded servers unless DATABASE_URL and REDIS_URL name others."""
    environment.ensure("dev")
    _become("-m", "pytest", "-n", "logical", "--dist", "loadgroup", *arguments)


def check(arguments: list[str]) -> NoReturn:
    """Linters, types, import contracts, migrations, deployment settings, translations."""
    environment.ensure("dev")
    _become("scripts/checks.py", *arguments)


def bench(arguments: list[str]) -> NoReturn:
    """Run the benchmarks, on embedded servers that are as durable as production."""
    environment.ensure("dev")
    _become("-m", "cartpath.embedded.run", "--durable", "--", PYTHON, "-m", "bench", *arguments)


def race(arguments: list[str]) -> NoReturn:
    """Run the races of bookings at full length: 64 clients with 500 operations each, on three seeds."""
    environment.ensure("dev")
    full = {"RACE_OPERATIONS": "500", "RACE_SEEDS": "1,2,3", "RACE_EXAMPLES": "500"}
    for name, value in full.items():
        os.environ.setdefault(name, value)
    _become("-m", "pytest", "-n", "0", "-rP", "tests/scheduling", *arguments)


def simulate(arguments: list[str]) -> NoReturn:
    """Simulate fifteen years of reminders (--reminders 100000) on servers that are killed on the way."""
    environment.ensure("dev")
    _become("-m", "tests.simulation", *arguments)


def lock(arguments: list[str]) -> NoReturn:
    """Pin the dependencies of pyproject.toml again (--upgrade takes newer versions)."""
    environment.ensure("dev")
    _become("scripts/lock.py", *arguments)


def messages(arguments: list[str]) -> NoReturn:
    """Extract, compile or check the translations."""
    environment.ensure("dev")
    _become("scripts/messages.py", *arguments)


def freeze(arguments: list[str]) -> NoReturn:
    """Write down checksums of new protocol files (--again: of all, before a first release only)."""
    environment.ensure("dev")
    _become("scripts/freeze.py", *arguments)


def mutants(arguments: list[str]) -> NoReturn:
    """Change the rules in small ways and count which changes tests/rules notice (MODULE… or --survivors)."""
    environment.ensure("dev")
    _become("scripts/mutants.py", *arguments)


def manage(arguments: list[str]) -> NoReturn:
    """Run a management command on the demo's data, whether the demo is running or not."""
    environment.ensure("demo")
    _become("-m", "cartpath.embedded.demo", "manage", *arguments)


COMMANDS: dict[str, Callable[[list[str]], None]] = {
    command.__name__: command
    for command in (setup, demo, test, check, bench, race, simulate, lock, messages, mutants, freeze, manage)
}


def _become(*arguments: str) -> NoReturn:
    """Replace this process, so that signals from make or a terminal reach the real program."""
    os.chdir(environment.ROOT)
    os.execv(PYTHON, [PYTHON, *arguments])


if __name__ == "__main__":
    main()
