"""Holding, booking, confirming and giving back a collection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from leukapheresis.enums import (
    LIVE_STATES,
    BookingDayState,
    BookingState,
    CancelReason,
    HoldEnd,
    OfferState,
)
from leukapheresis.models import Booking, BookingDay
from leukapheresis.scheduling.bundles import Part, PartChoice, refuse_undecided
from leukapheresis.scheduling.claims import Claim, claims_settled, ended_let_go, held_in_time
from leukapheresis.scheduling.ending import (
    booking_let_go,
    day_ids,
    entry_settled,
    hold_ended,
    offer_closed,
    slots_of,
)
from leukapheresis.scheduling.judging import Judgment, judged
from leukapheresis.scheduling.patience import Patience, patient, tried_again
from leukapheresis.scheduling.records import booking_facts, planned_days, refuse_stale_version
from leukapheresis.scheduling.refusals import hold_expired, not_booked, not_held, patient_booked, patient_held
from leukapheresis.scheduling.taking import (
    Recorded,
    journey_for_booking,
    journey_patiently_locked,
    refuse_over_quota,
    refuse_overlap,
    take,
)
from leukapheresis.scheduling.times import (
    Time,
    is_over,
    refuse_taken_early,
    slot_saved,
    slots_locked,
)
from leukapheresis.selectors import collection_days
from patients.enums import Stage
from patients.models import Journey
from patients.services import journey_move

HOLD_MINUTES: Final = 120
LONGEST_HOLD_MINUTES: Final = 14 * 24 * 60
MOST_DAYS: Final = 10


@tried_again
def booking_hold(
    *,
    journey_id: UUID,
    times: Sequence[Time],
    minutes: int = HOLD_MINUTES,
    choices: Sequence[PartChoice] = (),
    override_reason: str = "",
    by: Actor,
    at: datetime,
    recorded: Recorded | None = None,
) -> Booking:
    """Keep all parts of a collection for one journey for so many minutes, one time for each day.

    A hold ends earlier where it could no longer be booked: before its first time begins, and before what must
    be ordered ahead would come too late. What is unknown may stay undecided; `booking_confirm` asks for it.
    Raises as `booking_create`.
    """
    if not 1 <= minutes <= LONGEST_HOLD_MINUTES:
        sentence = _("Give 1 to %(most)d minutes.") % {"most": LONGEST_HOLD_MINUTES}
        raise Invalid("invalid_input", sentence, fields={"minutes": sentence})
    _refuse_impossible(times)
    refuse_taken_early(times, at=at)
    with patient() as patience:
        journey = journey_for_booking(journey_id, patience)
        new = _taken(
            journey,
            times,
            expires_at=at + timedelta(minutes=minutes),
            choices=choices,
            override_reason=override_reason,
            by=by,
            at=at,
            patience=patience,
            recorded=recorded,
        )
        facts = booking_facts(new.booking, new.judgment, new.claims)
        facts["hold_expires_at"] = new.booking.hold_expires_at
        _append(journey, [*new.events, NewEvent(EventKind.APHERESIS_HELD, at, facts)], by, patience)
        _settled(new, at=at, patience=patience)
        return new.booking


@tried_again
def booking_create(
    *,
    journey_id: UUID,
    slot_id: UUID | None = None,
    times: Sequence[Time] = (),
    choices: Sequence[PartChoice] = (),
    override_reason: str = "",
    by: Actor,
    at: datetime,
    recorded: Recorded | None = None,
) -> Booking:
    """Book a slot, or one time for each day, with all parts; or refuse and change nothing.

    Raises `Conflict` with code `slot_taken`, `resource_busy`, `closed`, `lead_time`, `quota_full`,
    `patient_busy`, `parts_undecided`, `slot_past`, `washout_open` or `donor_positive` (these two unless
    `override_reason` is given), `donor_not_ready` or `wrong_stage`, and `NotFound` for a slot of another
    center. No refusal takes a second.
    """
    wanted = [*times] if slot_id is None else [slot_id, *times]
    _refuse_impossible(wanted)
    refuse_taken_early(wanted, at=at)
    with patient() as patience:
        journey = journey_for_booking(journey_id, patience)
        new = _taken(
            journey,
            wanted,
            expires_at=None,
            choices=choices,
            override_reason=override_reason,
            by=by,
            at=at,
            patience=patience,
            recorded=recorded,
        )
        facts = booking_facts(new.booking, new.judgment, new.claims)
        _append(journey, [*new.events, *_booked(journey, facts, at=at)], by, patience)
        _settled(new, at=at, patience=patience)
        return new.booking


def booking_confirm(
    *,
    booking_id: UUID,
    version: int | None = None,
    override_reason: str = "",
    by: Actor,
    at: datetime,
    recorded: bool = False,
) -> Booking:
    """Turn a hold into a booking.

    Raises `Conflict` `hold_expired`, `not_held`, `parts_undecided` and what `judged` raises, and `Stale`
    when the hold changed since `version`. `recorded` asks for no decisions: what is told happened.
    """
    journey_id = Booking.objects.values_list("journey_id", flat=True).get(pk=booking_id)
    with patient() as patience:
        journey = journey_for_booking(journey_id, patience)
        booking = booking_locked(booking_id, patience)
        refuse_not_held(booking, at)
        if not planned_days(booking):
            raise hold_expired()
        refuse_stale_version(booking, version)
        if not recorded:
            refuse_undecided([Part.of(stored) for stored in booking.bundle])
        judgment = judged(
            journey,
            booking.slot.starts_at,
            override_reason=override_reason.strip() or booking.override_reason,
            by=by,
            at=at,
        )
        booking.state, booking.hold_expires_at = BookingState.BOOKED, None
        booking.version += 1
        booking.override_reason = judgment.override_reason
        booking.booked_by, booking.booked_at = by.name, at
        booking.save(
            update_fields=[
                *("state", "hold_expires_at", "version", "override_reason", "booked_by", "booked_at")
            ]
        )
        events = offer_closed(booking, outcome=OfferState.ACCEPTED, at=at)
        facts = booking_facts(booking, judgment)
        _append(journey, [*events, *_booked(journey, facts, at=at)], by, patience)
        return booking


def hold_release(
    *,
    booking_id: UUID,
    version: int | None = None,
    why: HoldEnd = HoldEnd.RELEASED,
    note: str = "",
    by: Actor,
    at: datetime,
    recorded: bool = False,
) -> Booking:
    """Give a hold back before it is booked. Raises `Conflict` `not_held` or `hold_expired`.

    What is told as `recorded` ended when it is said to have ended.
    """
    journey_id = Booking.objects.values_list("journey_id", flat=True).get(pk=booking_id)
    with patient() as patience:
        journey = journey_patiently_locked(journey_id, patience)
        booking = booking_locked(booking_id, patience)
        if why != HoldEnd.EXPIRED:
            refuse_not_held(booking, at)
        elif booking.state != BookingState.HELD or not (recorded or is_over(booking.hold_expires_at, at)):
            raise Conflict("not_held", _("This hold hasn't ended."))
        refuse_stale_version(booking, version)
        slots_locked((), center_id=journey.center_id, at=at, patience=patience, also=slots_of(booking))
        _append(journey, hold_ended(booking, why=why, at=at, note=note), by, patience)
        return booking


def booking_cancel(
    *, booking_id: UUID, reason_code: str, note: str = "", version: int | None = None, by: Actor, at: datetime
) -> Booking:
    """Give a booking back. Raises `Conflict` `not_booked` when it is no longer live."""
    if reason_code not in CancelReason.values:
        raise unknown_choice("reason_code", CancelReason)
    journey_id = Booking.objects.values_list("journey_id", flat=True).get(pk=booking_id)
    with patient() as patience:
        journey = journey_patiently_locked(journey_id, patience)
        booking = booking_locked(booking_id, patience)
        if booking.state != BookingState.BOOKED:
            raise not_booked()
        refuse_stale_version(booking, version)
        slots_locked((), center_id=journey.center_id, at=at, patience=patience, also=slots_of(booking))
        booking.state, booking.cancel_reason, booking.cancel_note = (
            BookingState.CANCELED,
            reason_code,
            note,
        )
        booking.version += 1
        booking.save(update_fields=["state", "cancel_reason", "cancel_note", "version"])
        booking_let_go(booking, at=at)
        facts = {
            "booking": booking.pk,
            "slot": booking.slot_id,
            "version": booking.version,
            "reason_code": reason_code,
            "note": note,
        }
        events = [NewEvent(EventKind.APHERESIS_CANCELED, at, facts)]
        if journey.stage == Stage.APHERESIS_PLANNED and not collection_days(journey_id):
            events.append(journey_move(journey, Stage.ACCEPTED, at=at, reason=reason_code))
        _append(journey, events, by, patience)
        return booking


def booking_locked(booking_id: UUID, patience: Patience) -> Booking:
    """The booking with its row locked, under its journey's lock: no rival takes it for ended meanwhile."""
    patience.before(_("this booking"), code="patient_busy")
    rows = Booking.objects.select_for_update(of=("self",), no_key=True).select_related("slot", "center")
    return rows.get(pk=booking_id)


