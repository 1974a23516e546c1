"""Writes of custody: items taken in, hand-overs, and what was recorded by mistake.

The tables follow from the ledger: a service checks, appends its fact, and reads back what the reader made.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.services import NewEvent, append
from manufacturing.custody.checks import (
    cleaned_items,
    days_later,
    refuse_impossible_step,
    refuse_mismatch,
    refuse_taken,
)
from manufacturing.custody.inputs import ItemDetails, StepDetails, StoredWhere
from manufacturing.custody.readers import item_id
from manufacturing.custody.rules import is_temp_in_range
from manufacturing.custody.rules.steps import WARM
from manufacturing.custody.settings import limit_for, signers_wanted
from manufacturing.custody.signing import Signature, refuse_wrong_signers, signed
from manufacturing.custody.usable import require_all
from manufacturing.custody.words import BreakReason, ItemKind, QuarantineReason, Step
from manufacturing.models import Batch, CustodyEntry, CustodyItem
from manufacturing.selectors import live_order, open_deviation, usable_batch
from manufacturing.services import product_receive
from patients.models import Journey
from patients.services import event_strike, journey_locked, refuse_closed

NOWHERE: Final = StoredWhere()


def items_add(
    *,
    journey_id: UUID,
    kind: str,
    items: Sequence[ItemDetails],
    by: Actor,
    at: datetime,
    where: StoredWhere = NOWHERE,
) -> list[CustodyItem]:
    """Take bags of the product, or samples, into custody. Bags belong to the batch that was made last.

    Raises `Conflict` `no_batch` before there is a batch, `Invalid` `identifiers_mismatch` for a lot or an
    identity that isn't the batch's or the child's, and `Invalid` for numbers that can't be or are taken.
    """
    if kind not in (ItemKind.PRODUCT_BAG, ItemKind.SAMPLE):
        raise Invalid(
            "invalid_input",
            _("Cells come into custody with their collection and their freezing."),
            fields={"kind": _("Bags of the product and samples are added here.")},
        )
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        order = live_order(journey.pk)
        batch = _batch_of(journey) if kind == ItemKind.PRODUCT_BAG else None
        told = cleaned_items(journey, items, batch=batch)
        refuse_taken(journey, told, kind=kind)
        facts = {
            "kind": kind,
            "items": [asdict(each) for each in told],
            "order": order.pk if order else None,
            "batch": batch.pk if batch else None,
            **asdict(where),
        }
        before = CustodyItem.objects.filter(journey=journey).count()
        append(journey.pk, [NewEvent(EventKind.CUSTODY_ITEM_ADDED, at, facts)], by=by)
        made = [item_id(journey.pk, before + place) for place in range(1, len(told) + 1)]
        return list(CustodyItem.objects.filter(pk__in=made).order_by("number"))


def _batch_of(journey: Journey) -> Batch:
    batch = open_deviation(journey.pk) or usable_batch(journey.pk)
    if batch is None:
        raise Conflict("no_batch", _("Record the release of the product first: its bags belong to it."))
    return batch


def custody_record(
    *,
    journey_id: UUID,
    step: str,
    item_ids: Sequence[UUID],
    details: StepDetails,
    signatures: Sequence[Signature],
    by: Actor,
    at: datetime,
) -> list[CustodyEntry]:
    """Record one hand-over of one or several items of a journey.

    A temperature out of range, or a damaged item, puts the item in quarantine in the same act and opens a
    break that whoever records looks after. The receipt by the hospital receives the batch as well.

    Raises `Invalid` `wrong_item`, `identifiers_mismatch`, `same_person`, `not_entitled`,
    `signatures_missing`, and `Conflict` for what stands against the step, see `require_usable`.
    """
    with journey_locked(journey_id) as journey:
        items = _items_named(journey, item_ids)
        refuse_impossible_step(step, items, details)
        refuse_mismatch(journey, items, details)
        wanted = signers_wanted(journey.center_id, journey.product, step)
        refuse_wrong_signers(signatures, center_id=journey.center_id, wanted=wanted)
        require_all(items, step=step, at=at)
        verdicts = [_in_range(journey, item, step, details) for item in items]
        facts = _handed_over(step, items, details, signatures, verdicts)
        events = [NewEvent(EventKind.CUSTODY_RECORDED, at, facts)]
        for item, verdict in zip(items, verdicts, strict=True):
            events += _doubts(journey, item, details, is_in_range=verdict, by=by, at=at)
        written = append(journey.pk, events, by=by)
        _receive(journey, step, items, details, by=by, at=at)
        return list(CustodyEntry.objects.filter(event_id=written[0].id).select_related("item"))


def _items_named(journey: Journey, item_ids: Sequence[UUID]) -> list[CustodyItem]:
    wanted = set(item_ids)
    found = list(
        CustodyItem.objects.filter(journey=journey, pk__in=wanted, struck_at=None)
        .select_related("batch")
        .order_by("number")
    )
    if not wanted or len(found) < len(wanted):
        sentence = (
            _("This item isn't one of this child's: stop.") if wanted else _("Choose at least one item.")
        )
        raise Invalid("wrong_item", sentence, fields={"items": sentence})
    return found


def _in_range(journey: Journey, item: CustodyItem, step: str, details: StepDetails) -> bool | None:
    if step in WARM:
        return None
    limit = limit_for(journey.center_id, journey.product, item.kind)
    return is_temp_in_range(limit, details.temp_min_c, details.temp_max_c)


def _handed_over(
    step: str,
    items: Sequence[CustodyItem],
    details: StepDetails,
    signatures: Sequence[Signature],
    verdicts: Sequence[bool | None],
) -> dict[str, Any]:
    told = asdict(details)
    told["from"] = told.pop("from_")
    return {
        "step": step,
        "items": [item.number for item in items],
        **told,
        "in_range": list(verdicts),
        "signatures": signed(signatures),
    }


def _doubts(
    journey: Journey,
    item: CustodyItem,
    details: StepDetails,
    *,
    is_in_range: bool | None,
    by: Actor,
    at: datetime,
) -> list[NewEvent]:
    """The quarantine and the break that follow from a temperature out of range, or from damage."""
    if is_in_range is False:
        quarantine, reason = QuarantineReason.TEMPERATURE, BreakReason.TEMPERATURE
    elif details.condition == "damaged":
        quarantine, reason = QuarantineReason.DAMAGE, BreakReason.DAMAGE
    else:
        return []
    limit = limit_for(journey.center_id, journey.product, item.kind)
    facts = {
        "items": [item.number],
        "reason": reason.value,
        "what": details.note,
        "owner": "",
        "owner_id": by.user_id,
        "due_on": days_later(journey, at, limit.due_days if limit else 1),
    }
    return [
        NewEvent(
            EventKind.QUARANTINE_SET,
            at,
            {"items": [item.number], "reason": quarantine.value, "note": details.note},
        ),
        NewEvent(EventKind.CUSTODY_BREAK_OPENED, at, facts),
    ]


def _receive(
    journey: Journey,
    step: str,
    items: Sequence[CustodyItem],
    details: StepDetails,
    *,
    by: Actor,
    at: datetime,
) -> None:
    batches = {item.batch for item in items if item.batch is not None}
    if step == Step.HOSPITAL_RECEIPT and any(_awaited(batch) for batch in batches):
        product_receive(journey_id=journey.pk, by=by, at=at, note=details.note)


def _awaited(batch: Batch) -> bool:
    return batch.received_at is None


def custody_strike(*, event_id: int, reason: str, by: Actor, at: datetime) -> Event:
    """Take back a hand-over, or items taken into custody, that were entered in error.

    What a hand-over led to stays: a quarantine is lifted by who may, a break is closed with its outcome.
    Raises `Conflict` `already_struck`, and `item_in_use` for items that something else speaks of.
    """
    event = Event.objects.get(pk=event_id)
    with journey_locked(event.journey_id):
        if Event.objects.filter(corrects=event).exists():
            raise Conflict("already_struck", _("This is marked as entered in error already."))
        if event.kind == EventKind.CUSTODY_ITEM_ADDED:
            _refuse_used(event)
        elif event.kind != EventKind.CUSTODY_RECORDED:
            raise Conflict("not_a_hand_over", _("This is taken back where it was recorded."))
        return event_strike(event.journey_id, event.pk, reason=reason, by=by, at=at)


def _refuse_used(event: Event) -> None:
    items = CustodyItem.objects.filter(journey_id=event.journey_id, event_id=event.pk)
    if CustodyEntry.objects.filter(item__in=items).exists():
        raise Conflict("item_in_use", _("Something is on record for these items: strike that first."))
