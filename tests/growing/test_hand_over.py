"""The way to adult care, and the reminders of growing up."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.models import Event
from cartpath.reminders.models import Reminder
from followup.growing.inputs import (
    AttemptDetails,
    CareHandedOver,
    FindDetails,
    HandOverStepDetails,
    LossDetails,
)
from followup.growing.services import (
    attempt_record,
    care_hand_over,
    hand_over_step_record,
    loss_end,
    loss_record,
)
from followup.models import HandOver, HandOverStep
from patients.consents import consent_record
from patients.inputs import ConsentDetails
from tests.factories import Story, patient_details
from tests.growing.conftest import act, days_ago, today


def step(story: Story, name: str, **more: str) -> HandOverStep:
    details = HandOverStepDetails(step=name, done_on=today(story), **more)  # type: ignore[arg-type]
    return hand_over_step_record(step=details, **act(story))


def handed_over(story: Story, reason: str = "") -> HandOver:
    return care_hand_over(hand_over=CareHandedOver(handed_over_on=today(story), reason=reason), **act(story))


def states(story: Story, item: str) -> list[str]:
    found = Reminder.objects.filter(journey_id=story.journey_id, item=item).order_by("occurrence")
    return [reminder.state for reminder in found]


def test_the_safety_follow_up_stays_ours_until_it_is_confirmed_away(teen: Story) -> None:
    step(teen, "center_agreed", adult_center="Careggi", physician="Dr. Neri")
    step(teen, "first_visit")
    handed_over(teen, reason="Moved at short notice.")
    kept = HandOver.objects.get()
    assert (kept.safety_keeper, kept.safety_confirmed_on) == ("us", None)
    with pytest.raises(Invalid) as refused:
        step(teen, "safety_accepted")
    assert "confirmed_by" in refused.value.fields
    step(teen, "safety_accepted", confirmed_by="Dr. Neri")
    kept.refresh_from_db()
    assert (kept.safety_keeper, kept.safety_confirmed_by) == ("them", "Dr. Neri")


def test_care_is_not_handed_over_to_nobody(teen: Story) -> None:
    with pytest.raises(Conflict):
        handed_over(teen)
    step(teen, "center_agreed", adult_center="Careggi")
    with pytest.raises(Conflict):
        handed_over(teen)
    step(teen, "first_visit")
    with pytest.raises(Invalid) as refused:
        handed_over(teen)
    assert "reason" in refused.value.fields
    step(teen, "readiness")
    step(teen, "summary_letter")
    handed_over(teen)
    with pytest.raises(Conflict):
        handed_over(teen)


def test_an_agreed_center_has_a_name(teen: Story) -> None:
    with pytest.raises(Invalid) as refused:
        step(teen, "center_agreed")
    assert "adult_center" in refused.value.fields
    assert not HandOverStep.objects.exists()


def test_a_step_done_again_counts_from_the_later_day(teen: Story) -> None:
    step(teen, "readiness")
    teen.later(days=30)
    step(teen, "readiness")
    assert HandOverStep.objects.get().done_on == today(teen)
    assert Event.objects.filter(kind="hand_over_step_recorded").count() == 2


@pytest.mark.parametrize("days", [-1, 400])
def test_a_step_lies_between_the_infusion_and_today(days: int, teen: Story) -> None:
    details = HandOverStepDetails(step="readiness", done_on=days_ago(teen, days))
    with pytest.raises(Invalid):
        hand_over_step_record(step=details, **act(teen))


def test_the_database_refuses_a_keeper_nobody_confirmed(teen: Story) -> None:
    step(teen, "readiness")
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.update(safety_keeper="them")
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.update(handed_over_on=today(teen))


# --- Reminders ---------------------------------------------------------------------------------


def test_the_own_consent_is_asked_for_at_the_eighteenth_birthday_and_settled_by_it(teen: Story) -> None:
    (reminder,) = Reminder.objects.filter(journey_id=teen.journey_id, item="own_consent_age_18")
    assert reminder.due_at.astimezone(teen.center.zone).date() == date(2026, 5, 20)
    assert states(teen, "assent_age_12") == []
    teen.at = teen.at.replace(year=2026, month=5, day=21)
    consent = ConsentDetails(
        kind="own_consent", given_by="Giulia Rossi", document_version="3", signed_on=today(teen)
    )
    consent_record(consent=consent, **act(teen))
    assert states(teen, "own_consent_age_18") == ["completed"]


def test_the_steps_of_the_hand_over_settle_their_reminders(story: Story) -> None:
    story.child = patient_details(birth_date=date(2010, 11, 2))
    story.in_follow_up()
    names = ["hand_over_age_16", "hand_over_age_17", "hand_over_age_18"]
    assert [states(story, name) for name in names] == [["open"]] * 3
    step(story, "readiness")
    assert [states(story, name) for name in names] == [["completed"], ["open"], ["open"]]
    step(story, "center_agreed", adult_center="Careggi")
    step(story, "first_visit")
    handed_over(story, reason="Letter later.")
    assert [states(story, name) for name in names] == [["completed"]] * 3


def test_a_lost_child_is_looked_for_every_year_until_found(child: Story) -> None:
    loss_record(loss=LossDetails(since=today(child), last_known="Via Roma 1"), **act(child))
    first = states(child, "look_again")
    assert first == ["open"] * 15
    child.later(days=364)
    attempt_record(attempt=AttemptDetails(how="registry_office", outcome="no_answer"), **act(child))
    assert states(child, "look_again")[:2] == ["completed", "open"]
    child.later(days=30)
    loss_end(found=FindDetails(found_on=today(child), where="Lyon"), **act(child))
    after = states(child, "look_again")
    assert after[0] == "completed" and set(after[1:]) == {"canceled"}


def test_a_lost_child_keeps_its_visits(child: Story) -> None:
    before = states(child, "visit_year_15")
    loss_record(loss=LossDetails(since=today(child)), **act(child))
    assert states(child, "visit_year_15") == before == ["open"]
    assert child.journey.stage == "follow_up"
