"""Each bag at the bedside: its thaw, its start, its end. The first bag's start is that of the dose: day 0."""

from dataclasses import asdict, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.accounts.models import User
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from infusion.bedside.bags import bag_of, cells_of, fraction_now
from infusion.bedside.inputs import BagEnd, BagStart
from infusion.bedside.timing import in_time, minutes_between
from infusion.day import THAW_LIMIT, infusion_limit
from infusion.fractions import series
from infusion.inputs import InfusionDetails, PartDetails
from infusion.models import BagInfusion, IdentityCheck, Infusion, InfusionPart
from infusion.part_services import part_record
from infusion.ready.stopping import refuse_stopped
from infusion.rules.fraction_gate import FIRST_FRACTION
from infusion.second_infusion import child_locked
from infusion.selectors import identity_check
from infusion.services import infusion_record
from infusion.thawing import received_batch, require_turn, thaw_start
from manufacturing.custody.selectors import bags_of
from manufacturing.custody.usable import require_usable
from manufacturing.custody.words import Step
from manufacturing.models import CustodyItem
from patients.enums import Stage
from patients.models import Journey
from patients.services import event_strike, journey_locked, require_stage


def bag_thaw(*, journey_id: UUID, item_id: UUID, by: Actor, at: datetime) -> BagInfusion:
    """Record the start of the thaw of one bag; only after its check by two people."""
    with journey_locked(journey_id) as journey:
        item = bag_of(journey, item_id)
        fraction = fraction_now(journey, at=at)
        _refuse_before_check(_checked(journey, item, fraction), at, field="at")
        thaw_start(journey_id=journey_id, by=by, at=at, fraction=fraction, item=item)
        return BagInfusion.objects.get(item=item)


def bag_start(
    *,
    journey_id: UUID,
    item_id: UUID,
    start: BagStart,
    by: Actor,
    at: datetime,
    second: User | None = None,
) -> BagInfusion:
    """Record that a bag began to run at `at`. The first one is recorded as the infusion, or as its next part.

    `second` agrees where the gate of the part says stop. Raises `Conflict` `bag_started`,
    `other_bag_running`, `identity_not_verified`, what `infusion_record` and `part_record` raise, and
    `Invalid` when the time since the thaw is over and nobody says why the bag is given all the same.
    """
    with child_locked(journey_id) as (journey, _others):
        item = bag_of(journey, item_id)
        if BagInfusion.objects.filter(item=item, started_at__isnull=False).exists():
            raise Conflict("bag_started", _("The start of this bag is already recorded."))
        require_usable(item, at, Step.INFUSION_STARTED)
        refuse_stopped(journey, at=at)
        fraction = fraction_now(journey, at=at)
        require_turn(journey, fraction, at=at, item=item)
        check = _checked(journey, item, fraction)
        _refuse_before_check(check, at, field="started_at")
        _refuse_beside_another(journey)
        row = _row(journey, item, check, fraction)
        _refuse_late(journey, row, start, at)
        is_first = not _begun(journey, fraction)
        facts = asdict(start) | _bag(item, row) | {"batch": row.batch_id}
        if second is not None:
            facts["second"] = second.name
        (event,) = append(journey_id, [NewEvent(EventKind.BAG_INFUSION_STARTED, at, facts)], by=by)
        row.started_at, row.started_by, row.start_event_id = at, by.name, event.id
        row.save(update_fields=["started_at", "started_by", "start_event_id"])
        if is_first:
            start = replace(start, dose_cells=start.dose_cells or _cells(journey, row))
            _begin(journey, fraction, start, by=by, at=at, second=second)
        return row


