"""What the services of the bedside take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG

Drug = Literal[
    "paracetamol",
    "chlorphenamine",
    "diphenhydramine",
    "cetirizine",
    "dimetindene",
    "ondansetron",
    "corticosteroid",
    "other",
]
Sign = Literal[
    "fever",
    "chills",
    "rash",
    "flushing",
    "nausea",
    "abdominal_pain",
    "cough",
    "dyspnea",
    "wheeze",
    "low_saturation",
    "chest_tightness",
    "slow_heart",
    "fast_heart",
    "low_pressure",
    "high_pressure",
    "swelling",
    "headache",
    "seizure",
    "red_urine",
    "line",
    "bag",
    "other",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What was read from the wristband and from the bag; `product` where it's a bar code of its own."""

    __pydantic_config__ = INPUT_CONFIG

    wristband: Annotated[str, MinLen(1), MaxLen(120)]
    bag: Annotated[str, MinLen(1), MaxLen(120)]
    product: Annotated[str, MaxLen(120)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BagStart:
    """A bag begins to run. `dose_cells` and the reasons belong to the first bag of a dose, or of its part.

    `late_reason` says why a bag is begun although the time since its thaw is over.
    """

    __pydantic_config__ = INPUT_CONFIG

    dose_cells: Annotated[int, Gt(0), Le(10**12)] | None = None
    total_cells: Annotated[int, Gt(0), Le(10**12)] | None = None
    override_reason: Annotated[str, MaxLen(400)] = ""
    gate_reason: Annotated[str, MaxLen(400)] = ""
    late_reason: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BagEnd:
    """A bag has run in, or was stopped; what was given of it in mL, unknown is None."""

    __pydantic_config__ = INPUT_CONFIG

    volume_ml: Annotated[float, Ge(0), Le(2_000)] | None = None
    is_whole: bool | None = None
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PremedicationDetails:
    """One drug given before the cells; another drug than those listed is named."""

    __pydantic_config__ = INPUT_CONFIG

    drug: Drug
    name: Annotated[str, MaxLen(60)] = ""
    dose_mg: Annotated[float, Gt(0), Le(10_000)] | None = None
    route: Literal["", "oral", "intravenous", "rectal"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionDetails:
    """Signs seen during the infusion; `item` is the number of the bag that was running, None without one."""

    __pydantic_config__ = INPUT_CONFIG

    signs: Annotated[tuple[Sign, ...], MinLen(1), MaxLen(22)]
    action: Literal["continued", "slowed", "paused", "stopped"]
    grade: Annotated[int, Ge(1), Le(5)] | None = None
    note: Annotated[str, MaxLen(400)] = ""
    item: Annotated[int, Ge(1)] | None = None
