"""Writes about a dose given in parts: the further parts, and the decision to give no more of them.

Where the gate says wait, or can't be judged, a clinician may go on with a reason: the protocol itself leaves
that judgment to the physician. Where it says stop, the label speaks against any further cells: then a second
clinician must agree, and both names and the reason stand in the ledger. It is never refused for good,
because CARTPath records what is done and doesn't order treatment; but nobody overrides a stop alone or
silently.
"""

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
from infusion.doses import part_dose
from infusion.fractions import Series, series
from infusion.inputs import PartDetails
from infusion.models import Infusion, InfusionPart
from infusion.ready.stopping import refuse_stopped
from infusion.rules.fraction_gate import Gate
from infusion.thawing import received_batch, refuse_unusable_dose, refuse_without_identity
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.provenance import COMPUTED, Record, computed
from patients.services import journey_locked, require_stage


def part_record(
    *, journey_id: UUID, part: PartDetails, by: Actor, at: datetime, second: User | None = None
) -> InfusionPart:
    """Record a further part of the dose that started at `at`. Day 0 stays that of the first part.

    Raises `Conflict` `wrong_part`, `series_stopped`, `product_not_received`, `identity_not_verified`, and
    `Invalid` `gate_closed` while the gate doesn't allow the part and nobody entitled says why it's given all
    the same, or `dose_not_in_range` for a dose outside the rule, or unknown, without a reason.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED)
        found, gate = _turn(journey, part.fraction, at=at)
        batch = received_batch(journey)
        refuse_without_identity(journey, batch, part.fraction)
        refuse_unusable_dose(journey, at=at)
        refuse_stopped(journey, at=at)
        _refuse_impossible_times(journey, found, at)
        _refuse_closed_gate(journey, gate, part, by=by, second=second)
        allowed = part_dose(journey, found.split, part.fraction, dose_cells=part.dose_cells)
        if allowed.in_range is not True and not part.override_reason.strip():
            raise Invalid("dose_not_in_range", allowed.sentence, fields={"override_reason": allowed.sentence})
        agreed = second.name if second and gate.verdict == "stop" else ""
        row, _created = InfusionPart.objects.update_or_create(
            journey=journey,
            fraction=part.fraction,
            defaults={
                "center_id": journey.center_id,
                "batch": batch,
                "started_at": at,
                "ended_at": part.ended_at,
                "dose_cells": part.dose_cells,
                "is_dose_in_range": allowed.in_range,
                "override_reason": part.override_reason,
                "gate": gate.verdict,
                "gate_reason": _gate_reason(gate, part),
                "gate_second": agreed,
                "given_by": by.name,
            },
        )
        facts = asdict(part) | {
            "item": part_item(part.fraction),
            "batch": batch.pk,
            "lot": batch.lot,
            "min_cells": allowed.min_cells,
            "max_cells": allowed.max_cells,
            "dose_in_range": allowed.in_range,
            "gate": gate.verdict,
            "second": agreed or None,
            "rules": list(allowed.rows),
            COMPUTED: [
                _gate_record(
                    journey,
                    gate,
                    found,
                    confirmed=None if gate.verdict == "allowed" else "given",
                    by=by,
                    reason=_gate_reason(gate, part),
                ),
                allowed.record(protocol_for(journey), reason=part.override_reason),
            ],
        }
        append(journey_id, [NewEvent(EventKind.FRACTION_INFUSED, at, facts)], by=by)
        return row


def part_item(fraction: int) -> str:
    """The name of the protocol's expected item that a part fulfils."""
    return f"fraction_{fraction}"


def _turn(journey: Journey, fraction: int, *, at: datetime) -> tuple[Series, Gate]:
    """The series and the gate of its next part, if that is the part in question."""
    found = series(journey, at=at)
    if found is None:
        raise Conflict("wrong_part", _("This dose is given at once."))
    if found.is_stopped:
        raise Conflict("series_stopped", _("It was decided that no further part is given."))
    if found.gate is None or found.next != fraction:
        raise Conflict("wrong_part", _("It is not the turn of this part of the dose."))
    return found, found.gate


