"""A round at the bedside: what is kept, what is graded, what is refused, and what stays unknown."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from patients.results import RuleResult
from patients.selectors import latest_weight
from tests.factories import Story
from tests.toxicity.bedside import ALERT, CALM, FULL_ICE, RESTLESS, WELL, infused_teenager, observed
from toxicity.grading.crs import OxygenDevice
from toxicity.grading.icans import Consciousness, Seizure
from toxicity.inputs import InterventionDetails
from toxicity.interventions.services import intervention_record
from toxicity.models import Assessment, Observation, ObservationSet
from toxicity.observations.inputs import ObservationEntry
from toxicity.observations.selectors import observation_sets, standing
from toxicity.observations.services import observations_record

FEVER: dict[str, Any] = {"temperature_c": 39.2}
LOW_FLOW: dict[str, Any] = {"oxygen_device": OxygenDevice.NASAL_CANNULA, "oxygen_flow": 2.0}


@pytest.fixture
def child(story: Story) -> Story:
    """Giulia, five, two days after the infusion."""
    story.infused()
    story.later(days=2)
    return story


def said_of(made: ObservationSet, scale: str = "crs") -> dict[str, Any]:
    """The rule's answer on one scale that a set gave."""
    assert made.assessment is not None
    answer: dict[str, Any] = getattr(made.assessment, scale)
    return answer


def event_of(made: ObservationSet) -> dict[str, Any]:
    """The data of the event that a set was recorded with."""
    data: dict[str, Any] = Event.objects.get(pk=made.event_id).data
    return data


# --- What is kept -------------------------------------------------------------------------------------------


def test_each_value_is_kept_with_its_code_and_unit(child: Story) -> None:
    made = observed(child, WELL, **FEVER)
    made.refresh_from_db()
    rows = {row.code: row for row in made.observations.all()}
    warm = rows["temperature_c"]
    assert (str(warm.value), warm.loinc, warm.unit) == ("39.20", "8310-5", "Cel")
    assert (rows["systolic"].loinc, rows["systolic"].unit) == ("8480-6", "mm[Hg]")
    assert rows["oxygen_device"].word == "none"
    assert rows["vasopressors"].parts == []
    assert "urine_ml" not in rows


def test_the_event_says_what_was_seen_and_which_checks_are_done(child: Story) -> None:
    told = event_of(observed(child, WELL))
    assert (told["temperature_c"], told["systolic"]) == (36.8, 100)
    assert (told["vitals"], told["neuro"], told["weight"]) == (True, False, False)
    assert "urine_ml" not in told


def test_ice_and_capd_are_kept_by_their_items_with_the_total(child: Story) -> None:
    made = observed(child, ALERT, capd=RESTLESS)
    row = made.observations.get(code="capd")
    assert (int(row.value or 0), len(row.parts or ())) == (20, 8)
    calm = observed(child, ObservationEntry(capd=CALM)).observations.get(code="capd")
    assert calm.value == 0


def test_a_weight_becomes_the_weight_of_the_child_at_that_time(child: Story) -> None:
    made = observed(child, WELL, weight_kg=18.9)
    weighed = latest_weight(child.journey.patient_id, at=child.at)
    assert weighed is not None and float(weighed.weight_kg or 0) == 18.9
    assert (made.completes_weight, event_of(made)["weight"]) == (True, True)


def test_the_same_entry_sent_twice_is_kept_once(child: Story) -> None:
    key = uuid4()
    call: dict[str, Any] = {
        "journey_id": child.journey_id,
        "observed_at": child.at,
        "entry": WELL,
        "by": child.nurse.actor,
        "set_id": key,
    }
    first = observations_record(**call, at=child.at)
    again = observations_record(**call, at=child.later(minutes=4))
    assert (first.pk, again.pk) == (key, key)
    assert ObservationSet.objects.count() == 1
    assert Event.objects.filter(kind=EventKind.OBSERVATIONS_RECORDED).count() == 1


def test_sets_of_one_minute_are_both_kept_in_the_order_they_came(child: Story) -> None:
    first = observed(child, WELL, temperature_c=37.1)
    second = observed(child, WELL, temperature_c=37.2)
    assert [each.pk for each in observation_sets(child.journey_id)] == [second.pk, first.pk]


def test_what_was_seen_earlier_stands_at_its_own_time(child: Story) -> None:
    early = child.at - timedelta(hours=3)
    made = observed(child, WELL, seen_at=early)
    assert (made.observed_at, made.recorded_at) == (early, child.at)
    assert made.assessment is not None and made.assessment.assessed_at == early


