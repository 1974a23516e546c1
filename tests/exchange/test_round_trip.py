"""What is exported imports again as the same journey."""

import io
import json
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.exchange.exporting import journey_export
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import JourneyFileError, read
from cartpath.reminders.models import Reminder
from cartpath.reminders.services import reminder_acknowledge, reminder_complete
from followup.models import Visit
from followup.services import relapse_record, transplant_record, visit_skip, visit_strike
from leukapheresis.inputs import CollectionDayDetails
from leukapheresis.models import Resource
from leukapheresis.services import booking_create, collection_complete, collection_day_record
from patients.consents import consent_record
from patients.donor import Donor
from patients.donors import donor_consent_record, donor_record
from patients.inputs import (
    ConsentDetails,
    ContactDetails,
    DonationConsent,
    DonorDetails,
    TreatmentDetails,
)
from patients.models import Journey
from patients.results import RuleResult
from patients.services import (
    contact_record,
    journey_close,
    patient_change,
    treatment_record,
)
from tests.conftest import person
from tests.factories import Story
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice
from toxicity.grading.icans import Consciousness, IcansInput
from toxicity.inputs import InterventionDetails
from toxicity.interventions.services import intervention_record
from toxicity.models import Assessment
from toxicity.services import assessment_strike
from toxicity.signing import result_confirm


@pytest.fixture
def elsewhere(db: None, noon: Any) -> Center:
    """Another installation, as far as a file needs it: same names, another center."""
    center = Center.objects.create(code="C", name="Center C", timezone="Europe/Rome", region="EU")
    person("ben@c.example", "Ben", Role.CLINICIAN, center)
    person("nina@c.example", "Nina", Role.APHERESIS_NURSE, center)
    Resource.objects.create(center=center, name="Machine 1")
    return center


def carried_over(journey_id: Any, center: Center) -> tuple[dict[str, Any], dict[str, Any]]:
    """A journey's export, and the export of what it became in another center."""
    told = journey_export(journey_id)
    moved = json.loads(json.dumps(told))
    moved["journey"] |= {"center": center.code, "id": str(uuid4())}
    done = journey_import(file=read(json.dumps(moved), now=timezone.now()), by=Actor.system("import"))
    again = journey_export(done.journey_id)
    for each in (told, again):
        each["journey"].pop("center")
        each["journey"].pop("id")
    return told, again


def test_a_whole_journey_comes_back_event_by_event(story: Story, elsewhere: Center) -> None:
    story.infused()
    _toxicity(story)
    _follow_up(story)
    told, again = carried_over(story.journey_id, elsewhere)
    assert again == told
    assert len(told["events"]) > 60
    assert "computed" not in json.dumps(told["events"]).replace("computed_", ""), "computed anew elsewhere"
    (signed,) = (event for event in told["events"] if event["kind"] == "result_confirmed")
    assert told["events"][signed["confirms"]]["kind"] == "toxicity_assessed"
    copies = RuleResult.objects.filter(rule="crs", center=elsewhere).exclude(confirmed=None)
    assert {(copy.confirmed, copy.reason) for copy in copies} >= {("3", "High vasopressor dose.")}


def test_what_became_of_a_journey_comes_back_with_it(story: Story, elsewhere: Center) -> None:
    story.accepted()
    act: dict[str, Any] = {"journey_id": story.journey_id, "by": story.clinician.actor}
    patient_change(
        changes={"given_name": "Giulietta", "birth_date": date(2021, 1, 16)},
        reason="Typing error.",
        at=story.later(hours=1),
        **act,
    )
    contact_record(contact=ContactDetails(relation="mother", name="Paola Rossi"), at=story.at, **act)
    consent = ConsentDetails(
        kind="consent", given_by="Paola Rossi", document_version="2", signed_on=story.at.date()
    )
    consent_record(consent=consent, at=story.at, **act)
    dose = TreatmentDetails(drug="Dexamethasone", drug_class="corticosteroid", last_dose=story.at)
    treatment_record(treatment=dose, at=story.at, **act)
    journey_close(
        reason_code="died", note="Infection.", died_on=story.at.date(), at=story.later(hours=3), **act
    )
    told, again = carried_over(story.journey_id, elsewhere)
    assert again == told
    assert told["patient"]["given_name"] == "Giulia"
    moved = Journey.objects.select_related("patient").get(center=elsewhere)
    assert (moved.patient.given_name, moved.patient.birth_date) == ("Giulietta", date(2021, 1, 16))
    assert moved.patient.died_on == Journey.objects.get(pk=story.journey_id).patient.died_on


