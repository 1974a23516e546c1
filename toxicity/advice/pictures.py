"""Suggestions by grade as pages show them: what, from which version of which source, written for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from patients.eligibility import protocol_for
from patients.models import Journey
from toxicity.advice.choose import Block, Grades, chosen
from toxicity.advice.words import POPULATIONS, SCALES
from toxicity.interventions.then import GradeThen
from toxicity.words import Text


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One row in the file's English (pages translate it), with all that says how far to trust it."""

    label: str
    text: str
    population: Text
    is_for_children: bool
    edition: str
    dated: str
    source: str
    status: str


@dataclass(frozen=True, slots=True)
class SuggestionBlock:
    """The suggestions of one scale."""

    scale: str
    title: Text
    grade: int | None
    suggestions: Sequence[Suggestion]


def suggestion_blocks(
    journey: Journey, *, crs: GradeThen, icans: GradeThen, hyperinflammation: bool, at: datetime
) -> list[SuggestionBlock]:
    """What the journey's protocol suggests for the grades that count now."""
    protocol = protocol_for(journey)
    grades = Grades(
        crs=crs.grade,
        icans=icans.grade,
        hyperinflammation=hyperinflammation,
        crs_may_be_more=crs.at_least or crs.is_old,
    )
    on = at.astimezone(journey.center.zone).date()

    def told(block: Block) -> SuggestionBlock:
        rows = [
            Suggestion(
                label=row.label,
                text=row.text,
                population=POPULATIONS[row.population],
                is_for_children=row.population == "children",
                edition=row.edition,
                dated=row.dated,
                source=protocol.cite(row),
                status=row.status,
            )
            for row in block.rows
        ]
        return SuggestionBlock(block.scale, SCALES[block.scale], block.grade, rows)

    found = chosen(protocol.pathway.advice, grades, product=protocol.product.name, on=on)
    return [told(block) for block in found]
