"""Writes of the follow-up room: visits, visits left out, transplant and relapse."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from followup.cases import malignancy_suspect
from followup.days import is_since_infusion, noon, refuse_day
from followup.enums import SkipReason
from followup.infections import infection_record
from followup.inputs import InfectionDetails, SuspicionDetails, VisitDetails
from followup.later_findings import addition_strike
from followup.models import DiseaseEvent, MalignancyCase, SkippedVisit, Visit
from followup.records import b_cell_facts, sample_facts
from followup.selectors import visit_items
from followup.values import columns_of, facts_of, growth_records, problems, refuse_malformed
from patients.enums import Stage
from patients.inputs import BodyMeasurement
from patients.models import Journey
from patients.services import event_strike, journey_locked, measurement_record, require_stage


def visit_record(
    *,
    journey_id: UUID,
    visit: VisitDetails,
    by: Actor,
    at: datetime,
    measurement: BodyMeasurement | None = None,
    infections: Sequence[InfectionDetails] = (),
    suspicion: SuspicionDetails | None = None,
) -> Visit:
    """Record a planned visit as held. `at` is now; the clinical time is noon of the day of the visit.

    What the visit brought to light besides is recorded with it: weight and height, infections, a suspected
    malignancy, which opens a case. Raises `Invalid` for a visit the plan doesn't have, a day before infusion
    or in the future, findings that contradict each other, and a suspicion without a case; `Conflict`
    `visit_known` when it is already recorded.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        _refuse_impossible(journey, visit, at)
        _refuse_settled(journey, visit.item)
        occurred_at = noon(journey, visit.visited_on, at)
        act: dict[str, Any] = {"journey_id": journey_id, "by": by}
        if measurement is not None:
            measurement_record(measurement=measurement, at=occurred_at, **act)
        for infection in infections:
            infection_record(infection=infection, at=at, **act)
        if suspicion is not None:
            malignancy_suspect(suspicion=suspicion, at=at, **act)
        _refuse_suspicion_without_case(journey, visit)
        judged = sample_facts(journey, visit)
        facts = facts_of(visit) | judged
        facts["computed"] = [*judged["computed"], *growth_records(journey, visit.visited_on)]
        (event,) = append(journey_id, [NewEvent(EventKind.VISIT_RECORDED, occurred_at, facts)], by=by)
        return Visit.objects.create(
            journey=journey,
            center_id=journey.center_id,
            item=visit.item,
            visited_on=visit.visited_on,
            note=visit.note,
            recorded_by=by.name,
            event_id=event.id,
            **columns_of(visit),
        )


def _refuse_impossible(journey: Journey, visit: VisitDetails, at: datetime) -> None:
    refuse_malformed(visit)
    wrong = problems(journey, visit.known(), visit.visited_on)
    if visit.item not in {item.item for item in visit_items(journey)}:
        wrong["item"] = _("Choose a visit of the plan.")
    if not is_since_infusion(journey, visit.visited_on, at):
        wrong["visited_on"] = _("The visit must lie between the infusion and today.")
    if wrong:
        raise Invalid("invalid_input", _("The visit is not possible."), fields=wrong)


def _refuse_suspicion_without_case(journey: Journey, visit: VisitDetails) -> None:
    """What is suspected is followed up in a case, or it is forgotten."""
    if visit.findings.malignancy_screen != "suspected":
        return
    if not MalignancyCase.objects.filter(journey=journey, struck_at=None).exists():
        sentence = _("Say what is suspected: it opens a case.")
        raise Invalid("invalid_input", sentence, fields={"malignancy_screen": sentence})


def _refuse_settled(journey: Journey, item: str) -> None:
    if Visit.objects.filter(journey=journey, item=item, struck_at=None).exists():
        raise Conflict("visit_known", _("This visit is already recorded."))
    if SkippedVisit.objects.filter(journey=journey, item=item).exists():
        raise Conflict("visit_skipped", _("This visit was left out with a reason."))


def visit_strike(*, visit_id: UUID, reason: str, by: Actor, at: datetime) -> Visit:
    """Mark a visit and what was added to it as entered in error; its reminder opens again."""
    journey_id = Visit.objects.values_list("journey_id", flat=True).get(pk=visit_id)
    with journey_locked(journey_id) as journey:
        visit = Visit.objects.select_for_update().get(pk=visit_id)
        if visit.struck_at:
            raise Conflict("already_struck", _("This visit is already marked as entered in error."))
        for added in visit.additions.filter(struck_at=None).order_by("-event_id"):
            addition_strike(journey, added, reason=reason, by=by, at=at)
        visit.struck_at, visit.struck_reason = at, reason
        visit.save(update_fields=["struck_at", "struck_reason"])
        facts = b_cell_facts(journey)
        event_strike(journey_id, visit.event_id, reason=reason, by=by, at=at, facts=facts)
        return visit


