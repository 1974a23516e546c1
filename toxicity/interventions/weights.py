"""Writes about the dosing weight: fix it, and mark one as entered in error."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from patients.enums import Stage
from patients.models import Journey
from patients.services import event_strike, require_stage
from toxicity.dosing import dose_weight
from toxicity.inputs import DosingWeightDetails
from toxicity.models import DosingWeight
from toxicity.writing import bedside_write

# A fixed weight that differs more from the last one measured is likely a slip, unless somebody says why.
MOST_DIFFERENCE: Final = Decimal("0.1")
STAGES: Final = (Stage.MANUFACTURING, Stage.RELEASED, Stage.LYMPHODEPLETION, Stage.INFUSED, Stage.FOLLOW_UP)


def dosing_weight_set(
    *, journey_id: UUID, weight: DosingWeightDetails, by: Actor, at: datetime
) -> DosingWeight:
    """Fix the weight that every dose from `at` on is counted from.

    Raises `Invalid` without a reason when one is fixed already, or when it differs by more than a tenth from
    the last weight measured; and for a day of measuring that has not come.
    """
    with bedside_write(journey_id) as journey:
        require_stage(journey, *STAGES)
        _refuse_impossible(journey, weight, at=at)
        facts = asdict(weight)
        (event,) = append(journey_id, [NewEvent(EventKind.DOSING_WEIGHT_SET, at, facts)], by=by)
        return DosingWeight.objects.create(
            journey=journey,
            center_id=journey.center_id,
            set_at=at,
            set_by=by.name,
            event_id=event.id,
            **facts,
        )


def _refuse_impossible(journey: Journey, weight: DosingWeightDetails, *, at: datetime) -> None:
    problems: dict[str, str] = {}
    known = dose_weight(journey, at=at)
    if not weight.reason.strip():
        if known.fixed is not None:
            problems["reason"] = _("A dosing weight is fixed already: say why it is changed.")
        elif known.measured_kg is not None and _differs(weight.weight_kg, known.measured_kg):
            problems["reason"] = _(
                "More than a tenth away from the last weight, %(weight)s kg: say why, or correct it."
            ) % {"weight": f"{known.measured_kg:g}"}
    if at < journey.referral.referred_at:
        problems["at"] = _("Give a time after the referral.")
    if weight.measured_on is not None and weight.measured_on > at.astimezone(journey.center.zone).date():
        problems["measured_on"] = _("Give a day that has come.")
    if problems:
        raise Invalid("invalid_input", _("This weight can't be fixed."), fields=problems)


def _differs(fixed: float, measured: float) -> bool:
    difference = abs(Decimal(str(fixed)) - Decimal(str(measured)))
    return difference > Decimal(str(measured)) * MOST_DIFFERENCE


def dosing_weight_strike(*, dosing_weight_id: UUID, reason: str, by: Actor, at: datetime) -> DosingWeight:
    """Mark a dosing weight as entered in error: the one before counts again, else the last measured."""
    journey_id = DosingWeight.objects.values_list("journey_id", flat=True).get(pk=dosing_weight_id)
    with bedside_write(journey_id):
        row = DosingWeight.objects.select_for_update().get(pk=dosing_weight_id)
        if row.struck_at is not None:
            raise Conflict("already_struck", _("This is already marked as entered in error."))
        event_strike(journey_id, row.event_id, reason=reason, by=by, at=at)
        row.struck_at, row.struck_reason = at, reason
        row.save(update_fields=["struck_at", "struck_reason"])
        return row
