"""Names, guardians, agreements and the hospital near home."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from cartpath.accounts.models import Center, User
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.models import Event
from patients.consents import agreement_lines, consent_record, consent_withdraw
from patients.guardians import guardian_change, guardians_on, home_hospital_record
from patients.inputs import ConsentDetails, ConsentWithdrawal, GuardianDetails, HomeHospitalDetails
from patients.models import Consent, FormerName, Guardian, HomeHospital, Patient
from patients.referrals import referral_register
from patients.selectors import patients_found
from patients.services import patient_change
from tests.factories import Story, patient_details, referral_details
from tests.growing.conftest import act, days_ago, today


def renamed(story: Story, family_name: str, *, was_wrong: bool = False) -> None:
    patient_change(
        changes={"family_name": family_name},
        reason="Adoption.",
        name_was_wrong=was_wrong,
        **act(story),
    )


def consented(story: Story, kind: str = "consent", given_by: str = "Maria Rossi", days: int = 1) -> Consent:
    details = ConsentDetails(
        kind=kind,  # type: ignore[arg-type]
        given_by=given_by,
        document_version="3.1",
        signed_on=days_ago(story, days),
    )
    return consent_record(consent=details, **act(story))


# --- Names ------------------------------------------------------------


def test_a_child_is_found_by_the_name_it_had(story: Story, ada: User) -> None:
    story.referred()
    renamed(story, "Bianchi")
    for text in ("bianchi", "rossi", "rossi giulia", "GIULIA ROSSI", story.journey.patient.mrn):
        assert [each.family_name for each in patients_found(ada, text)] == ["Bianchi"]
    assert not patients_found(ada, "rossi bruno")


def test_a_former_name_of_another_center_finds_nobody(
    story: Story, ada: User, cleo: User, other_center: Center
) -> None:
    story.referred()
    renamed(story, "Bianchi")
    assert patients_found(ada, "Rossi")
    assert not patients_found(cleo, "Rossi")
    referral_register(
        center=other_center,
        patient=patient_details(family_name="Verdi"),
        referral=referral_details(),
        by=cleo.actor,
        at=story.at,
    )
    assert [each.family_name for each in patients_found(cleo, "giulia")] == ["Verdi"]


def test_a_name_that_the_child_bears_again_is_no_former_one(story: Story) -> None:
    story.referred()
    renamed(story, "Bianchi")
    renamed(story, "Rossi")
    former = FormerName.objects.values_list("family_name", flat=True)
    assert list(former) == ["Bianchi"]
    renamed(story, "Neri")
    assert set(FormerName.objects.values_list("family_name", flat=True)) == {"Bianchi", "Rossi"}


def test_a_misspelled_name_is_searched_and_marked(story: Story, ada: User) -> None:
    story.referred(patient=patient_details(family_name="Rosi"))
    renamed(story, "Rossi", was_wrong=True)
    assert patients_found(ada, "rosi")
    assert FormerName.objects.get().was_wrong
    (event,) = Event.objects.filter(kind="patient_changed")
    assert event.data["name_was_wrong"] is True


def test_a_change_of_something_else_keeps_no_name(story: Story) -> None:
    story.referred()
    patient_change(changes={"language": "it"}, reason="Asked.", **act(story))
    assert not FormerName.objects.exists()
    (event,) = Event.objects.filter(kind="patient_changed")
    assert "name_was_wrong" not in event.data


def test_former_names_are_searched_by_their_index(story: Story) -> None:
    story.referred()
    patient = story.journey.patient
    rows = [
        FormerName(patient=patient, family_name=f"F{number}", given_name="G", until_on=today(story))
        for number in range(2000)
    ]
    FormerName.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('former_name_search_trgm')")
        cursor.execute("ANALYZE patients_formername")
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "former_name_search_trgm" in Patient.objects.matching("F1234").explain()


# --- Guardians ------------------------------------------------------------


def test_a_guardian_is_recorded_and_changed_with_a_reason(story: Story) -> None:
    story.referred()
    mother = GuardianDetails(name="Maria Rossi", relation="mother", has_custody=True)
    guardian_change(guardian=mother, **act(story))
    ended = GuardianDetails(name="Maria Rossi", relation="mother", has_custody=False, until_on=today(story))
    with pytest.raises(Invalid) as refused:
        guardian_change(guardian=ended, **act(story))
    assert "reason" in refused.value.fields
    guardian_change(guardian=ended, reason="Court of Florence.", **act(story))
    row = Guardian.objects.get()
    assert (row.has_custody, row.until_on) == (False, today(story))
    told = [event.data["has_custody"] for event in Event.objects.filter(kind="guardian_changed")]
    assert told == [True, False]


def test_a_guardian_may_be_renamed_but_not_into_another(story: Story) -> None:
    story.referred()
    for name in ("Maria Rossi", "Paolo Rossi"):
        guardian_change(guardian=GuardianDetails(name=name, relation="mother"), **act(story))
    with pytest.raises(Invalid) as refused:
        guardian_change(
            guardian=GuardianDetails(name="paolo rossi", relation="mother", was="Maria Rossi"),
            reason="Typo.",
            **act(story),
        )
    assert "name" in refused.value.fields
    guardian_change(
        guardian=GuardianDetails(name="Maria Bianchi", relation="mother", was="MARIA ROSSI"),
        reason="Divorce.",
        **act(story),
    )
    assert set(Guardian.objects.values_list("name", flat=True)) == {"Maria Bianchi", "Paolo Rossi"}
    with pytest.raises(Invalid):
        guardian_change(
            guardian=GuardianDetails(name="X", relation="mother", was="Nobody"), reason="?", **act(story)
        )


def test_guardians_of_a_day_are_those_whose_time_it_is(story: Story) -> None:
    story.referred()
    day = today(story)
    for name, first, last in (
        ("Always", None, None),
        ("Until yesterday", None, day - timedelta(days=1)),
        ("Until today", None, day),
        ("From tomorrow", day + timedelta(days=1), None),
    ):
        guardian = GuardianDetails(name=name, relation="relative", from_on=first, until_on=last)
        guardian_change(guardian=guardian, **act(story))
    found = guardians_on(story.journey.patient, day)
    assert [row.name for row in found] == ["Always", "Until today"]


@pytest.mark.parametrize(("first", "last"), [(5, 10), (-10_000, None)])
def test_impossible_days_of_a_guardian_are_refused(first: int, last: int | None, story: Story) -> None:
    story.referred()
    day = today(story)
    details = GuardianDetails(
        name="Maria",
        relation="mother",
        from_on=day + timedelta(days=first),
        until_on=day - timedelta(days=last) if last else None,
    )
    with pytest.raises(Invalid):
        guardian_change(guardian=details, **act(story))
    assert not Event.objects.filter(kind="guardian_changed").exists()


def test_the_database_refuses_a_guardian_who_ends_before_beginning(story: Story) -> None:
    story.referred()
    with pytest.raises(IntegrityError), transaction.atomic():
        Guardian.objects.create(
            patient=story.journey.patient,
            name="Maria",
            relation="mother",
            from_on=today(story),
            until_on=days_ago(story, 1),
        )


# --- Agreements ------------------------------------------------------------


def test_only_a_guardian_on_record_consents_once_one_is_recorded(story: Story) -> None:
    story.referred()
    consented(story, given_by="Whoever")
    guardian_change(
        guardian=GuardianDetails(name="Maria Rossi", relation="mother", has_custody=True), **act(story)
    )
    guardian_change(
        guardian=GuardianDetails(name="Paolo Rossi", relation="father", has_custody=False), **act(story)
    )
    for name in ("Whoever", "Paolo Rossi"):
        with pytest.raises(Invalid) as refused:
            consented(story, given_by=name)
        assert "Maria Rossi" in str(refused.value.fields["given_by"])
    assert consented(story, given_by="maria rossi").pk
    assert consented(story, "assent", given_by="Giulia").pk


def test_a_withdrawal_takes_back_what_holds_and_keeps_the_record(story: Story) -> None:
    story.referred()
    consented(story, days=30)
    consented(story, "assent", days=30)
    withdrawal = ConsentWithdrawal(kind="consent", withdrawn_on=today(story), reason="No registry.")
    consent_withdraw(withdrawal=withdrawal, **act(story))
    lines = {
        line.agreement.kind: line.agreement.state for line in agreement_lines(story.journey, on=today(story))
    }
    assert lines == {"consent": "withdrawn", "assent": "past"}
    (event,) = Event.objects.filter(kind="consent_withdrawn")
    assert event.data == {
        "kind": "consent",
        "withdrawn_on": today(story).isoformat(),
        "reason": "No registry.",
    }
    with pytest.raises(Conflict):
        consent_withdraw(withdrawal=withdrawal, **act(story))


def test_a_withdrawal_in_the_future_or_before_the_signature_is_refused(story: Story) -> None:
    story.referred()
    consented(story, days=5)
    tomorrow = ConsentWithdrawal(kind="consent", withdrawn_on=days_ago(story, -1), reason="x")
    before = ConsentWithdrawal(kind="consent", withdrawn_on=days_ago(story, 6), reason="x")
    with pytest.raises(Invalid):
        consent_withdraw(withdrawal=tomorrow, **act(story))
    with pytest.raises(Conflict):
        consent_withdraw(withdrawal=before, **act(story))


def test_the_database_refuses_a_withdrawal_without_a_reason(story: Story) -> None:
    story.referred()
    row = consented(story)
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.filter(pk=row.pk).update(withdrawn_on=today(story))
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.filter(pk=row.pk).update(withdrawn_on=days_ago(story, 40), withdrawn_reason="x")


# --- The hospital near home ------------------------------------------------------------


def test_the_home_hospital_is_one_row_and_every_change_an_event(story: Story) -> None:
    story.referred()
    for phone in ("1", "2"):
        details = HomeHospitalDetails(name="Ospedale di Provincia", phone=phone, does_blood_tests=True)
        home_hospital_record(hospital=details, **act(story))
    assert HomeHospital.objects.get().phone == "2"
    assert [event.data["phone"] for event in Event.objects.filter(kind="home_hospital_recorded")] == [
        "1",
        "2",
    ]
