"""Keeps the reminders in step with the ledger."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import starmap
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from cartpath.accounts.models import Center
from cartpath.ledger.models import Chain, Event
from cartpath.protocols import catalog, registry
from cartpath.protocols.schema import Protocol
from cartpath.reminders.closing import outlives_journey
from cartpath.reminders.enums import Cause, ReminderState
from cartpath.reminders.facts import FACT_COLUMNS, Fact
from cartpath.reminders.models import Reminder, reminder_key
from cartpath.reminders.planner import ALWAYS_RELEVANT, Planned, plan, relevant_kinds

# What the ledger doesn't decide: the row's identity, and the column that belongs to the engine.
_KEPT: Final = frozenset({"id", "journey", "item", "occurrence", "notified_at"})
_LEDGER_FIELDS: Final = tuple(f for f in Reminder._meta.concrete_fields if f.name not in _KEPT)
_COLUMNS: Final = tuple(f.attname for f in _LEDGER_FIELDS)


class ReminderReader:
    """A pure function of the journey's events and its protocol.

    `accepted`, and each move to another version, names the protocol. Until then the one that was current in
    the center when the last deciding event was recorded counts, so that the decision itself can be waited
    for, and a replay after a later publication finds the same. The plan is computed anew from all events that
    matter and only the differences are written, which makes reading and rebuilding the same thing.
    """

    name = "reminders"

    def read(self, chain: Chain, events: Sequence[Event]) -> None:
        """Take in new events; those that change no plan cost one query, for the center's editions."""
        watched = watched_kinds() | edition_kinds(chain.center_id)
        if any(event.kind in watched or event.corrects_id for event in events):
            relevant = Q(kind__in=watched) | Q(corrects__isnull=False)
            rows = Event.objects.of(chain.journey_id).filter(relevant).values_list(*FACT_COLUMNS)
            self._follow(chain, list(starmap(Fact, rows)))

    def rebuild(self, chain: Chain, events: Sequence[Event]) -> None:
        """Make the reminders from all events; what the engine wrote stays."""
        self._follow(chain, [Fact(*(getattr(event, name) for name in FACT_COLUMNS)) for event in events])

    def _follow(self, chain: Chain, facts: Sequence[Fact]) -> None:
        protocol = protocol_of(facts, chain.center)
        planned = plan(facts, protocol, chain.center.zone) if protocol else []
        stored = _stored(chain.journey_id)
        wanted = [_row(chain, each) for each in planned]
        _write([row for row in wanted if stored.pop(row.pk, None) != _ledger_values(row)])
        if stored:
            _drop(list(stored), facts[-1])


@cache
def watched_kinds() -> frozenset[str]:
    """Kinds of event that change the plan on any shipped protocol."""
    return frozenset().union(*(relevant_kinds(protocol) for protocol in registry.all_protocols()))


def edition_kinds(center_id: int) -> frozenset[str]:
    """Kinds of event that change the plan on any edition of a center."""
    return frozenset().union(*(relevant_kinds(each) for each in catalog.editions_in_use(center_id)))


def protocol_of(facts: Sequence[Fact], center: Center) -> Protocol | None:
    """The protocol of a journey: as pinned, or until then what was current; None without one."""
    corrected = {fact.corrects_id for fact in facts}
    latest = {fact.kind: fact for fact in facts if fact.id not in corrected}
    if "accepted" in latest:
        pinned = latest["accepted"].data
        moved = latest.get("protocol_changed")
        return catalog.get(pinned["protocol_id"], moved.data["to"] if moved else pinned["protocol_version"])
    if "referred" not in latest:
        return None
    try:
        return catalog.for_center(center, latest["referred"].data["product"], at=_decided_at(facts))
    except KeyError:
        return None


def _decided_at(facts: Sequence[Fact]) -> datetime | None:
    """When the last event was recorded that matters whatever the protocol.

    Other kinds are left out: which of them are read depends on the editions of the day.
    """
    return max(
        (
            fact.recorded_at
            for fact in facts
            if fact.recorded_at and (fact.kind in ALWAYS_RELEVANT or fact.corrects_id is not None)
        ),
        default=None,
    )


def _row(chain: Chain, planned: Planned) -> Reminder:
    item, due, closing, acknowledged = planned.item, planned.due, planned.closing, planned.acknowledged
    return Reminder(
        id=reminder_key(chain.journey_id, item.item, planned.occurrence),
        journey_id=chain.journey_id,
        patient_id=chain.patient_id,
        center_id=chain.center_id,
        item=item.item,
        label=item.label,
        occurrence=planned.occurrence,
        role=item.role,
        priority=item.priority,
        anchor_event_id=planned.anchor.id,
        opens_at=due.opens_at,
        due_at=due.due_at,
        closes_at=due.closes_at,
        due_on=due.due_on,
        first_on=due.first_on,
        last_on=due.last_on,
        outlives_journey=outlives_journey(item),
        state=closing.state.value if closing else ReminderState.OPEN.value,
        cause=closing.cause.value if closing else "",
        closed_at=closing.fact.occurred_at if closing else None,
        closed_by_event_id=closing.fact.id if closing else None,
        acknowledged_at=acknowledged.occurred_at if acknowledged else None,
        acknowledged_by=acknowledged.actor_name if acknowledged else "",
        notify_at=planned.notify_at,
    )


def _ledger_values(row: Reminder) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _COLUMNS)


def _stored(journey_id: UUID) -> dict[UUID, tuple[Any, ...]]:
    rows = Reminder.objects.filter(journey_id=journey_id).values_list("pk", *_COLUMNS)
    return {pk: tuple(values) for pk, *values in rows}


def _write(rows: Sequence[Reminder]) -> None:
    if rows:
        Reminder.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=[f.name for f in _LEDGER_FIELDS]
        )


def _drop(reminder_ids: Sequence[UUID], last: Fact) -> None:
    """Remove what no protocol plans any more; what somebody was told of stays, canceled."""
    rows = Reminder.objects.filter(pk__in=reminder_ids)
    rows.filter(deliveries=None).delete()
    rows.open().update(
        state=ReminderState.CANCELED,
        cause=Cause.NOT_PLANNED,
        closed_at=last.occurred_at,
        closed_by_event_id=last.id,
    )
