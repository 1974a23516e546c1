"""What the services of this room take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDetails:
    """An order as placed with the manufacturer."""

    __pydantic_config__ = INPUT_CONFIG

    manufacturer_order_id: Annotated[str, MaxLen(60)] = ""
    chain_of_identity: Annotated[str, MaxLen(60)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDetails:
    """What was made. Cells are CAR-positive viable cells in all bags together."""

    __pydantic_config__ = INPUT_CONFIG

    lot: Annotated[str, MaxLen(60)] = ""
    bags: Annotated[int, Ge(1), Le(50)] | None = None
    car_positive_viable_cells: Annotated[int, Gt(0), Le(10**12)] | None = None
    viability_percent: Annotated[float, Ge(0), Le(100)] | None = None
    expires_on: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """The parameter that missed its limit, in the manufacturer's words."""

    __pydantic_config__ = INPUT_CONFIG

    parameter: Annotated[str, MinLen(1), MaxLen(120)]
    limit: Annotated[str, MaxLen(120)] = ""
    value: Annotated[str, MaxLen(120)] = ""
    risk_statement: Annotated[str, MaxLen(800)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationDecision:
    """What the physician decides about an out-of-specification product, and on what grounds."""

    __pydantic_config__ = INPUT_CONFIG

    decision: Literal["use", "remanufacture", "collect_again", "abandon"]
    reason: Annotated[str, MinLen(1), MaxLen(800)]
    reference: Annotated[str, MaxLen(120)] = ""
    consent_on: Day | None = None
