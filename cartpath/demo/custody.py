"""The bags of a demo journey: taken into custody at the release, received, stored, issued, and given."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from cartpath.accounts.enums import Role
from cartpath.demo.plot import VARNIMCABTAGENE
from cartpath.demo.teller import Teller
from infusion.bedside.giving import bag_end, bag_start, bag_thaw
from infusion.bedside.inputs import BagEnd, BagStart
from infusion.thawing import identity_verify
from manufacturing.custody import words
from manufacturing.custody.inputs import ItemDetails, StepDetails
from manufacturing.custody.selectors import bags_of
from manufacturing.custody.services import custody_record, items_add
from manufacturing.custody.signing import Signature
from manufacturing.models import Batch, CustodyItem

SHIPPER: Final = StepDetails(
    from_="Courier",
    to="Cell laboratory",
    place="Cell laboratory",
    temp_min_c=-187.0,
    temp_max_c=-158.0,
    condition="good",
    documents=("certificate", "temperature_log", "delivery_note"),
)
ISSUED: Final = StepDetails(
    from_="Cell laboratory", to="Ward", place="Ward", temp_min_c=-172.0, temp_max_c=-160.0
)
THAW_MINUTES: Final = 4
RUNNING_MINUTES: Final = 14
BETWEEN_BAGS: Final = timedelta(minutes=12)


def has_bags(teller: Teller) -> bool:
    """Whether the bags of this journey are registered one by one: not what comes from paper or in parts."""
    return not teller.plot.is_from_paper and teller.plot.product != VARNIMCABTAGENE


def bags_told(teller: Teller, batch: Batch, at: datetime) -> None:
    """Each bag of a batch by the manufacturer's own number."""
    volume_ml = teller.dice.choice((18.0, 32.0, 50.0))
    bags = [
        ItemDetails(
            text=f"{batch.lot}/{number}",
            lot=batch.lot,
            coi=batch.order.chain_of_identity,
            volume_ml=volume_ml,
        )
        for number in range(1, (batch.bags or 1) + 1)
    ]
    act = teller.act(Role.CELL_LAB, at)
    items_add(kind=words.ItemKind.PRODUCT_BAG.value, items=bags, **act)


def bags_received_told(teller: Teller, at: datetime) -> None:
    """The shipper is opened: signed for, and its bags put into the tank."""
    bags = _bags(teller)
    person = teller.person(Role.CELL_LAB)
    _hand_over(
        teller,
        words.Step.HOSPITAL_RECEIPT,
        bags,
        SHIPPER,
        at,
        [Signature(person, words.Meaning.RECEIVED.value, at)],
    )
    position = f"Tank 2 · rack {teller.number % 8 + 1} · box {teller.number % 5 + 1}"
    stored = StepDetails(place="Cryostorage", position=position, temp_min_c=-178.0, temp_max_c=-171.0)
    _hand_over(teller, words.Step.PRODUCT_STORED, bags, stored, teller.after(at, minutes=35))


def bags_given_told(teller: Teller, at: datetime, dose_cells: int) -> None:
    """Bag after bag: issued, checked by two people, thawed, and run in."""
    bags = _bags(teller)
    issued = StepDetails(
        from_="Cell laboratory", to="Ward", place="Ward", temp_min_c=-172.0, temp_max_c=-160.0
    )
    _hand_over(teller, words.Step.ISSUED_TO_WARD, bags, issued, at - timedelta(minutes=45))
    for number, bag in enumerate(bags):
        start = at + number * (timedelta(minutes=RUNNING_MINUTES) + BETWEEN_BAGS)
        _given(teller, bag.pk, teller.after(start, minutes=0), dose_cells=None if number else dose_cells)


def _given(teller: Teller, bag: UUID, start: datetime, *, dose_cells: int | None) -> None:
    thaw = start - timedelta(minutes=THAW_MINUTES)
    identity_verify(
        journey_id=teller.journey_id,
        first=teller.person(Role.CLINICIAN),
        second=teller.person(Role.APHERESIS_NURSE),
        at=thaw - timedelta(minutes=3),
        item=CustodyItem.objects.get(pk=bag),
    )
    bag_thaw(item_id=bag, **teller.act(Role.CELL_LAB, thaw))
    bag_start(item_id=bag, start=BagStart(dose_cells=dose_cells), **teller.act(Role.CLINICIAN, start))
    ended = teller.after(start, minutes=RUNNING_MINUTES)
    bag_end(item_id=bag, end=BagEnd(is_whole=True), **teller.act(Role.CLINICIAN, ended))


def _bags(teller: Teller) -> list[CustodyItem]:
    return bags_of(teller.journey)


def _hand_over(
    teller: Teller,
    step: words.Step,
    bags: list[CustodyItem],
    details: StepDetails,
    at: datetime,
    signatures: list[Signature] | None = None,
) -> None:
    custody_record(
        step=step.value,
        item_ids=[bag.pk for bag in bags],
        details=details,
        signatures=signatures or [],
        **teller.act(Role.CELL_LAB, at),
    )
