"""Keeps the reminders in step with the ledger."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from itertools import starmap
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Q, QuerySet

from cartpath.accounts.models import Center
from cartpath.ledger.models import Chain, Event
from cartpath.protocols import catalog, registry
from cartpath.protocols.plan import ExpectedItem
from cartpath.protocols.schema import Protocol
from cartpath.protocols.sections import EscalationStep
from cartpath.reminders.closing import outlives_journey
from cartpath.reminders.enums import Cause, ReminderState
from cartpath.reminders.facts import FACT_COLUMNS, Fact
from cartpath.reminders.ladder import Rung, rungs_of
from cartpath.reminders.models import Reminder, reminder_key
from cartpath.reminders.planner import (
    ALWAYS_RELEVANT,
    BIRTH_CHANGES,
    Planned,
    counts_birthdays,
    plan,
    relevant_kinds,
)
from patients.models import Patient

# What the ledger doesn't decide: what the engine has done about a row, and what follows from that.
ENGINE_COLUMNS: Final = frozenset(
    {"notified_at", "told_at", "tellings", "rung", "rung_at", "problem", "wake_at"}
)
_KEPT: Final = frozenset({"id", "journey", "item", "occurrence"}) | ENGINE_COLUMNS
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
            self._follow(chain, _facts(chain.journey_id, watched))
            if any(map(_moves_birth, events)):
                for other in _other_journeys(chain):
                    self._follow(other, _facts(other.journey_id, watched))

    def rebuild(self, chain: Chain, events: Sequence[Event]) -> None:
        """Make the reminders from all events; what the engine wrote stays."""
        self._follow(chain, [Fact(*(getattr(event, name) for name in FACT_COLUMNS)) for event in events])

    def _follow(self, chain: Chain, facts: Sequence[Fact]) -> None:
        protocol = protocol_of(facts, chain.center)
        birth = _birth(chain) if protocol and counts_birthdays(protocol) else None
        planned = plan(facts, protocol, chain.center.zone, birth=birth) if protocol else []
        stored = _stored(chain.journey_id)
        rungs = _Rungs(protocol.pathway.escalation if protocol else ())
        changed, known = [], []
        for each in planned:
            pk = reminder_key(chain.journey_id, each.item.item, each.occurrence)
            values = _values(chain, each, rungs)
            before = stored.pop(pk, None)
            if before != tuple(values.values()):
                changed.append(_row(chain, each, pk, values))
                if before is not None:
                    known.append(pk)
        _write(changed)
        _look_again(known)
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


def _facts(journey_id: UUID, kinds: frozenset[str]) -> list[Fact]:
    relevant = Q(kind__in=kinds) | Q(corrects__isnull=False)
    rows = Event.objects.of(journey_id).filter(relevant).values_list(*FACT_COLUMNS)
    return list(starmap(Fact, rows))


def _moves_birth(event: Event) -> bool:
    return event.kind == BIRTH_CHANGES and "birth_date" in event.data["changes"]


def _other_journeys(chain: Chain) -> QuerySet[Chain]:
    """The child's other journeys: their birthdays move too. Locked, so that nobody plans them meanwhile."""
    others = Chain.objects.filter(patient_id=chain.patient_id).exclude(pk=chain.pk)
    return others.select_for_update(of=("self",)).select_related("center").order_by("pk")


def _birth(chain: Chain) -> date:
    return Patient.objects.values_list("birth_date", flat=True).get(pk=chain.patient_id)


class _Rungs:
    """The ladder of each item and day, looked up once."""

    def __init__(self, steps: Sequence[EscalationStep]) -> None:
        self._steps = steps
        self._known: dict[tuple[str, date], list[Rung]] = {}

    def of(self, item: ExpectedItem, on: date) -> list[Rung]:
        """The rungs of an item that is counted from a day."""
        key = item.item, on
        if key not in self._known:
            self._known[key] = rungs_of(item, self._steps, on)
        return self._known[key]


def _values(chain: Chain, planned: Planned, rungs: _Rungs) -> dict[str, Any]:
    """What the ledger decides of a reminder, by column and in the order of `_COLUMNS`."""
    item, due, closing, acknowledged = planned.item, planned.due, planned.closing, planned.acknowledged
    snoozed = planned.snoozed
    found = {
        "patient_id": chain.patient_id,
        "center_id": chain.center_id,
        "label": item.label,
        "role": item.role,
        "priority": item.priority,
        "anchor_event_id": planned.anchor.id,
        "opens_at": due.opens_at,
        "due_at": due.due_at,
        "closes_at": due.closes_at,
        "due_on": due.due_on,
        "first_on": due.first_on,
        "last_on": due.last_on,
        "outlives_journey": outlives_journey(item),
        "state": closing.state.value if closing else ReminderState.OPEN.value,
        "cause": closing.cause.value if closing else "",
        "closed_at": closing.fact.occurred_at if closing else None,
        "closed_by_event_id": closing.fact.id if closing else None,
        "acknowledged_at": acknowledged.occurred_at if acknowledged else None,
        "acknowledged_by": acknowledged.actor_name if acknowledged else "",
        "notify_at": planned.notify_at,
        "snoozed_until": datetime.fromisoformat(snoozed.data["until"]) if snoozed else None,
        "snoozed_by": snoozed.actor_name if snoozed else "",
        "snooze_reason": snoozed.data["reason"] if snoozed else "",
        "ladder": rungs.of(item, chain.center.local_day(planned.anchor.occurred_at)),
    }
    return {name: found[name] for name in _COLUMNS}


def _row(chain: Chain, planned: Planned, pk: UUID, values: dict[str, Any]) -> Reminder:
    return Reminder(
        id=pk,
        journey_id=chain.journey_id,
        item=planned.item.item,
        occurrence=planned.occurrence,
        **values,
    )


def _stored(journey_id: UUID) -> dict[UUID, tuple[Any, ...]]:
    rows = Reminder.objects.filter(journey_id=journey_id).values_list("pk", *_COLUMNS)
    return {pk: tuple(values) for pk, *values in rows}


def _write(rows: Sequence[Reminder]) -> None:
    """In the order in which a digest locks them, so that neither waits for the other in a circle."""
    if rows:
        Reminder.objects.bulk_create(
            sorted(rows, key=lambda row: row.pk),
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[f.name for f in _LEDGER_FIELDS],
        )


def _look_again(reminder_ids: Sequence[UUID]) -> None:
    """Let the engine look soon at rows that changed after it told of them: their ladder may be another."""
    if reminder_ids:
        Reminder.objects.open().filter(pk__in=reminder_ids, told_at__isnull=False).update(
            rung_at=F("told_at")
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