def bag_end(*, journey_id: UUID, item_id: UUID, end: BagEnd, by: Actor, at: datetime) -> BagInfusion:
    """Record that a bag has run in, or was stopped, and what was given of it."""
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED)
        item = bag_of(journey, item_id)
        row = BagInfusion.objects.select_for_update().filter(item=item).first()
        if row is None or row.started_at is None:
            raise Conflict("bag_not_started", _("The start of this bag is not recorded."))
        if row.ended_at is not None:
            raise Conflict("bag_ended", _("The end of this bag is already recorded."))
        _refuse_impossible_end(row, item, end, at)
        limit = infusion_limit(journey, THAW_LIMIT, on=journey.center.local_day(row.started_at))
        minutes = minutes_between(row.thaw_started_at, at)
        facts = asdict(end) | _bag(item, row)
        facts |= {
            "minutes_since_thaw": minutes,
            "in_time": in_time(limit, minutes),
            "rule": limit.id if limit else None,
        }
        (event,) = append(journey_id, [NewEvent(EventKind.BAG_INFUSION_ENDED, at, facts)], by=by)
        row.ended_at, row.ended_by, row.end_event_id = at, by.name, event.id
        row.volume_ml, row.is_whole, row.end_note = end.volume_ml, end.is_whole, end.note
        row.save(update_fields=["ended_at", "ended_by", "end_event_id", "volume_ml", "is_whole", "end_note"])
        _keep_end(journey, row.fraction)
        return row


def bag_end_strike(*, bag_id: UUID, reason: str, by: Actor, at: datetime) -> BagInfusion:
    """Mark the end of a bag as entered in error; it runs again, or its right end is recorded."""
    journey_id = BagInfusion.objects.values_list("journey_id", flat=True).get(pk=bag_id)
    with journey_locked(journey_id) as journey:
        row = BagInfusion.objects.select_for_update().get(pk=bag_id)
        if row.end_event_id is None:
            raise Conflict("bag_not_ended", _("The end of this bag is not recorded."))
        event_strike(journey_id, row.end_event_id, reason=reason, by=by, at=at)
        row.ended_at, row.ended_by, row.end_event_id = None, "", None
        row.volume_ml, row.is_whole, row.end_note = None, None, ""
        row.save(update_fields=["ended_at", "ended_by", "end_event_id", "volume_ml", "is_whole", "end_note"])
        _keep_end(journey, row.fraction)
        return row


def bag_start_strike(*, bag_id: UUID, reason: str, by: Actor, at: datetime) -> BagInfusion:
    """Mark the start of a bag as entered in error.

    Raises `Conflict` `bag_ended` while its end stands, and `day_zero_fixed` for the bag with which the dose,
    or its part, began: day 0 never moves.
    """
    journey_id = BagInfusion.objects.values_list("journey_id", flat=True).get(pk=bag_id)
    with journey_locked(journey_id) as journey:
        row = BagInfusion.objects.select_for_update().get(pk=bag_id)
        if row.start_event_id is None:
            raise Conflict("bag_not_started", _("The start of this bag is not recorded."))
        if row.end_event_id is not None:
            raise Conflict("bag_ended", _("The end of this bag is already recorded."))
        if row.started_at == _dose_began(journey, row.fraction):
            raise Conflict(
                "day_zero_fixed", _("With this bag the dose began; its start can't be taken back.")
            )
        event_strike(journey_id, row.start_event_id, reason=reason, by=by, at=at)
        row.started_at, row.started_by, row.start_event_id = None, "", None
        row.save(update_fields=["started_at", "started_by", "start_event_id"])
        return row


def _checked(journey: Journey, item: CustodyItem, fraction: int) -> IdentityCheck:
    """The check of this bag. Raises `Conflict` `identity_not_verified`."""
    check = identity_check(journey.pk, received_batch(journey).pk, fraction=fraction, item=item)
    if check is None:
        raise Conflict("identity_not_verified", _("Two people must confirm identity first."))
    return check


def _refuse_before_check(check: IdentityCheck, at: datetime, *, field: str) -> None:
    if at < check.verified_at:
        raise Invalid(
            "invalid_input",
            _("Before the check."),
            fields={field: _("This can't lie before the check by two people.")},
        )


def _refuse_beside_another(journey: Journey) -> None:
    running = BagInfusion.objects.filter(journey=journey, started_at__isnull=False, ended_at__isnull=True)
    if running.exists():
        raise Conflict("other_bag_running", _("Another bag is still running. Record its end first."))


