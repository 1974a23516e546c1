"""Writes of a new malignancy: the case, its steps, its end.

Reported to the manufacturer and tested for the CAR transgene, because the gene that was brought in may have
caused it. A case is closed when each step is done or said not to be needed.
"""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from followup.days import noon, refuse_day
from followup.finding_enums import CaseOutcome, MalignancyStep, TransgeneResult
from followup.inputs import CaseEnd, CaseStepDetails, SuspicionDetails
from followup.models import CaseStep, MalignancyCase
from patients.enums import Stage
from patients.models import Journey
from patients.services import event_strike, journey_locked, require_stage


def malignancy_suspect(
    *, journey_id: UUID, suspicion: SuspicionDetails, by: Actor, at: datetime
) -> MalignancyCase:
    """Open a case; its clinical time is noon of the day of the suspicion.

    Raises `Invalid` for a day before the infusion or in the future, or a diagnosis before the suspicion.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        refuse_day(journey, suspicion.suspected_on, at, field="suspected_on")
        if suspicion.diagnosed_on is not None and suspicion.diagnosed_on < suspicion.suspected_on:
            sentence = _("The diagnosis can't lie before the suspicion.")
            raise Invalid("invalid_input", sentence, fields={"diagnosed_on": sentence})
        last = MalignancyCase.objects.filter(journey=journey).aggregate(last=Max("number"))["last"] or 0
        facts = asdict(suspicion) | {"case": last + 1}
        occurred_at = noon(journey, suspicion.suspected_on, at)
        (event,) = append(journey_id, [NewEvent(EventKind.MALIGNANCY_SUSPECTED, occurred_at, facts)], by=by)
        return MalignancyCase.objects.create(
            journey=journey,
            center_id=journey.center_id,
            number=last + 1,
            opened_by=by.name,
            opened_at=at,
            event_id=event.id,
            **asdict(suspicion),
        )


def case_step_record(*, journey_id: UUID, step: CaseStepDetails, by: Actor, at: datetime) -> CaseStep:
    """Record a step of an open case as done or not needed; a second record takes the place of the first.

    Also in a closed journey: a child who died is still reported. Raises `Invalid` for a step without what it
    needs, `Conflict` for a case that isn't open.
    """
    with journey_locked(journey_id) as journey:
        case = _open_case(journey, step.case)
        _refuse_incomplete(journey, case, step, at)
        occurred_at = noon(journey, step.done_on, at)
        event = NewEvent(EventKind.MALIGNANCY_STEP_RECORDED, occurred_at, asdict(step))
        (made,) = append(journey_id, [event], by=by)
        row, _made = CaseStep.objects.update_or_create(
            case=case,
            step=step.step,
            defaults={
                "state": step.state,
                "done_on": step.done_on,
                "reference": step.reference,
                "sample": step.sample or "",
                "result": step.result or "",
                "note": step.note,
                "recorded_by": by.name,
                "event_id": made.id,
            },
        )
        return row


def _refuse_incomplete(journey: Journey, case: MalignancyCase, step: CaseStepDetails, at: datetime) -> None:
    wrong = {}
    is_done = step.state == "done"
    if not is_done and not step.note.strip():
        wrong["note"] = _("Say why the step isn't needed.")
    if is_done and step.step == "transgene_result" and step.result is None:
        wrong["result"] = _("Give the result of the transgene test.")
    if step.result is not None and (step.step != "transgene_result" or not is_done):
        wrong["result"] = _("Only the transgene test has a result.")
    if is_done and step.step == "sample_sent" and step.sample is None:
        wrong["sample"] = _("Say what was sent.")
    if step.sample is not None and (step.step != "sample_sent" or not is_done):
        wrong["sample"] = _("Only the step of sending names a sample.")
    if not case.suspected_on <= step.done_on <= at.astimezone(journey.center.zone).date():
        wrong["done_on"] = _("The day must lie between the suspicion and today.")
    if wrong:
        raise Invalid("invalid_input", _("The step is not complete."), fields=wrong)


def case_close(*, journey_id: UUID, end: CaseEnd, by: Actor, at: datetime) -> MalignancyCase:
    """Close a case with its outcome.

    Raises `Conflict` `case_steps_open` while a step is neither done nor said not to be needed, and `Invalid`
    for an outcome that the transgene test speaks against.
    """
    with journey_locked(journey_id) as journey:
        case = _open_case(journey, end.case)
        told = {row.step: row for row in case.steps.all()}
        waiting = [step for step in MalignancyStep if step.value not in told]
        if waiting:
            names = ", ".join(str(step.label) for step in waiting)
            raise Conflict("case_steps_open", _("Still open: %(steps)s.") % {"steps": names})
        tested = told[MalignancyStep.TRANSGENE_RESULT].result
        _refuse_outcome(end, tested)
        event = NewEvent(EventKind.MALIGNANCY_CLOSED, at, asdict(end))
        append(journey_id, [event], by=by)
        case.outcome, case.closed_at, case.closed_by = end.outcome, at, by.name
        case.closing_note = end.note
        case.save(update_fields=["outcome", "closed_at", "closed_by", "closing_note"])
        return case


def _refuse_outcome(end: CaseEnd, tested: str) -> None:
    """The transgene decides between a malignancy with it, without it, and one that nobody knows of."""
    fitting = {
        TransgeneResult.POSITIVE.value: {CaseOutcome.CAR_POSITIVE.value},
        TransgeneResult.NEGATIVE.value: {CaseOutcome.CONFIRMED.value, CaseOutcome.EXCLUDED.value},
    }.get(tested, {CaseOutcome.NOT_TESTED.value, CaseOutcome.EXCLUDED.value})
    if end.outcome not in fitting:
        sentence = _("The result of the transgene test speaks against this outcome.")
        raise Invalid("invalid_input", sentence, fields={"outcome": sentence})


def _open_case(journey: Journey, number: int) -> MalignancyCase:
    case = (
        MalignancyCase.objects.select_for_update()
        .filter(journey=journey, number=number, struck_at=None)
        .first()
    )
    if case is None:
        sentence = _("There is no such case.")
        raise Invalid("invalid_input", sentence, fields={"case": sentence})
    if case.closed_at is not None:
        raise Conflict("case_closed", _("This case is closed."))
    return case


def case_strike(*, case_id: UUID, reason: str, by: Actor, at: datetime) -> MalignancyCase:
    """Mark an open case and its steps as entered in error."""
    journey_id = MalignancyCase.objects.values_list("journey_id", flat=True).get(pk=case_id)
    with journey_locked(journey_id):
        case = MalignancyCase.objects.select_for_update().get(pk=case_id)
        if case.struck_at:
            raise Conflict("already_struck", _("This case is already marked as entered in error."))
        if case.closed_at:
            raise Conflict("case_closed", _("This case is closed."))
        case.struck_at, case.struck_reason = at, reason
        case.save(update_fields=["struck_at", "struck_reason"])
        for event_id in case.steps.order_by("-event_id").values_list("event_id", flat=True):
            event_strike(journey_id, event_id, reason=reason, by=by, at=at)
        event_strike(journey_id, case.event_id, reason=reason, by=by, at=at)
        return case
