"""Writes of the patients room: the child, the referral, and the moves of a journey."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.services import NewEvent, append
from patients import stages
from patients.enums import ClosingReason, Stage
from patients.former_names import keep_former_name
from patients.inputs import (
    BodyMeasurement,
    ContactDetails,
    PatientDetails,
    TreatmentDetails,
)
from patients.models import (
    Contact,
    Journey,
    Measurement,
    Patient,
    Treatment,
)


@contextmanager
def journey_locked(journey_id: UUID) -> Iterator[Journey]:
    """One transaction that holds the journey's row, so that writes about a journey happen one by one."""
    with transaction.atomic():
        yield (
            Journey.objects.select_for_update(of=("self",))
            .select_related("patient", "center")
            .get(pk=journey_id)
        )


def stored(details: PatientDetails | ContactDetails) -> dict[str, Any]:
    """Details as a row holds them: an unknown language is an empty text there."""
    return asdict(details) | {"language": details.language or ""}


def refuse_closed(journey: Journey) -> None:
    """Raise `Conflict` when the journey is closed."""
    if journey.stage == Stage.CLOSED:
        raise Conflict("journey_closed", _("This journey is closed; nothing more can be recorded in it."))


def require_stage(journey: Journey, *allowed: Stage) -> None:
    """Raise `Conflict` unless the journey stands in one of `allowed`."""
    if journey.stage not in allowed:
        wanted = ", ".join(str(stage.label) for stage in allowed)
        raise Conflict(
            "wrong_stage",
            _("Not possible in stage “%(stage)s”; needed: %(wanted)s.")
            % {"stage": Stage(journey.stage).label, "wanted": wanted},
        )


def journey_move(journey: Journey, to: Stage, *, at: datetime, reason: str = "") -> NewEvent:
    """Move a locked journey by a conditional update; returns the event to append with the act.

    Raises `Conflict` `illegal_move` for a move the stage table doesn't have.
    """
    origin = journey.stage
    if not stages.is_legal(origin, to):
        raise Conflict(
            "illegal_move",
            _("A journey can't go from “%(origin)s” to “%(target)s”.")
            % {"origin": Stage(origin).label, "target": to.label},
        )
    moved = Journey.objects.filter(pk=journey.pk, stage=origin).update(stage=to, stage_since=at)
    if not moved:
        raise Conflict("stage_changed", _("Somebody moved this journey meanwhile; look again."))
    journey.stage, journey.stage_since = to, at
    return NewEvent(EventKind.STAGE_CHANGED, at, {"from": origin, "to": to.value, "reason": reason})


def refuse_future(at: datetime, now: datetime) -> None:
    """Raise `Invalid` for a clinical time that has not come yet (five minutes of clock drift are allowed)."""
    if at > now + timedelta(minutes=5):
        raise Invalid(
            "invalid_input", _("Time in the future."), fields={"at": _("Give a time that has passed.")}
        )


def patient_change(
    *,
    journey_id: UUID,
    changes: Mapping[str, Any],
    reason: str,
    by: Actor,
    at: datetime,
    name_was_wrong: bool = False,
) -> Patient:
    """Change details of the child; the ledger keeps the old and the new value and the reason.

    A child stays to be found by the name it had; `name_was_wrong` says that it was only misspelled.
    """
    with journey_locked(journey_id) as journey:
        patient = Patient.objects.select_for_update().get(pk=journey.patient_id)
        differences = {
            name: {"from": getattr(patient, name), "to": value}
            for name, value in changes.items()
            if getattr(patient, name) != value
        }
        if not differences:
            return patient
        for name, difference in differences.items():
            setattr(patient, name, difference["to"])
        _refuse_impossible_patient(patient)
        patient.save(update_fields=[*differences])
        data: dict[str, Any] = {"changes": differences, "reason": reason}
        if keep_former_name(journey, differences, was_wrong=name_was_wrong, at=at):
            data["name_was_wrong"] = name_was_wrong
        append(journey_id, [NewEvent(EventKind.PATIENT_CHANGED, at, data)], by=by)
        return patient


def _refuse_impossible_patient(patient: Patient) -> None:
    """Let the model's own constraints speak, beside the field they are about."""
    try:
        patient.full_clean(exclude=["center", "search_text"])
    except ValidationError as refused:
        fields = {name: " ".join(said) for name, said in refused.message_dict.items()}
        if any("MRN" in said for said in fields.values()):
            fields["mrn"] = _("A patient with this MRN is already known in this center.")
        raise Invalid("invalid_input", _("These details are not possible."), fields=fields) from refused


