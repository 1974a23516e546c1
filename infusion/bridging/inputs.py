"""What the services of bridging take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day

CourseNumber = Annotated[int, Ge(1), Le(99)]
Class = Literal[
    "intensive_induction",
    "intensive_cyclophosphamide",
    "intensive_cytarabine",
    "low_maintenance",
    "low_consolidation",
    "low_etoposide_cytarabine",
    "low_methotrexate",
    "low_three_drugs",
    "intrathecal_only",
    "radiotherapy",
    "inotuzumab",
    "tki",
    "other",
]
Response = Literal["remission", "partial", "stable", "progression", "not_assessed"]
Complication = Literal[
    "infection",
    "heart",
    "liver",
    "kidney",
    "lung",
    "nerves",
    "pancreas",
    "bleeding",
    "thrombosis",
    "mucositis",
    "cytopenia",
    "other",
]
Staging = Literal["morphology", "flow", "pcr", "fluid", "imaging"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseDetails:
    """A course as it begins: its class, the drugs in the clinic's words, and what isn't known is None."""

    __pydantic_config__ = INPUT_CONFIG

    bridging_class: Class
    regimen: Annotated[str, MinLen(1), MaxLen(400)]
    started_on: Day
    with_intrathecal: bool | None = None
    is_cardiotoxic: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseEnd:
    """How a course ended. `complications` is None while nobody looked, empty when there were none."""

    __pydantic_config__ = INPUT_CONFIG

    ended_on: Day
    response: Response | None = None
    complications: tuple[Complication, ...] | None = None
    complication_note: Annotated[str, MaxLen(400)] = ""
    staged_on: Day | None = None
    staging: Staging | None = None
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseName:
    """Which course of the journey, by its number."""

    __pydantic_config__ = INPUT_CONFIG

    number: CourseNumber
