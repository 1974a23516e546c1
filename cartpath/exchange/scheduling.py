"""Bookings, holds and the waiting list in a journey file: the shapes of their data, and how they are played.

What a file tells happened, so no hours, lead times, quotas or decisions are asked for; overlaps are refused
all the same. Machines and other resources are found in the center by their names.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from annotated_types import Ge, MaxLen, MinLen

from cartpath.core.errors import Conflict, Invalid
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment
from leukapheresis.enums import LIVE_STATES, BookingState, HoldEnd, ResourceKind
from leukapheresis.inputs import AwayDetails, PreparationDetails, WaitingDetails
from leukapheresis.models import Booking, Resource, WaitingEntry
from leukapheresis.models.waiting import WAITS
from leukapheresis.scheduling.booking import (
    booking_cancel,
    booking_confirm,
    booking_create,
    booking_hold,
    hold_release,
)
from leukapheresis.scheduling.bundles import PartChoice
from leukapheresis.scheduling.moving import booking_move, day_add, day_release
from leukapheresis.scheduling.parts import parts_change
from leukapheresis.scheduling.preparing import family_away_record, preparation_record
from leukapheresis.scheduling.records import bundle_of_facts
from leukapheresis.scheduling.taking import Recorded
from leukapheresis.scheduling.times import MachineTime
from leukapheresis.scheduling.waiting import offer_open, waiting_change, waiting_join, waiting_leave

if TYPE_CHECKING:
    from cartpath.exchange.scene import Scene
    from cartpath.exchange.shapes import Cancellation, Override

Text = Annotated[str, MinLen(1), MaxLen(120)]
Note = Annotated[str, MaxLen(400)]
PartName = Literal[
    "machine",
    "chair",
    "nurse",
    "anesthesia",
    "line_placement",
    "picu_bed",
    "red_cell_prime",
    "courier",
    "cryopreservation",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDay:
    """One day of a booking: its machine and times, and the name of the resource for each part."""

    __pydantic_config__ = INPUT_CONFIG

    machine: Text
    starts_at: Moment
    ends_at: Moment
    day: Annotated[int, Ge(1)] = 1
    resources: dict[PartName, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPart:
    """What became of a part, by the rules and by a person's decision."""

    __pydantic_config__ = INPUT_CONFIG

    part: PartName
    state: Literal["claimed", "outside", "left_out", "undecided", "not_needed"]
    verdict: Literal["needed", "unknown", "not_needed"]
    rows: list[str] = field(default_factory=list)
    wanted: bool | None = None
    reason: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldBooking:
    """A booking: the first day on top, as it was before bookings had several days, then all of them."""

    __pydantic_config__ = INPUT_CONFIG

    machine: Text
    starts_at: Moment
    ends_at: Moment
    days: list[ToldDay] = field(default_factory=list)
    parts: list[ToldPart] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldUntil:
    """When a hold ends by itself."""

    __pydantic_config__ = INPUT_CONFIG

    hold_expires_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeBooking:
    """Every day and part of a booking after a change."""

    __pydantic_config__ = INPUT_CONFIG

    days: list[ToldDay] = field(default_factory=list)
    parts: list[ToldPart] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Which day went where, and why."""

    __pydantic_config__ = INPUT_CONFIG

    day: Annotated[int, Ge(1)]
    to: ToldDay
    reason_code: Text
    note: Note = ""
    cascade: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChanged:
    """Why a day came or went."""

    __pydantic_config__ = INPUT_CONFIG

    reason_code: Text
    note: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayNumber:
    """Which day of the booking."""

    __pydantic_config__ = INPUT_CONFIG

    day: Annotated[int, Ge(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldChoice:
    """A person's decision about a part."""

    __pydantic_config__ = INPUT_CONFIG

    part: PartName
    wanted: bool
    reason: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The decisions of one change."""

    __pydantic_config__ = INPUT_CONFIG

    choices: list[ToldChoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEnded:
    """Why a hold ended without a booking."""

    __pydantic_config__ = INPUT_CONFIG

    why: Literal["released", "expired", "declined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEnded:
    """Why a child no longer waits."""

    __pydantic_config__ = INPUT_CONFIG

    why: Literal["booked", "left"]
    note: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferClosed:
    """What became of an offer."""

    __pydantic_config__ = INPUT_CONFIG

    outcome: Literal["accepted", "declined", "expired", "withdrawn"]
    note: Note = ""


def _resource(scene: "Scene", name: str, kind: str, where: str) -> Resource:
    found = Resource.objects.filter(center=scene.center, name=name, kind=kind).first()
    if found is None:
        code = "unknown_machine" if kind == ResourceKind.MACHINE else "unknown_resource"
        sentence = f"The center {scene.center.code} has no {kind} “{name}”."
        raise Invalid(code, sentence, fields={where: sentence})
    return found


def _time(scene: "Scene", day: ToldDay | ToldBooking) -> MachineTime:
    machine = _resource(scene, day.machine, ResourceKind.MACHINE, "machine")
    return MachineTime(machine.pk, day.starts_at, day.ends_at)


def _recorded(scene: "Scene", days: Iterable[ToldDay], parts: Sequence[ToldPart]) -> Recorded:
    resources: dict[tuple[int, str], UUID] = {}
    for day in days:
        for kind, name in day.resources.items():
            resources[day.day, kind] = _resource(scene, name, kind, kind).pk
    return Recorded(parts=tuple(bundle_of_facts([asdict(part) for part in parts])), resources=resources)


def _live(scene: "Scene") -> Booking:
    booking = Booking.objects.filter(journey_id=scene.journey_id, state__in=LIVE_STATES).first()
    if booking is None:
        raise Conflict("not_booked", "There is no live booking or hold.")
    return booking


def _act(scene: "Scene") -> Mapping[str, Any]:
    return {"booking_id": _live(scene).pk, "by": scene.by, "at": scene.at}


def _numbered(told: ToldBooking) -> list[ToldDay]:
    """The days in the order and with the numbers that a new booking gives them."""
    days = told.days or [ToldDay(machine=told.machine, starts_at=told.starts_at, ends_at=told.ends_at)]
    ordered = sorted(days, key=lambda day: day.starts_at)
    return [
        ToldDay(
            day=number,
            machine=day.machine,
            starts_at=day.starts_at,
            ends_at=day.ends_at,
            resources=day.resources,
        )
        for number, day in enumerate(ordered, start=1)
    ]


def book(scene: "Scene", told: ToldBooking, override: "Override") -> object:
    """A booking, or the confirmation of the hold before it."""
    held = Booking.objects.filter(journey_id=scene.journey_id, state=BookingState.HELD).first()
    if held is not None:
        return booking_confirm(
            booking_id=held.pk,
            override_reason=override.override_reason,
            recorded=True,
            by=scene.by,
            at=scene.at,
        )
    days = _numbered(told)
    return booking_create(
        times=[_time(scene, day) for day in days],
        override_reason=override.override_reason,
        recorded=_recorded(scene, days, told.parts),
        **scene.call,
    )


def hold(scene: "Scene", told: ToldBooking, until: HeldUntil, override: "Override") -> object:
    """A hold with its end."""
    days = _numbered(told)
    return booking_hold(
        times=[_time(scene, day) for day in days],
        minutes=(until.hold_expires_at - scene.at) // timedelta(minutes=1),
        override_reason=override.override_reason,
        recorded=_recorded(scene, days, told.parts),
        **scene.call,
    )


def cancel(scene: "Scene", told: "Cancellation") -> object:
    """The end of a booking."""
    booking = Booking.objects.filter(journey_id=scene.journey_id, state=BookingState.BOOKED).first()
    if booking is None:
        raise Conflict("not_booked", "There is no live booking to cancel.")
    return booking_cancel(booking_id=booking.pk, **asdict(told), by=scene.by, at=scene.at)


def move(scene: "Scene", told: Moved, whole: WholeBooking, override: "Override") -> object:
    """A move of one day."""
    return booking_move(
        day=told.day,
        to=_time(scene, told.to),
        reason_code=told.reason_code,
        note=told.note,
        cascade=told.cascade,
        override_reason=override.override_reason,
        recorded=_recorded(scene, whole.days or [told.to], whole.parts),
        **_act(scene),
    )


def add_day(
    scene: "Scene", day: ToldDay, why: DayChanged, whole: WholeBooking, override: "Override"
) -> object:
    """One more day."""
    return day_add(
        time=_time(scene, day),
        reason_code=why.reason_code,
        note=why.note,
        override_reason=override.override_reason,
        recorded=_recorded(scene, whole.days or [day], whole.parts),
        **_act(scene),
    )


def release_day(
    scene: "Scene", number: DayNumber, why: DayChanged, whole: WholeBooking, _override: "Override"
) -> object:
    """One day less."""
    return day_release(
        day=number.day,
        reason_code=why.reason_code,
        note=why.note,
        recorded=_recorded(scene, whole.days, whole.parts),
        **_act(scene),
    )


def change_parts(scene: "Scene", told: Choices, whole: WholeBooking, _override: "Override") -> object:
    """Decisions about parts."""
    return parts_change(
        choices=[PartChoice(part=each.part, wanted=each.wanted, reason=each.reason) for each in told.choices],
        recorded=_recorded(scene, whole.days, whole.parts),
        **_act(scene),
    )


def end_hold(scene: "Scene", told: HoldEnded) -> object:
    """The end of a hold."""
    return hold_release(why=HoldEnd(told.why), recorded=True, **_act(scene))


def close_offer(scene: "Scene", told: OfferClosed) -> object:
    """The answer to an offer, or its end."""
    if told.outcome == "accepted":
        return booking_confirm(recorded=True, **_act(scene))
    why = {"declined": HoldEnd.DECLINED, "expired": HoldEnd.EXPIRED, "withdrawn": HoldEnd.RELEASED}
    return hold_release(why=why[told.outcome], note=told.note, recorded=True, **_act(scene))


def offer(scene: "Scene") -> object:
    """A hold becomes an offer."""
    return offer_open(**_act(scene))


def _entry_id(scene: "Scene") -> UUID:
    entry = WaitingEntry.objects.filter(journey_id=scene.journey_id, state__in=WAITS).first()
    if entry is None:
        raise Conflict("not_waiting", "This child is not in the waiting list.")
    return entry.pk


def join(scene: "Scene", details: WaitingDetails) -> object:
    """Into the waiting list."""
    return waiting_join(details=details, **scene.call)


def change_entry(scene: "Scene", details: WaitingDetails) -> object:
    """Another priority, or other days."""
    return waiting_change(entry_id=_entry_id(scene), details=details, by=scene.by, at=scene.at)


def leave(scene: "Scene", told: WaitingEnded) -> object:
    """Out of the waiting list."""
    if told.why == "booked":
        sentence = "A child leaves the list this way only with its booking."
        raise Conflict("not_booked", sentence)
    return waiting_leave(entry_id=_entry_id(scene), note=told.note, by=scene.by, at=scene.at)


def prepare(scene: "Scene", details: PreparationDetails) -> object:
    """Access and sedation."""
    return preparation_record(details=details, **scene.call)


def away(scene: "Scene", details: AwayDetails) -> object:
    """Days on which the family is away."""
    return family_away_record(details=details, **scene.call)
