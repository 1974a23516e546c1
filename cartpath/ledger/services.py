"""The one way to write into the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Invalid
from cartpath.ledger.chain import canonical
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Chain, Event


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A fact about to be written: `data` holds JSON types, times and dates; unknown is None."""

    kind: EventKind
    occurred_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    corrects: int | None = None


class Reader(Protocol):
    """Keeps tables in step with the ledger: a pure function of events and protocol."""

    name: str

    def read(self, chain: Chain, events: Sequence[Event]) -> None:
        """Take in events just appended, in order."""

    def rebuild(self, chain: Chain, events: Sequence[Event]) -> None:
        """Make the tables of one journey from all its events."""


@lru_cache(maxsize=1)
def readers() -> tuple[Reader, ...]:
    """The readers of `settings.LEDGER_READERS`, in their order."""
    return tuple(import_string(path)() for path in settings.LEDGER_READERS)


def chain_open(*, journey_id: UUID, patient_id: UUID, center_id: int) -> Chain:
    """Start the chain of a new journey, in the transaction that makes the journey."""
    return Chain.objects.create(journey_id=journey_id, patient_id=patient_id, center_id=center_id)


@transaction.atomic
def append(journey_id: UUID, events: Sequence[NewEvent], *, by: Actor) -> list[Event]:
    """Write facts at the end of a journey's chain and let the readers follow, all or nothing.

    The chain's row is locked until the surrounding transaction ends, so events of one journey are written
    one after another and `(position, id)` grows along the chain. Raises `Invalid` for a correction that
    names another journey's event or one already corrected.
    """
    chain = Chain.objects.select_for_update().get(pk=journey_id)
    _refuse_wrong_corrections(journey_id, events)
    ids, xid, now = _stamp(len(events))
    written = []
    for event_id, new in zip(ids, events, strict=True):
        chain.length += 1
        chain.position = max(chain.position, xid)
        event = Event(
            id=event_id,
            journey_id=chain.journey_id,
            patient_id=chain.patient_id,
            center_id=chain.center_id,
            seq=chain.length,
            kind=EventKind(new.kind).value,
            occurred_at=new.occurred_at.astimezone(UTC),
            recorded_at=now,
            actor_kind=by.kind,
            actor_id=by.id,
            actor_name=by.name,
            data=canonical(new.data),
            corrects_id=new.corrects,
            position=chain.position,
            prev_hash=chain.head_hash,
        )
        event.hash = chain.head_hash = event.computed_hash()
        written.append(event)
    Event.objects.bulk_create(written)
    chain.save(update_fields=["length", "head_hash", "position"])
    waiting = _WAITING.get().get(journey_id)
    if waiting is None:
        _read(chain, written)
    else:
        waiting.chain = chain
        waiting.events += written
    return written


@dataclass(slots=True)
class _Waiting:
    """Events that were written and that no reader has seen yet, with the chain as the last one left it."""

    chain: Chain | None = None
    events: list[Event] = field(default_factory=list)


# By journey, for each thread its own.
_WAITING: ContextVar[Mapping[UUID, _Waiting]] = ContextVar("_WAITING", default=MappingProxyType({}))


@contextmanager
def readers_once(journey_id: UUID) -> Iterator[None]:
    """Let the readers take in everything that one write appends to a journey together, at its end.

    They are pure functions of the events, so what they keep is the same, for the cost of one reading. Use it
    inside the transaction of the write, and only where nothing in it reads what readers keep. An inner one
    joins the outer one; after an exception nothing is read.
    """
    known = _WAITING.get()
    if journey_id in known:
        yield
        return
    waiting = _Waiting()
    token = _WAITING.set({**known, journey_id: waiting})
    try:
        yield
    finally:
        _WAITING.reset(token)
    if waiting.chain is not None:
        _read(waiting.chain, waiting.events)


def _read(chain: Chain, written: Sequence[Event]) -> None:
    for reader in readers():
        reader.read(chain, written)


def _stamp(count: int) -> tuple[list[int], int, datetime]:
    """`count` event ids (allocated under the chain's lock, so they grow), our transaction's id, the time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(nextval('ledger_event_id_seq') ORDER BY n), pg_current_xact_id()::text::bigint,"
            " clock_timestamp() FROM generate_series(1, %s) AS n",
            [count],
        )
        ids, xid, now = cursor.fetchone()
    return sorted(ids or []), xid, now


def _refuse_wrong_corrections(journey_id: UUID, events: Sequence[NewEvent]) -> None:
    wanted = [new.corrects for new in events if new.corrects is not None]
    if not wanted:
        return
    found = set(
        Event.objects.filter(journey_id=journey_id, pk__in=wanted, corrections=None).values_list(
            "pk", flat=True
        )
    )
    if found != set(wanted):
        raise Invalid(
            "invalid_correction",
            _("A correction names an event of the same journey that has not been corrected yet."),
            fields={"corrects": _("Name an uncorrected event of this journey.")},
        )


def effective(events: Sequence[Event]) -> list[Event]:
    """`events` of one journey without those a later one corrects."""
    corrected = {event.corrects_id for event in events}
    return [event for event in events if event.id not in corrected]
