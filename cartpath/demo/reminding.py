"""A reminder that somebody put off, with a reason."""

from datetime import timedelta

from cartpath.accounts.enums import Role
from cartpath.demo.teller import Teller
from cartpath.reminders.models import Reminder
from cartpath.reminders.services import reminder_snooze


def snoozed_told(teller: Teller) -> None:
    """The coordinator can't book yet, and puts the reminder off until tomorrow morning."""
    reminder = Reminder.objects.open().filter(journey_id=teller.journey_id, item=teller.plot.snoozed).first()
    if reminder is not None:
        reminder_snooze(
            reminder_id=reminder.pk,
            until=teller.at(teller.today - timedelta(days=1), 9) + timedelta(days=2),
            reason="The referring hospital looks up the last dose.",
            by=teller.person(Role.COORDINATOR).actor,
            at=teller.at(teller.today - timedelta(days=1), 17),
        )
