"""Writes of infections: told at a visit or in between."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from followup.days import noon, refuse_day
from followup.inputs import InfectionDetails
from followup.models import Infection
from patients.enums import Stage
from patients.services import event_strike, journey_locked, require_stage


def infection_record(*, journey_id: UUID, infection: InfectionDetails, by: Actor, at: datetime) -> Infection:
    """Record an infection; its clinical time is noon of the day it began.

    Raises `Invalid` for a beginning before the infusion or in the future, and for an end before it.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        refuse_day(journey, infection.began_on, at, field="began_on")
        if infection.ended_on is not None and infection.ended_on < infection.began_on:
            sentence = _("An infection can't end before it began.")
            raise Invalid("invalid_input", sentence, fields={"ended_on": sentence})
        told = asdict(infection)
        occurred_at = noon(journey, infection.began_on, at)
        (event,) = append(journey_id, [NewEvent(EventKind.INFECTION_RECORDED, occurred_at, told)], by=by)
        stored = told | {name: told[name] or "" for name in ("kind", "site", "severity")}
        return Infection.objects.create(
            journey=journey, center_id=journey.center_id, recorded_by=by.name, event_id=event.id, **stored
        )


def infection_strike(*, infection_id: UUID, reason: str, by: Actor, at: datetime) -> Infection:
    """Mark an infection as entered in error."""
    journey_id = Infection.objects.values_list("journey_id", flat=True).get(pk=infection_id)
    with journey_locked(journey_id):
        row = Infection.objects.select_for_update().get(pk=infection_id)
        if row.struck_at:
            raise Conflict("already_struck", _("This infection is already marked as entered in error."))
        row.struck_at, row.struck_reason = at, reason
        row.save(update_fields=["struck_at", "struck_reason"])
        event_strike(journey_id, row.event_id, reason=reason, by=by, at=at)
        return row
