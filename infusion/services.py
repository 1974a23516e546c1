"""Writes of the infusion room: lymphodepletion, checklist, identity, thaw, infusion."""

from dataclasses import asdict, replace
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from cartpath.protocols.rows import in_force
from cartpath.protocols.sections import Regimen
from infusion.day import infusion_records, rules_of_the_day
from infusion.depletion.basis import BodySize, depletion_basis
from infusion.doses import first_dose
from infusion.enums import Quantity
from infusion.inputs import ChecklistAnswer, DoseGiven, FindingDetails, InfusionDetails
from infusion.models import (
    ChecklistItem,
    Finding,
    Infusion,
    LymphodepletionDose,
    LymphodepletionWaiver,
)
from infusion.ready.overriding import dose_reason, is_stop, refuse_override
from infusion.ready.stopping import refuse_stopped
from infusion.regimen import regimen_answer
from infusion.rules.fraction_gate import FIRST_FRACTION
from infusion.rules.lymphodepletion import DrugDose, expected_dose, regimen_doses
from infusion.second_infusion import child_locked, infusions_compare
from infusion.selectors import checklist
from infusion.thawing import (
    identity_verify,
    received_batch,
    refuse_unusable_dose,
    refuse_without_identity,
    thaw_start,
)
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.provenance import COMPUTED, Record, computed
from patients.selectors import latest_weight
from patients.services import journey_locked, journey_move, refuse_closed, require_stage

__all__ = [
    "checklist_item_record",
    "finding_record",
    "identity_verify",
    "infusion_record",
    "lymphodepletion_record",
    "lymphodepletion_waive",
    "received_batch",
    "refuse_without_identity",
    "thaw_start",
]

BODY_SURFACE_PLACES = 4
MOST_BLASTS = 100


def lymphodepletion_record(
    *, journey_id: UUID, dose: DoseGiven, by: Actor, at: datetime
) -> LymphodepletionDose:
    """Record one drug given at `at`. The first dose moves the journey to lymphodepletion."""
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.RELEASED, Stage.LYMPHODEPLETION)
        basis = depletion_basis(journey, at=at)
        regimen, size = basis.regimen, basis.size
        expected = _expected(regimen, size, dose.drug)
        facts = asdict(dose) | {
            "expected_mg": expected and expected.mg_per_day,
            "body_surface_m2": expected and round(expected.bsa_m2, BODY_SURFACE_PLACES),
            "rule": regimen.id if regimen else None,
            "planned_mg": basis.planned_mg(dose.drug, journey.center.local_day(at)),
        }
        if regimen and size:
            facts[COMPUTED] = [_regimen_record(journey, regimen, size, dose, expected)]
        events = [NewEvent(EventKind.LYMPHODEPLETION_GIVEN, at, facts)]
        if journey.stage == Stage.RELEASED:
            events.append(journey_move(journey, Stage.LYMPHODEPLETION, at=at))
        written = append(journey_id, events, by=by)
        return LymphodepletionDose.objects.create(
            journey=journey,
            center_id=journey.center_id,
            drug=dose.drug,
            dose_mg=dose.dose_mg,
            given_at=at,
            expected_mg=expected.mg_per_day if expected else None,
            body_surface_m2=round(expected.bsa_m2, BODY_SURFACE_PLACES) if expected else None,
            event_id=written[0].id,
        )


def _expected(regimen: Regimen | None, size: BodySize | None, drug: str) -> DrugDose | None:
    if regimen is None or size is None:
        return None
    return expected_dose(regimen, drug, weight_kg=size.weight_kg, height_cm=size.height_cm)


