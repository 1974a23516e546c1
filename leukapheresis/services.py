"""Writes of the leukapheresis room: booking that can't double, and collections that add up."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Conflict, Invalid, NotFound
from cartpath.core.said import said_text
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from leukapheresis.enums import BookingState, CancelReason, SlotState
from leukapheresis.inputs import CollectionDayDetails
from leukapheresis.models import Allocation, Booking, Collection, CollectionDay, Resource, Slot
from leukapheresis.records import completion_records, day_records, donor_readiness_record, washout_record
from leukapheresis.rules.acceptance import acceptance
from leukapheresis.rules.washout import Washout
from leukapheresis.selectors import collection_days, current_round, live_booking, totals, washout_of
from patients.donor_rules import DonorReadiness
from patients.donors import donor_of, donor_ready, needs_donor
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.provenance import Record
from patients.services import journey_locked, journey_move, require_stage

SLOT_TAKEN = "This slot was taken meanwhile. Choose another one."
RESOURCE_BUSY = "The machine is taken for part of that time. Choose another slot or machine."
PATIENT_BUSY = "This child already has a live apheresis booking. Cancel it first."


def booking_create(
    *, journey_id: UUID, slot_id: UUID, by: Actor, at: datetime, override_reason: str = ""
) -> Booking:
    """Book a slot for a journey, or refuse and change nothing.

    Raises `Conflict` with code `slot_taken`, `resource_busy`, `patient_busy`, `wrong_stage`, `washout_open`
    or `donor_positive` (these two unless `override_reason` is given), `donor_not_ready` for a donor without
    record, consent or serology in date, and `NotFound` for a slot of another center. Locks are
    taken in one order (journey, slot, machine), so rivals wait for each other and never deadlock; the
    exclusion constraint stands behind.
    """
    _refuse_taken_early(slot_id)
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.ACCEPTED, Stage.APHERESIS_PLANNED)
        if live_booking(journey_id):
            raise Conflict("patient_busy", PATIENT_BUSY)
        slot = Slot.objects.filter(pk=slot_id, center_id=journey.center_id).first()
        if slot is None:
            raise NotFound("No such slot in this center.")
        if slot.starts_at <= at:
            raise Conflict("slot_past", _("This slot has already begun. Choose a later one."))
        washout = washout_of(journey, on=journey.center.local_day(at))
        open_washout = washout.is_open(slot.starts_at)
        if open_washout and not override_reason.strip():
            raise Conflict("washout_open", washout.sentence(journey.center.zone))
        donor = _donor_for(journey, slot, override_reason=override_reason)
        overridden = open_washout or bool(donor and donor.positive)
        _claim(slot)
        booking = Booking.objects.create(
            journey=journey,
            center_id=journey.center_id,
            slot=slot,
            override_reason=override_reason if overridden else "",
            booked_by=by.name,
            booked_at=at,
        )
        Allocation.objects.create(
            booking=booking, resource_id=slot.resource_id, period=(slot.starts_at, slot.ends_at)
        )
        record = _judged(journey, booking, washout, donor, by=by)
        facts = _booking_facts(booking, slot, open_washout) | {"computed": [record]}
        events = [NewEvent(EventKind.APHERESIS_BOOKED, at, facts)]
        if journey.stage == Stage.ACCEPTED:
            events.append(journey_move(journey, Stage.APHERESIS_PLANNED, at=at))
        append(journey_id, events, by=by)
        return booking


def _refuse_taken_early(slot_id: UUID) -> None:
    """Under a rush nearly everybody loses: tell them without making them queue for locks."""
    state = Slot.objects.filter(pk=slot_id).values_list("state", flat=True).first()
    if state in (SlotState.BOOKED, SlotState.BLOCKED):
        raise Conflict("slot_taken", SLOT_TAKEN)


def _judged(
    journey: Journey, booking: Booking, washout: Washout, donor: DonorReadiness | None, *, by: Actor
) -> Record:
    """What was found about the person who is to be collected in the slot, and what was passed over."""
    protocol, starts_at = protocol_for(journey), booking.slot.starts_at
    reason = booking.override_reason
    if donor is not None:
        return donor_readiness_record(
            journey, protocol, donor, starts_at=starts_at, override_reason=reason, by=by
        )
    return washout_record(journey, protocol, washout, starts_at=starts_at, override_reason=reason, by=by)


def _donor_for(journey: Journey, slot: Slot, *, override_reason: str) -> DonorReadiness | None:
    """The donor as found for the day of a slot; None where the child is collected.

    Raises `Conflict` as `booking_create` says.
    """
    if not needs_donor(journey):
        return None
    found = donor_ready(journey, on=slot.starts_at.astimezone(journey.center.zone).date())
    if found.missing:
        raise Conflict("donor_not_ready", " ".join(said_text(each) for each in found.missing))
    if found.positive and not override_reason.strip():
        raise Conflict(
            "donor_positive",
            " ".join(said_text(each) for each in found.positive),
            fields={"override_reason": _("Say why this donor is collected all the same.")},
        )
    return found


def _claim(slot: Slot) -> None:
    """Take the slot by a conditional update, then the machine's row; 0 rows means another one won."""
    if not Slot.objects.filter(pk=slot.pk, state=SlotState.OPEN).update(state=SlotState.BOOKED):
        raise Conflict("slot_taken", SLOT_TAKEN)
    resource = Resource.objects.select_for_update().get(pk=slot.resource_id)
    overlap = Allocation.objects.filter(
        resource=resource, is_live=True, period__overlap=(slot.starts_at, slot.ends_at)
    )
    if not resource.is_active or overlap.exists():
        raise Conflict("resource_busy", RESOURCE_BUSY)


