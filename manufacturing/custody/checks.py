"""What the services of custody refuse before they write."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from cartpath.core.errors import Conflict, Invalid
from cartpath.core.said import said_text
from cartpath.core.sentences import listed
from leukapheresis.rules.bags import label_text
from manufacturing.custody.inputs import ItemDetails, StepDetails
from manufacturing.custody.rules import ScanRead, differences, read_matches
from manufacturing.custody.rules.steps import RECORDED_AS_HANDOVER
from manufacturing.custody.selectors import identity_of
from manufacturing.custody.words import ItemKind, Step
from manufacturing.models import Batch, CustodyItem
from patients.models import Journey

MOST_ITEMS: Final = 50


def cleaned_items(
    journey: Journey, items: Sequence[ItemDetails], *, batch: Batch | None
) -> list[ItemDetails]:
    """Items with their numbers as they are kept, filled from the batch; refuses what can't be or doesn't fit.

    Raises `Invalid`, with the code `identifiers_mismatch` for another child's identity or another lot.
    """
    if not items:
        raise Invalid("invalid_input", _("No item."), fields={"items": _("Fill in at least one.")})
    if len(items) > MOST_ITEMS:
        raise Invalid("invalid_input", _("Too many."), fields={"items": _("At most 50 at once.")})
    identity = identity_of(journey.pk)
    told = [_cleaned(journey, each, batch) for each in items]
    for each in told:
        _refuse_misread(each)
        if identity and each.coi and each.coi != identity.identifier:
            raise _mismatch("coi", _("The identity on the bag isn't this child's: stop."))
        if batch and batch.lot and each.lot and each.lot != batch.lot:
            raise _mismatch("lot", _("The lot on the bag isn't that of the certificate: stop."))
    named = [(each.din, each.product_code, each.division, each.text) for each in told]
    if len(set(named)) < len(named):
        raise Invalid(
            "invalid_input",
            _("The same numbers twice."),
            fields={"division": _("Each bag has its own division, or its own text.")},
        )
    return told


def _cleaned(journey: Journey, item: ItemDetails, batch: Batch | None) -> ItemDetails:
    expires_at = item.expires_at
    if expires_at is None and batch and batch.expires_on:
        expires_at = datetime.combine(batch.expires_on, time(23, 59), journey.center.zone)
    return replace(
        item,
        din=item.din.replace(" ", "").upper(),
        product_code=item.product_code.strip().upper(),
        text=item.text.strip(),
        coi=item.coi.strip(),
        lot=item.lot.strip() or (batch.lot if batch else ""),
        expires_at=expires_at,
    )


def _refuse_misread(item: ItemDetails) -> None:
    if not item.din and not item.text:
        sentence = _("Give the donation number, or the text that the manufacturer printed.")
        raise Invalid("invalid_input", sentence, fields={"din": sentence})
    if not item.din:
        return
    if bool(item.product_code) != bool(item.collection_type and item.division):
        sentence = _("A product code has five characters, a type of collection and a division.")
        raise Invalid("invalid_input", sentence, fields={"product_code": sentence})
    try:
        label_text(
            din=item.din,
            product_code=item.product_code,
            collection_type=item.collection_type,
            division=item.division,
        )
    except Invalid as refused:
        fields = {
            "din" if name == "din" else "product_code": said_text(said)
            for name, said in refused.fields.items()
        }
        raise Invalid("invalid_input", " ".join(fields.values()), fields=fields) from refused


def refuse_taken(journey: Journey, items: Sequence[ItemDetails], *, kind: str) -> None:
    """Refuse numbers of a bag that is on record in this center already, of whichever child."""
    taken = Q(pk__in=[])
    for each in items:
        if each.din and kind == ItemKind.PRODUCT_BAG:
            same = {"din": each.din, "product_code": each.product_code, "division": each.division}
            taken |= Q(kind=ItemKind.PRODUCT_BAG, **same)
        if each.text:
            taken |= Q(text=each.text)
    if CustodyItem.objects.filter(taken, center_id=journey.center_id, struck_at=None).exists():
        sentence = _("A bag with these numbers is on record already.")
        raise Conflict("item_known", sentence, fields={"din": sentence})


def refuse_impossible_step(step: str, items: Sequence[CustodyItem], details: StepDetails) -> None:
    """Refuse a step that isn't one of these items, or that lacks what it is about."""
    if any(step not in RECORDED_AS_HANDOVER[item.kind] for item in items):
        known = step in Step.values
        sentence = (
            _("“%(step)s” isn't recorded as a hand-over of these items.") % {"step": Step(step).label}
            if known
            else _("Not a step.")
        )
        raise Invalid("wrong_step", sentence, fields={"step": sentence})
    low, high = details.temp_min_c, details.temp_max_c
    if low is not None and high is not None and high < low:
        sentence = _("The highest temperature can't lie below the lowest.")
        raise Invalid("invalid_input", sentence, fields={"temp_max_c": sentence})
    if step == Step.LEFTOVER_HANDLED and not details.fate:
        sentence = _("Say whether it was destroyed or returned.")
        raise Invalid("invalid_input", sentence, fields={"fate": sentence})
    if step != Step.LEFTOVER_HANDLED and details.fate:
        sentence = _("Only a rest is destroyed or returned.")
        raise Invalid("invalid_input", sentence, fields={"fate": sentence})
    if step in (Step.CELLS_STORED, Step.PRODUCT_STORED) and not details.position.strip():
        sentence = _("Say where it lies.")
        raise Invalid("invalid_input", sentence, fields={"position": sentence})


def refuse_mismatch(journey: Journey, items: Sequence[CustodyItem], details: StepDetails) -> None:
    """Refuse papers with another identity, and scans that aren't just of these items.

    Raises `Invalid` `identifiers_mismatch`.
    """
    identity = identity_of(journey.pk)
    coi = details.coi.strip()
    if coi and (identity is None or coi != identity.identifier):
        raise _mismatch("coi", _("The identity on the papers isn't this child's: stop."))
    if not details.reads:
        return
    for read in details.reads:
        if not any(read_matches(item, read) for item in items):
            raise _mismatch("reads", _wrong_read(items, read))
    for item in items:
        if not any(read_matches(item, read) for read in details.reads):
            raise _mismatch("reads", _("%(item)s wasn't scanned.") % {"item": item.label})


def _wrong_read(items: Sequence[CustodyItem], read: ScanRead) -> str:
    """What differs from the one item meant; of several, only that none of them was scanned."""
    names = differences(items[0], read) if len(items) == 1 else ()
    if not names:
        return _("What was scanned is none of these items: stop.")
    labels = {
        "din": _("donation number"),
        "product_code": _("product code"),
        "collection_type": _("type of collection"),
        "division": _("division"),
        "coi": _("chain-of-identity identifier"),
        "text": _("manufacturer's text"),
    }
    told = listed(labels[name] for name in names)
    return _("What was scanned differs from this item (%(what)s): stop.") % {"what": told}


def _mismatch(field: str, sentence: str) -> Invalid:
    return Invalid("identifiers_mismatch", sentence, fields={field: sentence})


def days_later(journey: Journey, at: datetime, days: int) -> date:
    """The day so many days after a moment, by the center's calendar."""
    return journey.center.local_day(at) + timedelta(days=days)
