"""Chapter two of a demo journey: booking, collection, manufacturing, receipt."""

from datetime import date, timedelta
from typing import Final

from cartpath.accounts.enums import Role
from cartpath.demo.collection import collection_told
from cartpath.demo.custody import bags_received_told, bags_told, has_bags
from cartpath.demo.ordering import delay_told, portal_told, results_told
from cartpath.demo.plot import DONOR_CD19, VARNIMCABTAGENE, Day, Step
from cartpath.demo.scheduling import booked, preparation_told
from cartpath.demo.teller import Teller, weekday_from
from leukapheresis.services import booking_cancel
from manufacturing.inputs import BatchDetails, Deviation, DeviationDecision, OrderDetails
from manufacturing.selectors import usable_batch
from manufacturing.services import (
    manufacturing_fail,
    milestone_record,
    out_of_specification_decide,
    out_of_specification_report,
    product_order,
    product_receive,
    product_release,
)

BILLION: Final = 10**9
FLAT_DOSE_ABOVE_KG: Final = 50
SATURDAY: Final = 5
# Cells per kilogram of the products that are dosed so at any weight.
PER_KG: Final = {"brexucabtagene": 1e6, VARNIMCABTAGENE: 1e6, DONOR_CD19: 2e6}

# Milestone, the step whose day it falls on, the hour.
MILESTONES: Final = (
    ("material_picked_up", Step.PICKED_UP, 10),
    ("material_received", Step.PICKED_UP, 18),
    ("manufacturing_started", Step.STARTED, 9),
    ("harvested", Step.HARVESTED, 16),
    ("quality_testing", Step.TESTED, 12),
)
ALERT_DAYS: Final = 2
# From the order to the manufacturer's slot.
SLOT_DAYS: Final = 10
DECISION_DAYS: Final = 3


def booking_told(teller: Teller) -> None:
    """The slot, perhaps after another one was given back."""
    day = teller.day(Step.BOOKED)
    preparation_told(teller, teller.at(day, 9))
    if teller.plot.rebooked:
        first = booked(teller, weekday_from(day + timedelta(days=3)), teller.at(day, 10))
        booking_cancel(
            booking_id=first.pk,
            reason_code="clinical",
            note="Fever since the morning.",
            by=teller.person(Role.APHERESIS_NURSE).actor,
            at=teller.at(day, 12),
        )
    booking = booked(teller, _slot_day(teller), teller.at(day, 15))
    ending = teller.plot.ending
    if ending and ending.reason == "withdrawn":
        booking_cancel(
            booking_id=booking.pk,
            reason_code="family",
            note=ending.note,
            by=teller.person(Role.COORDINATOR).actor,
            at=teller.at(teller.ended_on, 10),
        )


def _slot_day(teller: Teller) -> date:
    if teller.plot.slot_in is None:
        return teller.day(Step.COLLECTED)
    return weekday_from(teller.today + timedelta(days=teller.plot.slot_in))


def order_told(teller: Teller, day: date, *, suffix: str = "") -> None:
    """The order, and the manufacturer's slot."""
    product_order(
        order=OrderDetails(
            manufacturer_order_id=f"ORD-{teller.code}{suffix}",
            chain_of_identity=f"COI-{teller.code}",
            slot_on=day + timedelta(days=SLOT_DAYS),
        ),
        **teller.act(Role.COORDINATOR, teller.at(day, 11)),
    )
    portal_told(teller, "order", teller.at(day, 11, 30))
    milestone_record(milestone="slot_confirmed", **teller.act(Role.COORDINATOR, teller.at(day, 16)))


def failed_round_told(teller: Teller) -> None:
    """A first round whose cells did not grow."""
    booked_on, collected_on = teller.first_round_day(Step.BOOKED), teller.first_round_day(Step.COLLECTED)
    preparation_told(teller, teller.at(booked_on, 9))
    booked(teller, collected_on, teller.at(booked_on, 15))
    order_told(teller, teller.first_round_day(Step.ORDERED), suffix="-A")
    collection_told(teller, collected_on, (Day(tnc_e9=4.2, cd3_e9=1.2),))
    started_on = teller.first_round_day(Step.STARTED)
    milestone_record(milestone="manufacturing_started", **teller.act(Role.CELL_LAB, teller.at(started_on, 9)))
    manufacturing_fail(
        reason="No expansion: the manufacturer stopped on day 9.",
        collect_again=True,
        **teller.act(Role.CELL_LAB, teller.at(started_on + timedelta(days=10), 12)),
    )


