"""The model notices what it is there to notice: a log that was tampered with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.simulation.model import Verdict, asked_of, hook_of, judge
from tests.simulation.sink import Taken
from tests.simulation.story import Child, Held, Moment, Record, Told

DAY_0 = datetime(2024, 3, 4, 10, tzinfo=UTC)
CENTER = 7


def at_order(order: float, at: datetime) -> Moment:
    """The machine's clock goes with the order here."""
    return Moment(order, order, at)


def record() -> Record:
    """One child with an infusion, somebody of each role, and one rest long after everything."""
    child = Child(UUID(int=1), UUID(int=2), CENTER, ZoneInfo("Europe/Rome"))
    child.facts.append(Told("infused", DAY_0, at_order(0, DAY_0)))
    people = [
        Held(CENTER, role, f"{role}@sim.example", at_order(0, DAY_0))
        for role in ("coordinator", "clinician", "ward_nurse")
    ]
    ends = sorted({each.notify_at for each in asked_of(child)})
    return Record([child], people, list(range(1, len(ends) + 1)), ends)


def everything_told(of: Record) -> list[Taken]:
    """What a perfect machine would leave."""
    told = []
    for asked in asked_of(of.children[0]):
        real = float(of.ends.index(asked.notify_at) + 1)
        key = str(asked.id)
        told.append(Taken(real, asked.notify_at, hook_of(CENTER), key, asked.id, 0))
        if asked.item.priority <= 2:
            address = f"{asked.item.role}@sim.example"
            told.append(Taken(real, asked.notify_at, address, f"mail {key}", asked.id, None))
    return told


def found(verdict: Verdict) -> dict[str, int]:
    """How many of what."""
    names = ("lost", "doubled", "after_completion", "wrong")
    return {name: len(getattr(verdict, name)) for name in names if getattr(verdict, name)}


def test_a_perfect_log_is_clean() -> None:
    of = record()
    verdict = judge(of, everything_told(of))
    assert found(verdict) == {}
    assert verdict.expected == verdict.asked > 60


def test_a_missing_message_is_lost() -> None:
    of = record()
    log = everything_told(of)
    assert found(judge(of, log[:-1])) == {"lost": 1}


def test_a_message_that_left_twice_is_doubled() -> None:
    of = record()
    log = everything_told(of)
    assert found(judge(of, [*log, replace(log[5], real=log[5].real + 0.1)])) == {"doubled": 1}


def test_a_message_after_its_visit_is_seen() -> None:
    of = record()
    log = everything_told(of)
    last = next(each for each in asked_of(of.children[0]) if each.item.item == "visit_year_15")
    known = at_order(of.ends.index(last.notify_at) + 0.9, last.notify_at)
    of.children[0].facts.append(Told("visit_recorded", last.notify_at, known, {"item": "visit_year_15"}))
    assert found(judge(of, log)) == {"after_completion": 1, "wrong": 1}


def test_another_centers_people_and_strange_reminders_are_seen() -> None:
    of = record()
    log = everything_told(of)
    other = replace(log[-1], id="x", to=hook_of(CENTER + 1))
    stranger = replace(log[-1], id="y", to="cleo@other.example", rung=None)
    unknown = replace(log[-1], id="z", reminder=UUID(int=99))
    assert found(judge(of, [*log, other, stranger, unknown])) == {"wrong": 3}


def test_before_its_time_is_seen() -> None:
    of = record()
    log = everything_told(of)
    log[-1] = replace(log[-1], at=log[-1].at - timedelta(days=1))
    assert found(judge(of, log)) == {"wrong": 1}