def treatment_record(*, journey_id: UUID, treatment: TreatmentDetails, by: Actor, at: datetime) -> Treatment:
    """Record a previous treatment. A last dose that is not known stays unknown and keeps the washout open."""
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        last_dose = treatment.last_dose
        (event,) = append(journey_id, [NewEvent(EventKind.TREATMENT_RECORDED, at, asdict(treatment))], by=by)
        return Treatment.objects.create(
            journey=journey,
            drug=treatment.drug,
            drug_class=treatment.drug_class,
            last_dose_at=last_dose if isinstance(last_dose, datetime) else None,
            last_dose_on=None if isinstance(last_dose, datetime) else last_dose,
            half_life_hours=treatment.half_life_hours,
            note=treatment.note,
            event_id=event.id,
        )


def measurement_record(
    *, journey_id: UUID, measurement: BodyMeasurement, by: Actor, at: datetime
) -> Measurement:
    """Record weight, height or both, measured at `at`."""
    if measurement.weight_kg is None and measurement.height_cm is None:
        raise Invalid(
            "invalid_input",
            _("Nothing measured."),
            fields={"weight_kg": _("Give a weight, a height, or both.")},
        )
    with journey_locked(journey_id) as journey:
        row = Measurement.objects.create(patient_id=journey.patient_id, measured_at=at, **asdict(measurement))
        append(journey_id, [NewEvent(EventKind.MEASURED, at, asdict(measurement))], by=by)
        return row


def contact_record(*, journey_id: UUID, contact: ContactDetails, by: Actor, at: datetime) -> Contact:
    """Add somebody to call."""
    with journey_locked(journey_id) as journey:
        row = Contact.objects.create(patient_id=journey.patient_id, **stored(contact))
        append(journey_id, [NewEvent(EventKind.CONTACT_RECORDED, at, asdict(contact))], by=by)
        return row


def journey_close(
    *, journey_id: UUID, reason_code: str, note: str, by: Actor, at: datetime, died_on: date | None = None
) -> Journey:
    """Close a journey with a reason code and a note. `died` needs the day of death."""
    if reason_code not in ClosingReason.values:
        raise unknown_choice("reason_code", ClosingReason)
    if not note.strip() and reason_code != ClosingReason.COMPLETED:
        raise Invalid("invalid_input", _("No note."), fields={"note": _("Say in a sentence what happened.")})
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        events = []
        if reason_code == ClosingReason.DIED:
            events.append(_death(journey, died_on, at=at))
        journey.closing_reason = reason_code
        origin = journey.stage
        Journey.objects.filter(pk=journey.pk, stage=origin).update(
            stage=Stage.CLOSED, stage_since=at, closing_reason=reason_code
        )
        journey.stage, journey.stage_since = Stage.CLOSED, at
        moved = {"from": origin, "to": Stage.CLOSED.value, "reason": reason_code}
        events += [
            NewEvent(EventKind.CLOSED, at, {"reason_code": reason_code, "note": note}),
            NewEvent(EventKind.STAGE_CHANGED, at, moved),
        ]
        append(journey_id, events, by=by)
        return journey


def _death(journey: Journey, died_on: date | None, *, at: datetime) -> NewEvent:
    if died_on is None:
        raise Invalid("invalid_input", _("No day of death."), fields={"died_on": _("Give the day of death.")})
    if not journey.patient.birth_date <= died_on <= at.astimezone(journey.center.zone).date():
        raise Invalid(
            "invalid_input",
            _("Impossible day of death."),
            fields={"died_on": _("The day must lie between birth and today.")},
        )
    Patient.objects.filter(pk=journey.patient_id).update(died_on=died_on)
    return NewEvent(EventKind.DIED, at, {"died_on": died_on})


def event_strike(
    journey_id: UUID,
    event_id: int,
    *,
    reason: str,
    by: Actor,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
) -> Event:
    """Mark an event as entered in error. It stays in the ledger; readers leave it out from now on.

    `facts` carries what the owner of the fact knows anew, e.g. the recomputed B-cell aplasia.
    """
    if not reason.strip():
        raise Invalid("invalid_input", _("No reason."), fields={"reason": _("Say what was wrong.")})
    data = {"reason": reason, **(facts or {})}
    new = NewEvent(EventKind.ENTERED_IN_ERROR, at.astimezone(UTC), data, corrects=event_id)
    return append(journey_id, [new], by=by)[0]
