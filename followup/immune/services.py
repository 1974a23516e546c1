"""Writes of the immune system: samples between visits, drugs, immunoglobulin, vaccines."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from followup.days import noon, refuse_day
from followup.immune.enums import PROPHYLAXIS
from followup.immune.history import History
from followup.immune.inputs import (
    MEASURED,
    CourseDetails,
    CourseEnd,
    ImmunoglobulinDetails,
    SampleDetails,
    VaccinationDetails,
)
from followup.immune.proposals import stop_of, vaccine_row, weight_on, window_of
from followup.models import Course, ImmuneSample, Immunoglobulin, Vaccination
from followup.models.immune import Recorded
from followup.records import b_cell_facts, dose_record, sample_facts, stop_record, vaccine_record
from followup.rules.replacement import read_dose
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.services import event_strike, journey_locked, require_stage

RowT = TypeVar("RowT", bound=Recorded)
_STAGES = (Stage.INFUSED, Stage.FOLLOW_UP)


def sample_record(*, journey_id: UUID, sample: SampleDetails, by: Actor, at: datetime) -> ImmuneSample:
    """Record a blood sample between visits; its clinical time is noon of its day.

    Raises `Invalid` for a day before the infusion or in the future, and for a sample that says nothing.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, *_STAGES)
        refuse_day(journey, sample.taken_on, at, field="taken_on")
        if not sample.list_complete and all(getattr(sample, name) is None for name in MEASURED):
            sentence = _("Give a value, or confirm the list.")
            raise Invalid("invalid_input", sentence, fields={"b_cells_per_ul": sentence})
        facts = asdict(sample) | sample_facts(journey, sample)
        happened_at = noon(journey, sample.taken_on, at)
        (event,) = append(journey_id, [NewEvent(EventKind.SAMPLE_RECORDED, happened_at, facts)], by=by)
        stored = asdict(sample) | {"vaccine_response": sample.vaccine_response or ""}
        return ImmuneSample.objects.create(**_own(journey, by, event.id), **stored)


def sample_strike(*, sample_id: UUID, reason: str, by: Actor, at: datetime) -> ImmuneSample:
    """Mark a sample as entered in error; B-cell aplasia is judged anew."""
    journey_id = ImmuneSample.objects.values_list("journey_id", flat=True).get(pk=sample_id)
    with journey_locked(journey_id) as journey:
        row = _struck(ImmuneSample.objects.filter(pk=sample_id), reason, at)
        event_strike(journey_id, row.event_id, reason=reason, by=by, at=at, facts=b_cell_facts(journey))
        return row