def refuse_not_held(booking: Booking, at: datetime) -> None:
    """Raise `Conflict` unless a hold still holds."""
    if booking.state == BookingState.EXPIRED:
        raise hold_expired()
    if booking.state != BookingState.HELD:
        raise not_held()
    if is_over(booking.hold_expires_at, at):
        raise hold_expired()


def _refuse_impossible(times: Sequence[Time]) -> None:
    if not 1 <= len(times) <= MOST_DAYS or len(set(times)) != len(times):
        sentence = _("Give one to %(most)d different times, one for each day.") % {"most": MOST_DAYS}
        raise Invalid("invalid_input", sentence, fields={"times": sentence})


@dataclass(frozen=True, slots=True, kw_only=True)
class _New:
    """A booking just written whose claims are yet to be settled, and the events that come before its own."""

    booking: Booking
    days: list[BookingDay]
    claims: list[Claim]
    events: list[NewEvent]
    judgment: Judgment


def _taken(
    journey: Journey,
    times: Sequence[Time],
    *,
    expires_at: datetime | None,
    choices: Sequence[PartChoice],
    override_reason: str,
    by: Actor,
    at: datetime,
    patience: Patience,
    recorded: Recorded | None,
) -> _New:
    """A new booking with its days, in the database but for its claims."""
    ended = _own_ended_hold(journey, at, patience)
    locked = slots_locked(
        times,
        center_id=journey.center_id,
        at=at,
        patience=patience,
        also=slots_of(ended) if ended else (),
        is_recorded=recorded is not None,
    )
    slots = sorted(locked.wanted, key=lambda slot: slot.starts_at)
    refuse_overlap(slots)
    judgment = judged(journey, slots[0].starts_at, override_reason=override_reason, by=by, at=at)
    if recorded is None:
        refuse_over_quota(journey, slots[0].starts_at, at=at, patience=patience)
    taken = take(
        journey,
        list(enumerate(slots, start=1)),
        first_day=1,
        at=at,
        choices=choices,
        ignoring=day_ids(ended) if ended else (),
        recorded=recorded,
    )
    if recorded is None and expires_at is None:
        refuse_undecided(taken.parts)
    if expires_at is not None and recorded is None:
        expires_at = held_in_time(expires_at, slots, taken.claims, at=at)
    events = hold_ended(ended, why=HoldEnd.EXPIRED, at=at) if ended else []
    ended_let_go(locked.ended_holds - ({ended.pk} if ended else set()), at=at)
    slots = [slot_saved(slot, at=at) for slot in slots]
    booking = Booking.objects.create(
        journey=journey,
        center=journey.center,
        slot=slots[0],
        state=BookingState.BOOKED if expires_at is None else BookingState.HELD,
        hold_expires_at=expires_at,
        bundle=[part.stored() for part in taken.parts],
        override_reason=judgment.override_reason,
        booked_by=by.name,
        booked_at=at,
    )
    days = BookingDay.objects.bulk_create(
        [
            BookingDay(booking=booking, number=number, slot=slot, state=BookingDayState.PLANNED)
            for number, slot in enumerate(slots, start=1)
        ]
    )
    return _New(
        booking=booking,
        days=days,
        claims=taken.claims,
        events=events,
        judgment=judgment,
    )


