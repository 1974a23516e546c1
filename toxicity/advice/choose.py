"""Which suggestions hold for a child's grades now. Pure: rows in, rows out.

Source: the rows name theirs; how they are chosen is this project's own design.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cartpath.protocols.advice_rows import AdviceRow, AdviceScale

# The maker's steps follow CRS; IEC-HS has no grade of its own here.
ORDER: Final[tuple[AdviceScale, ...]] = ("crs", "label", "icans", "iec_hs")
GRADED_BY: Final[dict[AdviceScale, str]] = {"crs": "crs", "label": "crs", "icans": "icans"}


@dataclass(frozen=True, slots=True)
class Grades:
    """The grades that count now; None is unknown. `hyperinflammation` is whether IEC-HS is thought of.

    `crs_may_be_more`: the grade of CRS is a lower bound or an old one, so that a 0 doesn't exclude it.
    """

    crs: int | None
    icans: int | None
    hyperinflammation: bool = False
    crs_may_be_more: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """The suggestions of one scale, those written for children first. `grade` is None for IEC-HS."""

    scale: AdviceScale
    grade: int | None
    rows: Sequence[AdviceRow]


def chosen(rows: Iterable[AdviceRow], grades: Grades, *, product: str, on: date) -> tuple[Block, ...]:
    """The blocks that hold something, in a fixed order. Drafts and retired rows never appear.

    A scale whose grade is unknown or 0 gives nothing. A row that asks for CRS beside it, or for none, gives
    nothing while CRS is unknown; one that asks for none neither while a 0 may be more.

    Source: this project's own design.
    """
    live = [row for row in rows if row.in_force(on) and (not row.products or product in row.products)]
    blocks = (_block(scale, live, grades) for scale in ORDER)
    return tuple(block for block in blocks if block.rows)


def _block(scale: AdviceScale, rows: Sequence[AdviceRow], grades: Grades) -> Block:
    if scale == "iec_hs":
        found = [row for row in rows if row.scale == scale] if grades.hyperinflammation else []
        return Block(scale, None, found)
    grade = grades.crs if GRADED_BY[scale] == "crs" else grades.icans
    if not grade:
        return Block(scale, grade, ())
    found = [row for row in rows if row.scale == scale and _holds(row, grade, grades)]
    return Block(scale, grade, sorted(found, key=lambda row: row.population != "children"))


def _holds(row: AdviceRow, grade: int, grades: Grades) -> bool:
    # Beyond grade 4 there is nothing left to suggest.
    if not row.from_grade <= grade <= row.to_grade:
        return False
    if row.beside is None:
        return True
    if row.beside == "crs":
        return bool(grades.crs)
    return grades.crs == 0 and not grades.crs_may_be_more
