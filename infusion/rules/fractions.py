"""Doses that are given in parts: which part holds how many cells.

Source: the `fractions` rows of the product's protocol. Obecabtagene: 410 million cells in two parts whose
sizes follow the blasts in a marrow of at most 7 days before lymphodepletion (prescribing information; FELIX).
Varnimcabtagene (ARI-0001): 10, 30 and 60 % of a total within the range per kilogram. A marrow that is
missing, undated, too old or taken after lymphodepletion began leaves the sizes unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from annotated_types import Ge, Gt, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.moments import Day
from cartpath.core.quantities import cells_text
from cartpath.core.sentences import say
from cartpath.protocols import registry
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import Protocol
from cartpath.protocols.sections import DoseBand, DoseFraction
from cartpath.protocols.words import Region
from infusion.rules.dose import DoseRange, dose_range
from infusion.rules.fraction_gate import FIRST_FRACTION, Gate, GradeSince, fraction_days, gate_of_candidates

PERCENT: Final = 100

Grade = Annotated[int, Ge(0), Le(5)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Marrow:
    """Blasts of the marrow, the day of the sample, and the day lymphodepletion began; None is unknown."""

    blasts_percent: float | None = None
    sampled_on: date | None = None
    lymphodepletion_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of the dose in cells; None while unknown.

    `rows` are the protocol's rows that may hold, one when it's known which. `cells` is the part of the total
    that was chosen, or the fixed size; `min_cells` and `max_cells` are what the rule permits.
    """

    fraction: int
    rows: tuple[DoseFraction, ...]
    min_cells: int | None
    max_cells: int | None
    cells: int | None

    @property
    def row(self) -> DoseFraction | None:
        """The row that holds; None while it isn't known which."""
        return self.rows[0] if len(self.rows) == 1 else None

    def holds(self, dose_cells: int | None) -> bool | None:
        """Whether a dose is what the rule permits for this part; None while either is unknown."""
        if dose_cells is None or self.min_cells is None or self.max_cells is None:
            return None
        return self.min_cells <= dose_cells <= self.max_cells


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """The parts of a dose in their order; `total_in_range` holds the chosen total against the dose range."""

    parts: tuple[Part, ...]
    whole: DoseRange
    total_cells: int | None
    total_in_range: bool | None
    explanation: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]

    def part(self, fraction: int) -> Part | None:
        """The part of a number."""
        return next((part for part in self.parts if part.fraction == fraction), None)

    @property
    def is_in_percent(self) -> bool:
        """Whether the parts follow from a whole dose that is chosen within a range."""
        return any(row.percent is not None for part in self.parts for row in part.rows)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Rows by the blasts, what was said of the choice, and what it lacked."""

    rows: tuple[DoseFraction, ...]
    said: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...] = ()


def split(
    rows: Sequence[DoseFraction],
    bands: Sequence[DoseBand],
    *,
    marrow: Marrow,
    weight_kg: float | None,
    total_cells: int | None = None,
) -> Split:
    """Split a dose into its parts.

    `rows` and `bands` are those in force on the day of the decision. A part with fixed cells needs the
    marrow, a part in percent the weight; `total_cells` is the total that was chosen within the range.
    Raises ValueError without rows: the product is given at once.

    Source: the fraction rows of the protocol.
    """
    if not rows:
        raise ValueError("this product is not given in parts")
    whole = dose_range(bands, weight_kg=weight_kg, dose_cells=total_cells)
    chosen = _chosen(rows, marrow)
    in_percent = any(row.percent is not None for row in rows)
    parts = _with_rest(
        tuple(_part(n, chosen.rows, whole, total_cells) for n in _numbers(chosen.rows)), total_cells
    )
    said = [*chosen.said]
    missing = [*chosen.missing]
    if in_percent:
        said += whole.explanation
        missing += whole.missing
    said += [_part_said(part) for part in parts]
    outside = in_percent and whole.in_range is False
    return Split(
        parts=parts,
        whole=whole,
        total_cells=total_cells,
        total_in_range=whole.in_range if in_percent else None,
        explanation=tuple(said),
        missing=tuple(missing),
        flags=(*chosen.flags, *(("total_outside_range",) if outside else ())),
    )


def _numbers(rows: Sequence[DoseFraction]) -> list[int]:
    return sorted({row.fraction for row in rows})


def _chosen(rows: Sequence[DoseFraction], marrow: Marrow) -> _Chosen:
    """The rows that the blasts of a usable marrow choose; all rows while it isn't usable."""
    if not any(_needs_marrow(row) for row in rows):
        return _Chosen(tuple(rows), (), ())
    within = min((row.marrow_within_days for row in rows if row.marrow_within_days is not None), default=None)
    unusable = _unusable(marrow, within)
    if unusable is not None:
        return _Chosen(tuple(rows), unusable.said, unusable.missing, unusable.flags)
    blasts = marrow.blasts_percent
    if blasts is None:
        raise ValueError("a usable marrow has its blasts")
    kept = tuple(row for row in rows if _holds_for(row, blasts))
    said = say(
        "Marrow of {day}: {blasts:g} % blasts.",
        day=(marrow.sampled_on or date.min).isoformat(),
        blasts=blasts,
    )
    return _Chosen(kept, (said,), ())


