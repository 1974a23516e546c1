"""A reminder that was put off comes back from a journey file as it was."""

from datetime import timedelta

from cartpath.accounts.models import Center
from cartpath.reminders.models import Reminder
from cartpath.reminders.services import reminder_snooze
from tests.exchange.test_round_trip import carried_over, elsewhere
from tests.factories import Story

__all__ = ["elsewhere"]


def test_what_was_put_off_is_put_off_elsewhere_too(story: Story, elsewhere: Center) -> None:
    story.accepted()
    reminder = Reminder.objects.get(journey_id=story.journey_id, item="apheresis_booking")
    reminder_snooze(
        reminder_id=reminder.pk,
        by=story.coordinator.actor,
        at=story.later(hours=1),
        until=story.at + timedelta(hours=5),
        reason="The last dose is being looked up.",
    )
    told, again = carried_over(story.journey_id, elsewhere)
    assert again == told
    copy = Reminder.objects.get(item="apheresis_booking", center=elsewhere)
    assert copy.snoozed_until == story.at + timedelta(hours=5)
    assert copy.snooze_reason == "The last dose is being looked up."