def manufacturing_told(teller: Teller) -> None:
    """What the manufacturer reports, up to the step the plot reaches."""
    released_on = teller.day(Step.RELEASED)
    for milestone, step, hour in MILESTONES:
        is_told = milestone == "manufacturing_started" or not teller.plot.is_from_paper
        if is_told and teller.reaches(step):
            milestone_record(
                milestone=milestone,
                expected_on=released_on if milestone == "manufacturing_started" else None,
                **teller.act(Role.CELL_LAB, teller.at(teller.day(step), hour)),
            )
        if milestone == "manufacturing_started" and teller.reaches(step):
            delay_told(teller, teller.at(teller.day(step), hour + 2))
    if teller.plot.deviation and teller.reaches(Step.TESTED):
        _deviation(teller)


def _deviation(teller: Teller) -> None:
    kind, day = teller.plot.deviation, teller.day(Step.TESTED)
    out_of_specification_report(
        batch=_batch(teller, viability_percent=64.0),
        deviation=Deviation(
            parameter="Viability",
            limit="70 % or more",
            value="64 %",
            risk_statement="No additional risk expected; efficacy may be lower.",
        ),
        **teller.act(Role.CELL_LAB, teller.at(day + timedelta(days=ALERT_DAYS), 11)),
    )
    if kind == "used":
        decided_on = day + timedelta(days=ALERT_DAYS + DECISION_DAYS)
        decision = DeviationDecision(
            decision="use",
            reason="Rapidly progressive disease, no second collection possible.",
            reference="Managed access program",
            consent_on=decided_on,
        )
        out_of_specification_decide(
            decision=decision, **teller.act(Role.CLINICIAN, teller.at(decided_on, 15))
        )
    elif kind == "abandoned" and teller.plot.ending:
        decision = DeviationDecision(decision="abandon", reason=teller.plot.ending.note)
        out_of_specification_decide(
            decision=decision, **teller.act(Role.CLINICIAN, teller.at(teller.ended_on, 15))
        )


def _batch(teller: Teller, *, viability_percent: float) -> BatchDetails:
    day = teller.day(Step.RELEASED)
    return BatchDetails(
        lot=f"LOT-{teller.code}",
        bags=teller.dice.choice((1, 1, 2)),
        car_positive_viable_cells=dose_cells(teller),
        viability_percent=viability_percent,
        expires_on=day + timedelta(days=270),
    )


def dose_cells(teller: Teller) -> int:
    """CAR-positive viable cells in the bags: within the product's range for the child's weight."""
    weight_kg, _height = teller.size_on(teller.day(Step.DEPLETED))
    if teller.plot.product in PER_KG:
        return round(weight_kg * PER_KG[teller.plot.product])
    per_kg = 1 + (teller.number % 7) * 0.4
    if weight_kg > FLAT_DOSE_ABOVE_KG:
        return round(per_kg * 0.6 * 10**8)
    return round(weight_kg * per_kg * 10**6)


def release_told(teller: Teller) -> None:
    """Release and shipment."""
    day = teller.day(Step.RELEASED)
    if teller.plot.deviation is None:
        results_told(teller, teller.at(day, 9))
        product_release(
            batch=_batch(teller, viability_percent=round(teller.dice.uniform(81, 96), 1)),
            **teller.act(Role.CELL_LAB, teller.at(day, 10)),
        )
    batch = usable_batch(teller.journey_id)
    if batch is not None and has_bags(teller):
        bags_told(teller, batch, teller.at(day + timedelta(days=1), 8, 30))
    if not teller.plot.is_from_paper:
        at = teller.at(day + timedelta(days=1), 9)
        milestone_record(milestone="shipped", **teller.act(Role.CELL_LAB, at))


def receipt_told(teller: Teller) -> None:
    """The product arrives."""
    at = teller.at(teller.day(Step.RECEIVED), 9, 40)
    if has_bags(teller):
        bags_received_told(teller, at)
    else:
        note = "Shipper below −150 °C all the way, seal intact."
        product_receive(note=note, **teller.act(Role.CELL_LAB, at))
    portal_told(teller, "receipt", teller.after(at, hours=1))
