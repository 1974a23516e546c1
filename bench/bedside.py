"""The bedside: the ward of sixty children, thirty days of four-hourly rounds, and one round more.

Pages are asked as a browser asks, through the whole application but without a network; the time is that of
the server until the page is complete. Rounds and pages have a database of their own.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any, Final

from bench.servers import HOST
from bench.workers import Hand, own_database

if TYPE_CHECKING:
    from datetime import datetime

    from cartpath.accounts.models import Center, User
    from patients.models import Journey

NAME: Final = "cartpath_bench_bedside"
CHILDREN: Final = 60
DAYS: Final = 30
TURNS: Final = 9
# Milliseconds at most.
TARGETS: Final = {"ward": 150.0, "flowsheet": 200.0, "course": 200.0, "round": 150.0}
SAID: Final = {
    "ward": f"ward page of {CHILDREN} children",
    "flowsheet": f"flowsheet of {DAYS} days, a round every four hours",
    "course": f"picture of {DAYS} days",
    "round": f"one round recorded on day {DAYS}",
    "round_early": "one round recorded on day 1",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds: the median and the slowest of the turns, and the median of what Python computed in them.

    The rest is the database's, or somebody else's on a busy machine. And how many queries.
    """

    ms: float
    slowest_ms: float
    python_ms: float
    queries: int


def run() -> bool:
    """Measure, print, and say whether every target was met."""
    with own_database(NAME) as url, Hand("bench.bedside", url) as hand:
        found = {name: Measured(**each) for name, each in hand.ask(children=CHILDREN, days=DAYS).items()}
    print(f"\nBedside, median of {TURNS}")
    print(f"{'':58}{'ms':>8}{'slowest':>10}{'Python':>9}{'queries':>9}{'at most':>9}")
    for name, words in SAID.items():
        each = found[name]
        most = f"{TARGETS[name]:.0f}" if name in TARGETS else ""
        print(
            f"{words:58}{each.ms:8.0f}{each.slowest_ms:10.0f}{each.python_ms:9.0f}{each.queries:9}{most:>9}"
        )
    met = all(found[name].ms <= most for name, most in TARGETS.items())
    print(f"every target: {'met' if met else 'missed'}")
    return met


def main() -> None:
    """Fill an empty database as the line of JSON asks, and answer with what was measured in it."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.bedside_settings"
    django.setup()
    asked = json.loads(sys.stdin.readline())
    answer = {name: asdict(each) for name, each in measured(asked["children"], asked["days"]).items()}
    sys.stdout.write(json.dumps(answer) + "\n")


def measured(children: int, days: int) -> dict[str, Measured]:
    """A ward with so many children, the first of whom is there for so many days."""
    from django.core.management import call_command
    from django.urls import reverse
    from django.utils import timezone

    from bench.beds import (
        EVERY,
        blood_copy,
        blood_record,
        child_infuse,
        children_copy,
        round_record,
        rounds_copy,
    )
    from cartpath.accounts.models import Center

    call_command("migrate", interactive=False, verbosity=0)
    center = Center.objects.create(code="BENCH", name="Bench", timezone="Europe/Rome", region="EU")
    infused_at = timezone.now() - timedelta(days=days)
    child = child_infuse(center, number=1, at=infused_at)
    found = {"round_early": _rounds(child, infused_at)}
    lately = infused_at + timedelta(days=2)
    rounds_copy(child, rounds=6 * (days - 4), since=lately)
    blood_record(child, at=lately)
    blood_copy(child, days=days - 3, since=lately + timedelta(minutes=30))
    found["round"] = _rounds(child, infused_at + timedelta(days=days) - (2 * TURNS + 2) * EVERY)
    round_record(child, at=timezone.now(), number=20)
    children_copy(child, children - 1)
    person = _doctor(center)
    sheet = reverse("toxicity:flowsheet", args=[child.pk]) + "?span=month"
    return found | {
        "ward": _page(person, reverse("toxicity:ward")),
        "flowsheet": _page(person, sheet),
        "course": _page(person, reverse("toxicity:course", args=[child.pk])),
    }


def _doctor(center: "Center") -> "User":
    from cartpath.accounts.enums import Role
    from cartpath.accounts.models import Membership, User

    person = User.objects.create_user("bench@bench.example", name="Bench")
    Membership.objects.create(user=person, center=center, role=Role.CLINICIAN)
    return person


def _rounds(child: "Journey", since: "datetime") -> Measured:
    """Record rounds, one after another."""
    from bench.beds import EVERY, round_record

    hours = iter(range(1, 2 * TURNS + 2))

    def record() -> None:
        number = next(hours)
        round_record(child, at=since + number * EVERY, number=number)

    return _measured(record)


def _page(person: "User", address: str) -> Measured:
    from django.test import Client

    client = Client(SERVER_NAME=HOST)
    client.force_login(person)

    def ask() -> None:
        answer = client.get(address, secure=True)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")

    return _measured(ask)


def _measured(act: "Callable[[], object]") -> Measured:
    from django.db import connection

    asked: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    act()
    with connection.execute_wrapper(note):
        act()
    took, computed = [], []
    for _turn in range(TURNS):
        begun, computing = perf_counter(), process_time()
        act()
        took.append((perf_counter() - begun) * 1000)
        computed.append((process_time() - computing) * 1000)
    return Measured(ms=median(took), slowest_ms=max(took), python_ms=median(computed), queries=len(asked))


if __name__ == "__main__":
    main()
