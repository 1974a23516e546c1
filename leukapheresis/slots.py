"""Writes about slots: opening them in runs, keeping one back, and giving it free again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid, NotFound
from leukapheresis.agenda.changes import calendar_touched
from leukapheresis.enums import ResourceKind, SlotState
from leukapheresis.models import Resource, Slot


@dataclass(frozen=True, slots=True)
class OpenedSlots:
    """How many slots were made, and on how many days the machine already had one at that time."""

    opened: int
    known: int


@transaction.atomic
def slots_open(
    *,
    resource_id: UUID,
    center_id: int,
    days: Iterable[date],
    start: time,
    end: time,
    by: Actor,
    at: datetime,
) -> OpenedSlots:
    """Open one slot a day on a machine, from `start` to `end` in the center's zone.

    A day on which the machine has a slot that overlaps is left as it is. The machine's row is locked, so that
    two people who open the same days don't make overlapping slots.
    """
    if end <= start:
        raise Invalid(
            "invalid_input", _("Impossible hours."), fields={"end": _("The end must lie after the start.")}
        )
    resource = (
        Resource.objects.select_for_update(of=("self",))
        .select_related("center")
        .filter(pk=resource_id, center_id=center_id, kind=ResourceKind.MACHINE, is_active=True)
        .first()
    )
    if resource is None:
        raise NotFound
    zone = resource.center.zone
    wanted = [(datetime.combine(day, start, zone), datetime.combine(day, end, zone)) for day in days]
    fresh = [
        Slot(center_id=center_id, resource=resource, starts_at=starts_at, ends_at=ends_at)
        for starts_at, ends_at in wanted
        if not Slot.objects.filter(resource=resource, starts_at__lt=ends_at, ends_at__gt=starts_at).exists()
    ]
    Slot.objects.bulk_create(fresh)
    calendar_touched(center_id, (slot.starts_at.date() for slot in fresh), by=by, at=at)
    return OpenedSlots(opened=len(fresh), known=len(wanted) - len(fresh))


@transaction.atomic
def slot_block(*, slot_id: UUID, center_id: int, by: Actor, at: datetime) -> None:
    """Keep a free slot back. Raises `Conflict` `slot_taken` when it was taken meanwhile."""
    _turn(slot_id, center_id, SlotState.OPEN, SlotState.BLOCKED, _("This slot is no longer free."))
    _touched(slot_id, by, at)


@transaction.atomic
def slot_unblock(*, slot_id: UUID, center_id: int, by: Actor, at: datetime) -> None:
    """Give a blocked slot free again. Raises `Conflict` `slot_not_blocked` when it isn't blocked."""
    _turn(slot_id, center_id, SlotState.BLOCKED, SlotState.OPEN, _("This slot is not blocked."))
    _touched(slot_id, by, at)


def _turn(slot_id: UUID, center_id: int, origin: SlotState, target: SlotState, refusal: str) -> None:
    """Move a slot by a conditional update: 0 rows means somebody else was faster."""
    if not Slot.objects.filter(pk=slot_id, center_id=center_id, state=origin).update(state=target):
        code = "slot_taken" if origin == SlotState.OPEN else "slot_not_blocked"
        raise Conflict(code, refusal)


def _touched(slot_id: UUID, by: Actor, at: datetime) -> None:
    slot = Slot.objects.select_related("center").get(pk=slot_id)
    calendar_touched(slot.center_id, [slot.starts_at.astimezone(slot.center.zone).date()], by=by, at=at)