def _row(journey: Journey, item: CustodyItem, check: IdentityCheck, fraction: int) -> BagInfusion:
    """The bag's row, made at its thaw; a product that came fresh has none yet."""
    made = {
        "journey": journey,
        "center_id": journey.center_id,
        "batch_id": check.batch_id,
        "fraction": fraction,
        "identity": check,
    }
    row, _is_new = BagInfusion.objects.select_for_update().get_or_create(item=item, defaults=made)
    return row


def _refuse_late(journey: Journey, row: BagInfusion, start: BagStart, at: datetime) -> None:
    """A bag isn't begun before its thaw, nor after the time since the thaw is over, without a reason."""
    if row.thaw_started_at and at < row.thaw_started_at:
        raise Invalid(
            "invalid_input",
            _("Before the thaw."),
            fields={"started_at": _("The infusion can't start before the thaw.")},
        )
    limit = infusion_limit(journey, THAW_LIMIT, on=journey.center.local_day(at))
    if in_time(limit, minutes_between(row.thaw_started_at, at)) is False and not start.late_reason.strip():
        raise Invalid(
            "thaw_over",
            _("The time since the thaw is over."),
            fields={"late_reason": _("Say why the bag is given all the same.")},
        )


def _cells(journey: Journey, row: BagInfusion) -> int | None:
    """What the bags hold together, where the dose is given at once; a part of a dose has to be told."""
    at_once = row.started_at is not None and series(journey, at=row.started_at) is None
    return cells_of(bags_of(journey), row.batch) if at_once else None


def _begin(
    journey: Journey, fraction: int, start: BagStart, *, by: Actor, at: datetime, second: User | None
) -> None:
    """The dose, or its next part, begins with this bag: the services that know it record it."""
    if fraction == FIRST_FRACTION:
        infusion = InfusionDetails(
            dose_cells=start.dose_cells,
            override_reason=start.override_reason,
            total_cells=start.total_cells,
        )
        infusion_record(journey_id=journey.pk, infusion=infusion, by=by, at=at)
        return
    part = PartDetails(
        fraction=fraction,
        dose_cells=start.dose_cells,
        override_reason=start.override_reason,
        gate_reason=start.gate_reason,
    )
    part_record(journey_id=journey.pk, part=part, by=by, at=at, second=second)


def _dose_row(journey: Journey, fraction: int) -> Infusion | InfusionPart | None:
    if fraction == FIRST_FRACTION:
        return Infusion.objects.filter(journey=journey).first()
    return InfusionPart.objects.filter(journey=journey, fraction=fraction).first()


def _dose_began(journey: Journey, fraction: int) -> datetime | None:
    row = _dose_row(journey, fraction)
    return row.started_at if row else None


def _begun(journey: Journey, fraction: int) -> bool:
    return _dose_began(journey, fraction) is not None


def _refuse_impossible_end(row: BagInfusion, item: CustodyItem, end: BagEnd, at: datetime) -> None:
    problems = {}
    if row.started_at and at < row.started_at:
        problems["ended_at"] = _("The end must lie after the start.")
    if end.is_whole is False and not end.note.strip():
        problems["note"] = _("Say why the bag was not given whole.")
    if end.volume_ml is not None and item.volume_ml is not None and end.volume_ml > item.volume_ml:
        problems["volume_ml"] = _("The bag holds %(volume)s mL.") % {"volume": f"{item.volume_ml:g}"}
    if problems:
        raise Invalid("invalid_input", _("This end is not possible."), fields=problems)


def _keep_end(journey: Journey, fraction: int) -> None:
    """The dose, or its part, ended with its last bag; it has no end while one of them runs."""
    row = _dose_row(journey, fraction)
    if row is None or row.started_at is None:
        return
    given = BagInfusion.objects.filter(journey=journey, fraction=fraction, started_at__isnull=False)
    ends = list(given.values_list("ended_at", flat=True))
    row.ended_at = max((end for end in ends if end), default=None) if None not in ends else None
    row.save(update_fields=["ended_at"])


def _bag(item: CustodyItem, row: BagInfusion) -> dict[str, object]:
    """How the ledger names a bag: by its number in the journey, and as people call it."""
    return {"item": item.number, "bag": item.label, "fraction": row.fraction}
