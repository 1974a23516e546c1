"""Whether the collected cells are enough for the maker.

Source: the collection targets of the product's protocol (`cartpath/protocols/data`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import Ge, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.quantities import cells_text
from cartpath.core.sentences import say
from cartpath.protocols import registry
from cartpath.protocols.sections import CollectionTarget

PERCENT: Final = 100

Cells = Annotated[float, Ge(0), Le(1e13)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Acceptance:
    """The verdict on the cells of all days together.

    `accepted` is None while something needed is unknown, or no rule exists; one target that is missed
    already makes it False. `reasons` says what stands against acceptance, in English.
    """

    accepted: bool | None
    reasons: tuple[str, ...]
    explanation: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]


def acceptance(targets: Sequence[CollectionTarget], *, tnc: float | None, cd3: float | None) -> Acceptance:
    """Hold total nucleated cells and CD3+ cells against a product's targets.

    Raises Invalid when there are more CD3+ cells than nucleated cells.

    Source: the collection targets of the protocol.
    """
    if tnc is not None and cd3 is not None and cd3 > tnc:
        raise invalid_input({"cd3": say("CD3+ cells can't exceed nucleated cells.")})
    if not targets:
        nothing = say("No acceptance rule is known for this product.")
        return Acceptance(accepted=None, reasons=(nothing,), explanation=(nothing,), missing=(), flags=())
    measured = {"tnc": tnc, "cd3": cd3, "cd3_percent": _percent(tnc, cd3), "mnc": None}
    missed, unknown, kept = [], [], []
    for target in targets:
        value = measured[target.quantity]
        if value is None:
            unknown.append(target)
        elif target.holds(value):
            kept.append(say("{label}: {value} {unit}, needed {op} {limit}: met.", **_words(target, value)))
        else:
            reason = say("{label}: {value} {unit}, needed {op} {limit}.", **_words(target, value))
            missed.append((target, reason))
    open_reasons = tuple(say("{label}: unknown, needed {op} {limit} {unit}.", **_words(t)) for t in unknown)
    missed_reasons = tuple(reason for _, reason in missed)
    return Acceptance(
        accepted=False if missed else None if unknown else True,
        reasons=(*missed_reasons, *open_reasons),
        explanation=(*missed_reasons, *open_reasons, *kept),
        missing=tuple(name for name in ("tnc", "cd3") if measured[name] is None),
        flags=tuple(f"{target.quantity}_below_target" for target, _ in missed),
    )


def _words(target: CollectionTarget, value: float = 0) -> dict[str, object]:
    return {
        "label": target.label,
        "op": target.op,
        "limit": cells_text(target.value),
        "unit": target.unit,
        "value": cells_text(value),
    }


def _percent(tnc: float | None, cd3: float | None) -> float | None:
    if tnc is None or cd3 is None:
        return None
    return cd3 * PERCENT / tnc if tnc else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectionAcceptanceInput:
    """A product and the cells of all collection days together; unknown is null."""

    __pydantic_config__ = INPUT_CONFIG

    product: str
    tnc: Cells | None = None
    cd3: Cells | None = None


def calculate_collection_acceptance(given: CollectionAcceptanceInput) -> Answer:
    """Answer the `collection_acceptance` calculator: `accepted` (true, false or null), `reasons`.

    Raises Invalid for a product without an acceptance rule and for more CD3+ than nucleated cells.

    Source: the collection targets of the protocol.
    """
    protocol = next((p for p in registry.of_product(given.product) if p.collection_targets()), None)
    if protocol is None:
        raise invalid_input({"product": say("There is no acceptance rule for this product.")})
    targets = protocol.collection_targets()
    verdict = acceptance(targets, tnc=given.tnc, cd3=given.cd3)
    sources = dict.fromkeys(protocol.cite(target) for target in targets)
    return Answer(
        name="collection_acceptance",
        result={"accepted": verdict.accepted, "reasons": list(verdict.reasons)},
        source="; ".join(sources),
        scale=protocol.id,
        scale_version=protocol.version,
        explanation=list(verdict.explanation),
        missing=list(verdict.missing),
        flags=list(verdict.flags),
    )