def _regimen_record(
    journey: Journey, regimen: Regimen, size: BodySize, dose: DoseGiven, expected: DrugDose | None
) -> Record:
    protocol = protocol_for(journey)
    doses = regimen_doses(regimen, weight_kg=size.weight_kg, height_cm=size.height_cm)
    return computed(
        "lymphodepletion",
        value=expected and round(expected.mg_per_day, 1),
        unit="mg",
        inputs={"regimen": regimen.id, "drug": dose.drug, **asdict(size)},
        answer=regimen_answer(protocol, regimen, doses),
        protocol=protocol,
        rows=[regimen],
    )


def lymphodepletion_waive(*, journey_id: UUID, reason: str, by: Actor, at: datetime) -> LymphodepletionWaiver:
    """Record a physician's decision to go without lymphodepletion. CARTPath never decides this."""
    if not reason.strip():
        raise Invalid(
            "invalid_input", _("No reason."), fields={"reason": _("Say why no lymphodepletion is given.")}
        )
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.RELEASED, Stage.LYMPHODEPLETION)
        if LymphodepletionWaiver.objects.filter(journey=journey).exists():
            raise Conflict("already_waived", _("The waiver is already recorded."))
        waivers = in_force(protocol_for(journey).lymphodepletion.waiver, journey.center.local_day(at))
        facts = {"reason": reason, "rule": waivers[0].id if waivers else None}
        append(journey_id, [NewEvent(EventKind.LYMPHODEPLETION_WAIVED, at, facts)], by=by)
        return LymphodepletionWaiver.objects.create(
            journey=journey, reason=reason, waived_by=by.name, waived_at=at
        )


def finding_record(*, journey_id: UUID, finding: FindingDetails, by: Actor, at: datetime) -> Finding:
    """Record a laboratory value that decides about lymphodepletion or the parts of the dose."""
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        _refuse_impossible_finding(finding, on=journey.center.local_day(at))
        (event,) = append(journey_id, [NewEvent(EventKind.FINDING_RECORDED, at, asdict(finding))], by=by)
        return Finding.objects.create(
            journey=journey,
            center_id=journey.center_id,
            recorded_by=by.name,
            event_id=event.id,
            **asdict(finding),
        )


def _refuse_impossible_finding(finding: FindingDetails, *, on: date) -> None:
    problems = {}
    if finding.quantity == Quantity.MARROW_BLASTS.value and finding.value > MOST_BLASTS:
        problems["value"] = _("Blasts lie between 0 and 100 %.")
    if finding.found_on > on:
        problems["found_on"] = _("Give a day that has come.")
    if problems:
        raise Invalid("invalid_input", _("This finding is not possible."), fields=problems)


def checklist_item_record(
    *, journey_id: UUID, answer: ChecklistAnswer, by: Actor, at: datetime
) -> ChecklistItem:
    """Record a verdict on one item of the protocol's pre-infusion checklist."""
    if answer.verdict == "overridden" and not answer.reason.strip():
        raise Invalid(
            "invalid_input", _("No reason."), fields={"reason": _("Say why this item is overridden.")}
        )
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.RELEASED, Stage.LYMPHODEPLETION)
        on = journey.center.local_day(at)
        refuse_override(journey, answer, by=by, on=on)
        known = {item.id for item in protocol_for(journey).checklist_items(on)}
        if answer.item not in known and not is_stop(journey, answer, on=on):
            raise Invalid(
                "invalid_input",
                _("The checklist has no item “%(item)s”.") % {"item": answer.item},
                fields={"item": _("Choose an item of the protocol's checklist.")},
            )
        append(journey_id, [NewEvent(EventKind.CHECKLIST_ITEM_RECORDED, at, asdict(answer))], by=by)
        row, _created = ChecklistItem.objects.update_or_create(
            journey=journey,
            item=answer.item,
            defaults={
                "verdict": answer.verdict,
                "reason": answer.reason,
                "checked_by": by.name,
                "checked_at": at,
            },
        )
        return row


