"""Writes about what is given: record, stop, mark as entered in error, correct."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.core.said import said_text
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from patients.enums import Stage
from patients.models import Journey
from patients.services import event_strike, require_stage
from toxicity.dosing import dose_weight
from toxicity.enums import COURSES, Agent
from toxicity.guards import refuse_before_infusion
from toxicity.inputs import InterventionDetails
from toxicity.interventions.shape import refused
from toxicity.models import Intervention
from toxicity.records import dose_record
from toxicity.reviewing import review
from toxicity.writing import bedside_write

# Why a course was stopped when nobody said so: the next rate or device took its place.
CHANGED: Final = "changed"


def intervention_record(
    *,
    journey_id: UUID,
    intervention: InterventionDetails,
    by: Actor,
    at: datetime,
    entry_id: UUID | None = None,
) -> Intervention:
    """Record something given at `at`, with the weight that doses were counted from then.

    A vasopressor ends the rate at which the same one ran until then, oxygen the device before it. With
    `entry_id`, made where it was typed, sending the same entry twice keeps one dose. Raises `Invalid` for
    details that contradict each other or a time before the infusion.
    """
    with bedside_write(journey_id) as journey:
        if entry_id is not None and (sent := Intervention.objects.filter(pk=entry_id).first()):
            return _sent_before(sent, journey)
        row = _given(journey, intervention, by=by, at=at, entry_id=entry_id)
        review(journey, at=at, by=by)
        return row


def _sent_before(sent: Intervention, journey: Journey) -> Intervention:
    if sent.journey_id != journey.pk:
        raise Conflict("entry_known", _("This entry belongs to another child."))
    return sent


def _given(
    journey: Journey,
    intervention: InterventionDetails,
    *,
    by: Actor,
    at: datetime,
    entry_id: UUID | None = None,
) -> Intervention:
    require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
    refuse_before_infusion(journey, at)
    problems = refused(intervention, at=at)
    if problems:
        raise Invalid("invalid_input", _("This can't be recorded."), fields=_in_words(problems))
    for earlier in _replaced(journey, intervention, at=at):
        _stop(earlier, reason=CHANGED, by=by, at=at)
    weight = dose_weight(journey, at=at)
    counted = {"weight_kg": weight.weight_kg, "weight_from": weight.origin}
    details = asdict(intervention)
    facts: dict[str, Any] = details | counted
    if intervention.agent == Agent.TOCILIZUMAB.value:
        facts["computed"] = dose_record(journey, intervention, by=by, at=at)
    (event,) = append(journey.pk, [NewEvent(EventKind.INTERVENTION_GIVEN, at, facts)], by=by)
    return Intervention.objects.create(
        id=entry_id or uuid4(),
        journey=journey,
        center_id=journey.center_id,
        given_at=at,
        given_by=by.name,
        event_id=event.id,
        **details | counted | {"device": details["device"] or ""},
    )


def _in_words(problems: Mapping[str, str]) -> dict[str, str]:
    return {field: said_text(sentence) for field, sentence in problems.items()}


def _replaced(journey: Journey, given: InterventionDetails, *, at: datetime) -> Sequence[Intervention]:
    """The open course that this one takes the place of, if any.

    Raises `Invalid` when the same was begun later and still runs: the end of this one must be said then.
    """
    if given.agent not in COURSES:
        return []
    found = Intervention.objects.select_for_update().filter(
        journey=journey, agent=given.agent, stopped_at=None, struck_at=None
    )
    if given.agent == Agent.VASOPRESSOR.value:
        found = found.filter(drug=given.drug)
    rows = list(found.order_by("given_at"))
    if given.stopped_at is None and any(row.given_at > at for row in rows):
        sentence = _("The same was begun later and still runs: say until when this one ran.")
        raise Invalid("invalid_input", sentence, fields={"stopped_at": sentence})
    return [row for row in rows if row.given_at <= at]


def intervention_stop(*, intervention_id: UUID, reason: str = "", by: Actor, at: datetime) -> Intervention:
    """Stop a course at `at`.

    Raises `Conflict` `already_stopped` or `already_struck`, `Invalid` for one dose or before the start.
    """
    journey_id = _journey_of(intervention_id)
    with bedside_write(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        row = _locked(intervention_id)
        if row.stopped_at is not None:
            raise Conflict("already_stopped", _("This is stopped already."))
        if not row.is_course:
            sentence = _("This was one dose: there is nothing to stop.")
            raise Invalid("invalid_input", sentence, fields={"at": sentence})
        if at < row.given_at:
            sentence = _("The end must lie after the start.")
            raise Invalid("invalid_input", sentence, fields={"at": sentence})
        _stop(row, reason=reason, by=by, at=at)
        review(journey, at=at, by=by)
        return row


def _stop(row: Intervention, *, reason: str, by: Actor, at: datetime) -> None:
    facts = {"agent": row.agent, "drug": row.drug, "given_at": row.given_at, "reason": reason}
    (event,) = append(row.journey_id, [NewEvent(EventKind.INTERVENTION_STOPPED, at, facts)], by=by)
    row.stopped_at, row.stopped_by, row.stop_event_id = at, by.name, event.id
    row.save(update_fields=["stopped_at", "stopped_by", "stop_event_id"])


def intervention_stop_strike(*, intervention_id: UUID, reason: str, by: Actor, at: datetime) -> Intervention:
    """Mark the end of a course as entered in error: it goes on.

    Raises `Conflict` when it has no end of its own, or when the next rate or device runs in its place.
    """
    journey_id = _journey_of(intervention_id)
    with bedside_write(journey_id) as journey:
        row = _locked(intervention_id)
        if row.stop_event_id is None:
            raise Conflict("not_stopped", _("No end was recorded by itself."))
        if _follower_runs(row):
            raise Conflict("runs_on", _("The same was begun anew since: mark that one first."))
        event_strike(journey_id, row.stop_event_id, reason=reason, by=by, at=at)
        row.stopped_at, row.stopped_by, row.stop_event_id = None, "", None
        row.save(update_fields=["stopped_at", "stopped_by", "stop_event_id"])
        review(journey, at=at, by=by)
        return row


def _follower_runs(row: Intervention) -> bool:
    later = Intervention.objects.filter(
        journey_id=row.journey_id, agent=row.agent, struck_at=None, given_at__gte=row.given_at
    ).exclude(pk=row.pk)
    if row.agent == Agent.VASOPRESSOR:
        later = later.filter(drug=row.drug)
    return row.agent in COURSES and later.exists()


def intervention_strike(*, intervention_id: UUID, reason: str, by: Actor, at: datetime) -> Intervention:
    """Mark something given as entered in error. It stays visible, struck through, and counts no longer."""
    journey_id = _journey_of(intervention_id)
    with bedside_write(journey_id) as journey:
        row = _struck(intervention_id, reason=reason, by=by, at=at)
        review(journey, at=at, by=by)
        return row


def intervention_correct(
    *,
    intervention_id: UUID,
    intervention: InterventionDetails,
    given_at: datetime,
    reason: str,
    by: Actor,
    at: datetime,
) -> Intervention:
    """Put the right details in the place of wrong ones: the old row is struck, a new one recorded.

    `given_at` is when it was given, `at` when the mistake was found. Returns the new row.
    """
    journey_id = _journey_of(intervention_id)
    with bedside_write(journey_id) as journey:
        _struck(intervention_id, reason=reason, by=by, at=at)
        row = _given(journey, intervention, by=by, at=given_at)
        review(journey, at=at, by=by)
        return row


def _struck(intervention_id: UUID, *, reason: str, by: Actor, at: datetime) -> Intervention:
    row = _locked(intervention_id)
    event_strike(row.journey_id, row.event_id, reason=reason, by=by, at=at)
    row.struck_at, row.struck_reason = at, reason
    row.save(update_fields=["struck_at", "struck_reason"])
    return row


def _journey_of(intervention_id: UUID) -> UUID:
    return Intervention.objects.values_list("journey_id", flat=True).get(pk=intervention_id)


def _locked(intervention_id: UUID) -> Intervention:
    row = Intervention.objects.select_for_update().get(pk=intervention_id)
    if row.struck_at is not None:
        raise Conflict("already_struck", _("This is already marked as entered in error."))
    return row
