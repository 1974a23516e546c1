"""Chapter three of a demo journey: lymphodepletion, infusion, the days after."""

from datetime import datetime, timedelta

from cartpath.accounts.enums import Role
from cartpath.demo.parts import first_cells, parts_told
from cartpath.demo.plot import VARNIMCABTAGENE, Step
from cartpath.demo.product import dose_cells
from cartpath.demo.teller import Teller, TodayReached, until_today
from cartpath.demo.toxicity import COURSES, LAST_DAY, crs_on, dose_mg, icans_on
from cartpath.protocols.sections import Regimen
from infusion.inputs import ChecklistAnswer, DoseGiven, InfusionDetails
from infusion.rules.lymphodepletion import expected_dose
from infusion.services import (
    checklist_item_record,
    identity_verify,
    infusion_record,
    lymphodepletion_record,
    thaw_start,
)
from patients.eligibility import protocol_for
from patients.inputs import BodyMeasurement
from patients.services import measurement_record
from toxicity.inputs import AssessmentDetails, InterventionDetails
from toxicity.services import acute_monitoring_end, assessment_record, intervention_record

ASSESSED_EVERY_HOURS = 12
QUIET_DAYS = 3
CHECKLIST_ON_PAPER = "Treated before CARTPath was in use; the checklist is in the paper record."


def lymphodepletion_told(teller: Teller) -> None:
    """Weight, the checklist of that day, and each dose of the regimen."""
    day = teller.day(Step.DEPLETED)
    weight_kg, height_cm = teller.size_on(day)
    measurement_record(
        measurement=BodyMeasurement(weight_kg=weight_kg, height_cm=height_cm),
        **teller.act(Role.APHERESIS_NURSE, teller.at(day, 7, 45)),
    )
    if not teller.plot.is_from_paper:
        _checklist(teller, "before_lymphodepletion", teller.at(day, 8, 30))
    regimen = _regimen(teller)
    for at, drug in _doses(teller):
        expected = expected_dose(regimen, drug, weight_kg=weight_kg, height_cm=height_cm)
        lymphodepletion_record(
            dose=DoseGiven(drug=drug, dose_mg=round(expected.mg_per_day, 1) if expected else None),
            **teller.act(Role.APHERESIS_NURSE, at),
        )


def _doses(teller: Teller) -> list[tuple[datetime, str]]:
    """When each drug is given, in order, as far as it has been by now."""
    started_on, infused_on = teller.day(Step.DEPLETED), teller.day(Step.INFUSED)
    doses: list[tuple[datetime, str]] = []
    for number, drug in enumerate(_regimen(teller).drugs):
        first = started_on if drug.first_day is None else infused_on + timedelta(days=drug.first_day)
        for day in range(drug.days):
            try:
                doses.append((teller.at(first + timedelta(days=day), 10 + 4 * number), drug.drug))
            except TodayReached:
                break
    return sorted(doses)


def _regimen(teller: Teller) -> Regimen:
    """What is given: the regimen in force, or where none is approved the one a physician chose."""
    protocol = protocol_for(teller.journey)
    return protocol.lymphodepletion_regimen() or protocol.lymphodepletion.regimens[0]


def _checklist(teller: Teller, phase: str, at: datetime) -> None:
    items = [item for item in protocol_for(teller.journey).checklist_items() if item.phase == phase]
    for number, item in enumerate(items):
        checklist_item_record(
            answer=ChecklistAnswer(item=item.id, verdict="met"),
            **teller.act(Role.CLINICIAN, teller.after(at, minutes=number)),
        )


def infusion_told(teller: Teller) -> None:
    """Day 0."""
    day = teller.day(Step.INFUSED)
    is_from_paper = teller.plot.is_from_paper
    in_parts = teller.plot.product == VARNIMCABTAGENE
    if not is_from_paper:
        _checklist(teller, "before_infusion", teller.at(day, 9))
    identity_verify(
        journey_id=teller.journey_id,
        first=teller.person(Role.CLINICIAN),
        second=teller.person(Role.APHERESIS_NURSE),
        at=teller.at(day, 10, 30),
    )
    thaw_start(**teller.act(Role.CELL_LAB, teller.at(day, 10, 45)))
    at = teller.at(day, 11)
    infusion_record(
        infusion=InfusionDetails(
            dose_cells=first_cells(teller) if in_parts else dose_cells(teller),
            total_cells=dose_cells(teller) if in_parts else None,
            ended_at=at + timedelta(minutes=14),
            history_reason=CHECKLIST_ON_PAPER if is_from_paper else "",
        ),
        **teller.act(Role.CLINICIAN, at),
    )


def watch_told(teller: Teller) -> None:
    """Assessments and what was given: twice a day while it goes on, in retrospect the days that matter."""
    if teller.plot.product == VARNIMCABTAGENE:
        with until_today():
            parts_told(teller)
    course = COURSES[teller.plot.toxicity]
    infused_at = teller.at(teller.day(Step.INFUSED), 11)
    is_over = teller.plot.is_monitoring_over
    every = 24 if is_over else ASSESSED_EVERY_HOURS
    last_day = course.last_day + QUIET_DAYS if is_over else LAST_DAY
    waiting = dict.fromkeys(course.given)
    for hours in range(every, last_day * 24 + 1, every):
        at = teller.after(infused_at, hours=hours)
        if teller.now - at < timedelta(hours=teller.plot.hours_unassessed):
            return
        day = hours // 24
        assessment_record(
            assessment=AssessmentDetails(
                crs=crs_on(course, day), icans=icans_on(course, day, years=teller.years_on(at.date()))
            ),
            **teller.act(Role.APHERESIS_NURSE, at),
        )
        for given_on, agent in [each for each in waiting if each[0] <= day]:
            del waiting[given_on, agent]
            weight_kg, _height = teller.size_on(at.date())
            intervention_record(
                intervention=InterventionDetails(agent=agent, dose_mg=dose_mg(agent, weight_kg)),
                **teller.act(Role.CLINICIAN, teller.after(at, minutes=25)),
            )


def monitoring_end_told(teller: Teller) -> None:
    """The end of acute monitoring."""
    day = teller.day(Step.INFUSED) + timedelta(days=LAST_DAY + 3)
    acute_monitoring_end(
        note="No sign of CRS or ICANS for 3 days; lodging near the center until day 28.",
        **teller.act(Role.CLINICIAN, teller.at(day, 12)),
    )
