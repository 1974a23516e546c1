"""Keeps the tables of custody in step with the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

from django.db import models
from django.db.models import Q

from cartpath.accounts.models import Center
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Chain as LedgerChain
from cartpath.ledger.models import Event
from manufacturing.custody.rules.chain import Break, Chain, Entry, Fact, Item
from manufacturing.custody.rules.fold import FOLDS, fold
from manufacturing.models import ChainOfIdentity, CustodyBreak, CustodyEntry, CustodyItem

Values = dict[str, Any]
_CORRECTED: Final = Q(kind=EventKind.ENTERED_IN_ERROR)


def item_id(journey_id: UUID, number: int) -> UUID:
    """The key of an item: it follows from the journey and the item's number."""
    return uuid5(journey_id, f"item {number}")


def break_id(journey_id: UUID, number: int) -> UUID:
    """The key of a break."""
    return uuid5(journey_id, f"break {number}")


class CustodyReader:
    """Items, entries, breaks and identity of a journey, folded from its facts.

    Rows are changed in place, so that what names them (labels, bags at the bedside) keeps naming them.
    """

    name = "custody"

    def read(self, chain: LedgerChain, events: Sequence[Event]) -> None:
        """Fold the journey anew when a fact of custody is among the events, or one was corrected."""
        if any(event.kind in FOLDS or event.corrects_id for event in events):
            relevant = Event.objects.of(chain.journey_id).filter(Q(kind__in=list(FOLDS)) | _CORRECTED)
            self.rebuild(chain, list(relevant))

    def rebuild(self, chain: LedgerChain, events: Sequence[Event]) -> None:
        """Make the rows of one journey from all its events."""
        center = Center.objects.get(pk=chain.center_id)
        folded = fold(facts_of(events), zone=center.zone)
        owner = {"journey_id": chain.journey_id, "center_id": chain.center_id}
        _sync(CustodyItem, chain.journey_id, _items(chain.journey_id, folded), owner)
        _sync_identity(folded, chain)
        _sync(CustodyEntry, chain.journey_id, _entries(chain.journey_id, folded), owner)
        _sync(CustodyBreak, chain.journey_id, _breaks(chain.journey_id, folded), owner)


def facts_of(events: Iterable[Event]) -> list[Fact]:
    """What the fold reads of a journey's events, with what was found to be entered in error."""
    known = list(events)
    struck = {event.corrects_id: event.occurred_at for event in known if event.corrects_id}
    return [
        Fact(
            id=event.id,
            kind=event.kind,
            at=event.occurred_at,
            by=event.actor_name,
            data=event.data,
            struck_at=struck.get(event.id),
        )
        for event in known
        if event.kind in FOLDS
    ]


def _told(row: Item | Entry | Break, *, without: tuple[str, ...]) -> Values:
    return {each.name: getattr(row, each.name) for each in fields(row) if each.name not in without}


def _items(journey_id: UUID, folded: Chain) -> Iterable[tuple[tuple[Any, ...], Values]]:
    for item in folded.items.values():
        values = _told(item, without=("order", "batch"))
        values |= {
            "id": item_id(journey_id, item.number),
            "order_id": item.order and UUID(item.order),
            "batch_id": item.batch and UUID(item.batch),
        }
        yield (item.number,), values


def _entries(journey_id: UUID, folded: Chain) -> Iterable[tuple[tuple[Any, ...], Values]]:
    for entry in folded.entries:
        values = _told(entry, without=("item",))
        values |= {
            "item_id": None if entry.item is None else item_id(journey_id, entry.item),
            "documents": list(entry.documents),
            "signatures": [dict(each) for each in entry.signatures],
        }
        yield (entry.event_id, entry.step, values["item_id"]), values


def _breaks(journey_id: UUID, folded: Chain) -> Iterable[tuple[tuple[Any, ...], Values]]:
    for found in folded.breaks.values():
        values = _told(found, without=("item",))
        values |= {
            "id": break_id(journey_id, found.number),
            "item_id": None if found.item is None else item_id(journey_id, found.item),
        }
        yield (found.number,), values


_KEYS: Final[Mapping[type[models.Model], tuple[str, ...]]] = {
    CustodyItem: ("number",),
    CustodyEntry: ("event_id", "step", "item_id"),
    CustodyBreak: ("number",),
}


def _sync(
    table: type[CustodyItem] | type[CustodyEntry] | type[CustodyBreak],
    journey_id: UUID,
    wanted: Iterable[tuple[tuple[Any, ...], Values]],
    owner: Values,
) -> None:
    """Make the rows of a journey what they should be: added, changed in place, or taken away."""
    manager: models.Manager[Any] = table._default_manager
    key = _KEYS[table]
    known = {tuple(getattr(row, name) for name in key): row for row in manager.filter(journey_id=journey_id)}
    new = []
    for place, values in wanted:
        row = known.pop(place, None)
        if row is None:
            new.append(table(**owner, **values))
            continue
        changed = [name for name, value in values.items() if not _same(getattr(row, name), value)]
        if changed:
            for name in changed:
                setattr(row, name, values[name])
            row.save(update_fields=changed)
    if known:
        manager.filter(pk__in=[row.pk for row in known.values()]).delete()
    manager.bulk_create(new)


def _same(stored: Any, wanted: Any) -> bool:
    if isinstance(stored, Decimal) and wanted is not None:
        return stored == round(Decimal(str(wanted)), -int(stored.as_tuple().exponent))
    return bool(stored == wanted)


def _sync_identity(folded: Chain, chain: LedgerChain) -> None:
    identity = folded.identity
    if identity is None:
        return
    values = {each.name: getattr(identity, each.name) for each in fields(identity)}
    row = ChainOfIdentity.objects.filter(pk=chain.journey_id).first()
    if row is None:
        ChainOfIdentity.objects.create(journey_id=chain.journey_id, center_id=chain.center_id, **values)
    elif any(getattr(row, name) != value for name, value in values.items()):
        ChainOfIdentity.objects.filter(pk=chain.journey_id).update(**values)
