"""Writes about orders and portals: changed identifiers, pages typed, expected dates, quotas."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.accounts.models import Center, User
from cartpath.core.actor import Actor
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from cartpath.protocols.rows import in_force
from manufacturing.inputs import MilestoneDate, PortalPageTyped
from manufacturing.models import Batch, MilestoneExpectation, Order, PortalEntry, ProductQuota
from manufacturing.portals.ordering import FIRST_DAY, identity_kept, refuse_beyond_quota
from manufacturing.portals.selectors import asked_of, known_facts
from manufacturing.portals.words import ChangeCode, DelayCode
from manufacturing.selectors import live_order
from manufacturing.track import track_of
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.services import event_strike, journey_locked, refuse_closed

LONGEST: Final = 60
# What of an order can be changed; the lot stands on the batch.
TEXTS: Final = ("manufacturer_order_id", "apheresis_id", "batch_number", "slot_number")
SLOT: Final = "slot_on"
IDENTITY: Final = "chain_of_identity"
LOT: Final = "lot"
CHANGEABLE: Final = (*TEXTS, SLOT, IDENTITY, LOT)


def order_under_way(journey: Journey) -> Order:
    """The order that is live or has delivered. Raises `Conflict` when there is none."""
    order = live_order(journey.pk)
    if order is None:
        raise Conflict("no_order", _("There is no live order. Place the order first."))
    return order


def current_batch(order: Order) -> Batch | None:
    """The batch of an order, the latest if there were several."""
    return Batch.objects.filter(order=order).order_by("-released_at").first()


def order_change(
    *,
    journey_id: UUID,
    changes: Mapping[str, Any],
    reason_code: str,
    by: Actor,
    at: datetime,
    note: str = "",
    quota_reason: str = "",
) -> Order:
    """Change identifiers and slot of the order; the ledger keeps the old and the new value and the reason.

    The chain-of-identity identifier can be added but never replaced; the lot is fixed once the product is
    received. Raises `Invalid` beside the field, also when nothing is changed.
    """
    if reason_code not in ChangeCode.values:
        raise unknown_choice("reason_code", ChangeCode)
    if reason_code == ChangeCode.OTHER and not note.strip():
        raise Invalid("invalid_input", _("No reason."), fields={"note": _("Say in a sentence why.")})
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        order = order_under_way(journey)
        batch = current_batch(order)
        found = _differences(order, batch, changes)
        if IDENTITY in found:
            identity_kept(journey, found[IDENTITY]["to"])
        if SLOT in found:
            slot_on = found[SLOT]["to"]
            refuse_beyond_quota(
                journey, product=order.product, slot_on=slot_on, reason=quota_reason, but=order
            )
            order.quota_reason = quota_reason
        _apply(order, batch, found)
        facts = {
            "order": order.pk,
            "changes": found,
            "reason_code": reason_code,
            "note": note,
            "quota_reason": quota_reason,
        }
        append(journey_id, [NewEvent(EventKind.ORDER_CHANGED, at, facts)], by=by)
        return order


def _differences(order: Order, batch: Batch | None, changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What changes from what to what. Raises `Invalid` for what can't."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in changes.items():
        if name not in CHANGEABLE:
            raise Invalid("invalid_input", _("This can't be changed."), fields={name: _("Not changeable.")})
        before = (batch.lot if batch else "") if name == LOT else getattr(order, name)
        after = value if name == SLOT else str(value or "").strip()
        if before == after:
            continue
        sentence = _misfit(name, before, after, batch)
        if sentence:
            raise Invalid("invalid_input", _("This change is not possible."), fields={name: sentence})
        found[name] = {"from": before, "to": after}
    if not found:
        raise Invalid("nothing_changed", _("Nothing is changed. Change a value, or leave this page."))
    return found


def _misfit(name: str, before: Any, after: Any, batch: Batch | None) -> str:
    if name == SLOT:
        is_day = after is None or (isinstance(after, date) and not isinstance(after, datetime))
        return "" if is_day else _("Give a day.")
    if len(after) > LONGEST:
        return _("At most %(count)d characters.") % {"count": LONGEST}
    if name == IDENTITY and before:
        return _("An identifier that is in use is never replaced.")
    if name == LOT and batch is None:
        return _("There is no batch yet.")
    if name == LOT and batch is not None and batch.received_at:
        return _("The product is received: its lot stays as it is on the bags.")
    return ""


def _apply(order: Order, batch: Batch | None, found: Mapping[str, Mapping[str, Any]]) -> None:
    if LOT in found and batch is not None:
        Batch.objects.filter(pk=batch.pk).update(lot=found[LOT]["to"])
    own = [name for name in found if name != LOT]
    for name in own:
        setattr(order, name, found[name]["to"])
    if own:
        order.save(update_fields=[*own, "quota_reason"])


def portal_entry_record(*, journey_id: UUID, entry: PortalPageTyped, by: Actor, at: datetime) -> PortalEntry:
    """Record that a page of the manufacturer's portal was typed: by whom, when, which fields, how long.

    How many of the fields CARTPath knew is counted here, from what stood in the journey.
    """
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        rows = {row.id: row for row in asked_of(journey, page=entry.page, at=at)}
        wrong = sorted(set(entry.asked) - set(rows))
        if wrong or not entry.asked:
            sentence = _("The protocol has no such field on this page: %(names)s.") % {
                "names": ", ".join(wrong)
            }
            raise Invalid(
                "invalid_input",
                _("No fields."),
                fields={"asked": sentence if wrong else _("Choose what the page asked for.")},
            )
        asked = tuple(dict.fromkeys(entry.asked))
        facts = known_facts(journey, at=at)
        known = sum(1 for row_id in asked if facts.get(rows[row_id].known_as or "") is not None)
        order = live_order(journey_id)
        told = asdict(entry) | {"asked": list(asked), "known": known, "order": order and order.pk}
        (event,) = append(journey_id, [NewEvent(EventKind.PORTAL_ENTRY_RECORDED, at, told)], by=by)
        return PortalEntry.objects.create(
            journey=journey,
            center_id=journey.center_id,
            order=order,
            product=journey.product,
            page=entry.page,
            asked=list(asked),
            known=known,
            minutes=entry.minutes,
            note=entry.note,
            typed_by=by.name,
            typed_at=at,
            event_id=event.id,
        )


def portal_entry_strike(*, entry_id: UUID, reason: str, by: Actor, at: datetime) -> PortalEntry:
    """Mark a typed page as entered in error. It stays to be read and no longer counts."""
    journey_id = PortalEntry.objects.values_list("journey_id", flat=True).get(pk=entry_id)
    with journey_locked(journey_id):
        entry = PortalEntry.objects.select_for_update().get(pk=entry_id)
        if entry.struck_at:
            raise Conflict("already_struck", _("This entry is already marked as entered in error."))
        event_strike(journey_id, entry.event_id, reason=reason, by=by, at=at)
        entry.struck_at, entry.struck_reason = at, reason
        entry.save(update_fields=["struck_at", "struck_reason"])
        return entry


def milestone_expect(
    *, journey_id: UUID, told: MilestoneDate, by: Actor, at: datetime
) -> MilestoneExpectation:
    """Record when a milestone is expected now, and why. Raises `Invalid` for a milestone reached already."""
    if told.reason_code not in DelayCode.values:
        raise unknown_choice("reason_code", DelayCode)
    if told.reason_code == DelayCode.OTHER and not told.note.strip():
        raise Invalid("invalid_input", _("No reason."), fields={"note": _("Say in a sentence why.")})
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        order = order_under_way(journey)
        today = journey.center.local_day(at)
        known = {row.id for row in in_force(protocol_for(journey).manufacturing.milestones, today)}
        if told.milestone not in known:
            raise Invalid(
                "invalid_input", _("No such milestone."), fields={"milestone": _("Choose one of the list.")}
            )
        order.journey = journey
        step = next(step for step in track_of(order, today=today).steps if step.id == told.milestone)
        if step.reached_on:
            raise Invalid(
                "invalid_input", _("Reached."), fields={"milestone": _("This milestone is reached already.")}
            )
        facts = asdict(told) | {"order": order.pk, "before_on": step.expected_on}
        (event,) = append(journey_id, [NewEvent(EventKind.MILESTONE_EXPECTED, at, facts)], by=by)
        return MilestoneExpectation.objects.create(
            order=order,
            before_on=step.expected_on,
            told_by=by.name,
            told_at=at,
            event_id=event.id,
            **asdict(told),
        )


def quota_set(
    *, center: Center, product: str, month: date, most: int, source: str, by: User, at: datetime
) -> ProductQuota:
    """Say how many slots of a product the manufacturer gives in a month; the latest word counts."""
    if not source.strip():
        raise Invalid("invalid_input", _("No source."), fields={"source": _("Say who told you so.")})
    quota, _made = ProductQuota.objects.update_or_create(
        center=center,
        product=product,
        month=month.replace(day=FIRST_DAY),
        defaults={"most": most, "source": source, "set_by": by, "set_at": at},
    )
    return quota
