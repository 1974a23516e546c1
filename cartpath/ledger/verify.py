"""Replay every chain and name every break."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from cartpath.core.sentences import say
from cartpath.ledger.chain import GENESIS
from cartpath.ledger.models import Chain, Event


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold, and how."""

    journey_id: UUID
    seq: int
    why: str


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
        report.breaks.extend(_breaks(chain, report))
    if journey_id is None:
        report.breaks.extend(_orphans())
    return report


def _breaks(chain: Chain, report: Report) -> Iterator[Break]:
    expected_seq, prev_hash, last_id, position = 1, GENESIS, 0, 0
    for event in Event.objects.of(chain.journey_id).iterator():
        report.events += 1
        if event.seq != expected_seq:
            yield Break(chain.journey_id, expected_seq, say("event {seq} is missing", seq=expected_seq))
        if event.prev_hash != prev_hash:
            yield Break(chain.journey_id, event.seq, say("does not follow the event before it"))
        if event.hash != event.computed_hash():
            yield Break(chain.journey_id, event.seq, say("was changed after it was written"))
        if event.id <= last_id or event.position < position:
            yield Break(chain.journey_id, event.seq, say("stands in the wrong order"))
        expected_seq, prev_hash = event.seq + 1, event.hash
        last_id, position = event.id, event.position
    if chain.length != expected_seq - 1:
        yield Break(chain.journey_id, expected_seq, say("the chain says {count} events", count=chain.length))
    elif chain.head_hash != prev_hash:
        yield Break(chain.journey_id, chain.length, say("the chain's head names another last event"))


def _orphans() -> Iterator[Break]:
    known = Chain.objects.values("journey_id")
    for journey_id in (
        Event.objects.exclude(journey_id__in=known).values_list("journey_id", flat=True).distinct()
    ):
        yield Break(journey_id, 1, say("events without a chain"))
