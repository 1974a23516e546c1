"""Writes of the toxicity room: assessments graded by rule, and interventions."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from infusion.part_services import refuse_open_parts
from patients.enums import Stage
from patients.models import Journey
from patients.selectors import latest_weight
from patients.services import event_strike, journey_locked, journey_move, require_stage
from toxicity.enums import Agent
from toxicity.grades import crs_answer, icans_answer
from toxicity.inputs import AssessmentDetails, InterventionDetails
from toxicity.models import Assessment, Intervention
from toxicity.records import assessment_records, dose_record


def assessment_record(
    *, journey_id: UUID, assessment: AssessmentDetails, by: Actor, at: datetime
) -> Assessment:
    """Grade and store what was seen at `at`.

    Earlier CRS and fever modifiers come from the episode, the instrument of ICANS from the child's age that
    day. Raises `Invalid` when neither scale is given, or a confirmed grade differs without a reason.
    """
    if assessment.crs is None and assessment.icans is None:
        raise Invalid(
            "invalid_input", _("Nothing assessed."), fields={"crs": _("Assess CRS, ICANS, or both.")}
        )
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        _refuse_before_infusion(journey, at)
        crs = crs_answer(journey, assessment.crs, at=at) if assessment.crs else None
        icans = icans_answer(journey, assessment.icans, at=at) if assessment.icans else None
        _refuse_unreasoned_override(assessment, crs, icans)
        facts = {
            "crs": crs and _graded(crs, assessment.crs_confirmed_grade),
            "icans": icans and _graded(icans, assessment.icans_confirmed_grade),
            "override_reason": assessment.override_reason or None,
            "note": assessment.note,
            "computed": assessment_records(assessment, crs=crs, icans=icans, by=by),
        }
        (event,) = append(journey_id, [NewEvent(EventKind.TOXICITY_ASSESSED, at, facts)], by=by)
        return Assessment.objects.create(
            journey=journey,
            center_id=journey.center_id,
            assessed_at=at,
            crs=crs,
            crs_grade=crs["result"]["grade"] if crs else None,
            crs_confirmed_grade=assessment.crs_confirmed_grade if crs else None,
            icans=icans,
            icans_grade=icans["result"]["grade"] if icans else None,
            icans_confirmed_grade=assessment.icans_confirmed_grade if icans else None,
            override_reason=assessment.override_reason,
            note=assessment.note,
            assessed_by=by.name,
            event_id=event.id,
        )


def _refuse_before_infusion(journey: Journey, at: datetime) -> None:
    if journey.infused_at is None or at < journey.infused_at:
        raise Invalid(
            "invalid_input",
            _("Before the infusion."),
            fields={"at": _("Give a time after the infusion began.")},
        )


def _graded(answer: dict[str, Any], confirmed: int | None) -> dict[str, Any]:
    """What the ledger keeps of a scale: the grade that counts, the rule's, and how it came about."""
    computed = answer["result"]["grade"]
    return {
        "grade": computed if confirmed is None else confirmed,
        "computed_grade": computed,
        "confirmed_grade": confirmed,
        "at_least": answer["result"].get("at_least", False),
        "scale": answer["scale"],
        "scale_version": answer["scale_version"],
        "missing": answer["missing"],
        "flags": answer["flags"],
        "inputs": answer["inputs"],
    }


def _refuse_unreasoned_override(
    assessment: AssessmentDetails, crs: dict[str, Any] | None, icans: dict[str, Any] | None
) -> None:
    differs = [
        name
        for name, answer, confirmed in (
            ("crs_confirmed_grade", crs, assessment.crs_confirmed_grade),
            ("icans_confirmed_grade", icans, assessment.icans_confirmed_grade),
        )
        if answer and confirmed is not None and confirmed != answer["result"]["grade"]
    ]
    if differs and not assessment.override_reason.strip():
        raise Invalid(
            "invalid_input",
            _("The confirmed grade differs from the rule's."),
            fields={"override_reason": _("Say why the grade differs from the one the rule gives.")},
        )


def assessment_strike(*, assessment_id: UUID, reason: str, by: Actor, at: datetime) -> Assessment:
    """Mark an assessment as entered in error. It stays visible, struck through."""
    journey_id = Assessment.objects.values_list("journey_id", flat=True).get(pk=assessment_id)
    with journey_locked(journey_id):
        assessment = Assessment.objects.select_for_update().get(pk=assessment_id)
        if assessment.struck_at:
            raise Conflict("already_struck", _("This assessment is already marked as entered in error."))
        event_strike(journey_id, assessment.event_id, reason=reason, by=by, at=at)
        assessment.struck_at, assessment.struck_reason = at, reason
        assessment.save(update_fields=["struck_at", "struck_reason"])
        return assessment


def intervention_record(
    *, journey_id: UUID, intervention: InterventionDetails, by: Actor, at: datetime
) -> Intervention:
    """Record something given at `at`, with the child's weight then."""
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        _refuse_before_infusion(journey, at)
        weighed = latest_weight(journey.patient_id, at=at)
        weight_kg = weighed.weight_kg if weighed else None
        facts = asdict(intervention) | {"weight_kg": weight_kg}
        if intervention.agent == Agent.TOCILIZUMAB.value:
            facts["computed"] = dose_record(journey, intervention, by=by, at=at)
        (event,) = append(journey_id, [NewEvent(EventKind.INTERVENTION_GIVEN, at, facts)], by=by)
        return Intervention.objects.create(
            journey=journey,
            center_id=journey.center_id,
            given_at=at,
            weight_kg=weight_kg,
            given_by=by.name,
            event_id=event.id,
            **asdict(intervention),
        )


def acute_monitoring_end(*, journey_id: UUID, note: str = "", by: Actor, at: datetime) -> Journey:
    """End acute monitoring: the child goes to long-term follow-up.

    Raises `Conflict` `parts_open` while a further part of the dose is neither given nor given up.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED)
        refuse_open_parts(journey, at=at)
        moved = journey_move(journey, Stage.FOLLOW_UP, at=at)
        append(journey_id, [NewEvent(EventKind.ACUTE_MONITORING_ENDED, at, {"note": note}), moved], by=by)
        return journey
