"""Writes of growing up: the way to adult care, attempts to reach a family, lost and found."""

from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from followup.growing.enums import SafetyKeeper
from followup.growing.inputs import (
    AttemptDetails,
    CareHandedOver,
    FindDetails,
    HandOverStepDetails,
    LossDetails,
)
from followup.models import ContactAttempt, HandOver, HandOverStep, Loss
from followup.rules.hand_over import hand_over_readiness
from patients.enums import Stage
from patients.models import Journey
from patients.services import journey_locked, refuse_closed, require_stage


def hand_over_step_record(
    *, journey_id: UUID, step: HandOverStepDetails, by: Actor, at: datetime
) -> HandOverStep:
    """Record a step to adult care; done again, it counts from the later day. Raises `Invalid`.

    With `safety_accepted` the adult center keeps the 15-year safety follow-up; until then it stays ours.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        _refuse_day(journey, step.done_on, at, field="done_on")
        hand_over, _created = HandOver.objects.get_or_create(journey=journey)
        _note_step(hand_over, step)
        hand_over.save()
        row, _created = HandOverStep.objects.update_or_create(
            journey=journey,
            step=step.step,
            defaults={"done_on": step.done_on, "note": step.note, "recorded_by": by.name},
        )
        append(journey_id, [NewEvent(EventKind.HAND_OVER_STEP_RECORDED, at, asdict(step))], by=by)
        return row


def _note_step(hand_over: HandOver, step: HandOverStepDetails) -> None:
    """What two of the steps say about the hand-over as a whole."""
    if step.step == "center_agreed":
        if not step.adult_center.strip():
            raise _needed("adult_center", _("Name the adult center."))
        hand_over.adult_center = step.adult_center
        hand_over.physician, hand_over.phone = step.physician, step.phone
    if step.step == "safety_accepted":
        if not step.confirmed_by.strip():
            raise _needed("confirmed_by", _("Say who at the adult center confirmed it."))
        hand_over.safety_keeper = SafetyKeeper.THEM
        hand_over.safety_confirmed_by, hand_over.safety_confirmed_on = step.confirmed_by, step.done_on


def care_hand_over(*, journey_id: UUID, hand_over: CareHandedOver, by: Actor, at: datetime) -> HandOver:
    """Hand the patient's care over to the adult center.

    Raises `Conflict` while the center hasn't agreed or hasn't seen the patient, or when it is done already;
    `Invalid` without a reason for another step that was left out.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        _refuse_day(journey, hand_over.handed_over_on, at, field="handed_over_on")
        row = HandOver.objects.filter(journey=journey).first()
        if row and row.handed_over_on:
            raise Conflict("handed_over", _("Care is already handed over."))
        found = hand_over_readiness(steps_done(journey))
        if row is None or not found.can_hand_over:
            raise Conflict(
                "not_ready", _("The adult center must have agreed and seen the patient before the hand-over.")
            )
        if found.needs_reason and not hand_over.reason.strip():
            raise _needed("reason", _("Say why a step was left out."))
        row.handed_over_on, row.reason = hand_over.handed_over_on, hand_over.reason
        row.save(update_fields=["handed_over_on", "reason"])
        append(journey_id, [NewEvent(EventKind.CARE_HANDED_OVER, at, asdict(hand_over))], by=by)
        return row


def steps_done(journey: Journey) -> set[str]:
    """The steps to adult care that are done."""
    return set(HandOverStep.objects.filter(journey=journey).values_list("step", flat=True))


def attempt_record(*, journey_id: UUID, attempt: AttemptDetails, by: Actor, at: datetime) -> ContactAttempt:
    """Record that somebody tried at `at` to reach the family."""
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        if attempt.next_on is not None and attempt.next_on < journey.center.local_day(at):
            raise _needed("next_on", _("The next try can't lie before this one."))
        facts = asdict(attempt)
        (event,) = append(journey_id, [NewEvent(EventKind.CONTACT_ATTEMPTED, at, facts)], by=by)
        return ContactAttempt.objects.create(
            journey=journey, attempted_at=at, recorded_by=by.name, event_id=event.id, **facts
        )


def loss_record(*, journey_id: UUID, loss: LossDetails, by: Actor, at: datetime) -> Loss:
    """Record that nobody knows where the child is. The journey stays open, and so does its safety follow-up.

    Raises `Conflict` `already_lost`.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        _refuse_day(journey, loss.since, at, field="since")
        if open_loss(journey) is not None:
            raise Conflict("already_lost", _("This patient is already recorded as not found."))
        append(journey_id, [NewEvent(EventKind.PATIENT_LOST, at, asdict(loss))], by=by)
        return Loss.objects.create(
            journey=journey, since_on=loss.since, last_known=loss.last_known, note=loss.note
        )


def loss_end(*, journey_id: UUID, found: FindDetails, by: Actor, at: datetime) -> Loss:
    """Record that the child was found again. Raises `Conflict` `not_lost`."""
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        row = open_loss(journey)
        if row is None:
            raise Conflict("not_lost", _("This patient isn't recorded as lost."))
        _refuse_day(journey, found.found_on, at, field="found_on")
        if found.found_on < row.since_on:
            raise _needed("found_on", _("A patient can't be found before being lost."))
        row.found_on, row.found_where, row.found_note = found.found_on, found.where, found.note
        row.save(update_fields=["found_on", "found_where", "found_note"])
        append(journey_id, [NewEvent(EventKind.PATIENT_FOUND, at, asdict(found))], by=by)
        return row


def open_loss(journey: Journey) -> Loss | None:
    """The loss that has not ended; None while we know where the child is."""
    return Loss.objects.filter(journey=journey, found_on=None).first()


def _refuse_day(journey: Journey, day: date, at: datetime, *, field: str) -> None:
    local = journey.center.local_day
    if journey.infused_at is None or not local(journey.infused_at) <= day <= local(at):
        raise _needed(field, _("The day must lie between the infusion and today."))


def _needed(field: str, sentence: str) -> Invalid:
    return Invalid("invalid_input", sentence, fields={field: sentence})
