"""Tables of the infusion room."""

from infusion.models.giving import (
    ChecklistItem,
    Finding,
    IdentityCheck,
    Infusion,
    InfusionPart,
    LymphodepletionDose,
    LymphodepletionWaiver,
)

__all__ = [
    "ChecklistItem",
    "Finding",
    "IdentityCheck",
    "Infusion",
    "InfusionPart",
    "LymphodepletionDose",
    "LymphodepletionWaiver",
]
