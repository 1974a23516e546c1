"""What comes in from the laboratory, as given: the unit is the reporter's, nothing is converted yet."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG

Source = Literal["typed", "pasted", "csv", "hl7", "api"]
Number = Annotated[float, Ge(0), Le(100_000_000)]
Note = Annotated[str, MaxLen(400)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabResult:
    """One value. `low` and `high` are the limits of normal that the laboratory gave, in the same unit."""

    __pydantic_config__ = INPUT_CONFIG

    analyte: Annotated[str, MaxLen(30)]
    value: Number
    unit: Annotated[str, MaxLen(20)]
    comparator: Literal["", "<", ">"] = ""
    low: Number | None = None
    high: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabEntry:
    """The values of one specimen; `order` is the laboratory's own number, if it gave one."""

    __pydantic_config__ = INPUT_CONFIG

    results: Annotated[tuple[LabResult, ...], MinLen(1), MaxLen(100)]
    source: Source = "typed"
    order: Annotated[str, MaxLen(60)] = ""
    note: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HyperinflammationDetails:
    """What a clinician concludes about IEC-HS, and the findings no laboratory knows; None is unknown."""

    __pydantic_config__ = INPUT_CONFIG

    decision: Literal["present", "watch", "absent"]
    grade: Annotated[int, Ge(1), Le(5)] | None = None
    hemophagocytosis: bool | None = None
    onset_as_crs_resolves: bool | None = None
    other_explanation: bool | None = None
    note: Note = ""