def _refuse_impossible_times(journey: Journey, found: Series, at: datetime) -> None:
    """A part starts after the one before it and after its own thaw."""
    before = max(line.given.started_at for line in found.lines if line.given and line.given.started_at)
    if at <= before:
        raise Invalid(
            "invalid_input",
            _("Before the part before."),
            fields={"started_at": _("This part must start after the part before it.")},
        )
    if found.thawed and found.thawed.thaw_started_at and at < found.thawed.thaw_started_at:
        raise Invalid(
            "invalid_input",
            _("Before the thaw."),
            fields={"started_at": _("The infusion can't start before the thaw.")},
        )


def _refuse_closed_gate(
    journey: Journey, gate: Gate, part: PartDetails, *, by: Actor, second: User | None
) -> None:
    """Raise `Invalid` unless the gate allows the part, or those who may decide otherwise say why."""
    if gate.verdict == "allowed":
        return
    problems = {}
    if not part.gate_reason.strip():
        problems["gate_reason"] = _("Say why this part is given all the same, or wait.")
    elif not _may_decide(by, journey):
        problems["gate_reason"] = _("Only a clinician of this center decides against the gate.")
    if gate.verdict == "stop":
        if second is None or second.pk == by.user_id:
            problems["second"] = _("A second, different clinician must agree.")
        elif not second.may(Permission.DECIDE_FRACTION, journey.center_id):
            problems["second"] = _("The second person must be a clinician of this center.")
    if problems:
        raise Invalid("gate_closed", gate.sentence, fields=problems)


def _may_decide(by: Actor, journey: Journey) -> bool:
    """Whether the one who acts may decide against a gate; an import tells what was decided elsewhere."""
    if by.user_id is None:
        return True
    return User.objects.get(pk=by.user_id).may(Permission.DECIDE_FRACTION, journey.center_id)


def _gate_reason(gate: Gate, part: PartDetails) -> str:
    return "" if gate.verdict == "allowed" else part.gate_reason


def _gate_record(
    journey: Journey, gate: Gate, found: Series, *, confirmed: str | None, by: Actor, reason: str
) -> Record:
    return computed(
        "fraction_gate",
        value=gate.verdict,
        inputs=gate.inputs,
        answer=found.why,
        protocol=protocol_for(journey),
        rows=[gate.row] if gate.row else [],
        confirmed=confirmed,
        by=by,
        reason=reason,
    )


def parts_stop(*, journey_id: UUID, reason: str, by: Actor, at: datetime) -> Infusion:
    """Decide that no further part of the dose is given."""
    if not reason.strip():
        raise Invalid(
            "invalid_input", _("No reason."), fields={"reason": _("Say why no further part is given.")}
        )
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        found = series(journey, at=at)
        if found is None or found.gate is None or found.infusion is None:
            raise Conflict("no_part_open", _("No further part of the dose is open."))
        row = found.infusion
        row.stopped_at, row.stopped_reason, row.stopped_by = at, reason, by.name
        row.save(update_fields=["stopped_at", "stopped_reason", "stopped_by"])
        facts = {
            "reason": reason,
            "from_fraction": found.next,
            "gate": found.gate.verdict,
            COMPUTED: [_gate_record(journey, found.gate, found, confirmed="stop", by=by, reason=reason)],
        }
        append(journey_id, [NewEvent(EventKind.FRACTIONS_STOPPED, at, facts)], by=by)
        return row


def refuse_open_parts(journey: Journey, *, at: datetime) -> None:
    """Raise `Conflict` `parts_open` while a part of the dose is neither given nor given up."""
    found = series(journey, at=at)
    if found is not None and found.is_open:
        raise Conflict(
            "parts_open",
            _("A further part of the dose is still open. Record it, or decide to stop the series."),
        )
