"""Writes of the plan of lymphodepletion. A plan never changes: a later one takes its place."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from cartpath.protocols.rows import in_force
from cartpath.protocols.sections import Regimen
from infusion.depletion.inputs import PlanDetails
from infusion.models import LymphodepletionPlan
from infusion.regimen import regimen_answer
from infusion.rules.depletion_days import PlannedDose, counts_back, planned_doses
from infusion.rules.lymphodepletion import RegimenDoses, regimen_doses
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey, Measurement
from patients.provenance import COMPUTED, Record, computed
from patients.selectors import latest_height, latest_weight
from patients.services import event_strike, journey_locked, require_stage

_PLACES = 4


def depletion_plan(*, journey_id: UUID, plan: PlanDetails, by: Actor, at: datetime) -> LymphodepletionPlan:
    """Plan lymphodepletion by a regimen of the protocol, for the weight and height known at `at`.

    Raises `Conflict` outside manufacturing, release and lymphodepletion, or without weight or height,
    `Invalid` for a regimen that isn't in force, days that don't fit, or other doses without a reason.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.MANUFACTURING, Stage.RELEASED, Stage.LYMPHODEPLETION)
        regimen = _regimen(journey, plan, at)
        weight, height = _size(journey, at)
        _refuse_other_doses(regimen, plan)
        _refuse_impossible_days(journey, regimen, plan, at)
        doses = regimen_doses(
            regimen, weight_kg=float(weight.weight_kg or 0), height_cm=float(height.height_cm or 0)
        )
        days = planned_doses(
            regimen,
            doses,
            starts_on=plan.starts_on or plan.infusion_on,
            infusion_on=plan.infusion_on,
            own_mg={own.drug: own.mg for own in plan.own},
        )
        if days[-1].on >= plan.infusion_on:
            raise Invalid(
                "invalid_input",
                _("The days don't fit."),
                fields={"infusion_on": _("The infusion comes after the last dose.")},
            )
        return _keep(journey, plan, regimen, doses, days, weight, height, by=by, at=at)


def depletion_plan_strike(*, plan_id: UUID, reason: str, by: Actor, at: datetime) -> LymphodepletionPlan:
    """Mark a plan as entered in error; the one before it holds again."""
    journey_id = LymphodepletionPlan.objects.values_list("journey_id", flat=True).get(pk=plan_id)
    with journey_locked(journey_id):
        row = LymphodepletionPlan.objects.select_for_update().get(pk=plan_id)
        if row.struck_at:
            raise Conflict("already_struck", _("This plan is already marked as entered in error."))
        event_strike(journey_id, row.event_id, reason=reason, by=by, at=at)
        row.struck_at, row.struck_reason = at, reason
        row.save(update_fields=["struck_at", "struck_reason"])
        return row


def _regimen(journey: Journey, plan: PlanDetails, at: datetime) -> Regimen:
    rows = in_force(protocol_for(journey).lymphodepletion.regimens, journey.center.local_day(at))
    found = next((row for row in rows if row.id == plan.regimen), None)
    if found is None:
        sentence = (
            _("Choose a regimen of the protocol.") if rows else _("No regimen of this protocol is approved.")
        )
        raise Invalid("invalid_input", sentence, fields={"regimen": sentence})
    return found


def _size(journey: Journey, at: datetime) -> tuple[Measurement, Measurement]:
    weight = latest_weight(journey.patient_id, at=at)
    height = latest_height(journey.patient_id, at=at)
    if weight is None or height is None or not weight.weight_kg or not height.height_cm:
        raise Conflict(
            "size_unknown", _("Weigh and measure the child first: the doses follow from weight and height.")
        )
    return weight, height


def _refuse_other_doses(regimen: Regimen, plan: PlanDetails) -> None:
    known = {drug.drug for drug in regimen.drugs}
    strange = [own.drug for own in plan.own if own.drug not in known]
    if strange or len({own.drug for own in plan.own}) < len(plan.own):
        sentence = _("Give each drug of the regimen once.")
        raise Invalid("invalid_input", sentence, fields={"own": sentence})
    if plan.own and not plan.reason.strip():
        sentence = _("Say why the doses are not those of the rule.")
        raise Invalid("invalid_input", sentence, fields={"reason": sentence})


def _refuse_impossible_days(journey: Journey, regimen: Regimen, plan: PlanDetails, at: datetime) -> None:
    problems = {}
    if counts_back(regimen) and plan.starts_on is not None:
        problems["starts_on"] = _("Leave it empty: this regimen counts its days back from the infusion.")
    elif not counts_back(regimen) and plan.starts_on is None:
        problems["starts_on"] = _("Give the first day of lymphodepletion.")
    if plan.clearance_on is not None and plan.clearance_on > journey.center.local_day(at):
        problems["clearance_on"] = _("Give a day that has come.")
    if plan.clearance_ml_min is not None and plan.clearance_on is None:
        problems["clearance_on"] = _("Give the day of the sample.")
    if problems:
        raise Invalid("invalid_input", _("The days don't fit."), fields=problems)


def _keep(
    journey: Journey,
    plan: PlanDetails,
    regimen: Regimen,
    doses: RegimenDoses,
    days: Sequence[PlannedDose],
    weight: Measurement,
    height: Measurement,
    *,
    by: Actor,
    at: datetime,
) -> LymphodepletionPlan:
    told = [asdict(day) | {"on": day.on.isoformat()} for day in days]
    size = {
        "weight_kg": weight.weight_kg,
        "weighed_on": _day(journey, weight),
        "height_cm": height.height_cm,
        "measured_on": _day(journey, height),
        "body_surface_m2": round(doses.bsa_m2, _PLACES),
    }
    facts = asdict(plan) | size | {"first_on": days[0].on, "last_on": days[-1].on, "days": told}
    facts[COMPUTED] = _records(journey, regimen, doses, weight, height)
    (event,) = append(journey.pk, [NewEvent(EventKind.LYMPHODEPLETION_PLANNED, at, facts)], by=by)
    return LymphodepletionPlan.objects.create(
        journey=journey,
        center_id=journey.center_id,
        regimen=regimen.id,
        infusion_on=plan.infusion_on,
        clearance_ml_min=plan.clearance_ml_min,
        clearance_on=plan.clearance_on,
        flu_auc=plan.flu_auc,
        doses=told,
        reason=plan.reason,
        is_repeat=plan.is_repeat,
        planned_at=at,
        planned_by=by.name,
        event_id=event.id,
        **size,
    )


def _day(journey: Journey, measured: Measurement) -> date:
    return journey.center.local_day(measured.measured_at)


def _records(
    journey: Journey, regimen: Regimen, doses: RegimenDoses, weight: Measurement, height: Measurement
) -> list[Record]:
    """What the rule said of each drug, as a given dose records it."""
    protocol = protocol_for(journey)
    size = {"weight_kg": float(weight.weight_kg or 0), "height_cm": float(height.height_cm or 0)}
    return [
        computed(
            "lymphodepletion",
            value=round(dose.mg_per_day, 1),
            unit="mg",
            inputs={"regimen": regimen.id, "drug": dose.drug, **size},
            answer=regimen_answer(protocol, regimen, doses),
            protocol=protocol,
            rows=[regimen],
        )
        for dose in doses.drugs
    ]
