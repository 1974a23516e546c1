"""The parts of one child's dose: what was given, what comes next and when, and whether it may be given."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from cartpath.core.answers import Answer
from cartpath.core.dates import day_post
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import Protocol
from infusion.enums import Quantity
from infusion.grades import grades_since
from infusion.models import Finding, Infusion, InfusionPart, LymphodepletionDose
from infusion.rules.fraction_gate import FIRST_FRACTION, FractionDays, Gate, fraction_days, gate_of_candidates
from infusion.rules.fractions import Marrow, Part, Split, split
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.selectors import latest_weight

LineState = Literal["given", "next", "later", "stopped"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PartLine:
    """One part on the strip; `given` is what was recorded of it, `days` when it's due."""

    part: Part
    label: str
    state: LineState
    given: Infusion | InfusionPart | None
    day: int | None
    days: FractionDays | None
    due_day: int | None

    @property
    def fraction(self) -> int:
        """Its number."""
        return self.part.fraction


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """A dose in parts. `next` is the number of the part to be given next; None when all are, or stopped.

    `gate` is judged once the first part was given and another one is to come.
    """

    split: Split
    lines: tuple[PartLine, ...]
    infusion: Infusion | None
    thawed: InfusionPart | None
    next: int | None
    gate: Gate | None
    why: Answer

    @property
    def is_open(self) -> bool:
        """Whether the first part was given and another one is still to come."""
        return self.gate is not None

    @property
    def is_stopped(self) -> bool:
        """Whether somebody decided that no further part is given."""
        return self.infusion is not None and self.infusion.stopped_at is not None


def series(journey: Journey, *, at: datetime, total_cells: int | None = None) -> Series | None:
    """The parts of a journey's dose as they stand at a time; None for a product that is given at once.

    The rows in force on the center's day of `at` count. `total_cells` is a whole dose about to be chosen;
    once the first part was given, its own counts.
    """
    protocol = protocol_for(journey)
    rows = in_force(protocol.product.fractions, journey.center.local_day(at))
    if not rows:
        return None
    infusion = Infusion.objects.filter(journey=journey, started_at__isnull=False).first()
    parts = {part.fraction: part for part in InfusionPart.objects.filter(journey=journey)}
    given: dict[int, Infusion | InfusionPart] = {n: part for n, part in parts.items() if part.started_at}
    if infusion:
        given[FIRST_FRACTION] = infusion
    found = split(
        rows,
        protocol.dose_rules(journey.center.local_day(at)),
        marrow=marrow_of(journey, at=at),
        weight_kg=_weight_kg(journey, infusion, at),
        total_cells=infusion.total_cells if infusion else total_cells,
    )
    stopped = infusion is not None and infusion.stopped_at is not None
    ahead = None if stopped else next((p.fraction for p in found.parts if p.fraction not in given), None)
    gate = _gate(journey, protocol, found, given, ahead, at) if ahead and FIRST_FRACTION in given else None
    thawed = parts.get(ahead) if ahead else None
    return Series(
        split=found,
        lines=tuple(_line(journey, protocol, part, given, ahead, infusion) for part in found.parts),
        infusion=infusion,
        thawed=thawed if thawed and thawed.thaw_started_at else None,
        next=ahead,
        gate=gate,
        why=_why(protocol, found, gate),
    )


def next_fraction(journey: Journey, *, at: datetime) -> int:
    """The number of the part that identity check and thaw are about: 1 until the infusion has begun."""
    if journey.infused_at is None:
        return FIRST_FRACTION
    found = series(journey, at=at)
    return (found.next if found else None) or FIRST_FRACTION


