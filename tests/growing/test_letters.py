"""Letters and the families' sheet: made of facts, in their own language, sealed when signed."""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from cartpath.accounts.models import User
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.models import Event
from followup.arranging import Arrangement, visit_arrange
from followup.growing.facts import letter_facts
from followup.growing.inputs import LetterDetails
from followup.growing.letters import (
    letter_begin,
    letter_drop,
    letter_edit,
    letter_sign,
    letter_take_over,
)
from followup.growing.plain import EXAMINATIONS
from followup.growing.sheet import family_sheet, sheet_language
from followup.models import Letter
from patients.eligibility import protocol_for
from patients.guardians import home_hospital_record
from patients.inputs import HomeHospitalDetails
from patients.models import Patient
from patients.papers import digest_of, letter_blocks, plain_lines
from tests.factories import Story
from tests.growing.conftest import act, today


def begun(story: Story, kind: str = "shared_care", language: str = "en") -> Letter:
    details = LetterDetails(kind=kind, addressee="Dr. Verdi", language=language)  # type: ignore[arg-type]
    return letter_begin(letter=details, **act(story))


def sign(story: Story, letter: Letter) -> Letter:
    return letter_sign(letter_id=letter.pk, by=story.clinician.actor, at=story.later(hours=1))


def test_what_is_not_known_stays_unknown(child: Story) -> None:
    body = begun(child).body
    for line in ("Last response: unknown", "Residual disease: unknown", "IgG: unknown"):
        assert line in body
    assert "Worst cytokine release syndrome: unknown" in body
    assert "Drugs now:\nunknown" in body
    assert "What we ask you to do:\nunknown" in body
    assert "Live vaccines:\nOnly after asking us." in body


def test_a_letter_tells_what_was_found(child: Story) -> None:
    child.later(days=14)
    child.visited(
        "visit_day_28",
        response="CR",
        mrd_result="negative",
        mrd_method="flow",
        b_cells_percent=0.0,
        igg_mg_dl=512.5,
        last_immunoglobulin_on=today(child),
    )
    hospital = HomeHospitalDetails(name="Provincia", does_blood_tests=True, other_tasks="Flush the line")
    home_hospital_record(hospital=hospital, **act(child))
    body = begun(child).body
    assert "Last response: Complete remission on" in body
    assert "Residual disease: negative (Flow cytometry) on" in body
    assert "IgG: 512.5 mg/dL" in body and "replaced, not the child's own" in body
    assert "Take the blood tests we ask for and send us the results\nFlush the line" in body
    assert "Month 2 visit:" in body


@pytest.mark.parametrize("kind", ["shared_care", "hand_over", "family_summary", "school"])
@pytest.mark.parametrize("language", ["en", "it"])
def test_every_letter_speaks_its_own_language(kind: str, language: str, child: Story) -> None:
    reader = "it" if language == "en" else "en"
    with translation.override(reader):
        body = begun(child, kind, language).body
        assert translation.get_language() == reader
    with translation.override(language):
        word = gettext("unknown")
    with translation.override(reader):
        other = gettext("unknown")
    assert word in body
    assert not any(line.endswith(f": {other}") for line in body.splitlines())


def test_a_school_learns_neither_disease_nor_number(child: Story) -> None:
    body = begun(child, "school").body
    facts = letter_facts(child.journey, at=child.at)
    for secret in (facts.mrn, facts.product, "leukemia", "CAR"):
        assert secret not in body
    assert facts.name in body


def test_a_hand_over_letter_says_who_keeps_the_safety_follow_up(child: Story) -> None:
    assert "stays with us until you confirm in writing" in begun(child, "hand_over").body


def test_a_signed_letter_has_its_digest_in_the_ledger_and_not_its_text(child: Story) -> None:
    letter = begun(child)
    letter_edit(letter_id=letter.pk, addressee="Dr. Verdi", body="Dear colleague,\r\n\r\nhe is well. \r\n")
    signed = sign(child, letter)
    assert signed.body == "Dear colleague,\n\nhe is well."
    (event,) = Event.objects.filter(kind="letter_made")
    assert event.data == {
        "kind": "shared_care",
        "addressee": "Dr. Verdi",
        "language": "en",
        "digest": sha256(signed.body.encode()).hexdigest(),
    }


def test_a_signed_letter_can_neither_be_edited_nor_signed_nor_dropped(child: Story) -> None:
    letter = sign(child, begun(child))
    for do in (
        lambda: letter_edit(letter_id=letter.pk, addressee="X", body="X"),
        lambda: letter_drop(letter_id=letter.pk),
        lambda: sign(child, letter),
    ):
        with pytest.raises(Conflict):
            do()


