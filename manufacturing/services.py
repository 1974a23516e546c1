"""Writes of the manufacturing room: order, milestones, release, deviation, receipt."""

from dataclasses import asdict, replace
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from manufacturing.enums import BatchState, Milestone, OrderState, OutOfSpecificationDecision
from manufacturing.inputs import BatchDetails, Deviation, DeviationDecision, OrderDetails, ReleaseTerms
from manufacturing.models import Batch, Order, OrderMilestone, OutOfSpecification
from manufacturing.portals.ordering import failed_before, identity_kept, refuse_beyond_quota
from manufacturing.quality.releasing import (
    NO_TERMS,
    keep_second_stage,
    refuse_unmet,
    release_record,
    results_due_at,
)
from patients.eligibility import protocol_for
from patients.enums import ClosingReason, Stage
from patients.models import Journey
from patients.selectors import latest_weight
from patients.services import journey_close, journey_locked, journey_move, refuse_closed, require_stage


def product_order(*, journey_id: UUID, order: OrderDetails, by: Actor, at: datetime) -> Order:
    """Place the order. It may come before the collection; one order lives at a time.

    Cells that are made again keep their chain-of-identity identifier.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.ACCEPTED, Stage.APHERESIS_PLANNED, Stage.COLLECTED)
        if Order.objects.filter(journey=journey, state=OrderState.ACTIVE).exists():
            raise Conflict("order_exists", _("This journey already has a live order."))
        told = replace(order, chain_of_identity=identity_kept(journey, order.chain_of_identity))
        product = journey.product
        refuse_beyond_quota(journey, product=product, slot_on=told.slot_on, reason=told.quota_reason)
        weighed = latest_weight(journey.patient_id, at=at)
        protocol = protocol_for(journey)
        remakes = failed_before(journey)
        facts = asdict(told) | {
            "product": product,
            "weight_kg": weighed and weighed.weight_kg,
            "region": protocol.product.region,
            "protocol_version": f"{protocol.id} {protocol.version}",
            "remakes": remakes and remakes.pk,
        }
        (event,) = append(journey_id, [NewEvent(EventKind.PRODUCT_ORDERED, at, facts)], by=by)
        return Order.objects.create(
            journey=journey,
            center_id=journey.center_id,
            product=product,
            region=protocol.product.region,
            protocol_version=f"{protocol.id} {protocol.version}",
            remakes=remakes,
            ordered_at=at,
            weight_kg=weighed.weight_kg if weighed else None,
            event_id=event.id,
            **asdict(told),
        )


def _live_order(journey: Journey) -> Order:
    order = Order.objects.filter(journey=journey, state=OrderState.ACTIVE).first()
    if order is None:
        raise Conflict("no_order", _("There is no live order. Place the order first."))
    return order


def milestone_record(
    *,
    journey_id: UUID,
    milestone: str,
    by: Actor,
    at: datetime,
    expected_on: date | None = None,
    note: str = "",
) -> OrderMilestone:
    """Record a milestone the manufacturer reports. `manufacturing_started` moves the journey on."""
    if milestone not in Milestone.values:
        raise unknown_choice("milestone", Milestone)
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        order = _live_order(journey)
        if OrderMilestone.objects.filter(order=order, milestone=milestone).exists():
            raise Conflict("milestone_known", _("This milestone is already recorded for this order."))
        facts = {"order": order.pk, "milestone": milestone, "expected_on": expected_on, "note": note}
        events = [NewEvent(EventKind.MANUFACTURING_MILESTONE, at, facts)]
        if milestone == Milestone.MANUFACTURING_STARTED:
            require_stage(journey, Stage.COLLECTED)
            events.append(journey_move(journey, Stage.MANUFACTURING, at=at))
        written = append(journey_id, events, by=by)
        return OrderMilestone.objects.create(
            order=order,
            milestone=milestone,
            reached_at=at,
            expected_on=expected_on,
            note=note,
            event_id=written[0].id,
        )


def product_release(
    *,
    journey_id: UUID,
    batch: BatchDetails,
    by: Actor,
    at: datetime,
    terms: ReleaseTerms = NO_TERMS,
    taken_over: bool = False,
) -> Batch:
    """Release a product that meets its specification; the journey goes to “released”.

    A parameter that is missed stops it, and so does one that is unknown, unless `terms` name it among the
    tests whose results come later: then the release is conditional until it is completed or withdrawn. Of a
    release taken over from elsewhere (`taken_over`) what is unknown stays unknown.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.MANUFACTURING)
        order = _live_order(journey)
        _refuse_undecided(journey)
        judged, record = release_record(journey, batch, order=order, at=at)
        refuse_unmet(judged, terms, taken_over=taken_over)
        row = Batch.objects.create(
            order=order,
            journey=journey,
            center_id=journey.center_id,
            state=BatchState.RELEASED,
            released_by=by.name,
            released_at=at,
            **asdict(batch),
        )
        if terms.pending:
            keep_second_stage(row, terms)
        facts = {"batch": row.pk, "order": order.pk, **asdict(batch), **asdict(terms)}
        facts |= {"results_due_at": results_due_at(journey, terms), "computed": [record]}
        moved = journey_move(journey, Stage.RELEASED, at=at)
        append(journey_id, [NewEvent(EventKind.PRODUCT_RELEASED, at, facts), moved], by=by)
        return row


def _refuse_undecided(journey: Journey) -> None:
    if Batch.objects.filter(journey=journey, state=BatchState.OUT_OF_SPECIFICATION).exists():
        raise Conflict("decision_open", _("An out-of-specification product waits for a decision first."))


