"""Grading and storing what was seen of a child, inside the transaction of whoever saw it.

An assessment that somebody enters and the set of observations of a round both come through here, so that a
grade is the same whichever way it came in.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from patients.models import Journey
from patients.services import event_strike
from toxicity.grades import crs_answer, icans_answer
from toxicity.inputs import AssessmentDetails
from toxicity.models import Assessment
from toxicity.records import assessment_records


@dataclass(frozen=True, slots=True)
class Answers:
    """What the rules say of one child at one time, with their inputs; None is a scale not assessed."""

    crs: dict[str, Any] | None = None
    icans: dict[str, Any] | None = None


def answers_for(journey: Journey, assessment: AssessmentDetails, *, at: datetime) -> Answers:
    """Grade what was seen at `at`, as it would be stored."""
    return Answers(
        crs=crs_answer(journey, assessment.crs, at=at) if assessment.crs else None,
        icans=icans_answer(journey, assessment.icans, at=at) if assessment.icans else None,
    )


def assess(
    journey: Journey,
    assessment: AssessmentDetails,
    *,
    by: Actor,
    at: datetime,
    answers: Answers | None = None,
) -> Assessment:
    """Store what was seen at `at` in a journey that is locked, graded, with its event.

    `answers` are the grades when they are at hand. Raises `Invalid` when a confirmed grade differs from the
    rule's without a reason.
    """
    graded = answers or answers_for(journey, assessment, at=at)
    crs, icans = graded.crs, graded.icans
    _refuse_unreasoned_override(assessment, crs, icans)
    facts = {
        "crs": crs and _graded(crs, assessment.crs_confirmed_grade),
        "icans": icans and _graded(icans, assessment.icans_confirmed_grade),
        "override_reason": assessment.override_reason or None,
        "note": assessment.note,
        "computed": assessment_records(assessment, crs=crs, icans=icans, by=by),
    }
    (event,) = append(journey.pk, [NewEvent(EventKind.TOXICITY_ASSESSED, at, facts)], by=by)
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


def assessment_void(assessment: Assessment, *, reason: str, by: Actor, at: datetime) -> None:
    """Mark an assessment of a locked journey as entered in error. Raises `Conflict` when it already is."""
    if assessment.struck_at:
        raise Conflict("already_struck", _("This assessment is already marked as entered in error."))
    event_strike(assessment.journey_id, assessment.event_id, reason=reason, by=by, at=at)
    assessment.struck_at, assessment.struck_reason = at, reason
    assessment.save(update_fields=["struck_at", "struck_reason"])


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
