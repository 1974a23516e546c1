"""Reads of custody."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from cartpath.core.errors import NotFound
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from manufacturing.custody.rules import ScanRead, read_matches
from manufacturing.custody.rules.chain import LIVE_BAG_STATES
from manufacturing.custody.rules.steps import gaps
from manufacturing.custody.settings import signers_wanted
from manufacturing.custody.words import ItemKind, Step
from manufacturing.models import ChainOfIdentity, CustodyBreak, CustodyEntry, CustodyItem
from patients.enums import Stage
from patients.models import Journey

__all__ = [
    "ItemLine",
    "bags_of",
    "chain_of",
    "entries_of",
    "found_by_scan",
    "identity_of",
    "item_of",
    "items_of",
    "open_breaks",
    "recorded_events",
    "signers_wanted",
    "stored_items",
]

# Steps of the whole journey that belong to an item of a kind as well.
OF_CELLS: Final = frozenset(
    {"order_accepted", "patient_verified", "courier_pickup", "maker_receipt", "manufacture_started"}
)
OF_PRODUCT: Final = frozenset(Step.values) - OF_CELLS | {"manufacture_started"}


AFTER_RELEASE: Final = (
    *(Stage.RELEASED, Stage.LYMPHODEPLETION, Stage.INFUSED, Stage.FOLLOW_UP, Stage.CLOSED),
)


def items_of(journey: Journey) -> list[CustodyItem]:
    """Every item of a journey that wasn't entered in error, in the order of their numbers."""
    return list(CustodyItem.objects.filter(journey=journey, struck_at=None).order_by("number"))


def bags_of(journey: Journey) -> list[CustodyItem]:
    """Bags of the product that are there: neither struck nor destroyed nor returned; given ones stay."""
    states = [*LIVE_BAG_STATES, "given"]
    return [item for item in items_of(journey) if item.kind == ItemKind.PRODUCT_BAG and item.state in states]


def item_of(journey_id: UUID, item: UUID) -> CustodyItem:
    """One item of a journey. Raises `NotFound`."""
    found = CustodyItem.objects.filter(journey_id=journey_id, pk=item, struck_at=None).first()
    if found is None:
        raise NotFound
    return found


def identity_of(journey_id: UUID) -> ChainOfIdentity | None:
    """The chain of identity of a journey, None while none is set."""
    return ChainOfIdentity.objects.filter(pk=journey_id).first()


def entries_of(item: CustodyItem) -> list[CustodyEntry]:
    """The steps of an item with those of its journey that it shares, by time."""
    shared = OF_PRODUCT if item.kind == ItemKind.PRODUCT_BAG else OF_CELLS
    own = Q(item=item) | Q(item=None, journey=item.journey_id, step__in=shared)
    return list(CustodyEntry.objects.filter(own).order_by("at", "event_id", "pk"))


def open_breaks(center_ids: Collection[int]) -> QuerySet[CustodyBreak]:
    """Breaks that somebody still looks after, the one that is due first at the top."""
    return (
        CustodyBreak.objects.filter(center_id__in=center_ids, closed_at=None, struck_at=None)
        .select_related("journey__patient", "item", "owner")
        .order_by("due_on", "found_at")
    )


def found_by_scan(center_ids: Collection[int], read: ScanRead) -> list[CustodyItem]:
    """The items of these centers that a scan names, none for what nobody here has.

    More than one are returned when the scan isn't enough to tell them apart, as a donation number alone is
    for bags in divisions: whoever asks must then read on.
    """
    if not (read.din or read.text):
        return []
    near = Q(din=read.din) if read.din else Q(pk__in=[])
    if read.text:
        near |= Q(text=read.text)
    items = list(
        CustodyItem.objects.filter(near, center_id__in=center_ids, struck_at=None)
        .select_related("journey__patient", "journey__center", "batch")
        .order_by("journey_id", "number")
    )
    exact = [item for item in items if read_matches(item, read)]
    if exact or read.division or read.text:
        return exact
    return items


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item with its steps, the gaps between them, and its breaks."""

    item: CustodyItem
    entries: Sequence[CustodyEntry]
    gaps: Sequence[Step]
    breaks: Sequence[CustodyBreak]


def chain_of(journey: Journey) -> list[ItemLine]:
    """The chain of a journey, item by item."""
    items = items_of(journey)
    rows = CustodyEntry.objects.filter(journey=journey).select_related("item")
    entries = list(rows.order_by("at", "event_id", "pk"))
    breaks = list(CustodyBreak.objects.filter(journey=journey, struck_at=None).order_by("number"))
    return [_line(item, items, entries, breaks) for item in items]


def _line(
    item: CustodyItem,
    items: Sequence[CustodyItem],
    entries: Sequence[CustodyEntry],
    breaks: Sequence[CustodyBreak],
) -> ItemLine:
    shared = OF_PRODUCT if item.kind == ItemKind.PRODUCT_BAG else OF_CELLS
    own = [
        each for each in entries if each.item_id == item.pk or (each.item_id is None and each.step in shared)
    ]
    told = [each.step for each in own]
    if item.kind == ItemKind.PRODUCT_BAG:
        # Where the cells went in is told of the cells, and a bag comes from all of them.
        told += [each.step for each in entries if each.step == Step.MANUFACTURE_STARTED]
    missing = [Step(step) for step in gaps(item.kind, told)]
    return ItemLine(item, own, missing, [each for each in breaks if each.item_id == item.pk])


def recorded_events(journey_id: UUID) -> frozenset[int]:
    """The events of a journey that people recorded as hand-overs: those can be taken back as such."""
    events = Event.objects.filter(journey_id=journey_id, kind=EventKind.CUSTODY_RECORDED)
    return frozenset(events.values_list("pk", flat=True))


def stored_items(center_id: int) -> QuerySet[CustodyItem]:
    """What lies in the center's storage, the one that expires first at the top; unknown expiry last."""
    return (
        CustodyItem.objects.filter(
            center_id=center_id,
            struck_at=None,
            state="here",
        )
        # Collected cells whose product was released are in it, wherever their way wasn't recorded.
        .exclude(kind=ItemKind.COLLECTION, journey__stage__in=AFTER_RELEASE)
        .select_related("journey__patient", "journey__center")
        .order_by("expires_at", "journey_id", "number")
    )


def expiry_state(item: CustodyItem, at: datetime, *, soon_days: int) -> str:
    """`expired`, `soon`, `fine`, or `unknown` for an item without a date."""
    if item.expires_at is None:
        return "unknown"
    if item.expires_at < at:
        return "expired"
    return "soon" if item.expires_at - at < timedelta(days=soon_days) else "fine"


def is_overdue(found: CustodyBreak, today: date) -> bool:
    """Whether a break should have been settled before today."""
    return found.closed_at is None and found.due_on < today