def out_of_specification_report(
    *, journey_id: UUID, batch: BatchDetails, deviation: Deviation, by: Actor, at: datetime
) -> Batch:
    """Record that a product missed its specification. The journey waits for a physician's decision."""
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.MANUFACTURING)
        order = _live_order(journey)
        _refuse_undecided(journey)
        row = Batch.objects.create(
            order=order,
            journey=journey,
            center_id=journey.center_id,
            state=BatchState.OUT_OF_SPECIFICATION,
            **asdict(batch),
        )
        OutOfSpecification.objects.create(batch=row, reported_at=at, **asdict(deviation))
        _judged, record = release_record(journey, batch, order=order, at=at)
        facts = {
            "batch": row.pk,
            "order": order.pk,
            **asdict(batch),
            **asdict(deviation),
            "computed": [record],
        }
        append(journey_id, [NewEvent(EventKind.OUT_OF_SPECIFICATION_REPORTED, at, facts)], by=by)
        return row


_STAGE_AFTER = {
    OutOfSpecificationDecision.USE: Stage.RELEASED,
    OutOfSpecificationDecision.REMANUFACTURE: Stage.COLLECTED,
    OutOfSpecificationDecision.COLLECT_AGAIN: Stage.ACCEPTED,
}


def out_of_specification_decide(
    *, journey_id: UUID, decision: DeviationDecision, by: Actor, at: datetime
) -> Batch:
    """Decide about the product that waits: use, manufacture again, collect again, or abandon.

    Using it needs the day of the family's consent. Abandoning closes the journey.
    """
    choice = OutOfSpecificationDecision(decision.decision)
    if choice == OutOfSpecificationDecision.USE and decision.consent_on is None:
        raise Invalid(
            "invalid_input",
            _("No consent."),
            fields={"consent_on": _("Using the product needs the day of the family's consent.")},
        )
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.MANUFACTURING)
        batch = Batch.objects.filter(journey=journey, state=BatchState.OUT_OF_SPECIFICATION).first()
        if batch is None:
            raise Conflict("nothing_to_decide", _("No out-of-specification product waits for a decision."))
        _record_decision(batch, decision, choice, by=by, at=at)
        facts = {"batch": batch.pk, **asdict(decision)}
        events = [NewEvent(EventKind.OUT_OF_SPECIFICATION_DECIDED, at, facts)]
        if choice in _STAGE_AFTER:
            events.append(journey_move(journey, _STAGE_AFTER[choice], at=at, reason=choice.value))
        append(journey_id, events, by=by)
        if choice == OutOfSpecificationDecision.ABANDON:
            journey_close(
                journey_id=journey_id,
                reason_code=ClosingReason.MANUFACTURING_FAILED,
                note=decision.reason,
                by=by,
                at=at,
            )
        return batch


def _record_decision(
    batch: Batch, decision: DeviationDecision, choice: OutOfSpecificationDecision, *, by: Actor, at: datetime
) -> None:
    OutOfSpecification.objects.filter(batch=batch).update(
        decided_by=by.name, decided_at=at, **asdict(decision)
    )
    if choice == OutOfSpecificationDecision.USE:
        batch.state = BatchState.ACCEPTED_OUT_OF_SPECIFICATION
        batch.released_by, batch.released_at = by.name, at
        batch.certificate = decision.certificate or batch.certificate
    else:
        batch.state = BatchState.REJECTED
        Order.objects.filter(pk=batch.order_id).update(state=OrderState.FAILED)
    batch.save(update_fields=["state", "released_by", "released_at", "certificate"])


def manufacturing_fail(
    *, journey_id: UUID, reason: str, collect_again: bool, by: Actor, at: datetime
) -> Order:
    """Record that manufacturing failed. The child is collected again, or the same cells are used again."""
    if not reason.strip():
        raise Invalid(
            "invalid_input", _("No reason."), fields={"reason": _("Say what the manufacturer reports.")}
        )
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.MANUFACTURING)
        order = _live_order(journey)
        _refuse_undecided(journey)
        Order.objects.filter(pk=order.pk).update(state=OrderState.FAILED)
        facts = {"order": order.pk, "reason": reason, "collect_again": collect_again}
        moved = journey_move(
            journey, Stage.ACCEPTED if collect_again else Stage.COLLECTED, at=at, reason=reason
        )
        append(journey_id, [NewEvent(EventKind.MANUFACTURING_FAILED, at, facts), moved], by=by)
        return order


def product_receive(*, journey_id: UUID, by: Actor, at: datetime, note: str = "") -> Batch:
    """Record the product's receipt at the center."""
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.RELEASED, Stage.LYMPHODEPLETION)
        batch = (
            Batch.objects.filter(
                journey=journey,
                state__in=[BatchState.RELEASED, BatchState.ACCEPTED_OUT_OF_SPECIFICATION],
            )
            .order_by("-released_at")
            .first()
        )
        if batch is None:
            raise Conflict("no_product", _("There is no released product to receive."))
        if batch.received_at:
            raise Conflict("already_received", _("This product's receipt is already recorded."))
        batch.received_at, batch.received_by, batch.receipt_note = at, by.name, note
        batch.save(update_fields=["received_at", "received_by", "receipt_note"])
        facts = {"batch": batch.pk, "lot": batch.lot, "note": note}
        append(journey_id, [NewEvent(EventKind.PRODUCT_RECEIVED, at, facts)], by=by)
        return batch
