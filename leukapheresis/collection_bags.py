"""Writes of frozen bags: filled from one day, struck, sent or thrown away."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.core.said import said_text
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from leukapheresis.completion import bag_records
from leukapheresis.enums import OWN, BagState
from leukapheresis.inputs import BagDetails
from leukapheresis.models import CollectionDay, CryoBag
from leukapheresis.rules.bags import (
    AUTOLOGOUS_ONLY,
    DIRECTED_RECIPIENT_ONLY,
    DIVISION,
    UNDIVIDED,
    Filled,
    label_text,
    too_much,
)
from leukapheresis.rules.expiry import expiry_day
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.services import event_strike, journey_locked, refuse_closed

MOST_BAGS: Final = 26


def bags_live(day: CollectionDay) -> list[CryoBag]:
    """The bags of a day without those entered in error, by division."""
    return list(CryoBag.objects.filter(day=day, struck_at=None).order_by("division"))


def bag_expiry(day: CollectionDay, *, decided_on: date) -> date | None:
    """Until what day the cells of one day may be used, by the protocol's row in force; None without one."""
    rules = protocol_for(day.journey).product.expiry
    collected_on = day.center.local_day(day.started_at)
    return expiry_day(rules, collected_on=collected_on, decided_on=decided_on).last_day


def cells_freeze(*, day_id: int, bags: Sequence[BagDetails], by: Actor, at: datetime) -> list[CryoBag]:
    """Record the bags that the cells of one day were frozen in, at `at`.

    They hold no more than the day brought, and carry its donation number. Raises `Conflict` `no_din`,
    `division_taken`, `before_collection`, and `Invalid` for what can't be.
    """
    known = CollectionDay.objects.get(pk=day_id)
    with journey_locked(known.journey_id) as journey:
        refuse_closed(journey)
        day = CollectionDay.objects.select_related("journey", "center").get(pk=day_id)
        if day.struck_at is not None:
            raise Conflict("already_struck", _("This day was struck already."))
        if not day.din:
            raise Conflict("no_din", _("Give this day its donation number first: the bags carry it."))
        if at < day.started_at:
            raise Invalid(
                "invalid_input",
                _("Frozen before the collection."),
                fields={"frozen_at": _("Cells are frozen after they were collected.")},
            )
        collection_type = AUTOLOGOUS_ONLY if day.source in OWN else DIRECTED_RECIPIENT_ONLY
        before = bags_live(day)
        _refuse_impossible(day, before, bags, collection_type)
        last_day = bag_expiry(day, decided_on=journey.center.local_day(at))
        facts = {
            "round": day.round,
            "day": day.number,
            "din": day.din,
            "collection_type": collection_type,
            "expires_on": last_day,
            "bags": [asdict(bag) for bag in bags],
            "computed": bag_records(journey, day, [_filled(bag) for bag in bags], at=at),
        }
        (event,) = append(journey.pk, [NewEvent(EventKind.CELLS_FROZEN, at, facts)], by=by)
        try:
            with transaction.atomic():
                return CryoBag.objects.bulk_create(
                    CryoBag(
                        day=day,
                        center_id=day.center_id,
                        din=day.din,
                        collection_type=collection_type,
                        frozen_at=at,
                        expires_on=last_day,
                        event_id=event.id,
                        **asdict(bag),
                    )
                    for bag in bags
                )
        except IntegrityError as error:
            sentence = _("This division of the donation is already recorded.")
            raise Conflict("division_taken", sentence, fields={"division": sentence}) from error


def bags_strike(*, bag_id: UUID, reason: str, by: Actor, at: datetime) -> list[CryoBag]:
    """Take back the bags that were recorded together with this one, entered in error."""
    known = CryoBag.objects.select_related("day").get(pk=bag_id)
    with journey_locked(known.day.journey_id) as journey:
        refuse_closed(journey)
        struck = CryoBag.objects.filter(event_id=known.event_id, struck_at=None).update(struck_at=at)
        if not struck:
            raise Conflict("already_struck", _("These bags were struck already."))
        event_strike(journey.pk, known.event_id, reason=reason, by=by, at=at)
        return list(CryoBag.objects.filter(event_id=known.event_id))


