"""Writes of bridging therapy. What was learned later is recorded as another end; the ledger keeps both."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from infusion.bridging.inputs import CourseDetails, CourseEnd
from infusion.models import BridgingCourse
from patients.enums import Stage
from patients.models import Journey
from patients.services import event_strike, journey_locked, refuse_closed, require_stage

# From the collected cells until the child is infused.
STAGES: Final = (Stage.COLLECTED, Stage.MANUFACTURING, Stage.RELEASED, Stage.LYMPHODEPLETION)


def bridging_start(
    *, journey_id: UUID, course: CourseDetails, by: Actor, at: datetime, number: int | None = None
) -> BridgingCourse:
    """Record that a course of bridging began.

    `number` is the course's own in a journey that comes from elsewhere. Raises `Conflict` outside the time
    between collection and infusion, `Invalid` for a day to come or a number that isn't the next.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, *STAGES)
        _refuse_future_days(journey, at, started_on=course.started_on)
        following = BridgingCourse.objects.filter(journey=journey).count() + 1
        _refuse_other_number(number, following)
        facts = {"number": following, **asdict(course)}
        (event,) = append(journey_id, [NewEvent(EventKind.BRIDGING_STARTED, at, facts)], by=by)
        return BridgingCourse.objects.create(
            journey=journey,
            center_id=journey.center_id,
            number=following,
            started_by=by.name,
            event_id=event.id,
            **asdict(course),
        )


def bridging_end(*, journey_id: UUID, number: int, end: CourseEnd, by: Actor, at: datetime) -> BridgingCourse:
    """Record the end of a course with response, complications and staging; again, what was learned since.

    Raises `Conflict` for a course that was struck, `Invalid` for days that don't follow one another.
    """
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        row = _course(journey, number)
        _refuse_impossible_days(journey, row, end, at)
        facts = {"number": number, **asdict(end)}
        (event,) = append(journey_id, [NewEvent(EventKind.BRIDGING_ENDED, at, facts)], by=by)
        row.ended_on, row.response = end.ended_on, end.response or ""
        row.complications = None if end.complications is None else list(end.complications)
        row.complication_note, row.end_note = end.complication_note, end.note
        row.staged_on, row.staging = end.staged_on, end.staging or ""
        row.ended_by, row.end_event_id = by.name, event.id
        row.save()
        return row


def bridging_strike(*, course_id: UUID, reason: str, by: Actor, at: datetime) -> BridgingCourse:
    """Mark a course as entered in error; it stays readable, struck through."""
    journey_id = BridgingCourse.objects.values_list("journey_id", flat=True).get(pk=course_id)
    with journey_locked(journey_id):
        row = BridgingCourse.objects.select_for_update().get(pk=course_id)
        if row.struck_at:
            raise Conflict("already_struck", _("This course is already marked as entered in error."))
        event_strike(journey_id, row.event_id, reason=reason, by=by, at=at)
        row.struck_at, row.struck_reason = at, reason
        row.save(update_fields=["struck_at", "struck_reason"])
        return row


def _course(journey: Journey, number: int) -> BridgingCourse:
    row = BridgingCourse.objects.filter(journey=journey, number=number).first()
    if row is None:
        raise Invalid(
            "invalid_input", _("No such course."), fields={"number": _("This journey has no such course.")}
        )
    if row.struck_at:
        raise Conflict("already_struck", _("This course is already marked as entered in error."))
    return row


def _refuse_other_number(number: int | None, following: int) -> None:
    if number is not None and number != following:
        raise Invalid(
            "invalid_input",
            _("Not the next course."),
            fields={"number": _("The next course of this journey is number %(n)d.") % {"n": following}},
        )


def _refuse_future_days(journey: Journey, at: datetime, **days: date | None) -> None:
    today = journey.center.local_day(at)
    problems = {
        name: _("Give a day that is not in the future.") for name, day in days.items() if day and day > today
    }
    if problems:
        raise Invalid("invalid_input", _("Not yet."), fields=problems)


def _refuse_impossible_days(journey: Journey, row: BridgingCourse, end: CourseEnd, at: datetime) -> None:
    _refuse_future_days(journey, at, ended_on=end.ended_on, staged_on=end.staged_on)
    problems = {}
    if end.ended_on < row.started_on:
        problems["ended_on"] = _("The last day can't lie before the first.")
    if end.staged_on and end.staged_on < row.started_on:
        problems["staged_on"] = _("Staging before the course began says nothing about it.")
    if end.staging and not end.staged_on:
        problems["staged_on"] = _("Give the day of the staging.")
    if end.complications and "other" in end.complications and not end.complication_note.strip():
        problems["complication_note"] = _("Say what happened.")
    if problems:
        raise Invalid("invalid_input", _("These days or words don't fit."), fields=problems)
