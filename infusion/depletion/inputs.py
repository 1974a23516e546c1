"""What the services of the plan of lymphodepletion take in."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDose:
    """A dose a day that a clinician chose in place of the rule's, in mg."""

    __pydantic_config__ = INPUT_CONFIG

    drug: Annotated[str, MinLen(1), MaxLen(60)]
    mg: Annotated[float, Gt(0), Le(20_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDetails:
    """A plan of lymphodepletion: regimen by its row, first day, and the day the infusion is planned for.

    `starts_on` is None for a regimen that counts its days back from the infusion. Other doses than the rule's
    need a reason. Creatinine clearance in mL/min, fludarabine exposure in mg·h/L; unknown is None.
    """

    __pydantic_config__ = INPUT_CONFIG

    regimen: Annotated[str, MinLen(1), MaxLen(60)]
    infusion_on: Day
    starts_on: Day | None = None
    own: tuple[OwnDose, ...] = ()
    reason: Annotated[str, MaxLen(400)] = ""
    clearance_ml_min: Annotated[float, Ge(0), Le(400)] | None = None
    clearance_on: Day | None = None
    flu_auc: Annotated[float, Ge(0), Le(200)] | None = None
    is_repeat: bool = False
