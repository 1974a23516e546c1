"""Requests per second of the status of a journey and of a list, beside bare Django views in the same run.

The yardstick is a view that makes one query and answers with its rows, without middleware, token, rate or
entity tag (`bench.bare`). Both run on the production server with production's database settings. Targets take
turns in short runs, and the upper quartile of the turns counts: other work on the machine hits all targets
alike and can only slow a turn down.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench.load import Plan, Result
from bench.servers import ROOT, running_server

FEW: Final = 1_000
MANY: Final = 100_000
CONNECTIONS: Final = (1, 16)
TURNS: Final = 12
SECONDS: Final = 1.0
WORKERS: Final = 2
BARE: Final = ("--factory", "django.core.wsgi:get_wsgi_application")
LEAST_RATIO: Final = 0.6
LARGEST_GROWTH: Final = 1.1

BARE_ONE: Final = "bare view, one row"
BARE_ONE_BY_SQL: Final = "bare view, one row, no ORM"
BARE_FIFTY: Final = "bare view, 50 rows"
STATUS: Final = f"status, {MANY:,} journeys"
STATUS_OF_FEW: Final = f"status, {FEW:,} journeys"


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for, and the yardstick beside which its figure stands."""

    name: str
    port: int
    paths: list[str]
    token: str = ""
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Data:
    """A filled database: its address, a client's token, and some of its journeys."""

    url: str
    token: str
    journeys: list[str]


def run() -> bool:
    """Measure, print, and say whether the targets were met."""
    with ExitStack() as stack:
        few, many = (stack.enter_context(filled_database(size)) for size in (FEW, MANY))
        targets = list(_targets(stack, few, many))
        met = True
        for connections in CONNECTIONS:
            met &= _report(connections, _measure(targets, connections), targets)
        return met


def _targets(stack: ExitStack, few: Data, many: Data) -> Iterator[Target]:
    # No limit per client: the generator is one.
    project = {"API_RATE_PER_MINUTE": "0"}
    bare = stack.enter_context(
        running_server(
            {"DATABASE_URL": many.url, "DJANGO_SETTINGS_MODULE": "bench.bare_settings"},
            application=BARE,
            workers=WORKERS,
        )
    )
    small, large = (
        stack.enter_context(running_server(project | {"DATABASE_URL": data.url}, workers=WORKERS))
        for data in (few, many)
    )
    status, listed = "/api/v1/journeys/{}/", "/api/v1/journeys/?page_size=50"
    yield Target(BARE_ONE, bare, [f"/one/{pk}/" for pk in many.journeys])
    yield Target(BARE_ONE_BY_SQL, bare, [f"/one-by-sql/{pk}/" for pk in many.journeys])
    yield Target(STATUS, large, [status.format(pk) for pk in many.journeys], many.token, BARE_ONE)
    yield Target(STATUS_OF_FEW, small, [status.format(pk) for pk in few.journeys], few.token, STATUS)
    yield Target(BARE_FIFTY, bare, ["/fifty/"])
    yield Target("list of 50", large, [listed], many.token, BARE_FIFTY)


def _measure(targets: list[Target], connections: int) -> dict[str, list[Result]]:
    """The results of every turn by target."""
    results: dict[str, list[Result]] = {target.name: [] for target in targets}
    for _turn in range(TURNS):
        for target in targets:
            plan = Plan(target.port, target.paths, target.token, connections, SECONDS)
            results[target.name].append(_load(plan))
    return results


def _load(plan: Plan) -> Result:
    """One short run of the load generator, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        cwd=ROOT,
        input=json.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    result = Result(**json.loads(done.stdout))
    if result.failures:
        raise RuntimeError(f"{result.failures} of {result.requests} requests to {plan.paths[0]} failed")
    return result


def _report(connections: int, results: dict[str, list[Result]], targets: list[Target]) -> bool:
    """Print one table and its verdicts; whether the targets were met."""
    many = "s" if connections > 1 else ""
    print(f"\n{connections} connection{many}, upper quartile of {TURNS} turns of {SECONDS} s")
    print(f"{'':34}{'req/s':>8}{'median ms':>11}{'p99 ms':>9}   ratio")
    for target in targets:
        turns = results[target.name]
        beside = ""
        if target.beside:
            ratio = _per_second(turns) / _per_second(results[target.beside])
            beside = f"   {ratio:.2f} of “{target.beside}”"
        median_ms, p99_ms = (
            _quartiles(values)[0]
            for values in ([turn.median_ms for turn in turns], [turn.p99_ms for turn in turns])
        )
        print(f"{target.name:34}{_per_second(turns):8,.0f}{median_ms:11.2f}{p99_ms:9.2f}{beside}")
    status = _per_second(results[STATUS])
    ratio = status / _per_second(results[BARE_ONE])
    strict = status / _per_second(results[BARE_ONE_BY_SQL])
    growth = _per_second(results[STATUS_OF_FEW]) / status
    print(f"status beside the bare view: {ratio:.2f} (at least {LEAST_RATIO}); without the ORM: {strict:.2f}")
    print(f"cost at {MANY:,} journeys: {growth:.2f} times that at {FEW:,} (at most {LARGEST_GROWTH})")
    return ratio >= LEAST_RATIO and growth <= LARGEST_GROWTH


def _per_second(turns: list[Result]) -> float:
    """Requests per second in the quicker turns."""
    return _quartiles([turn.per_second for turn in turns])[-1]


def _quartiles(values: list[float]) -> list[float]:
    return statistics.quantiles(values, n=4)


@contextmanager
def filled_database(journeys: int) -> Iterator[Data]:
    """A database of its own with so many journeys, dropped afterwards."""
    address = os.environ["DATABASE_URL"]
    name = sql.Identifier(f"cartpath_bench_{journeys}")
    url = urlsplit(address)._replace(path=f"/cartpath_bench_{journeys}").geturl()
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            print(f"Filling a database with {journeys:,} journeys …", flush=True)
            filled = subprocess.run(
                [sys.executable, "-m", "bench.seed", str(journeys)],
                cwd=ROOT,
                env=os.environ | {"DATABASE_URL": url},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            yield Data(url, **json.loads(filled.stdout))
        finally:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
