"""Replay every chain and name every break, at the event at which it is.

Every event carries the hash of all its columns and of the event before it. An event that agrees with its own
hash is *sound*: its number, its place and its time are those it was written with. What isn't sound is named,
and what follows is judged from the last sound event, so that one change is one break and not a row of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from cartpath.core.sentences import say
from cartpath.ledger.chain import GENESIS
from cartpath.ledger.models import Chain, Event

# More missing events at a chain's end are no list that anybody reads, but a number that was changed.
_MOST_MISSING: Final = 10_000
_NO_CHAIN: Final = say("events without a chain")


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold, and how."""

    journey_id: UUID
    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a replay: the event that stands there (None: it is missing), and what is wrong with it."""

    seq: int
    event: Event | None
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong here."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Replay:
    """One journey's chain, replayed step by step; `faults` are those of the chain's own row."""

    journey_id: UUID
    links: tuple[Link, ...]
    faults: tuple[str, ...]
    head_hash: str

    @property
    def events(self) -> int:
        """How many events stand there."""
        return sum(link.event is not None for link in self.links)

    @property
    def gaps(self) -> int:
        """How many events are missing."""
        return sum(link.event is None for link in self.links)

    @property
    def holds(self) -> bool:
        """Whether the chain is whole."""
        return not self.faults and all(link.holds for link in self.links)

    @property
    def breaks(self) -> list[Break]:
        """Every fault with the number of its event; those of the chain's row stand at its end."""
        last = self.links[-1].seq if self.links else 0
        found = [Break(self.journey_id, link.seq, why) for link in self.links for why in link.faults]
        return found + [Break(self.journey_id, last, why) for why in self.faults]


@dataclass(slots=True)
class Report:
    """What was checked and what was found."""

    journeys: int = 0
    events: int = 0
    breaks: list[Break] = field(default_factory=list)


def verify(journey_id: UUID | None = None) -> Report:
    """Check all chains, or one. Reads journey by journey; memory stays small."""
    report = Report()
    chains = Chain.objects.order_by("journey_id")
    if journey_id is not None:
        chains = chains.filter(pk=journey_id)
    for chain in chains.iterator():
        report.journeys += 1
        replayed = _replay(chain, Event.objects.of(chain.journey_id).iterator())
        report.events += replayed.events
        report.breaks.extend(replayed.breaks)
    if journey_id is None:
        report.breaks.extend(_orphans())
    elif not report.journeys:
        report.breaks.append(Break(journey_id, 1, _NO_CHAIN))
    return report


def replay(journey_id: UUID) -> Replay:
    """One journey's chain step by step. A journey without a chain has a fault and no step."""
    chain = Chain.objects.filter(pk=journey_id).first()
    if chain is None:
        return Replay(journey_id, (), (_NO_CHAIN,), GENESIS)
    return _replay(chain, Event.objects.of(journey_id).select_related("corrects"))


def _replay(chain: Chain, events: Iterable[Event]) -> Replay:
    walk = _Walk(chain)
    links = list(walk.links(events))
    return Replay(chain.journey_id, tuple(links), tuple(walk.end()), chain.head_hash)


class _Walk:
    """Goes along one chain and keeps what the next event must agree with."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.expected = 1
        # The hashes that the next event may name: the stored one, and the one that the event ought to have.
        self.before: frozenset[str] | None = frozenset({GENESIS})
        self.last_id = self.position = 0
        self.last: Event | None = None
        self.owner: tuple[UUID, int] | None = None

    def links(self, events: Iterable[Event]) -> Iterator[Link]:
        """Each event in its order, and each that is missing between them and after them."""
        for event in events:
            own = event.computed_hash()
            faults = [*self._faults(event, own)]
            if not faults:
                yield from self._missing(event.seq)
                faults += self._misplaced(event)
            yield Link(event.seq, event, tuple(faults))
            # A number that was changed leads nowhere; what is missing shows at the next sound event.
            if event.hash == own or event.seq == self.expected <= self.chain.length:
                self._go_on(event, own)
        if not self._ends_here() and self.chain.length - self.expected < _MOST_MISSING:
            yield from self._missing(self.chain.length + 1)

    def end(self) -> Iterator[str]:
        """What is wrong with the chain's own row, when all its events are read."""
        chain = self.chain
        if chain.length != self.expected - 1:
            yield say("the chain says {count} events", count=chain.length)
        elif self.before is not None and chain.head_hash not in self.before:
            yield say("the chain's head names another last event")
        if self.last is not None and self.last.seq == chain.length and chain.position != self.position:
            yield say("the chain's head names another place in the change feed")
        if self.owner is not None and self.owner != (chain.patient_id, chain.center_id):
            yield say("the chain names another child or another center than its events")

    def _ends_here(self) -> bool:
        return self.before is not None and self.chain.head_hash in self.before

    def _faults(self, event: Event, own: str) -> Iterator[str]:
        if event.hash != own:
            yield say("was changed after it was written")
        elif event.seq == self.expected and self.before is not None and event.prev_hash not in self.before:
            yield say("does not follow the event before it")

    def _misplaced(self, event: Event) -> Iterator[str]:
        if event.id <= self.last_id or event.position < self.position:
            yield say("stands in the wrong order")
        if self.owner is not None and self.owner != (event.patient_id, event.center_id):
            yield say("belongs to another child or another center")

    def _missing(self, until: int) -> Iterator[Link]:
        while self.expected < until:
            yield Link(self.expected, None, (say("event {seq} is missing", seq=self.expected),))
            self.expected += 1
            self.before = None

    def _go_on(self, event: Event, own: str) -> None:
        sound = event.hash == own
        stranger = not sound and (self.before is None or event.prev_hash not in self.before)
        self.expected = event.seq + 1
        # Another event may stand in this one's place; then nobody knows what the next one must name.
        self.before = None if stranger else frozenset({event.hash, own})
        if sound:
            self.last_id, self.position = event.id, event.position
            self.last = event
            self.owner = self.owner or (event.patient_id, event.center_id)


def _orphans() -> Iterator[Break]:
    known = Chain.objects.values("journey_id")
    for journey_id in (
        Event.objects.exclude(journey_id__in=known).values_list("journey_id", flat=True).distinct()
    ):
        yield Break(journey_id, 1, _NO_CHAIN)
