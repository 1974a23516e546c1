"""The waiting list: by clinical priority, one freed slot to one family at a time, with a deadline."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from leukapheresis.enums import (
    LIVE_STATES,
    BookingState,
    HoldEnd,
    OfferState,
    SlotState,
    WaitingState,
)
from leukapheresis.inputs import WaitingDetails
from leukapheresis.models import Booking, FamilyAway, Slot, SlotOffer, WaitingEntry
from leukapheresis.models.waiting import PRIORITIES, WAITS
from leukapheresis.scheduling.booking import booking_confirm, booking_hold, hold_release
from leukapheresis.scheduling.patience import Crowded, patient
from leukapheresis.scheduling.refusals import not_held, patient_booked
from leukapheresis.scheduling.taking import journey_for_booking
from leukapheresis.scheduling.times import is_over
from patients.services import journey_locked

# An answer is wanted within a day, and in any case before half of the time to the slot is over.
LONGEST_ANSWER: Final = timedelta(hours=24)
SHORTEST_ANSWER: Final = timedelta(minutes=10)
OFFERER: Final = Actor.system("waiting list")


def waiting_join(*, journey_id: UUID, details: WaitingDetails, by: Actor, at: datetime) -> WaitingEntry:
    """Put a child into the waiting list. Raises `Conflict` `already_waiting` or `patient_busy`."""
    _refuse_impossible(details)
    with patient() as patience:
        journey = journey_for_booking(journey_id, patience)
        if _entry(journey_id) is not None:
            raise Conflict("already_waiting", _("This child is already in the waiting list."))
        if Booking.objects.filter(journey=journey, state=BookingState.BOOKED).exists():
            raise patient_booked()
        entry = WaitingEntry.objects.create(
            journey=journey, center_id=journey.center_id, entered_at=at, **asdict(details)
        )
        facts = {"entry": entry.pk, **asdict(details)}
        append(journey_id, [NewEvent(EventKind.WAITING_LIST_JOINED, at, facts)], by=by)
        return entry


def waiting_change(*, entry_id: UUID, details: WaitingDetails, by: Actor, at: datetime) -> WaitingEntry:
    """Change priority or days of an entry; it keeps its place among those of the same priority."""
    _refuse_impossible(details)
    journey_id = WaitingEntry.objects.values_list("journey_id", flat=True).get(pk=entry_id)
    with journey_locked(journey_id):
        changed = WaitingEntry.objects.filter(pk=entry_id, state__in=WAITS).update(**asdict(details))
        if not changed:
            raise _not_waiting()
        facts = {"entry": entry_id, **asdict(details)}
        append(journey_id, [NewEvent(EventKind.WAITING_LIST_CHANGED, at, facts)], by=by)
        return WaitingEntry.objects.get(pk=entry_id)


def waiting_leave(*, entry_id: UUID, note: str = "", by: Actor, at: datetime) -> WaitingEntry:
    """Take a child out of the waiting list. An open offer must be answered first."""
    journey_id = WaitingEntry.objects.values_list("journey_id", flat=True).get(pk=entry_id)
    with journey_locked(journey_id):
        if SlotOffer.objects.filter(entry_id=entry_id, state=OfferState.OPEN).exists():
            raise Conflict("offer_open", _("A slot is offered to this family: accept or decline it first."))
        left = WaitingEntry.objects.filter(pk=entry_id, state__in=WAITS).update(state=WaitingState.LEFT)
        if not left:
            raise _not_waiting()
        facts = {"entry": entry_id, "why": WaitingState.LEFT.value, "note": note or None}
        append(journey_id, [NewEvent(EventKind.WAITING_LIST_LEFT, at, facts)], by=by)
        return WaitingEntry.objects.get(pk=entry_id)


def offer_accept(*, offer_id: UUID, override_reason: str = "", by: Actor, at: datetime) -> Booking:
    """The family takes the slot: its hold becomes a booking. Raises as `booking_confirm`."""
    offer = _open_offer(offer_id)
    return booking_confirm(booking_id=offer.booking_id, override_reason=override_reason, by=by, at=at)


def offer_decline(*, offer_id: UUID, note: str = "", by: Actor, at: datetime) -> Booking:
    """The family doesn't take the slot: it goes to the next, and this family keeps its place."""
    offer = _open_offer(offer_id)
    return hold_release(booking_id=offer.booking_id, why=HoldEnd.DECLINED, note=note, by=by, at=at)


def offer_open(*, booking_id: UUID, by: Actor, at: datetime) -> SlotOffer:
    """Make a hold of a waiting child the offer of its slot, open until the hold ends."""
    journey_id = Booking.objects.values_list("journey_id", flat=True).get(pk=booking_id)
    with journey_locked(journey_id):
        booking = Booking.objects.select_related("slot__resource").get(pk=booking_id)
        entry = _entry(journey_id)
        if entry is None or entry.state != WaitingState.WAITING:
            raise _not_waiting()
        if booking.state != BookingState.HELD or is_over(booking.hold_expires_at, at):
            raise not_held()
        assert booking.hold_expires_at is not None
        offer = SlotOffer.objects.create(
            entry=entry,
            booking=booking,
            slot=booking.slot,
            offered_at=at,
            expires_at=booking.hold_expires_at,
        )
        WaitingEntry.objects.filter(pk=entry.pk).update(state=WaitingState.OFFERED)
        facts = {
            "offer": offer.pk,
            "entry": entry.pk,
            "booking": booking.pk,
            "machine": booking.slot.resource.name,
            "starts_at": booking.slot.starts_at,
            "ends_at": booking.slot.ends_at,
            "expires_at": offer.expires_at,
        }
        append(journey_id, [NewEvent(EventKind.SLOT_OFFERED, at, facts)], by=by)
        return offer


