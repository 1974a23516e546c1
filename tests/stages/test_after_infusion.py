"""After the infusion: grades with their state, visits, and what is entered in error."""

from datetime import timedelta

import pytest

from cartpath.core.errors import Conflict, Invalid
from followup.inputs import VisitDetails
from followup.selectors import plan
from followup.services import transplant_record, visit_record, visit_skip, visit_strike
from tests.factories import Story
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice
from toxicity.inputs import AssessmentDetails, InterventionDetails
from toxicity.interventions.services import intervention_record
from toxicity.services import assessment_record, assessment_strike


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
    visits = {visit.expected.item: visit for visit in plan(story.journey)}
    assert visits["visit_month_1"].skipped is not None


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
