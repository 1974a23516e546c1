"""The ASTCT consensus of 2019, which defines CRS (crs.py) and ICANS (icans.py).

Source: Lee et al., Biol Blood Marrow Transplant 2019;25:625-638, doi 10.1016/j.bbmt.2018.12.758.
"""

from typing import Final

__all__ = ["ASTCT", "ASTCT_SOURCE", "ASTCT_VERSION", "DEATH_GRADE"]

ASTCT: Final = "ASTCT"
ASTCT_VERSION: Final = "2019"
ASTCT_SOURCE: Final = (
    "ASTCT consensus grading, Lee et al., Biol Blood Marrow Transplant 2019;25:625-638, "
    "doi 10.1016/j.bbmt.2018.12.758"
)

# Death from the syndrome itself, with no other principal cause.
DEATH_GRADE: Final = 5