def infusion_record(*, journey_id: UUID, infusion: InfusionDetails, by: Actor, at: datetime) -> Infusion:
    """Record the infusion that started at `at`: day 0.

    Raises `Conflict` `checklist_open` while an item stands in the way, `identity_not_verified`,
    `product_not_received`, and `Invalid` for a dose outside the rule, or unknown, without a reason.
    What is unknown of an infusion taken over from elsewhere (`history_reason`) stays unknown: it needs no
    checklist and no lymphodepletion. Earlier infused journeys of the child learn of it in their ledgers.
    """
    with child_locked(journey_id) as (journey, others):
        require_stage(journey, Stage.RELEASED, Stage.LYMPHODEPLETION)
        batch = received_batch(journey)
        refuse_without_identity(journey, batch, FIRST_FRACTION)
        refuse_unusable_dose(journey, at=at)
        on = journey.center.local_day(at)
        if not infusion.history_reason.strip():
            refuse_stopped(journey, at=at)
            _refuse_open_checklist(journey, on=on)
            _refuse_without_lymphodepletion(journey)
        _refuse_before_thaw(journey, at)
        allowed = first_dose(journey, dose_cells=infusion.dose_cells, total_cells=infusion.total_cells, at=at)
        if allowed.in_range is not True:
            infusion = replace(infusion, override_reason=dose_reason(journey, infusion.override_reason))
            if not infusion.override_reason:
                said = allowed.sentence
                raise Invalid("dose_not_in_range", said, fields={"override_reason": said})
        weighed = latest_weight(journey.patient_id, at=at)
        row, _created = Infusion.objects.update_or_create(
            journey=journey,
            defaults={
                "center_id": journey.center_id,
                "batch": batch,
                "started_at": at,
                "ended_at": infusion.ended_at,
                "dose_cells": infusion.dose_cells,
                "total_cells": infusion.total_cells,
                "weight_kg": weighed.weight_kg if weighed else None,
                "is_dose_in_range": allowed.in_range,
                "override_reason": infusion.override_reason,
                "history_reason": infusion.history_reason,
                "given_by": by.name,
            },
        )
        Journey.objects.filter(pk=journey.pk).update(infused_at=at)
        facts = asdict(infusion) | {
            "batch": batch.pk,
            "lot": batch.lot,
            "weight_kg": weighed and weighed.weight_kg,
            "min_cells": allowed.min_cells,
            "max_cells": allowed.max_cells,
            "dose_in_range": allowed.in_range,
            "fraction": allowed.fraction,
            "rules": [*allowed.rows, *rules_of_the_day(journey, on=on)],
            COMPUTED: infusion_records(journey, allowed, at=at, reason=infusion.override_reason),
        }
        moved = journey_move(journey, Stage.INFUSED, at=at)
        append(journey_id, [NewEvent(EventKind.INFUSED, at, facts), moved], by=by)
        infusions_compare(journey, others, at=at, by=by)
        return row


def _refuse_before_thaw(journey: Journey, at: datetime) -> None:
    thaw_started_at = (
        Infusion.objects.filter(journey=journey).values_list("thaw_started_at", flat=True).first()
    )
    if thaw_started_at and at < thaw_started_at:
        raise Invalid(
            "invalid_input",
            _("Before the thaw."),
            fields={"started_at": _("The infusion can't start before the thaw.")},
        )


def _refuse_open_checklist(journey: Journey, *, on: date) -> None:
    waiting = [line.label for line in checklist(journey, on=on) if line.hard_stop and not line.is_settled]
    if waiting:
        raise Conflict(
            "checklist_open", _("Still open on the checklist: %(items)s.") % {"items": "; ".join(waiting)}
        )


def _refuse_without_lymphodepletion(journey: Journey) -> None:
    given = LymphodepletionDose.objects.filter(journey=journey).exists()
    if not given and not LymphodepletionWaiver.objects.filter(journey=journey).exists():
        raise Conflict(
            "lymphodepletion_missing",
            _("No lymphodepletion is recorded. Record it, or record the physician's waiver."),
        )
