"""Plans the checks of a child, and lets a person set how often."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from cartpath.protocols.bedside_rows import CHECK_WORDS, CheckWord
from patients.enums import Stage
from patients.models import Journey
from patients.services import require_stage
from toxicity.bedside import Look, looks
from toxicity.checks.inputs import CheckChange
from toxicity.checks.rules import ChildState, Pending, Rhythm, holds, next_due, rhythm
from toxicity.checks.selectors import (
    Done,
    check_rows,
    child_state,
    last_done,
    own_interval,
    plans,
    settings_of,
)
from toxicity.models import CheckPlan, CheckSetting
from toxicity.writing import bedside_write

# Where a child is looked at by the clock.
_ACUTE: Final = Stage.INFUSED


@dataclass(frozen=True, slots=True)
class _Moment:
    """Everything known of one child when its checks are planned."""

    journey: Journey
    done: Done
    state: ChildState
    plans: dict[str, CheckPlan]
    settings: dict[str, CheckSetting]
    at: datetime


@dataclass(frozen=True, slots=True)
class _Next:
    """A check to be planned anew."""

    check: CheckWord
    rhythm: Rhythm
    due_at: datetime
    done_at: datetime | None


def review(journey: Journey, *, at: datetime, by: Actor, look: Look) -> None:
    """Plan anew what was done, or what the child's state wants more often; the rest stands.

    Nothing is planned outside acute monitoring.
    """
    if journey.stage == _ACUTE and journey.infused_at is not None:
        moment = _moment(journey, at=at, look=look)
        coming = (_next(moment, check) for check in CHECK_WORDS)
        _plan(moment, [each for each in coming if each is not None], by=by)


def check_change(*, journey_id: UUID, change: CheckChange, by: Actor, at: datetime) -> Journey:
    """Set how often one thing is checked for this child, or go back to the protocol.

    Raises `Invalid` without a reason, and `Conflict` outside acute monitoring or when there is nothing to go
    back from.
    """
    if not change.reason.strip():
        raise Invalid("invalid_input", _("No reason."), fields={"reason": _("Say why.")})
    with bedside_write(journey_id) as journey:
        require_stage(journey, _ACUTE)
        moment = _moment(journey, at=at, look=looks(journey))
        before = moment.settings.pop(change.check, None)
        if before is None and change.every_minutes is None:
            raise Conflict("follows_protocol", _("This check follows the protocol already."))
        overrules = [row.id for row in check_rows(journey, change.check) if holds(row, moment.state)]
        facts = {
            "check": change.check,
            "every_minutes": change.every_minutes,
            "reason": change.reason,
            "overrules": overrules if change.every_minutes is not None else [],
        }
        (event,) = append(journey_id, [NewEvent(EventKind.CHECKS_CHANGED, at, facts)], by=by)
        if before is not None:
            before.ended_at = at
            before.save(update_fields=["ended_at"])
        if change.every_minutes is not None:
            moment.settings[change.check] = CheckSetting.objects.create(
                journey=journey,
                center_id=journey.center_id,
                check_kind=change.check,
                every_minutes=change.every_minutes,
                overrules=overrules,
                reason=change.reason,
                set_by=by.name,
                set_at=at,
                event_id=event.id,
            )
        coming = _next(moment, change.check, by_person=True)
        _plan(moment, [coming] if coming else [], by=by)
        return journey


def _moment(journey: Journey, *, at: datetime, look: Look) -> _Moment:
    """As of the last thing known: what is entered late doesn't take back what was planned since."""
    done, waiting = last_done(journey), plans(journey.pk)
    known = [at, *(row.planned_at for row in waiting.values())]
    latest = max([*known, done.known_until] if done.known_until else known)
    state = child_state(look(latest))
    return _Moment(journey, done, state, waiting, settings_of(journey.pk), latest)


def _next(moment: _Moment, check: CheckWord, *, by_person: bool = False) -> _Next | None:
    own = own_interval(moment.settings.get(check))
    wanted = rhythm(check_rows(moment.journey, check), moment.state, own)
    infused_at = moment.journey.infused_at
    if wanted is None or infused_at is None:
        return None
    waiting, done_at = moment.plans.get(check), moment.done.by_check.get(check)
    pending = Pending(waiting.every_minutes, waiting.due_at, waiting.done_at) if waiting else None
    due_at = next_due(
        pending, wanted.every, done_at=done_at, infused_at=infused_at, at=moment.at, by_person=by_person
    )
    return None if due_at is None else _Next(check, wanted, due_at, done_at)


def _plan(moment: _Moment, coming: list[_Next], *, by: Actor) -> None:
    if not coming:
        return
    told = [NewEvent(EventKind.CHECK_PLANNED, moment.at, _facts(each)) for each in coming]
    events = append(moment.journey.pk, told, by=by)
    rows = [
        CheckPlan(
            journey=moment.journey,
            center_id=moment.journey.center_id,
            check_kind=each.check,
            every_minutes=each.rhythm.every_minutes,
            due_at=each.due_at,
            because=list(each.rhythm.because),
            rule=each.rhythm.rule,
            done_at=each.done_at,
            planned_at=moment.at,
            event_id=event.id,
        )
        for each, event in zip(coming, events, strict=True)
    ]
    CheckPlan.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["journey", "check_kind"],
        update_fields=["every_minutes", "due_at", "because", "rule", "done_at", "planned_at", "event_id"],
    )


def _facts(planned: _Next) -> dict[str, object]:
    return {
        "check": planned.check,
        "every_minutes": planned.rhythm.every_minutes,
        "due_at": planned.due_at.isoformat(),
        "because": list(planned.rhythm.because),
        "rule": planned.rhythm.rule,
        "done_at": planned.done_at.isoformat() if planned.done_at else None,
    }
