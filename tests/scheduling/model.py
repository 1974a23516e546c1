"""The rules of scheduling on one page, in memory: what the database is held against.

A hold that has ended is in nobody's way, but it stands in the tables until a rival needs its place or the
sweep comes.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from leukapheresis.scheduling.waiting import LONGEST_ANSWER

START: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
NURSES: Final = ("Nurse 1", "Nurse 2")


@dataclass
class Held:
    """What a child has: a slot, a nurse, and until when if it is a hold. `kept` until a rival let it go."""

    slot: int
    nurse: str
    expires_at: datetime | None
    kept: bool = True

    def lives(self, now: datetime) -> bool:
        return self.expires_at is None or self.expires_at > now


@dataclass
class Waits:
    """A place in the waiting list, and the slots that were offered."""

    priority: int
    since: int
    offered: set[int] = field(default_factory=set)
    offer: int | None = None


class Refused(Exception):
    """The model says no, with the code that is to be given."""


@dataclass
class Model:
    """The rules of scheduling on one page."""

    starts_at: list[datetime]
    now: datetime = START
    has: dict[int, Held] = field(default_factory=dict)
    waits: dict[int, Waits] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    freed: set[int] = field(default_factory=set)
    entries: int = 0

    def time_of(self, slot: int) -> datetime:
        return self.starts_at[slot]

    def rivals(self, child: int | None = None) -> dict[int, Held]:
        """Who holds something for now, but for one child."""
        return {who: each for who, each in self.has.items() if who != child and each.kept}

    def refuse_taken(self, slot: int) -> None:
        if any(each.slot == slot and each.lives(self.now) for each in self.rivals().values()):
            raise Refused("slot_taken")

    def free_nurse(self, child: int, slot: int, preferred: str = "") -> str:
        """The first nurse without a live use at that time; nobody means refusal."""
        at = self.time_of(slot)
        busy = {
            each.nurse
            for each in self.rivals(child).values()
            if self.time_of(each.slot) == at and each.lives(self.now)
        }
        for nurse in sorted(NURSES, key=lambda name: name != preferred):
            if nurse not in busy:
                return nurse
        raise Refused("resource_busy")

    def takes(self, child: int, slot: int, nurse: str, expires_at: datetime | None) -> None:
        """A child takes a place; ended holds in the way let everything go."""
        at = self.time_of(slot)
        for each in self.rivals(child).values():
            in_the_way = each.slot == slot or (each.nurse == nurse and self.time_of(each.slot) == at)
            if in_the_way and not each.lives(self.now):
                each.kept = False
        self.has[child] = Held(slot, nurse, expires_at)
        self.taken.add(slot)
        self.freed.discard(slot)

    def gives_back(self, slot: int) -> None:
        if slot in self.taken and not any(each.slot == slot for each in self.rivals().values()):
            self.taken.discard(slot)
            self.freed.add(slot)

    def ends(self, child: int) -> None:
        """A booking or hold is over; an offer that it stood for is closed."""
        held = self.has.pop(child)
        self.gives_back(held.slot)
        if child in self.waits:
            self.waits[child].offer = None

    def take(self, child: int, slot: int, expires_at: datetime | None) -> None:
        self.refuse_taken(slot)
        own = self.has.get(child)
        if own is not None and own.lives(self.now):
            raise Refused("patient_busy")
        nurse = self.free_nurse(child, slot)
        if own is not None:
            self.ends(child)
        self.takes(child, slot, nurse, expires_at)
        if expires_at is None:
            self.waits.pop(child, None)

    def refuse_ended(self, child: int, *, booked: str) -> Held:
        held = self.has[child]
        if held.expires_at is None:
            raise Refused(booked)
        if not held.lives(self.now) or not held.kept:
            raise Refused("hold_expired")
        return held

    def confirm(self, child: int) -> None:
        held = self.refuse_ended(child, booked="not_held")
        held.expires_at = None
        self.waits.pop(child, None)

    def release(self, child: int) -> None:
        self.refuse_ended(child, booked="not_held")
        self.ends(child)

    def cancel(self, child: int) -> None:
        if self.has[child].expires_at is not None:
            raise Refused("not_booked")
        self.ends(child)

    def move(self, child: int, slot: int) -> None:
        self.refuse_taken(slot)
        held = self.has[child]
        if not held.lives(self.now) or not held.kept:
            raise Refused("hold_expired")
        nurse = self.free_nurse(child, slot, held.nurse)
        offered = child in self.waits and self.waits[child].offer is not None
        if offered and self.is_offered(slot):
            raise Refused("slot_taken")
        old = held.slot
        self.takes(child, slot, nurse, held.expires_at)
        self.gives_back(old)
        if offered:
            self.waits[child].offer = slot
            self.waits[child].offered ^= {old, slot}

    def is_offered(self, slot: int) -> bool:
        """Whether an offer of a slot is open; one that has ended is until the sweep comes."""
        return any(waits.offer == slot for waits in self.waits.values())

    def sweep(self) -> None:
        for child in [who for who, held in self.has.items() if not held.lives(self.now)]:
            self.ends(child)

    def join(self, child: int, priority: int) -> None:
        if child in self.waits:
            raise Refused("already_waiting")
        held = self.has.get(child)
        if held is not None and held.expires_at is None:
            raise Refused("patient_busy")
        self.entries += 1
        self.waits[child] = Waits(priority, self.entries)

    def leave(self, child: int) -> None:
        if self.waits[child].offer is not None:
            raise Refused("offer_open")
        del self.waits[child]

    def offer_all(self, in_order: list[int]) -> None:
        """Each freed slot to the most urgent family that fits; one that fits nobody is free for everyone."""
        for slot in [each for each in in_order if each in self.freed and not self.is_offered(each)]:
            queue = sorted(self.waits.items(), key=lambda each: (each[1].priority, each[1].since))
            for child, waits in queue:
                if waits.offer is not None or slot in waits.offered or child in self.has:
                    continue
                answer_within = min(LONGEST_ANSWER, (self.time_of(slot) - self.now) / 2)
                expires_at = self.now + timedelta(minutes=answer_within // timedelta(minutes=1))
                try:
                    self.take(child, slot, expires_at)
                except Refused:
                    continue
                waits.offer = slot
                waits.offered.add(slot)
                break
            self.freed.discard(slot)
