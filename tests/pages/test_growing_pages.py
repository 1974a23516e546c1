"""Pages of growing up: agreements, guardians, hand-over, tracing, letters, the families' sheet."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from cartpath.accounts.models import User
from followup.models import ContactAttempt, HandOverStep, Letter, Loss
from patients.models import Consent, Guardian, HomeHospital, Patient
from tests.factories import Story, patient_details
from tests.pages.conftest import Desk, panel_of, text_of

Sit = Callable[[User], Desk]
LIST = "/follow-up/where/"


@pytest.fixture
def teen(story: Story) -> Story:
    """17 years old, two weeks after the infusion; 18 on 20 May 2026."""
    story.child = patient_details(birth_date=date(2008, 5, 20))
    story.in_follow_up()
    return story


def today(story: Story) -> str:
    return story.center.local_day(story.at).isoformat()


def done(desk: Desk, path: str, to: str, **typed: str) -> None:
    response = desk.post(path, typed)
    assert (response.status_code, response["Location"]) == (302, to)


# --- Patient page ------------------------------------------------------------


def test_consent_guardian_and_hospital_stand_on_the_patient_page(teen: Story, desk: Sit, ada: User) -> None:
    screen = desk(ada)
    back = panel_of(teen, "patient")
    new = screen.path("patients:guardian_new")
    done(screen, new, back, name="Maria Rossi", relation="mother", has_custody="yes")
    done(screen, screen.path("patients:home_hospital"), back, name="Provincia", does_blood_tests="on")
    assert HomeHospital.objects.get().does_blood_tests
    consent = screen.path("patients:consent_new")
    assert "Guardians on record: Maria Rossi." in text_of(screen.get(consent))
    typed = {"kind": "consent", "document_version": "3", "signed_on": today(teen)}
    assert screen.post(consent, typed | {"given_by": "Nobody"}).status_code == 422
    done(screen, consent, panel_of(teen, "eligibility"), **typed, given_by="Maria Rossi")
    page = text_of(screen.get(f"/journeys/{teen.journey_id}/"))
    assert "has custody" in page and "Takes blood tests" in page and "Agreement needed" not in page
    teen.at = teen.at.replace(month=6, day=1)
    page = text_of(screen.get(f"/journeys/{teen.journey_id}/"))
    assert "Agreement needed" in page
    assert "needed since the birthday of 20-May-2026, not signed yet" in page
    assert "no longer the one that is needed" in page


def test_a_withdrawal_is_shown_with_its_reason(teen: Story, desk: Sit, ben: User) -> None:
    screen = desk(ben)
    withdraw = screen.path("patients:consent_withdraw")
    assert screen.get(withdraw).status_code == 409
    typed = {"kind": "consent", "document_version": "3", "signed_on": today(teen), "given_by": "Maria"}
    done(screen, screen.path("patients:consent_new"), panel_of(teen, "eligibility"), **typed)
    assert screen.post(withdraw, {"kind": "consent", "withdrawn_on": "2030-01-01"}).status_code == 422
    back = panel_of(teen, "patient")
    done(screen, withdraw, back, kind="consent", withdrawn_on=today(teen), reason="No registry")
    assert "No registry" in text_of(screen.get(f"/journeys/{teen.journey_id}/"))
    assert Consent.objects.get().withdrawn_on


def test_a_guardian_is_ended_with_a_reason(teen: Story, desk: Sit, ada: User) -> None:
    screen = desk(ada)
    new = screen.path("patients:guardian_new")
    done(screen, new, panel_of(teen, "patient"), name="Maria Rossi", relation="mother", has_custody="unknown")
    change = screen.path("patients:guardian_change", Guardian.objects.get().pk)
    typed = {"name": "Maria Rossi", "relation": "mother", "has_custody": "no", "until_on": today(teen)}
    assert screen.post(change, typed).status_code == 422
    done(screen, change, panel_of(teen, "patient"), **typed, reason="Court of Florence")
    assert Guardian.objects.get().has_custody is False
    assert screen.get(screen.path("patients:guardian_change", 999_999)).status_code == 404


def test_a_former_name_is_found_and_told(teen: Story, desk: Sit, ada: User) -> None:
    screen = desk(ada)
    details = {"family_name": "Bianchi", "given_name": "Giulia", "birth_date": "2008-05-20", "sex": "female"}
    more = {"mrn": teen.journey.patient.mrn, "language": "", "allergy_state": "not_recorded", "allergies": ""}
    path = screen.path("patients:patient_change")
    done(screen, path, panel_of(teen, "patient"), **details, **more, reason="Adoption")
    assert "formerly</span> ROSSI, Giulia" in text_of(screen.get(f"/journeys/{teen.journey_id}/"))
    screen.post("/search/", {"q": "rossi"})
    assert Patient.objects.matching("rossi").get().family_name == "Bianchi"


# --- Hand-over ------------------------------------------------------------


def test_a_patient_is_handed_over_step_by_step(teen: Story, desk: Sit, ben: User) -> None:
    screen = desk(ben)
    steps = screen.path("followup:hand_over")
    page = text_of(screen.get(steps))
    assert "The 15-year safety follow-up is ours" in page
    assert "Care can be handed over once" in page
    agreed = screen.path("followup:hand_over_step", "center_agreed")
    assert screen.post(agreed, {"done_on": today(teen)}).status_code == 422
    done(screen, agreed, steps, done_on=today(teen), adult_center="Careggi", physician="Dr. Neri")
    done(screen, screen.path("followup:hand_over_step", "first_visit"), steps, done_on=today(teen))
    care = screen.path("followup:hand_over_care")
    assert screen.post(care, {"handed_over_on": today(teen)}).status_code == 422
    done(screen, care, steps, handed_over_on=today(teen), reason="Letter follows")
    accepted = screen.path("followup:hand_over_step", "safety_accepted")
    done(screen, accepted, steps, done_on=today(teen), confirmed_by="Dr. Neri")
    page = text_of(screen.get(steps))
    assert "Care handed over on" in page and "Confirmed by Dr. Neri" in page
    assert "Close the journey as transferred" in page
    assert HandOverStep.objects.count() == 3
    assert screen.get(care).status_code == 409
    assert screen.get(screen.path("followup:hand_over_step", "nothing")).status_code == 404


# --- Tracing ------------------------------------------------------------


def test_a_child_not_seen_is_looked_for_lost_and_found(teen: Story, desk: Sit, ada: User) -> None:
    screen = desk(ada)
    assert "Nobody here" in text_of(screen.get(LIST))
    teen.later(days=90)
    assert "Not seen, nobody has asked yet" in text_of(screen.get(LIST))
    attempt, back = screen.path("followup:attempt"), panel_of(teen, "growing")
    assert screen.post(attempt, {"how": "phone"}).status_code == 422
    done(screen, attempt, back, how="phone", outcome="no_answer", next_on=today(teen))
    page = text_of(screen.get(LIST))
    assert "Being looked for" in page and "No answer" in page
    done(screen, screen.path("followup:lost"), back, since=today(teen), last_known="Via Roma 1")
    page = text_of(screen.get(f"{LIST}?show=lost"))
    assert "Via Roma 1" in page
    found = screen.path("followup:found")
    teen.later(hours=1)
    done(screen, attempt, found, how="phone", outcome="reached")
    done(screen, found, back, found_on=today(teen), where="Lyon")
    assert "Found again" in text_of(screen.get(LIST))
    assert Loss.objects.get().found_where == "Lyon"
    assert ContactAttempt.objects.count() == 2
    assert screen.get(found).status_code == 409


def test_around_eighteen_has_a_list_of_its_own(teen: Story, desk: Sit, dana: User) -> None:
    page = text_of(desk(dana).get(f"{LIST}?show=majority"))
    assert "18 on 20-May-2026" in page
    assert "Attempt</" not in page, "an auditor only looks"


# --- Letters ------------------------------------------------------------


def test_a_letter_is_begun_changed_and_signed(teen: Story, desk: Sit, ben: User, dana: User) -> None:
    screen = desk(ben)
    new = screen.path("followup:letter_new")
    made = screen.post(new, {"kind": "shared_care", "addressee": "Dr. Verdi\nProvincia", "language": "en"})
    letter = Letter.objects.get()
    assert made["Location"] == screen.path("followup:letter", letter.pk)
    assert "Last response: unknown" in text_of(screen.get(made["Location"]))
    paper = screen.path("followup:letter_print", letter.pk)
    body = "Dear colleague,\n\nState:\nGood & <well>"
    done(screen, screen.path("followup:letter", letter.pk), paper, addressee="Dr. Verdi", body=body)
    assert "Draft, not signed" in text_of(screen.get(paper))
    done(screen, screen.path("followup:letter_sign", letter.pk), paper)
    page = text_of(desk(dana).get(paper))
    assert "Good &amp; &lt;well&gt;" in page and Letter.objects.get().digest in page
    assert "Draft, not signed" not in page
    assert screen.get(screen.path("followup:letter", letter.pk))["Location"] == paper
    assert screen.post(screen.path("followup:letter_drop", letter.pk)).status_code == 409
    assert "Dr. Verdi" in text_of(screen.get(screen.path("followup:letters")))


def test_a_draft_can_be_thrown_away(teen: Story, desk: Sit, ben: User) -> None:
    screen = desk(ben)
    typed = {"kind": "school", "addressee": "Liceo", "language": "it"}
    screen.post(screen.path("followup:letter_new"), typed)
    drop = screen.path("followup:letter_drop", Letter.objects.get().pk)
    done(screen, drop, screen.path("followup:letters"))
    assert not Letter.objects.exists()


# --- The families' sheet ------------------------------------------------------------


def test_the_sheet_speaks_its_own_language_beside_that_of_the_page(teen: Story, desk: Sit, ada: User) -> None:
    screen = desk(ada)
    path = screen.path("followup:family_sheet")
    page = text_of(screen.get(path))
    assert 'lang="en"' in page and "Fever of 38 °C or more" in page
    assert teen.journey.patient.mrn not in page.split("<article")[1]
    italian = text_of(screen.get(f"{path}?language=it"))
    assert '<article class="letter family-sheet" lang="it">' in italian
    assert "Families' sheet" in italian.split("<article")[0]
    sheet = italian.split("<article")[1].casefold()
    assert "aprile 2026" in sheet and "april " not in sheet


def test_to_an_outsider_none_of_it_exists(teen: Story, desk: Sit, ben: User, cleo: User) -> None:
    screen = desk(ben)
    typed = {"kind": "school", "addressee": "Liceo", "language": "it"}
    screen.post(screen.path("followup:letter_new"), typed)
    letter = Letter.objects.get().pk
    outside = desk(cleo)
    names = ("hand_over", "attempt", "lost", "letters", "letter_new", "family_sheet", "hand_over_care")
    for name in names:
        assert outside.get(outside.path(f"followup:{name}")).status_code == 404, name
    for name in ("letter", "letter_print"):
        assert outside.get(outside.path(f"followup:{name}", letter)).status_code == 404, name
    assert str(teen.journey.patient) not in text_of(outside.get(LIST))


def test_a_letter_of_another_child_is_not_under_this_one(teen: Story, desk: Sit, ben: User) -> None:
    screen = desk(ben)
    typed = {"kind": "school", "addressee": "Liceo", "language": "it"}
    screen.post(screen.path("followup:letter_new"), typed)
    letter = Letter.objects.get().pk
    teen.at += timedelta(days=1)
    teen.referred(patient=patient_details(family_name="Verdi"))
    assert screen.get(screen.path("followup:letter_print", letter)).status_code == 404
    assert screen.post(screen.path("followup:letter_sign", letter)).status_code == 404
