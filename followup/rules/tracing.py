"""Whether we know where a child is, and which child to look for first.

Source: DESIGN. The plan says how long a child may go unseen; the last attempts say what is being done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from cartpath.core.dates import MONTHS_PER_YEAR, add_months, age_on

State = Literal["lost", "not_seen", "looked_for", "found", "in_contact"]

MAJORITY_YEARS: Final = 18
# A birthday this near is worth a line of its own.
MAJORITY_SOON_DAYS: Final = 180
# A child found again is watched for so long, or until a visit.
FOUND_STAYS_DAYS: Final = 90


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One attempt to reach a family: its local day, what came of it, and when to try again."""

    on: date
    outcome: str
    next_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceFacts:
    """What is known of one child.

    `seen_on` is the last day somebody of ours saw the child (a visit, else the infusion); `windows` are the
    last days of the visits of the plan that were neither held nor left out, in order, as are `attempts`.
    `lost_since` is set while nobody knows where the child is, `found_on` is the day the last loss ended.
    """

    birth: date
    seen_on: date
    windows: Sequence[date] = ()
    attempts: Sequence[Attempt] = ()
    lost_since: date | None = None
    found_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """Where a child stands on a day, and how urgent it is: a smaller `rank` comes first."""

    state: State
    contact_on: date
    days_late: int
    tries: int
    next_on: date | None
    next_is_late: bool
    moved: bool
    majority_on: date | None
    rank: tuple[int, int]

    @property
    def needs_eyes(self) -> bool:
        """Whether the child belongs on the list of those to look after."""
        return self.state != "in_contact" or self.moved or self.majority_on is not None


def trace(facts: TraceFacts, on: date) -> Trace:
    """Judge one child on a day.

    Last contact is the last visit or the last attempt that reached the family. A child is late from the day
    after the window of the visit that was expected next, unless the family was reached since. Order: lost
    without a next day, not seen and not asked, next day passed, lost, being looked for, found again, the
    rest; within each the later first.

    Source: DESIGN.
    """
    reached = [each.on for each in facts.attempts if each.outcome == "reached" and each.on <= on]
    contact_on = max([facts.seen_on, *reached])
    since = [each for each in facts.attempts if contact_on < each.on <= on]
    next_on = _next(facts.attempts, on, contact_on)
    days_late = _days_late(facts, contact_on, on)
    state = _state(facts, since, days_late=days_late, on=on)
    next_is_late = next_on is not None and next_on < on
    return Trace(
        state=state,
        contact_on=contact_on,
        days_late=days_late,
        tries=len(since),
        next_on=next_on,
        next_is_late=next_is_late,
        moved=bool(facts.attempts) and facts.attempts[-1].outcome == "moved",
        majority_on=_majority_soon(facts.birth, on),
        rank=(_urgency(state, next_on=next_on, next_is_late=next_is_late), -days_late),
    )


def _next(attempts: Sequence[Attempt], on: date, contact_on: date) -> date | None:
    """The day somebody said to try again, as the last attempt has it; a contact since then settles it."""
    known = [each for each in attempts if each.on <= on]
    if not known or known[-1].on < contact_on:
        return None
    return known[-1].next_on


def _days_late(facts: TraceFacts, contact_on: date, on: date) -> int:
    """Days after the end of the window in which the child should have been seen."""
    missed = next((last_on for last_on in facts.windows if contact_on <= last_on < on), None)
    return (on - missed).days if missed else 0


def _state(facts: TraceFacts, since: Sequence[Attempt], *, days_late: int, on: date) -> State:
    if facts.lost_since is not None and facts.lost_since <= on:
        return "lost"
    if since:
        return "looked_for"
    found = facts.found_on
    if found is not None and found >= facts.seen_on and on - found <= timedelta(days=FOUND_STAYS_DAYS):
        return "found"
    return "not_seen" if days_late else "in_contact"


def _majority_soon(birth: date, on: date) -> date | None:
    """The 18th birthday when it comes within half a year, or came within the last one."""
    if age_on(birth, on).years > MAJORITY_YEARS:
        return None
    birthday = add_months(birth, MAJORITY_YEARS * MONTHS_PER_YEAR)
    return birthday if abs((birthday - on).days) <= MAJORITY_SOON_DAYS else None


def _urgency(state: State, *, next_on: date | None, next_is_late: bool) -> int:
    if state == "lost" and next_on is None:
        return 0
    if state == "not_seen":
        return 1
    if next_is_late and state in ("lost", "looked_for"):
        return 2
    return {"lost": 3, "looked_for": 4, "found": 5}.get(state, 6)
