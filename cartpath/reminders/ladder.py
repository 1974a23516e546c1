"""Who is told next when a thing stays undone, and when. Pure.

* The first telling goes at the reminder's hour to the people whose task it is.
* A snooze silences everything until its end; then the same people are told once more.
* Each rung counts from the moment the window closed. The rungs go one by one, nearly an hour apart at
  least (where a child may come to harm, half an hour), so that after an outage nobody is passed over and
  nobody is flooded, and a rung that left a few minutes late doesn't make the next one late.
* Somebody who acknowledged has taken the thing in hand: its ladder ends. Where a child may come to harm it
  only starts anew from the acknowledgement, for good intentions protect nobody.

Source: DESIGN.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from cartpath.protocols.plan import ExpectedItem
from cartpath.protocols.rows import in_force
from cartpath.protocols.sections import EscalationStep

HARM: Final = 1
BETWEEN_TELLINGS: Final = timedelta(hours=1)
BETWEEN_TELLINGS_OF_HARM: Final = timedelta(minutes=30)
# As much sooner two rungs may follow each other when the first was told late; else each would delay the next,
# and the last one in the ladder would wait for the sum.
CATCHING_UP: Final = timedelta(minutes=5)

# Hours after the window closed, and the role that is told then, as it is kept with a reminder.
Rung = list[float | str]


class Standing(Protocol):
    """What of a reminder decides who is told when: its columns."""

    @property
    def role(self) -> str: ...
    @property
    def priority(self) -> int: ...
    @property
    def notify_at(self) -> datetime: ...
    @property
    def closes_at(self) -> datetime: ...
    @property
    def acknowledged_at(self) -> datetime | None: ...
    @property
    def snoozed_until(self) -> datetime | None: ...
    @property
    def told_at(self) -> datetime | None: ...
    @property
    def rung(self) -> int: ...
    @property
    def ladder(self) -> Sequence[Rung]: ...


@dataclass(frozen=True, slots=True)
class Telling:
    """A rung of the ladder (0 for the people whose task it is), its role, and when it was meant to go."""

    rung: int
    role: str
    meant_at: datetime


def rungs_of(item: ExpectedItem, steps: Iterable[EscalationStep], on: date) -> list[Rung]:
    """The rungs that a protocol has for an item on a day, the soonest first. Source: DESIGN."""
    held = [step for step in in_force(steps, on) if _holds(step, item)]
    return [[step.after_hours, step.role] for step in sorted(held, key=lambda step: step.after_hours)]


def _holds(step: EscalationStep, item: ExpectedItem) -> bool:
    named = not step.items or item.item in step.items or item.series in step.items
    return named and item.priority <= step.up_to_priority and (not step.roles or item.role in step.roles)


def owed(reminder: Standing, at: datetime) -> Telling | None:
    """Who is to be told now of an open reminder, if anybody. Source: DESIGN."""
    snoozed_until, told_at = reminder.snoozed_until, reminder.told_at
    if snoozed_until is not None and at < snoozed_until:
        return None
    if told_at is None:
        first = max(reminder.notify_at, snoozed_until or reminder.notify_at)
        return Telling(0, reminder.role, first) if first <= at else None
    if snoozed_until is not None and snoozed_until > told_at:
        return Telling(0, reminder.role, snoozed_until)
    due_at = next_rung_at(reminder, told_at=told_at, rung=reminder.rung)
    if due_at is None or due_at > at:
        return None
    return Telling(reminder.rung + 1, str(reminder.ladder[reminder.rung][1]), due_at)


def next_rung_at(reminder: Standing, *, told_at: datetime, rung: int) -> datetime | None:
    """When the rung after `rung` is told, if the thing stays undone; None when there is none.

    Source: DESIGN.
    """
    acknowledged_at = reminder.acknowledged_at
    if rung >= len(reminder.ladder) or (acknowledged_at is not None and reminder.priority > HARM):
        return None
    counted_from = max(reminder.closes_at, acknowledged_at or reminder.closes_at)
    due_at = counted_from + timedelta(hours=float(reminder.ladder[rung][0]))
    between = BETWEEN_TELLINGS_OF_HARM if reminder.priority <= HARM else BETWEEN_TELLINGS
    return max(due_at, told_at + between - CATCHING_UP)