def visit_skip(
    *, journey_id: UUID, item: str, reason_code: str, note: str, by: Actor, at: datetime
) -> SkippedVisit:
    """Leave a visit out, with a reason."""
    if reason_code not in SkipReason.values:
        raise unknown_choice("reason_code", SkipReason)
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        if item not in {expected.item for expected in visit_items(journey)}:
            raise Invalid(
                "invalid_input", _("Unknown visit."), fields={"item": _("Choose a visit of the plan.")}
            )
        _refuse_settled(journey, item)
        facts = {"item": item, "reason_code": reason_code, "note": note}
        append(journey_id, [NewEvent(EventKind.VISIT_SKIPPED, at, facts)], by=by)
        return SkippedVisit.objects.create(
            journey=journey,
            item=item,
            reason_code=reason_code,
            note=note,
            skipped_by=by.name,
            skipped_at=at,
        )


def transplant_record(
    *,
    journey_id: UUID,
    transplanted_on: date,
    conditioning_on: date | None = None,
    detail: str = "",
    by: Actor,
    at: datetime,
) -> DiseaseEvent:
    """Record a transplant after infusion.

    B-cell aplasia is no longer followed, from the start of conditioning where it is known; the visits of the
    transplant are planned and count from it, and the visits for safety go on.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        refuse_day(journey, transplanted_on, at, field="transplanted_on")
        if conditioning_on is not None:
            refuse_day(journey, conditioning_on, at, field="conditioning_on")
            if conditioning_on > transplanted_on:
                sentence = _("Conditioning comes before the transplant.")
                raise Invalid("invalid_input", sentence, fields={"conditioning_on": sentence})
        row = DiseaseEvent.objects.create(
            journey=journey,
            center_id=journey.center_id,
            kind=DiseaseEvent.Kind.TRANSPLANT,
            happened_on=transplanted_on,
            conditioning_on=conditioning_on,
            detail=detail,
        )
        facts = {
            "transplanted_on": transplanted_on,
            "conditioning_on": conditioning_on,
            "detail": detail,
            **b_cell_facts(journey),
        }
        happened_at = noon(journey, transplanted_on, at)
        return _written(row, NewEvent(EventKind.TRANSPLANTED, happened_at, facts), by=by)


def relapse_record(
    *, journey_id: UUID, relapsed_on: date, detail: str = "", by: Actor, at: datetime
) -> DiseaseEvent:
    """Record a relapse after infusion: visits about how well the cells work stop, those for safety go on."""
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        refuse_day(journey, relapsed_on, at, field="relapsed_on")
        row = DiseaseEvent.objects.create(
            journey=journey,
            center_id=journey.center_id,
            kind=DiseaseEvent.Kind.RELAPSE,
            happened_on=relapsed_on,
            detail=detail,
        )
        facts = {"relapsed_on": relapsed_on, "detail": detail}
        return _written(row, NewEvent(EventKind.RELAPSED, noon(journey, relapsed_on, at), facts), by=by)


def _written(row: DiseaseEvent, new: NewEvent, *, by: Actor) -> DiseaseEvent:
    (event,) = append(row.journey_id, [new], by=by)
    row.event_id = event.id
    row.save(update_fields=["event_id"])
    return row


def disease_event_strike(*, row_id: UUID, reason: str, by: Actor, at: datetime) -> DiseaseEvent:
    """Mark a transplant or relapse as entered in error: what it stopped is awaited again.

    Raises `Conflict` `already_struck`.
    """
    journey_id = DiseaseEvent.objects.values_list("journey_id", flat=True).get(pk=row_id)
    with journey_locked(journey_id) as journey:
        row = DiseaseEvent.objects.select_for_update().get(pk=row_id)
        if row.struck_at or row.event_id is None:
            raise Conflict("already_struck", _("This is already marked as entered in error."))
        row.struck_at, row.struck_reason = at, reason
        row.save(update_fields=["struck_at", "struck_reason"])
        is_transplant = row.kind == DiseaseEvent.Kind.TRANSPLANT
        facts = b_cell_facts(journey) if is_transplant else None
        event_strike(journey_id, row.event_id, reason=reason, by=by, at=at, facts=facts)
        return row