# --- Which checks a set completes ---------------------------------------------------------------------------


@pytest.mark.parametrize("left_out", ["temperature_c", "heart_rate", "systolic", "respiratory_rate", "spo2"])
def test_vital_signs_are_complete_only_with_all_five(child: Story, left_out: str) -> None:
    without: dict[str, Any] = {left_out: None} | ({"diastolic": None} if left_out == "systolic" else {})
    assert not observed(child, WELL, **without).completes_vitals
    assert observed(child, WELL).completes_vitals


def test_capd_counts_for_the_checks_of_its_shift(child: Story) -> None:
    assert observed(child, ALERT).completes_neuro
    child.later(hours=11)
    assert observed(child, ALERT, capd=None).completes_neuro
    child.later(hours=2)
    assert not observed(child, ALERT, capd=None).completes_neuro


def test_ice_is_asked_each_time(story: Story) -> None:
    infused_teenager(story)
    story.later(hours=4)
    assert observed(story, ALERT, capd=None, ice=FULL_ICE).completes_neuro
    story.later(hours=4)
    assert not observed(story, ALERT, capd=None).completes_neuro


def test_a_child_who_can_not_be_woken_needs_no_test(child: Story) -> None:
    asleep = observed(child, ALERT, capd=None, consciousness=Consciousness.UNAROUSABLE)
    assert asleep.completes_neuro
    assert asleep.assessment is not None and asleep.assessment.icans_grade == 4


# --- Grades -------------------------------------------------------------------------------------------------


def test_a_round_is_graded_as_an_assessment_of_its_time(child: Story) -> None:
    made = observed(child, WELL, **FEVER, **LOW_FLOW)
    assert made.assessment is not None
    assert (made.assessment.crs_grade, made.assessment.icans) == (2, None)
    assert said_of(made)["missing"] == []
    assert made.assessment.assessed_by == "Nina"
    told = Event.objects.filter(kind=EventKind.TOXICITY_ASSESSED).get()
    assert told.seq == Event.objects.get(pk=made.event_id).seq + 1
    assert told.data["computed"][0]["rule"] == "crs"


def test_a_pressure_under_the_limit_of_the_age_is_hypotension_and_says_so(child: Story) -> None:
    made = observed(child, WELL, **FEVER, systolic=79, diastolic=45)
    assert made.assessment is not None and made.assessment.crs_grade == 2
    assert event_of(made)["below_mmhg"] == 80
    record = RuleResult.objects.get(event_id=made.event_id)
    assert (record.rule, record.value, record.unit) == ("hypotension_limit", "80", "mmHg")
    child.later(hours=1)
    at_the_limit = observed(child, WELL, **FEVER, systolic=80, diastolic=45)
    assert at_the_limit.assessment is not None and at_the_limit.assessment.crs_grade == 1


def test_what_was_not_looked_at_is_missing_and_never_normal(child: Story) -> None:
    made = observed(child, ObservationEntry(temperature_c=38.4))
    assert made.assessment is not None
    assert said_of(made)["result"]["at_least"] is True
    assert said_of(made)["missing"] == ["hypotension", "hypoxia"]


def test_a_normal_pressure_under_a_vasopressor_is_not_normal(child: Story) -> None:
    pressor = InterventionDetails(agent="vasopressor", drug="norepinephrine")
    intervention_record(
        journey_id=child.journey_id, intervention=pressor, by=child.clinician.actor, at=child.at
    )
    child.later(hours=1)
    made = observed(child, WELL, **FEVER, vasopressors=None)
    assert made.assessment is not None
    assert (made.assessment.crs_grade, said_of(made)["missing"]) == (3, [])


def test_an_inotrope_alone_makes_no_hypotension_and_is_flagged(child: Story) -> None:
    made = observed(child, WELL, **FEVER, vasopressors=("milrinone",))
    assert made.assessment is not None
    assert made.assessment.crs_grade == 1
    assert said_of(made)["flags"] == ["inotrope_not_counted"]


def test_a_vasopressor_that_was_charted_and_not_mentioned_since_leaves_the_pressure_unknown(
    child: Story,
) -> None:
    observed(child, WELL, temperature_c=37.0, vasopressors=("norepinephrine",))
    child.later(hours=4)
    later = observed(child, WELL, **FEVER, vasopressors=None)
    assert later.assessment is None
    assert later.ungraded == {"crs": ["hypotension"]}


