"""What is examined when, and what came of it: assessments down, visits across."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import FollowUp, covers
from cartpath.protocols.sections import Assessment
from followup.findings import OTHER, SECTIONS
from followup.pictures import VisitPicture
from followup.values import known_of
from followup.visit_parts import was_transplanted
from patients.eligibility import protocol_for
from patients.models import Journey

# To see the child is itself the examination.
_THE_VISIT: Final = "assess_visit"
_B_CELLS: Final = "assess_b_cells"
_CHIMERISM: Final = "assess_chimerism"

CellState = Literal["", "due", "indicated", "done", "not_done", "unknown"]


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One assessment and its cells, in the order of the visits."""

    assessment: Assessment
    cells: tuple[CellState, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Visits across, assessments down."""

    visits: Sequence[VisitPicture]
    rows: tuple[MatrixRow, ...]


def matrix(journey: Journey, pictures: Sequence[VisitPicture], *, on: date) -> Matrix:
    """The assessments of the protocol at the visits of a journey; at most two queries.

    What is due at a visit that was held is done when anything of it was found, and else unknown: nobody said
    that it was not examined. At a visit that was not held it was not done.
    """
    follow_up = protocol_for(journey).follow_up
    found = [_found(each) for each in pictures]
    rows = tuple(
        MatrixRow(row, tuple(_cell(row, each, known) for each, known in zip(pictures, found, strict=True)))
        for row in in_force(follow_up.assessments, on)
        if _concerns(row, follow_up, journey)
    )
    return Matrix(pictures, rows)


def _concerns(row: Assessment, follow_up: FollowUp, journey: Journey) -> bool:
    """B cells matter where the product acts on them, chimerism after a transplant."""
    if row.id == _B_CELLS:
        return follow_up.b_cell_aplasia is not None
    return row.id != _CHIMERISM or was_transplanted(journey)


def _found(picture: VisitPicture) -> frozenset[str]:
    """Names of what a visit found; findings in words by the assessment they answer."""
    if picture.planned.visit is None:
        return frozenset()
    known = known_of(picture.planned.visit)
    return frozenset(known) | frozenset(known.get(OTHER, {}))


def _cell(row: Assessment, picture: VisitPicture, known: frozenset[str]) -> CellState:
    item = picture.planned.expected.item
    is_due, is_optional = covers(row.due, item), covers(row.if_indicated, item)
    if picture.is_held and _is_answered(row, known):
        return "done"
    if not is_due:
        return "indicated" if is_optional else ""
    if picture.is_held:
        return "unknown"
    return "due" if picture.is_awaited else "not_done"


def _is_answered(row: Assessment, known: frozenset[str]) -> bool:
    names = {each.name for section in SECTIONS if row.id in section.assessments for each in section.findings}
    return row.id == _THE_VISIT or row.id in known or bool(names & known)
