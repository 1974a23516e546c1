"""What the services of this room take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDetails:
    """What a visit found: B cells per µL and as a share of lymphocytes, IgG in mg/dL; unknown is None."""

    __pydantic_config__ = INPUT_CONFIG

    item: Annotated[str, MinLen(1), MaxLen(40)]
    visited_on: Day
    response: Literal["CR", "CRi", "NR", "relapse"] | None = None
    mrd_result: Literal["negative", "positive"] | None = None
    mrd_method: Literal["flow", "pcr", "ngs"] | None = None
    mrd_sensitivity: Annotated[float, Gt(0), Le(0.1)] | None = None
    b_cells_per_ul: Annotated[float, Ge(0), Le(50_000)] | None = None
    b_cells_percent: Annotated[float, Ge(0), Le(100)] | None = None
    igg_mg_dl: Annotated[float, Ge(0), Le(10_000)] | None = None
    last_immunoglobulin_on: Day | None = None
    note: Annotated[str, MaxLen(800)] = ""
