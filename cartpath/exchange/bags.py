"""The bags at the bedside in a journey file: premedication, each bag's start and end, reactions.

A bag is named by its number in the journey.
"""

from collections.abc import Mapping
from typing import Final

from cartpath.exchange import shapes
from cartpath.exchange.scene import Handler, Scene, Strike, named, strike_of
from cartpath.ledger.kinds import EventKind
from infusion.bedside.around import (
    premedication_give,
    premedication_strike,
    reaction_record,
    reaction_strike,
)
from infusion.bedside.bags import bag_numbered
from infusion.bedside.giving import bag_end, bag_end_strike, bag_start, bag_start_strike
from infusion.bedside.inputs import BagEnd, BagStart, PremedicationDetails, ReactionDetails
from infusion.models import BagInfusion, InfusionReaction, Premedication
from manufacturing.models import CustodyItem
from patients.models import Journey


def bag_told(scene: Scene, number: int) -> CustodyItem:
    """The bag that a file names. Raises `NotFound`."""
    return bag_numbered(Journey.objects.get(pk=scene.journey_id), number)


def start_bag(
    scene: Scene, start: BagStart, told: shapes.BagNumber, signed: shapes.SecondClinician
) -> object:
    """A bag begins to run; the first one makes the infusion, or its next part, with itself."""
    second = scene.person(signed.second, field="second") if signed.second else None
    return bag_start(item_id=bag_told(scene, told.item).pk, start=start, second=second, **scene.call)


def end_bag(scene: Scene, end: BagEnd, told: shapes.BagNumber) -> object:
    """A bag has run in, or was stopped."""
    return bag_end(item_id=bag_told(scene, told.item).pk, end=end, **scene.call)


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.PREMEDICATION_GIVEN: Handler(
        (PremedicationDetails,), named(premedication_give, "premedication"), checked=("fraction",)
    ),
    EventKind.BAG_INFUSION_STARTED: Handler(
        (BagStart, shapes.BagNumber, shapes.SecondClinician),
        start_bag,
        checked=("bag", "fraction"),
        ignored=("batch",),
    ),
    EventKind.BAG_INFUSION_ENDED: Handler(
        (BagEnd, shapes.BagNumber),
        end_bag,
        checked=("bag", "fraction", "minutes_since_thaw", "in_time", "rule"),
    ),
    EventKind.INFUSION_REACTION_RECORDED: Handler(
        (ReactionDetails,), named(reaction_record, "reaction"), checked=("bag",)
    ),
}
STRIKES: Final[Mapping[EventKind, Strike]] = {
    EventKind.PREMEDICATION_GIVEN: strike_of(Premedication, premedication_strike, "premedication_id"),
    EventKind.INFUSION_REACTION_RECORDED: strike_of(InfusionReaction, reaction_strike, "reaction_id"),
    EventKind.BAG_INFUSION_STARTED: strike_of(
        BagInfusion, bag_start_strike, "bag_id", column="start_event_id"
    ),
    EventKind.BAG_INFUSION_ENDED: strike_of(BagInfusion, bag_end_strike, "bag_id", column="end_event_id"),
}
# The first bag makes them with itself.
FOLLOWERS: Final = (EventKind.INFUSED, EventKind.FRACTION_INFUSED)
