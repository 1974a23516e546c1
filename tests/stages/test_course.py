"""From the bag to day 0: each gate holds, and what is not known stays unknown."""

import pytest
from django.db import IntegrityError, transaction

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
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

DAY = CollectionDayDetails


def collect(story: Story, **found: object) -> None:
    collection_day_record(
        journey_id=story.journey_id,
        day=DAY(**{"decision": "again", "identity_missing_reason": "A test."} | found),  # type: ignore[arg-type]
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
