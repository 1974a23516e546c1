"""What should have been told: counted anew from what the simulation did, without the project's planner.

Only the rows of the protocol are shared. Months, zones, clock changes, numbering, and what ends an item are
worked out here, in the plainest way.
"""

from bisect import bisect_left
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from uuid import UUID, uuid5

from cartpath.protocols import registry
from cartpath.protocols.plan import ExpectedItem, Series
from tests.simulation.sink import Taken
from tests.simulation.story import Child, Moment, Record, Told

IDS = UUID("5b2f3c1e-7d0a-4b7e-9a55-6f0c8d1e2a34")
MORNING, EVENING = time(7), time(21)
HARM = 1
PROTOCOL = ("tisagenlecleucel-eu", "1")
WEBHOOK = "the program of the house"
# Somebody may leave in the instant between the check and the message.
LEAVING_SECONDS = 1.0
# Harm and treatment dates have e-mails of their own.
OWN_MAIL = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """One reminder of the model."""

    id: UUID
    child: Child
    item: ExpectedItem
    occurrence: int
    anchor: Told
    notify_at: datetime
    due_at: datetime
    # When the next of a series is told, if there is one.
    next_at: datetime | None

    @property
    def name(self) -> str:
        """For people who read what was found."""
        return f"{self.item.item} {self.occurrence} of {self.child.journey_id}"


@dataclass
class Verdict:
    """What was found."""

    messages: int
    asked: int = 0
    expected: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    repeated_by_killed_process: list[str] = field(default_factory=list)
    after_completion: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lateness_minutes: list[float] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Nothing lost, doubled, too late to be true, or for somebody else."""
        return not (self.lost or self.doubled or self.after_completion or self.wrong)


ANCHORS = ("referred", "accepted", "infused", "transplanted")


@cache
def items_of_anchor(kind: str) -> list[ExpectedItem]:
    """What the protocol counts from a kind of event, but for what depends on ages or on the event's data."""
    return [item for row in _rows(kind) if not (row.anchor_match or row.at.ages) for item in row.items()]


@cache
def left_out() -> list[str]:
    """Items that the model doesn't follow: those that count from birthdays."""
    return [item.item for kind in ANCHORS for row in _rows(kind) if row.at.ages for item in row.items()]


def _rows(kind: str) -> list[Series]:
    return [
        row for row in registry.get(*PROTOCOL).plan() if row.anchor == kind and row.anchor_event != "each"
    ]


def asked_of(child: Child) -> Iterator[Asked]:
    """Every reminder the journey should ever have had from its infusion on."""
    for kind in ANCHORS:
        for item in items_of_anchor(kind):
            number = 0
            for anchor in child.of_kind(kind):
                moments = list(_moments(item, anchor, child))
                for place, (notify_at, due_at) in enumerate(moments):
                    number += 1
                    key = key_of(child, item.item, number)
                    following = moments[place + 1][0] if place + 1 < len(moments) else None
                    yield Asked(key, child, item, number, anchor, notify_at, due_at, following)


def key_of(child: Child, item: str, number: int) -> UUID:
    """The id of a reminder, as anybody can compute it."""
    return uuid5(IDS, f"{child.journey_id}/{item}/{number}")


def hook_of(center_id: int) -> str:
    """The address of a center's program."""
    return f"https://house-{center_id}.example/reminders"


def _moments(item: ExpectedItem, anchor: Told, child: Child) -> Iterator[tuple[datetime, datetime]]:
    if item.offset.hours is not None:
        hours = item.offset.hours
        while True:
            due_at = anchor.occurred_at.astimezone(UTC) + timedelta(hours=hours)
            yield due_at, due_at
            if item.recurrence is None or hours + item.recurrence.every_hours > item.recurrence.for_days * 24:
                return
            hours += item.recurrence.every_hours
    day_0 = child.day(anchor.occurred_at)
    days = item.offset.days
    due_on = (
        day_0 + timedelta(days=days) if days is not None else months_after(day_0, item.offset.months or 0)
    )
    first_on = due_on - timedelta(days=item.window.before_days)
    yield (
        datetime.combine(first_on, MORNING, tzinfo=child.zone).astimezone(UTC),
        datetime.combine(due_on, time(), tzinfo=child.zone).astimezone(UTC),
    )


