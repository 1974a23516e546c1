"""Writes of holds: a reason to wait with the infusion, looked at again until it ends.

While a hold is open no bag is thawed and nothing is infused.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from cartpath.protocols.ready_rows import HoldReason
from cartpath.protocols.rows import in_force
from infusion.models import InfusionHold
from infusion.ready.inputs import HoldDetails, HoldEnding
from infusion.ready.words import HoldEnd
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.services import event_strike, journey_locked, refuse_closed, require_stage

STAGES: Final = (Stage.RELEASED, Stage.LYMPHODEPLETION, Stage.INFUSED)


def hold_reasons(journey: Journey, *, at: datetime) -> tuple[HoldReason, ...]:
    """The reasons to wait that the protocol knows on a day."""
    return in_force(protocol_for(journey).pathway.holds, journey.center.local_day(at))


def holds_of(journey_id: UUID) -> list[InfusionHold]:
    """Every hold of a journey, newest first."""
    return list(InfusionHold.objects.filter(journey_id=journey_id).order_by("-number"))


def standing_holds(journey_id: UUID) -> list[InfusionHold]:
    """The holds that keep the infusion from being given, oldest first."""
    rows = InfusionHold.objects.filter(journey_id=journey_id, struck_at__isnull=True).order_by("number")
    return [row for row in rows if row.stands]


def hold_label(journey: Journey, reason: str) -> str:
    """What a reason says, in the reader's language; its id when this version of the protocol lost it."""
    row = next((row for row in protocol_for(journey).pathway.holds if row.id == reason), None)
    return _(row.label) if row else reason


def refuse_held(journey: Journey) -> None:
    """Raise `Conflict` `infusion_held` while a hold stands."""
    held = standing_holds(journey.pk)
    if held:
        reasons = "; ".join(hold_label(journey, hold.reason) for hold in held)
        raise Conflict("infusion_held", _("The infusion is on hold: %(reasons)s.") % {"reasons": reasons})


def infusion_hold(*, journey_id: UUID, hold: HoldDetails, by: Actor, at: datetime) -> InfusionHold:
    """Put the infusion on hold, or keep a hold that was looked at again.

    Raises `Conflict` before the release and after the end, `Invalid` for a reason the protocol hasn't got, a
    review that doesn't lie ahead, or a reason that needs a note.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, *STAGES)
        known = _known(journey, hold.hold)
        _refuse_impossible_hold(journey, hold, at, is_review=known is not None)
        number = known.number if known else InfusionHold.objects.filter(journey=journey).count() + 1
        if hold.hold is not None and hold.hold != number:
            sentence = _("The next hold of this journey is number %(n)d.") % {"n": number}
            raise Invalid("invalid_input", sentence, fields={"hold": sentence})
        facts = asdict(hold) | {"hold": number, "reason": known.reason if known else hold.reason}
        (event,) = append(journey_id, [NewEvent(EventKind.INFUSION_HELD, at, facts)], by=by)
        if known is not None:
            known.review_at, known.reviews = hold.review_at, known.reviews + 1
            known.reviewed_at, known.reviewed_by = at, by.name
            known.note = hold.note or known.note
            known.save()
            return known
        return InfusionHold.objects.create(
            journey=journey,
            center_id=journey.center_id,
            number=number,
            reason=hold.reason,
            note=hold.note,
            review_at=hold.review_at,
            held_at=at,
            held_by=by.name,
            event_id=event.id,
        )


def infusion_hold_end(*, journey_id: UUID, ending: HoldEnding, by: Actor, at: datetime) -> InfusionHold:
    """End a hold. To go on although its reason stands is a clinician's decision, with a reason."""
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        row = _known(journey, ending.hold)
        if row is None:
            raise Conflict("hold_over", _("This hold has already ended."))
        if ending.outcome != HoldEnd.RESOLVED.value and not ending.note.strip():
            sentence = _("Say why.")
            raise Invalid("invalid_input", sentence, fields={"note": sentence})
        if ending.outcome == HoldEnd.DECIDED.value and not may_override(by, journey):
            sentence = _("Only a clinician of this center decides to go on all the same.")
            raise Invalid("not_entitled", sentence, fields={"outcome": sentence})
        append(journey_id, [NewEvent(EventKind.INFUSION_HOLD_ENDED, at, asdict(ending))], by=by)
        row.ended_at, row.ended_by = at, by.name
        row.outcome, row.end_note = ending.outcome, ending.note
        row.save()
        return row


def hold_strike(*, hold_id: UUID, reason: str, by: Actor, at: datetime) -> InfusionHold:
    """Mark a hold as entered in error; nothing waits for it any more."""
    journey_id = InfusionHold.objects.values_list("journey_id", flat=True).get(pk=hold_id)
    with journey_locked(journey_id):
        row = InfusionHold.objects.select_for_update().get(pk=hold_id)
        if row.struck_at:
            raise Conflict("already_struck", _("This hold is already marked as entered in error."))
        event_strike(journey_id, row.event_id, reason=reason, by=by, at=at)
        row.struck_at, row.struck_reason = at, reason
        row.save(update_fields=["struck_at", "struck_reason"])
        return row


def may_override(by: Actor, journey: Journey) -> bool:
    """Whether the one who acts may go on against a stop; an import tells what was decided elsewhere."""
    if by.user_id is None:
        return True
    return User.objects.get(pk=by.user_id).may(Permission.OVERRIDE_STOP, journey.center_id)


def _known(journey: Journey, number: int | None) -> InfusionHold | None:
    """The open hold of a number; None when there is none. Raises `Conflict` when it is over."""
    row = InfusionHold.objects.filter(journey=journey, number=number).first() if number else None
    if row is not None and (row.ended_at or row.struck_at):
        raise Conflict("hold_over", _("This hold has already ended."))
    return row


def _refuse_impossible_hold(journey: Journey, hold: HoldDetails, at: datetime, *, is_review: bool) -> None:
    row = next((row for row in hold_reasons(journey, at=at) if row.id == hold.reason), None)
    problems = {}
    if row is None and not is_review:
        problems["reason"] = _("Choose a reason of the protocol.")
    if row is not None and row.needs_note and not hold.note.strip() and not is_review:
        problems["note"] = _("Say what was found.")
    if hold.review_at <= at:
        problems["review_at"] = _("Give a time to come.")
    if problems:
        raise Invalid("invalid_input", _("This hold is not possible."), fields=problems)
