"""Tables of the manufacturing room."""

from manufacturing.models.custody import (
    ChainOfIdentity,
    CustodyBreak,
    CustodyEntry,
    CustodyItem,
    SignatureRule,
    TemperatureLimit,
)
from manufacturing.models.labels import Label, LabelSetting, ProductWords, ScanStop, Wristband
from manufacturing.models.orders import Batch, Order, OrderMilestone, OutOfSpecification
from manufacturing.models.portals import MilestoneExpectation, PortalEntry, ProductQuota
from manufacturing.models.quality import QualityResult, SecondStage

__all__ = [
    "Batch",
    "ChainOfIdentity",
    "CustodyBreak",
    "CustodyEntry",
    "CustodyItem",
    "Label",
    "LabelSetting",
    "MilestoneExpectation",
    "Order",
    "OrderMilestone",
    "OutOfSpecification",
    "PortalEntry",
    "ProductQuota",
    "ProductWords",
    "QualityResult",
    "ScanStop",
    "SecondStage",
    "SignatureRule",
    "TemperatureLimit",
    "Wristband",
]
