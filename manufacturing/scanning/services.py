"""Writes of the scanner: what was stopped, and that somebody has understood it."""

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from manufacturing.models import CustodyItem, ScanStop
from manufacturing.scanning.inputs import StopDetails
from manufacturing.scanning.rules.reading import MOST_READ
from manufacturing.scanning.words import StopReason
from patients.services import journey_locked

_MOST_EXPLAINED: Final = 400


def scan_stop(
    *,
    journey_id: UUID,
    reason: str,
    read: str,
    by: Actor,
    at: datetime,
    item_id: UUID | None = None,
    explanation: str = "",
) -> ScanStop:
    """Keep that something wrong was scanned on a child's page and stopped; also in a closed journey.

    `item_id` is an item of this child; one of another child isn't named here.
    """
    if reason not in StopReason.values:
        raise unknown_choice("reason", StopReason)
    number = (
        CustodyItem.objects.filter(pk=item_id, journey_id=journey_id).values_list("number", flat=True).first()
        if item_id is not None
        else None
    )
    details = StopDetails(
        phase="stopped",
        reason=StopReason(reason).value,  # type: ignore[arg-type]
        read=printable(read),
        item=number,
        explanation=explanation[:_MOST_EXPLAINED],
    )
    return stop_take_over(journey_id=journey_id, details=details, by=by, at=at)


def scan_stop_acknowledge(*, stop_id: UUID, done: str, by: Actor, at: datetime) -> ScanStop:
    """Keep that somebody read the stop and what they did with the item.

    Raises `Invalid` without a word of what was done, `Conflict` `already_acknowledged`.
    """
    stop = ScanStop.objects.get(pk=stop_id)
    if not done.strip():
        sentence = _("Say what you did with it.")
        raise Invalid("invalid_input", sentence, fields={"done": sentence})
    details = StopDetails(phase="acknowledged", stop=stop.number, done=done.strip()[:_MOST_EXPLAINED])
    return stop_take_over(journey_id=stop.journey_id, details=details, by=by, at=at)


def stop_take_over(*, journey_id: UUID, details: StopDetails, by: Actor, at: datetime) -> ScanStop:
    """Keep a stop or its acknowledgment as it is described."""
    with journey_locked(journey_id) as journey:
        if details.phase == "acknowledged":
            return _acknowledged(journey_id, details, by=by, at=at)
        if details.reason is None:
            raise unknown_choice("reason", StopReason)
        item = None
        if details.item is not None:
            item = CustodyItem.objects.filter(journey=journey, number=details.item).first()
        last = ScanStop.objects.filter(journey=journey).aggregate(last=Max("number"))["last"]
        (event,) = append(journey_id, [NewEvent(EventKind.SCAN_STOPPED, at, asdict(details))], by=by)
        return ScanStop.objects.create(
            journey=journey,
            center_id=journey.center_id,
            number=(last or 0) + 1,
            item=item,
            reason=details.reason,
            read=details.read,
            explanation=details.explanation,
            stopped_at=at,
            stopped_by=by.name,
            event_id=event.id,
        )


def _acknowledged(journey_id: UUID, details: StopDetails, *, by: Actor, at: datetime) -> ScanStop:
    stop = ScanStop.objects.filter(journey_id=journey_id, number=details.stop or 0).first()
    if stop is None:
        raise Conflict("unknown_stop", _("There is no such stop at the scanner."))
    changed = ScanStop.objects.filter(pk=stop.pk, acknowledged_at=None).update(
        acknowledged_at=at, acknowledged_by=by.name, done=details.done
    )
    if not changed:
        raise Conflict("already_acknowledged", _("Somebody has acknowledged this stop already."))
    append(journey_id, [NewEvent(EventKind.SCAN_STOPPED, at, asdict(details))], by=by)
    return ScanStop.objects.get(pk=stop.pk)


def printable(text: str) -> str:
    """What was read, as far as it can be kept: one line, no signs that can't be seen."""
    return "".join(letter for letter in text.strip() if letter.isprintable())[:MOST_READ]
