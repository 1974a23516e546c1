"""A set that was entered under a wrong time, put right in one act."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid, NotFound
from toxicity.models import ObservationSet
from toxicity.observations.selectors import observation_set
from toxicity.observations.services import observations_record, observations_strike, set_entry
from toxicity.writing import bedside_write

__all__ = ["observations_retime"]


def observations_retime(
    *, set_id: UUID, observed_at: datetime, reason: str, by: Actor, at: datetime
) -> ObservationSet:
    """Move a set to the time at which it was really seen; `at` is now. All of it or nothing.

    The old one stays, struck through with the reason, and the same values are recorded under the right time:
    the grade is that of the new time, with what was known and given then. A grade that somebody had signed
    has to be signed again. Raises what recording and striking raise, and `Conflict` `nothing_changed` for
    the same time.
    """
    journey_id = ObservationSet.objects.filter(pk=set_id).values_list("journey_id", flat=True).first()
    if journey_id is None:
        raise NotFound
    if not reason.strip():
        raise Invalid("invalid_input", _("No reason."), fields={"reason": _("Say what was wrong.")})
    with bedside_write(journey_id) as journey:
        wrong = observation_set(journey_id, set_id)
        if wrong.observed_at == observed_at:
            raise Conflict("nothing_changed", _("That is the time it was recorded under."))
        entry = set_entry(wrong)
        seen = observed_at.astimezone(journey.center.zone).strftime("%Y-%m-%d %H:%M")
        told = _("Wrong time, seen at %(seen)s: %(reason)s") % {"seen": seen, "reason": reason.strip()}
        observations_strike(set_id=set_id, reason=told, by=by, at=at)
        return observations_record(journey_id=journey_id, observed_at=observed_at, entry=entry, by=by, at=at)
