"""Visits arranged with the family: a day, for one or more visits of the plan held together."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from annotated_types import MaxLen, MinLen
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Conflict, Invalid
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from followup.enums import UnplanReason
from followup.models import ArrangedItem, ArrangedVisit
from followup.pictures import visit_pictures
from patients.enums import Stage
from patients.models import Journey
from patients.services import journey_locked, require_stage

Item = Annotated[str, MinLen(1), MaxLen(40)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """A day the family was told, the visits it is for, and the local time if one was said (`HH:MM`)."""

    __pydantic_config__ = INPUT_CONFIG

    items: Annotated[tuple[Item, ...], MinLen(1)]
    planned_on: Day
    starts_at: Annotated[str, MinLen(5), MaxLen(5)] | None = None
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unarrangement:
    """Which arranged day no longer holds, by one of its visits, and why."""

    __pydantic_config__ = INPUT_CONFIG

    item: Item
    reason_code: Literal["moved", "family", "clinical", "center", "in_error"]
    note: Annotated[str, MaxLen(400)] = ""


def visit_arrange(*, journey_id: UUID, arrangement: Arrangement, by: Actor, at: datetime) -> ArrangedVisit:
    """Record the day told to the family. `at` is now.

    A visit that had another day has this one from now on; a day left without any visit counts as moved.
    Raises `Invalid` for a visit that isn't awaited and a day that has passed.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        today = journey.center.local_day(at)
        starts_at = _time(arrangement.starts_at)
        _refuse_impossible(journey, arrangement, today)
        facts = {
            "items": list(arrangement.items),
            "planned_on": arrangement.planned_on,
            "starts_at": arrangement.starts_at,
            "note": arrangement.note,
        }
        (event,) = append(journey_id, [NewEvent(EventKind.VISIT_PLANNED, at, facts)], by=by)
        _take_over(journey, arrangement, at)
        row = ArrangedVisit.objects.create(
            journey=journey,
            center_id=journey.center_id,
            planned_on=arrangement.planned_on,
            starts_at=starts_at,
            note=arrangement.note,
            arranged_by=by.name,
            arranged_at=at,
            event_id=event.id,
        )
        ArrangedItem.objects.bulk_create(ArrangedItem(arranged=row, item=item) for item in arrangement.items)
        return row


def _time(said: str | None) -> time | None:
    if said is None:
        return None
    try:
        return time.fromisoformat(said)
    except ValueError:
        sentence = _("Give a time such as 09:30.")
        raise Invalid("invalid_input", sentence, fields={"starts_at": sentence}) from None


def _refuse_impossible(journey: Journey, arrangement: Arrangement, today: date) -> None:
    problems = {}
    awaited = {each.planned.expected.item for each in visit_pictures(journey, on=today) if each.is_awaited}
    if len(set(arrangement.items)) != len(arrangement.items) or not set(arrangement.items) <= awaited:
        problems["items"] = _("Choose visits that are still awaited, each once.")
    if arrangement.planned_on < today:
        problems["planned_on"] = _("Give a day that is still to come.")
    if problems:
        raise Invalid("invalid_input", _("This visit can't be arranged."), fields=problems)


def _take_over(journey: Journey, arrangement: Arrangement, at: datetime) -> None:
    """Of several days for one visit the last one said counts."""
    before = ArrangedItem.objects.filter(arranged__journey=journey, arranged__canceled_at=None)
    before.filter(item__in=arrangement.items).delete()
    empty = ArrangedVisit.objects.filter(journey=journey, canceled_at=None, items=None)
    empty.update(canceled_at=at, canceled_reason=UnplanReason.MOVED)


def visit_unarrange(
    *, journey_id: UUID, item: str, reason_code: str, note: str = "", by: Actor, at: datetime
) -> ArrangedVisit:
    """Cancel the arranged day of a visit, and with it that of the visits that share it.

    Raises `Conflict` `not_arranged` when no day is arranged for it.
    """
    if reason_code not in UnplanReason.values:
        raise unknown_choice("reason_code", UnplanReason)
    with journey_locked(journey_id) as journey:
        row = ArrangedVisit.objects.filter(journey=journey, canceled_at=None, items__item=item).first()
        if row is None:
            raise Conflict("not_arranged", _("No day is arranged for this visit."))
        facts = {"item": item, "planned_on": row.planned_on, "reason_code": reason_code, "note": note}
        append(journey_id, [NewEvent(EventKind.VISIT_UNPLANNED, at, facts)], by=by)
        row.canceled_at, row.canceled_reason = at, reason_code
        row.save(update_fields=["canceled_at", "canceled_reason"])
        return row
