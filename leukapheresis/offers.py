"""What somebody who books needs to see: washout by treatment, slots to come, children who wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final, Literal

from django.db.models import prefetch_related_objects

from cartpath.accounts.models import User
from cartpath.core.answers import Answer
from cartpath.protocols.rows import WashoutRule
from leukapheresis.models import Slot
from leukapheresis.records import WashoutState, washout_answer, washout_state
from leukapheresis.rules.washout import Washout
from leukapheresis.selectors import treatments_counted, washout_of
from patients.donors import needs_donor
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey, Treatment

# How far ahead slots are offered, and how far beyond the end of a long washout.
OFFERED_AHEAD: Final = timedelta(weeks=6)
OFFERED_AFTER_WASHOUT: Final = timedelta(weeks=3)
# How many days are in sight at once; the later ones are asked for.
DAYS_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class WashoutRow:
    """One previous treatment and its washout; `ends_at` is None when that is unknown."""

    treatment: Treatment
    rule: WashoutRule | None
    ends_at: datetime | None
    is_binding: bool
    state: Literal["open", "over", "unknown"]


@dataclass(frozen=True, slots=True)
class WashoutPicture:
    """The washout of a child at a time: `state` for all treatments together, and each of them.

    `of_donor` where a donor is collected: then no treatment of the child counts. `why` gives the reasons.
    """

    washout: Washout
    state: WashoutState
    rows: tuple[WashoutRow, ...]
    why: Answer
    of_donor: bool = False

    @property
    def binding(self) -> WashoutRow | None:
        """The treatment whose washout ends last; None while something is unknown."""
        return next((row for row in self.rows if row.is_binding), None)

    @property
    def unknown(self) -> list[WashoutRow]:
        """The treatments that keep the answer open."""
        return [row for row in self.rows if row.state == "unknown"]


def washout_picture(journey: Journey, *, at: datetime) -> WashoutPicture:
    """The washout of a journey at a time, latest end first."""
    prefetch_related_objects([journey], "treatments")
    washout = washout_of(journey, on=journey.center.local_day(at))
    rows = [
        _row(treatment, line.rule, line.ends_at, washout, at=at)
        for treatment, line in zip(treatments_counted(journey), washout.lines, strict=True)
    ]
    far = datetime.max.replace(tzinfo=at.tzinfo)
    rows.sort(key=lambda row: row.ends_at or far, reverse=True)
    why = washout_answer(journey, protocol_for(journey), washout)
    state = washout_state(washout, at)
    return WashoutPicture(washout, state, tuple(rows), why, of_donor=needs_donor(journey))


def _row(
    treatment: Treatment,
    rule: WashoutRule | None,
    ends_at: datetime | None,
    washout: Washout,
    *,
    at: datetime,
) -> WashoutRow:
    state: Literal["open", "over", "unknown"] = "unknown"
    if ends_at is not None:
        state = "open" if at < ends_at else "over"
    binds = ends_at is not None and ends_at == washout.earliest and treatment.drug_class == washout.binding
    return WashoutRow(treatment, rule, ends_at, binds, state)


@dataclass(frozen=True, slots=True)
class SlotOffer:
    """A free slot; `washout_open` when it begins before every washout is known to have ended."""

    slot: Slot
    washout_open: bool


@dataclass(frozen=True, slots=True)
class OfferDay:
    """The free slots of one day."""

    on: date
    offers: tuple[SlotOffer, ...]


@dataclass(frozen=True, slots=True)
class Offers:
    """The free slots of the coming weeks by day: those the washout allows, and those before it ends.

    `show_early` when somebody has come for an early slot or there is no other; `chosen_later` when the slot
    that was chosen lies among the later days.
    """

    soon: list[OfferDay]
    later: list[OfferDay]
    early: list[OfferDay]
    show_early: bool
    chosen_later: bool

    @property
    def has_any(self) -> bool:
        """Whether there is any free slot."""
        return bool(self.soon or self.early)


def slot_offers(journey: Journey, washout: Washout, *, at: datetime, chosen: str = "") -> Offers:
    """The free slots of the journey's center in the coming weeks; one query. `chosen` is a slot's key."""
    until = at + OFFERED_AHEAD
    if washout.known_until:
        until = max(until, washout.known_until + OFFERED_AFTER_WASHOUT)
    free = (
        Slot.objects.free()
        .between(at, until)
        .filter(center_id=journey.center_id)
        .select_related("resource")
        .order_by("starts_at", "resource__name")
    )
    offers = [SlotOffer(slot, washout.is_open(slot.starts_at)) for slot in free]
    early = _by_day(journey, [offer for offer in offers if offer.washout_open])
    days = _by_day(journey, [offer for offer in offers if not offer.washout_open])
    soon, later = days[:DAYS_SHOWN], days[DAYS_SHOWN:]
    return Offers(
        soon, later, early, show_early=not days or _holds(early, chosen), chosen_later=_holds(later, chosen)
    )


def _by_day(journey: Journey, offers: Sequence[SlotOffer]) -> list[OfferDay]:
    zone = journey.center.zone
    grouped = groupby(offers, key=lambda offer: offer.slot.starts_at.astimezone(zone).date())
    return [OfferDay(day, tuple(of_day)) for day, of_day in grouped]


def _holds(days: Sequence[OfferDay], chosen: str) -> bool:
    return any(str(offer.slot.pk) == chosen for day in days for offer in day.offers)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A child who waits for a collection, and whether the washout allows it at the time of a slot."""

    journey: Journey
    picture: WashoutPicture
    washout_open: bool


def waiting_for(slot: Slot, user: User, *, at: datetime) -> Sequence[Waiting]:
    """Accepted children of the slot's center without a booking, those whose washout allows the slot first."""
    journeys = list(
        Journey.objects.visible_to(user)
        .filter(center_id=slot.center_id, stage=Stage.ACCEPTED)
        .select_related("patient", "center")
        .prefetch_related("treatments")
        .order_by("stage_since")
    )
    pictures = [(journey, washout_picture(journey, at=at)) for journey in journeys]
    found = [
        Waiting(journey, picture, picture.washout.is_open(slot.starts_at)) for journey, picture in pictures
    ]
    return sorted(found, key=lambda each: each.washout_open)
