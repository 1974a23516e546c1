"""The reminders follow from the ledger: replayed over everything that can happen, they are the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from cartpath.ledger.models import Event
from cartpath.reminders.enums import Cause
from cartpath.reminders.models import Delivery, Digest, DigestRound, Reminder
from cartpath.reminders.readers import ENGINE_COLUMNS
from cartpath.reminders.services import reminder_acknowledge, reminder_complete, reminder_snooze
from followup.models import Visit
from followup.services import transplant_record, visit_skip, visit_strike
from patients.services import event_strike, journey_close
from tests.factories import Story
from tests.reminders.conftest import Clock, unsendable

pytestmark = pytest.mark.django_db


def every_row(*, without: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """Every reminder there is, column by column."""
    rows = Reminder.objects.order_by("pk").values()
    return [{name: value for name, value in row.items() if name not in without} for row in rows]


def an_open(story: Story, item: str) -> Reminder:
    return Reminder.objects.open().get(journey_id=story.journey_id, item=item)


def tell_of_a_long_way(story: Story, clock: Clock) -> None:
    """Visits held, struck and skipped, a snooze, an acknowledgement, a form, a correction, a transplant."""
    story.in_follow_up()
    by = story.coordinator.actor
    story.later(days=14)
    story.visited("visit_day_28")
    visit_skip(
        journey_id=story.journey_id,
        item="visit_month_2",
        reason_code="family",
        note="On holiday.",
        by=by,
        at=story.later(days=20),
    )
    clock.at = story.at
    clock.run()
    visit = Visit.objects.get(journey_id=story.journey_id, item="visit_day_28")
    visit_strike(visit_id=visit.pk, reason="another child", by=by, at=story.later(days=1))
    wanted = an_open(story, "visit_month_1").pk
    reminder_acknowledge(reminder_id=wanted, by=by, at=story.later(hours=1))
    until = story.at + timedelta(days=10)
    reminder_snooze(reminder_id=wanted, by=by, at=story.at, until=until, reason="the family is away")
    form = an_open(story, "registry_day_100").pk
    reminder_complete(reminder_id=form, by=by, at=story.later(hours=1), reason="sent")
    infused = Event.objects.get(journey_id=story.journey_id, kind="infused")
    event_strike(story.journey_id, infused.pk, reason="wrong day", by=by, at=story.later(hours=1))
    transplant_record(
        journey_id=story.journey_id, transplanted_on=story.at.date(), by=by, at=story.later(hours=1)
    )
    clock.at = story.later(days=3)
    clock.run()


def test_a_replay_of_everything_makes_the_same_reminders(story: Story, clock: Clock) -> None:
    tell_of_a_long_way(story, clock)
    story.in_follow_up()
    journey_close(
        journey_id=story.journey_id,
        reason_code="died",
        note="Died at home.",
        died_on=story.at.date(),
        by=story.clinician.actor,
        at=story.later(days=3),
    )
    before, lasting = every_row(), every_row(without=ENGINE_COLUMNS)
    causes = {row["cause"] for row in before}
    assert {Cause.FULFILLED, Cause.ENTERED_IN_ERROR, Cause.DIED} <= causes
    assert any(row["snoozed_until"] for row in before)
    assert any(row["acknowledged_at"] for row in before)
    assert any(row["told_at"] for row in before)

    call_command("replay", "reminders", verbosity=0)
    assert every_row() == before

    with unsendable("delivery"), unsendable("digest"):
        Delivery.objects.all().delete()
        Digest.objects.all().delete()
    DigestRound.objects.all().delete()
    Reminder.objects.all().delete()
    call_command("replay", "reminders", verbosity=0)
    assert every_row(without=ENGINE_COLUMNS) == lasting
