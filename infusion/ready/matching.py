"""Whether order, certificate, bags and the child's wristband agree, and whether the bags may be used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infusion.models import IdentityCheck
from infusion.rules.ready import Agreement, agreement, is_tied
from manufacturing.custody.words import ItemKind, ItemState
from manufacturing.models import Batch, ChainOfIdentity, CustodyItem
from patients.models import Journey

# What became of a bag that can't be given any more without having been given.
_GONE: Final = (ItemState.DESTROYED, ItemState.RETURNED)


@dataclass(frozen=True, slots=True)
class MatchLine:
    """One identifier wherever it stands; "" where it isn't known there."""

    label: str | Promise
    shown: tuple[tuple[str, str], ...]

    @property
    def verdict(self) -> Agreement:
        """Whether it is the same everywhere."""
        return agreement(dict(self.shown))


@dataclass(frozen=True, slots=True)
class BagLine:
    """One bag of the product with what speaks against giving it; empty when nothing does.

    `is_tied` when it carries an identifier that order or certificate name, too.
    """

    bag: CustodyItem
    against: tuple[str, ...]
    is_tied: bool


@dataclass(frozen=True, slots=True)
class Match:
    """The identifiers side by side, the bags, and who compared the wristband with them."""

    lines: tuple[MatchLine, ...]
    bags: tuple[BagLine, ...]
    compared: tuple[IdentityCheck, ...]

    @property
    def verdict(self) -> Agreement:
        """Whether every bag is tied to order or certificate; one difference anywhere is enough against it."""
        if any(line.verdict == "differ" for line in self.lines):
            return "differ"
        tied = bool(self.bags) and all(line.is_tied for line in self.bags)
        return "agree" if tied else "unknown"

    @property
    def unusable(self) -> tuple[BagLine, ...]:
        """Bags with something against them."""
        return tuple(line for line in self.bags if line.against)


def product_bags(journey: Journey) -> list[CustodyItem]:
    """The bags of the product on record, those struck, destroyed or sent back left out; one query."""
    found = CustodyItem.objects.filter(
        journey=journey, kind=ItemKind.PRODUCT_BAG, struck_at__isnull=True
    ).exclude(state__in=_GONE)
    return list(found.order_by("number"))


def match_of(journey: Journey, batch: Batch | None, *, at: datetime) -> Match:
    """Every identifier of a journey's product side by side; at most four queries."""
    bags = [bag for bag in product_bags(journey) if batch is None or bag.batch_id in (None, batch.pk)]
    chain = ChainOfIdentity.objects.filter(journey=journey).first()
    compared = IdentityCheck.objects.filter(journey=journey, batch=batch).select_related("first", "second")
    return Match(
        lines=_lines(batch, chain, bags),
        bags=tuple(_bag(bag, batch, at) for bag in bags),
        compared=tuple(compared.select_related("first", "second").order_by("-verified_at"))
        if compared
        else (),
    )


def _lines(
    batch: Batch | None, chain: ChainOfIdentity | None, bags: Sequence[CustodyItem]
) -> tuple[MatchLine, ...]:
    order = batch.order if batch else None
    of_coi = [(_("Order"), order.chain_of_identity if order else "")]
    if chain is not None:
        of_coi.append((_("Chain of identity"), chain.identifier))
    of_lot = [(_("Certificate of release"), batch.lot if batch else "")]
    for bag in bags:
        place = _("Bag %(number)s") % {"number": bag.label}
        of_coi.append((place, bag.coi))
        of_lot.append((place, bag.lot))
    return (
        MatchLine(gettext_lazy("Chain-of-identity identifier"), tuple(of_coi)),
        MatchLine(gettext_lazy("Lot"), tuple(of_lot)),
    )


def _bag(bag: CustodyItem, batch: Batch | None, at: datetime) -> BagLine:
    record = {"coi": batch.order.chain_of_identity, "lot": batch.lot} if batch else {}
    tied = is_tied({"coi": bag.coi, "lot": bag.lot}, record)
    return BagLine(bag, _against(bag, at), tied)


def _against(bag: CustodyItem, at: datetime) -> tuple[str, ...]:
    """What speaks against giving a bag that was not given yet."""
    if bag.state == ItemState.GIVEN:
        return ()
    found = []
    if bag.is_quarantined:
        found.append(_("in quarantine"))
    if bag.expires_at is not None and bag.expires_at <= at:
        found.append(_("expired"))
    if bag.state in (ItemState.IN_TRANSIT, ItemState.AT_MANUFACTURER):
        found.append(_("not on site"))
    return tuple(found)