def marrow_of(journey: Journey, *, at: datetime) -> Marrow:
    """The last marrow known at a time that was taken before lymphodepletion began, else the last one."""
    began_at = (
        LymphodepletionDose.objects.filter(journey=journey, given_at__lte=at)
        .order_by("given_at")
        .values_list("given_at", flat=True)
        .first()
    )
    began_on = journey.center.local_day(began_at) if began_at else None
    known = Finding.objects.filter(
        journey=journey, quantity=Quantity.MARROW_BLASTS, found_on__lte=journey.center.local_day(at)
    )
    rows = list(known.order_by("-found_on", "-pk"))
    before = (row for row in rows if began_on is None or row.found_on <= began_on)
    chosen = next(before, rows[0] if rows else None)
    return Marrow(
        blasts_percent=float(chosen.value) if chosen else None,
        sampled_on=chosen.found_on if chosen else None,
        lymphodepletion_on=began_on,
    )


def latest_finding(journey_id: UUID, quantity: Quantity, *, on: date) -> Finding | None:
    """The latest laboratory value of a kind, not after a day."""
    rows = Finding.objects.filter(journey_id=journey_id, quantity=quantity, found_on__lte=on)
    return rows.order_by("-found_on", "-pk").first()


def _weight_kg(journey: Journey, infusion: Infusion | None, at: datetime) -> float | None:
    """The weight the whole dose was chosen by; before the first part, the latest one."""
    if infusion is not None:
        return float(infusion.weight_kg) if infusion.weight_kg else None
    weighed = latest_weight(journey.patient_id, at=at)
    return float(weighed.weight_kg) if weighed and weighed.weight_kg else None


def _gate(
    journey: Journey,
    protocol: Protocol,
    found: Split,
    given: dict[int, Infusion | InfusionPart],
    ahead: int,
    at: datetime,
) -> Gate | None:
    part, first, before = found.part(ahead), given[FIRST_FRACTION], given[max(given)]
    if part is None or first.started_at is None or before.started_at is None:
        return None
    crs, icans = grades_since(journey, since=before.started_at, at=at)
    return gate_of_candidates(
        part.rows,
        first_infusion_day=protocol.product.first_infusion_day,
        infused_on=journey.center.local_day(first.started_at),
        on=journey.center.local_day(at),
        crs=crs,
        icans=icans,
    )


def _line(
    journey: Journey,
    protocol: Protocol,
    part: Part,
    given: dict[int, Infusion | InfusionPart],
    ahead: int | None,
    infusion: Infusion | None,
) -> PartLine:
    first = given.get(FIRST_FRACTION)
    infused_on = journey.center.local_day(first.started_at) if first and first.started_at else None
    days = None
    if infused_on and part.fraction > FIRST_FRACTION:
        days = fraction_days(
            part.rows[0], first_infusion_day=protocol.product.first_infusion_day, infused_on=infused_on
        )
    row = given.get(part.fraction)
    given_on = journey.center.local_day(row.started_at) if row and row.started_at else None
    return PartLine(
        part=part,
        label=part.row.label if part.row else "",
        state=_state(part.fraction, row, ahead, infusion),
        given=row,
        day=day_post(infused_on, given_on) if infused_on and given_on else None,
        days=days if days and days.due_on else None,
        due_day=day_post(infused_on, days.due_on) if infused_on and days and days.due_on else None,
    )


def _state(
    fraction: int, row: Infusion | InfusionPart | None, ahead: int | None, infusion: Infusion | None
) -> LineState:
    if row is not None:
        return "given"
    if infusion is not None and infusion.stopped_at is not None:
        return "stopped"
    return "next" if fraction == ahead else "later"


def _why(protocol: Protocol, found: Split, gate: Gate | None) -> Answer:
    rows = [row for part in found.parts for row in part.rows]
    return Answer(
        name="fractions",
        result={"gate": gate.verdict if gate else None},
        source="; ".join(dict.fromkeys(protocol.cite(row) for row in rows)),
        explanation=[*found.explanation, *(gate.explanation if gate else ())],
        missing=list(dict.fromkeys([*found.missing, *(gate.missing if gate else ())])),
        flags=[*found.flags, *(gate.flags if gate else ())],
    )
