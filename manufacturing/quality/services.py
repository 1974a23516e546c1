"""Writes about quality: results, the second stage of a release, and its withdrawal."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from cartpath.protocols.rows import in_force
from manufacturing.enums import BatchState
from manufacturing.inputs import QualityEntry, QualityReport, Recall
from manufacturing.models import Batch, OutOfSpecification, QualityResult, SecondStage
from manufacturing.portals.services import order_under_way
from manufacturing.quality.releasing import details_of, release_record
from manufacturing.quality.words import SecondStageState
from manufacturing.selectors import usable_batch
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.services import event_strike, journey_locked, journey_move, refuse_closed


def quality_record(
    *, journey_id: UUID, report: QualityReport, by: Actor, at: datetime
) -> list[QualityResult]:
    """Record results of quality control, before the release or after it. They decide nothing by themselves.

    Raises `Invalid` beside a parameter that the protocol doesn't have, that is told twice, or that is told
    a number where it needs a finding or the other way round.
    """
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        order = order_under_way(journey)
        _refuse_unfit(journey, report, at=at)
        facts = asdict(report) | {"order": order.pk}
        (event,) = append(journey_id, [NewEvent(EventKind.QUALITY_RESULT_RECORDED, at, facts)], by=by)
        return QualityResult.objects.bulk_create(
            QualityResult(
                journey=journey,
                center_id=journey.center_id,
                order=order,
                parameter=told.parameter,
                value=told.value,
                finding=told.finding or "",
                method=told.method,
                certificate=report.certificate,
                note=report.note,
                recorded_by=by.name,
                recorded_at=at,
                event_id=event.id,
            )
            for told in report.results
        )


def _refuse_unfit(journey: Journey, report: QualityReport, *, at: datetime) -> None:
    section, on = protocol_for(journey).manufacturing, journey.center.local_day(at)
    figures = {row.id for row in in_force(section.release, on)}
    findings = {row.id for row in in_force(section.release_findings, on)}
    seen: set[str] = set()
    wrong: dict[str, str] = {}
    for told in report.results:
        sentence = _misfit(told, figures, findings, seen)
        if sentence:
            wrong[told.parameter] = sentence
        seen.add(told.parameter)
    if wrong:
        raise Invalid("invalid_input", _("These results don't fit the specification."), fields=wrong)
    if not report.results:
        raise Invalid("nothing_told", _("No result is told. Fill in at least one."))


def _misfit(told: QualityEntry, figures: set[str], findings: set[str], seen: set[str]) -> str:
    if told.parameter in seen:
        return _("Told twice.")
    if told.parameter in figures:
        return _("Give a number.") if told.value is None or told.finding else ""
    if told.parameter in findings:
        return _("Say whether it conforms.") if told.finding is None or told.value is not None else ""
    return _("The specification in force has no such parameter.")


def quality_strike(*, event_id: int, reason: str, by: Actor, at: datetime) -> list[QualityResult]:
    """Mark the results of one report as entered in error; what was told before counts again."""
    found = QualityResult.objects.filter(event_id=event_id)
    journey_id = found.values_list("journey_id", flat=True)[:1].get()
    with journey_locked(journey_id):
        rows = list(found.select_for_update())
        if any(row.struck_at for row in rows):
            raise Conflict("already_struck", _("These results are already marked as entered in error."))
        event_strike(journey_id, event_id, reason=reason, by=by, at=at)
        found.update(struck_at=at, struck_reason=reason)
        return list(found)


def release_complete(*, journey_id: UUID, by: Actor, at: datetime, note: str = "") -> SecondStage:
    """Complete a conditional release: every result that was still out is there now, and conforms.

    Raises `Conflict` `results_missing` while one is unknown, `out_of_specification` when one is missed: the
    release is to be withdrawn then.
    """
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        stage = open_second_stage(journey)
        batch = stage.batch
        judged, record = release_record(journey, details_of(batch), order=batch.order, at=at)
        out = {test["parameter"] for test in stage.pending}
        _refuse_incomplete(out, {each.id: each.verdict for each in judged.parameters})
        _settle(stage, SecondStageState.COMPLETED, by=by, at=at, note=note)
        facts = {"batch": batch.pk, "order": batch.order_id, "note": note, "computed": [record]}
        append(journey_id, [NewEvent(EventKind.RELEASE_COMPLETED, at, facts)], by=by)
        return stage


def _refuse_incomplete(out: set[str], verdicts: Mapping[str, str]) -> None:
    found = {verdicts.get(name, "unknown") for name in out}
    if "not_met" in found:
        raise Conflict(
            "out_of_specification", _("A result misses its limit. Withdraw the release; a physician decides.")
        )
    if "unknown" in found:
        raise Conflict("results_missing", _("A result is still out. Record it first."))


def open_second_stage(journey: Journey) -> SecondStage:
    """The conditional release that waits for its results. Raises `Conflict` when there is none."""
    stage = (
        SecondStage.objects.select_for_update(of=("self",))
        .filter(journey=journey, state=SecondStageState.OPEN)
        .select_related("batch__order")
        .first()
    )
    if stage is None:
        raise Conflict("no_conditional_release", _("No conditional release waits for results."))
    return stage


def _settle(stage: SecondStage, state: SecondStageState, *, by: Actor, at: datetime, **more: Any) -> None:
    stage.state, stage.settled_by, stage.settled_at = state, by.name, at
    for name, value in more.items():
        setattr(stage, name, value)
    stage.save()


def product_recall(*, journey_id: UUID, recall: Recall, by: Actor, at: datetime) -> SecondStage:
    """Withdraw a release, and say what is to be done.

    Before the infusion the product is out of specification from now on: the journey goes back and waits for
    a physician's decision. After it the withdrawal and what is to be done stay on the child's page.
    """
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        batch = usable_batch(journey_id)
        if batch is None:
            raise Conflict("no_product", _("There is no released product to withdraw."))
        was_given = journey.infused_at is not None
        before = SecondStage.objects.filter(batch=batch).first()
        if before and before.was_given:
            raise Conflict("already_recalled", _("This product's release is already withdrawn."))
        stage = before or SecondStage(batch=batch, journey=journey, center_id=journey.center_id)
        _settle(
            stage,
            SecondStageState.RECALLED,
            by=by,
            at=at,
            recall_reason=recall.reason,
            what_to_do=recall.what_to_do,
            was_given=was_given,
        )
        facts = {"batch": batch.pk, "order": batch.order_id, **asdict(recall), "was_given": was_given}
        events = [NewEvent(EventKind.PRODUCT_RECALLED, at, facts)]
        if not was_given:
            _report(batch, recall, at=at)
            events += _back(journey, recall, at=at)
        append(journey_id, events, by=by)
        return stage


def _back(journey: Journey, recall: Recall, *, at: datetime) -> list[NewEvent]:
    """The moves of a journey whose product isn't released any longer."""
    moves = []
    if journey.stage == Stage.LYMPHODEPLETION:
        moves.append(journey_move(journey, Stage.RELEASED, at=at, reason=recall.reason))
    moves.append(journey_move(journey, Stage.MANUFACTURING, at=at, reason=recall.reason))
    return moves


