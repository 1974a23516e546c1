"""A clinician's later signature under a grade that somebody else recorded."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid, NotFound
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.services import NewEvent, append
from patients.provenance import value_text
from toxicity.models import Assessment
from toxicity.reviewing import review
from toxicity.writing import bedside_write

Scale = Literal["crs", "icans"]
SCALES: Final[tuple[Scale, ...]] = ("crs", "icans")
GRADES: Final = range(6)


def result_confirm(
    *, assessment_id: UUID, rule: Scale, grade: int, reason: str = "", by: Actor, at: datetime
) -> Assessment:
    """Confirm the grade of one scale, or put another one in its place with a reason.

    The signature counts from now on wherever the grade is shown; a later one takes its place. Raises
    `NotFound` for a scale that was not assessed, `Conflict` `already_struck` for an assessment entered in
    error and `already_confirmed` for a signature that changes nothing, `Invalid` without the reason.
    """
    journey_id = Assessment.objects.values_list("journey_id", flat=True).get(pk=assessment_id)
    with bedside_write(journey_id) as journey:
        assessment = Assessment.objects.select_for_update().get(pk=assessment_id)
        if getattr(assessment, rule) is None:
            raise NotFound
        _refuse_wrong_grade(assessment, rule, grade, reason)
        setattr(assessment, f"{rule}_confirmed_grade", grade)
        assessment.save(update_fields=[f"{rule}_confirmed_grade"])
        append(journey_id, [_signature(assessment, rule, grade, reason, at)], by=by)
        review(journey, at=at, by=by)
        return assessment


def _refuse_wrong_grade(assessment: Assessment, rule: Scale, grade: int, reason: str) -> None:
    if assessment.struck_at:
        raise Conflict("already_struck", _("This assessment is already marked as entered in error."))
    if getattr(assessment, f"{rule}_confirmed_grade") == grade:
        raise Conflict("already_confirmed", _("This grade is already confirmed."))
    problems = {}
    if grade not in GRADES:
        problems["grade"] = _("A grade lies between 0 and 5.")
    if grade != getattr(assessment, f"{rule}_grade") and not reason.strip():
        problems["reason"] = _("Say why the grade differs from the one the rule gives.")
    if problems:
        raise Invalid("invalid_input", _("The grade can't be confirmed."), fields=problems)


def _signature(assessment: Assessment, rule: Scale, grade: int, reason: str, at: datetime) -> NewEvent:
    """The event names what it signs by the assessment's number in the journey."""
    facts = {
        "event": Event.objects.values_list("seq", flat=True).get(pk=assessment.event_id),
        "rule": rule,
        "computed_value": value_text(getattr(assessment, f"{rule}_grade")),
        "value": value_text(grade),
        "reason": reason.strip() or None,
    }
    return NewEvent(EventKind.RESULT_CONFIRMED, at, facts)
