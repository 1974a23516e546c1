"""What the services of this room take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MaxLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day, Moment
from toxicity.grading.crs import CrsInput, OxygenDevice
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
    """Something given: one dose, or a course with its rate or interval; unknown is None or "".

    `drug` says which of a group (the vasopressor, the antimicrobial). A rate comes with its UCUM unit; the
    flow of oxygen is a rate in L/min. With `every_hours` it is given again and again until it is stopped.
    """

    __pydantic_config__ = INPUT_CONFIG

    agent: Literal[
        "antipyretic",
        "tocilizumab",
        "siltuximab",
        "anakinra",
        "dexamethasone",
        "methylprednisolone",
        "other_steroid",
        "other_anti_cytokine",
        "fluid_bolus",
        "platelets",
        "vasopressor",
        "oxygen",
        "levetiracetam",
        "antimicrobial",
        "other",
    ]
    dose_mg: Annotated[float, Gt(0), Le(20_000)] | None = None
    stopped_at: Moment | None = None
    note: Annotated[str, MaxLen(400)] = ""
    drug: Annotated[str, MaxLen(60)] = ""
    rate: Annotated[float, Gt(0), Le(1000)] | None = None
    rate_unit: Literal["", "ug/kg/min", "mU/kg/min", "ng/kg/min", "L/min"] = ""
    device: OxygenDevice | None = None
    fio2_percent: Annotated[float, Ge(21), Le(100)] | None = None
    volume_ml: Annotated[float, Gt(0), Le(5000)] | None = None
    every_hours: Annotated[int, Ge(1), Le(168)] | None = None
    route: Literal["", "iv", "sc", "oral", "rectal", "intrathecal"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DosingWeightDetails:
    """The weight that doses are counted from; `reason` why it is changed or differs from the last weight."""

    __pydantic_config__ = INPUT_CONFIG

    weight_kg: Annotated[float, Ge(1), Le(300)]
    measured_on: Day | None = None
    reason: Annotated[str, MaxLen(400)] = ""
