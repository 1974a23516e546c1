"""What is recorded around the bags: premedication, and reactions while the cells run in."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from infusion.bedside.bags import bag_numbered, fraction_now
from infusion.bedside.inputs import PremedicationDetails, ReactionDetails
from infusion.models import BagInfusion, InfusionReaction, Premedication
from patients.enums import Stage
from patients.models import Journey
from patients.services import event_strike, journey_locked, require_stage

PREPARED = (Stage.RELEASED, Stage.LYMPHODEPLETION, Stage.INFUSED)


def premedication_give(
    *, journey_id: UUID, premedication: PremedicationDetails, by: Actor, at: datetime
) -> Premedication:
    """Record one drug given at `at` before the cells."""
    if premedication.drug == "other" and not premedication.name.strip():
        raise Invalid("invalid_input", _("Which drug is unknown."), fields={"name": _("Name the drug.")})
    with journey_locked(journey_id) as journey:
        require_stage(journey, *PREPARED)
        fraction = fraction_now(journey, at=at)
        facts = asdict(premedication) | {"fraction": fraction}
        (event,) = append(journey_id, [NewEvent(EventKind.PREMEDICATION_GIVEN, at, facts)], by=by)
        return Premedication.objects.create(
            journey=journey,
            center_id=journey.center_id,
            fraction=fraction,
            given_at=at,
            given_by=by.name,
            event_id=event.id,
            **asdict(premedication),
        )


def premedication_strike(*, premedication_id: UUID, reason: str, by: Actor, at: datetime) -> Premedication:
    """Mark a drug as entered in error; it stays, struck through."""
    journey_id = Premedication.objects.values_list("journey_id", flat=True).get(pk=premedication_id)
    with journey_locked(journey_id):
        row = Premedication.objects.select_for_update().get(pk=premedication_id)
        _strike(row, reason=reason, by=by, at=at)
        return row


def reaction_record(
    *, journey_id: UUID, reaction: ReactionDetails, by: Actor, at: datetime
) -> InfusionReaction:
    """Record signs seen at `at`, how severe they were, and what was done about the infusion."""
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED)
        bag = _bag(journey, reaction.item)
        if bag is not None and bag.started_at and at < bag.started_at:
            raise Invalid(
                "invalid_input",
                _("Before the bag."),
                fields={"at": _("A reaction to this bag can't lie before its start.")},
            )
        facts = asdict(reaction) | {"bag": bag.item.label if bag else None}
        (event,) = append(journey_id, [NewEvent(EventKind.INFUSION_REACTION_RECORDED, at, facts)], by=by)
        return InfusionReaction.objects.create(
            journey=journey,
            center_id=journey.center_id,
            bag=bag,
            signs=list(reaction.signs),
            grade=reaction.grade,
            action=reaction.action,
            note=reaction.note,
            seen_at=at,
            recorded_by=by.name,
            event_id=event.id,
        )


def reaction_strike(*, reaction_id: UUID, reason: str, by: Actor, at: datetime) -> InfusionReaction:
    """Mark a reaction as entered in error; it stays, struck through."""
    journey_id = InfusionReaction.objects.values_list("journey_id", flat=True).get(pk=reaction_id)
    with journey_locked(journey_id):
        row = InfusionReaction.objects.select_for_update().get(pk=reaction_id)
        _strike(row, reason=reason, by=by, at=at)
        return row


def _bag(journey: Journey, number: int | None) -> BagInfusion | None:
    """The bag a reaction is about. Raises `Conflict` for one that never began."""
    if number is None:
        return None
    row = BagInfusion.objects.select_related("item").filter(item=bag_numbered(journey, number)).first()
    if row is None or row.started_at is None:
        raise Conflict("bag_not_started", _("The start of this bag is not recorded."))
    return row


def _strike(row: Premedication | InfusionReaction, *, reason: str, by: Actor, at: datetime) -> None:
    if row.struck_at is not None:
        raise Conflict("already_struck", _("This is already marked as entered in error."))
    event_strike(row.journey_id, row.event_id, reason=reason, by=by, at=at)
    row.struck_at, row.struck_reason = at, reason
    row.save(update_fields=["struck_at", "struck_reason"])
