"""Collection efficiency: what share of the cells that passed the machine is in the bag.

Source: CE1 and CE2 as in BMT 2023, s41409-023-01957-x. CE2 uses the count before, CE1 the mean of the
counts before and after.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import Ge, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.sentences import say
from leukapheresis.rules.tables import COLLECTION_EFFICIENCY_SOURCE

UL_PER_ML: Final = 1000
PERCENT: Final = 100

CountPerUl = Annotated[float, Ge(0.1), Le(2_000_000)]


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectionEfficiencyInput:
    """Cells in the bag, counts per µL of blood, volume processed in mL (without anticoagulant)."""

    __pydantic_config__ = INPUT_CONFIG

    product_cells: Annotated[float, Ge(0), Le(1e13)]
    pre_count_per_ul: CountPerUl
    volume_processed_ml: Annotated[float, Ge(1), Le(60_000)]
    post_count_per_ul: Annotated[float, Ge(0), Le(2_000_000)] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectionEfficiency:
    """Both efficiencies in percent; CE1 is None without the count afterwards."""

    ce1_percent: float | None
    ce2_percent: float
    explanation: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]
    source: str = COLLECTION_EFFICIENCY_SOURCE


def collection_efficiency(given: CollectionEfficiencyInput) -> CollectionEfficiency:
    """CE1 and CE2 of one collection. Source: BMT 2023, s41409-023-01957-x."""
    ce2 = _percent(given, given.pre_count_per_ul)
    explanation = [say("CE2 = cells in the bag ÷ (count before × volume processed) = {ce2:.1f} %.", ce2=ce2)]
    ce1 = None
    if given.post_count_per_ul is None:
        explanation.append(say("CE1 needs the count after the collection."))
    else:
        ce1 = _percent(given, (given.pre_count_per_ul + given.post_count_per_ul) / 2)
        explanation.append(say("CE1 takes the mean of the counts before and after: {ce1:.1f} %.", ce1=ce1))
    impossible = ce2 > PERCENT
    return CollectionEfficiency(
        ce1_percent=ce1,
        ce2_percent=ce2,
        explanation=tuple(explanation),
        missing=() if ce1 is not None else ("post_count_per_ul",),
        flags=("more_than_all_cells",) if impossible else (),
    )


def _percent(given: CollectionEfficiencyInput, count_per_ul: float) -> float:
    passed = count_per_ul * UL_PER_ML * given.volume_processed_ml
    return given.product_cells / passed * PERCENT


def calculate_collection_efficiency(given: CollectionEfficiencyInput) -> Answer:
    """Answer the `collection_efficiency` calculator: `ce1_percent` (or null), `ce2_percent`, one decimal.

    Source: BMT 2023, s41409-023-01957-x.
    """
    found = collection_efficiency(given)
    return Answer(
        name="collection_efficiency",
        result={
            "ce1_percent": None if found.ce1_percent is None else round(found.ce1_percent, 1),
            "ce2_percent": round(found.ce2_percent, 1),
        },
        source=found.source,
        explanation=list(found.explanation),
        missing=list(found.missing),
        flags=list(found.flags),
    )
