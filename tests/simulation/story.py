"""What the simulation did, written down beside the database: the model judges from this alone."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Moment:
    """When something took effect: in the order of steps, on the machine's clock, and in the simulation.

    A whole order came before the ticks of that step, a half one while its messages were leaving.
    """

    order: float
    real: float
    at: datetime


@dataclass
class Told:
    """One fact of a journey, as it was recorded."""

    kind: str
    occurred_at: datetime
    known: Moment
    data: dict[str, Any] = field(default_factory=dict)
    event_id: int = 0
    struck: Moment | None = None


@dataclass
class Child:
    """One journey."""

    journey_id: UUID
    patient_id: UUID
    center_id: int
    zone: ZoneInfo
    facts: list[Told] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[Told]:
        """Its facts of one kind, as recorded."""
        return [fact for fact in self.facts if fact.kind == kind]

    def day(self, at: datetime) -> date:
        """The local day of a moment."""
        return at.astimezone(self.zone).date()


@dataclass
class Held:
    """Somebody held a role in a center from one moment to another."""

    center_id: int
    role: str
    address: str
    since: Moment
    until: Moment | None = None

    def at(self, order: float) -> bool:
        """Whether it held at a step."""
        return self.since.order <= order and (self.until is None or self.until.order > order)


@dataclass
class Record:
    """Everything the model needs: children, people, the steps that came to rest and when, and kills."""

    children: list[Child] = field(default_factory=list)
    people: list[Held] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)
    ends: list[datetime] = field(default_factory=list)
    process_kills: list[float] = field(default_factory=list)