def _settled(new: _New, *, at: datetime, patience: Patience) -> None:
    """Claim everything: the last act of a booking."""
    claims_settled(new.booking, new.days, new.claims, at=at, patience=patience)


def _own_ended_hold(journey: Journey, at: datetime, patience: Patience) -> Booking | None:
    """The journey's own hold, if it is over. Raises `Conflict` `patient_busy` for anything live."""
    live_id = (
        Booking.objects.filter(journey=journey, state__in=LIVE_STATES).values_list("pk", flat=True).first()
    )
    if live_id is None:
        return None
    live = booking_locked(live_id, patience)
    if live.state == BookingState.BOOKED:
        raise patient_booked()
    if not is_over(live.hold_expires_at, at):
        raise patient_held()
    return live


def _booked(journey: Journey, facts: dict[str, Any], *, at: datetime) -> list[NewEvent]:
    """The events of a booking that is now sure: itself, the end of the waiting, and the move."""
    events = [NewEvent(EventKind.APHERESIS_BOOKED, at, facts), *entry_settled(journey.pk, at=at)]
    if journey.stage == Stage.ACCEPTED:
        events.append(journey_move(journey, Stage.APHERESIS_PLANNED, at=at))
    return events


def _append(journey: Journey, events: Sequence[NewEvent], by: Actor, patience: Patience) -> None:
    patience.before(_("this child's record"), code="patient_busy")
    append(journey.pk, events, by=by)