def _needs_marrow(row: DoseFraction) -> bool:
    return row.blasts_above_percent is not None or row.blasts_up_to_percent is not None


def _holds_for(row: DoseFraction, blasts: float) -> bool:
    above = row.blasts_above_percent is None or blasts > row.blasts_above_percent
    return above and (row.blasts_up_to_percent is None or blasts <= row.blasts_up_to_percent)


def _unusable(marrow: Marrow, within_days: int | None) -> _Chosen | None:
    """Why the marrow can't choose; None when it can."""
    missing = [
        name
        for name, value in (("blasts_percent", marrow.blasts_percent), ("marrow_on", marrow.sampled_on))
        if value is None
    ]
    if within_days is not None and marrow.lymphodepletion_on is None:
        missing.append("lymphodepletion_started_on")
    if missing:
        said = say(
            "Not split: the blasts of the marrow, its day, or the start of lymphodepletion is unknown."
        )
        return _Chosen((), (said,), tuple(missing))
    if within_days is None or marrow.sampled_on is None or marrow.lymphodepletion_on is None:
        return None
    before = (marrow.lymphodepletion_on - marrow.sampled_on).days
    if before < 0:
        said = say("Not split: the marrow was taken after lymphodepletion began.")
        return _Chosen((), (said,), ("blasts_percent",), ("marrow_after_lymphodepletion",))
    if before > within_days:
        said = say(
            "Not split: the marrow was taken {before} days before lymphodepletion; at most {within} count.",
            before=before,
            within=within_days,
        )
        return _Chosen((), (said,), ("blasts_percent",), ("marrow_too_old",))
    return None


def _part(fraction: int, rows: Sequence[DoseFraction], whole: DoseRange, total_cells: int | None) -> Part:
    same = tuple(row for row in rows if row.fraction == fraction)
    row = same[0] if len(same) == 1 else None
    if row is not None and row.cells is not None:
        cells = round(row.cells)
        return Part(fraction=fraction, rows=same, min_cells=cells, max_cells=cells, cells=cells)
    if row is None or row.percent is None or whole.min_cells is None or whole.max_cells is None:
        return Part(fraction=fraction, rows=same, min_cells=None, max_cells=None, cells=None)
    share = row.percent / PERCENT
    return Part(
        fraction=fraction,
        rows=same,
        min_cells=round(whole.min_cells * share),
        max_cells=round(whole.max_cells * share),
        cells=None if total_cells is None else round(total_cells * share),
    )


def _with_rest(parts: tuple[Part, ...], total_cells: int | None) -> tuple[Part, ...]:
    """Give the last part what rounding left over, so that parts in percent add up to the total."""
    percents = [part.row.percent if part.row else None for part in parts]
    known = [percent for percent in percents if percent is not None]
    if total_cells is None or len(known) < len(parts) or round(sum(known), 6) != PERCENT:
        return parts
    *before, last = parts
    rest = total_cells - sum(part.cells or 0 for part in before)
    if last.cells is None:
        return parts
    return (
        *before,
        Part(
            fraction=last.fraction,
            rows=last.rows,
            min_cells=last.min_cells,
            max_cells=last.max_cells,
            cells=rest,
        ),
    )


def _part_said(part: Part) -> str:
    if part.min_cells is None or part.max_cells is None:
        return say("Part {number}: the number of cells is unknown.", number=part.fraction)
    low, high = cells_text(part.min_cells), cells_text(part.max_cells)
    if part.cells is not None:
        return say("Part {number}: {cells} cells.", number=part.fraction, cells=cells_text(part.cells))
    return say("Part {number}: {low} to {high} cells.", number=part.fraction, low=low, high=high)


