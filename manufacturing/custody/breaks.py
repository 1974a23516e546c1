"""Writes about doubts: breaks of the chain and quarantines. Each has a reason; none ends by itself."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.core.actor import Actor
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from manufacturing.custody.inputs import BreakDetails, ClosingDetails
from manufacturing.custody.readers import break_id
from manufacturing.custody.words import LiftReason, QuarantineReason
from manufacturing.models import CustodyBreak, CustodyItem
from patients.models import Journey
from patients.services import journey_locked

# Only the physician's decision about the product ends these.
DECIDED_ELSEWHERE: Final = frozenset({QuarantineReason.OUT_OF_SPECIFICATION, QuarantineReason.RECALLED})


def break_open(
    *, journey_id: UUID, item_id: UUID | None, details: BreakDetails, owner: User, by: Actor, at: datetime
) -> CustodyBreak:
    """Record that something broke the chain, of an item or of the journey, and who looks after it until when.

    Raises `Invalid` `wrong_item`, and for an owner who can't settle it in this center.
    """
    with journey_locked(journey_id) as journey:
        items = _found(journey, [item_id]) if item_id else []
        if not owner.is_active or not owner.may(Permission.RECORD_CUSTODY, journey.center_id):
            sentence = _("Choose somebody of this center who records hand-overs.")
            raise Invalid("not_entitled", sentence, fields={"owner": sentence})
        if details.due_on < journey.center.local_day(at):
            sentence = _("Give a day that is still to come.")
            raise Invalid("invalid_input", sentence, fields={"due_on": sentence})
        facts = {
            "items": [item.number for item in items],
            **asdict(details),
            "owner": owner.name,
            "owner_id": owner.pk,
        }
        (event,) = append(journey.pk, [NewEvent(EventKind.CUSTODY_BREAK_OPENED, at, facts)], by=by)
        return CustodyBreak.objects.get(journey=journey, event_id=event.id)


def break_close(
    *, journey_id: UUID, number: int, details: ClosingDetails, by: Actor, at: datetime
) -> CustodyBreak:
    """Say how a break ended. A quarantine that came with it stays until somebody lifts it.

    Raises `Conflict` `break_closed`.
    """
    with journey_locked(journey_id) as journey:
        found = CustodyBreak.objects.filter(journey=journey, number=number, struck_at=None).first()
        if found is None:
            raise Invalid("invalid_input", _("No such break."), fields={"break": _("Not on record.")})
        if found.closed_at is not None:
            raise Conflict("break_closed", _("This break is closed already."))
        if at < found.found_at:
            sentence = _("A break ends after it was found.")
            raise Invalid("invalid_input", sentence, fields={"at": sentence})
        facts = {"break": number, **asdict(details)}
        append(journey.pk, [NewEvent(EventKind.CUSTODY_BREAK_CLOSED, at, facts)], by=by)
        return CustodyBreak.objects.get(pk=break_id(journey.pk, number))


def quarantine_set(
    *, journey_id: UUID, item_ids: Sequence[UUID], reason: str, note: str, by: Actor, at: datetime
) -> list[CustodyItem]:
    """Put items in quarantine: none of them is issued, thawed, checked or given until it is lifted.

    Raises `Conflict` `already_quarantined`, `item_given`.
    """
    if reason not in QuarantineReason.values or reason in DECIDED_ELSEWHERE:
        raise unknown_choice("reason", QuarantineReason)
    with journey_locked(journey_id) as journey:
        items = _found(journey, item_ids)
        if any(item.is_quarantined for item in items):
            raise Conflict("already_quarantined", _("This item is in quarantine already."))
        if any(item.state == "given" for item in items):
            raise Conflict("item_given", _("This bag was given already."))
        return _appended(journey, EventKind.QUARANTINE_SET, items, reason, note, by=by, at=at)


def quarantine_lift(
    *, journey_id: UUID, item_ids: Sequence[UUID], reason: str, note: str, by: Actor, at: datetime
) -> list[CustodyItem]:
    """End a quarantine, with the reason and in words what it rests on.

    Raises `Conflict` `not_quarantined`, and `decision_needed` for a product that missed its specification or
    was withdrawn: there a physician decides.
    """
    if reason not in LiftReason.values:
        raise unknown_choice("reason", LiftReason)
    if not note.strip():
        raise Invalid("invalid_input", _("No note."), fields={"note": _("Say what this rests on.")})
    with journey_locked(journey_id) as journey:
        items = _found(journey, item_ids)
        if not all(item.is_quarantined for item in items):
            raise Conflict("not_quarantined", _("This item isn't in quarantine."))
        if any(item.quarantine_reason in DECIDED_ELSEWHERE for item in items):
            raise Conflict(
                "decision_needed", _("Only the physician's decision about the product ends this quarantine.")
            )
        return _appended(journey, EventKind.QUARANTINE_LIFTED, items, reason, note, by=by, at=at)


def _appended(
    journey: Journey,
    kind: EventKind,
    items: Sequence[CustodyItem],
    reason: str,
    note: str,
    *,
    by: Actor,
    at: datetime,
) -> list[CustodyItem]:
    facts = {"items": [item.number for item in items], "reason": reason, "note": note.strip()}
    append(journey.pk, [NewEvent(kind, at, facts)], by=by)
    return list(CustodyItem.objects.filter(pk__in=[item.pk for item in items]).order_by("number"))


def _found(journey: Journey, item_ids: Sequence[UUID]) -> list[CustodyItem]:
    wanted = set(item_ids)
    found = list(
        CustodyItem.objects.filter(journey=journey, pk__in=wanted, struck_at=None).order_by("number")
    )
    if not wanted or len(found) < len(wanted):
        sentence = _("This item isn't one of this child's.")
        raise Invalid("wrong_item", sentence, fields={"items": sentence})
    return found
