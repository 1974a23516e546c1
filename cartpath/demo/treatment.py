"""Chapter three of a demo journey: lymphodepletion, infusion, the days after."""

from datetime import datetime, timedelta

from cartpath.accounts.enums import Role
from cartpath.demo.alerting import alerts_told
from cartpath.demo.custody import bags_given_told, has_bags
from cartpath.demo.giving import Giving
from cartpath.demo.laboratory import baseline_told, laboratory_told
from cartpath.demo.parts import first_cells, parts_told
from cartpath.demo.plot import VARNIMCABTAGENE, Step
from cartpath.demo.product import dose_cells
from cartpath.demo.readying import bridging_told, hold_told, plan_told
from cartpath.demo.rounds import checks_of, round_told
from cartpath.demo.signing import signatures_told
from cartpath.demo.teller import Teller, TodayReached, until_today
from cartpath.demo.toxicity import COURSES, LAST_DAY, Course, crs_on, icans_on
from cartpath.ledger.services import readers_once
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
from toxicity.inputs import AssessmentDetails
from toxicity.services import acute_monitoring_end, assessment_record

HOURS_PER_DAY = 24
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
    bridging_told(teller, teller.at(day, 8, 50))
    plan_told(teller, regimen, teller.at(day, 9, 10))
    for at, drug in _doses(teller):
        expected = expected_dose(regimen, drug, weight_kg=weight_kg, height_cm=height_cm)
        lymphodepletion_record(
            dose=DoseGiven(drug=drug, dose_mg=round(expected.mg_per_day, 1) if expected else None),
            **teller.act(Role.APHERESIS_NURSE, at),
        )
    hold_told(teller)


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
    baseline_told(teller)
    day = teller.day(Step.INFUSED)
    is_from_paper = teller.plot.is_from_paper
    in_parts = teller.plot.product == VARNIMCABTAGENE
    if not is_from_paper:
        _checklist(teller, "before_infusion", teller.at(day, 9))
    if has_bags(teller):
        bags_given_told(teller, teller.at(day, 11), dose_cells(teller))
        return
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
    """Rounds, blood and what was given; in retrospect an assessment a day."""
    if teller.plot.product == VARNIMCABTAGENE:
        with until_today():
            parts_told(teller)
    # Nothing in here goes by what the readers of the ledger keep.
    with readers_once(teller.journey_id), until_today():
        if teller.plot.is_monitoring_over:
            _looked_back(teller)
        else:
            _watched(teller)


def _watched(teller: Teller) -> None:
    """Hour by hour up to now, as far as somebody looked."""
    course, infused_at = COURSES[teller.plot.toxicity], _infused_at(teller)
    giving = Giving(teller, course)
    giving.fix_weight(infused_at - timedelta(hours=3))
    for hours in range(1, LAST_DAY * HOURS_PER_DAY + 1):
        at = teller.after(infused_at, hours=hours)
        if teller.now - at < timedelta(hours=teller.plot.hours_unassessed):
            return
        checks = checks_of(teller, at, hours)
        if not checks:
            continue
        day = hours // HOURS_PER_DAY
        if "laboratory" in checks:
            laboratory_told(teller, hours / HOURS_PER_DAY, at)
        round_told(teller, course, at, day, checks)
        alerts_told(teller, at)
        giving.tell(day, at)
        signatures_told(teller, at, hours)


def _looked_back(teller: Teller) -> None:
    """An assessment a day while there were signs, and two weeks of blood where CARTPath was in use."""
    course, infused_at = COURSES[teller.plot.toxicity], _infused_at(teller)
    giving = Giving(teller, course)
    giving.fix_weight(infused_at - timedelta(hours=3))
    for day in range(1, LAST_DAY + QUIET_DAYS):
        at = teller.after(infused_at, hours=day * HOURS_PER_DAY)
        if not teller.plot.is_from_paper:
            laboratory_told(teller, day, at)
        if day > course.last_day + QUIET_DAYS:
            continue
        _assessed(teller, course, at, day)
        alerts_told(teller, at)
        giving.tell(day, at)


def _infused_at(teller: Teller) -> datetime:
    return teller.at(teller.day(Step.INFUSED), 11)


def _assessed(teller: Teller, course: Course, at: datetime, day: int) -> None:
    assessment_record(
        assessment=AssessmentDetails(
            crs=crs_on(course, day), icans=icans_on(course, day, years=teller.years_on(at.date()))
        ),
        **teller.act(Role.APHERESIS_NURSE, at),
    )


def monitoring_end_told(teller: Teller) -> None:
    """The end of acute monitoring."""
    day = teller.day(Step.INFUSED) + timedelta(days=LAST_DAY + 3)
    acute_monitoring_end(
        note="No sign of CRS or ICANS for 3 days; lodging near the center until day 28.",
        **teller.act(Role.CLINICIAN, teller.at(day, 12)),
    )
