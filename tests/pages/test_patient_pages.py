"""The forms of the patients room, and the real case on its pages."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, User
from cartpath.core.actor import Actor
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import read
from patients.models import Journey, Patient
from tests.conftest import person
from tests.factories import Story
from tests.pages.conftest import Desk, text_of, typed_time

Sit = Callable[[User], Desk]
INFANT = Path(__file__).resolve().parents[2] / "cases" / "infant_kmt2a.json"


def test_a_wrong_referral_keeps_what_was_typed_and_says_what_would_be_right(
    story: Story, desk: Sit, ada: User
) -> None:
    typed = {
        "center": str(story.center.pk),
        "mrn": "M-77",
        "family_name": "D'Alessandro <b>",
        "birth_date": "2030-01-01",
        "referred_at": typed_time(story.at),
        "performance_score": "80",
        "note": "Call the mother first.",
    }
    page = desk(ada).post("/referrals/new/", typed)
    content = text_of(page)
    assert page.status_code == 422
    assert "D&#x27;Alessandro &lt;b&gt;" in content
    assert 'value="2030-01-01"' in content
    assert "Call the mother first." in content
    assert "The birth date must lie before the referral." in content
    assert "Say on which scale the score was taken." in content
    assert not Patient.objects.exists()


def test_an_unknown_choice_is_refused_without_losing_the_rest(story: Story, desk: Sit, nina: User) -> None:
    story.referred()
    path = desk(nina).path("patients:measurement_new")
    page = desk(nina).post(path, {"measured_at": typed_time(story.at), "weight_kg": "1840"})
    content = text_of(page)
    assert page.status_code == 422
    assert 'value="1840"' in content
    assert 'id="id_weight_kg_error"' in content


def test_accepting_with_criteria_unknown_shows_them_and_asks_for_a_reason(
    story: Story, desk: Sit, ben: User
) -> None:
    story.referred()
    path = desk(ben).path("patients:accept")
    asked = text_of(desk(ben).get(path))
    assert "Some criteria are still unknown" in asked
    assert "Kidney function" in asked
    assert desk(ben).post(path, {}).status_code == 422
    assert desk(ben).post(path, {"override_reason": "Urgent, results follow."}).status_code == 302
    assert story.journey.stage == "accepted"


def test_a_criterion_is_judged_with_its_rule_in_sight(story: Story, desk: Sit, ben: User) -> None:
    story.referred()
    path = desk(ben).path("patients:criterion", "E1")
    assert "25 years" in text_of(desk(ben).get(path))
    done = desk(ben).post(path, {"verdict": "met", "finding": "5 years"})
    assert (done.status_code, done["Location"]) == (302, f"/journeys/{story.journey_id}/eligibility/")


@pytest.fixture
def hospital(db: None) -> Center:
    """The demo center with the two people who sign in the real case."""
    center = Center.objects.create(code="ODB", name="Ospedale dei Bambini", timezone="Europe/Rome")
    person("ben@demo.example", "Ben Moretti", Role.CLINICIAN, center)
    person("nina@demo.example", "Nina Ferri", Role.APHERESIS_NURSE, center)
    return center


def test_the_infants_page_invents_no_grade_and_no_dose(hospital: Center) -> None:
    now = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
    file = read(INFANT.read_text(encoding="utf-8"), now=now)
    journey = Journey.objects.get(pk=journey_import(file=file, by=Actor.system("import")).journey_id)
    with time_machine.travel(now, tick=False):
        client: Any = Client()
        client.force_login(User.objects.get(email="ben@demo.example"))
        page = text_of(client.get(f"/journeys/{journey.pk}/"))
        story = text_of(client.get(f"/journeys/{journey.pk}/timeline/"))
    toxicity = page[page.index('id="toxicity"') : page.index('id="infusion"')]
    assert toxicity.count('class="grade grade-unknown"') == 2
    assert not re.search(r"grade-[0-5]", page)
    infusion = page[page.index('id="infusion"') : page.index('id="manufacturing"')]
    assert infusion.count('<span class="unknown">unknown</span>') >= 3
    # What the rule allows stands in its reasons; a dose that nobody reported stands nowhere.
    shown = re.sub(r'<details class="why">.*?</details>', "", infusion)
    assert not re.search(r"10<sup>|× ?10|\bcells/kg\b", shown)
    assert "6.8" in infusion
    assert not re.search(r"CRS \d|ICANS \d", story)
