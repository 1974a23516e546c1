"""Reads of the scanner: what a code belongs to, within the centers of the person who scanned."""

from collections.abc import Collection
from typing import Final

from django.db.models import Q

from manufacturing.models import ChainOfIdentity, CustodyItem, Order, ScanStop, Wristband
from manufacturing.scanning.rules.judging import Seen, fits
from manufacturing.scanning.rules.reading import Read
from patients.models import Journey

# A code that fits more bags than this says too little.
MOST_FOUND: Final = 50


def seen(item: CustodyItem) -> Seen:
    """An item as the rules of the scanner see it."""
    return Seen(
        journey=str(item.journey_id),
        din=item.din,
        product_code=item.product_code,
        collection_type=item.collection_type,
        division=item.division,
        text=item.text,
        lot=item.lot,
        coi=item.coi,
        state=item.state,
        is_quarantined=item.is_quarantined,
        quarantine_note=item.quarantine_note,
        expires_at=item.expires_at,
    )


def items_read(center_ids: Collection[int], read: Read) -> list[CustodyItem]:
    """The items a code fits, of these centers only; in the order of journeys and numbers."""
    keys = Q(pk__in=[])
    if read.form == "text":
        keys |= Q(text=read.text)
    if read.din:
        keys |= Q(din=read.din)
    elif read.coi:
        keys |= Q(coi=read.coi)
    elif read.lot:
        keys |= Q(lot=read.lot)
    found = (
        CustodyItem.objects.filter(keys, center_id__in=center_ids, struck_at=None)
        .select_related("journey__patient", "center")
        .order_by("journey_id", "number")[:MOST_FOUND]
    )
    return [item for item in found if fits(read, seen(item))]


def items_near(center_ids: Collection[int], read: Read) -> list[CustodyItem]:
    """The items with the donation number that was read, whatever else the code says."""
    if not read.din:
        return []
    return list(
        CustodyItem.objects.filter(din=read.din, center_id__in=center_ids, struck_at=None).order_by("number")[
            :MOST_FOUND
        ]
    )


def wristband_read(center_ids: Collection[int], text: str) -> Wristband | None:
    """The wristband with a code, worn or replaced, in these centers."""
    return (
        Wristband.objects.filter(center_id__in=center_ids, code=text.strip().upper())
        .select_related("journey__patient", "journey__center")
        .first()
    )


def journey_of_wristband(center_ids: Collection[int], text: str) -> Journey | None:
    """The journey of the child who wears a wristband; None for one that was replaced or isn't known."""
    found = wristband_read(center_ids, text)
    return found.journey if found is not None and found.replaced_at is None else None


def journey_of_identity(center_ids: Collection[int], identifier: str) -> Journey | None:
    """The journey with a chain-of-identity identifier, the center's own or the one of an order."""
    chain = (
        ChainOfIdentity.objects.filter(center_id__in=center_ids, identifier=identifier)
        .select_related("journey")
        .first()
    )
    if chain is not None:
        return chain.journey
    order = (
        Order.objects.filter(center_id__in=center_ids, chain_of_identity=identifier)
        .select_related("journey")
        .first()
    )
    return order.journey if order is not None else None


def stops_of(journey: Journey) -> list[ScanStop]:
    """What was stopped at the scanner about a child, the newest first."""
    return list(ScanStop.objects.filter(journey=journey).select_related("item").order_by("-number"))
