"""Makes the whole demo in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.demo import (
    collection,
    donor,
    edition,
    growing_up,
    planning,
    product,
    referral,
    reminding,
    scheduling,
    sheets,
    treatment,
    years,
)
from cartpath.demo.cast import CENTER_CODE, cast_make
from cartpath.demo.names import NameBook
from cartpath.demo.plot import DONOR_CD19, Plot, Step
from cartpath.demo.stories import PLOTS
from cartpath.demo.teller import Teller, until_today
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import read
from cartpath.ledger.models import Event
from patients.enums import Stage

DEFAULT_SEED: Final = 58
REAL_CASE: Final = Path(__file__).resolve().parents[2] / "cases" / "infant_kmt2a.json"
FIRST_RECORD: Final = 101


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was made."""

    journeys: int
    events: int


def is_loaded() -> bool:
    """Whether the demo center is there."""
    return Center.objects.filter(code=CENTER_CODE).exists()


@transaction.atomic
def demo_load(*, seed: int, now: datetime, plots: Sequence[Plot] = PLOTS) -> Loaded:
    """Make centers, people, machines, slots and journeys, and import the real case; all or nothing.

    The same seed at the same `now` makes the same demo.
    """
    crews = cast_make(today=now.date())
    edition.edition_told(crews[CENTER_CODE], now)
    names = NameBook(seed)
    for number, plot in enumerate(plots, start=FIRST_RECORD):
        name = names.draw(plot.heritage, plot.sex, is_long=plot.is_long_name)
        tell(Teller(plot=plot, crew=crews[plot.center], name=name, number=number, seed=seed, now=now))
    journey_import(file=read(REAL_CASE.read_text(encoding="utf-8"), now=now), by=Actor.system("import"))
    return Loaded(journeys=len(plots) + 1, events=Event.objects.count())


def tell(teller: Teller) -> None:
    """One journey, as far as its plot goes and not beyond today."""
    referral.referral_told(teller)
    with until_today():
        if teller.reaches(Step.ASSESSED):
            if not teller.plot.is_from_paper:
                referral.eligibility_told(teller)
            referral.decision_told(teller)
        scheduling.scheduling_told(teller)
        if teller.plot.first_round_failed:
            product.failed_round_told(teller)
        _product(teller)
        _treatment(teller)
        edition.move_told(teller)
    with until_today():
        growing_up.growing_told(teller)
        planning.arranged_told(teller)
    if teller.journey.stage == Stage.INFUSED:
        sheets.sheet_told(teller)
    if teller.plot.acknowledged:
        years.acknowledged_told(teller)
    if teller.plot.snoozed:
        reminding.snoozed_told(teller)
    years.ending_told(teller)


def _product(teller: Teller) -> None:
    if teller.plot.product == DONOR_CD19 and teller.reaches(Step.ACCEPTED):
        donor.donor_told(teller)
    if teller.reaches(Step.BOOKED) and not teller.plot.whole_blood:
        product.booking_told(teller)
    if teller.reaches(Step.ORDERED):
        product.order_told(teller, teller.day(Step.ORDERED))
    if teller.reaches(Step.COLLECTED):
        collection.collection_told(teller, teller.day(Step.COLLECTED), collection.days_of(teller))
    product.manufacturing_told(teller)
    if teller.reaches(Step.RELEASED):
        product.release_told(teller)
    if teller.reaches(Step.RECEIVED):
        product.receipt_told(teller)


def _treatment(teller: Teller) -> None:
    if teller.reaches(Step.DEPLETED):
        treatment.lymphodepletion_told(teller)
    if teller.reaches(Step.INFUSED):
        treatment.infusion_told(teller)
        treatment.watch_told(teller)
        if teller.plot.is_monitoring_over:
            treatment.monitoring_end_told(teller)
            sheets.discharge_told(teller)
            years.years_told(teller)
