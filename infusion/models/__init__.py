"""Tables of the infusion room."""

from infusion.models.bedside import (
    BagInfusion,
    BedsideSignature,
    InfusionReaction,
    KeptEntry,
    Premedication,
)
from infusion.models.bridging import BridgingCourse, LymphodepletionPlan
from infusion.models.giving import (
    ChecklistItem,
    Finding,
    IdentityCheck,
    Infusion,
    InfusionPart,
    LymphodepletionDose,
    LymphodepletionWaiver,
)
from infusion.models.holds import InfusionHold

__all__ = [
    "BagInfusion",
    "BedsideSignature",
    "BridgingCourse",
    "ChecklistItem",
    "Finding",
    "IdentityCheck",
    "Infusion",
    "InfusionHold",
    "InfusionPart",
    "InfusionReaction",
    "KeptEntry",
    "LymphodepletionDose",
    "LymphodepletionPlan",
    "LymphodepletionWaiver",
    "Premedication",
]
