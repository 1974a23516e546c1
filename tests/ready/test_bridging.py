"""Bridging and the plan of lymphodepletion through the services."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from infusion.bridging.selectors import bridging_of
from infusion.bridging.services import bridging_strike
from infusion.depletion.basis import plan_of
from infusion.depletion.inputs import OwnDose
from infusion.depletion.pictures import plan_picture
from infusion.depletion.services import depletion_plan_strike
from infusion.inputs import DoseGiven
from infusion.models import BridgingCourse, LymphodepletionDose
from infusion.services import (
    lymphodepletion_record,
)
from patients.inputs import BodyMeasurement
from patients.models import Measurement
from patients.services import measurement_record
from tests.factories import Story
from tests.ready.conftest import (
    begun,
    condition,
    ended,
    facts,
    planned,
    today,
)


def test_a_course_keeps_what_is_unknown_unknown_until_it_is_recorded_again(child: Story) -> None:
    begun(child)
    first = ended(child, response=None)
    assert (first.response, first.complications, first.is_cardiotoxic) == ("", None, None)
    child.later(days=2)
    ended(child, complications=("infection", "liver"), staged_on=today(child), staging="flow")
    row = BridgingCourse.objects.get()
    assert (row.complications, row.staging) == (["infection", "liver"], "flow")
    assert Event.objects.filter(kind=EventKind.BRIDGING_ENDED).count() == 2


def test_no_complication_is_not_the_same_as_nobody_looked(child: Story) -> None:
    begun(child)
    assert ended(child, complications=()).complications == []
    assert facts(EventKind.BRIDGING_ENDED)["complications"] == []


def test_bridging_begins_after_the_collection_and_before_the_infusion(story: Story) -> None:
    story.accepted()
    with pytest.raises(Conflict, match="Collected"):
        begun(story)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"ended_on": -8}, "ended_on"),
        ({"ended_on": 1}, "ended_on"),
        ({"staged_on": -8, "staging": "flow"}, "staged_on"),
        ({"staging": "flow"}, "staged_on"),
        ({"complications": ("other",)}, "complication_note"),
    ],
)
def test_days_and_words_that_do_not_fit_are_refused_by_name(
    child: Story, told: dict[str, object], field: str
) -> None:
    begun(child)
    given: dict[str, Any] = {
        name: today(child) + timedelta(days=value) if isinstance(value, int) else value
        for name, value in told.items()
    }
    with pytest.raises(Invalid) as refused:
        ended(child, **given)
    assert field in refused.value.fields


def test_the_disease_is_staged_again_only_by_a_staging_since_the_last_course_began(child: Story) -> None:
    assert bridging_of(child.journey_id).staged == "no_bridging"
    begun(child)
    assert bridging_of(child.journey_id).staged == "running"
    ended(child, staged_on=today(child), staging="flow")
    assert bridging_of(child.journey_id).staged == "staged"
    child.later(days=3)
    begun(child, started_on=today(child))
    ended(child, number=2)
    assert bridging_of(child.journey_id).staged == "not_staged"
    assert condition(child, "staging").state == "open"


def test_a_struck_course_no_longer_counts_and_is_struck_once(child: Story) -> None:
    row = begun(child, is_cardiotoxic=True)
    bridging_strike(course_id=row.pk, reason="Another child.", by=child.nurse.actor, at=child.at)
    assert bridging_of(child.journey_id).staged == "no_bridging"
    assert bridging_of(child.journey_id).cardiotoxic == []
    with pytest.raises(Conflict):
        bridging_strike(course_id=row.pk, reason="Again.", by=child.nurse.actor, at=child.at)
    with pytest.raises(Conflict):
        ended(child)


def test_a_plan_keeps_weight_and_height_of_their_days_though_the_child_grows(child: Story) -> None:
    plan = planned(child)
    assert (float(plan.weight_kg), plan.weighed_on) == (18.4, child.center.local_day(_measured_at(child)))
    # √(110 × 18.4 ÷ 3600) = 0.7498 m², 22.5 mg of fludarabine, 374.9 mg of cyclophosphamide.
    assert {(dose["drug"], dose["mg"]) for dose in plan.doses} == {
        ("fludarabine", 22.5),
        ("cyclophosphamide", 374.9),
    }
    child.later(days=1)
    measurement_record(
        journey_id=child.journey_id,
        measurement=BodyMeasurement(weight_kg=25, height_cm=120),
        by=child.nurse.actor,
        at=child.at,
    )
    lymphodepletion_record(
        journey_id=child.journey_id,
        dose=DoseGiven(drug="fludarabine", dose_mg=22.5),
        by=child.nurse.actor,
        at=child.later(hours=1),
    )
    assert float(LymphodepletionDose.objects.get().expected_mg or 0) == 22.5
    assert facts(EventKind.LYMPHODEPLETION_GIVEN)["planned_mg"] == 22.5


def _measured_at(story: Story) -> datetime:
    return Measurement.objects.filter(patient=story.journey.patient).latest("measured_at").measured_at


def test_a_later_plan_takes_the_place_and_a_struck_one_gives_it_back(child: Story) -> None:
    first = planned(child)
    second = planned(child, is_repeat=True)
    assert plan_of(child.journey_id) == second
    depletion_plan_strike(plan_id=second.pk, reason="Wrong day.", by=child.clinician.actor, at=child.at)
    assert plan_of(child.journey_id) == first


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"regimen": "nothing"}, "regimen"),
        ({"regimen": "tisagenlecleucel_b_all_alternative"}, "regimen"),
        ({"starts_on": None}, "starts_on"),
        ({"infusion_on": 3}, "infusion_on"),
        ({"own": ({"drug": "fludarabine", "mg": 18.0},)}, "reason"),
        ({"own": ({"drug": "busulfan", "mg": 18.0},), "reason": "Kidney."}, "own"),
        ({"clearance_ml_min": 70.0}, "clearance_on"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused_by_name(
    child: Story, told: dict[str, object], field: str
) -> None:
    given = dict(told)
    if isinstance(given.get("infusion_on"), int):
        given["infusion_on"] = today(child) + timedelta(days=3)
    if "own" in given:
        given["own"] = tuple(OwnDose(**own) for own in given["own"])  # type: ignore[attr-defined]
    with pytest.raises(Invalid) as refused:
        planned(child, **given)
    assert field in refused.value.fields


def test_the_strip_shows_planned_and_given_side_by_side_and_the_kidney_asks(child: Story) -> None:
    planned(child, clearance_ml_min=72.0, clearance_on=today(child), flu_auc=12.0)
    child.later(days=1)
    lymphodepletion_record(
        journey_id=child.journey_id,
        dose=DoseGiven(drug="fludarabine", dose_mg=22.0),
        by=child.nurse.actor,
        at=child.at,
    )
    found = plan_picture(child.journey, at=child.at)
    assert found is not None and found.kidney is not None
    first = {dose.drug: (dose.state, dose.given_mg) for dose in found.days[0].doses}
    assert first == {"fludarabine": ("given", (22.0,)), "cyclophosphamide": ("due", ())}
    assert (found.kidney.ask, found.kidney.auc_low) == (True, True)
    assert found.days_to_infusion == 6
    assert found.infusion_place == "inside"