def test_a_bolus_keeps_the_child_hypotensive_while_the_pressure_is_normal(child: Story) -> None:
    bolus = InterventionDetails(agent="fluid_bolus")
    intervention_record(
        journey_id=child.journey_id, intervention=bolus, by=child.clinician.actor, at=child.at
    )
    child.later(hours=2)
    made = observed(child, WELL, **FEVER)
    assert made.assessment is not None and made.assessment.crs_grade == 2
    child.later(hours=5)
    after = observed(child, WELL, **FEVER)
    assert after.assessment is not None and after.assessment.crs_grade == 1


def test_a_person_s_judgment_of_the_pressure_goes_before_the_limit(child: Story) -> None:
    made = observed(child, WELL, **FEVER, hypotension=True)
    assert made.assessment is not None and made.assessment.crs_grade == 2
    assert made.circumstances == {"hypotension": True}


def test_a_domain_nobody_looked_at_again_can_not_have_gone(child: Story) -> None:
    observed(child, WELL, **FEVER, **LOW_FLOW)
    child.later(hours=4)
    partial = observed(child, WELL, **FEVER, oxygen_device=None)
    assert partial.assessment is None
    assert partial.ungraded == {"crs": ["hypoxia"]}
    assert event_of(partial)["ungraded"] == {"crs": ["hypoxia"]}
    child.later(hours=4)
    whole = observed(child, WELL, **FEVER)
    assert whole.assessment is not None and whole.assessment.crs_grade == 1


def test_a_partial_set_may_raise_a_grade(child: Story) -> None:
    observed(child, ALERT)
    child.later(hours=4)
    worse = observed(child, ObservationEntry(seizure=Seizure.RESOLVED))
    assert worse.assessment is not None
    assert (worse.assessment.icans_grade, said_of(worse, "icans")["result"]["at_least"]) == (3, True)


def test_a_capd_before_the_infusion_is_the_baseline_and_no_grade(story: Story) -> None:
    story.lymphodepleted()
    before = observed(story, ALERT, capd=RESTLESS)
    assert before.assessment is None
    assert not Assessment.objects.exists()


def test_a_delay_that_was_named_once_holds_on(story: Story) -> None:
    infused_teenager(story)
    story.later(hours=4)
    first = observed(story, ALERT, developmental_delay=True)
    assert first.assessment is not None and said_of(first, "icans")["result"]["instrument"] == "CAPD"
    story.later(hours=8)
    later = observed(story, ALERT)
    assert later.assessment is not None and said_of(later, "icans")["result"]["instrument"] == "CAPD"


# --- What is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("temperature_c", 385),
        ("temperature_c", 38.44),
        ("spo2", 9),
        ("heart_rate", 1200),
        ("fio2", 20),
        ("weight_kg", 0.1),
    ],
)
def test_an_impossible_number_is_named_and_refused(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        replace(ObservationEntry(), **{field: value})
    assert set(refused.value.fields) == {field}


def test_every_contradiction_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        ObservationEntry(oxygen_flow=2.0, systolic=60, diastolic=80, capd=CALM, capd_unable=True)
    assert set(refused.value.fields) == {"oxygen_flow", "diastolic", "capd_unable"}


def test_a_time_in_the_future_or_long_before_the_infusion_is_refused(child: Story) -> None:
    for away in (timedelta(minutes=6), -timedelta(days=40)):
        with pytest.raises(Invalid) as refused:
            observed(child, WELL, seen_at=child.at + away)
        assert set(refused.value.fields) == {"at"}
    assert not ObservationSet.objects.exists()


def test_an_empty_set_is_refused(child: Story) -> None:
    with pytest.raises(Invalid, match="Nothing observed"):
        observed(child, ObservationEntry(note="Asleep."))


def test_ice_is_refused_for_a_child_whose_test_is_capd(child: Story) -> None:
    with pytest.raises(Invalid) as refused:
        observed(child, ALERT, capd=None, ice=FULL_ICE)
    assert set(refused.value.fields) == {"ice"}


def test_a_child_who_is_not_admitted_is_not_observed(story: Story) -> None:
    story.accepted()
    with pytest.raises(Conflict) as refused:
        observed(story, WELL)
    assert refused.value.code == "wrong_stage"


def test_the_database_refuses_an_impossible_value_and_a_second_one(child: Story) -> None:
    made = observed(child, WELL)
    row = made.observations.get(code="spo2")
    with pytest.raises(IntegrityError, match="observation_value_possible"), transaction.atomic():
        Observation.objects.filter(pk=row.pk).update(value=9)
    row.pk = uuid4()
    with pytest.raises(IntegrityError, match="observation_once_in_a_set"), transaction.atomic():
        row.save(force_insert=True)
    assert len(standing([made])) == 8
