"""Results that come after the visit: they fill what was unknown and never overwrite."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.chain import canonical
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from followup.days import noon
from followup.findings import OTHER, is_column
from followup.inputs import LaterFindings
from followup.models import AddedFindings, MalignancyCase, Visit
from followup.records import b_cell_facts, sample_facts
from followup.values import (
    TEXTS,
    details_of,
    facts_of,
    known_of,
    merged,
    problems,
    refuse_malformed,
)
from patients.enums import Stage
from patients.models import Journey
from patients.services import event_strike, journey_locked, require_stage


def findings_add(*, journey_id: UUID, added: LaterFindings, by: Actor, at: datetime) -> AddedFindings:
    """Add results to a recorded visit; the clinical time is that of the visit.

    Only what is unknown is filled. Raises `Conflict` `finding_known`, naming each finding that is known
    otherwise, and `Invalid` where nothing new is told or findings contradict each other.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        visit = (
            Visit.objects.select_for_update().filter(journey=journey, item=added.item, struck_at=None).first()
        )
        if visit is None:
            raise Conflict("visit_unknown", _("This visit is not recorded."))
        refuse_malformed(added)
        filled, conflicts = merged(visit, added)
        if conflicts:
            raise Conflict(
                "finding_known",
                _("Some findings are already recorded otherwise; mark them as entered in error first."),
                fields={name: _already(name, earlier) for name, (earlier, _new) in conflicts.items()},
            )
        if not filled:
            sentence = _("Nothing new was typed.")
            raise Invalid("invalid_input", sentence, fields={"note": sentence} if added.note else {})
        wrong = problems(journey, known_of(visit) | added.known(), visit.visited_on)
        if wrong:
            raise Invalid("invalid_input", _("The findings are not possible."), fields=wrong)
        _refuse_suspicion(journey, filled)
        _fill(visit, filled)
        about_igg = filled.keys() & {"igg_mg_dl", "last_immunoglobulin_on", "ever_replaced"}
        judged = (
            sample_facts(journey, details_of(visit), is_stored=True) if about_igg else b_cell_facts(journey)
        )
        facts = facts_of(added) | judged
        occurred_at = noon(journey, visit.visited_on, at)
        (event,) = append(journey_id, [NewEvent(EventKind.FINDINGS_ADDED, occurred_at, facts)], by=by)
        return AddedFindings.objects.create(
            visit=visit,
            filled=sorted(filled),
            note=added.note,
            recorded_by=by.name,
            recorded_at=at,
            event_id=event.id,
        )


def _already(name: str, earlier: object) -> str:
    return (
        _("Already recorded otherwise.")
        if isinstance(earlier, bool)
        else _("Already recorded: %(value)s.") % {"value": earlier}
    )


def _refuse_suspicion(journey: Journey, filled: dict[str, Any]) -> None:
    if filled.get("malignancy_screen") != "suspected":
        return
    if not MalignancyCase.objects.filter(journey=journey, struck_at=None).exists():
        sentence = _("Open the case of a new malignancy first.")
        raise Invalid("invalid_input", sentence, fields={"malignancy_screen": sentence})


def findings_strike(*, addition_id: UUID, reason: str, by: Actor, at: datetime) -> AddedFindings:
    """Mark added findings as entered in error: what they filled is unknown again."""
    journey_id = AddedFindings.objects.values_list("visit__journey_id", flat=True).get(pk=addition_id)
    with journey_locked(journey_id) as journey:
        row = AddedFindings.objects.select_for_update().get(pk=addition_id)
        if row.struck_at:
            raise Conflict("already_struck", _("These findings are already marked as entered in error."))
        return addition_strike(journey, row, reason=reason, by=by, at=at)


def addition_strike(
    journey: Journey, row: AddedFindings, *, reason: str, by: Actor, at: datetime
) -> AddedFindings:
    """Strike added findings of a locked journey; the visit that they filled is struck by itself."""
    row.struck_at, row.struck_reason = at, reason
    row.save(update_fields=["struck_at", "struck_reason"])
    _empty(Visit.objects.select_for_update().get(pk=row.visit_id), row.filled)
    event_strike(journey.pk, row.event_id, reason=reason, by=by, at=at, facts=b_cell_facts(journey))
    return row


def _fill(visit: Visit, filled: dict[str, Any]) -> None:
    kept, words = dict(visit.findings), dict(visit.findings.get(OTHER, {}))
    for name, value in filled.items():
        outer, _dot, inner = name.partition(".")
        if outer == OTHER:
            words[inner] = value
        elif is_column(name):
            setattr(visit, name, value)
        else:
            kept[name] = value
    visit.findings = canonical(kept | ({OTHER: words} if words else {}))
    visit.save()


def _empty(visit: Visit, names: list[str]) -> None:
    """Unknown again. Each finding was filled once only, so that nothing else is lost."""
    kept, words = dict(visit.findings), dict(visit.findings.get(OTHER, {}))
    for name in names:
        outer, _dot, inner = name.partition(".")
        if outer == OTHER:
            words.pop(inner, None)
        elif is_column(name):
            setattr(visit, name, "" if name in TEXTS else None)
        else:
            kept.pop(name, None)
    kept.pop(OTHER, None)
    visit.findings = kept | ({OTHER: words} if words else {})
    visit.save()
