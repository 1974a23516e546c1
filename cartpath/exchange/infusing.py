"""Lymphodepletion, identity, thaw and infusion in a journey file."""

from collections.abc import Mapping
from typing import Final

from cartpath.exchange import shapes
from cartpath.exchange.bags import bag_told
from cartpath.exchange.scene import Handler, Scene, named, plain
from cartpath.ledger.kinds import EventKind
from infusion.inputs import ChecklistAnswer, DoseGiven, FindingDetails, InfusionDetails, PartDetails
from infusion.part_services import part_record, parts_stop
from infusion.services import (
    checklist_item_record,
    finding_record,
    identity_verify,
    infusion_record,
    lymphodepletion_record,
    lymphodepletion_waive,
    thaw_start,
)

# What the services find by themselves.
_MADE: Final = ("batch", "order")


def verify(scene: Scene, told: shapes.TwoPeople) -> object:
    """Two people compare bag and child."""
    return identity_verify(
        journey_id=scene.journey_id,
        first=scene.person(told.first, field="first"),
        second=scene.person(told.second, field="second"),
        others=[scene.person(name, field="others") for name in told.others],
        at=scene.at,
        fraction=told.fraction,
        item=bag_told(scene, told.item) if told.item is not None else None,
    )


def thaw(scene: Scene, told: shapes.Thawed) -> object:
    """The thaw of a part of the dose, or of one bag of it, begins."""
    bag = bag_told(scene, told.item) if told.item is not None else None
    return thaw_start(fraction=told.fraction, item=bag, **scene.call)


def give_part(scene: Scene, part: PartDetails, signed: shapes.SecondClinician) -> object:
    """A further part of a divided dose."""
    second = scene.person(signed.second, field="second") if signed.second else None
    return part_record(part=part, second=second, **scene.call)


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.LYMPHODEPLETION_GIVEN: Handler(
        (DoseGiven,),
        named(lymphodepletion_record, "dose"),
        checked=("expected_mg", "body_surface_m2", "rule", "planned_mg"),
    ),
    EventKind.LYMPHODEPLETION_WAIVED: Handler(
        (shapes.Because,), plain(lymphodepletion_waive), checked=("rule",)
    ),
    EventKind.FINDING_RECORDED: Handler((FindingDetails,), named(finding_record, "finding")),
    EventKind.CHECKLIST_ITEM_RECORDED: Handler((ChecklistAnswer,), named(checklist_item_record, "answer")),
    EventKind.IDENTITY_VERIFIED: Handler(
        (shapes.TwoPeople,), verify, checked=("lot", "chain_of_identity", "bag"), ignored=_MADE
    ),
    EventKind.THAW_STARTED: Handler((shapes.Thawed,), thaw, checked=("rule", "bag"), ignored=_MADE),
    EventKind.INFUSED: Handler(
        (InfusionDetails,),
        named(infusion_record, "infusion"),
        checked=("lot", "weight_kg", "min_cells", "max_cells", "dose_in_range", "fraction", "rules"),
        ignored=_MADE,
    ),
    EventKind.FRACTION_INFUSED: Handler(
        (PartDetails, shapes.SecondClinician),
        give_part,
        checked=("item", "lot", "min_cells", "max_cells", "dose_in_range", "gate", "rules"),
        ignored=_MADE,
    ),
    EventKind.FRACTIONS_STOPPED: Handler(
        (shapes.Because,), plain(parts_stop), checked=("from_fraction", "gate")
    ),
}
