"""Alerts through the services: raised, grouped, answered, cleared, and kept in the ledger."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.verify import verify
from patients.eligibility import protocol_for
from patients.results import RuleResult
from tests.alerts.conftest import Night
from toxicity.alerts.selectors import standing, standing_group
from toxicity.alerts.services import AlertAnswered, alerts_acknowledge
from toxicity.grading.crs import CrsInput, OxygenDevice
from toxicity.grading.icans import Consciousness, IcansInput, RaisedIcp, Seizure
from toxicity.inputs import InterventionDetails
from toxicity.interventions.services import intervention_record
from toxicity.models import Alert
from toxicity.observations.services import observations_correct, observations_strike
from toxicity.services import acute_monitoring_end

pytestmark = pytest.mark.django_db

WELL = {"temperature_c": 36.8, "heart_rate": 100, "systolic": 105, "respiratory_rate": 22, "spo2": 98}


def test_normal_values_raise_nothing(night: Night) -> None:
    night.sees(**WELL, oxygen_device=OxygenDevice.NONE, vasopressors=())
    assert night.alerts(standing=False) == []


def test_the_first_fever_raises_an_alert_with_its_reason_in_the_ledger(night: Night) -> None:
    made = night.sees(temperature_c=38.4)
    (told,) = night.told(EventKind.ALERT_RAISED)
    assert (told["case"], told["rule"], told["urgency"]) == ("alert_new_fever-1", "alert_new_fever", "urgent")
    assert told["because"] == {"sign": "new_fever", "value": 38.4, "limit": 38.0}
    alert = night.alert("alert_new_fever")
    assert (alert.evidence, alert.evidence_at, alert.raised_at) == (str(made.pk), night.at, night.at)
    assert verify(night.story.journey_id).breaks == []
    stored = RuleResult.objects.get(rule="alert", journey_id=night.story.journey_id)
    protocol = protocol_for(night.story.journey)
    assert (stored.value, stored.rows, stored.protocol_id) == ("urgent", ["alert_new_fever"], protocol.id)


def test_a_fever_that_stays_is_one_alert_and_a_new_one_after_a_day_without(night: Night) -> None:
    night.sees(temperature_c=38.4)
    night.sees(hours=4, temperature_c=39.6)
    night.sees(hours=4, temperature_c=37.0)
    night.sees(hours=23, temperature_c=37.1)
    assert night.alerts() == ["alert_new_fever"]
    night.sees(hours=1, temperature_c=36.9)
    assert night.alerts() == []
    night.sees(hours=4, temperature_c=38.2)
    assert night.alerts(standing=False) == ["alert_new_fever", "alert_new_fever"]


def emergencies(night: Night) -> list[str]:
    raised = night.told(EventKind.ALERT_RAISED)
    return [told["rule"] for told in raised if told["urgency"] == "emergency"]


@pytest.mark.parametrize("seizure", [Seizure.RESOLVED, Seizure.PROLONGED_OR_REPETITIVE])
def test_one_seizure_is_one_emergency(night: Night, seizure: Seizure) -> None:
    made = night.sees(**WELL, seizure=seizure)
    assert made.assessment is not None
    assert (made.assessment.icans_grade or 0) >= 3
    assert emergencies(night) == ["alert_seizure"]


def test_a_raised_pressure_of_the_brain_is_one_emergency(night: Night) -> None:
    night.sees(raised_icp=RaisedIcp.FOCAL_EDEMA)
    assert emergencies(night) == ["alert_raised_icp"]


def test_what_comes_beside_a_seizure_is_an_emergency_of_its_own(night: Night) -> None:
    night.sees(seizure=Seizure.RESOLVED)
    night.sees(hours=4, seizure=Seizure.NONE, consciousness=Consciousness.TOUCH)
    assert emergencies(night) == ["alert_seizure", "alert_icans_3"]


def test_a_grade_that_a_clinician_gives_otherwise_is_an_emergency_of_its_own(night: Night) -> None:
    night.story.assessed(
        icans=IcansInput(seizure=Seizure.RESOLVED),
        icans_confirmed_grade=4,
        override_reason="Status epilepticus on EEG.",
    )
    assert sorted(emergencies(night)) == ["alert_icans_3", "alert_seizure"]


def test_a_seizure_is_an_emergency_that_stands_until_answered(night: Night) -> None:
    night.sees(seizure=Seizure.RESOLVED)
    group = standing_group(night.story.journey)
    assert group is not None
    assert (group.top.alert.rule, group.severity_rank) == ("alert_seizure", 3)
    night.sees(hours=1, seizure=Seizure.NONE)
    night.sees(hours=12, seizure=Seizure.NONE)
    assert "alert_seizure" in night.alerts()
    night.answers("alert_seizure")
    assert "alert_seizure" not in night.alerts()
    assert night.alert("alert_seizure").cleared_because == "eased"


def test_an_emergency_leaves_the_quieter_rule_of_the_same_sign_a_notice(night: Night) -> None:
    night.sees(spo2=87)
    urgencies = dict(Alert.objects.values_list("rule", "urgency"))
    assert urgencies == {"alert_very_low_saturation": "emergency", "alert_low_saturation": "notice"}


def test_a_group_has_the_worst_on_top_and_counts_the_others(night: Night) -> None:
    night.sees(temperature_c=38.9, spo2=88, systolic=60)
    journey = night.story.journey
    group = standing([journey])[journey.pk]
    assert group.top.alert.rule == "alert_very_low_saturation"
    assert group.others == len(night.alerts()) - 1 >= 2
    assert group.top.seen == "SpO₂ 88 %"


def test_it_is_raised_again_only_when_worse(night: Night) -> None:
    night.sees(spo2=93)
    night.answers("alert_low_saturation")
    night.sees(hours=1, spo2=92)
    assert night.alert("alert_low_saturation").acknowledged_at is not None
    night.sees(hours=1, spo2=90)
    again = night.alert("alert_low_saturation")
    assert (again.case, again.acknowledged_at) == ("alert_low_saturation-2", None)
    assert night.told(EventKind.ALERT_CLEARED) == [
        {"case": "alert_low_saturation-1", "rule": "alert_low_saturation", "cause": "worse"}
    ]


def test_what_is_not_measured_clears_nothing(night: Night) -> None:
    night.sees(spo2=92)
    night.sees(hours=20, temperature_c=36.8)
    assert night.alerts() == ["alert_low_saturation"]
    night.sees(hours=1, spo2=98)
    assert night.alerts() == ["alert_low_saturation"]
    night.sees(hours=4, spo2=98)
    assert night.alerts() == []


def test_a_value_entered_in_error_takes_its_alert_back(night: Night) -> None:
    made = night.sees(spo2=92)
    observations_strike(
        set_id=made.pk, reason="Sensor off.", by=night.nurse.actor, at=night.story.later(minutes=5)
    )
    assert night.alerts() == []
    assert night.alert("alert_low_saturation").cleared_because == "entered_in_error"


def test_a_corrected_value_is_judged_afresh(night: Night) -> None:
    made = night.sees(spo2=91)
    observations_correct(
        set_id=made.pk,
        changes={"spo2": 99},
        reason="Typed wrongly.",
        by=night.nurse.actor,
        at=night.story.later(minutes=5),
    )
    assert night.alerts() == []


def test_a_fever_entered_late_still_reaches_somebody(night: Night) -> None:
    night.sees(hours=2, temperature_c=37.2)
    night.sees(hours=0.5, late=1.5, temperature_c=38.6)
    assert night.alerts() == ["alert_new_fever"]
    assert night.alert("alert_new_fever").evidence_at == night.at - timedelta(hours=1.5)


def test_an_assessment_alone_raises_alerts_too(night: Night) -> None:
    night.story.assessed(crs=CrsInput(temperature_c=39.0, hypotension=True, vasopressors=("norepinephrine",)))
    assert {"alert_crs_3", "alert_crs_2", "alert_new_fever"} <= set(night.alerts())
    assert night.alert("alert_crs_2").urgency == "notice"


def test_an_answer_names_who_and_what_and_ends_nothing_by_itself(night: Night) -> None:
    night.sees(temperature_c=38.4)
    night.answers("alert_new_fever", answer="treated")
    alert = night.alert("alert_new_fever")
    assert (alert.acknowledged_by, alert.answer, alert.cleared_at) == ("Ivo Rossi", "treated", None)
    assert night.told(EventKind.ALERT_ACKNOWLEDGED) == [
        {"case": alert.case, "rule": alert.rule, "answer": "treated", "note": ""}
    ]


def test_an_alert_is_answered_once(night: Night) -> None:
    night.sees(temperature_c=38.4)
    night.answers("alert_new_fever")
    with pytest.raises(Conflict) as refused:
        night.answers("alert_new_fever")
    assert refused.value.code == "alert_answered"
    assert "Ivo Rossi" in refused.value.message


def test_an_alert_that_is_over_or_another_child_s_takes_no_answer(night: Night) -> None:
    night.sees(spo2=92)
    for hours in (1, 4):
        night.sees(hours=hours, spo2=99)
    for case in ("alert_low_saturation-1", "alert_seizure-7"):
        with pytest.raises(Conflict) as refused:
            alerts_acknowledge(
                journey_id=night.story.journey_id,
                cases=[case],
                answered=AlertAnswered("watched"),
                by=night.doctor.actor,
                at=night.at,
            )
        assert refused.value.code == "alert_over"


@pytest.mark.parametrize(
    ("cases", "answer", "field"),
    [([], "watched", "cases"), (["x"], "shrugged", "answer"), (["x"], "other", "note")],
)
def test_an_answer_without_its_parts_is_refused_by_name(
    night: Night, cases: list[str], answer: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        alerts_acknowledge(
            journey_id=night.story.journey_id,
            cases=cases,
            answered=AlertAnswered(answer, "  "),
            by=night.doctor.actor,
            at=night.at,
        )
    assert list(refused.value.fields) == [field]


def test_the_end_of_monitoring_clears_what_stands(night: Night) -> None:
    night.sees(temperature_c=38.4)
    acute_monitoring_end(
        journey_id=night.story.journey_id, by=night.doctor.actor, at=night.story.later(days=12)
    )
    assert night.alerts() == []
    assert standing([night.story.journey]) == {}
    assert night.alert("alert_new_fever").cleared_because == "monitoring_ended"


def test_two_alerts_of_one_rule_never_stand(night: Night) -> None:
    night.sees(temperature_c=38.4)
    alert = night.alert("alert_new_fever")
    alert.pk, alert.case, alert.event_id, alert._state.adding = None, "again", 0, True
    with pytest.raises(IntegrityError), transaction.atomic():
        alert.save()


def test_a_fluid_bolus_is_told(night: Night) -> None:
    intervention_record(
        journey_id=night.story.journey_id,
        intervention=InterventionDetails(agent="fluid_bolus"),
        by=night.nurse.actor,
        at=night.story.later(minutes=10),
    )
    assert night.alerts() == ["alert_fluid_bolus"]
