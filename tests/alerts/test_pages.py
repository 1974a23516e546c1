"""What people see of alerts: one on top of every page, all of them on one, and the answer."""

import pytest
from django.urls import reverse

from cartpath.accounts.models import User
from tests.alerts.conftest import Night
from tests.pages.conftest import Desk
from toxicity.grading.icans import Seizure

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(night: Night, ivo: User) -> Desk:
    """The registrar's browser."""
    return Desk(ivo, night.story)


@pytest.fixture
def auditor(night: Night, dana: User) -> Desk:
    """The browser of somebody who only reads."""
    return Desk(dana, night.story)


def text(desk: Desk, name: str) -> str:
    """A page as its words."""
    return desk.get(desk.path(name)).content.decode()


def test_one_alert_stands_on_top_of_every_page_about_the_child(night: Night, doctor: Desk) -> None:
    night.sees(temperature_c=38.9, seizure=Seizure.RESOLVED)
    for name in ("web:journey", "toxicity:list", "patients:eligibility"):
        page = text(doctor, name)
        assert page.count('class="note tone-harm alert-bar"') == 1
        assert "Emergency: Seizure" in page


def test_without_an_alert_there_is_no_bar(night: Night, doctor: Desk) -> None:
    assert "alert-bar" not in text(doctor, "web:journey")


def test_who_may_not_answer_sees_the_alert_and_no_button(night: Night, auditor: Desk) -> None:
    night.sees(seizure=Seizure.RESOLVED)
    page = text(auditor, "web:journey")
    assert "Emergency: Seizure" in page
    assert reverse("toxicity:alerts_answer", args=[night.story.journey_id]) not in page
    assert auditor.get(auditor.path("toxicity:alerts_answer")).status_code == 403


def test_answering_keeps_name_answer_and_note(night: Night, doctor: Desk) -> None:
    night.sees(seizure=Seizure.RESOLVED)
    waiting = doctor.path("toxicity:alerts_answer")
    assert "Seizure" in doctor.get(waiting).content.decode()
    typed = {"cases": ["alert_seizure-1"], "answer": "help_called", "note": "On their way."}
    assert doctor.post(waiting, typed).status_code == 302
    alert = night.alert("alert_seizure")
    assert (alert.acknowledged_by, alert.answer, alert.note) == ("Ivo Rossi", "help_called", "On their way.")
    page = text(doctor, "toxicity:alerts")
    assert "Senior or intensive care called" in page
    assert "On their way." in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"answer": "watched"}, "Choose at least one alert."),
        ({"cases": ["alert_seizure-1"], "answer": "other"}, "Say in a few words what is done."),
        ({"cases": ["alert_crs_3-9"], "answer": "watched"}, "no longer stands"),
    ],
)
def test_an_answer_that_is_none_comes_back_with_its_reason(
    night: Night, doctor: Desk, typed: dict[str, object], said: str
) -> None:
    night.sees(seizure=Seizure.RESOLVED)
    refused = doctor.post(doctor.path("toxicity:alerts_answer"), typed)
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert night.alert("alert_seizure").acknowledged_at is None


def test_the_bar_costs_one_query(night: Night, doctor: Desk) -> None:
    before = doctor.queries(doctor.path("toxicity:alerts_answer"))
    night.sees(temperature_c=38.9, seizure=Seizure.RESOLVED, spo2=88)
    assert doctor.queries(doctor.path("toxicity:alerts_answer")) == before


def test_an_alert_explains_itself(night: Night, doctor: Desk) -> None:
    night.sees(temperature_c=38.9)
    page = text(doctor, "toxicity:alerts")
    assert "38.9 °C" in page
    assert "ASTCT consensus 2019" in page


def test_the_timeline_tells_alert_answer_and_end(night: Night, doctor: Desk) -> None:
    night.sees(spo2=92)
    night.answers("alert_low_saturation", answer="treated")
    for hours in (1, 4):
        night.sees(hours=hours, spo2=98)
    page = text(doctor, "web:journey_timeline")
    for said in ("Low oxygen saturation", "SpO₂ 92 %", "Alert answered:", "Treatment started", "Alert over:"):
        assert said in page


def test_a_stranger_s_child_shows_nothing(night: Night, cleo: User) -> None:
    night.sees(seizure=Seizure.RESOLVED)
    outsider = Desk(cleo, night.story)
    assert outsider.get(outsider.path("toxicity:alerts")).status_code == 404
