"""Writes of the patients room: the child, the referral, and the moves of a journey."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission
from cartpath.core.actor import Actor
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.services import NewEvent, append, chain_open
from cartpath.protocols import registry
from patients import stages
from patients.eligibility import eligibility_verdict, protocol_for
from patients.enums import ClosingReason, CriterionVerdict, ReferralState, Stage
from patients.inputs import (
    BodyMeasurement,
    ConsentDetails,
    ContactDetails,
    CriterionAssessment,
    PatientDetails,
    ReferralDetails,
    TreatmentDetails,
)
from patients.models import (
    Consent,
    Contact,
    EligibilityItem,
    Journey,
    Measurement,
    Patient,
    Referral,
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


@transaction.atomic
def referral_register(
    *,
    center: Center,
    patient: PatientDetails,
    referral: ReferralDetails,
    by: Actor,
    at: datetime,
    journey_id: UUID | None = None,
) -> Journey:
    """Register a referral: make the patient or find it by MRN in the center, and start a journey.

    A known MRN with another birth date is refused (`patient_mismatch`): it is probably another child; so is
    a product without a protocol in the center's region (`no_protocol`): nothing could be judged or planned.
    An import names the `journey_id`, so that it can tell what it has brought in before.
    """
    _refuse_without_protocol(referral.product, center)
    child = _patient_found_or_made(center, patient)
    journey = Journey.objects.create(
        id=journey_id or uuid4(),
        patient=child,
        center=center,
        product=referral.product,
        stage=Stage.REFERRED,
        stage_since=at,
    )
    chain_open(journey_id=journey.pk, patient_id=child.pk, center_id=center.pk)
    Referral.objects.create(
        journey=journey,
        referred_at=at,
        referring_center=referral.referring_center,
        referring_physician=referral.referring_physician,
        urgency=referral.urgency,
        diagnosis=referral.diagnosis,
        diagnosis_detail=referral.diagnosis_detail,
        disease_status=referral.disease_status or "",
        cd19_status=referral.cd19_status or "",
        cd19_tested_on=referral.cd19_tested_on,
        performance_scale=referral.performance_scale or "",
        performance_score=referral.performance_score,
        note=referral.note,
    )
    facts = asdict(referral)
    del facts["treatments"]
    append(journey.pk, [NewEvent(EventKind.REFERRED, at, facts)], by=by)
    for treatment in referral.treatments:
        treatment_record(journey_id=journey.pk, treatment=treatment, by=by, at=at)
    return journey


def _refuse_without_protocol(product: str, center: Center) -> None:
    try:
        registry.for_product(product, center.region)
    except KeyError:
        raise Invalid(
            "no_protocol",
            _("There is no protocol for “%(product)s” in the region of this center.") % {"product": product},
            fields={"product": _("Choose a product that this center has a protocol for.")},
        ) from None


def _patient_found_or_made(center: Center, details: PatientDetails) -> Patient:
    known, made = Patient.objects.get_or_create(center=center, mrn=details.mrn, defaults=asdict(details))
    if made:
        return known
    if known.birth_date != details.birth_date:
        raise Conflict(
            "patient_mismatch",
            _("MRN %(mrn)s belongs to a patient with another birth date in this center.")
            % {"mrn": details.mrn},
            fields={"birth_date": _("Check the MRN and the birth date.")},
        )
    return known


def patient_change(
    *, journey_id: UUID, changes: Mapping[str, Any], reason: str, by: Actor, at: datetime
) -> Patient:
    """Change details of the child; the ledger keeps the old and the new value and the reason."""
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
        patient.full_clean(exclude=["center", "search_text"])
        patient.save(update_fields=[*differences])
        data = {"changes": differences, "reason": reason}
        append(journey_id, [NewEvent(EventKind.PATIENT_CHANGED, at, data)], by=by)
        return patient


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
        row = Contact.objects.create(patient_id=journey.patient_id, **asdict(contact))
        append(journey_id, [NewEvent(EventKind.CONTACT_RECORDED, at, asdict(contact))], by=by)
        return row


def consent_record(*, journey_id: UUID, consent: ConsentDetails, by: Actor, at: datetime) -> Consent:
    """Record a signed consent or assent."""
    if consent.signed_on > at.date() + timedelta(days=1):
        raise Invalid(
            "invalid_input", _("Signed in the future."), fields={"signed_on": _("Give the day of signing.")}
        )
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        row = Consent.objects.create(journey=journey, **asdict(consent))
        append(journey_id, [NewEvent(EventKind.CONSENT_RECORDED, at, asdict(consent))], by=by)
        return row


def eligibility_assess(
    *,
    journey_id: UUID,
    assessment: CriterionAssessment,
    by: Actor,
    at: datetime,
    second: User | None = None,
) -> EligibilityItem:
    """Record a verdict on one criterion.

    A waiver needs a reason and a second clinician of the center who is not the first. The validity ends
    after the protocol's days, counted from the day of observation, and re-opens the item.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.REFERRED, Stage.ACCEPTED, Stage.APHERESIS_PLANNED, Stage.COLLECTED)
        criterion = protocol_for(journey).criterion(assessment.criterion)
        if criterion is None:
            raise Invalid(
                "invalid_input",
                _("The protocol has no criterion “%(criterion)s”.") % {"criterion": assessment.criterion},
                fields={"criterion": _("Choose a criterion of the protocol.")},
            )
        if assessment.verdict == CriterionVerdict.WAIVED:
            _refuse_unfounded_waiver(assessment, journey, by=by, second=second)
        observed_on = assessment.observed_on
        valid_until = assessment.valid_until
        if valid_until is None and observed_on and criterion.valid_days:
            valid_until = observed_on + timedelta(days=criterion.valid_days)
        item, _created = EligibilityItem.objects.update_or_create(
            journey=journey,
            criterion=assessment.criterion,
            defaults={
                "verdict": assessment.verdict,
                "observed_on": observed_on,
                "valid_until": valid_until,
                "finding": assessment.finding,
                "reason": assessment.reason,
                "assessed_by": by.name,
                "assessed_by_id_text": by.id,
                "waived_with": second if assessment.verdict == CriterionVerdict.WAIVED else None,
            },
        )
        facts = asdict(assessment) | {"valid_until": valid_until, "second": second.name if second else None}
        append(journey_id, [NewEvent(EventKind.ELIGIBILITY_ASSESSED, at, facts)], by=by)
        return item


