"""Orders, portals and quality in a journey file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from annotated_types import MaxLen

from cartpath.core.errors import Invalid
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.exchange import shapes
from cartpath.exchange.scene import Handler, Scene, Strike, named, plain, strike_of
from cartpath.ledger.kinds import EventKind
from manufacturing.inputs import (
    BatchDetails,
    Deviation,
    DeviationDecision,
    MilestoneDate,
    OrderDetails,
    PortalPageTyped,
    QualityReport,
    Recall,
    ReleaseTerms,
)
from manufacturing.models import PortalEntry
from manufacturing.portals.services import (
    SLOT,
    milestone_expect,
    order_change,
    portal_entry_record,
    portal_entry_strike,
)
from manufacturing.quality.services import (
    product_recall,
    quality_record,
    quality_strike,
    release_complete,
)
from manufacturing.services import (
    manufacturing_fail,
    milestone_record,
    out_of_specification_decide,
    out_of_specification_report,
    product_order,
    product_receive,
    product_release,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderValue:
    """One detail of an order, before and after; a day as text, null for none."""

    __pydantic_config__ = INPUT_CONFIG

    to: str | None = None
    from_: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChanged:
    """What of an order was changed from what to what, and why."""

    __pydantic_config__ = INPUT_CONFIG

    changes: dict[str, OrderValue]
    reason_code: shapes.Text
    note: Annotated[str, MaxLen(400)] = ""
    quota_reason: Annotated[str, MaxLen(400)] = ""


def change_order(scene: Scene, told: OrderChanged) -> object:
    """Change identifiers or slot of the order."""
    return order_change(
        changes={name: _value(name, change.to) for name, change in told.changes.items()},
        reason_code=told.reason_code,
        note=told.note,
        quota_reason=told.quota_reason,
        **scene.call,
    )


def _value(name: str, told: object) -> object:
    if name != SLOT or told is None:
        return told
    try:
        return date.fromisoformat(str(told))
    except ValueError as error:
        sentence = "Give the slot as YYYY-MM-DD."
        raise Invalid("invalid_input", sentence, fields={"changes": sentence}) from error


def release(scene: Scene, batch: BatchDetails, terms: ReleaseTerms) -> object:
    """Release a product in one stage or two; results that no file tells stay unknown."""
    return product_release(batch=batch, terms=terms, taken_over=True, **scene.call)


def report(scene: Scene, batch: BatchDetails, deviation: Deviation) -> object:
    """Report a product that missed its specification."""
    return out_of_specification_report(batch=batch, deviation=deviation, **scene.call)


def strike_results(scene: Scene, event_id: int, reason: str) -> object:
    """Strike the results that an event recorded."""
    return quality_strike(event_id=event_id, reason=reason, by=scene.by, at=scene.at)


_MADE: Final = ("batch", "order")

HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.PRODUCT_ORDERED: Handler(
        (OrderDetails,),
        named(product_order, "order"),
        checked=("product", "weight_kg", "region"),
        ignored=("remakes", "protocol_version"),
    ),
    EventKind.ORDER_CHANGED: Handler((OrderChanged,), change_order, ignored=_MADE),
    EventKind.PORTAL_ENTRY_RECORDED: Handler(
        (PortalPageTyped,), named(portal_entry_record, "entry"), ignored=("order", "known")
    ),
    EventKind.MANUFACTURING_MILESTONE: Handler(
        (shapes.MilestoneReached,), plain(milestone_record), ignored=_MADE
    ),
    EventKind.MILESTONE_EXPECTED: Handler(
        (MilestoneDate,), named(milestone_expect, "told"), ignored=("order", "before_on")
    ),
    EventKind.QUALITY_RESULT_RECORDED: Handler(
        (QualityReport,), named(quality_record, "report"), ignored=_MADE
    ),
    EventKind.PRODUCT_RELEASED: Handler(
        (BatchDetails, ReleaseTerms), release, ignored=(*_MADE, "results_due_at")
    ),
    EventKind.RELEASE_COMPLETED: Handler((shapes.Noted,), plain(release_complete), ignored=_MADE),
    EventKind.PRODUCT_RECALLED: Handler(
        (Recall,), named(product_recall, "recall"), checked=("was_given",), ignored=_MADE
    ),
    EventKind.OUT_OF_SPECIFICATION_REPORTED: Handler((BatchDetails, Deviation), report, ignored=_MADE),
    EventKind.OUT_OF_SPECIFICATION_DECIDED: Handler(
        (DeviationDecision,), named(out_of_specification_decide, "decision"), ignored=_MADE
    ),
    EventKind.PRODUCT_RECEIVED: Handler(
        (shapes.Noted,), plain(product_receive), checked=("lot",), ignored=_MADE
    ),
    EventKind.MANUFACTURING_FAILED: Handler((shapes.Failure,), plain(manufacturing_fail), ignored=_MADE),
}
# What can be entered in error, and how it is struck.
STRIKES: Final[Mapping[EventKind, Strike]] = {
    EventKind.PORTAL_ENTRY_RECORDED: strike_of(PortalEntry, portal_entry_strike, "entry_id"),
    EventKind.QUALITY_RESULT_RECORDED: strike_results,
}