def course_start(*, journey_id: UUID, course: CourseDetails, by: Actor, at: datetime) -> Course:
    """Record a drug that is given from a day on, also one begun before the infusion.

    Raises `Conflict` `course_known` when the same drug is running already.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, *_STAGES)
        if course.started_on is not None:
            _refuse_impossible(journey, course.started_on, at, field="started_on")
        same = Course.objects.filter(journey__patient_id=journey.patient_id, struck_at=None, stopped_on=None)
        if same.filter(group=course.group, drug__iexact=course.drug).exists():
            raise Conflict("course_known", _("This drug is recorded as given already."))
        happened_at = noon(journey, course.started_on, at) if course.started_on else at
        new = NewEvent(EventKind.THERAPY_STARTED, happened_at, asdict(course))
        (event,) = append(journey_id, [new], by=by)
        return Course.objects.create(**_own(journey, by, event.id), **asdict(course))


def course_stop(*, course_id: UUID, end: CourseEnd, by: Actor, at: datetime) -> Course:
    """Record the last day of a drug. For a prophylaxis the rule's verdict of that day is kept beside it.

    Raises `Conflict` `course_ended` when its end is recorded already, `Invalid` for a day before its start.
    """
    journey_id = Course.objects.values_list("journey_id", flat=True).get(pk=course_id)
    with journey_locked(journey_id) as journey:
        require_stage(journey, *_STAGES)
        course = Course.objects.select_for_update().get(pk=course_id)
        if course.struck_at or course.stopped_on:
            raise Conflict("course_ended", _("The end of this drug is recorded already."))
        _refuse_impossible(journey, end.stopped_on, at, field="stopped_on")
        if course.started_on and end.stopped_on < course.started_on:
            sentence = _("A drug can't end before it began.")
            raise Invalid("invalid_input", sentence, fields={"stopped_on": sentence})
        facts = {"group": course.group, "drug": course.drug, **asdict(end), **_stop_facts(course, end)}
        happened_at = noon(journey, end.stopped_on, at)
        (event,) = append(journey_id, [NewEvent(EventKind.THERAPY_STOPPED, happened_at, facts)], by=by)
        course.stopped_on, course.stop_reason, course.stop_event_id = end.stopped_on, end.reason, event.id
        course.save(update_fields=["stopped_on", "stop_reason", "stop_event_id"])
        return course


def _stop_facts(course: Course, end: CourseEnd) -> dict[str, Any]:
    if course.group not in PROPHYLAXIS:
        return {}
    journey = Journey.objects.select_related("patient", "center").get(pk=course.journey_id)
    found = stop_of(journey, course.group, History(journey), on=end.stopped_on)
    if found is None or found.row is None:
        return {}
    inputs = {"group": course.group, "drug": course.drug, "stopped_on": end.stopped_on}
    return {"stop_verdict": found.verdict, "computed": [stop_record(journey, found, inputs=inputs)]}


def course_strike(*, course_id: UUID, reason: str, by: Actor, at: datetime) -> Course:
    """Mark the end of a drug as entered in error, so that it is given on; or, of a running one, the whole."""
    journey_id = Course.objects.values_list("journey_id", flat=True).get(pk=course_id)
    with journey_locked(journey_id) as journey:
        course = Course.objects.select_for_update().get(pk=course_id)
        if course.stop_event_id is not None:
            struck_event = course.stop_event_id
            course.stopped_on, course.stop_reason, course.stop_event_id = None, "", None
            course.save(update_fields=["stopped_on", "stop_reason", "stop_event_id"])
        else:
            course = _struck(Course.objects.filter(pk=course_id), reason, at)
            struck_event = course.event_id
        event_strike(journey_id, struck_event, reason=reason, by=by, at=at, facts=b_cell_facts(journey))
        return course


def immunoglobulin_give(
    *, journey_id: UUID, dose: ImmunoglobulinDetails, by: Actor, at: datetime
) -> Immunoglobulin:
    """Record a dose of immunoglobulin, counted per kilogram of the latest weight up to its day."""
    with journey_locked(journey_id) as journey:
        require_stage(journey, *_STAGES)
        _refuse_impossible(journey, dose.given_on, at, field="given_on")
        weight_kg, weighed_on = weight_on(journey, dose.given_on)
        reading = read_dose(
            protocol_for(journey).follow_up.immune.doses,
            route=dose.route,
            dose_g=dose.dose_g,
            weight_kg=weight_kg,
            weighed_on=weighed_on,
            on=dose.given_on,
        )
        weighed = {"weight_kg": weight_kg, "weighed_on": weighed_on}
        inputs = {"dose_g": dose.dose_g, "route": dose.route, "given_on": dose.given_on, **weighed}
        facts = {
            **asdict(dose),
            **weighed,
            "g_per_kg": reading.g_per_kg,
            "computed": [dose_record(journey, reading, inputs=inputs)],
        }
        happened_at = noon(journey, dose.given_on, at)
        (event,) = append(journey_id, [NewEvent(EventKind.IMMUNOGLOBULIN_GIVEN, happened_at, facts)], by=by)
        return Immunoglobulin.objects.create(**_own(journey, by, event.id), **asdict(dose), **weighed)


def immunoglobulin_strike(*, dose_id: UUID, reason: str, by: Actor, at: datetime) -> Immunoglobulin:
    """Mark a dose of immunoglobulin as entered in error."""
    journey_id = Immunoglobulin.objects.values_list("journey_id", flat=True).get(pk=dose_id)
    with journey_locked(journey_id):
        row = _struck(Immunoglobulin.objects.filter(pk=dose_id), reason, at)
        event_strike(journey_id, row.event_id, reason=reason, by=by, at=at)
        return row


def vaccine_give(
    *, journey_id: UUID, vaccination: VaccinationDetails, by: Actor, at: datetime
) -> Vaccination:
    """Record a dose of a vaccine, with what the rules said of its day.

    A live vaccine that the rules don't allow, or of which they can't tell, asks for a reason: `Invalid`
    otherwise. Raises `Invalid` for a vaccine the protocol doesn't name, `Conflict` `vaccine_known` for the
    same vaccine on the same day.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, *_STAGES)
        refuse_day(journey, vaccination.given_on, at, field="given_on")
        row = vaccine_row(protocol_for(journey), vaccination.vaccine, on=vaccination.given_on)
        if row is None:
            sentence = _("Choose a vaccine of the protocol.")
            raise Invalid("invalid_input", sentence, fields={"vaccine": sentence})
        known = Vaccination.objects.filter(journey__patient_id=journey.patient_id, struck_at=None)
        if known.filter(vaccine=vaccination.vaccine, given_on=vaccination.given_on).exists():
            raise Conflict("vaccine_known", _("This vaccine is already recorded on that day."))
        window = window_of(journey, row.vaccine_class, History(journey), on=vaccination.given_on)
        is_possible = window.window == "possible"
        if row.vaccine_class == "live" and not is_possible and not vaccination.override_reason.strip():
            sentence = _(
                "The rules don't allow this live vaccine on that day. Say why it was given all the same."
            )
            raise Invalid("live_vaccine", sentence, fields={"override_reason": sentence})
        inputs = {
            "vaccine": vaccination.vaccine,
            "vaccine_class": row.vaccine_class,
            "given_on": vaccination.given_on,
        }
        facts = {
            **asdict(vaccination),
            "vaccine_window": window.window,
            "computed": [vaccine_record(journey, window, inputs=inputs)],
        }
        happened_at = noon(journey, vaccination.given_on, at)
        (event,) = append(journey_id, [NewEvent(EventKind.VACCINE_GIVEN, happened_at, facts)], by=by)
        return Vaccination.objects.create(
            **_own(journey, by, event.id), **asdict(vaccination), window=window.window
        )


