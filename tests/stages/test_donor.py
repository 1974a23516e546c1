"""A product made of somebody else's cells: the donor is a second person, known, consented and tested."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from leukapheresis.inputs import CollectionDayDetails
from leukapheresis.models import Booking, Collection
from leukapheresis.offers import washout_picture
from leukapheresis.person import person_collected
from leukapheresis.selectors import washout_of
from leukapheresis.services import booking_create, collection_complete, collection_day_record
from patients.consents import consent_record
from patients.donor import Donor
from patients.donors import donor_consent_record, donor_ready, donor_record
from patients.enums import Stage
from patients.inputs import ConsentDetails, DonationConsent, DonorDetails, TreatmentDetails
from patients.models import Consent
from patients.services import treatment_record
from tests.factories import Story, patient_details

TESTED = date(2026, 3, 1)


def mother(**changes: Any) -> DonorDetails:
    """A haploidentical mother, tested the day before the story begins."""
    given: dict[str, Any] = {
        "local_id": "DON-7",
        "family_name": "Bianchi",
        "given_name": "Marta",
        "birth_date": date(1988, 5, 1),
        "sex": "female",
        "relation": "mother",
        "hla_matched": 5,
        "hla_typed": 10,
        "weight_kg": 61.5,
        "height_cm": 166.0,
        "measured_on": TESTED,
        "hbv": "negative",
        "hbv_on": TESTED,
        "hcv": "negative",
        "hcv_on": TESTED,
        "hiv": "negative",
        "hiv_on": TESTED,
    }
    return DonorDetails(**given | changes)


def known(story: Story, **changes: Any) -> Donor:
    return donor_record(
        journey_id=story.journey_id, donor=mother(**changes), by=story.coordinator.actor, at=story.at
    )


def consented(story: Story, signer: str = "donor", signed_on: date = date(2026, 3, 2)) -> Consent:
    return donor_consent_record(
        journey_id=story.journey_id,
        consent=DonationConsent(
            signer=signer,  # type: ignore[arg-type]
            given_by="Marta Bianchi",
            document_version="2.1",
            signed_on=signed_on,
        ),
        by=story.clinician.actor,
        at=story.at,
    )


def accepted(story: Story) -> None:
    story.accepted(product="donor_cd19", disease_status="relapse_after_hsct")


def book(story: Story, *, in_days: int = 14, reason: str = "") -> Booking:
    return booking_create(
        journey_id=story.journey_id,
        slot_id=story.slot(in_days=in_days).pk,
        override_reason=reason,
        by=story.coordinator.actor,
        at=story.at,
    )


def refusal(story: Story, **how: Any) -> Conflict:
    before = Event.objects.count()
    with pytest.raises(Conflict) as refused:
        book(story, **how)
    assert (Booking.objects.count(), Event.objects.count()) == (0, before)
    return refused.value


def test_no_apheresis_is_booked_without_a_donor(story: Story) -> None:
    accepted(story)
    refused = refusal(story)
    assert (refused.code, refused.message) == ("donor_not_ready", "No donor is recorded.")


def test_no_apheresis_is_booked_without_the_donors_consent(story: Story) -> None:
    accepted(story)
    known(story)
    assert refusal(story).message == "The consent to the donation isn't recorded."


def test_the_childs_own_consent_is_no_consent_to_the_donation(story: Story) -> None:
    accepted(story)
    known(story)
    consent_record(
        journey_id=story.journey_id,
        consent=ConsentDetails(
            kind="consent", given_by="Paolo Rossi", document_version="1", signed_on=date(2026, 3, 2)
        ),
        by=story.clinician.actor,
        at=story.at,
    )
    assert refusal(story).code == "donor_not_ready"


def test_serology_is_judged_for_the_day_of_the_slot(story: Story) -> None:
    accepted(story)
    known(story)
    consented(story)
    # Tested on 1 March: 56 days end on 26 April.
    assert "57 days old on 27-Apr-2026" in refusal(story, in_days=56).message
    assert book(story, in_days=55).state == "booked"


def test_an_unknown_test_holds_the_booking_up(story: Story) -> None:
    accepted(story)
    known(story, hiv=None, hiv_on=None)
    consented(story)
    assert refusal(story).message == "HIV of the donor is unknown."
    assert refusal(story, reason="Urgent.", in_days=15).code == "donor_not_ready"


def test_an_infected_donor_is_collected_only_with_a_reason_that_is_kept(story: Story) -> None:
    accepted(story)
    known(story, hbv="positive")
    consented(story)
    refused = refusal(story)
    assert (refused.code, refused.message) == ("donor_positive", "HBV of the donor is positive.")
    assert "override_reason" in refused.fields
    booking = book(
        story, in_days=15, reason="Past infection, no DNA; discussed with the infectious disease team."
    )
    assert booking.override_reason.startswith("Past infection")
    event = Event.objects.get(journey_id=story.journey_id, kind="apheresis_booked")
    (found,) = event.data["computed"]
    assert (found["rule"], found["value"], found["confirmed"]) == ("donor_readiness", "positive", "waived")


def test_the_childs_treatments_do_not_hold_up_the_donor(story: Story) -> None:
    accepted(story)
    for last_dose in (story.at - timedelta(hours=3), None):
        treatment_record(
            journey_id=story.journey_id,
            treatment=TreatmentDetails(drug="Cytarabine", drug_class="cytotoxic", last_dose=last_dose),
            by=story.clinician.actor,
            at=story.at,
        )
    assert not washout_of(story.journey, on=story.at.date()).is_open(story.at)
    picture = washout_picture(story.journey, at=story.at)
    assert (picture.state, picture.rows, picture.of_donor) == ("none", (), True)
    known(story)
    consented(story)
    booking = book(story, in_days=2)
    assert booking.override_reason == ""
    event = Event.objects.get(journey_id=story.journey_id, kind="apheresis_booked")
    assert event.data["washout_open"] is False


def test_a_child_whose_own_cells_are_used_has_no_donor(story: Story) -> None:
    story.accepted()
    with pytest.raises(Conflict) as refused:
        known(story)
    assert refused.value.code == "no_donor_needed"
    with pytest.raises(Conflict):
        consented(story)
    assert washout_picture(story.journey, at=story.at).of_donor is False


def test_the_donor_can_not_be_the_child(story: Story) -> None:
    child = patient_details()
    story.referred(patient=child, product="donor_cd19")
    with pytest.raises(Invalid) as refused:
        known(
            story,
            family_name=child.family_name.upper(),
            given_name=child.given_name,
            birth_date=child.birth_date,
        )
    assert set(refused.value.fields) == {"family_name"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"birth_date": date(2026, 3, 3)}, "birth_date"),
        ({"hbv_on": None}, "hbv_on"),
        ({"hcv": None}, "hcv_on"),
        ({"hiv_on": date(2026, 3, 3)}, "hiv_on"),
        ({"markers_on": date(1980, 1, 1)}, "markers_on"),
        ({"measured_on": date(2027, 1, 1)}, "measured_on"),
        ({"hla_matched": 11}, "hla_matched"),
        ({"hla_typed": None}, "hla_matched"),
    ],
)
def test_impossible_details_of_a_donor_are_refused(story: Story, changes: dict[str, Any], field: str) -> None:
    story.referred(product="donor_cd19")
    with pytest.raises(Invalid) as refused:
        known(story, **changes)
    assert field in refused.value.fields
    assert not Donor.objects.exists()


def test_a_minor_donor_needs_a_guardians_signature(story: Story) -> None:
    accepted(story)
    known(story, birth_date=date(2015, 6, 1), relation="sibling")
    with pytest.raises(Invalid) as refused:
        consented(story, "donor")
    assert refused.value.fields == {"signer": "The donor is a minor: a guardian signs."}
    assert consented(story, "guardian").signer == "guardian"
    assert donor_ready(story.journey, on=date(2026, 3, 10)).is_ready


def test_a_donor_of_age_signs_in_person(story: Story) -> None:
    accepted(story)
    known(story)
    with pytest.raises(Invalid) as refused:
        consented(story, "guardian")
    assert refused.value.fields == {"signer": "The donor is of age and signs in person."}


def test_a_consent_of_tomorrow_and_one_without_a_donor_are_refused(story: Story) -> None:
    accepted(story)
    with pytest.raises(Conflict) as missing:
        consented(story)
    assert missing.value.code == "no_donor"
    known(story)
    with pytest.raises(Invalid) as early:
        consented(story, signed_on=date(2026, 3, 3))
    assert set(early.value.fields) == {"signed_on"}


def test_a_change_of_the_donor_needs_a_reason_and_both_stay_in_the_ledger(story: Story) -> None:
    accepted(story)
    known(story)
    with pytest.raises(Invalid) as refused:
        known(story, hbv_on=date(2026, 2, 28))
    assert set(refused.value.fields) == {"reason"}
    donor_record(
        journey_id=story.journey_id,
        donor=mother(hbv_on=date(2026, 2, 28)),
        reason="Day of the sample misread.",
        by=story.coordinator.actor,
        at=story.later(hours=1),
    )
    told = Event.objects.filter(journey_id=story.journey_id, kind="donor_recorded").order_by("seq")
    assert [(event.data["hbv_on"], event.data["reason"]) for event in told] == [
        ("2026-03-01", None),
        ("2026-02-28", "Day of the sample misread."),
    ]
    assert Donor.objects.get().hbv_on == date(2026, 2, 28)


def test_the_same_donor_told_twice_writes_nothing(story: Story) -> None:
    accepted(story)
    known(story)
    known(story)
    assert Event.objects.filter(kind="donor_recorded").count() == 1


def test_blood_volume_and_weight_are_the_donors(story: Story) -> None:
    story.referred(product="donor_cd19")
    story.measured(weight_kg=18.4, height_cm=110)
    nobody = person_collected(story.journey, at=story.at)
    assert (nobody.is_donor, nobody.name, nobody.weight_kg) == (True, "", None)
    assert nobody.blood_volume(story.journey) is None
    known(story)
    person = person_collected(story.journey, at=story.at)
    assert (person.is_donor, person.name, person.weight_kg) == (True, "BIANCHI, Marta", 61.5)
    volume = person.blood_volume(story.journey)
    # Nadler, female: 0.3561 × 1.66³ + 0.03308 × 61.5 + 0.1833 L
    assert volume is not None
    assert (volume.method, round(volume.ml)) == ("nadler", 3847)


def test_the_childs_own_collection_is_counted_by_the_childs_weight(story: Story) -> None:
    story.referred()
    story.measured(weight_kg=18.4, height_cm=110)
    person = person_collected(story.journey, at=story.at)
    volume = person.blood_volume(story.journey)
    assert (person.is_donor, person.weight_kg, volume and round(volume.ml)) == (False, 18.4, 1288)


def collected(story: Story) -> Collection:
    accepted(story)
    known(story)
    consented(story)
    story.at = book(story).slot.starts_at
    collection_day_record(
        journey_id=story.journey_id,
        day=CollectionDayDetails(
            identity_missing_reason="A test.",
            decision="enough",
            tnc=6_000_000_000,
            cd3=3_000_000_000,
            weight_kg=62.0,
        ),
        by=story.nurse.actor,
        at=story.at,
    )
    return collection_complete(
        journey_id=story.journey_id,
        reason="No target is stated for this product.",
        by=story.nurse.actor,
        at=story.later(hours=6),
    )


def test_a_collection_records_whose_cells_it_holds(story: Story) -> None:
    collection = collected(story)
    assert (collection.source, collection.donor) == ("donor_apheresis", Donor.objects.get())
    event = Event.objects.get(journey_id=story.journey_id, kind="collection_completed")
    assert event.data["source"] == "donor_apheresis"
    assert story.journey.stage == Stage.COLLECTED
    assert verify(story.journey_id).breaks == []


def test_the_days_blood_volume_in_the_ledger_is_the_donors(story: Story) -> None:
    collected(story)
    event = Event.objects.get(journey_id=story.journey_id, kind="collection_day_recorded")
    volume = next(each for each in event.data["computed"] if each["rule"] == "total_blood_volume")
    assert volume["inputs"] == {"weight_kg": 62.0, "height_cm": 166.0, "sex": "female"}


def test_the_childs_own_cells_have_no_donor(story: Story) -> None:
    story.collected()
    collection = Collection.objects.get()
    assert (collection.source, collection.donor) == ("autologous_apheresis", None)


def test_cells_without_a_known_donor_are_never_recorded(story: Story) -> None:
    accepted(story)
    with pytest.raises(Conflict) as refused:
        collection_day_record(
            journey_id=story.journey_id,
            day=CollectionDayDetails(identity_missing_reason="A test.", decision="enough"),
            by=story.nurse.actor,
            at=story.at,
        )
    assert refused.value.code == "donor_not_ready"


def test_the_database_keeps_source_and_donor_together(story: Story) -> None:
    collection = collected(story)
    with pytest.raises(IntegrityError), transaction.atomic():
        Collection.objects.filter(pk=collection.pk).update(donor=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Collection.objects.filter(pk=collection.pk).update(source="autologous_apheresis")
    with pytest.raises(IntegrityError), transaction.atomic():
        Donor.objects.update(hbv_on=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Donor.objects.update(hla_matched=11)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE patients_consent SET signer = '' WHERE kind = 'donation'")


def test_a_journey_has_one_donor(story: Story) -> None:
    accepted(story)
    donor = known(story)
    twin = replace(mother(), local_id="DON-8")
    with pytest.raises(IntegrityError), transaction.atomic():
        Donor.objects.create(
            journey=story.journey,
            local_id=twin.local_id,
            family_name="Verdi",
            given_name="Anna",
            birth_date=twin.birth_date,
            sex="female",
            relation="mother",
        )
    assert donor.journey.donor == donor
