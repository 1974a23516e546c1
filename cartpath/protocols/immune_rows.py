"""Rows about the immune system after the infusion: replacing immunoglobulin, ending prophylaxis, vaccines.

Every rule that these rows feed proposes and says why; none orders anything. A row that was read for adults
says so in `adult_based`, and what is proposed by it for a child is flagged.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.protocols.rows import Row, Text

Months = Annotated[int, Ge(0), Le(240)]
Years = Annotated[float, Ge(0), Le(120)]
Milligrams = Annotated[float, Gt(0), Le(10_000)]
Cells = Annotated[float, Ge(0), Le(50_000)]
AnyPercent = Annotated[float, Ge(0), Le(100)]

# What a drug is given for, as far as rules ask.
DrugGroup = Literal[
    "pjp",
    "viral",
    "fungal",
    "bacterial",
    "hbv",
    "steroid",
    "immunosuppression",
    "anti_b_cell",
    "chemotherapy",
    "other",
]
ProphylaxisGroup = Literal["pjp", "viral", "fungal", "bacterial", "hbv"]
VaccineClass = Literal["seasonal", "inactivated", "adjuvanted", "live"]
Finding = Literal[
    "serious_or_recurrent_infection", "recurrent_infection", "low_iga_or_igm", "impaired_vaccine_response"
]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplacementRule(Row):
    """When replacing immunoglobulin is proposed: an IgG in a span, together with every finding of `needs`.

    The span: above `igg_above_mg_dl`, and up to and including `igg_up_to_mg_dl` or below `igg_below_mg_dl`.
    """

    label: Text
    igg_above_mg_dl: Milligrams | None = None
    igg_up_to_mg_dl: Milligrams | None = None
    igg_below_mg_dl: Milligrams | None = None
    needs: tuple[Finding, ...] = ()
    adult_based: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SerumLimit(Row):
    """The local laboratory's lower limit of an immunoglobulin from one birthday until another.

    Below it the value is low for the child's age. No such row ships: limits differ between laboratories.
    """

    label: Text
    serum: Literal["igg", "iga", "igm"]
    below_mg_dl: Milligrams
    from_years: Years = 0
    below_years: Years | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecurrentInfection(Row):
    """So many infections within so many calendar months count as recurrent."""

    label: Text
    infections: Annotated[int, Ge(2)]
    within_months: Annotated[int, Ge(1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImmunoglobulinDose(Row):
    """The usual dose of immunoglobulin per kilogram and route."""

    label: Text
    route: Literal["iv", "sc"]
    min_mg_per_kg: Milligrams
    max_mg_per_kg: Milligrams
    note: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StopRule(Row):
    """When the end of a prophylaxis is proposed: all that is given here must hold.

    `min_months` count from the infusion, or from a transplant after it. `cd4_above_per_ul` must be exceeded
    by two samples a calendar month apart, with none between that doesn't; `anc_above_per_ul` by the latest.
    From `from_years` and below `below_years` of age.
    """

    label: Text
    group: ProphylaxisGroup
    min_months: Months = 0
    cd4_above_per_ul: Cells | None = None
    cd4_above_percent: AnyPercent | None = None
    anc_above_per_ul: Cells | None = None
    without_steroids: bool = False
    from_years: Years = 0
    below_years: Years | None = None
    adult_based: bool = False
    note: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class VaccineRow(Row):
    """One vaccine: its class, which decides the conditions, and how many doses a new course has."""

    label: Text
    vaccine: Text
    vaccine_class: VaccineClass
    doses: Annotated[int, Ge(1)]
    note: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class VaccineCondition(Row):
    """One condition for the vaccines of some classes: a span since something, or a measured value.

    With `since`, at least `months` calendar months must have passed since the latest of it (with `longer`,
    more than that); a drug of one of `groups` that is still given doesn't meet it. `infusion` means the
    latest infusion, or a transplant after it. With `measure`, the latest value must be above `above_per_ul`.
    """

    label: Text
    classes: Annotated[tuple[VaccineClass, ...], MinLen(1)]
    since: Literal["infusion", "transplant", "immunoglobulin", "drug"] | None = None
    groups: tuple[DrugGroup, ...] = ()
    months: Months | None = None
    longer: bool = False
    measure: Literal["cd4", "b_cells"] | None = None
    above_per_ul: Cells | None = None
    adult_based: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ImmuneRules:
    """Every rule about the immune system. Empty where a product has none: nothing is proposed then."""

    __pydantic_config__ = INPUT_CONFIG

    replacement: tuple[ReplacementRule, ...] = ()
    serum_limits: tuple[SerumLimit, ...] = ()
    recurrent: tuple[RecurrentInfection, ...] = ()
    doses: tuple[ImmunoglobulinDose, ...] = ()
    stops: tuple[StopRule, ...] = ()
    vaccines: tuple[VaccineRow, ...] = ()
    conditions: tuple[VaccineCondition, ...] = ()
