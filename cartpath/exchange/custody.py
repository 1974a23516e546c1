"""Custody in a journey file. Items are named by their number, which the order of the facts gives them.

Limits of temperature are the center's own: a hand-over is judged by those of the center that takes it over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from annotated_types import Ge, MaxLen, MinLen

from cartpath.accounts.models import User
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day, Moment
from cartpath.exchange.scene import Handler, Scene, Strike
from cartpath.ledger.kinds import EventKind
from manufacturing.custody.breaks import break_close, break_open, quarantine_lift, quarantine_set
from manufacturing.custody.identity import chain_of_identity_set
from manufacturing.custody.inputs import BreakDetails, ClosingDetails, ItemDetails, StepDetails, StoredWhere
from manufacturing.custody.readers import item_id
from manufacturing.custody.services import custody_record, custody_strike, items_add
from manufacturing.custody.signing import Signature

Number = Annotated[int, Ge(1)]
_Reason = Annotated[str, MaxLen(40)]
_MADE: Final = ("order", "batch")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySet:
    """An identifier of the chain."""

    __pydantic_config__ = INPUT_CONFIG

    scheme: _Reason
    identifier: Annotated[str, MinLen(1), MaxLen(80)]
    reason: _Reason = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsTold:
    """Bags or samples."""

    __pydantic_config__ = INPUT_CONFIG

    kind: Literal["product_bag", "sample"]
    items: tuple[ItemDetails, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureTold:
    """A signature: the person by name or e-mail address."""

    __pydantic_config__ = INPUT_CONFIG

    name: Annotated[str, MinLen(1), MaxLen(254)]
    meaning: _Reason
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Which step of which items, and who signed."""

    __pydantic_config__ = INPUT_CONFIG

    step: _Reason
    items: tuple[Number, ...]
    signatures: tuple[SignatureTold, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakTold:
    """A break; one that follows from a hand-over names no owner, and may say nothing more."""

    __pydantic_config__ = INPUT_CONFIG

    reason: Literal[
        "temperature", "mismatch", "seal", "damage", "label", "documents", "delay", "gap", "other"
    ]
    due_on: Day
    owner: Annotated[str, MaxLen(254)] = ""
    what: Annotated[str, MaxLen(400)] = ""
    items: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakNumber:
    """Which break of the journey."""

    __pydantic_config__ = INPUT_CONFIG

    break_: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Items whose quarantine begins or ends, and why."""

    __pydantic_config__ = INPUT_CONFIG

    items: tuple[Number, ...]
    reason: _Reason
    note: Annotated[str, MaxLen(400)] = field(default="")


def _set_identity(scene: Scene, told: IdentitySet) -> object:
    return chain_of_identity_set(
        scheme=told.scheme, identifier=told.identifier, reason=told.reason, **scene.call
    )


def _add(scene: Scene, told: ItemsTold, where: StoredWhere) -> object:
    return items_add(kind=told.kind, items=told.items, where=where, **scene.call)


def _record(scene: Scene, told: HandOver, details: StepDetails) -> object:
    signatures = [
        Signature(scene.person(each.name, field="signatures"), each.meaning, each.at)
        for each in told.signatures
    ]
    return custody_record(
        step=told.step,
        item_ids=[item_id(scene.journey_id, number) for number in told.items],
        details=details,
        signatures=signatures,
        **scene.call,
    )


def _open(scene: Scene, told: BreakTold) -> object:
    owner: User = scene.person(told.owner, field="owner")
    return break_open(
        item_id=item_id(scene.journey_id, told.items[0]) if told.items else None,
        details=BreakDetails(reason=told.reason, what=told.what, due_on=told.due_on),
        owner=owner,
        **scene.call,
    )


def _close(scene: Scene, told: BreakNumber, details: ClosingDetails) -> object:
    return break_close(number=told.break_, details=details, **scene.call)


def _quarantine(scene: Scene, told: Doubt) -> object:
    return quarantine_set(**_doubt(scene, told))


def _lift(scene: Scene, told: Doubt) -> object:
    return quarantine_lift(**_doubt(scene, told))


def _doubt(scene: Scene, told: Doubt) -> dict[str, Any]:
    items = [item_id(scene.journey_id, number) for number in told.items]
    return {"item_ids": items, "reason": told.reason, "note": told.note, **scene.call}


def _strike(scene: Scene, event_id: int, reason: str) -> object:
    custody_strike(event_id=event_id, reason=reason, by=scene.by, at=scene.at)
    return event_id


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.CHAIN_OF_IDENTITY_SET: Handler((IdentitySet,), _set_identity),
    EventKind.CUSTODY_ITEM_ADDED: Handler((ItemsTold, StoredWhere), _add, ignored=_MADE),
    EventKind.CUSTODY_RECORDED: Handler((HandOver, StepDetails), _record, ignored=("in_range",)),
    EventKind.CUSTODY_BREAK_OPENED: Handler((BreakTold,), _open, ignored=("owner_id",)),
    EventKind.CUSTODY_BREAK_CLOSED: Handler((BreakNumber, ClosingDetails), _close),
    EventKind.QUARANTINE_SET: Handler((Doubt,), _quarantine),
    EventKind.QUARANTINE_LIFTED: Handler((Doubt,), _lift),
}
STRIKES: Final[Mapping[EventKind, Strike]] = {
    EventKind.CUSTODY_ITEM_ADDED: _strike,
    EventKind.CUSTODY_RECORDED: _strike,
}
# A temperature out of range or a damaged item leads to these, and the receipt of bags to that of their batch.
FOLLOWERS: Final = frozenset(
    {EventKind.QUARANTINE_SET, EventKind.CUSTODY_BREAK_OPENED, EventKind.PRODUCT_RECEIVED}
)