def vaccine_strike(*, vaccination_id: UUID, reason: str, by: Actor, at: datetime) -> Vaccination:
    """Mark a dose of a vaccine as entered in error."""
    journey_id = Vaccination.objects.values_list("journey_id", flat=True).get(pk=vaccination_id)
    with journey_locked(journey_id):
        row = _struck(Vaccination.objects.filter(pk=vaccination_id), reason, at)
        event_strike(journey_id, row.event_id, reason=reason, by=by, at=at)
        return row


def _own(journey: Journey, by: Actor, event_id: int) -> dict[str, Any]:
    return {
        "journey": journey,
        "center_id": journey.center_id,
        "recorded_by": by.name,
        "event_id": event_id,
    }


def _struck(rows: "QuerySet[RowT]", reason: str, at: datetime) -> RowT:
    row = rows.select_for_update().get()
    if row.struck_at:
        raise Conflict("already_struck", _("This is already marked as entered in error."))
    row.struck_at, row.struck_reason = at, reason
    row.save(update_fields=["struck_at", "struck_reason"])
    return row


def _refuse_impossible(journey: Journey, day: date, at: datetime, *, field: str) -> None:
    """Drugs and immunoglobulin may have begun before the infusion, but not before the birth."""
    if not journey.patient.birth_date <= day <= at.astimezone(journey.center.zone).date():
        sentence = _("The day must lie between birth and today.")
        raise Invalid("invalid_input", sentence, fields={field: sentence})
