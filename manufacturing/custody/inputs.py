"""What the services of custody take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day, Moment
from manufacturing.custody.rules import ScanRead

Celsius = Annotated[float, Ge(-273), Le(100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDetails:
    """A bag of the product, or a sample, by its numbers: ISBT 128, or the manufacturer's own text."""

    __pydantic_config__ = INPUT_CONFIG

    din: Annotated[str, MaxLen(20)] = ""
    product_code: Annotated[str, MaxLen(5)] = ""
    collection_type: Annotated[str, MaxLen(1)] = ""
    division: Annotated[str, MaxLen(6)] = ""
    text: Annotated[str, MaxLen(80)] = ""
    coi: Annotated[str, MaxLen(60)] = ""
    lot: Annotated[str, MaxLen(60)] = ""
    expires_at: Moment | None = None
    volume_ml: Annotated[float, Gt(0), Le(10_000)] | None = None
    car_positive_viable_cells: Annotated[int, Gt(0), Le(10**12)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWhere:
    """Where items lie when they are taken into custody."""

    __pydantic_config__ = INPUT_CONFIG

    place: Annotated[str, MaxLen(120)] = ""
    position: Annotated[str, MaxLen(80)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDetails:
    """A hand-over: from whom, to whom, where, how cold, and in what condition. Unknown is None or "".

    `reads` is what was scanned from the items, `coi` the identifier on their papers: both must fit. `fate`
    says what became of a rest or a bag that isn't given.
    """

    __pydantic_config__ = INPUT_CONFIG

    from_: Annotated[str, MaxLen(120)] = ""
    to: Annotated[str, MaxLen(120)] = ""
    place: Annotated[str, MaxLen(120)] = ""
    position: Annotated[str, MaxLen(80)] = ""
    temp_min_c: Celsius | None = None
    temp_max_c: Celsius | None = None
    logger: Annotated[str, MaxLen(60)] = ""
    seal: Annotated[str, MaxLen(60)] = ""
    condition: Literal["", "good", "doubtful", "damaged"] = ""
    documents: tuple[
        Literal["certificate", "temperature_log", "delivery_note", "identity_sheet", "customs", "other"], ...
    ] = ()
    note: Annotated[str, MaxLen(400)] = ""
    coi: Annotated[str, MaxLen(60)] = ""
    fate: Literal["", "destroyed", "returned"] = ""
    reads: tuple[ScanRead, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakDetails:
    """What broke the chain, and until what day somebody looks after it."""

    __pydantic_config__ = INPUT_CONFIG

    reason: Literal[
        "temperature", "mismatch", "seal", "damage", "label", "documents", "delay", "gap", "other"
    ]
    what: Annotated[str, MinLen(1), MaxLen(400)]
    due_on: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingDetails:
    """How a break ended."""

    __pydantic_config__ = INPUT_CONFIG

    outcome: Literal["no_effect", "corrected", "accepted", "lost", "not_a_break"]
    note: Annotated[str, MinLen(1), MaxLen(400)]
