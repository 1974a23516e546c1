"""The permitted dose of CAR-positive viable T cells, by body weight.

Source: the dose bands of the product's protocol (`cartpath/protocols/data`). A band reaches up to and
including its upper weight, so exactly 50.0 kg of tisagenlecleucel is dosed per kilogram.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from annotated_types import Ge, Gt, Le

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.quantities import cells_text
from cartpath.core.sentences import say
from cartpath.protocols import registry
from cartpath.protocols.rows import Limit
from cartpath.protocols.sections import DoseBand
from cartpath.protocols.words import Region

PERCENT: Final = 100

Basis = Literal["per_kg", "flat"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseRange:
    """The permitted dose in cells, both ends included; all None while the weight or the rule is unknown.

    `basis` is `flat` where the total doesn't depend on the weight, also because a cap is reached.
    `in_range` is None without a dose or without a weight.
    """

    min_cells: int | None
    max_cells: int | None
    in_range: bool | None
    basis: Basis | None
    band: DoseBand | None
    explanation: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The verdict on the dose in one English sentence."""
        return self.explanation[-1]


def dose_range(
    bands: Sequence[DoseBand], *, weight_kg: float | None, dose_cells: float | None = None
) -> DoseRange:
    """The dose a child of this weight may be given, and whether `dose_cells` lies in it.

    Without bands nothing is permitted or refused: no dose rule is approved, and the range is unknown.
    Raises ValueError when no band holds the weight: a sound protocol has none such.

    Source: the dose bands and limits of the protocol.
    """
    if not bands:
        said = say("The dose range is unknown: no dose rule of this protocol is approved.")
        return _unknown(said, missing="dose_rule", flags=("no_dose_rule",))
    if weight_kg is None:
        return _unknown(say("The dose range is unknown: no weight is recorded."), missing="weight_kg")
    band = _band(bands, weight_kg)
    least, most, basis = _cells(band, weight_kg)
    in_range = None if dose_cells is None else least <= dose_cells <= most
    return DoseRange(
        min_cells=least,
        max_cells=most,
        in_range=in_range,
        basis=basis,
        band=band,
        explanation=(_band_said(band, basis, weight_kg), _verdict_said(least, most, dose_cells)),
        missing=(),
        flags=_flags(band, least, most, dose_cells),
    )


def _unknown(said: str, *, missing: str, flags: tuple[str, ...] = ()) -> DoseRange:
    return DoseRange(
        min_cells=None,
        max_cells=None,
        in_range=None,
        basis=None,
        band=None,
        explanation=(said,),
        missing=(missing,),
        flags=flags,
    )


def weight_has_changed(limit: Limit, *, ordered_kg: float, now_kg: float) -> bool:
    """Whether the weight has moved from that of the order by more than the limit, in percent of the order.

    Source: the dose bands and limits of the protocol.
    """
    return not limit.holds(abs(now_kg - ordered_kg) * PERCENT / ordered_kg)


def _band(bands: Sequence[DoseBand], weight_kg: float) -> DoseBand:
    for band in bands:
        if weight_kg > band.above_kg and (band.up_to_kg is None or weight_kg <= band.up_to_kg):
            return band
    raise ValueError(f"no dose band for {weight_kg} kg")


def _cells(band: DoseBand, weight_kg: float) -> tuple[int, int, Basis]:
    if band.basis == "flat":
        return round(band.min_cells), round(band.max_cells), "flat"
    least, most = band.min_cells * weight_kg, band.max_cells * weight_kg
    if band.cap_cells is None or most <= band.cap_cells:
        return round(least), round(most), "per_kg"
    # Where even the least dose by weight exceeds the cap, the weight no longer matters.
    basis: Basis = "flat" if least >= band.cap_cells else "per_kg"
    return round(min(least, band.cap_cells)), round(band.cap_cells), basis


def _band_said(band: DoseBand, basis: Basis, weight_kg: float) -> str:
    if basis == "flat":
        return say(
            "{label}: the dose doesn't depend on the weight ({weight:g} kg).",
            label=band.label,
            weight=weight_kg,
        )
    return say(
        "{label}: {least} to {most} cells per kilogram for {weight:g} kg.",
        label=band.label,
        least=cells_text(band.min_cells),
        most=cells_text(band.max_cells),
        weight=weight_kg,
    )


def _verdict_said(least: int, most: int, dose_cells: float | None) -> str:
    low, high = cells_text(least), cells_text(most)
    if dose_cells is None:
        return say("Permitted: {low} to {high} cells; the dose isn't known.", low=low, high=high)
    dose = cells_text(dose_cells)
    if dose_cells < least:
        return say("{dose} cells are less than the permitted {low}.", dose=dose, low=low)
    if dose_cells > most:
        return say("{dose} cells are more than the permitted {high}.", dose=dose, high=high)
    return say("{dose} cells lie within {low} to {high}.", dose=dose, low=low, high=high)


def _flags(band: DoseBand, least: int, most: int, dose_cells: float | None) -> tuple[str, ...]:
    flags = []
    if band.min_cells == band.max_cells:
        flags.append("single_target_dose")
    if dose_cells is not None and dose_cells < least:
        flags.append("dose_below_range")
    if dose_cells is not None and dose_cells > most:
        flags.append("dose_above_range")
    return tuple(flags)


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseRangeInput:
    """A product in a region, the child's weight, and the dose if it is known."""

    __pydantic_config__ = INPUT_CONFIG

    product: str
    region: Region
    weight_kg: Annotated[float, Ge(0.3), Le(300)]
    dose_cells: Annotated[float, Gt(0), Le(1e13)] | None = None


def calculate_dose_range(given: DoseRangeInput) -> Answer:
    """Answer the `dose_range` calculator: `min_cells`, `max_cells`, `in_range`, `basis`.

    Raises Invalid for a product without dose rules in the region.

    Source: the dose bands and limits of the protocol.
    """
    try:
        protocol = registry.for_product(given.product, given.region)
    except KeyError:
        raise invalid_input({"product": say("There is no dose rule for this product and region.")}) from None
    found = dose_range(protocol.dose_rules(), weight_kg=given.weight_kg, dose_cells=given.dose_cells)
    fractionated = ("given_in_fractions",) if protocol.product.fractions else ()
    return Answer(
        name="dose_range",
        result={
            "min_cells": found.min_cells,
            "max_cells": found.max_cells,
            "in_range": found.in_range,
            "basis": found.basis,
        },
        source=protocol.cite(found.band) if found.band else protocol.title,
        scale=protocol.id,
        scale_version=protocol.version,
        explanation=list(found.explanation),
        missing=list(found.missing),
        flags=[*found.flags, *fractionated],
    )
