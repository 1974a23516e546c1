"""Writes of the infusion room: lymphodepletion, checklist, identity, thaw, infusion."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from infusion.inputs import ChecklistAnswer, DoseGiven, InfusionDetails
from infusion.models import ChecklistItem, IdentityCheck, Infusion, LymphodepletionDose, LymphodepletionWaiver
from infusion.rules.lymphodepletion import DrugDose, expected_dose
from infusion.selectors import checklist, dose_allowed, identity_check
from manufacturing.models import Batch
from manufacturing.selectors import usable_batch
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.selectors import latest_height, latest_weight
from patients.services import journey_locked, journey_move, require_stage

BODY_SURFACE_PLACES = 4


def lymphodepletion_record(
    *, journey_id: UUID, dose: DoseGiven, by: Actor, at: datetime
) -> LymphodepletionDose:
    """Record one drug given at `at`. The first dose moves the journey to lymphodepletion."""
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.RELEASED, Stage.LYMPHODEPLETION)
        expected = _expected(journey, dose.drug, at=at)
        facts = asdict(dose) | {
            "expected_mg": expected and expected.mg_per_day,
            "body_surface_m2": expected and round(expected.bsa_m2, BODY_SURFACE_PLACES),
        }
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


def _expected(journey: Journey, drug: str, *, at: datetime) -> DrugDose | None:
    weighed = latest_weight(journey.patient_id, at=at)
    measured = latest_height(journey.patient_id, at=at)
    if not (weighed and measured and weighed.weight_kg and measured.height_cm):
        return None
    return expected_dose(
        protocol_for(journey).lymphodepletion_regimen(),
        drug,
        weight_kg=float(weighed.weight_kg),
        height_cm=float(measured.height_cm),
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
        append(journey_id, [NewEvent(EventKind.LYMPHODEPLETION_WAIVED, at, {"reason": reason})], by=by)
        return LymphodepletionWaiver.objects.create(
            journey=journey, reason=reason, waived_by=by.name, waived_at=at
        )


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
        if answer.item not in {item.id for item in protocol_for(journey).checklist_items()}:
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


def identity_verify(*, journey_id: UUID, first: User, second: User, at: datetime) -> IdentityCheck:
    """Two people confirm child and product. Both must be allowed to, and must not be the same person.

    The page makes sure that the second person signs with their own password.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.RELEASED, Stage.LYMPHODEPLETION)
        batch = _received_batch(journey)
        if first.pk == second.pk:
            raise Invalid(
                "same_person",
                _("Identity is confirmed by two different people."),
                fields={"second": _("A second, different person signs.")},
            )
        for person in (first, second):
            if not person.may(Permission.CONFIRM_INFUSION, journey.center_id):
                raise Invalid(
                    "not_entitled",
                    _("%(name)s may not confirm an infusion in this center.") % {"name": person.name},
                    fields={"second": _("A clinician or apheresis nurse of this center signs.")},
                )
        facts = {
            "batch": batch.pk,
            "lot": batch.lot,
            "chain_of_identity": batch.order.chain_of_identity,
            "first": first.name,
            "second": second.name,
        }
        append(journey_id, [NewEvent(EventKind.IDENTITY_VERIFIED, at, facts)], by=first.actor)
        return IdentityCheck.objects.create(
            journey=journey, batch=batch, first=first, second=second, verified_at=at
        )


def _received_batch(journey: Journey) -> Batch:
    batch = usable_batch(journey.pk)
    if batch is None or batch.received_at is None:
        raise Conflict("product_not_received", _("The product is not recorded as received."))
    return batch


def thaw_start(*, journey_id: UUID, by: Actor, at: datetime) -> Infusion:
    """Record the start of the thaw; only after the two-person identity check."""
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.RELEASED, Stage.LYMPHODEPLETION)
        batch = _received_batch(journey)
        _refuse_without_identity(journey, batch)
        row, created = Infusion.objects.get_or_create(
            journey=journey,
            defaults={"center_id": journey.center_id, "batch": batch, "thaw_started_at": at},
        )
        if not created:
            raise Conflict("thaw_known", _("The thaw is already recorded."))
        append(journey_id, [NewEvent(EventKind.THAW_STARTED, at, {"batch": batch.pk})], by=by)
        return row


def _refuse_without_identity(journey: Journey, batch: Batch) -> None:
    if identity_check(journey.pk, batch.pk) is None:
        raise Conflict("identity_not_verified", _("Two people must confirm identity first."))


def infusion_record(*, journey_id: UUID, infusion: InfusionDetails, by: Actor, at: datetime) -> Infusion:
    """Record the infusion that started at `at`: day 0.

    Raises `Conflict` `checklist_open` while an item stands in the way, `identity_not_verified`,
    `product_not_received`, and `Invalid` for a dose outside the rule, or unknown, without a reason.
    What is unknown of an infusion taken over from elsewhere (`history_reason`) stays unknown: it needs no
    checklist and no lymphodepletion.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.RELEASED, Stage.LYMPHODEPLETION)
        batch = _received_batch(journey)
        _refuse_without_identity(journey, batch)
        if not infusion.history_reason.strip():
            _refuse_open_checklist(journey)
            _refuse_without_lymphodepletion(journey)
        _refuse_before_thaw(journey, at)
        allowed = dose_allowed(journey, dose_cells=infusion.dose_cells, at=at)
        if allowed.in_range is not True and not infusion.override_reason.strip():
            raise Invalid("dose_not_in_range", allowed.sentence, fields={"override_reason": allowed.sentence})
        weighed = latest_weight(journey.patient_id, at=at)
        row, _created = Infusion.objects.update_or_create(
            journey=journey,
            defaults={
                "center_id": journey.center_id,
                "batch": batch,
                "started_at": at,
                "ended_at": infusion.ended_at,
                "dose_cells": infusion.dose_cells,
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
        }
        moved = journey_move(journey, Stage.INFUSED, at=at)
        append(journey_id, [NewEvent(EventKind.INFUSED, at, facts), moved], by=by)
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


def _refuse_open_checklist(journey: Journey) -> None:
    waiting = [line.label for line in checklist(journey) if line.hard_stop and not line.is_settled]
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
