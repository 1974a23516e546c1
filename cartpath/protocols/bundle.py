"""Rows that say which parts a collection needs besides the blood, and what leaves the center how."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from cartpath.protocols.rows import Row, Text

PartWord = Literal[
    "machine",
    "chair",
    "nurse",
    "anesthesia",
    "line_placement",
    "picu_bed",
    "red_cell_prime",
    "courier",
    "cryopreservation",
]
AccessWord = Literal["central_present", "central_needed", "peripheral"]
MaterialWord = Literal["fresh", "cryopreserved"]
Edge = Literal["start", "end"]
Minutes = Annotated[int, Ge(-10_080), Le(10_080)]


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleRule(Row):
    """A part that a collection needs when all the conditions given hold; without conditions, always.

    `rule` says why, in a sentence. The part is taken from `from_minutes` after the collection's start (before
    it when negative), or after its end with `from_of`, until `until_minutes` after its end or start; with
    `until_next_morning` at least until that hour of the next day on the center's clock. It must be ordered
    `lead_hours` before it is taken.

    `breaks` names a limit of the same file: the part is needed when the child doesn't keep it.
    """

    label: Text
    rule: Text
    part: PartWord
    from_minutes: Minutes = 0
    from_of: Edge = "start"
    until_minutes: Minutes = 0
    until_of: Edge = "end"
    until_next_morning: Annotated[int, Ge(0), Le(23)] | None = None
    lead_hours: Annotated[int, Ge(0)] = 0
    days: Literal["first", "each"] = "each"
    breaks: Text | None = None
    weight_below_kg: Annotated[float, Gt(0)] | None = None
    age_below_years: Annotated[float, Gt(0)] | None = None
    access: tuple[AccessWord, ...] = ()
    sedation: bool | None = None
    material: MaterialWord | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MaterialRule(Row):
    """How the cells of a product leave the center: fresh with the courier, or cryopreserved on site.

    A product that starts from whole blood is drawn without a machine, `volume_ml` of it.
    """

    label: Text
    product: Text
    material: MaterialWord
    starts_from: Literal["apheresis", "whole_blood"] = "apheresis"
    volume_ml: Annotated[float, Gt(0)] | None = None