def _toxicity(story: Story) -> None:
    story.assessed(
        crs=CrsInput(
            temperature_c=39.1,
            hypotension=True,
            vasopressors=("norepinephrine",),
            oxygen=Oxygen(device=OxygenDevice.NASAL_CANNULA, flow_l_min=2),
        ),
        icans=IcansInput(capd_total=7, consciousness=Consciousness.SPONTANEOUS),
        note="Seen with intensive care.",
    )
    result_confirm(
        assessment_id=Assessment.objects.get(journey_id=story.journey_id).pk,
        rule="crs",
        grade=3,
        reason="High vasopressor dose.",
        by=story.clinician.actor,
        at=story.later(minutes=5),
    )
    intervention_record(
        journey_id=story.journey_id,
        intervention=InterventionDetails(agent="tocilizumab", dose_mg=220.8),
        by=story.clinician.actor,
        at=story.later(minutes=10),
    )
    wrong = story.assessed(
        crs=CrsInput(temperature_c=36.9, hypotension=False),
        crs_confirmed_grade=1,
        override_reason="Shivering, antipyretic an hour before.",
    )
    assessment_strike(
        assessment_id=wrong.pk, reason="Another child.", by=story.clinician.actor, at=story.later(minutes=5)
    )


def _follow_up(story: Story) -> None:
    act: dict[str, Any] = {"journey_id": story.journey_id, "by": story.clinician.actor}
    story.later(days=28)
    story.visited("visit_day_28", response="CR", b_cells_percent=0.0, b_cells_per_ul=0.0)
    visit_strike(
        visit_id=Visit.objects.get().pk,
        reason="Typed wrongly.",
        by=story.clinician.actor,
        at=story.later(hours=1),
    )
    story.visited("visit_day_28", response="CRi", mrd_result="negative", mrd_method="flow")
    visit_skip(item="visit_month_2", reason_code="family", note="", at=story.later(days=30), **act)
    day = story.at.date()
    transplant_record(transplanted_on=day, at=story.later(hours=1), **act)
    relapse_record(relapsed_on=day, detail="Marrow.", at=story.later(hours=1), **act)
    _reminders(story)


def _reminders(story: Story) -> None:
    by = story.clinician.actor
    form = Reminder.objects.get(journey_id=story.journey_id, item="registry_hct_day_100")
    reminder_acknowledge(reminder_id=form.pk, by=by, at=story.later(days=40))
    reminder_complete(reminder_id=form.pk, by=by, at=story.later(days=1), reason="Form sent.")


def test_the_command_prints_a_file(story: Story) -> None:
    story.accepted()
    printed = io.StringIO()
    call_command("export_journey", str(story.journey_id), stdout=printed)
    told = json.loads(printed.getvalue())
    assert told == journey_export(story.journey_id)
    assert told["events"][0]["kind"] == "referred"


def test_a_journey_that_is_not_there_can_not_be_exported(db: None) -> None:
    with pytest.raises(CommandError, match="no such journey"):
        call_command("export_journey", str(uuid4()))


def test_a_donor_comes_back_with_consent_change_and_collection(story: Story, elsewhere: Center) -> None:
    story.accepted(product="donor_cd19", disease_status="relapse_after_hsct")
    known: dict[str, Any] = {
        "local_id": "DON-7",
        "family_name": "Bianchi",
        "given_name": "Marta",
        "birth_date": date(1988, 5, 1),
        "sex": "female",
        "relation": "mother",
        "weight_kg": 61.5,
        **dict.fromkeys(("hbv", "hcv", "hiv"), "negative"),
        **{f"{test}_on": date(2026, 3, 1) for test in ("hbv", "hcv", "hiv")},
    }
    act: dict[str, Any] = {"journey_id": story.journey_id, "by": story.clinician.actor}
    donor_record(donor=DonorDetails(**known), at=story.at, **act)
    changed = DonorDetails(**known | {"hla_matched": 5, "hla_typed": 10})
    donor_record(donor=changed, reason="Typing came in.", at=story.later(hours=1), **act)
    signed = DonationConsent(
        signer="donor", given_by="Marta Bianchi", document_version="2.1", signed_on=date(2026, 3, 2)
    )
    donor_consent_record(consent=signed, at=story.later(hours=1), **act)
    booked = booking_create(slot_id=story.slot().pk, at=story.later(hours=1), **act)
    story.at = booked.slot.starts_at
    collection_day_record(
        day=CollectionDayDetails(
            identity_missing_reason="A test.", decision="enough", tnc=6 * 10**9, cd3=3 * 10**9
        ),
        at=story.at,
        **act,
    )
    collection_complete(reason="No target is stated.", at=story.later(hours=6), **act)
    told, again = carried_over(story.journey_id, elsewhere)
    assert again == told
    assert {"donor_recorded", "collection_completed"} <= {event["kind"] for event in told["events"]}
    assert Donor.objects.filter(family_name="Bianchi", hla_matched=5).count() == 2


def test_a_consent_to_a_donation_in_a_file_names_its_signer(story: Story, elsewhere: Center) -> None:
    story.referred(product="donor_cd19")
    told = json.loads(json.dumps(journey_export(story.journey_id)))
    told["journey"] |= {"center": elsewhere.code, "id": str(uuid4())}
    told["events"].append(
        {
            "kind": "consent_recorded",
            "occurred_at": "2026-03-02T13:00:00+01:00",
            "data": {
                "kind": "donation",
                "given_by": "Marta Bianchi",
                "document_version": "1",
                "signed_on": "2026-03-02",
            },
        }
    )
    with pytest.raises(JourneyFileError, match="names its signer"):
        journey_import(file=read(json.dumps(told), now=timezone.now()), by=Actor.system("import"))
    assert not Journey.objects.filter(center=elsewhere).exists()
