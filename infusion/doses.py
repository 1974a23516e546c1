"""Whether cells given are what the rule of the day permits: at once, or as one part of several."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cartpath.core.answers import Answer
from cartpath.core.quantities import cells_text
from cartpath.core.sentences import say
from cartpath.protocols.schema import Protocol
from infusion.fractions import series
from infusion.rules.dose import DoseRange, dose_range
from infusion.rules.fraction_gate import FIRST_FRACTION
from infusion.rules.fractions import Part, Split
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.provenance import Record, computed
from patients.selectors import latest_weight


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseVerdict:
    """What a dose may be, whether it is, and the rows of the protocol that say so; unknown is None.

    `fraction` is the part's number, None for a dose given at once. `inputs` is what the rule was asked.
    """

    min_cells: int | None
    max_cells: int | None
    in_range: bool | None
    sentence: str
    fraction: int | None
    rows: tuple[str, ...]
    rule: str
    inputs: Mapping[str, object]
    answer: Answer

    def record(self, protocol: Protocol, *, reason: str = "") -> Record:
        """The verdict as the ledger keeps it; `reason` says why a dose outside the rule was given."""
        overridden = self.in_range is not True and bool(reason.strip())
        return computed(
            self.rule,
            value=self.in_range,
            inputs=self.inputs,
            answer=self.answer,
            protocol=protocol,
            rows=self.rows,
            confirmed="accepted" if overridden else None,
            reason=reason if overridden else "",
        )


def dose_allowed(journey: Journey, *, dose_cells: int | None, at: datetime) -> DoseRange:
    """The whole dose by the rule in force that day for the child's latest weight."""
    return dose_range(
        protocol_for(journey).dose_rules(journey.center.local_day(at)),
        weight_kg=_weight_kg(journey, at),
        dose_cells=dose_cells,
    )


def first_dose(
    journey: Journey, *, dose_cells: int | None, total_cells: int | None, at: datetime
) -> DoseVerdict:
    """The verdict on a dose given at once, or on the first part of one given in parts."""
    found = series(journey, at=at, total_cells=total_cells)
    if found is None:
        return _at_once(journey, dose_cells=dose_cells, at=at)
    return part_dose(journey, found.split, FIRST_FRACTION, dose_cells=dose_cells)


def part_dose(journey: Journey, split: Split, fraction: int, *, dose_cells: int | None) -> DoseVerdict:
    """The verdict on one part. A total outside the dose range puts every part of it outside.

    Raises ValueError for a part the dose doesn't have.
    """
    part = split.part(fraction)
    if part is None:
        raise ValueError(f"the dose has no part {fraction}")
    in_range = part.holds(dose_cells)
    if in_range and split.total_in_range is False:
        in_range = False
    sentence = _part_said(part, dose_cells, split)
    protocol = protocol_for(journey)
    explanation = [*split.explanation, sentence]
    return DoseVerdict(
        min_cells=part.min_cells,
        max_cells=part.max_cells,
        in_range=in_range,
        sentence=sentence,
        fraction=fraction,
        rows=tuple(row.id for row in part.rows),
        rule="fractions",
        inputs={"fraction": fraction, "dose_cells": dose_cells, "total_cells": split.total_cells},
        answer=Answer(
            name="fractions",
            result={"min_cells": part.min_cells, "max_cells": part.max_cells, "in_range": in_range},
            source="; ".join(dict.fromkeys(protocol.cite(row) for row in part.rows)),
            scale=protocol.id,
            scale_version=protocol.version,
            explanation=explanation,
            missing=list(split.missing),
            flags=list(split.flags),
        ),
    )


def _at_once(journey: Journey, *, dose_cells: int | None, at: datetime) -> DoseVerdict:
    allowed = dose_allowed(journey, dose_cells=dose_cells, at=at)
    protocol = protocol_for(journey)
    return DoseVerdict(
        min_cells=allowed.min_cells,
        max_cells=allowed.max_cells,
        in_range=allowed.in_range,
        sentence=allowed.sentence,
        fraction=None,
        rows=(allowed.band.id,) if allowed.band else (),
        rule="dose_range",
        inputs={
            "product": journey.product,
            "region": protocol.product.region,
            "weight_kg": _weight_kg(journey, at),
            "dose_cells": dose_cells,
        },
        answer=dose_answer(protocol, allowed),
    )


def dose_answer(protocol: Protocol, allowed: DoseRange) -> Answer:
    """The dose range as an answer that a page and the ledger can show."""
    return Answer(
        name="dose_range",
        result={
            "min_cells": allowed.min_cells,
            "max_cells": allowed.max_cells,
            "in_range": allowed.in_range,
        },
        source=protocol.cite(allowed.band) if allowed.band else protocol.title,
        scale=protocol.id,
        scale_version=protocol.version,
        explanation=list(allowed.explanation),
        missing=list(allowed.missing),
        flags=list(allowed.flags),
    )


def _weight_kg(journey: Journey, at: datetime) -> float | None:
    weighed = latest_weight(journey.patient_id, at=at)
    return float(weighed.weight_kg) if weighed and weighed.weight_kg else None


def _part_said(part: Part, dose_cells: int | None, split: Split) -> str:
    if part.min_cells is None or part.max_cells is None:
        return say("The size of part {number} is unknown.", number=part.fraction)
    low, high = cells_text(part.min_cells), cells_text(part.max_cells)
    if dose_cells is None:
        return say(
            "Part {number}: {low} to {high} cells; the dose isn't known.",
            number=part.fraction,
            low=low,
            high=high,
        )
    dose = cells_text(dose_cells)
    if split.total_in_range is False:
        return say("{dose} cells belong to a whole dose outside the permitted range.", dose=dose)
    if dose_cells < part.min_cells:
        return say(
            "{dose} cells are less than the {low} of part {number}.", dose=dose, low=low, number=part.fraction
        )
    if dose_cells > part.max_cells:
        return say(
            "{dose} cells are more than the {high} of part {number}.",
            dose=dose,
            high=high,
            number=part.fraction,
        )
    return say("{dose} cells are within part {number}.", dose=dose, number=part.fraction)
