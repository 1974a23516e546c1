"""Writes a journey as a file that imports again as the same journey."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from cartpath.core.errors import NotFound
from cartpath.exchange import bedside
from cartpath.exchange.handlers import HANDLERS
from cartpath.exchange.scene import without
from cartpath.ledger.chain import canonical
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from patients.inputs import PatientDetails
from patients.models import Journey
from patients.provenance import COMPUTED


def journey_export(journey_id: UUID) -> dict[str, Any]:
    """A journey as a journey file (JSON types): the child as first referred, and every event since.

    Holds patient data in plain text. Raises `NotFound`.
    """
    journey = Journey.objects.select_related("patient", "center").filter(pk=journey_id).first()
    if journey is None:
        raise NotFound("There is no such journey.")
    events = list(Event.objects.of(journey_id))
    places = {event.pk: place for place, event in enumerate(events)}
    head: dict[str, Any] = {"center": journey.center.code, "product": journey.product, "id": str(journey.pk)}
    if journey.protocol_id:
        head["protocol"] = {"id": journey.protocol_id, "version": journey.protocol_version}
    return {
        "patient": _patient(journey, events),
        "journey": head,
        "events": [_event(event, places) for event in events],
    }


def _patient(journey: Journey, events: list[Event]) -> dict[str, Any]:
    """The child's details without the changes this journey made to them."""
    details = {field.name: getattr(journey.patient, field.name) for field in fields(PatientDetails)}
    for event in reversed(events):
        if event.kind == EventKind.PATIENT_CHANGED:
            details |= {name: change["from"] for name, change in event.data["changes"].items()}
    details["language"] = details["language"] or None
    return {name: canonical(value) for name, value in details.items()}


def _event(event: Event, places: dict[int, int]) -> dict[str, Any]:
    handler = HANDLERS.get(EventKind(event.kind))
    told: dict[str, Any] = {
        "kind": event.kind,
        "occurred_at": event.occurred_at.isoformat(),
        "data": without(event.data, handler.dropped if handler else (COMPUTED,)),
    }
    if event.corrects_id is not None:
        told["corrects"] = places[event.corrects_id]
    if event.kind in (EventKind.RESULT_CONFIRMED, *bedside.NAMING):
        # Events are exported whole and in order: the first one, number 1, has the place 0.
        told["confirms"] = event.data["event"] - 1
    return told
