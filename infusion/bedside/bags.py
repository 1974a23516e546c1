"""The bags of a child's product as the bedside sees them, and which part of the dose they belong to."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from cartpath.core.errors import NotFound
from infusion.bedside.matching import BagKnown, Expected
from infusion.fractions import next_fraction
from infusion.models import BagInfusion, InfusionPart
from infusion.rules.fraction_gate import FIRST_FRACTION
from manufacturing.custody.selectors import bags_of
from manufacturing.custody.words import ItemState
from manufacturing.models import Batch, CustodyItem
from patients.models import Journey

# Bags begun within this time belong to one part of the dose; no product gives two parts in one day.
ONE_SITTING: Final = timedelta(hours=12)
FINISHED: Final = (ItemState.GIVEN, ItemState.DESTROYED, ItemState.RETURNED)


def bag_of(journey: Journey, item_id: UUID) -> CustodyItem:
    """A bag of this child's product. Raises `NotFound` for anything else."""
    found = next((bag for bag in bags_of(journey) if bag.pk == item_id), None)
    if found is None:
        raise NotFound
    return found


def bag_numbered(journey: Journey, number: int) -> CustodyItem:
    """A bag by its number in the journey. Raises `NotFound`."""
    found = next((bag for bag in bags_of(journey) if bag.number == number), None)
    if found is None:
        raise NotFound
    return found


def known_bags(journey: Journey, batch: Batch | None) -> list[BagKnown]:
    """Every bag of the product with what is on record of it."""
    begun = set(
        BagInfusion.objects.filter(journey=journey, started_at__isnull=False).values_list(
            "item_id", flat=True
        )
    )
    return [_known(bag, batch, is_begun=bag.pk in begun) for bag in bags_of(journey)]


def _known(bag: CustodyItem, batch: Batch | None, *, is_begun: bool) -> BagKnown:
    return BagKnown(
        number=bag.number,
        din=bag.din,
        product_code=bag.product_code,
        division=bag.division,
        text=bag.text,
        coi=bag.coi,
        lot=bag.lot,
        expires_at=bag.expires_at,
        is_of_batch=bag.batch_id is None or batch is None or bag.batch_id == batch.pk,
        is_quarantined=bag.is_quarantined,
        is_finished=bag.state in FINISHED,
        is_begun=is_begun,
    )


def expected_of(batch: Batch | None) -> Expected:
    """The identifiers of order and certificate."""
    if batch is None:
        return Expected()
    return Expected(coi=batch.order.chain_of_identity, lot=batch.lot)


def fraction_now(journey: Journey, *, at: datetime) -> int:
    """The part of the dose that the next bag belongs to: the one begun in the same sitting, if any."""
    since = at - ONE_SITTING
    bags = BagInfusion.objects.filter(journey=journey, started_at__gt=since).values_list(
        "started_at", "fraction"
    )
    parts = InfusionPart.objects.filter(journey=journey, started_at__gt=since).values_list(
        "started_at", "fraction"
    )
    begun = [(started_at, fraction) for started_at, fraction in (*bags, *parts) if started_at]
    if journey.infused_at is not None and journey.infused_at > since:
        begun.append((journey.infused_at, FIRST_FRACTION))
    return max(begun)[1] if begun else next_fraction(journey, at=at)


def cells_of(bags: Sequence[CustodyItem], batch: Batch) -> int | None:
    """CAR-positive viable cells of the whole product: of its bags where all are known, else of the batch."""
    counts = [bag.car_positive_viable_cells for bag in bags]
    if counts and all(counts):
        return sum(count for count in counts if count)
    return batch.car_positive_viable_cells
