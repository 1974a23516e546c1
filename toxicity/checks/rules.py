"""How often a child is looked at after the infusion, and when next. Pure.

* The protocol's rows say how often, some of them only with fever, a fast heart or from a grade on. The
  shortest interval whose conditions hold counts. What is unknown meets no condition.
* A person may set another interval for a child. It takes the place of the rows that held that day; a row
  that holds later, because the child got worse, counts again.
* A check is due one interval after the last one was done, the first after the infusion.
* It is never planned into the past: nobody could have done it before anybody knew. Only the first one may be
  late the moment it is planned, for everybody knew of the infusion.
* When the child gets worse, the check that waits comes forward. When it gets better, the check that waits
  stays where it is, and the longer interval begins after it. Only a person who sets another interval moves
  it back, and nothing moves a check that is late already: it is late until it is done.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from cartpath.protocols.bedside_rows import CheckInterval

__all__ = ["PERSON", "ChildState", "OwnInterval", "Pending", "Rhythm", "holds", "next_due", "rhythm"]

Because = Literal["usual", "fever", "tachycardia", "crs", "icans", "person"]
PERSON: Final[Because] = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildState:
    """What the rows ask of a child; None is unknown. `fever_at` is the last temperature from 38.0 °C on."""

    at: datetime
    fever_at: datetime | None = None
    tachycardia: bool | None = None
    crs: int | None = None
    icans: int | None = None


@dataclass(frozen=True, slots=True)
class OwnInterval:
    """What a person set for this child, and the ids of the rows it takes the place of."""

    every_minutes: int
    overrules: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often, by which row (empty: by a person), and why."""

    every_minutes: int
    rule: str
    because: tuple[Because, ...]

    @property
    def every(self) -> timedelta:
        """The interval."""
        return timedelta(minutes=self.every_minutes)


@dataclass(frozen=True, slots=True)
class Pending:
    """The check that waits: how it was planned, and what was the last one done then."""

    every_minutes: int
    due_at: datetime
    done_at: datetime | None


def holds(row: CheckInterval, state: ChildState) -> bool:
    """Whether every condition of a row is met. Source: the row's own."""
    if row.fever_within_hours is not None:
        within = timedelta(hours=row.fever_within_hours)
        if state.fever_at is None or state.at - state.fever_at > within:
            return False
    if row.tachycardia and not state.tachycardia:
        return False
    return _reaches(state.crs, row.crs_at_least) and _reaches(state.icans, row.icans_at_least)


def _reaches(grade: int | None, least: int | None) -> bool:
    return least is None or (grade is not None and grade >= least)


def rhythm(rows: Iterable[CheckInterval], state: ChildState, own: OwnInterval | None) -> Rhythm | None:
    """The interval that counts now; None when neither a row nor a person gives one. Source: DESIGN."""
    standing = [row for row in rows if holds(row, state)]
    if own is None:
        return _shortest(standing)
    worse = _shortest(row for row in standing if row.id not in own.overrules)
    by_person = Rhythm(own.every_minutes, "", (PERSON,))
    return worse if worse is not None and worse.every < by_person.every else by_person


def _shortest(rows: Iterable[CheckInterval]) -> Rhythm | None:
    """Of equal ones the first in the order of the protocol."""
    shortest = min(rows, key=lambda row: row.every_minutes, default=None)
    if shortest is None:
        return None
    return Rhythm(shortest.every_minutes, shortest.id, _because(shortest))


def _because(row: CheckInterval) -> tuple[Because, ...]:
    named: tuple[tuple[Because, bool], ...] = (
        ("usual", row.is_usual),
        ("fever", row.fever_within_hours is not None),
        ("tachycardia", row.tachycardia),
        ("crs", row.crs_at_least is not None),
        ("icans", row.icans_at_least is not None),
    )
    return tuple(word for word, said in named if said)


def next_due(
    pending: Pending | None,
    every: timedelta,
    *,
    done_at: datetime | None,
    infused_at: datetime,
    at: datetime,
    by_person: bool = False,
) -> datetime | None:
    """When the check is due from now on; None when what is planned stands.

    `done_at` is when it was last done, as known at `at`; `by_person`: somebody just set the interval.
    Source: DESIGN.
    """
    wanted = (done_at or infused_at) + every
    if pending is None:
        return wanted if done_at is None else max(wanted, at)
    if done_at != pending.done_at:
        return max(wanted, at)
    shorter = every < timedelta(minutes=pending.every_minutes)
    longer = every > timedelta(minutes=pending.every_minutes)
    if pending.due_at <= at or not (shorter or (longer and by_person)):
        return None
    return min(pending.due_at, max(wanted, at)) if shorter else max(wanted, at)