@pytest.mark.parametrize("change", [{"body": "Other"}, {"addressee": "X"}, {"state": "draft", "digest": ""}])
def test_the_database_refuses_any_change_of_a_signed_letter(change: dict[str, str], child: Story) -> None:
    letter = sign(child, begun(child))
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).delete()


def test_the_database_refuses_a_digest_of_another_text(child: Story) -> None:
    letter = begun(child)
    wrong = {"state": "final", "signed_at": child.at, "event_id": 1, "digest": digest_of("Another text")}
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(**wrong)


def test_an_empty_letter_is_not_signed_and_a_draft_can_be_thrown_away(child: Story) -> None:
    letter = begun(child)
    letter_edit(letter_id=letter.pk, addressee="Dr. Verdi", body="  \n ")
    with pytest.raises(Invalid):
        sign(child, letter)
    letter_drop(letter_id=letter.pk)
    assert not Letter.objects.exists()
    assert not Event.objects.filter(kind="letter_made").exists()


def test_a_letter_from_elsewhere_has_its_digest_and_no_text(child: Story) -> None:
    details = LetterDetails(kind="hand_over", addressee="Dr. Verdi", language="it")
    letter = letter_take_over(letter=details, digest=digest_of("Text"), **act(child))
    assert (letter.body, letter.state) == ("", "final")


def test_the_text_becomes_parts_with_headings() -> None:
    blocks = letter_blocks("Hello\n\nState:\nGood\n\n\nAlone:")
    assert [(block.heading, list(block.lines)) for block in blocks] == [
        ("", ["Hello"]),
        ("State", ["Good"]),
        ("", ["Alone:"]),
    ]
    assert plain_lines("a  \r\nb\rc\n\n") == "a\nb\nc"


# --- The families' sheet -----------------------------------------------------------------------


def test_before_the_collection_the_sheet_packs_for_it_and_names_its_day(story: Story) -> None:
    booking = story.booked()
    sheet = family_sheet(story.journey, at=story.at)
    (day,) = sheet.dates
    assert day.is_apheresis and day.on == story.center.local_day(booking.slot.starts_at)
    assert day.at is not None and day.at.hour == 8
    assert any("Milk" in str(each) for each in sheet.packing)
    assert not sheet.is_treated


def test_after_the_infusion_the_sheet_names_visits_and_what_to_keep_to(child: Story) -> None:
    sheet = family_sheet(child.journey, at=child.at)
    assert sheet.dates[0].labels == ("Day 28 visit", "Month 1 visit") and sheet.dates[0].is_open
    assert "Blood test" in [str(each) for each in sheet.dates[0].purposes]
    assert [str(each) for each in sheet.dates[0].purposes].count("Blood test") == 1
    lasting = {each.rule.kind: each.last_on for each in sheet.restrictions}
    assert all(last_on >= today(child) for last_on in lasting.values()) and lasting


def test_an_arranged_day_stands_on_the_sheet_instead_of_its_window(child: Story) -> None:
    day = today(child) + timedelta(days=12)
    arrangement = Arrangement(items=("visit_day_28",), planned_on=day, starts_at="09:30", note="Fasting.")
    visit_arrange(arrangement=arrangement, **act(child))
    dates = family_sheet(child.journey, at=child.at).dates
    (arranged,) = (each for each in dates if not each.is_open)
    assert (arranged.on, arranged.labels, arranged.note) == (day, ("Day 28 visit",), "Fasting.")
    assert arranged.at is not None and arranged.at.isoformat("minutes") == "09:30"
    assert [each.labels for each in dates if "Day 28 visit" in each.labels] == [("Day 28 visit",)]


def test_every_examination_of_every_plan_has_plain_words(child: Story) -> None:
    follow_up = protocol_for(child.journey).follow_up
    assert {row.id for row in follow_up.assessments} <= set(EXAMINATIONS)


@pytest.mark.parametrize(
    ("asked", "family", "reader", "chosen"),
    [("it", "en", "en", "it"), ("", "it", "en", "it"), ("xx", "ar", "it", "it"), ("", "", "de", "en")],
)
def test_the_sheet_speaks_the_familys_language_where_it_can(
    asked: str, family: str, reader: str, chosen: str, child: Story
) -> None:
    Patient.objects.filter(pk=child.journey.patient_id).update(language=family)
    assert sheet_language(child.journey, asked, reader) == chosen


def test_whoever_may_see_the_child_can_open_the_letter_its_page_shows(
    child: Story, client: Client, dana: User
) -> None:
    letter = begun(child)
    client.force_login(dana)
    page = client.get(f"/journeys/{child.journey.pk}/").content.decode()
    address = f"/journeys/{child.journey.pk}/letters/{letter.pk}/paper/"
    assert f'href="{address}"' in page
    assert client.get(address).status_code == 200
