"""What somebody who books needs to see: washout by treatment, slots to come, children who wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import prefetch_related_objects

from cartpath.accounts.models import User
from cartpath.core.answers import Answer
from cartpath.protocols.rows import WashoutRule
from leukapheresis.enums import BookingState
from leukapheresis.models import Booking, Slot, WaitingEntry
from leukapheresis.models.waiting import PRIORITIES
from leukapheresis.records import WashoutState, washout_answer, washout_state
from leukapheresis.rules.washout import Washout
from leukapheresis.scheduling.waiting import waiting_list
from leukapheresis.selectors import treatments_counted, washout_of
from patients.donors import needs_donor
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey, Treatment


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
class Waiting:
    """A child who waits for a collection, and whether the washout allows it at the time of a slot.

    `entry` is its place in the waiting list, if it has one.
    """

    journey: Journey
    picture: WashoutPicture
    washout_open: bool
    entry: WaitingEntry | None


def waiting_for(slot: Slot, user: User, *, at: datetime) -> Sequence[Waiting]:
    """Accepted children of the slot's center without a booking or a hold.

    Those whose washout allows the slot come first, then the most urgent of the waiting list.
    """
    held = Booking.objects.filter(state=BookingState.HELD, hold_expires_at__gt=at)
    waits = {entry.journey_id: entry for entry in waiting_list(slot.center_id)}
    journeys = list(
        Journey.objects.visible_to(user)
        .filter(center_id=slot.center_id, stage=Stage.ACCEPTED)
        .exclude(bookings__in=held)
        .select_related("patient", "center")
        .prefetch_related("treatments")
        .order_by("stage_since")
    )
    pictures = [(journey, washout_picture(journey, at=at)) for journey in journeys]
    found = [
        Waiting(journey, picture, picture.washout.is_open(slot.starts_at), waits.get(journey.pk))
        for journey, picture in pictures
    ]
    last = PRIORITIES[-1] + 1
    return sorted(found, key=lambda each: (each.washout_open, each.entry.priority if each.entry else last))
