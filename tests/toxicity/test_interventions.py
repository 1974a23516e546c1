"""What is given: recorded, run, stopped, corrected; and the weight that doses are counted from."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from patients.inputs import BodyMeasurement
from patients.services import measurement_record
from tests.factories import Story
from toxicity.dosing import dose_weight
from toxicity.inputs import DosingWeightDetails, InterventionDetails
from toxicity.interventions.pictures import drug_sums, given_pictures
from toxicity.interventions.services import (
    intervention_correct,
    intervention_record,
    intervention_stop,
    intervention_stop_strike,
    intervention_strike,
)
from toxicity.interventions.weights import dosing_weight_set, dosing_weight_strike
from toxicity.models import DosingWeight, Intervention
from toxicity.selectors import assessments, interventions
from toxicity.tocilizumab import next_dose

NOREPINEPHRINE: dict[str, Any] = {"agent": "vasopressor", "drug": "norepinephrine", "rate_unit": "ug/kg/min"}


@pytest.fixture
def infused(story: Story) -> Story:
    """A child of 18.4 kg twelve hours after the infusion."""
    story.infused()
    story.later(hours=12)
    return story


def give(story: Story, at: datetime | None = None, **details: Any) -> Intervention:
    return intervention_record(
        journey_id=story.journey_id,
        intervention=InterventionDetails(**details),
        by=story.nurse.actor,
        at=at or story.at,
    )


def fix(story: Story, weight_kg: float, *, reason: str = "", at: datetime | None = None) -> DosingWeight:
    return dosing_weight_set(
        journey_id=story.journey_id,
        weight=DosingWeightDetails(weight_kg=weight_kg, reason=reason),
        by=story.clinician.actor,
        at=at or story.at,
    )


def weigh(story: Story, weight_kg: float) -> None:
    measurement_record(
        journey_id=story.journey_id,
        measurement=BodyMeasurement(weight_kg=weight_kg),
        by=story.nurse.actor,
        at=story.at,
    )


def stop(story: Story, row: Intervention, **changes: Any) -> Intervention:
    return intervention_stop(**{"intervention_id": row.pk, "by": story.nurse.actor, "at": story.at} | changes)


# --- Courses -----------------------------------------------------------------------------------------------


def test_a_vasopressor_runs_from_its_start_until_it_is_stopped(infused: Story) -> None:
    row = give(infused, **NOREPINEPHRINE, rate=0.1)
    began = infused.at
    assert row.runs(began) and row.is_open
    infused.later(hours=5)
    stopped = stop(infused, row, reason="Pressure holds.")
    assert (stopped.stopped_at, stopped.stopped_by) == (infused.at, infused.nurse.name)
    assert stopped.runs(infused.at - timedelta(minutes=1)) and not stopped.runs(infused.at)
    told = Event.objects.get(journey_id=infused.journey_id, kind=EventKind.INTERVENTION_STOPPED)
    assert told.data["drug"] == "norepinephrine" and told.data["reason"] == "Pressure holds."


def test_a_new_rate_of_the_same_vasopressor_ends_the_one_before_and_another_runs_beside(
    infused: Story,
) -> None:
    first = give(infused, **NOREPINEPHRINE, rate=0.1)
    infused.later(hours=1)
    give(infused, **NOREPINEPHRINE | {"drug": "epinephrine"}, rate=0.05)
    infused.later(hours=1)
    second = give(infused, **NOREPINEPHRINE, rate=0.3)
    first.refresh_from_db()
    assert first.stopped_at == second.given_at
    running = {each.drug for each in interventions(infused.journey_id) if each.runs(infused.at)}
    assert running == {"norepinephrine", "epinephrine"}


def test_oxygen_goes_through_one_device_at_a_time(infused: Story) -> None:
    cannula = give(infused, agent="oxygen", device="nasal_cannula", rate=2, rate_unit="L/min")
    infused.later(hours=3)
    give(infused, agent="oxygen", device="high_flow_nasal_cannula", rate=15, rate_unit="L/min")
    cannula.refresh_from_db()
    assert cannula.stopped_at == infused.at


def test_an_earlier_rate_entered_later_must_say_until_when_it_ran(infused: Story) -> None:
    began = infused.at
    infused.later(hours=4)
    give(infused, **NOREPINEPHRINE, rate=0.3)
    with pytest.raises(Invalid) as refused:
        give(infused, at=began, **NOREPINEPHRINE, rate=0.1)
    assert "stopped_at" in refused.value.fields
    earlier = give(infused, at=began, **NOREPINEPHRINE, rate=0.1, stopped_at=infused.at)
    assert earlier.stopped_at == infused.at


def test_one_dose_can_not_be_stopped_and_a_course_only_once(infused: Story) -> None:
    dose = give(infused, agent="dexamethasone", dose_mg=9)
    with pytest.raises(Invalid):
        stop(infused, dose)
    course = give(infused, agent="levetiracetam", dose_mg=180, every_hours=12)
    stop(infused, course)
    with pytest.raises(Conflict, match="stopped already"):
        stop(infused, course)


def test_nothing_stops_before_it_began(infused: Story) -> None:
    row = give(infused, **NOREPINEPHRINE, rate=0.1)
    with pytest.raises(Invalid):
        stop(infused, row, at=row.given_at - timedelta(minutes=1))


def test_an_end_entered_in_error_lets_the_course_go_on(infused: Story) -> None:
    row = give(infused, **NOREPINEPHRINE, rate=0.1)
    infused.later(hours=1)
    stop(infused, row)
    again = intervention_stop_strike(
        intervention_id=row.pk, reason="Wrong child.", by=infused.nurse.actor, at=infused.at
    )
    assert again.is_open and again.runs(infused.at)
    kinds = list(Event.objects.of(infused.journey_id).values_list("kind", flat=True))
    assert EventKind.INTERVENTION_STOPPED in kinds and EventKind.ENTERED_IN_ERROR in kinds


def test_the_end_of_a_rate_stays_while_the_next_rate_stands(infused: Story) -> None:
    first = give(infused, **NOREPINEPHRINE, rate=0.1)
    infused.later(hours=1)
    give(infused, **NOREPINEPHRINE, rate=0.3)
    with pytest.raises(Conflict, match="begun anew"):
        intervention_stop_strike(
            intervention_id=first.pk, reason="Wrong.", by=infused.nurse.actor, at=infused.at
        )


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"agent": "oxygen", "rate": 2.0, "rate_unit": "L/min"}, "device"),
        ({"agent": "oxygen", "device": "none"}, "device"),
        ({"agent": "oxygen", "device": "face_mask", "rate": 5.0, "rate_unit": "ug/kg/min"}, "rate_unit"),
        ({**NOREPINEPHRINE, "rate_unit": "", "rate": 0.1}, "rate_unit"),
        ({**NOREPINEPHRINE, "rate_unit": "L/min", "rate": 0.1}, "rate_unit"),
        ({**NOREPINEPHRINE, "rate": 500.0}, "rate"),
        (NOREPINEPHRINE, "rate_unit"),
        ({**NOREPINEPHRINE, "drug": "water", "rate": 0.1}, "drug"),
        ({"agent": "vasopressor", "dose_mg": 3.0}, "dose_mg"),
        ({"agent": "anakinra", "rate": 1.0, "rate_unit": "L/min"}, "rate"),
        ({"agent": "anakinra", "volume_ml": 200.0}, "volume_ml"),
        ({"agent": "anakinra", "device": "face_mask"}, "device"),
    ],
)
def test_details_that_contradict_the_agent_are_named_and_refused(
    infused: Story, details: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        give(infused, **details)
    assert set(refused.value.fields) == {field}
    assert not Intervention.objects.exists()


# --- Corrections -------------------------------------------------------------------------------------------


def test_what_is_entered_in_error_stays_and_counts_no_longer(infused: Story) -> None:
    row = give(infused, agent="tocilizumab", dose_mg=220.8)
    infused.later(hours=1)
    intervention_strike(intervention_id=row.pk, reason="Not given.", by=infused.nurse.actor, at=infused.at)
    assert interventions(infused.journey_id) == []
    assert [each.struck_reason for each in interventions(infused.journey_id, struck=True)] == ["Not given."]
    card = next_dose(infused.journey, interventions(infused.journey_id, struck=True), at=infused.at)
    assert (card.room.left, card.room.last_at) == (4, None)
    with pytest.raises(Conflict):
        intervention_strike(intervention_id=row.pk, reason="Again.", by=infused.nurse.actor, at=infused.at)


def test_a_correction_strikes_the_old_and_records_the_new(infused: Story) -> None:
    given_at = infused.at
    row = give(infused, agent="anakinra", dose_mg=3.6)
    infused.later(hours=2)
    right = intervention_correct(
        intervention_id=row.pk,
        intervention=InterventionDetails(agent="anakinra", dose_mg=36),
        given_at=given_at,
        reason="The comma.",
        by=infused.nurse.actor,
        at=infused.at,
    )
    row.refresh_from_db()
    assert (row.struck_reason, right.given_at) == ("The comma.", given_at)
    assert interventions(infused.journey_id) == [right]


def test_a_correction_that_is_refused_strikes_nothing(infused: Story) -> None:
    row = give(infused, agent="anakinra", dose_mg=36)
    with pytest.raises(Invalid):
        intervention_correct(
            intervention_id=row.pk,
            intervention=InterventionDetails(agent="oxygen", rate=2, rate_unit="L/min"),
            given_at=infused.at,
            reason="Oxygen.",
            by=infused.nurse.actor,
            at=infused.at,
        )
    row.refresh_from_db()
    assert row.struck_at is None


# --- Dosing weight -----------------------------------------------------------------------------------------


def test_without_a_dosing_weight_the_last_weight_measured_counts(infused: Story) -> None:
    found = dose_weight(infused.journey, at=infused.at)
    assert (found.weight_kg, found.origin) == (18.4, "measured")
    assert give(infused, agent="tocilizumab", dose_mg=220.8).weight_from == "measured"


def test_the_dosing_weight_holds_whatever_the_scales_say_later(infused: Story) -> None:
    fix(infused, 18.4)
    infused.later(days=3)
    weigh(infused, 21.0)
    row = give(infused, agent="tocilizumab", dose_mg=220.8)
    assert (float(row.weight_kg or 0), row.weight_from) == (18.4, "dosing_weight")
    told = Event.objects.get(pk=row.event_id)
    assert (told.data["weight_kg"], told.data["computed"][0]["inputs"]["weight_kg"]) == (18.4, 18.4)


def test_a_dosing_weight_is_changed_only_with_a_reason(infused: Story) -> None:
    fix(infused, 18.4)
    infused.later(hours=1)
    with pytest.raises(Invalid) as refused:
        fix(infused, 18.0)
    assert "reason" in refused.value.fields
    fix(infused, 18.0, reason="Weighed with the pump.")
    assert dose_weight(infused.journey, at=infused.at).weight_kg == 18.0


def test_a_dosing_weight_far_from_the_last_weight_needs_a_reason(infused: Story) -> None:
    # A tenth of 18.4 kg is 1.84 kg.
    with pytest.raises(Invalid):
        fix(infused, 20.25)
    assert fix(infused, 20.24).pk
    assert DosingWeight.objects.count() == 1


def test_a_dosing_weight_entered_in_error_gives_way_to_the_one_before(infused: Story) -> None:
    fix(infused, 18.4)
    infused.later(hours=1)
    wrong = fix(infused, 81.4, reason="Typed in a hurry.")
    dosing_weight_strike(
        dosing_weight_id=wrong.pk, reason="Swapped digits.", by=infused.clinician.actor, at=infused.at
    )
    assert dose_weight(infused.journey, at=infused.at).weight_kg == 18.4


def test_the_card_shows_both_doses_when_fluid_carries_the_child_over_30_kg(infused: Story) -> None:
    fix(infused, 29.9, reason="Weighed at admission on another scale.")
    infused.later(days=2)
    weigh(infused, 31.5)
    card = next_dose(infused.journey, [], at=infused.at)
    assert (card.dose_mg, float(card.other_dose_mg or 0)) == (358.8, 252.0)
    assert card.is_near_fall


# --- Grades then, sums -------------------------------------------------------------------------------------


def test_each_dose_stands_beside_the_grades_of_its_time(infused: Story) -> None:
    from toxicity.grading.crs import CrsInput

    infused.assessed(crs=CrsInput(temperature_c=39.0, hypotension=True))
    infused.later(hours=1)
    give(infused, agent="tocilizumab", dose_mg=220.8)
    infused.later(hours=6)
    infused.assessed(crs=CrsInput(temperature_c=39.0, hypotension=True, vasopressors=("norepinephrine",)))
    infused.later(hours=20)
    give(infused, agent="dexamethasone", dose_mg=9)
    given, graded = interventions(infused.journey_id), assessments(infused.journey_id)
    late, early = given_pictures(given, graded, old_after=timedelta(hours=12))
    crs, icans = early.grades
    assert (crs.grade, crs.is_old, icans.grade) == (2, False, None)
    assert (late.grades[0].grade, late.grades[0].is_old) == (3, True)


def test_doses_of_the_last_day_are_summed_and_unknown_when_one_is(infused: Story) -> None:
    give(infused, agent="anakinra", dose_mg=36)
    infused.later(hours=20)
    give(infused, agent="anakinra", dose_mg=36)
    infused.later(hours=5)
    (found,) = drug_sums(interventions(infused.journey_id), at=infused.at)
    assert (found.doses, found.mg_in_a_day) == (2, 36.0)
    give(infused, agent="anakinra")
    (found,) = drug_sums(interventions(infused.journey_id), at=infused.at)
    assert found.mg_in_a_day is None
