"""Reminders: how many are sent per second, what a tick costs, and how long fifteen years take to plan.

**Sent per second**, by one and by four worker processes. The deliveries of due reminders are claimed, checked
again, marked, sent and committed, one transaction each; the e-mail is written in full and handed to a mail
server that accepts at once and keeps nothing. The yardstick does the least that such a loop can: one prepared
statement claims one row of a copy of the table with SKIP LOCKED, marks it and commits. A last figure begins
earlier: nobody was told, so deliveries are planned and shown in the app as well.

**Tick**: one run of the engine, while so many reminders lie in the future.
"""

import threading
import time
from collections import Counter, defaultdict
from statistics import median
from typing import Final

import psycopg

from bench.workers import Hand, own_database, race

NAME: Final = "cartpath_bench_reminders"
MODULE: Final = "bench.reminders_work"
WORKERS: Final = (1, 4)
MOST: Final = max(WORKERS)
# Ten seconds' work: in two, the first claims and the last hundred of each worker would weigh too much.
SENT: Final = 20_000
TURNS: Final = 3
LEAST_PER_SECOND: Final = 2_000
FEW: Final = 10_000
MANY: Final = 2_000_000
DUE: Final = (0, 50)
LARGEST_GROWTH: Final = 1.2
LONGEST_PLAN_MS: Final = 50

_CLAIM_AND_MARK: Final = """
UPDATE bare_reminder SET notified_at = now(), wake_at = NULL WHERE id = (
    SELECT id FROM bare_reminder WHERE state = 'open' AND wake_at <= '2031-01-01'
     ORDER BY wake_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
"""


def run() -> bool:
    """Measure and print; False when a target was missed."""
    with own_database(NAME) as url, Hand(MODULE, url) as hand:
        hand.ask(act="seed")
        return all([_planning(hand), _sending(hand, url), _ticking(hand)])


def _planning(hand: Hand) -> bool:
    planned = hand.ask(act="plan")
    hand.ask(act="clear")
    print(
        f"\nplanning the {planned['rows']} reminders of fifteen years: {planned['pure']:.1f} ms in memory, "
        f"{planned['written']:.1f} ms with the writing (at most {LONGEST_PLAN_MS})"
    )
    return bool(planned["written"] < LONGEST_PLAN_MS)


def _sending(hand: Hand, url: str) -> bool:
    turns: dict[tuple[str, int], list[float]] = defaultdict(list)
    for _turn in range(TURNS):
        for workers in WORKERS:
            # One after the other, so that what else the machine does slows all alike.
            hand.ask(act="fill", count=SENT, from_day=-1, days=0)
            turns["bare", workers].append(_bare(url, workers))
            hand.ask(act="announce")
            turns["sent", workers].append(_sent(url, workers, {"sent": SENT}))
            hand.ask(act="clear")
        hand.ask(act="fill", count=SENT, from_day=-1, days=0)
        turns["all", MOST].append(_sent(url, MOST, {"announced": SENT, "sent": 2 * SENT}))
        hand.ask(act="clear")
    print(f"\n{SENT:,} reminders by e-mail to a sink that keeps nothing, median of {TURNS} turns")
    print(f"{'workers':>8}{'reminders/s':>14}{'claim and mark/s':>18}{'ratio':>9}{'ratio of each turn':>26}")
    for workers in WORKERS:
        ours, bare = turns["sent", workers], turns["bare", workers]
        ratios = [one / other for one, other in zip(ours, bare, strict=True)]
        each = " ".join(f"{ratio:.3f}" for ratio in ratios)
        print(f"{workers:8}{median(ours):14,.0f}{median(bare):18,.0f}{median(ratios):9.3f}{each:>26}")
    whole = median(turns["all", MOST])
    print(f"{MOST:8}{whole:14,.0f}  from 'nobody was told': planned, shown in the app, and by e-mail")
    fast = median(turns["sent", MOST])
    met = fast >= LEAST_PER_SECOND
    print(f"at least {LEAST_PER_SECOND:,} per second with {MOST} workers: {_verdict(met)}")
    return met


def _sent(url: str, workers: int, expected: dict[str, int]) -> float:
    """Reminders per second from the first start to the last end."""
    answers = race(MODULE, url, [{"act": "send"}] * workers)
    tally = sum((Counter(each["tally"]) for each in answers), Counter[str]())
    if tally != expected:
        raise RuntimeError(f"{SENT} reminders were due, and this became of them: {dict(tally)}")
    seconds: float = max(each["ended"] for each in answers) - min(each["began"] for each in answers)
    return SENT / seconds


def _bare(url: str, clients: int) -> float:
    """Rows per second that so many connections claim and mark, one by one."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bare_reminder")
        connection.execute(
            "CREATE TABLE bare_reminder (LIKE reminders_reminder INCLUDING ALL EXCLUDING GENERATED)"
        )
        connection.execute("INSERT INTO bare_reminder SELECT * FROM reminders_reminder")
        connection.execute("VACUUM ANALYZE bare_reminder")
    counts = [0] * clients
    gate = threading.Barrier(clients + 1)

    def work(number: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
            gate.wait()
            while cursor.execute(_CLAIM_AND_MARK, prepare=True).rowcount:
                counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if sum(counts) != SENT:
        raise RuntimeError(f"the yardstick marked {sum(counts)} of {SENT} rows")
    return SENT / (time.perf_counter() - began)


def _ticking(hand: Hand) -> bool:
    found: dict[tuple[int, int], float] = {}
    there = 0
    for ahead in (FEW, MANY):
        print(f"Filling up to {ahead:,} future reminders …", flush=True)
        hand.ask(act="fill", count=ahead - there, from_day=30, days=15 * 365)
        there = ahead
        for due in DUE:
            found[ahead, due] = hand.ask(act="ticks", due=due)["milliseconds"]
    print(f"\none tick, {FEW:,} and {MANY:,} reminders ahead")
    grown = {due: found[MANY, due] / found[FEW, due] for due in DUE}
    for due in DUE:
        few, many = found[FEW, due], found[MANY, due]
        print(f"{due:4} due: {few:8.2f} ms {many:8.2f} ms   times {grown[due]:.3f}")
    met = all(each < LARGEST_GROWTH for each in grown.values())
    print(f"at most {LARGEST_GROWTH:g} times as long: {_verdict(met)}")
    return met


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"