def bag_change(*, bag_id: UUID, state: str, note: str, by: Actor, at: datetime) -> CryoBag:
    """Send a stored bag to the manufacturer, or throw it away with a reason."""
    known = CryoBag.objects.select_related("day").get(pk=bag_id)
    if state not in (BagState.SHIPPED, BagState.DISCARDED):
        raise Invalid("invalid_input", _("Not a step."), fields={"state": _("Sent or discarded.")})
    if state == BagState.DISCARDED and not note.strip():
        raise Invalid("invalid_input", _("No reason."), fields={"note": _("Say why it is discarded.")})
    with journey_locked(known.day.journey_id) as journey:
        changed = CryoBag.objects.filter(pk=known.pk, struck_at=None, state=BagState.STORED)
        if not changed.update(state=state):
            raise Conflict("bag_gone", _("This bag is no longer in storage."))
        facts = {"din": known.din, "division": known.division, "state": state, "note": note}
        append(journey.pk, [NewEvent(EventKind.CRYO_BAG_CHANGED, at, facts)], by=by)
        return CryoBag.objects.get(pk=known.pk)


def _filled(bag: BagDetails) -> Filled:
    return Filled(volume_ml=bag.volume_ml, cryoprotectant_ml=bag.cryoprotectant_ml, tnc=bag.tnc, cd3=bag.cd3)


def _refuse_impossible(
    day: CollectionDay, before: Sequence[CryoBag], bags: Sequence[BagDetails], collection_type: str
) -> None:
    if not bags:
        raise Invalid("invalid_input", _("No bag."), fields={"volume_ml": _("Fill in at least one bag.")})
    divisions = [*(bag.division for bag in before), *(bag.division for bag in bags)]
    problems: dict[str, str] = {}
    if len(divisions) > MOST_BAGS:
        problems["division"] = _("At most 26 bags of one donation.")
    if len(set(divisions)) < len(divisions):
        problems["division"] = _("Each bag has its own division code.")
    if UNDIVIDED in divisions and len(divisions) > 1:
        problems["division"] = _("00 stands for a donation that isn't divided.")
    if any(not DIVISION.fullmatch(code) for code in divisions):
        problems["division"] = _("A division code is a capital letter or digit and a small letter or digit.")
    if any(bag.tnc is not None and bag.cd3 is not None and bag.cd3 > bag.tnc for bag in bags):
        problems["cd3"] = _("CD3+ cells can't exceed nucleated cells.")
    filled = [*(bag.filled for bag in before), *(_filled(bag) for bag in bags)]
    more = too_much(filled, volume_ml=day.product_volume_ml, tnc=day.tnc, cd3=day.cd3)
    problems |= {name: said_text(sentence) for name, sentence in more.items()}
    if not problems:
        problems |= _label_problems(day, bags, collection_type)
    if problems:
        raise Invalid("invalid_input", " ".join(problems.values()), fields=problems)


def _label_problems(day: CollectionDay, bags: Sequence[BagDetails], collection_type: str) -> dict[str, Any]:
    """What ISBT 128 doesn't allow in the product codes."""
    for bag in bags:
        try:
            label_text(
                din=day.din,
                product_code=bag.product_code,
                collection_type=collection_type,
                division=bag.division,
            )
        except Invalid as refusal:
            return {"product_code": " ".join(said_text(each) for each in refusal.fields.values())}
    return {}


def journey_bags(journey: Journey, round_number: int) -> list[CryoBag]:
    """The frozen bags of a round, by day and division."""
    bags = CryoBag.objects.filter(day__journey=journey, day__round=round_number, struck_at=None)
    return list(bags.select_related("day").order_by("day__number", "division"))
