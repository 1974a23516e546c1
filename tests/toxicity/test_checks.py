"""The checks of a child as the services plan them, and as ward and pages show them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cartpath.accounts.enums import Role
from cartpath.accounts.models import User
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.reminders.enums import Cause
from cartpath.reminders.models import Reminder
from tests.conftest import person
from tests.factories import Story, patient_details
from tests.toxicity.bedside import ALERT, FULL_ICE, WELL, infused_teenager, observed
from toxicity.bedside import bedside
from toxicity.checks.inputs import CheckChange
from toxicity.checks.services import check_change
from toxicity.checks.ward import ward_rows
from toxicity.grading.crs import CrsInput
from toxicity.models import CheckPlan, CheckSetting
from toxicity.observations.inputs import ObservationEntry
from toxicity.services import acute_monitoring_end


@pytest.fixture
def infused(story: Story) -> Story:
    story.infused()
    return story


def seen(story: Story, at: datetime, **changes: Any) -> None:
    observed(story, WELL, seen_at=at, **changes)


def waiting(story: Story, check: str = "vitals") -> CheckPlan:
    return CheckPlan.objects.get(journey_id=story.journey_id, check_kind=check)


def change(story: Story, every: int | None, reason: str = "Sleeps badly.") -> None:
    check_change(
        journey_id=story.journey_id,
        change=CheckChange(check="vitals", every_minutes=every, reason=reason),
        by=story.clinician.actor,
        at=story.at,
    )


def test_the_first_checks_are_asked_for_from_the_infusion_on(infused: Story) -> None:
    found = Reminder.objects.open().filter(journey_id=infused.journey_id, role=Role.WARD_NURSE)
    due = {row.item: row.due_at - infused.journey.infused_at for row in found}
    assert due == {
        "check_vitals_first": timedelta(hours=4),
        "check_neuro_first": timedelta(hours=12),
        "check_laboratory_first": timedelta(hours=24),
        "check_weight_first": timedelta(hours=24),
    }


def test_vital_signs_done_are_due_again_after_the_interval(infused: Story) -> None:
    at = infused.later(hours=2)
    seen(infused, at)
    assert waiting(infused).due_at == at + timedelta(hours=4)
    first = Reminder.objects.get(journey_id=infused.journey_id, item="check_vitals_first")
    assert first.cause == Cause.FULFILLED
    (planned,) = Reminder.objects.open().filter(journey_id=infused.journey_id, item="check_vitals")
    assert (planned.due_at, planned.role, planned.priority) == (at + timedelta(hours=4), "ward_nurse", 1)
    assert [role for _hours, role in planned.ladder] == ["charge_nurse", "registrar", "attending"]


def test_a_check_done_early_completes_the_one_that_waited(infused: Story) -> None:
    seen(infused, infused.later(hours=2))
    seen(infused, infused.later(hours=1))
    states = Reminder.objects.filter(journey_id=infused.journey_id, item="check_vitals").order_by(
        "occurrence"
    )
    assert [row.cause for row in states] == [Cause.FULFILLED, ""]


def test_fever_with_a_fast_heart_halves_the_interval(infused: Story) -> None:
    at = infused.later(hours=2)
    seen(infused, at, temperature_c=39.2, heart_rate=170)
    plan = waiting(infused)
    assert (plan.every_minutes, plan.because) == (120, ["fever", "tachycardia"])
    assert plan.due_at == at + timedelta(hours=2)


def test_a_person_sets_an_interval_with_a_reason_and_takes_it_back(infused: Story) -> None:
    at = infused.later(hours=2)
    seen(infused, at)
    infused.later(minutes=10)
    change(infused, 60)
    assert (waiting(infused).due_at, waiting(infused).because) == (at + timedelta(hours=1), ["person"])
    event = Event.objects.filter(journey_id=infused.journey_id, kind=EventKind.CHECKS_CHANGED).get()
    assert event.data == {
        "check": "vitals",
        "every_minutes": 60,
        "reason": "Sleeps badly.",
        "overrules": ["check_vitals_usual"],
    }
    infused.later(minutes=10)
    change(infused, None, "Sleeps well.")
    assert (waiting(infused).due_at, waiting(infused).every_minutes) == (at + timedelta(hours=4), 240)
    assert CheckSetting.objects.get().ended_at == infused.at


def test_an_interval_needs_a_reason_and_something_to_go_back_from(infused: Story) -> None:
    with pytest.raises(Invalid):
        change(infused, 60, "  ")
    with pytest.raises(Conflict):
        change(infused, None)


def test_when_monitoring_ends_no_check_waits_any_more(infused: Story) -> None:
    seen(infused, infused.later(hours=2))
    acute_monitoring_end(journey_id=infused.journey_id, by=infused.clinician.actor, at=infused.later(days=11))
    waiting_items = Reminder.objects.open().filter(journey_id=infused.journey_id, item__startswith="check_")
    assert not waiting_items.exists()


def test_ice_takes_the_place_of_capd_on_the_twelfth_birthday(story: Story) -> None:
    story.child = patient_details(birth_date=date(2014, 1, 1))
    story.infused()
    child = story.journey.patient
    infused_at = story.journey.infused_at
    assert infused_at is not None
    tomorrow = story.center.local_day(infused_at) + timedelta(days=1)
    child.birth_date = tomorrow.replace(year=tomorrow.year - 12)
    child.save(update_fields=["birth_date"])

    def instrument(at: datetime) -> str:
        (row,) = ward_rows(story.clinician, center_id=story.center.pk, at=at)
        return next(str(each.label) for each in row.checks if each.check == "neuro")

    seen(story, infused_at + timedelta(minutes=5))
    CheckPlan.objects.filter(check_kind="neuro").update(due_at=infused_at + timedelta(minutes=30))
    assert instrument(infused_at + timedelta(minutes=10)) == "CAPD"
    assert instrument(infused_at + timedelta(days=1, hours=12)) == "ICE"


def test_a_delay_named_once_keeps_capd_the_test_of_the_ward_and_of_the_forms(
    story: Story, client: Client
) -> None:
    infused_teenager(story)
    story.later(hours=1)
    observed(story, ObservationEntry(temperature_c=37.0, developmental_delay=True))
    story.later(days=4)
    story.assessed(crs=CrsInput(temperature_c=38.4))
    (row,) = ward_rows(story.clinician, center_id=story.center.pk, at=story.at)
    assert [str(each.label) for each in row.checks if each.check == "neuro"] == ["CAPD"]
    assert bedside(story.journey, at=story.at).instrument == "CAPD"
    client.force_login(story.nurse)
    for name in ("observe", "assess"):
        page = client.get(reverse(f"toxicity:{name}", args=[story.journey_id])).content.decode()
        assert "A developmental delay is recorded" in page
        assert "ice_naming" not in page
    with pytest.raises(Invalid):
        observed(story, ObservationEntry(ice=FULL_ICE))


def test_putting_a_pulse_right_keeps_the_capd_of_a_child_with_a_known_delay(
    story: Story, client: Client
) -> None:
    infused_teenager(story)
    story.later(hours=1)
    observed(story, ObservationEntry(temperature_c=37.0, developmental_delay=True))
    story.later(hours=1)
    made = observed(story, ALERT, heart_rate=180)
    client.force_login(story.nurse)
    url = reverse("toxicity:observation_correct", args=[story.journey_id, made.pk])
    shown = client.get(url).context["form"]
    typed = {name: shown[name].value() for name in shown.fields if shown[name].value() not in (None, "")}
    answer = client.post(url, typed | {"heart_rate": "80", "reason": "Typed wrong."})
    assert answer.status_code == 302
    made.refresh_from_db()
    standing = {each.code: float(each.value or 0) for each in made.observations.filter(struck_at=None)}
    assert (standing["heart_rate"], standing["capd"]) == (80, 0)


def test_the_ward_puts_who_is_late_first_and_then_who_is_worse(story: Story) -> None:
    people = (story.center, story.coordinator, story.clinician, story.second, story.nurse, story.lab)
    well, worse, late = (Story(*people, at=story.at - timedelta(days=number)) for number in range(3))
    for one in (well, worse, late):
        one.infused()
    at = well.at + timedelta(minutes=10)
    for one in (well, worse, late):
        one.at = at
        one.assessed(crs=CrsInput(temperature_c=39.0 if one is worse else 37.0, hypotension=one is worse))
    CheckPlan.objects.update(due_at=at + timedelta(hours=2))
    of_late = CheckPlan.objects.filter(journey_id=late.journey_id, check_kind="vitals")
    of_late.update(due_at=at - timedelta(hours=1))
    rows = ward_rows(story.clinician, center_id=story.center.pk, at=at)
    assert [row.journey.pk for row in rows] == [late.journey_id, worse.journey_id, well.journey_id]
    assert [row.state for row in rows] == ["late", "fine", "fine"]


def test_a_doctor_sets_and_a_nurse_may_not(infused: Story, client: Client, ben: User) -> None:
    rosa = person("rosa@a.example", "Rosa", Role.WARD_NURSE, infused.center)
    page = reverse("toxicity:checks", args=[infused.journey_id])
    act = reverse("toxicity:checks_change", args=[infused.journey_id, "vitals"])
    client.force_login(rosa)
    assert client.get(page).status_code == 200
    assert client.post(act, {"every_minutes": "60", "reason": "x"}).status_code == 403
    client.force_login(ben)
    assert client.post(act, {"every_minutes": "5", "reason": "x"}).status_code == 422
    assert client.post(act, {"every_minutes": "60", "reason": "Restless."}).status_code == 302
    assert "Restless." in client.get(page).content.decode()
