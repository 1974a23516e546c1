"""Reminders follow the ledger, journey by journey, through the services that write it."""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from cartpath.accounts.models import Center
from cartpath.ledger.models import Chain, Event
from cartpath.protocols import registry
from cartpath.reminders.enums import Cause, ReminderState
from cartpath.reminders.facts import Fact
from cartpath.reminders.models import Delivery, Reminder
from cartpath.reminders.readers import ENGINE_COLUMNS, ReminderReader, protocol_of, watched_kinds
from cartpath.reminders.services import reminder_acknowledge
from followup.services import transplant_record
from patients.services import event_strike, journey_close
from tests.conftest import NOON
from tests.factories import Story
from tests.reminders.conftest import Clock, Refer, unsendable

pytestmark = pytest.mark.django_db


def open_items(journey_id: UUID) -> set[str]:
    return set(Reminder.objects.open().filter(journey_id=journey_id).values_list("item", flat=True))


def rows(journey_id: UUID) -> list[dict[str, Any]]:
    """Every column of every reminder of the journey."""
    return list(Reminder.objects.filter(journey_id=journey_id).order_by("id").values())


def planned(row: dict[str, Any]) -> dict[str, Any]:
    """What of a row follows from the ledger."""
    return {name: value for name, value in row.items() if name not in ENGINE_COLUMNS}


def rebuild(journey_id: UUID) -> None:
    """Rebuild as `manage.py replay reminders` does."""
    ReminderReader().rebuild(Chain.objects.get(pk=journey_id), list(Event.objects.of(journey_id)))


def test_a_referral_waits_for_its_decision(story: Story) -> None:
    story.referred()
    assert open_items(story.journey_id) == {"referral_decision"}


def test_acceptance_settles_the_decision_and_waits_for_a_booking(story: Story) -> None:
    story.accepted()
    decision = Reminder.objects.get(journey_id=story.journey_id, item="referral_decision")
    assert (decision.state, decision.cause) == (ReminderState.COMPLETED, Cause.FULFILLED)
    growing_up = {"assent_age_12", "own_consent_age_18"}
    assert open_items(story.journey_id) - growing_up == {"apheresis_booking"}


def test_the_infusion_plans_fifteen_years(story: Story) -> None:
    story.infused()
    assert {"toxicity_assessment", "visit_day_28", "visit_year_15", "registry_year_15"} <= open_items(
        story.journey_id
    )


def test_recording_a_visit_completes_its_reminder_at_once(story: Story) -> None:
    story.in_follow_up()
    story.later(days=14)
    story.visited("visit_day_28")
    reminder = Reminder.objects.get(journey_id=story.journey_id, item="visit_day_28")
    event = Event.objects.get(journey_id=story.journey_id, kind="visit_recorded")
    assert (reminder.state, reminder.closed_by_event_id) == (ReminderState.COMPLETED, event.pk)
    assert reminder.closed_at == event.occurred_at


def test_a_struck_visit_opens_its_reminder_again(story: Story) -> None:
    story.in_follow_up()
    story.later(days=14)
    story.visited("visit_day_28")
    event = Event.objects.get(journey_id=story.journey_id, kind="visit_recorded")
    event_strike(story.journey_id, event.pk, reason="other child", by=story.clinician.actor, at=story.at)
    reminder = Reminder.objects.get(journey_id=story.journey_id, item="visit_day_28")
    assert (reminder.state, reminder.cause, reminder.closed_at) == (ReminderState.OPEN, "", None)


def test_closing_a_journey_leaves_nothing_open(story: Story) -> None:
    story.in_follow_up()
    journey_close(
        journey_id=story.journey_id,
        reason_code="transferred",
        note="Moved to Milan.",
        by=story.coordinator.actor,
        at=story.later(days=3),
    )
    assert open_items(story.journey_id) == set()


def test_after_a_death_the_next_registry_form_stays(story: Story) -> None:
    story.in_follow_up()
    journey_close(
        journey_id=story.journey_id,
        reason_code="died",
        note="Died at home.",
        died_on=story.at.date(),
        by=story.clinician.actor,
        at=story.later(days=3),
    )
    assert open_items(story.journey_id) == {"registry_day_100"}


