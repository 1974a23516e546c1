"""A value put right and a set entered in error: nothing is overwritten, and the grade follows."""

from typing import Any

import pytest

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from patients.models import Measurement
from patients.selectors import latest_weight
from tests.factories import Story
from tests.toxicity.bedside import ALERT, WELL, observed
from toxicity.models import Assessment, ObservationSet
from toxicity.observations.selectors import observation_sets, standing
from toxicity.observations.services import observations_correct, observations_strike
from toxicity.selectors import assessments


@pytest.fixture
def child(story: Story) -> Story:
    """Giulia, five, two days after the infusion."""
    story.infused()
    story.later(days=2)
    return story


def correct(
    story: Story, made: ObservationSet, reason: str = "Typed wrong.", **changes: Any
) -> ObservationSet:
    """The clinician puts values right ten minutes later."""
    return observations_correct(
        set_id=made.pk,
        changes=changes,
        reason=reason,
        by=story.clinician.actor,
        at=story.later(minutes=10),
    )


def test_a_corrected_value_stays_struck_beside_the_right_one(child: Story) -> None:
    made = observed(child, WELL, temperature_c=39.5)
    correct(child, made, temperature_c=37.5)
    (shown,) = observation_sets(child.journey_id)
    wrong, right = [row for row in shown.observations.all() if row.code == "temperature_c"]
    assert (float(wrong.value or 0), wrong.struck_by, wrong.struck_reason) == (39.5, "Ben", "Typed wrong.")
    assert (float(right.value or 0), right.recorded_by, right.struck_at) == (37.5, "Ben", None)
    assert len(standing([shown])) == 8


def test_the_grade_of_a_corrected_set_is_given_anew_and_the_old_one_struck(child: Story) -> None:
    made = observed(child, WELL, temperature_c=39.5)
    first = made.assessment
    assert first is not None and first.crs_grade == 1
    corrected = correct(child, made, temperature_c=37.5)
    assert corrected.assessment is not None and corrected.assessment.crs_grade == 0
    assert corrected.assessment.assessed_at == made.observed_at
    first.refresh_from_db()
    assert (first.struck_at, first.struck_reason) == (child.at, "Typed wrong.")
    assert [each.pk for each in assessments(child.journey_id)] == [corrected.assessment.pk]


def test_the_event_of_a_correction_names_the_set_and_what_changed(child: Story) -> None:
    made = observed(child, WELL, temperature_c=39.5)
    correct(child, made, temperature_c=37.5, spo2=None)
    told = Event.objects.get(kind=EventKind.OBSERVATION_CORRECTED).data
    assert told["event"] == Event.objects.get(pk=made.event_id).seq
    assert told["changes"] == {
        "temperature_c": {"from": 39.5, "to": 37.5},
        "spo2": {"from": 99, "to": None},
    }
    assert told["vitals"] is False
    assert verify(child.journey_id).breaks == []


def test_a_correction_that_lowers_the_onset_no_longer_counts_as_earlier_crs(child: Story) -> None:
    made = observed(child, WELL, temperature_c=39.5)
    correct(child, made, temperature_c=36.5)
    child.later(hours=4)
    later = observed(child, WELL, oxygen_device=None)
    assert later.ungraded == {}


def test_a_corrected_weight_takes_the_place_of_the_wrong_one(child: Story) -> None:
    before = Measurement.objects.count()
    made = observed(child, WELL, weight_kg=81.9)
    correct(child, made, weight_kg=18.9)
    weighed = latest_weight(child.journey.patient_id, at=child.at)
    assert weighed is not None and float(weighed.weight_kg or 0) == 18.9
    assert Measurement.objects.count() == before + 1


def test_a_correction_is_corrected_again_and_all_three_values_stay(child: Story) -> None:
    made = observed(child, WELL, temperature_c=39.5)
    correct(child, made, temperature_c=37.5)
    correct(child, made, temperature_c=38.5)
    kept = [
        float(row.value or 0) for row in made.observations.filter(code="temperature_c").order_by("event_id")
    ]
    assert kept == [39.5, 37.5, 38.5]
    assert Assessment.objects.filter(struck_at=None).get().crs_grade == 1


def test_a_struck_set_takes_its_grade_and_its_weight_along(child: Story) -> None:
    weights = Measurement.objects.count()
    made = observed(child, WELL, temperature_c=39.5, weight_kg=18.9)
    struck = observations_strike(
        set_id=made.pk, reason="Another child.", by=child.clinician.actor, at=child.later(minutes=5)
    )
    assert (struck.struck_at, struck.struck_by, struck.struck_reason) == (child.at, "Ben", "Another child.")
    assert assessments(child.journey_id) == []
    assert Measurement.objects.count() == weights
    assert standing(observation_sets(child.journey_id)) == []
    assert len(observation_sets(child.journey_id)) == 1
    voided = Event.objects.filter(kind=EventKind.ENTERED_IN_ERROR).values_list("corrects_id", flat=True)
    assert made.event_id in voided


def test_what_can_not_be_corrected_is_refused(child: Story) -> None:
    made = observed(child, ALERT)
    with pytest.raises(Invalid) as refused:
        correct(child, made, reason=" ", seizure=None)
    assert set(refused.value.fields) == {"reason"}
    with pytest.raises(Invalid) as refused:
        correct(child, made, pulse=90)
    assert set(refused.value.fields) == {"pulse"}
    with pytest.raises(Conflict) as same:
        correct(child, made, motor_weakness=False)
    assert same.value.code == "nothing_changed"
    observations_strike(set_id=made.pk, reason="Wrong.", by=child.nurse.actor, at=child.at)
    with pytest.raises(Conflict) as gone:
        correct(child, made, motor_weakness=True)
    assert gone.value.code == "already_struck"
