"""Days of collection in a journey file: identity, the day itself, corrections, frozen bags."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal

from annotated_types import MaxLen

from cartpath.core.errors import Invalid
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment
from cartpath.exchange import shapes
from cartpath.exchange.scene import Handler, Scene, Strike, plain
from cartpath.ledger.kinds import EventKind
from leukapheresis.collection_bags import bag_change, bags_strike, cells_freeze
from leukapheresis.collection_days import (
    collection_day_correct,
    collection_day_record,
    collection_day_strike,
)
from leukapheresis.collection_identity import check_for, collection_identity_verify, next_number
from leukapheresis.inputs import BagDetails, CollectionDayDetails, IdentityCheckDetails
from leukapheresis.models import CollectionDay, CryoBag
from leukapheresis.selectors import current_round
from leukapheresis.services import collection_again, collection_complete
from patients.models import Journey


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoAtCollection:
    """Who confirmed who is collected: e-mail addresses or names of people of the center."""

    __pydantic_config__ = INPUT_CONFIG

    first: shapes.Text
    second: shapes.Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCorrected:
    """Which day of collection was corrected, to what start, and why."""

    __pydantic_config__ = INPUT_CONFIG

    round: shapes.PartNumber
    day: shapes.PartNumber
    started_at: Moment
    reason: shapes.Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class BagsFrozen:
    """The bags that the cells of one day were frozen in."""

    __pydantic_config__ = INPUT_CONFIG

    round: shapes.PartNumber
    day: shapes.PartNumber
    bags: tuple[BagDetails, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BagChanged:
    """A bag, by donation number and division, and where it went."""

    __pydantic_config__ = INPUT_CONFIG

    din: shapes.Text
    division: shapes.Text
    state: Literal["shipped", "discarded"]
    note: Annotated[str, MaxLen(400)] = ""


# Files of before identity was checked at the collection say nothing about it.
NOT_TOLD: Final = "The journey file says nothing of an identity check."


def record_day(scene: Scene, day: CollectionDayDetails) -> object:
    """Record a day; a file that says nothing of an identity check says so in the record."""
    if not day.history_reason and not day.identity_missing_reason and not _is_checked(scene):
        day = replace(day, identity_missing_reason=NOT_TOLD)
    return collection_day_record(day=day, **scene.call)


def _is_checked(scene: Scene) -> bool:
    journey = Journey.objects.select_related("center").get(pk=scene.journey_id)
    round_number = current_round(journey.pk)
    number = next_number(journey.pk, round_number, at=scene.at)
    return check_for(journey, round_number, number, at=scene.at) is not None


def correct_day(scene: Scene, day: CollectionDayDetails, told: DayCorrected) -> object:
    """Correct a day named by round and number."""
    row = _day(scene, told.round, told.day)
    return collection_day_correct(
        day_id=row.pk, day=day, started_at=told.started_at, reason=told.reason, by=scene.by, at=scene.at
    )


def verify_identity(scene: Scene, people: TwoAtCollection, check: IdentityCheckDetails) -> object:
    """Two people of the center confirm who is collected."""
    return collection_identity_verify(
        journey_id=scene.journey_id,
        first=scene.person(people.first, field="first"),
        second=scene.person(people.second, field="second"),
        check=check,
        at=scene.at,
    )


def freeze(scene: Scene, told: BagsFrozen) -> object:
    """Freeze the cells of a day in bags."""
    row = _day(scene, told.round, told.day)
    return cells_freeze(day_id=row.pk, bags=told.bags, by=scene.by, at=scene.at)


def change_bag(scene: Scene, told: BagChanged) -> object:
    """Send or discard a bag."""
    bag = CryoBag.objects.filter(
        day__journey_id=scene.journey_id, din=told.din, division=told.division, struck_at=None
    ).first()
    if bag is None:
        raise _nothing("din", "No bag of this journey has this number and division.")
    return bag_change(bag_id=bag.pk, state=told.state, note=told.note, by=scene.by, at=scene.at)


def strike_day(scene: Scene, event_id: int, reason: str) -> object:
    """Strike the day that an event recorded."""
    row = CollectionDay.objects.get(event_id=event_id)
    return collection_day_strike(day_id=row.pk, reason=reason, by=scene.by, at=scene.at)


def strike_bags(scene: Scene, event_id: int, reason: str) -> object:
    """Strike the bags that an event recorded."""
    bag = CryoBag.objects.filter(event_id=event_id).order_by("division")[0]
    return bags_strike(bag_id=bag.pk, reason=reason, by=scene.by, at=scene.at)


def _day(scene: Scene, round_number: int, number: int) -> CollectionDay:
    row = CollectionDay.objects.filter(
        journey_id=scene.journey_id, round=round_number, number=number, struck_at=None
    ).first()
    if row is None:
        raise _nothing("day", "No such day of collection is recorded before.")
    return row


def _nothing(field: str, sentence: str) -> Invalid:
    return Invalid("invalid_input", sentence, fields={field: sentence})


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.COLLECTION_IDENTITY_VERIFIED: Handler(
        (TwoAtCollection, IdentityCheckDetails), verify_identity, checked=("round", "day")
    ),
    EventKind.COLLECTION_DAY_RECORDED: Handler(
        (CollectionDayDetails,),
        record_day,
        checked=("round", "day", "source", "identity_verified"),
    ),
    EventKind.COLLECTION_DAY_CORRECTED: Handler(
        (CollectionDayDetails, DayCorrected),
        correct_day,
        checked=("source", "identity_verified", "days", "tnc_total", "cd3_total", "accepted"),
    ),
    EventKind.COLLECTION_COMPLETED: Handler(
        (shapes.CollectionEnd,),
        plain(collection_complete),
        checked=("round", "source", "days", "tnc_total", "cd3_total", "accepted"),
        ignored=("reasons",),
    ),
    EventKind.COLLECTION_AGAIN: Handler((shapes.Because,), plain(collection_again), checked=("round",)),
    EventKind.CELLS_FROZEN: Handler((BagsFrozen,), freeze, checked=("din", "collection_type", "expires_on")),
    EventKind.CRYO_BAG_CHANGED: Handler((BagChanged,), change_bag),
}
# What can be entered in error, and how it is struck.
STRIKES: Final[Mapping[EventKind, Strike]] = {
    EventKind.COLLECTION_DAY_RECORDED: strike_day,
    EventKind.COLLECTION_DAY_CORRECTED: strike_day,
    EventKind.CELLS_FROZEN: strike_bags,
}
