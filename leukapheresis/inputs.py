"""What the services of this room take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment

Cells = Annotated[int, Ge(0), Le(10**13)]
Count = Annotated[int, Ge(0), Le(2_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionDayDetails:
    """One day's collection. Cells are absolute numbers in the bag; unknown is None.

    Counts before are per microliter, platelets 10⁹/L, volumes milliliters, weight kilograms.
    """

    __pydantic_config__ = INPUT_CONFIG

    decision: Literal["enough", "again", "stop"]
    ended_at: Moment | None = None
    device: Annotated[str, MaxLen(80)] = ""
    program: Annotated[str, MaxLen(40)] = ""
    prime: Literal["none", "red_cells", "whole_blood", "albumin"] | None = None
    weight_kg: Annotated[float, Ge(0.3), Le(300)] | None = None
    alc_per_ul: Count | None = None
    pre_cd3_per_ul: Count | None = None
    pre_platelets_e9_per_l: Annotated[int, Ge(0), Le(5000)] | None = None
    post_platelets_e9_per_l: Annotated[int, Ge(0), Le(5000)] | None = None
    volume_processed_ml: Annotated[int, Ge(0), Le(60_000)] | None = None
    product_volume_ml: Annotated[int, Ge(0), Le(2_000)] | None = None
    tnc: Cells | None = None
    cd3: Cells | None = None
    viability_percent: Annotated[float, Ge(0), Le(100)] | None = None
    adverse_events: Annotated[str, MaxLen(400)] = ""
    note: Annotated[str, MaxLen(400)] = ""
