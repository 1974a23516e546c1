"""Days of follow-up as clinical times, and which of them are possible."""

from datetime import date, datetime, time

from django.utils.translation import gettext as _

from cartpath.core.errors import Invalid
from patients.models import Journey


def noon(journey: Journey, day: date, at: datetime) -> datetime:
    """What has a day, not an hour, gets noon in the center's zone, if that has come by `at`."""
    return min(datetime.combine(day, time(12), tzinfo=journey.center.zone), at)


def is_since_infusion(journey: Journey, day: date, at: datetime) -> bool:
    """Whether a day lies between the infusion and today, both included."""
    zone = journey.center.zone
    infused_on = journey.infused_at.astimezone(zone).date() if journey.infused_at else None
    return infused_on is not None and infused_on <= day <= at.astimezone(zone).date()


def refuse_day(journey: Journey, day: date, at: datetime, *, field: str) -> None:
    """Raise `Invalid` beside `field` for a day before the infusion or in the future."""
    if not is_since_infusion(journey, day, at):
        raise Invalid(
            "invalid_input",
            _("Impossible day."),
            fields={field: _("The day must lie between the infusion and today.")},
        )
