"""Growing up comes back from a journey file as it went in; of a letter, its digest."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.exchange.exporting import journey_export
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import read
from followup.growing.inputs import (
    AttemptDetails,
    CareHandedOver,
    FindDetails,
    HandOverStepDetails,
    LetterDetails,
    LossDetails,
)
from followup.growing.letters import letter_begin, letter_sign
from followup.growing.services import (
    attempt_record,
    care_hand_over,
    hand_over_step_record,
    loss_end,
    loss_record,
)
from followup.models import ContactAttempt, HandOver, Letter, Loss
from leukapheresis.models import Resource
from patients.consents import consent_record, consent_withdraw
from patients.guardians import guardian_change, home_hospital_record
from patients.inputs import ConsentDetails, ConsentWithdrawal, GuardianDetails, HomeHospitalDetails
from patients.models import Consent, FormerName, Guardian, HomeHospital
from patients.services import patient_change
from tests.conftest import person
from tests.factories import Story, patient_details


def act(story: Story) -> dict[str, Any]:
    return {"journey_id": story.journey_id, "by": story.coordinator.actor, "at": story.later(hours=1)}


def grown(story: Story) -> None:
    """A teenager whose name, guardian and agreements changed, who was lost, found and handed over."""
    story.child = patient_details(birth_date=date(2008, 5, 20))
    story.in_follow_up()
    today = story.center.local_day(story.at)
    guardian = GuardianDetails(name="Maria Rossi", relation="mother", has_custody=True)
    guardian_change(guardian=guardian, **act(story))
    ended = GuardianDetails(
        name="Maria Bianchi", relation="mother", has_custody=None, until_on=today, was="Maria Rossi"
    )
    guardian_change(guardian=ended, reason="Divorce.", **act(story))
    home_hospital_record(
        hospital=HomeHospitalDetails(name="Provincia", physician="Dr. Verdi", gives_vaccines=True),
        **act(story),
    )
    patient_change(changes={"family_name": "Bianchi"}, reason="Typo.", name_was_wrong=True, **act(story))
    consent_record(
        consent=ConsentDetails(
            kind="consent", given_by="Maria Bianchi", document_version="2", signed_on=today
        ),
        **act(story),
    )
    consent_withdraw(
        withdrawal=ConsentWithdrawal(kind="consent", withdrawn_on=today, reason="No registry."), **act(story)
    )
    attempt_record(
        attempt=AttemptDetails(how="letter", outcome="moved", next_on=today + timedelta(days=9)), **act(story)
    )
    loss_record(loss=LossDetails(since=today, last_known="Via Roma 1"), **act(story))
    loss_end(found=FindDetails(found_on=today, where="Lyon"), **act(story))
    steps: tuple[dict[str, Any], ...] = (
        {"step": "center_agreed", "adult_center": "Careggi", "physician": "Dr. Neri"},
        {"step": "first_visit"},
        {"step": "safety_accepted", "confirmed_by": "Dr. Neri"},
    )
    for told in steps:
        hand_over_step_record(step=HandOverStepDetails(done_on=today, **told), **act(story))
    care_hand_over(hand_over=CareHandedOver(handed_over_on=today, reason="By phone."), **act(story))
    letter = letter_begin(
        letter=LetterDetails(kind="hand_over", addressee="Dr. Neri", language="it"), **act(story)
    )
    letter_sign(letter_id=letter.pk, by=story.clinician.actor, at=story.later(hours=1))


def test_growing_up_comes_back_event_by_event(story: Story) -> None:
    elsewhere = Center.objects.create(code="C", name="Center C", timezone="Europe/Rome", region="EU")
    person("ben@c.example", "Ben", "clinician", elsewhere)
    person("nina@c.example", "Nina", "apheresis_nurse", elsewhere)
    Resource.objects.create(center=elsewhere, name="Machine 1")
    grown(story)
    told = journey_export(story.journey_id)
    moved = json.loads(json.dumps(told))
    moved["journey"] |= {"center": "C", "id": str(uuid4())}
    text = json.dumps(moved)
    done = journey_import(
        file=read(text, now=timezone.now() + timedelta(days=3650)), by=Actor.system("import")
    )
    again = journey_export(done.journey_id)
    for each in (told, again):
        each["journey"].pop("center")
        each["journey"].pop("id")
    assert again == told
    there = {"journey_id": done.journey_id}
    letter = Letter.objects.get(**there)
    assert (letter.body, letter.digest) == ("", Letter.objects.get(journey=story.journey).digest)
    assert HandOver.objects.get(**there).safety_keeper == "them"
    assert Loss.objects.get(**there).found_where == "Lyon"
    assert ContactAttempt.objects.filter(**there).count() == 1
    assert Consent.objects.get(**there).withdrawn_reason == "No registry."
    child = {"patient__center": elsewhere}
    assert Guardian.objects.get(**child).name == "Maria Bianchi"
    assert HomeHospital.objects.get(**child).gives_vaccines
    assert FormerName.objects.get(**child).was_wrong


def test_the_text_of_a_letter_is_not_in_the_file(story: Story) -> None:
    grown(story)
    told = json.dumps(journey_export(story.journey_id))
    assert Letter.objects.get().body.splitlines()[-1] not in told
    assert Letter.objects.get().digest in told
