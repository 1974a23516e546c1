"""Samples, drugs, immunoglobulin and vaccines through the services, on PostgreSQL."""

from datetime import date, timedelta
from typing import Any

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from followup.immune.history import History
from followup.immune.inputs import (
    CourseDetails,
    CourseEnd,
    ImmunoglobulinDetails,
    SampleDetails,
    VaccinationDetails,
)
from followup.immune.pictures import immune_picture
from followup.immune.samples import samples_of
from followup.immune.services import (
    course_start,
    course_stop,
    course_strike,
    immunoglobulin_give,
    sample_record,
    sample_strike,
    vaccine_give,
    vaccine_strike,
)
from followup.models import Course, ImmuneSample, Vaccination
from followup.services import transplant_record
from patients.inputs import TreatmentDetails
from patients.results import RuleResult
from patients.services import treatment_record
from tests.factories import Story


def today(story: Story) -> date:
    return story.center.local_day(story.at)


def act(story: Story) -> dict[str, Any]:
    return {"by": story.clinician.actor, "at": story.at}


def sampled(story: Story, **found: Any) -> ImmuneSample:
    details = SampleDetails(**({"taken_on": today(story)} | found))
    return sample_record(journey_id=story.journey_id, sample=details, **act(story))


def given(story: Story, group: str, drug: str, started_on: date | None = None) -> Course:
    details = CourseDetails(group=group, drug=drug, started_on=started_on)
    return course_start(journey_id=story.journey_id, course=details, **act(story))


def vaccinated(story: Story, vaccine: str, **told: Any) -> Vaccination:
    details = VaccinationDetails(**({"vaccine": vaccine, "given_on": today(story)} | told))
    return vaccine_give(journey_id=story.journey_id, vaccination=details, **act(story))


def last_event(story: Story, kind: EventKind) -> Event:
    return Event.objects.of(story.journey_id).filter(kind=kind).order_by("-seq")[0]


@pytest.fixture
def followed(story: Story) -> Story:
    """A child in follow-up, fourteen days after the infusion."""
    story.in_follow_up()
    return story


def test_a_sample_between_visits_confirms_what_a_visit_suspected(followed: Story) -> None:
    followed.later(days=46)
    followed.visited("visit_month_2", b_cells_percent=3.0)
    assert followed.journey.status.b_cell_aplasia == "suspected_loss"
    followed.later(days=20)
    sampled(followed, b_cells_percent=4.0, origin="home")
    assert followed.journey.status.b_cell_aplasia == "lost"
    event = last_event(followed, EventKind.SAMPLE_RECORDED)
    assert event.data["b_cell_turn"] == "lost"
    stored = RuleResult.objects.get(journey_id=followed.journey_id, rule="b_cell_aplasia", event_id=event.pk)
    assert stored.value == "lost"
    assert [each["percent"] for each in stored.inputs["samples"]] == [3.0, 4.0]


def test_a_struck_sample_is_judged_as_if_it_had_never_been(followed: Story) -> None:
    followed.later(days=46)
    row = sampled(followed, b_cells_per_ul=150)
    assert followed.journey.status.b_cell_aplasia == "suspected_loss"
    sample_strike(sample_id=row.pk, reason="Another child's tube.", **act(followed))
    assert followed.journey.status.b_cell_aplasia is None
    assert samples_of(followed.journey) == []
    with pytest.raises(Conflict):
        sample_strike(sample_id=row.pk, reason="Again.", **act(followed))


