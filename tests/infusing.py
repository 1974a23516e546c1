"""A child at the bedside, with bags of the product: what the tests of the infusion share."""

from collections.abc import Sequence

from infusion.bedside.checking import bag_sign
from infusion.bedside.giving import bag_thaw
from infusion.bedside.inputs import Scan
from infusion.inputs import ChecklistAnswer
from infusion.models import BagInfusion
from infusion.selectors import checklist
from infusion.services import checklist_item_record
from manufacturing.custody.inputs import ItemDetails
from manufacturing.custody.services import items_add
from manufacturing.models import CustodyItem
from tests.factories import Story

DIN = "A999926123456"
PRODUCT = "S1234"
CELLS = 25_000_000


def code(item: CustodyItem) -> str:
    """What a scanner sends for a bag: donation number and product code with division."""
    return f"={item.din}00=<{item.product_code}{item.collection_type}{item.division}"


def scan_of(story: Story, item: CustodyItem, *, wristband: str = "") -> Scan:
    """The wristband of the child and one of the bags."""
    return Scan(wristband=wristband or story.journey.patient.mrn, bag=code(item))


def bags_added(story: Story, divisions: Sequence[str] = ("A0", "B0"), din: str = DIN) -> list[CustodyItem]:
    """Bags of the product that came, one for each division."""
    batch = story.journey.batches.get()
    return items_add(
        journey_id=story.journey_id,
        kind="product_bag",
        items=[
            ItemDetails(
                din=din,
                product_code=PRODUCT,
                collection_type="1",
                division=division,
                coi=batch.order.chain_of_identity,
                lot=batch.lot,
                volume_ml=20.0,
                car_positive_viable_cells=CELLS,
            )
            for division in divisions
        ],
        by=story.lab.actor,
        at=story.at,
    )


def at_bedside(story: Story, divisions: Sequence[str] = ("A0", "B0")) -> list[CustodyItem]:
    """Lymphodepleted, the checklist met, the bags on the ward and nothing checked yet."""
    story.lymphodepleted()
    bags = bags_added(story, divisions)
    story.later(days=2)
    for line in checklist(story.journey, on=story.center.local_day(story.at)):
        checklist_item_record(
            journey_id=story.journey_id,
            answer=ChecklistAnswer(item=line.item, verdict="met"),
            by=story.clinician.actor,
            at=story.at,
        )
    return bags


def checked(story: Story, item: CustodyItem) -> None:
    """Ben and Nina sign for a bag, one minute on."""
    bag_sign(
        journey_id=story.journey_id,
        item_id=item.pk,
        scan=scan_of(story, item),
        people=[story.clinician, story.nurse],
        at=story.later(minutes=1),
    )


def thawed(story: Story, item: CustodyItem) -> BagInfusion:
    """Checked, and thawing a minute later."""
    checked(story, item)
    return bag_thaw(
        journey_id=story.journey_id, item_id=item.pk, by=story.nurse.actor, at=story.later(minutes=1)
    )
