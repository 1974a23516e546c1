"""What a collection depends on and only people know: access, sedation, and when the family is away."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from leukapheresis.inputs import AwayDetails, PreparationDetails
from leukapheresis.models import FamilyAway, Preparation
from patients.services import event_strike, journey_locked, refuse_closed


def preparation_record(
    *, journey_id: UUID, details: PreparationDetails, by: Actor, at: datetime
) -> Preparation:
    """Record vascular access and sedation; what was recorded before is replaced and stays in the ledger.

    A live booking keeps what it took: `parts_change` changes that.
    """
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        new = NewEvent(EventKind.PREPARATION_RECORDED, at, asdict(details))
        (event,) = append(journey_id, [new], by=by)
        prepared, _is_new = Preparation.objects.update_or_create(
            journey=journey, defaults={**asdict(details), "event_id": event.id}
        )
        return prepared


def family_away_record(*, journey_id: UUID, details: AwayDetails, by: Actor, at: datetime) -> FamilyAway:
    """Record days on which the family can't come."""
    if details.last_on < details.first_on:
        sentence = _("The last day can't lie before the first.")
        raise Invalid("invalid_input", sentence, fields={"last_on": sentence})
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        new = NewEvent(EventKind.FAMILY_AWAY_RECORDED, at, asdict(details))
        (event,) = append(journey_id, [new], by=by)
        return FamilyAway.objects.create(journey=journey, event_id=event.id, **asdict(details))


def family_away_strike(*, family_away_id: int, reason: str, by: Actor, at: datetime) -> FamilyAway:
    """Take days back on which the family is there after all."""
    away = FamilyAway.objects.get(pk=family_away_id)
    with journey_locked(away.journey_id):
        struck = FamilyAway.objects.filter(pk=away.pk, struck_at=None).update(struck_at=at)
        if not struck:
            raise Conflict("already_struck", _("These days were taken back already."))
        event_strike(away.journey_id, away.event_id, reason=reason, by=by, at=at)
        return FamilyAway.objects.get(pk=away.pk)
