"""Writes of a referral: registered, assessed criterion by criterion, then accepted, deferred or declined."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append, chain_open
from cartpath.protocols import catalog, registry
from patients.eligibility import eligibility_items, eligibility_verdict, protocol_for
from patients.enums import ReferralState, Stage
from patients.inputs import (
    CriterionAssessment,
    PatientDetails,
    ReferralDetails,
)
from patients.models import (
    EligibilityItem,
    Journey,
    Patient,
    Referral,
)
from patients.records import acceptance_records, validity_records
from patients.services import (
    journey_close,
    journey_locked,
    journey_move,
    require_stage,
    stored,
    treatment_record,
)

# What an assessment writes.
_ASSESSED: Final = (
    *("verdict", "observed_on", "valid_until", "finding", "reason"),
    *("assessed_by", "assessed_by_id_text", "waived_with"),
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
    known, made = Patient.objects.get_or_create(center=center, mrn=details.mrn, defaults=stored(details))
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


def eligibility_assess(
    *,
    journey_id: UUID,
    assessment: CriterionAssessment,
    by: Actor,
    at: datetime,
    second: User | None = None,
    protocol_version: str = "",
) -> EligibilityItem:
    """Record a verdict on one criterion.

    A waiver needs a reason and a second clinician of the center who is not the first. The validity ends
    after the protocol's days, counted from the day of observation, and re-opens the item. An import names
    the `protocol_version` that the journey was judged by.
    """
    (item,) = eligibility_assess_several(
        journey_id=journey_id,
        assessments=[assessment],
        by=by,
        at=at,
        second=second,
        protocol_version=protocol_version,
    )
    return item


def eligibility_assess_several(
    *,
    journey_id: UUID,
    assessments: Iterable[CriterionAssessment],
    by: Actor,
    at: datetime,
    second: User | None = None,
    protocol_version: str = "",
) -> list[EligibilityItem]:
    """Record verdicts on several criteria, each once: an event each, all or nothing.

    Raises as `eligibility_assess`.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.REFERRED, Stage.ACCEPTED, Stage.APHERESIS_PLANNED, Stage.COLLECTED)
        _follow_version(journey, protocol_version)
        found = [_assessed(journey, each, by=by, at=at, second=second) for each in assessments]
        items = EligibilityItem.objects.bulk_create(
            [item for item, _event in found],
            update_conflicts=True,
            unique_fields=["journey", "criterion"],
            update_fields=_ASSESSED,
        )
        append(journey_id, [event for _item, event in found], by=by)
        return items


def _assessed(
    journey: Journey, assessment: CriterionAssessment, *, by: Actor, at: datetime, second: User | None
) -> tuple[EligibilityItem, NewEvent]:
    protocol = protocol_for(journey)
    criterion = protocol.criterion(assessment.criterion, on=journey.center.local_day(at))
    if criterion is None:
        raise Invalid(
            "invalid_input",
            _("The protocol has no criterion “%(criterion)s”.") % {"criterion": assessment.criterion},
            fields={"criterion": _("Choose a criterion of the protocol.")},
        )
    if assessment.verdict == "waived":
        _refuse_unfounded_waiver(assessment, journey, by=by, second=second)
    observed_on = assessment.observed_on
    valid_until = assessment.valid_until
    if valid_until is None and observed_on and criterion.valid_days:
        valid_until = observed_on + timedelta(days=criterion.valid_days)
    item = EligibilityItem(
        journey=journey,
        criterion=assessment.criterion,
        verdict=assessment.verdict,
        observed_on=observed_on,
        valid_until=valid_until,
        finding=assessment.finding,
        reason=assessment.reason,
        assessed_by=by.name,
        assessed_by_id_text=by.id,
        waived_with=second if assessment.verdict == "waived" else None,
    )
    facts = asdict(assessment) | {
        "valid_until": valid_until,
        "second": second.name if second else None,
        "computed": validity_records(protocol, criterion, assessment, by=by),
    }
    return item, NewEvent(EventKind.ELIGIBILITY_ASSESSED, at, facts)


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


def _follow_version(journey: Journey, version: str) -> None:
    """Judge a journey that isn't pinned yet by a named version instead of the one in force now."""
    if not version or journey.protocol_id:
        return
    shipped = registry.for_product(journey.product, journey.center.region)
    try:
        journey.proposed = catalog.of_center(shipped.id, version, journey.center)
    except KeyError:
        raise Invalid(
            "unknown_version",
            _("There is no version %(version)s of this protocol in this center.") % {"version": version},
            fields={"protocol_version": _("Name a shipped version or an edition of the center.")},
        ) from None


def referral_accept(
    *, journey_id: UUID, by: Actor, at: datetime, override_reason: str = "", protocol_version: str = ""
) -> Journey:
    """Accept a referral and pin the journey to the protocol version in force.

    Raises `Conflict` `not_eligible` while a criterion is unknown, expired or not met, unless
    `override_reason` says why the child is accepted all the same. An import names the `protocol_version` to
    which the journey was pinned where it comes from; `Invalid` `unknown_version` when the center has none.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.REFERRED)
        _follow_version(journey, protocol_version)
        today = at.astimezone(journey.center.zone).date()
        verdict = eligibility_verdict(journey, on=today)
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
            "computed": acceptance_records(
                journey,
                protocol,
                verdict,
                eligibility_items(journey),
                override_reason=override_reason,
                by=by,
                on=today,
            ),
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