def months_after(day: date, months: int) -> date:
    """Calendar months on, at the month's end when the day doesn't exist."""
    years, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


Counts = Callable[[Moment], bool]


def ended(asked: Asked, is_past: Counts, stays_due_at: datetime | None) -> bool:
    """Whether a reminder had ended, when so much had happened.

    After a death, of what outlives it only what is due up to `stays_due_at` is still wanted.
    """
    known = [fact for fact in asked.child.facts if _stands(fact, is_past)]
    if asked.anchor not in known:
        return True
    return (stays_due_at is not None and asked.due_at > stays_due_at) or any(
        _ends(fact, asked) for fact in known
    )


def _stands(fact: Told, is_past: Counts) -> bool:
    return is_past(fact.known) and (fact.struck is None or not is_past(fact.struck))


def _ends(fact: Told, asked: Asked) -> bool:
    item, wanted = asked.item, asked.item.fulfilled_by
    if fact.kind == "reminder_completed":
        return (fact.data["item"], fact.data["occurrence"]) == (item.item, asked.occurrence)
    if fact.kind == wanted.kind and all(fact.data.get(key) == value for key, value in wanted.match.items()):
        return "item" in fact.data or fact.occurred_at >= asked.anchor.occurred_at
    if fact.kind not in item.stops_with or fact is asked.anchor:
        return False
    if fact.kind == "closed" and fact.data.get("reason_code") == "died" and "died" not in item.stops_with:
        return False
    return fact.kind in ("died", "closed") or fact.occurred_at >= asked.anchor.occurred_at


def stays_due_at(all_asked: list[Asked], is_past: Counts) -> datetime | None:
    """When the one form is due that is still wanted after a death; None without a death."""
    child = all_asked[0].child
    death = next((fact for fact in child.of_kind("died") if _stands(fact, is_past)), None)
    if death is None:
        return None
    died_on = date.fromisoformat(death.data["died_on"])
    end = datetime.combine(died_on + timedelta(days=1), time(), tzinfo=child.zone).astimezone(UTC)
    ahead = [each.due_at for each in all_asked if each.due_at >= end and not ended(each, is_past, None)]
    return min(ahead, default=end)


def up_to(order: float) -> Counts:
    """What had happened by a step."""
    return lambda moment: moment.order <= order


def before(real: float) -> Counts:
    """What had happened at a moment of the machine's clock."""
    return lambda moment: moment.real < real


def judge(record: Record, log: list[Taken]) -> Verdict:
    """Compare what was taken in with what should have been told."""
    by_reminder: dict[UUID, list[Taken]] = defaultdict(list)
    for taken in log:
        if taken.reminder is not None:
            by_reminder[taken.reminder].append(taken)
    verdict = Verdict(messages=len(log))
    _doubles(record, log, verdict)
    nobodys = set(by_reminder)
    for child in record.children:
        all_asked = list(asked_of(child))
        verdict.asked += len(all_asked)
        for asked in all_asked:
            said = by_reminder.get(asked.id, [])
            order = _first_asked_for(record, asked, all_asked)
            if order is not None:
                verdict.expected += 1
                _check_told(record, asked, order, said, verdict)
            elif any(not taken.rung for taken in said) and not _is_racing(asked, said, record):
                verdict.wrong.append(f"{asked.name} was told and nobody should have been")
            for taken in said:
                _check_taken(record, asked, taken, all_asked, verdict)
        nobodys -= {asked.id for asked in all_asked}
        nobodys -= {key_of(child, item, number) for item in left_out() for number in range(1, 4)}
    verdict.wrong += [f"{by_reminder[each][0].to} was told of {each}, which nobody knows" for each in nobodys]
    return verdict


