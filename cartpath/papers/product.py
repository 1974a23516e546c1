"""The hand-over sheet of the product: what goes with the bags from the cell laboratory to the bed, and back.

What is known is printed; what is done on the way is written by hand and entered afterwards.
"""

from datetime import datetime
from typing import Final

from django.utils import formats
from django.utils.translation import gettext as _

from cartpath.core.errors import Conflict
from cartpath.core.paper.sheets import Code, Rendered, Sheet
from cartpath.papers.selectors import latest_order
from cartpath.papers.texts import age, child_line, day, moment, weight
from infusion.day import THAW_LIMIT, infusion_limit
from manufacturing.custody.selectors import bags_of
from manufacturing.enums import BatchState
from manufacturing.models import Batch, CustodyItem, Order
from patients.banner import product_label
from patients.models import Journey
from patients.selectors import latest_weight
from toxicity.observations.words import number_words
from toxicity.sheets import phrases

_USABLE: Final = (BatchState.RELEASED, BatchState.ACCEPTED_OUT_OF_SPECIFICATION)


def product_sheet(journey: Journey, *, at: datetime) -> Rendered:
    """The sheet as the record stands. Raises `Conflict` `no_order` before anything was ordered."""
    order = latest_order(journey)
    if order is None:
        raise Conflict("no_order", _("Nothing was ordered yet, so there is no product to hand over."))
    title = _("Hand-over sheet of the product")
    sheet = Sheet(title=title, foot=f"{title} · {child_line(journey)} · {moment(at)}")
    sheet.head(f"{journey.center.name} · {_('as recorded at %(at)s') % {'at': moment(at)}}")
    _child(sheet, journey, at=at)
    batch = Batch.objects.filter(order=order).order_by("-released_at").first()
    _product(sheet, journey, order, batch)
    _bags(sheet, bags_of(journey))
    _to_fill(sheet, journey, at=at)
    return sheet.render()


def _child(sheet: Sheet, journey: Journey, *, at: datetime) -> None:
    patient, on = journey.patient, journey.center.local_day(at)
    sheet.heading(_("Child"))
    sheet.facts(
        [
            (_("Name"), str(patient)),
            ("MRN", patient.mrn),
            (_("Born"), f"{day(patient.birth_date)} ({age(patient.birth_date, on)})"),
            (_("Weight"), weight(latest_weight(journey.patient_id, at=at))),
            (_("Allergies"), phrases.allergies(patient)),
            (_("Sex"), patient.get_sex_display()),
        ]
    )


def _product(sheet: Sheet, journey: Journey, order: Order, batch: Batch | None) -> None:
    sheet.heading(_("Product"))
    count = batch.car_positive_viable_cells if batch else None
    cells = formats.number_format(count, force_grouping=True) if count is not None else None
    sheet.facts(
        [
            (_("Product"), product_label(journey.product)),
            (_("Chain of identity"), order.chain_of_identity),
            (_("Manufacturer's order number"), order.manufacturer_order_id),
            (_("Lot"), batch.lot if batch else None),
            (_("Quality"), BatchState(batch.state).label if batch else _("not released")),
            (_("Released by"), batch.released_by if batch else None),
            (
                _("CAR-positive viable cells"),
                cells,
            ),
            (_("Expires"), day(batch.expires_on) if batch else None),
        ]
    )
    if batch is not None and batch.state not in _USABLE:
        sheet.note(_("Not released: nothing may be given from this lot."), strong=True)


def _bags(sheet: Sheet, bags: list[CustodyItem]) -> None:
    sheet.heading(_("Bags"))
    if not bags:
        sheet.note(_("No bag is on record"), _("Write down the number of each bag as it is printed on it."))
        sheet.to_fill([_("Bag 1"), _("Bag 2")])
        return
    sheet.table(
        [_("Bag"), _("Product code"), _("Lies at"), _("Expires"), _("State"), _("Taken"), _("Back")],
        [
            (
                Code(bag.label),
                Code(f"{bag.product_code}{bag.collection_type}"),
                phrases.listed((bag.place, bag.position)),
                moment(bag.expires_at),
                _("in quarantine") if bag.is_quarantined else bag.get_state_display(),
                "☐",
                "☐",
            )
            for bag in bags
        ],
        parts=[3, 1.6, 2.4, 1.8, 1.6, 0.8, 0.8],
    )
    if any(bag.is_quarantined for bag in bags):
        sheet.note(_("A bag in quarantine stays where it is."), strong=True)


def _to_fill(sheet: Sheet, journey: Journey, *, at: datetime) -> None:
    sheet.heading(_("From the laboratory to the bed"))
    hand_over = (_("Name, signature"), _("Day, time"), _("Temperature, logger"), _("Seal, condition"))
    for step in (_("Handed over by the cell laboratory"), _("Taken over by the ward")):
        sheet.subheading(step)
        sheet.to_fill(hand_over, across=4)
    sheet.subheading(_("At the bed, two people: wristband, bag and this sheet agree"))
    sheet.to_fill([_("First person, time"), _("Second person, time")])
    limit = infusion_limit(journey, THAW_LIMIT, on=journey.center.local_day(at))
    if limit is not None:
        sheet.text(
            _("From the thaw to the end of the infusion: at most %(minutes)s minutes.")
            % {"minutes": number_words(float(limit.value), 0)}
        )
    times = (_("Thaw started"), _("Infusion started"), _("Infusion ended"), _("Volume given"))
    sheet.to_fill(times, across=4)
    sheet.subheading(_("What was left over"))
    sheet.to_fill([_("Destroyed or returned, how much"), _("Name, signature, time")])