def offers_make(*, center_id: int | None = None, at: datetime) -> list[SlotOffer]:
    """Offer every slot that was given back to the first waiting family that it fits, each in its own hold.

    A slot that fits nobody is free for everyone from then on. Safe to call at any time and by many at once.
    """
    freed = Slot.objects.filter(freed_at__isnull=False, state=SlotState.OPEN).select_related("center")
    if center_id is not None:
        freed = freed.filter(center_id=center_id)
    return [offer for slot in freed.order_by("starts_at", "pk") if (offer := _offer(slot, at)) is not None]


def _offer(slot: Slot, at: datetime) -> SlotOffer | None:
    if SlotOffer.objects.filter(slot=slot, state=OfferState.OPEN).exists():
        return None  # It has ended, but the sweep hasn't come.
    if slot.starts_at > at + 2 * SHORTEST_ANSWER:
        for entry in _fitting(slot, at):
            try:
                return _offered(entry, slot, at)
            except Crowded:
                # Nobody is passed over because somebody else is writing just now: the next sweep asks again.
                return None
            except Conflict as refused:
                if refused.code == "slot_taken":
                    return None
    # Only this giving back is over: somebody may have taken and given it back meanwhile.
    Slot.objects.filter(pk=slot.pk, freed_at=slot.freed_at).update(freed_at=None)
    return None


def _offered(entry: WaitingEntry, slot: Slot, at: datetime) -> SlotOffer:
    answer_within = min(LONGEST_ANSWER, (slot.starts_at - at) / 2)
    with patient() as patience:
        journey_for_booking(entry.journey_id, patience)
        booking = booking_hold(
            journey_id=entry.journey_id,
            times=[slot.pk],
            minutes=answer_within // timedelta(minutes=1),
            by=OFFERER,
            at=at,
        )
        if booking.hold_expires_at is None or booking.hold_expires_at < at + SHORTEST_ANSWER:
            raise Conflict("lead_time", _("There is no time left for an answer."))
        return offer_open(booking_id=booking.pk, by=OFFERER, at=at)


def _fitting(slot: Slot, at: datetime) -> Iterator[WaitingEntry]:
    """Waiting families whose days a slot fits and who weren't offered it before, the first one first."""
    day = slot.starts_at.astimezone(slot.center.zone).date()
    entries = (
        WaitingEntry.objects.filter(center_id=slot.center_id, state=WaitingState.WAITING, from_on__lte=day)
        .exclude(until_on__lt=day)
        .exclude(offers__slot=slot)
        .order_by("priority", "entered_at", "pk")
    )
    for entry in entries:
        busy = Booking.objects.filter(journey_id=entry.journey_id, state__in=LIVE_STATES)
        if not _is_away(entry.journey_id, day) and not busy.exists():
            yield entry


def _is_away(journey_id: UUID, day: date) -> bool:
    away = FamilyAway.objects.filter(journey_id=journey_id, struck_at=None)
    return away.filter(first_on__lte=day, last_on__gte=day).exists()


def _entry(journey_id: UUID) -> WaitingEntry | None:
    return WaitingEntry.objects.filter(journey_id=journey_id, state__in=WAITS).first()


def _open_offer(offer_id: UUID) -> SlotOffer:
    offer = SlotOffer.objects.filter(pk=offer_id).first()
    if offer is None or offer.state != OfferState.OPEN:
        raise Conflict("offer_closed", _("This offer is no longer open."))
    return offer


def _not_waiting() -> Conflict:
    return Conflict("not_waiting", _("This child is not in the waiting list, or has an offer already."))


def _refuse_impossible(details: WaitingDetails) -> None:
    problems = {}
    if details.priority not in PRIORITIES:
        problems["priority"] = _("Priorities go from 1, the most urgent, to 4.")
    if not details.priority_reason.strip():
        problems["priority_reason"] = _("A clinical priority needs its reason.")
    if details.until_on is not None and details.until_on < details.from_on:
        problems["until_on"] = _("The last day can't lie before the first.")
    if problems:
        raise Invalid("invalid_input", _("This entry isn't possible."), fields=problems)


def waiting_list(center_id: int) -> Sequence[WaitingEntry]:
    """Who waits in a center, in the order in which slots are offered, with the open offer if there is one."""
    return list(
        WaitingEntry.objects.filter(center_id=center_id, state__in=WAITS)
        .select_related("journey__patient")
        .prefetch_related("offers__slot")
        .order_by("priority", "entered_at", "pk")
    )