@pytest.mark.parametrize(
    ("found", "field"),
    [
        ({}, "b_cells_per_ul"),
        ({"igg_mg_dl": 500, "taken_on": date(2020, 1, 1)}, "taken_on"),
    ],
)
def test_an_empty_sample_or_one_before_the_infusion_is_refused(
    followed: Story, found: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        sampled(followed, **found)
    assert field in refused.value.fields
    assert not ImmuneSample.objects.exists()


def test_conditioning_ends_aplasia_before_the_transplant_does(followed: Story) -> None:
    followed.later(days=100)
    sampled(followed, b_cells_percent=0.0)
    followed.later(days=3)
    sampled(followed, b_cells_percent=20.0)
    assert followed.journey.status.b_cell_aplasia == "suspected_loss"
    transplant_record(
        journey_id=followed.journey_id,
        transplanted_on=today(followed) + timedelta(days=0),
        conditioning_on=today(followed) - timedelta(days=3),
        **act(followed),
    )
    assert followed.journey.status.b_cell_aplasia == "not_applicable"
    event = last_event(followed, EventKind.TRANSPLANTED)
    result = next(each for each in event.data["computed"] if each["rule"] == "b_cell_aplasia")
    assert result["result"]["first_positive_on"] is None


def test_conditioning_after_the_transplant_is_refused(followed: Story) -> None:
    followed.later(days=100)
    with pytest.raises(Invalid) as refused:
        transplant_record(
            journey_id=followed.journey_id,
            transplanted_on=today(followed) - timedelta(days=5),
            conditioning_on=today(followed) - timedelta(days=4),
            **act(followed),
        )
    assert "conditioning_on" in refused.value.fields


def test_a_later_drug_against_b_cells_is_flagged(followed: Story) -> None:
    followed.later(days=30)
    sampled(followed, b_cells_percent=0.0)
    given(followed, "anti_b_cell", "Blinatumomab", today(followed))
    picture = immune_picture(followed.journey, on=today(followed))
    assert "b_cell_depleting_drug" in picture.b_cells.finding.course.flags


def test_an_igg_after_recorded_immunoglobulin_is_not_the_childs_own(followed: Story) -> None:
    dose = ImmunoglobulinDetails(given_on=today(followed), route="iv", dose_g=9.2)
    row = immunoglobulin_give(journey_id=followed.journey_id, dose=dose, **act(followed))
    assert (float(row.weight_kg), row.g_per_kg) == (18.4, 0.5)
    followed.later(days=30)
    sampled(followed, igg_mg_dl=500)
    followed.later(days=1)
    sampled(followed, igg_mg_dl=390)
    sampled(followed, igg_mg_dl=390, list_complete=True)
    kept = RuleResult.objects.filter(journey_id=followed.journey_id, rule="immunoglobulin")
    assert list(kept.order_by("event_id").values_list("value", flat=True)) == ["replaced", None, "native"]
    levels = Event.objects.of(followed.journey_id).filter(kind=EventKind.SAMPLE_RECORDED).order_by("seq")
    assert [event.data["igg_level"] for event in levels] == ["enough", "low", "low"]
    assert immune_picture(followed.journey, on=today(followed)).immunoglobulin.tone == "soon"


def test_the_same_running_drug_is_not_recorded_twice(followed: Story) -> None:
    given(followed, "pjp", "Trimethoprim-sulfamethoxazole")
    with pytest.raises(Conflict) as refused:
        given(followed, "pjp", "trimethoprim-Sulfamethoxazole")
    assert refused.value.code == "course_known"


def test_the_end_of_a_prophylaxis_keeps_what_the_rule_said(followed: Story) -> None:
    course = given(followed, "pjp", "Pentamidine", today(followed))
    followed.later(days=60)
    end = CourseEnd(stopped_on=today(followed), reason="Allergy.")
    course_stop(course_id=course.pk, end=end, **act(followed))
    event = last_event(followed, EventKind.THERAPY_STOPPED)
    assert event.data["stop_verdict"] == "not_met"
    assert RuleResult.objects.get(rule="prophylaxis_stop").rows == ["stop_pjp_12"]
    with pytest.raises(Conflict):
        course_stop(course_id=course.pk, end=end, **act(followed))


def test_a_struck_end_lets_the_drug_run_on_and_a_second_strike_takes_it_away(followed: Story) -> None:
    course = given(followed, "steroid", "Prednisone", today(followed))
    followed.later(days=3)
    course_stop(
        course_id=course.pk, end=CourseEnd(stopped_on=today(followed), reason="Done."), **act(followed)
    )
    row = course_strike(course_id=course.pk, reason="Still given.", **act(followed))
    assert (row.stopped_on, row.struck_at) == (None, None)
    row = course_strike(course_id=course.pk, reason="Never given.", **act(followed))
    assert row.struck_at is not None
    assert History(followed.journey).courses == []


def test_a_live_vaccine_against_the_rules_asks_for_a_reason_and_stays_visible(followed: Story) -> None:
    followed.later(days=200)
    with pytest.raises(Invalid) as refused:
        vaccinated(followed, "mmr")
    assert refused.value.code == "live_vaccine"
    vaccinated(followed, "mmr", override_reason="Measles in the family.")
    event = last_event(followed, EventKind.VACCINE_GIVEN)
    assert event.data["vaccine_window"] == "not_yet"
    picture = immune_picture(followed.journey, on=today(followed))
    assert [row.override_reason for row in picture.overridden] == ["Measles in the family."]


def test_an_unknown_vaccine_and_one_twice_a_day_are_refused(followed: Story) -> None:
    followed.later(days=200)
    with pytest.raises(Invalid):
        vaccinated(followed, "smallpox")
    row = vaccinated(followed, "pcv", lot="AB1")
    with pytest.raises(Conflict):
        vaccinated(followed, "pcv")
    vaccine_strike(vaccination_id=row.pk, reason="Wrong lot.", **act(followed))
    assert vaccinated(followed, "pcv", lot="AB2").lot == "AB2"


def test_a_transplant_before_the_infusion_delays_live_vaccines(followed: Story) -> None:
    treatment_record(
        journey_id=followed.journey_id,
        treatment=TreatmentDetails(
            drug="Allogeneic transplant", drug_class="hsct", last_dose=today(followed) - timedelta(days=600)
        ),
        **act(followed),
    )
    followed.later(days=100)
    lines = immune_picture(followed.journey, on=today(followed)).classes[-1].conditions
    transplant = next(line for line in lines if line.row == "vaccine_live_transplant")
    assert transplant.verdict == "not_met"


def test_a_confirmed_list_turns_unknown_into_known(followed: Story) -> None:
    followed.later(days=230)
    before = immune_picture(followed.journey, on=today(followed))
    sampled(followed, list_complete=True)
    after = immune_picture(followed.journey, on=today(followed))
    windows = [
        {each.window.vaccine_class: each.window.window for each in found.classes} for found in (before, after)
    ]
    assert windows[0]["inactivated"] == "unknown"
    assert windows[1]["inactivated"] == "possible"
    assert windows[1]["live"] == "not_yet"
