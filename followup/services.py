"""Writes of the follow-up room: visits, visits left out, transplant and relapse."""

from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from followup.enums import SkipReason
from followup.inputs import VisitDetails
from followup.models import DiseaseEvent, SkippedVisit, Visit
from followup.records import b_cell_records, immunoglobulin_records
from followup.selectors import b_cell_finding, visit_items
from patients.enums import Stage
from patients.models import Journey
from patients.services import event_strike, journey_locked, require_stage


def visit_record(*, journey_id: UUID, visit: VisitDetails, by: Actor, at: datetime) -> Visit:
    """Record a planned visit as held. `at` is now; the clinical time is noon of the day of the visit.

    Raises `Invalid` for a visit the plan doesn't have, a day before infusion or in the future, and
    `Conflict` `visit_known` when it is already recorded.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        _refuse_impossible(journey, visit, at)
        _refuse_settled(journey, visit.item)
        occurred_at = _noon(journey, visit.visited_on, at)
        b_cells = b_cell_finding(journey, another=visit)
        facts = asdict(visit) | {
            "b_cell_aplasia": b_cells.state,
            "computed": [*b_cell_records(journey, b_cells), *immunoglobulin_records(journey, visit)],
        }
        (event,) = append(journey_id, [NewEvent(EventKind.VISIT_RECORDED, occurred_at, facts)], by=by)
        stored = asdict(visit) | {name: getattr(visit, name) or "" for name in _TEXTS}
        return Visit.objects.create(
            journey=journey, center_id=journey.center_id, recorded_by=by.name, event_id=event.id, **stored
        )


_TEXTS = ("response", "mrd_result", "mrd_method")


def _noon(journey: Journey, day: date, at: datetime) -> datetime:
    """A visit has a day, not an hour: noon in the center's zone stands for it, if that has come."""
    return min(datetime.combine(day, time(12), tzinfo=journey.center.zone), at)


def _refuse_impossible(journey: Journey, visit: VisitDetails, at: datetime) -> None:
    problems = {}
    if visit.item not in {item.item for item in visit_items(journey)}:
        problems["item"] = _("Choose a visit of the plan.")
    today = at.astimezone(journey.center.zone).date()
    infused_on = journey.infused_at.astimezone(journey.center.zone).date() if journey.infused_at else None
    if infused_on is None or not infused_on <= visit.visited_on <= today:
        problems["visited_on"] = _("The visit must lie between the infusion and today.")
    if visit.mrd_result and not visit.mrd_method:
        problems["mrd_method"] = _("An MRD result needs its method.")
    if problems:
        raise Invalid("invalid_input", _("The visit is not possible."), fields=problems)


def _refuse_settled(journey: Journey, item: str) -> None:
    if Visit.objects.filter(journey=journey, item=item, struck_at=None).exists():
        raise Conflict("visit_known", _("This visit is already recorded."))
    if SkippedVisit.objects.filter(journey=journey, item=item).exists():
        raise Conflict("visit_skipped", _("This visit was left out with a reason."))


def visit_strike(*, visit_id: UUID, reason: str, by: Actor, at: datetime) -> Visit:
    """Mark a visit as entered in error; its reminder opens again."""
    journey_id = Visit.objects.values_list("journey_id", flat=True).get(pk=visit_id)
    with journey_locked(journey_id) as journey:
        visit = Visit.objects.select_for_update().get(pk=visit_id)
        if visit.struck_at:
            raise Conflict("already_struck", _("This visit is already marked as entered in error."))
        visit.struck_at, visit.struck_reason = at, reason
        visit.save(update_fields=["struck_at", "struck_reason"])
        facts = _b_cell_facts(journey)
        event_strike(journey_id, visit.event_id, reason=reason, by=by, at=at, facts=facts)
        return visit


def _b_cell_facts(journey: Journey) -> dict[str, Any]:
    """B-cell aplasia as it is judged anew, with its record."""
    b_cells = b_cell_finding(journey)
    return {"b_cell_aplasia": b_cells.state, "computed": b_cell_records(journey, b_cells)}


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
    *, journey_id: UUID, transplanted_on: date, detail: str = "", by: Actor, at: datetime
) -> DiseaseEvent:
    """Record a transplant after infusion: B-cell aplasia is no longer followed, safety follow-up goes on."""
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        _refuse_day(journey, transplanted_on, at, field="transplanted_on")
        row = DiseaseEvent.objects.create(
            journey=journey,
            center_id=journey.center_id,
            kind=DiseaseEvent.Kind.TRANSPLANT,
            happened_on=transplanted_on,
            detail=detail,
        )
        facts = {
            "transplanted_on": transplanted_on,
            "detail": detail,
            **_b_cell_facts(journey),
        }
        occurred_at = _noon(journey, transplanted_on, at)
        append(journey_id, [NewEvent(EventKind.TRANSPLANTED, occurred_at, facts)], by=by)
        return row


def relapse_record(
    *, journey_id: UUID, relapsed_on: date, detail: str = "", by: Actor, at: datetime
) -> DiseaseEvent:
    """Record a relapse after infusion."""
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        _refuse_day(journey, relapsed_on, at, field="relapsed_on")
        facts = {"relapsed_on": relapsed_on, "detail": detail}
        append(journey_id, [NewEvent(EventKind.RELAPSED, _noon(journey, relapsed_on, at), facts)], by=by)
        return DiseaseEvent.objects.create(
            journey=journey,
            center_id=journey.center_id,
            kind=DiseaseEvent.Kind.RELAPSE,
            happened_on=relapsed_on,
            detail=detail,
        )


def _refuse_day(journey: Journey, day: date, at: datetime, *, field: str) -> None:
    zone = journey.center.zone
    infused_on = journey.infused_at.astimezone(zone).date() if journey.infused_at else None
    if infused_on is None or not infused_on <= day <= at.astimezone(zone).date():
        raise Invalid(
            "invalid_input",
            _("Impossible day."),
            fields={field: _("The day must lie between the infusion and today.")},
        )
