"""Writes of the leukapheresis room: collections that add up. Bookings are written in `scheduling`."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.core.said import said_text
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from leukapheresis.collection_days import (
    collection_day_correct,
    collection_day_record,
    collection_day_strike,
)
from leukapheresis.collection_identity import collection_identity_verify
from leukapheresis.completion import completion_records, expired_reasons
from leukapheresis.enums import BookingDayState, BookingState, MoveReason
from leukapheresis.models import Booking, BookingDay, Collection, Resource, Slot
from leukapheresis.rules.acceptance import acceptance
from leukapheresis.scheduling.booking import booking_cancel, booking_create
from leukapheresis.scheduling.ending import days_let_go
from leukapheresis.scheduling.moving import release_facts
from leukapheresis.scheduling.records import change_facts, planned_days
from leukapheresis.scheduling.times import slots_held
from leukapheresis.selectors import collection_days, current_round, totals
from patients.donors import donor_of
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.services import journey_locked, journey_move, require_stage

__all__ = [
    "booking_cancel",
    "booking_create",
    "collection_again",
    "collection_complete",
    "collection_day_correct",
    "collection_day_record",
    "collection_day_strike",
    "collection_identity_verify",
    "slot_open",
]


def collection_complete(*, journey_id: UUID, by: Actor, at: datetime, reason: str = "") -> Collection:
    """Close the collection: add the days up, judge the total by the protocol, move on.

    Raises `Invalid` when the target is not met, or can't be judged because a day is unknown, or the cells
    have expired, and no `reason` says why they go to manufacturing all the same.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.ACCEPTED, Stage.APHERESIS_PLANNED)
        round_number = current_round(journey_id)
        days = collection_days(journey_id, round_number=round_number)
        if not days:
            raise Conflict("nothing_collected", _("Record a collection day first."))
        added = totals(days)
        protocol, on = protocol_for(journey), journey.center.local_day(at)
        verdict = acceptance(protocol.collection_targets(on), tnc=added.tnc, cd3=added.cd3)
        expired = expired_reasons(journey, days, on=on)
        verdict = replace(
            verdict,
            accepted=False if expired else verdict.accepted,
            reasons=(*expired, *verdict.reasons),
            explanation=(*expired, *verdict.explanation),
        )
        if verdict.accepted is not True and not reason.strip():
            told = "; ".join(said_text(each) for each in verdict.reasons)
            raise Invalid(
                "target_not_met",
                _("The collection target is not shown to be met: %(reasons)s") % {"reasons": told},
                fields={"reason": _("Say why the cells are used all the same, or collect another day.")},
            )
        source = days[0].source
        facts = {
            "round": round_number,
            "source": source,
            "days": added.days,
            "tnc_total": added.tnc,
            "cd3_total": added.cd3,
            "accepted": verdict.accepted,
            "reasons": list(verdict.reasons),
            "reason": reason or None,
            "computed": completion_records(
                journey, protocol, days, added, verdict, reason=reason, by=by, at=at
            ),
        }
        released = _finish_booking(journey, at)
        moved = journey_move(journey, Stage.COLLECTED, at=at)
        *_before, event, _moved = append(
            journey_id, [*released, NewEvent(EventKind.COLLECTION_COMPLETED, at, facts), moved], by=by
        )
        return Collection.objects.create(
            journey=journey,
            center_id=journey.center_id,
            round=round_number,
            source=source,
            donor=donor_of(journey) if protocol.product.is_from_donor else None,
            completed_at=at,
            days=added.days,
            tnc_total=added.tnc,
            cd3_total=added.cd3,
            is_accepted=verdict.accepted,
            reasons=list(verdict.reasons),
            decision_reason=reason,
            event_id=event.id,
        )


def collection_again(*, journey_id: UUID, reason: str, by: Actor, at: datetime) -> Journey:
    """Go back to collecting: the completed cells were not enough, or are not usable. A new round begins.

    The cells collected so far, their bags and their numbers stay as they are.
    """
    if not reason.strip():
        raise Invalid(
            "invalid_input", _("No reason."), fields={"reason": _("Say why it is collected again.")}
        )
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.COLLECTED)
        facts = {"round": current_round(journey_id), "reason": reason}
        moved = journey_move(journey, Stage.ACCEPTED, at=at, reason=reason)
        append(journey_id, [NewEvent(EventKind.COLLECTION_AGAIN, at, facts), moved], by=by)
        return journey


def _finish_booking(journey: Journey, at: datetime) -> list[NewEvent]:
    """Close the booking; later days that are no longer needed are given back, with the events to append."""
    live = Booking.objects.filter(journey=journey, state=BookingState.BOOKED).select_related("slot")
    booking = live.first()
    if booking is None:
        return []
    days = planned_days(booking)
    spare = [day for day in days[1:] if day.slot.starts_at > at]
    slots_held([day.slot_id for day in spare])
    released = []
    for day in spare:
        facts = release_facts(day, reason_code=MoveReason.CELLS.value, note="")
        days_let_go([day], center_id=booking.center_id, at=at)
        booking.version += 1
        released.append(NewEvent(EventKind.APHERESIS_DAY_RELEASED, at, {**facts, **change_facts(booking)}))
    booking.state, booking.version = BookingState.DONE, booking.version + 1
    booking.save(update_fields=["state", "version"])
    BookingDay.objects.filter(booking=booking, state=BookingDayState.PLANNED).update(
        state=BookingDayState.DONE
    )
    return released


@transaction.atomic
def slot_open(*, resource: Resource, starts_at: datetime, ends_at: datetime) -> Slot:
    """Open a slot on a machine. Raises `Conflict` `slot_exists` when there is one already."""
    try:
        with transaction.atomic():
            return Slot.objects.create(
                center_id=resource.center_id, resource=resource, starts_at=starts_at, ends_at=ends_at
            )
    except IntegrityError as error:
        raise Conflict("slot_exists", _("This machine already has this slot.")) from error
