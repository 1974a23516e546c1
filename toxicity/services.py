"""Writes of the toxicity room: assessments graded by rule, and the end of acute monitoring."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from infusion.part_services import refuse_open_parts
from patients.enums import Stage
from patients.models import Journey
from patients.services import journey_move, require_stage
from toxicity.assessing import assess, assessment_void
from toxicity.guards import refuse_before_infusion
from toxicity.inputs import AssessmentDetails
from toxicity.models import Assessment
from toxicity.reviewing import review
from toxicity.writing import bedside_write


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
    with bedside_write(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        refuse_before_infusion(journey, at)
        stored = assess(journey, assessment, by=by, at=at)
        review(journey, at=at, by=by)
        return stored


def assessment_strike(*, assessment_id: UUID, reason: str, by: Actor, at: datetime) -> Assessment:
    """Mark an assessment as entered in error. It stays visible, struck through."""
    journey_id = Assessment.objects.values_list("journey_id", flat=True).get(pk=assessment_id)
    with bedside_write(journey_id) as journey:
        assessment = Assessment.objects.select_for_update().get(pk=assessment_id)
        assessment_void(assessment, reason=reason, by=by, at=at)
        review(journey, at=at, by=by)
        return assessment


def acute_monitoring_end(*, journey_id: UUID, note: str = "", by: Actor, at: datetime) -> Journey:
    """End acute monitoring: the child goes to long-term follow-up.

    Raises `Conflict` `parts_open` while a further part of the dose is neither given nor given up.
    """
    with bedside_write(journey_id) as journey:
        require_stage(journey, Stage.INFUSED)
        refuse_open_parts(journey, at=at)
        moved = journey_move(journey, Stage.FOLLOW_UP, at=at)
        append(journey_id, [NewEvent(EventKind.ACUTE_MONITORING_ENDED, at, {"note": note}), moved], by=by)
        review(journey, at=at, by=by)
        return journey
