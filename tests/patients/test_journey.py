"""The child, the referral, and the moves of a journey."""

import re
from datetime import date, timedelta
from importlib import import_module

import pytest
from django.db import IntegrityError, transaction

from cartpath.accounts.models import User
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Chain, Event
from cartpath.ledger.services import readers
from patients import stages
from patients.consents import consent_record
from patients.eligibility import eligibility_verdict
from patients.enums import Stage
from patients.inputs import BodyMeasurement, ConsentDetails, CriterionAssessment, TreatmentDetails
from patients.models import EligibilityItem, Journey, Patient, Status
from patients.referrals import (
    eligibility_assess,
    referral_accept,
    referral_decline,
    referral_defer,
)
from patients.services import (
    journey_close,
    journey_move,
    measurement_record,
    patient_change,
    treatment_record,
)
from tests.factories import Story, patient_details


def test_a_referral_makes_child_journey_status_and_first_event(story: Story) -> None:
    journey = story.referred()
    assert journey.stage == Stage.REFERRED
    assert Status.objects.get(pk=journey.pk).referred_at == story.at
    assert [event.kind for event in Event.objects.of(journey.pk)] == ["referred"]


def test_a_known_mrn_adds_a_second_journey_to_the_same_child(story: Story) -> None:
    details = patient_details(mrn="SAME")
    story.referred(patient=details)
    story.referred(patient=details)
    assert Patient.objects.get(mrn="SAME").journeys.count() == 2


def test_a_known_mrn_with_another_birth_date_is_another_child_and_is_refused(story: Story) -> None:
    story.referred(patient=patient_details(mrn="SAME"))
    with pytest.raises(Conflict) as refused:
        story.referred(patient=patient_details(mrn="SAME", birth_date=date(2020, 1, 1)))
    assert refused.value.code == "patient_mismatch"
    assert Journey.objects.count() == 1


def test_the_same_mrn_may_exist_in_two_centers(story: Story, cleo: User) -> None:
    story.referred(patient=patient_details(mrn="SAME"))
    other = cleo.memberships.get().center
    Story(other, cleo, cleo, cleo, cleo, cleo, story.at).referred(patient=patient_details(mrn="SAME"))
    assert Patient.objects.filter(mrn="SAME").count() == 2


def test_acceptance_pins_the_journey_to_the_protocol_in_force(story: Story) -> None:
    story.accepted()
    journey = story.journey
    assert (journey.stage, journey.protocol_id, journey.protocol_version) == (
        "accepted",
        "tisagenlecleucel-eu",
        "1",
    )
    assert journey.status.accepted_at == story.at


def test_an_unknown_criterion_keeps_a_child_from_being_accepted(story: Story) -> None:
    story.referred()
    with pytest.raises(Conflict) as refused:
        referral_accept(journey_id=story.journey_id, by=story.clinician.actor, at=story.at)
    assert refused.value.code == "not_eligible"
    assert story.journey.stage == Stage.REFERRED
    referral_accept(
        journey_id=story.journey_id,
        by=story.clinician.actor,
        at=story.at,
        override_reason="Compassionate use, board of 2 March",
    )
    accepted = Event.objects.of(story.journey_id).get(kind=EventKind.ACCEPTED)
    assert accepted.data["override_reason"] == "Compassionate use, board of 2 March"


def test_an_expired_finding_becomes_unknown_again(story: Story) -> None:
    story.referred()
    story.eligible()
    today = story.at.date()
    assert eligibility_verdict(story.journey, on=today).overall == "eligible"
    assert eligibility_verdict(story.journey, on=today + timedelta(days=91)).overall == "incomplete"


@pytest.mark.parametrize("second", ["nobody", "oneself", "a nurse"])
def test_a_waiver_needs_two_clinicians(story: Story, second: str) -> None:
    story.referred()
    person = {"nobody": None, "oneself": story.clinician, "a nurse": story.nurse}[second]
    with pytest.raises(Invalid) as refused:
        eligibility_assess(
            journey_id=story.journey_id,
            assessment=CriterionAssessment(criterion="E12", verdict="waived", reason="treated, in remission"),
            by=story.clinician.actor,
            at=story.at,
            second=person,
        )
    assert "second" in refused.value.fields


def test_a_waiver_without_a_reason_is_refused_by_service_and_database(story: Story) -> None:
    story.referred()
    with pytest.raises(Invalid):
        eligibility_assess(
            journey_id=story.journey_id,
            assessment=CriterionAssessment(criterion="E12", verdict="waived"),
            by=story.clinician.actor,
            at=story.at,
            second=story.second,
        )
    with pytest.raises(IntegrityError, match="eligibility_waiver_reasoned"), transaction.atomic():
        EligibilityItem.objects.create(
            journey=story.journey, criterion="E12", verdict="waived", assessed_by="x"
        )


def test_a_reasoned_waiver_by_two_clinicians_counts(story: Story) -> None:
    story.referred()
    story.eligible()
    eligibility_assess(
        journey_id=story.journey_id,
        assessment=CriterionAssessment(criterion="E12", verdict="waived", reason="treated, in remission"),
        by=story.clinician.actor,
        at=story.at,
        second=story.second,
    )
    assert eligibility_verdict(story.journey, on=story.at.date()).overall == "eligible"


def test_a_criterion_the_protocol_does_not_have_is_refused(story: Story) -> None:
    story.referred()
    with pytest.raises(Invalid) as refused:
        eligibility_assess(
            journey_id=story.journey_id,
            assessment=CriterionAssessment(criterion="E999", verdict="met"),
            by=story.clinician.actor,
            at=story.at,
        )
    assert "criterion" in refused.value.fields


