"""What the services of this room take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day, Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseGiven:
    """One lymphodepletion drug as given; the dose in mg, unknown is None."""

    __pydantic_config__ = INPUT_CONFIG

    drug: Annotated[str, MinLen(1), MaxLen(60)]
    dose_mg: Annotated[float, Gt(0), Le(20_000)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistAnswer:
    """A verdict on one item of the checklist; an override needs a reason."""

    __pydantic_config__ = INPUT_CONFIG

    item: Annotated[str, MinLen(1), MaxLen(60)]
    verdict: Literal["met", "not_met", "overridden"]
    reason: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InfusionDetails:
    """The infusion as given: CAR-positive viable cells, start and end; unknown is None.

    `total_cells` is the whole dose that was chosen, where it's given in parts of a percentage.
    `history_reason` belongs to infusions of the past that are taken over from elsewhere: it says why their
    checklist and lymphodepletion are not on record. No page offers it.
    """

    __pydantic_config__ = INPUT_CONFIG

    dose_cells: Annotated[int, Gt(0), Le(10**12)] | None = None
    ended_at: Moment | None = None
    override_reason: Annotated[str, MaxLen(400)] = ""
    history_reason: Annotated[str, MaxLen(400)] = ""
    total_cells: Annotated[int, Gt(0), Le(10**12)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDetails:
    """A further part of a dose: `override_reason` is about its cells, `gate_reason` about the gate."""

    __pydantic_config__ = INPUT_CONFIG

    fraction: Annotated[int, Ge(2), Le(9)]
    dose_cells: Annotated[int, Gt(0), Le(10**12)] | None = None
    ended_at: Moment | None = None
    override_reason: Annotated[str, MaxLen(400)] = ""
    gate_reason: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingDetails:
    """A laboratory value of a day: white cells per microliter, or blasts of the marrow in percent."""

    __pydantic_config__ = INPUT_CONFIG

    quantity: Literal["white_cells", "marrow_blasts"]
    value: Annotated[float, Ge(0), Le(1_000_000)]
    found_on: Day