def _report(batch: Batch, recall: Recall, *, at: datetime) -> None:
    """The product waits for a decision; what was decided before is kept beside it."""
    told = {
        "parameter": recall.parameter,
        "parameter_id": recall.parameter_id,
        "limit": recall.limit,
        "value": recall.value,
        "risk_statement": recall.risk_statement,
    }
    earlier = OutOfSpecification.objects.filter(batch=batch).first()
    kept = [*earlier.earlier, _decided(earlier)] if earlier else []
    OutOfSpecification.objects.update_or_create(
        batch=batch,
        defaults={
            **told,
            "reported_at": at,
            "decision": "",
            "reason": "",
            "reference": "",
            "reference_kind": "",
            "consent_on": None,
            "consent_by": "",
            "certificate": "",
            "decided_by": "",
            "decided_at": None,
            "earlier": kept,
        },
    )
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.OUT_OF_SPECIFICATION)


def _decided(row: OutOfSpecification) -> dict[str, Any]:
    """A report and its decision as JSON."""
    return {
        "parameter": row.parameter,
        "limit": row.limit,
        "value": row.value,
        "decision": row.decision,
        "reason": row.reason,
        "reference": row.reference,
        "consent_on": row.consent_on and row.consent_on.isoformat(),
        "decided_by": row.decided_by,
        "decided_at": row.decided_at and row.decided_at.isoformat(),
    }