def _refuse_unfounded_waiver(
    assessment: CriterionAssessment, journey: Journey, *, by: Actor, second: User | None
) -> None:
    problems = {}
    if not assessment.reason.strip():
        problems["reason"] = _("Say why this criterion is waived.")
    if second is None or second.pk == by.user_id:
        problems["second"] = _("Name a second clinician.")
    elif not second.may(Permission.ASSESS_ELIGIBILITY, journey.center_id):
        problems["second"] = _("The second person must be a clinician of this center.")
    if problems:
        raise Invalid("invalid_input", _("A waiver needs a reason and two clinicians."), fields=problems)


def referral_accept(*, journey_id: UUID, by: Actor, at: datetime, override_reason: str = "") -> Journey:
    """Accept a referral and pin the journey to the protocol version in force.

    Raises `Conflict` `not_eligible` while a criterion is unknown, expired or not met, unless
    `override_reason` says why the child is accepted all the same.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.REFERRED)
        verdict = eligibility_verdict(journey, on=at.astimezone(journey.center.zone).date())
        if verdict.overall != "eligible" and not override_reason.strip():
            raise Conflict(
                "not_eligible",
                _("Eligibility is not complete: %(reasons)s") % {"reasons": "; ".join(verdict.reasons)},
                fields={
                    "override_reason": _("Complete the criteria, or give a reason to accept all the same.")
                },
            )
        protocol = protocol_for(journey)
        Journey.objects.filter(pk=journey.pk).update(
            protocol_id=protocol.id, protocol_version=protocol.version
        )
        journey.protocol_id, journey.protocol_version = protocol.id, protocol.version
        moved = journey_move(journey, Stage.ACCEPTED, at=at)
        Referral.objects.filter(pk=journey.pk).update(state=ReferralState.ACCEPTED, review_on=None)
        facts = {
            "product": journey.product,
            "protocol_id": protocol.id,
            "protocol_version": protocol.version,
            "eligibility": verdict.overall,
            "override_reason": override_reason or None,
        }
        append(journey_id, [NewEvent(EventKind.ACCEPTED, at, facts), moved], by=by)
        return journey


def referral_defer(*, journey_id: UUID, reason: str, review_on: date, by: Actor, at: datetime) -> Journey:
    """Put the decision off until a named day."""
    if not reason.strip():
        raise Invalid("invalid_input", _("No reason."), fields={"reason": _("Say what is awaited.")})
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.REFERRED)
        Referral.objects.filter(pk=journey.pk).update(state=ReferralState.DEFERRED, review_on=review_on)
        data = {"reason": reason, "review_on": review_on}
        append(journey_id, [NewEvent(EventKind.DEFERRED, at, data)], by=by)
        return journey


def referral_decline(*, journey_id: UUID, reason: str, by: Actor, at: datetime) -> Journey:
    """Decline a referral; the journey closes."""
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.REFERRED)
        Referral.objects.filter(pk=journey.pk).update(state=ReferralState.DECLINED, review_on=None)
        return journey_close(journey_id=journey_id, reason_code="declined", note=reason, by=by, at=at)


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
