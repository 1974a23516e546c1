"""What the services of the immune system take in. Unknown is None."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day
from cartpath.protocols.immune_rows import DrugGroup

Count = Annotated[float, Ge(0), Le(50_000)]
Share = Annotated[float, Ge(0), Le(100)]
Serum = Annotated[float, Ge(0), Le(10_000)]
Note = Annotated[str, MaxLen(400)]
Name = Annotated[str, MinLen(1), MaxLen(120)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDetails:
    """A blood sample between visits: cells per µL or as a share of lymphocytes, immunoglobulins in mg/dL.

    `list_complete` confirms that the child's list of drugs, immunoglobulin, transplants and infections is
    complete up to that day.
    """

    __pydantic_config__ = INPUT_CONFIG

    taken_on: Day
    origin: Literal["center", "home"] = "center"
    b_cells_per_ul: Count | None = None
    b_cells_percent: Share | None = None
    cd3_per_ul: Count | None = None
    cd4_per_ul: Count | None = None
    cd4_percent: Share | None = None
    cd8_per_ul: Count | None = None
    nk_per_ul: Count | None = None
    anc_per_ul: Annotated[float, Ge(0), Le(200_000)] | None = None
    igg_mg_dl: Serum | None = None
    iga_mg_dl: Serum | None = None
    igm_mg_dl: Serum | None = None
    vaccine_response: Literal["adequate", "impaired"] | None = None
    list_complete: bool = False
    note: Note = ""


# What makes a sample worth recording.
MEASURED = (
    *("b_cells_per_ul", "b_cells_percent", "cd3_per_ul", "cd4_per_ul", "cd4_percent", "cd8_per_ul"),
    *("nk_per_ul", "anc_per_ul", "igg_mg_dl", "iga_mg_dl", "igm_mg_dl", "vaccine_response"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseDetails:
    """A drug that is given from a day on; the day may be unknown."""

    __pydantic_config__ = INPUT_CONFIG

    group: DrugGroup
    drug: Name
    started_on: Day | None = None
    note: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseEnd:
    """The last day of a drug and why it ended."""

    __pydantic_config__ = INPUT_CONFIG

    stopped_on: Day
    reason: Annotated[str, MinLen(1), MaxLen(400)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImmunoglobulinDetails:
    """One dose of immunoglobulin in grams."""

    __pydantic_config__ = INPUT_CONFIG

    given_on: Day
    route: Literal["iv", "sc"]
    dose_g: Annotated[float, Gt(0), Le(200)]
    note: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VaccinationDetails:
    """One dose of a vaccine, named as the protocol names it; `override_reason` where the rules say no."""

    __pydantic_config__ = INPUT_CONFIG

    vaccine: Annotated[str, MinLen(1), MaxLen(40)]
    given_on: Day
    dose_number: Annotated[int, Ge(1), Le(20)] | None = None
    lot: Annotated[str, MaxLen(60)] = ""
    place: Annotated[str, MaxLen(120)] = ""
    override_reason: Annotated[str, MaxLen(400)] = ""
    note: Note = ""
