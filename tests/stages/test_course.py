"""From the bag to the fifteenth year: each gate holds, and what is not known stays unknown."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from followup.inputs import VisitDetails
from followup.selectors import plan
from followup.services import transplant_record, visit_record, visit_skip, visit_strike
from infusion.inputs import ChecklistAnswer, DoseGiven, InfusionDetails
from infusion.models import IdentityCheck
from infusion.services import (
    checklist_item_record,
    identity_verify,
    infusion_record,
    lymphodepletion_record,
    lymphodepletion_waive,
    thaw_start,
)
from leukapheresis.inputs import CollectionDayDetails
from leukapheresis.selectors import collection_days, totals
from leukapheresis.services import collection_complete, collection_day_record
from manufacturing.inputs import BatchDetails, Deviation, DeviationDecision, OrderDetails
from manufacturing.services import (
    manufacturing_fail,
    milestone_record,
    out_of_specification_decide,
    out_of_specification_report,
    product_order,
    product_receive,
    product_release,
)
from patients.enums import Stage
from tests.factories import Story
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice
from toxicity.inputs import AssessmentDetails, InterventionDetails
from toxicity.services import assessment_record, assessment_strike, intervention_record

DAY = CollectionDayDetails


def collect(story: Story, **found: object) -> None:
    collection_day_record(
        journey_id=story.journey_id,
        day=DAY(**{"decision": "again"} | found),  # type: ignore[arg-type]
        by=story.nurse.actor,
        at=story.later(days=1),
    )


def test_cells_of_several_days_add_up(story: Story) -> None:
    story.booked()
    collect(story, tnc=1_000_000_000, cd3=300_000_000)
    collect(story, tnc=2_000_000_000, cd3=900_000_000, decision="enough")
    added = totals(collection_days(story.journey_id))
    assert (added.days, added.tnc, added.cd3) == (2, 3_000_000_000, 1_200_000_000)


def test_a_day_without_counts_makes_the_total_unknown_not_smaller(story: Story) -> None:
    story.booked()
    collect(story)
    collect(story, tnc=2_000_000_000, cd3=900_000_000, decision="enough")
    added = totals(collection_days(story.journey_id))
    assert (added.tnc, added.cd3, added.known_tnc, added.unknown_days) == (None, None, 2_000_000_000, (1,))


def test_too_few_cells_need_a_reason_to_go_on(story: Story) -> None:
    story.booked()
    collect(story, tnc=1_000_000_000, cd3=300_000_000, decision="stop")
    with pytest.raises(Invalid) as refused:
        collection_complete(journey_id=story.journey_id, by=story.nurse.actor, at=story.later(hours=5))
    assert refused.value.code == "target_not_met"
    done = collection_complete(
        journey_id=story.journey_id, by=story.nurse.actor, at=story.at, reason="Manufacturer accepts"
    )
    assert done.is_accepted is False
    assert story.journey.stage == Stage.COLLECTED


def test_more_cd3_cells_than_cells_are_impossible(story: Story) -> None:
    story.booked()
    with pytest.raises(Invalid) as refused:
        collect(story, tnc=10, cd3=11)
    assert "cd3" in refused.value.fields
    assert collection_days(story.journey_id) == []


def test_nothing_is_complete_before_a_day_is_recorded(story: Story) -> None:
    story.booked()
    with pytest.raises(Conflict) as refused:
        collection_complete(journey_id=story.journey_id, by=story.nurse.actor, at=story.at)
    assert refused.value.code == "nothing_collected"


def test_manufacturing_does_not_start_without_an_order(story: Story) -> None:
    story.collected()
    with pytest.raises(Conflict) as refused:
        milestone_record(
            journey_id=story.journey_id,
            milestone="manufacturing_started",
            by=story.coordinator.actor,
            at=story.at,
        )
    assert refused.value.code == "no_order"


def test_a_chain_of_identity_belongs_to_one_order(story: Story) -> None:
    story.collected()
    order = OrderDetails(manufacturer_order_id="1", chain_of_identity="COI-SAME")
    product_order(journey_id=story.journey_id, order=order, by=story.coordinator.actor, at=story.at)
    story.collected()
    with pytest.raises(Invalid) as refused:
        product_order(journey_id=story.journey_id, order=order, by=story.coordinator.actor, at=story.at)
    assert "chain_of_identity" in refused.value.fields


def report(story: Story) -> None:
    out_of_specification_report(
        journey_id=story.journey_id,
        batch=BatchDetails(lot="L1"),
        deviation=Deviation(parameter="Viability", limit="80 %", value="71 %"),
        by=story.lab.actor,
        at=story.later(days=20),
    )


def test_an_out_of_specification_product_waits_for_a_decision(story: Story) -> None:
    story.manufacturing()
    report(story)
    assert story.journey.stage == Stage.MANUFACTURING
    with pytest.raises(Conflict) as refused:
        product_release(
            journey_id=story.journey_id, batch=BatchDetails(lot="L2"), by=story.lab.actor, at=story.at
        )
    assert refused.value.code == "decision_open"
    with pytest.raises(Conflict):
        product_receive(journey_id=story.journey_id, by=story.lab.actor, at=story.at)


@pytest.mark.parametrize(
    ("decision", "stage"),
    [
        ("use", Stage.RELEASED),
        ("remanufacture", Stage.COLLECTED),
        ("collect_again", Stage.ACCEPTED),
        ("abandon", Stage.CLOSED),
    ],
)
def test_the_decision_leads_where_it_says(story: Story, decision: str, stage: Stage) -> None:
    story.manufacturing()
    report(story)
    out_of_specification_decide(
        journey_id=story.journey_id,
        decision=DeviationDecision(
            decision=decision,  # type: ignore[arg-type]
            reason="Board of 2 April",
            consent_on=story.at.date() if decision == "use" else None,
        ),
        by=story.clinician.actor,
        at=story.later(days=1),
    )
    assert story.journey.stage == stage


def test_using_an_out_of_specification_product_needs_the_familys_consent(story: Story) -> None:
    story.manufacturing()
    report(story)
    with pytest.raises(Invalid) as refused:
        out_of_specification_decide(
            journey_id=story.journey_id,
            decision=DeviationDecision(decision="use", reason="No alternative"),
            by=story.clinician.actor,
            at=story.at,
        )
    assert "consent_on" in refused.value.fields


def test_after_a_failure_the_child_is_collected_again_in_a_second_round(story: Story) -> None:
    story.manufacturing()
    manufacturing_fail(
        journey_id=story.journey_id,
        reason="Contamination",
        collect_again=True,
        by=story.coordinator.actor,
        at=story.later(days=9),
    )
    assert story.journey.stage == Stage.ACCEPTED
    collect(story, tnc=5_000_000_000, cd3=2_000_000_000, decision="enough")
    (day,) = collection_days(story.journey_id)
    assert (day.round, day.number) == (2, 1)


def test_identity_is_confirmed_by_two_different_people_who_may(story: Story) -> None:
    story.lymphodepleted()
    with pytest.raises(Invalid) as refused:
        identity_verify(
            journey_id=story.journey_id, first=story.clinician, second=story.clinician, at=story.at
        )
    assert refused.value.code == "same_person"
    with pytest.raises(Invalid) as refused:
        identity_verify(journey_id=story.journey_id, first=story.clinician, second=story.lab, at=story.at)
    assert refused.value.code == "not_entitled"
    check = identity_verify(
        journey_id=story.journey_id, first=story.clinician, second=story.nurse, at=story.at
    )
    with pytest.raises(IntegrityError, match="identity_two_people"), transaction.atomic():
        IdentityCheck.objects.filter(pk=check.pk).update(second=story.clinician)


def infuse(story: Story, **given: object) -> None:
    infusion_record(
        journey_id=story.journey_id,
        infusion=InfusionDetails(**{"dose_cells": 50_000_000} | given),  # type: ignore[arg-type]
        by=story.clinician.actor,
        at=story.at,
    )


def test_no_thaw_and_no_infusion_before_identity_is_confirmed(story: Story) -> None:
    story.lymphodepleted()
    with pytest.raises(Conflict) as refused:
        thaw_start(journey_id=story.journey_id, by=story.lab.actor, at=story.at)
    assert refused.value.code == "identity_not_verified"


def test_an_open_hard_stop_keeps_the_infusion_back(story: Story) -> None:
    story.ready()
    hard = next(i for i in Event.objects.of(story.journey_id).filter(kind=EventKind.CHECKLIST_ITEM_RECORDED))
    checklist_item_record(
        journey_id=story.journey_id,
        answer=ChecklistAnswer(item=hard.data["item"], verdict="not_met"),
        by=story.clinician.actor,
        at=story.at,
    )
    with pytest.raises(Conflict) as refused:
        infuse(story)
    assert refused.value.code == "checklist_open"


@pytest.mark.parametrize("cells", [None, 1_000_000, 500_000_000])
def test_a_dose_unknown_or_outside_the_rule_needs_a_reason(story: Story, cells: int | None) -> None:
    story.ready()
    with pytest.raises(Invalid) as refused:
        infuse(story, dose_cells=cells)
    assert refused.value.code == "dose_not_in_range"
    infuse(story, dose_cells=cells, override_reason="Single-patient use")
    assert story.journey.stage == Stage.INFUSED


def test_without_lymphodepletion_the_waiver_must_be_recorded(story: Story) -> None:
    story.released()
    lymphodepletion_waive(
        journey_id=story.journey_id, reason="WBC 0.4", by=story.clinician.actor, at=story.at
    )
    assert story.journey.stage == Stage.RELEASED
    with pytest.raises(Invalid):
        lymphodepletion_waive(journey_id=story.journey_id, reason=" ", by=story.clinician.actor, at=story.at)


def test_the_expected_dose_stands_beside_the_given_one(story: Story) -> None:
    story.released()
    story.measured(weight_kg=16, height_cm=100)
    dose = lymphodepletion_record(
        journey_id=story.journey_id,
        dose=DoseGiven(drug="fludarabine", dose_mg=20),
        by=story.nurse.actor,
        at=story.later(hours=1),
    )
    assert (float(dose.expected_mg or 0), float(dose.body_surface_m2 or 0)) == (20.0, 0.6667)


def test_a_treated_child_without_fever_keeps_its_grade(story: Story) -> None:
    """The well-known error of public graders: fever is gone after tocilizumab, the grade is not."""
    story.infused()
    story.assessed(
        crs=CrsInput(
            temperature_c=39.4, hypotension=False, vasopressors=(), oxygen=Oxygen(device=OxygenDevice.NONE)
        )
    )
    intervention_record(
        journey_id=story.journey_id,
        intervention=InterventionDetails(agent="tocilizumab", dose_mg=220),
        by=story.nurse.actor,
        at=story.later(hours=1),
    )
    later = story.assessed(
        crs=CrsInput(
            temperature_c=37.1,
            hypotension=True,
            vasopressors=("norepinephrine",),
            oxygen=Oxygen(device=OxygenDevice.NONE),  # type: ignore[arg-type]
        )
    )
    assert later.crs_grade == 3
    status = story.journey.status
    assert (status.crs_current, status.crs_max, status.icans_max) == (3, 3, None)


def test_the_instrument_follows_the_childs_own_age(story: Story) -> None:
    from toxicity.grading.icans import IcansInput

    story.infused()
    found = story.assessed(
        icans=IcansInput(
            age_years=17,
            capd_total=4,
            consciousness="spontaneous",
            seizure="none",
            motor_weakness=False,
            raised_icp="none",
        )  # type: ignore[arg-type]
    )
    assert found.icans is not None
    assert (found.icans["result"]["instrument"], found.icans_grade) == ("CAPD", 0)


def test_an_assessment_before_the_infusion_is_refused(story: Story) -> None:
    story.infused()
    with pytest.raises(Invalid):
        assessment_record(
            journey_id=story.journey_id,
            assessment=AssessmentDetails(crs=CrsInput(temperature_c=38.5)),
            by=story.nurse.actor,
            at=story.at - timedelta(hours=1),
        )


def test_another_grade_than_the_rules_needs_a_reason(story: Story) -> None:
    story.infused()
    found = CrsInput(
        temperature_c=38.5, hypotension=False, vasopressors=(), oxygen=Oxygen(device=OxygenDevice.NONE)
    )  # type: ignore[arg-type]
    with pytest.raises(Invalid) as refused:
        story.assessed(crs=found, crs_confirmed_grade=2)
    assert "override_reason" in refused.value.fields
    confirmed = story.assessed(crs=found, crs_confirmed_grade=2, override_reason="Fluid bolus at 04:00")
    assert (confirmed.crs_grade, confirmed.crs_final, story.journey.status.crs_max) == (1, 2, 2)


def test_an_assessment_entered_in_error_no_longer_counts(story: Story) -> None:
    story.infused()
    story.assessed(
        crs=CrsInput(
            temperature_c=38.5, hypotension=False, vasopressors=(), oxygen=Oxygen(device=OxygenDevice.NONE)
        )
    )  # type: ignore[arg-type]
    wrong = story.assessed(
        crs=CrsInput(temperature_c=39.0, oxygen=Oxygen(device=OxygenDevice.CPAP), hypotension=False)
    )  # type: ignore[arg-type]
    assert story.journey.status.crs_max == 4
    assessment_strike(
        assessment_id=wrong.pk, reason="Other child's oxygen", by=story.nurse.actor, at=story.later(minutes=1)
    )
    assert (story.journey.status.crs_current, story.journey.status.crs_max) == (1, 1)
    with pytest.raises(Conflict):
        assessment_strike(assessment_id=wrong.pk, reason="again", by=story.nurse.actor, at=story.at)


def test_the_plan_reaches_from_day_28_to_year_15(story: Story) -> None:
    story.in_follow_up()
    visits = plan(story.journey)
    assert (visits[0].expected.item, visits[-1].expected.item) == ("visit_day_28", "visit_year_15")
    assert len(visits) == 29


def test_a_visit_is_recorded_once_and_can_be_struck(story: Story) -> None:
    story.in_follow_up()
    story.later(days=14)
    story.visited("visit_day_28", response="CR", mrd_result="negative", mrd_method="flow")
    with pytest.raises(Conflict) as refused:
        story.visited("visit_day_28", response="NR")
    assert refused.value.code == "visit_known"
    assert story.journey.status.last_response == "CR"
    visit = story.journey.visits.get()
    visit_strike(visit_id=visit.pk, reason="Other child", by=story.clinician.actor, at=story.later(hours=1))
    assert story.journey.status.last_response is None
    story.visited("visit_day_28", response="NR")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"item": "visit_month_999"}, "item"),
        ({"visited_on": "future"}, "visited_on"),
        ({"visited_on": "before"}, "visited_on"),
        ({"mrd_result": "negative"}, "mrd_method"),
    ],
)
def test_an_impossible_visit_names_the_field(story: Story, changes: dict[str, str], field: str) -> None:
    story.in_follow_up()
    today = story.at.date()
    days = {"future": today + timedelta(days=2), "before": today - timedelta(days=40)}
    given = {"item": "visit_day_28", "visited_on": today} | {
        name: days.get(value, value) for name, value in changes.items()
    }
    with pytest.raises(Invalid) as refused:
        visit_record(
            journey_id=story.journey_id,
            visit=VisitDetails(**given),
            by=story.clinician.actor,
            at=story.at,  # type: ignore[arg-type]
        )
    assert field in refused.value.fields


def test_a_visit_left_out_needs_a_known_reason(story: Story) -> None:
    story.in_follow_up()
    with pytest.raises(Invalid):
        visit_skip(
            journey_id=story.journey_id,
            item="visit_month_1",
            reason_code="rain",
            note="",
            by=story.coordinator.actor,
            at=story.at,
        )
    visit_skip(
        journey_id=story.journey_id,
        item="visit_month_1",
        reason_code="elsewhere",
        note="Seen at home",
        by=story.coordinator.actor,
        at=story.at,
    )
    states = {visit.expected.item: visit.state(story.at.date()) for visit in plan(story.journey)}
    assert states["visit_month_1"] == "skipped"


def test_a_transplant_ends_the_watch_for_b_cells(story: Story) -> None:
    story.in_follow_up()
    story.later(days=14)
    story.visited("visit_day_28", b_cells_per_ul=0.0)
    assert story.journey.status.b_cell_aplasia == "ongoing"
    transplant_record(
        journey_id=story.journey_id,
        transplanted_on=story.at.date(),
        by=story.clinician.actor,
        at=story.later(hours=1),
    )
    assert story.journey.status.b_cell_aplasia == "not_applicable"