def _booking_facts(booking: Booking, slot: Slot, open_washout: bool) -> dict[str, object]:
    return {
        "booking": booking.pk,
        "slot": slot.pk,
        "machine": slot.resource.name,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "washout_open": open_washout,
        "override_reason": booking.override_reason or None,
    }


def booking_cancel(*, booking_id: UUID, reason_code: str, note: str = "", by: Actor, at: datetime) -> Booking:
    """Give a slot back. Raises `Conflict` `not_booked` when the booking is no longer live."""
    if reason_code not in CancelReason.values:
        raise unknown_choice("reason_code", CancelReason)
    journey_id = Booking.objects.values_list("journey_id", flat=True).get(pk=booking_id)
    with journey_locked(journey_id) as journey:
        freed = Booking.objects.filter(pk=booking_id, state=BookingState.BOOKED).update(
            state=BookingState.CANCELED, cancel_reason=reason_code, cancel_note=note
        )
        if not freed:
            raise Conflict("not_booked", _("This booking is no longer live."))
        booking = Booking.objects.select_related("slot").get(pk=booking_id)
        Allocation.objects.filter(booking=booking).update(is_live=False)
        Slot.objects.filter(pk=booking.slot_id, state=SlotState.BOOKED).update(state=SlotState.OPEN)
        facts = {"booking": booking.pk, "slot": booking.slot_id, "reason_code": reason_code, "note": note}
        events = [NewEvent(EventKind.APHERESIS_CANCELED, at, facts)]
        if journey.stage == Stage.APHERESIS_PLANNED and not collection_days(journey_id):
            events.append(journey_move(journey, Stage.ACCEPTED, at=at, reason=reason_code))
        append(journey_id, events, by=by)
        return booking


def collection_day_record(
    *, journey_id: UUID, day: CollectionDayDetails, by: Actor, at: datetime
) -> CollectionDay:
    """Record one day of collection that started at `at`; the day's number follows from those before."""
    _refuse_impossible(day, at)
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.ACCEPTED, Stage.APHERESIS_PLANNED)
        _refuse_unknown_donor(journey)
        before = collection_days(journey_id)
        if before and at <= before[-1].started_at:
            raise Invalid(
                "invalid_input",
                _("A day before the last one."),
                fields={"started_at": _("The start must lie after the collection day before.")},
            )
        number = len(before) + 1
        round_number = current_round(journey_id)
        records = day_records(journey, protocol_for(journey), day, at=at)
        facts = {"round": round_number, "day": number, **asdict(day), "computed": records}
        (event,) = append(journey_id, [NewEvent(EventKind.COLLECTION_DAY_RECORDED, at, facts)], by=by)
        return CollectionDay.objects.create(
            journey=journey,
            center_id=journey.center_id,
            round=round_number,
            number=number,
            started_at=at,
            event_id=event.id,
            **asdict(day) | {"prime": day.prime or ""},
        )


def _refuse_unknown_donor(journey: Journey) -> None:
    """What was done is recorded even with a late test, but never without knowing whose cells they are."""
    if needs_donor(journey) and donor_of(journey) is None:
        raise Conflict("donor_not_ready", _("Record the donor first: these cells are not the child's own."))


def _refuse_impossible(day: CollectionDayDetails, at: datetime) -> None:
    problems = {}
    if day.tnc is not None and day.cd3 is not None and day.cd3 > day.tnc:
        problems["cd3"] = _("CD3+ cells can't exceed nucleated cells.")
    if day.ended_at is not None and day.ended_at <= at:
        problems["ended_at"] = _("The end must lie after the start.")
    if problems:
        raise Invalid("invalid_input", _("The collection day is not possible."), fields=problems)


def collection_complete(*, journey_id: UUID, by: Actor, at: datetime, reason: str = "") -> Collection:
    """Close the collection: add the days up, judge the total by the protocol, move on.

    Raises `Invalid` when the target is not met, or can't be judged because a day is unknown, and no
    `reason` says why the cells go to manufacturing all the same.
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
        if verdict.accepted is not True and not reason.strip():
            raise Invalid(
                "target_not_met",
                _("The collection target is not shown to be met: %(reasons)s")
                % {"reasons": "; ".join(verdict.reasons)},
                fields={"reason": _("Say why the cells are used all the same, or collect another day.")},
            )
        source = protocol.product.collection_source
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
        _finish_booking(journey)
        moved = journey_move(journey, Stage.COLLECTED, at=at)
        event, _moved = append(
            journey_id, [NewEvent(EventKind.COLLECTION_COMPLETED, at, facts), moved], by=by
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


def _finish_booking(journey: Journey) -> None:
    Booking.objects.filter(journey=journey, state=BookingState.BOOKED).update(state=BookingState.DONE)


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