@dataclass(frozen=True, kw_only=True, slots=True)
class FractionsInput:
    """A product in a region with what decides its parts, and what is known before the next one.

    Cells are CAR-positive viable T cells. `fraction` is the part to be given next (2 unless said); its gate
    is judged when `infused_on`, the day of the first part, is given, on `today`. `crs_grade` and
    `icans_grade` are those of that day, `crs_worst` and `icans_worst` the worst since the part before.
    `on` chooses between dated rules; without it those without an end hold.
    """

    __pydantic_config__ = INPUT_CONFIG

    product: str
    region: Region
    blasts_percent: Annotated[float, Ge(0), Le(100)] | None = None
    marrow_on: Day | None = None
    lymphodepletion_started_on: Day | None = None
    weight_kg: Annotated[float, Ge(0.3), Le(300)] | None = None
    total_cells: Annotated[float, Gt(0), Le(1e13)] | None = None
    infused_on: Day | None = None
    today: Day | None = None
    fraction: Annotated[int, Ge(2), Le(9)] = 2
    crs_grade: Grade | None = None
    crs_worst: Grade | None = None
    icans_grade: Grade | None = None
    icans_worst: Grade | None = None


def calculate_fractions(given: FractionsInput) -> Answer:
    """Answer the `fractions` calculator: `parts`, `total_in_range`, and `gate` before the next part.

    Raises Invalid for a product that is not given in parts in the region, for a part it doesn't have, and
    when only one of `infused_on` and `today` is given or they are in the wrong order.

    Source: the fraction rows of the protocol.
    """
    protocol = _protocol(given)
    on = given.today or given.infused_on
    rows = in_force(protocol.product.fractions, on)
    if not rows:
        raise invalid_input({"product": say("This product is not given in parts.")})
    found = split(
        rows,
        protocol.dose_rules(on),
        marrow=Marrow(
            blasts_percent=given.blasts_percent,
            sampled_on=given.marrow_on,
            lymphodepletion_on=given.lymphodepletion_started_on,
        ),
        weight_kg=given.weight_kg,
        total_cells=None if given.total_cells is None else round(given.total_cells),
    )
    judged = _gate(given, protocol, found)
    return Answer(
        name="fractions",
        result={
            "parts": [_told(part, protocol, given.infused_on) for part in found.parts],
            "total_in_range": found.total_in_range,
            "gate": None if judged is None else _gate_told(judged),
        },
        source="; ".join(dict.fromkeys(protocol.cite(row) for row in rows)),
        scale=protocol.id,
        scale_version=protocol.version,
        explanation=[*found.explanation, *(judged.explanation if judged else ())],
        missing=list(dict.fromkeys([*found.missing, *(judged.missing if judged else ())])),
        flags=[*found.flags, *(judged.flags if judged else ())],
    )


def _protocol(given: FractionsInput) -> Protocol:
    try:
        return registry.for_product(given.product, given.region)
    except KeyError:
        raise invalid_input({"product": say("There is no dose rule for this product and region.")}) from None


def _gate(given: FractionsInput, protocol: Protocol, found: Split) -> Gate | None:
    if given.infused_on is None and given.today is None:
        return None
    if given.infused_on is None:
        raise invalid_input({"infused_on": say("Give the day of the first part, too.")})
    if given.today is None:
        raise invalid_input({"today": say("Give the day on which the next part is to be given, too.")})
    if given.today < given.infused_on:
        raise invalid_input({"today": say("lies before the first part")})
    part = found.part(given.fraction)
    if part is None:
        raise invalid_input({"fraction": say("The dose has no such part.")})
    return gate_of_candidates(
        part.rows,
        first_infusion_day=protocol.product.first_infusion_day,
        infused_on=given.infused_on,
        on=given.today,
        crs=GradeSince(current=given.crs_grade, worst=given.crs_worst),
        icans=GradeSince(current=given.icans_grade, worst=given.icans_worst),
    )


def _told(part: Part, protocol: Protocol, infused_on: date | None) -> dict[str, object]:
    days = None
    if infused_on is not None and part.fraction > FIRST_FRACTION:
        days = fraction_days(
            part.rows[0],
            first_infusion_day=protocol.product.first_infusion_day,
            infused_on=infused_on,
        )
    return {
        "fraction": part.fraction,
        "row": part.row.id if part.row else None,
        "cells": part.cells,
        "min_cells": part.min_cells,
        "max_cells": part.max_cells,
        "maker_day": part.rows[0].on_day,
        "due": _iso(days.due_on) if days else None,
        "window": [_iso(days.first_on), _iso(days.last_on)] if days and days.due_on else None,
    }


def _gate_told(judged: Gate) -> dict[str, object]:
    return {
        "fraction": judged.fraction,
        "verdict": judged.verdict,
        "wait_until": _iso(judged.wait_until),
        "wait_for": judged.wait_for,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