def test_a_replay_makes_the_very_same_rows(story: Story, clock: Clock) -> None:
    story.in_follow_up()
    story.later(days=14)
    story.visited("visit_day_28")
    clock.at = story.at
    clock.run()
    reminder_id = Reminder.objects.open().earliest("due_at").pk
    reminder_acknowledge(reminder_id=reminder_id, by=story.coordinator.actor, at=story.at)
    before = rows(story.journey_id)
    assert {row["state"] for row in before} == {"open", "completed", "canceled"}
    assert any(row["notified_at"] for row in before)
    rebuild(story.journey_id)
    assert rows(story.journey_id) == before
    with unsendable("delivery"):
        Delivery.objects.all().delete()
    Reminder.objects.all().delete()
    rebuild(story.journey_id)
    assert [planned(row) for row in rows(story.journey_id)] == [planned(row) for row in before]


def test_a_replay_mends_rows_that_were_tampered_with(story: Story) -> None:
    story.accepted()
    before = rows(story.journey_id)
    Reminder.objects.filter(journey_id=story.journey_id).update(priority=4, role="auditor")
    rebuild(story.journey_id)
    assert rows(story.journey_id) == before


def test_a_row_the_protocol_does_not_plan_goes_but_not_what_somebody_was_told_of(
    story: Story, clock: Clock
) -> None:
    story.accepted()
    booking = Reminder.objects.get(item="apheresis_booking")
    columns = rows(story.journey_id)[0]
    for occurrence in (7, 8):
        Reminder.objects.create(
            **columns
            | {"id": UUID(int=occurrence), "occurrence": occurrence, "item": "old", "notified_at": None}
            | {"state": "open", "cause": "", "closed_at": None, "closed_by_event_id": None}
        )
    Delivery.objects.create(
        id=UUID(int=9),
        reminder_id=UUID(int=8),
        meant_at=clock.at,
        recipient=story.coordinator,
        channel="in_app",
        role="coordinator",
        planned_at=clock.at,
        next_try_at=clock.at,
    )
    rebuild(story.journey_id)
    kept = Reminder.objects.get(item="old")
    assert (kept.occurrence, kept.state, kept.cause) == (8, ReminderState.CANCELED, Cause.NOT_PLANNED)
    assert Reminder.objects.filter(pk=booking.pk).exists()


def test_events_that_plan_nothing_cost_one_query_for_the_centers_editions(
    story: Story, django_assert_num_queries: Any
) -> None:
    story.accepted()
    story.measured()
    chain = Chain.objects.get(pk=story.journey_id)
    measured = Event.objects.filter(journey_id=story.journey_id, kind="measured")[:1]
    events = list(measured)
    watched_kinds()
    with django_assert_num_queries(1):
        ReminderReader().read(chain, events)


def test_until_acceptance_the_newest_protocol_of_the_product_and_region_counts(center: Center) -> None:
    referred = Fact(1, 1, "referred", NOON, {"product": "tisagenlecleucel"})
    accepted = Fact(2, 2, "accepted", NOON, {"protocol_id": "tisagenlecleucel-us", "protocol_version": "1"})
    unknown = Fact(1, 1, "referred", NOON, {"product": "car_t_from_a_trial"})
    assert protocol_of([referred], center) is registry.for_product("tisagenlecleucel", "EU")
    assert protocol_of([referred, accepted], center) is registry.get("tisagenlecleucel-us", "1")
    assert protocol_of([unknown], center) is None
    assert protocol_of([], center) is None


def test_a_transplant_leaves_the_fifteen_year_clock_running(story: Story) -> None:
    story.in_follow_up()
    transplant_record(
        journey_id=story.journey_id,
        transplanted_on=story.later(days=30).date(),
        by=story.clinician.actor,
        at=story.at,
    )
    assert "visit_year_15" in open_items(story.journey_id)


def test_fifteen_years_are_written_well_under_fifty_milliseconds(story: Story) -> None:
    story.infused()
    Reminder.objects.all().delete()
    chain = Chain.objects.select_related("center").get(pk=story.journey_id)
    events = list(Event.objects.of(story.journey_id))
    started = time.perf_counter()
    ReminderReader().rebuild(chain, events)
    assert time.perf_counter() - started < 0.05
    assert Reminder.objects.count() > 60


def test_the_first_acknowledgement_is_kept_with_its_author(refer: Refer, story: Story) -> None:
    reminder = refer()
    acknowledged = reminder_acknowledge(
        reminder_id=reminder.pk, by=story.clinician.actor, at=story.at + timedelta(hours=1)
    )
    assert acknowledged.acknowledged_by == "Ben"
    assert acknowledged.is_open
