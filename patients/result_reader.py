"""Keeps the table of stored results in step with the ledger."""

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Q

from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Chain, Event
from patients.provenance import COMPUTED, result_key
from patients.results import RuleResult

_COLUMNS: Final = tuple(f.attname for f in RuleResult._meta.concrete_fields if not f.primary_key)


class ResultReader:
    """One row for each `computed` record, a pure function of the journey's events.

    A later `result_confirmed` names the event by its number in the journey and the rule; the last one counts.
    What an event of a corrected fact computed stays, struck.
    """

    name = "results"

    def read(self, chain: Chain, events: Sequence[Event]) -> None:
        """Take in new events; a correction or a confirmation looks at the earlier ones again."""
        if any(event.corrects_id or event.kind == EventKind.RESULT_CONFIRMED for event in events):
            matters = Q(data__has_key=COMPUTED) | Q(kind=EventKind.RESULT_CONFIRMED)
            told = Event.objects.of(chain.journey_id).filter(matters | Q(corrects__isnull=False))
            self.rebuild(chain, list(told))
            return
        rows = results_of(chain, events)
        if rows:
            RuleResult.objects.bulk_create(rows)

    def rebuild(self, chain: Chain, events: Sequence[Event]) -> None:
        """Make the rows from all events that matter; only differences are written."""
        wanted = {row.pk: row for row in results_of(chain, events)}
        stored = {row.pk: row for row in RuleResult.objects.filter(journey_id=chain.journey_id)}
        changed = [row for row in wanted.values() if _differs(row, stored.get(row.pk))]
        RuleResult.objects.filter(pk__in=stored.keys() - wanted.keys()).delete()
        if changed:
            RuleResult.objects.bulk_create(
                changed, update_conflicts=True, unique_fields=["id"], update_fields=list(_COLUMNS)
            )


def results_of(chain: Chain, events: Sequence[Event]) -> list[RuleResult]:
    """The rows that events of one journey make, in their order."""
    corrected = {event.corrects_id: event for event in events if event.corrects_id}
    rows: list[RuleResult] = []
    by_rule: dict[tuple[int, str], RuleResult] = {}
    for event in events:
        correction = corrected.get(event.id)
        if event.kind == EventKind.RESULT_CONFIRMED:
            if correction is None:
                _confirm(by_rule[event.data["event"], event.data["rule"]], event)
            continue
        for position, record in enumerate(event.data.get(COMPUTED, ())):
            row = _row(chain, event, position, record)
            if correction is not None:
                _strike(row, correction)
            rows.append(row)
            by_rule.setdefault((event.seq, row.rule), row)
    return rows


def _row(chain: Chain, event: Event, position: int, record: dict[str, Any]) -> RuleResult:
    protocol = record["protocol"] or {"id": "", "version": ""}
    is_confirmed = record["confirmed"] is not None
    return RuleResult(
        id=result_key(event.id, record["rule"], position),
        journey_id=chain.journey_id,
        center_id=chain.center_id,
        event_id=event.id,
        position=position,
        rule=record["rule"],
        rule_version=record["rule_version"],
        software=record["software"],
        protocol_id=protocol["id"],
        protocol_version=protocol["version"],
        rows=record["rows"],
        inputs=record["inputs"],
        value=record["value"],
        unit=record["unit"],
        result=record["result"],
        source=record["source"],
        explanation=record["explanation"],
        missing=record["missing"],
        flags=record["flags"],
        computed_at=event.occurred_at,
        computed_by=event.actor_name,
        confirmed=record["confirmed"],
        confirmed_by=(record["confirmed_by"] or event.actor_name) if is_confirmed else "",
        confirmed_at=event.occurred_at if is_confirmed else None,
        reason=record["reason"] or "",
    )


def _confirm(row: RuleResult, event: Event) -> None:
    row.confirmed, row.reason = event.data["value"], event.data["reason"] or ""
    row.confirmed_by, row.confirmed_at = event.actor_name, event.occurred_at


def _strike(row: RuleResult, correction: Event) -> None:
    row.struck_at, row.struck_by = correction.occurred_at, correction.actor_name
    row.struck_reason = correction.data.get("reason") or ""


def _differs(row: RuleResult, stored: RuleResult | None) -> bool:
    return stored is None or any(getattr(row, name) != getattr(stored, name) for name in _COLUMNS)
