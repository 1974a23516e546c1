"""The ICE test (immune effector cell-associated encephalopathy), ten points.

Source: ASTCT consensus, Lee et al., Biol Blood Marrow Transplant 2019;25:625-638,
doi 10.1016/j.bbmt.2018.12.758. The sentence to write is the center's own text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Final

from annotated_types import Ge, Le

from cartpath.core.inputs import INPUT_CONFIG

__all__ = ["ICE_ITEM_POINTS", "MAX_ICE_TOTAL", "Ice", "ice_grade", "ice_range"]

MAX_ICE_TOTAL: Final = 10
# Most points of each item: year, month, city and hospital; three objects; a command; a sentence; counting.
ICE_ITEM_POINTS: Final[Mapping[str, int]] = MappingProxyType(
    {"orientation": 4, "naming": 3, "command": 1, "writing": 1, "attention": 1}
)
# Lowest total of each grade, mildest first.
ICE_GRADE_FROM: Final = ((10, 0), (7, 1), (3, 2), (0, 3))


@dataclass(frozen=True, slots=True)
class Ice:
    """Points of the ICE test; an item that could not be tested is None."""

    __pydantic_config__ = INPUT_CONFIG

    orientation: Annotated[int, Ge(0), Le(4)] | None = None
    naming: Annotated[int, Ge(0), Le(3)] | None = None
    command: Annotated[int, Ge(0), Le(1)] | None = None
    writing: Annotated[int, Ge(0), Le(1)] | None = None
    attention: Annotated[int, Ge(0), Le(1)] | None = None


def ice_range(ice: Ice) -> tuple[int, int]:
    """The lowest and the highest total that the tested items allow. Source: ASTCT 2019."""
    lowest = highest = 0
    for item, most in ICE_ITEM_POINTS.items():
        points: int | None = getattr(ice, item)
        lowest += 0 if points is None else points
        highest += most if points is None else points
    return lowest, highest


def ice_grade(total: int) -> int:
    """The ICANS grade of an ICE total from 0 to 10; a 0 in an awake child is grade 3. Source: ASTCT 2019."""
    return next(grade for lowest, grade in ICE_GRADE_FROM if total >= lowest)
