"""Suggestions by grade: what a source says may be done, in CARTPath's own words. Never an order.

A figure of a dose stands only in rows whose source is about children. What a source gives for adults is named
without any dose, because a child's dose can't be made of it; `dose_in` finds a row that breaks this.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from annotated_types import Ge, Le

from cartpath.protocols.rows import Row, Text

Grade = Annotated[int, Ge(1), Le(4)]
# `label` are the maker's own steps, which are not the grades of the consensus.
AdviceScale = Literal["crs", "icans", "label", "iec_hs"]
Population = Literal["children", "adults", "not_stated"]

_UNIT: Final = r"(?:mg|milligrams?|g|grams?|µg|ug|mcg|micrograms?|ml|iu|units?)"
_DOSE: Final = re.compile(rf"\d\s*{_UNIT}\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class AdviceRow(Row):
    """One suggestion for a span of grades.

    `edition` and `dated` name the version of the source and when it was issued, `population` whom it was
    written for. With `beside`, the row holds only together with CRS, or only without it. `products` narrows
    it to products of those names; empty, it holds for all.
    """

    label: Text
    text: Text
    scale: AdviceScale
    from_grade: Grade = 1
    to_grade: Grade = 4
    population: Population
    edition: Text
    dated: Text
    beside: Literal["crs", "no_crs"] | None = None
    products: tuple[Text, ...] = ()


def dose_in(row: AdviceRow) -> bool:
    """Whether a row that is not about children holds a figure of a dose."""
    return row.population != "children" and bool(_DOSE.search(f"{row.label} {row.text}"))