def test_a_deferred_referral_stays_referred_and_names_its_review(story: Story) -> None:
    story.referred()
    referral_defer(
        journey_id=story.journey_id,
        reason="CD19 pending",
        review_on=date(2026, 3, 9),
        by=story.clinician.actor,
        at=story.at,
    )
    journey = story.journey
    assert (journey.stage, journey.referral.state, journey.referral.review_on) == (
        "referred",
        "deferred",
        date(2026, 3, 9),
    )


def test_declining_closes_the_journey_with_its_reason(story: Story) -> None:
    story.referred()
    referral_decline(
        journey_id=story.journey_id, reason="CD19 negative", by=story.clinician.actor, at=story.at
    )
    assert (story.journey.stage, story.journey.status.closing_reason) == ("closed", "declined")


@pytest.mark.parametrize("origin", list(Stage))
@pytest.mark.parametrize("target", list(Stage))
def test_service_and_database_hold_the_same_stage_table(origin: Stage, target: Stage) -> None:
    guard = import_module("patients.migrations.0007_withdrawn_product")
    assert ((origin.value, target.value) in guard.MOVES) == stages.is_legal(origin, target)


def test_an_illegal_move_is_refused_by_rule_and_by_database(story: Story) -> None:
    story.referred()
    with pytest.raises(Conflict) as refused:
        journey_move(story.journey, Stage.INFUSED, at=story.at)
    assert refused.value.code == "illegal_move"
    with pytest.raises(IntegrityError, match="can't go from referred to infused"), transaction.atomic():
        Journey.objects.filter(pk=story.journey_id).update(
            stage="infused", protocol_id="x", protocol_version="1"
        )


def test_a_journey_begins_as_referred_and_nothing_else(story: Story) -> None:
    story.referred()
    with pytest.raises(IntegrityError, match="begins as referred"), transaction.atomic():
        Journey.objects.create(
            patient=story.journey.patient,
            center=story.center,
            product="x",
            stage="follow_up",
            stage_since=story.at,
            protocol_id="x",
            protocol_version="1",
        )


def test_a_patient_with_a_journey_cannot_be_deleted(story: Story) -> None:
    story.referred()
    with pytest.raises(Exception, match=re.compile("protected|restrict", re.I)):
        story.journey.patient.delete()


@pytest.mark.parametrize(
    ("reason_code", "note", "field"),
    [("gone", "x", "reason_code"), ("withdrawn", " ", "note"), ("died", "at home", "died_on")],
)
def test_closing_needs_a_known_reason_a_note_and_the_day_of_death(
    story: Story, reason_code: str, note: str, field: str
) -> None:
    story.referred()
    with pytest.raises(Invalid) as refused:
        journey_close(
            journey_id=story.journey_id,
            reason_code=reason_code,
            note=note,
            by=story.clinician.actor,
            at=story.at,
        )
    assert field in refused.value.fields
    assert story.journey.stage == Stage.REFERRED


def test_a_death_closes_the_journey_and_is_written_on_the_child(story: Story) -> None:
    story.referred()
    journey_close(
        journey_id=story.journey_id,
        reason_code="died",
        note="Progression",
        died_on=date(2026, 3, 1),
        by=story.clinician.actor,
        at=story.at,
    )
    assert story.journey.patient.died_on == date(2026, 3, 1)
    with pytest.raises(Conflict):
        treatment_record(
            journey_id=story.journey_id,
            treatment=TreatmentDetails(drug="x", drug_class="other"),
            by=story.clinician.actor,
            at=story.at,
        )


def test_a_changed_name_keeps_the_old_one_in_the_ledger(story: Story) -> None:
    story.referred()
    patient_change(
        journey_id=story.journey_id,
        changes={"family_name": "Bianchi"},
        reason="Adoption",
        by=story.coordinator.actor,
        at=story.at,
    )
    changed = Event.objects.of(story.journey_id).get(kind=EventKind.PATIENT_CHANGED)
    assert changed.data["changes"] == {"family_name": {"from": "Rossi", "to": "Bianchi"}}
    assert Patient.objects.matching("bianchi giulia").exists()


def test_a_measurement_needs_a_value(story: Story) -> None:
    story.referred()
    with pytest.raises(Invalid):
        measurement_record(
            journey_id=story.journey_id, measurement=BodyMeasurement(), by=story.nurse.actor, at=story.at
        )


def test_a_consent_is_not_signed_in_the_future(story: Story) -> None:
    story.referred()
    with pytest.raises(Invalid):
        consent_record(
            journey_id=story.journey_id,
            consent=ConsentDetails(
                kind="consent", given_by="Anna Rossi", document_version="2", signed_on=date(2026, 4, 1)
            ),
            by=story.coordinator.actor,
            at=story.at,
        )


def test_status_replayed_from_the_ledger_is_the_status_kept(story: Story) -> None:
    story.in_follow_up()
    story.later(days=14)
    story.visited("visit_day_28", response="CR", b_cells_per_ul=0.0)
    kept = Status.objects.filter(pk=story.journey_id).values().get()
    Status.objects.filter(pk=story.journey_id).delete()
    reader = next(reader for reader in readers() if reader.name == "status")
    reader.rebuild(Chain.objects.get(pk=story.journey_id), list(Event.objects.of(story.journey_id)))
    assert Status.objects.filter(pk=story.journey_id).values().get() == kept
    assert kept["b_cell_aplasia"] == "ongoing"