def _first_asked_for(record: Record, asked: Asked, all_asked: list[Asked]) -> int | None:
    """The first step at whose end people had to be told; None if they never had."""
    ends, orders = record.ends, record.orders
    meant = awake(max(asked.notify_at, asked.anchor.known.at), asked)
    start = max(bisect_left(ends, meant), bisect_left(orders, asked.anchor.known.order))
    struck = [fact.struck.order for fact in asked.child.facts if fact.struck]
    places = {start, *(max(start, bisect_left(orders, order)) for order in struck)}
    for place in sorted(_awake_place(asked, ends, place) for place in places):
        if place < len(orders) and not (asked.next_at is not None and asked.next_at <= ends[place]):
            is_past = up_to(orders[place])
            if not ended(asked, is_past, stays_due_at(all_asked, is_past)):
                return orders[place]
    return None


def _awake_place(asked: Asked, ends: list[datetime], place: int) -> int:
    """The first rest from one on that lies outside of quiet hours: an outage may have ended in the night."""
    while place < len(ends) and awake(ends[place], asked) > ends[place]:
        place = bisect_left(ends, awake(ends[place], asked))
    return place


def _is_racing(asked: Asked, said: list[Taken], record: Record) -> bool:
    """Whether it was told between two steps at rest, of which the model sees the ends only."""
    steps = {bisect_left(record.ends, taken.at) for taken in said}
    return any(
        record.ends[place] >= asked.next_at for place in steps if asked.next_at and place < len(record.ends)
    )


def _doubles(record: Record, log: list[Taken], verdict: Verdict) -> None:
    first: dict[str, Taken] = {}
    for taken in log:
        earlier = first.setdefault(taken.id, taken)
        if earlier is not taken:
            killed = any(-0.5 <= kill - earlier.real < 2 for kill in record.process_kills)
            found = verdict.repeated_by_killed_process if killed else verdict.doubled
            found.append(f"{taken.id} to {taken.to} at {earlier.at} and {taken.at}")


def _check_told(record: Record, asked: Asked, order: float, said: list[Taken], verdict: Verdict) -> None:
    """The program of the house once, and everybody who holds the role where each has an e-mail."""
    wanted = {WEBHOOK}
    if asked.item.priority <= OWN_MAIL:
        wanted |= {
            held.address
            for held in record.people
            if (held.center_id, held.role) == (asked.child.center_id, asked.item.role)
            and held.at(order)
            and held.at(order + 0.5)
        }
    first = [taken for taken in said if not taken.rung]
    missing = wanted - {WEBHOOK if taken.rung is not None else taken.to for taken in first}
    # What happened while messages were leaving may have come before them.
    racing = any(fact.known.order == order + 0.5 for fact in asked.child.facts)
    if missing and not racing:
        verdict.lost.append(f"{asked.name}, meant for {asked.notify_at}: {', '.join(sorted(missing))}")
    if first:
        meant = awake(max(asked.notify_at, asked.anchor.known.at), asked)
        verdict.lateness_minutes.append((first[0].at - meant).total_seconds() / 60)


def awake(at: datetime, asked: Asked) -> datetime:
    """When a message of that moment may go: but for harm, not between nine in the evening and seven."""
    local = at.astimezone(asked.child.zone)
    if asked.item.priority == HARM or MORNING <= local.time() < EVENING:
        return at
    day = local.date() + timedelta(days=local.time() >= EVENING)
    return datetime.combine(day, MORNING, tzinfo=asked.child.zone).astimezone(UTC)


def _check_taken(
    record: Record, asked: Asked, taken: Taken, all_asked: list[Asked], verdict: Verdict
) -> None:
    said = f"{asked.name} to {taken.to} at {taken.at}"
    if taken.at < asked.notify_at:
        verdict.wrong.append(f"before its time: {said}")
    is_past = before(taken.real)
    if ended(asked, is_past, stays_due_at(all_asked, is_past)):
        verdict.after_completion.append(said)
    if taken.rung is None and not any(
        held.address == taken.to
        and held.center_id == asked.child.center_id
        and (held.until is None or taken.real < held.until.real + LEAVING_SECONDS)
        for held in record.people
    ):
        verdict.wrong.append(f"not of the center: {said}")
    if taken.rung is not None and taken.to != hook_of(asked.child.center_id):
        verdict.wrong.append(f"to another center's program: {said}")
