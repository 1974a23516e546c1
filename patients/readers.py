"""Keeps the status row in step with the ledger."""

from collections.abc import Callable, Sequence
from copy import copy
from datetime import date, datetime

from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Chain, Event
from cartpath.ledger.services import effective
from patients.models import Status

Fold = Callable[[Status, Event], None]


class StatusReader:
    """One status row per journey, folded from the journey's events in their order."""

    name = "status"

    def read(self, chain: Chain, events: Sequence[Event]) -> None:
        """Take in new events; a correction and a signed grade make the row anew."""
        if any(event.corrects_id or event.kind == EventKind.RESULT_CONFIRMED for event in events):
            self.rebuild(chain, list(Event.objects.of(chain.journey_id)))
            return
        status = Status.objects.filter(pk=chain.journey_id).first() or _blank(chain)
        self._fold(status, events, recorded=events)

    def rebuild(self, chain: Chain, events: Sequence[Event]) -> None:
        """Make the row from all events, leaving out what was entered in error."""
        if events:
            self._fold(_blank(chain), _as_signed(effective(events)), recorded=events)

    def _fold(self, status: Status, events: Sequence[Event], *, recorded: Sequence[Event]) -> None:
        for event in events:
            fold = FOLDS.get(EventKind(event.kind))
            if fold:
                fold(status, event)
        status.events = recorded[-1].seq
        status.updated_at = recorded[-1].recorded_at
        Status.objects.bulk_create(
            [status],
            update_conflicts=True,
            unique_fields=["journey"],
            update_fields=[f.name for f in Status._meta.concrete_fields if not f.primary_key],
        )


def _blank(chain: Chain) -> Status:
    return Status(journey_id=chain.journey_id, patient_id=chain.patient_id, center_id=chain.center_id)


def _as_signed(events: Sequence[Event]) -> list[Event]:
    """The events with each grade as it was signed later; the last signature counts."""
    signed: dict[int, dict[str, int]] = {}
    for event in events:
        if event.kind == EventKind.RESULT_CONFIRMED:
            signed.setdefault(event.data["event"], {})[event.data["rule"]] = int(event.data["value"])
    return [_with_grades(event, signed[event.seq]) if event.seq in signed else event for event in events]


def _with_grades(event: Event, grades: dict[str, int]) -> Event:
    changed = copy(event)
    changed.data = event.data | {
        scale: event.data[scale] | {"grade": grade} for scale, grade in grades.items()
    }
    return changed


def _referred(status: Status, event: Event) -> None:
    status.product = event.data["product"]
    status.referred_at = event.occurred_at
    status.stage, status.stage_since = "referred", event.occurred_at


def _accepted(status: Status, event: Event) -> None:
    status.accepted_at = event.occurred_at
    status.product = event.data["product"]
    status.protocol_id = event.data["protocol_id"]
    status.protocol_version = event.data["protocol_version"]


def _protocol_changed(status: Status, event: Event) -> None:
    status.protocol_version = event.data["to"]


def _stage_changed(status: Status, event: Event) -> None:
    status.stage, status.stage_since = event.data["to"], event.occurred_at


def _closed(status: Status, event: Event) -> None:
    status.closing_reason = event.data["reason_code"]


def _booked(status: Status, event: Event) -> None:
    status.planned_apheresis_at = datetime.fromisoformat(event.data["starts_at"])


def _replanned(status: Status, event: Event) -> None:
    if status.planned_apheresis_at is not None:
        status.planned_apheresis_at = datetime.fromisoformat(event.data["first_starts_at"])


def _no_longer_planned(status: Status, event: Event) -> None:
    status.planned_apheresis_at = None


def _collection_day(status: Status, event: Event) -> None:
    status.apheresis_at = min(status.apheresis_at or event.occurred_at, event.occurred_at)


def _milestone(status: Status, event: Event) -> None:
    if event.data["milestone"] == "manufacturing_started":
        status.manufacturing_started_at = event.occurred_at


def _released(status: Status, event: Event) -> None:
    status.released_at = event.occurred_at


def _recalled(status: Status, event: Event) -> None:
    if not event.data["was_given"]:
        status.released_at = None


def _out_of_specification_decided(status: Status, event: Event) -> None:
    if event.data["decision"] == "use":
        status.released_at = event.occurred_at


def _lymphodepletion(status: Status, event: Event) -> None:
    first = status.lymphodepletion_started_at or event.occurred_at
    status.lymphodepletion_started_at = min(first, event.occurred_at)


def _infused(status: Status, event: Event) -> None:
    status.infused_at = status.infused_at or event.occurred_at


def _toxicity(status: Status, event: Event) -> None:
    for scale in ("crs", "icans"):
        graded = event.data.get(scale)
        if not graded or graded["grade"] is None:
            continue
        worst = getattr(status, f"{scale}_max")
        setattr(status, f"{scale}_max", max(graded["grade"], -1 if worst is None else worst))
        latest = getattr(status, f"{scale}_at")
        if latest is None or event.occurred_at >= latest:
            setattr(status, f"{scale}_current", graded["grade"])
            setattr(status, f"{scale}_at", event.occurred_at)


def _visit(status: Status, event: Event) -> None:
    response = event.data.get("response")
    if response and (status.last_response_at is None or event.occurred_at >= status.last_response_at):
        status.last_response, status.last_response_at = response, event.occurred_at
    _b_cell_aplasia(status, event)


def _b_cell_aplasia(status: Status, event: Event) -> None:
    if "b_cell_aplasia" in event.data:
        status.b_cell_aplasia = event.data["b_cell_aplasia"]


def _transplanted(status: Status, event: Event) -> None:
    status.transplanted_on = date.fromisoformat(event.data["transplanted_on"])
    _b_cell_aplasia(status, event)


FOLDS: dict[EventKind, Fold] = {
    EventKind.REFERRED: _referred,
    EventKind.ACCEPTED: _accepted,
    EventKind.PROTOCOL_CHANGED: _protocol_changed,
    EventKind.STAGE_CHANGED: _stage_changed,
    EventKind.CLOSED: _closed,
    EventKind.APHERESIS_BOOKED: _booked,
    EventKind.APHERESIS_CANCELED: _no_longer_planned,
    EventKind.APHERESIS_MOVED: _replanned,
    EventKind.APHERESIS_DAY_ADDED: _replanned,
    EventKind.APHERESIS_DAY_RELEASED: _replanned,
    EventKind.COLLECTION_DAY_RECORDED: _collection_day,
    EventKind.COLLECTION_COMPLETED: _no_longer_planned,
    EventKind.MANUFACTURING_MILESTONE: _milestone,
    EventKind.PRODUCT_RELEASED: _released,
    EventKind.PRODUCT_RECALLED: _recalled,
    EventKind.OUT_OF_SPECIFICATION_DECIDED: _out_of_specification_decided,
    EventKind.LYMPHODEPLETION_GIVEN: _lymphodepletion,
    EventKind.INFUSED: _infused,
    EventKind.TOXICITY_ASSESSED: _toxicity,
    EventKind.VISIT_RECORDED: _visit,
    EventKind.FINDINGS_ADDED: _visit,
    EventKind.SAMPLE_RECORDED: _b_cell_aplasia,
    EventKind.ENTERED_IN_ERROR: _b_cell_aplasia,
    EventKind.TRANSPLANTED: _transplanted,
}
