"""What the services of this room take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MaxLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment
from toxicity.grading.crs import CrsInput
from toxicity.grading.icans import IcansInput


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentDetails:
    """What was seen at one time, on one or both scales.

    A clinician may confirm a grade; one that differs from the rule's needs `override_reason`.
    """

    __pydantic_config__ = INPUT_CONFIG

    crs: CrsInput | None = None
    icans: IcansInput | None = None
    crs_confirmed_grade: Annotated[int, Ge(0), Le(5)] | None = None
    icans_confirmed_grade: Annotated[int, Ge(0), Le(5)] | None = None
    override_reason: Annotated[str, MaxLen(400)] = ""
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterventionDetails:
    """Something given; the dose in mg, unknown is None."""

    __pydantic_config__ = INPUT_CONFIG

    agent: Literal[
        "antipyretic",
        "tocilizumab",
        "siltuximab",
        "anakinra",
        "dexamethasone",
        "methylprednisolone",
        "fluid_bolus",
        "vasopressor",
        "oxygen",
        "levetiracetam",
        "antimicrobial",
        "other",
    ]
    dose_mg: Annotated[float, Gt(0), Le(20_000)] | None = None
    stopped_at: Moment | None = None
    note: Annotated[str, MaxLen(400)] = ""
