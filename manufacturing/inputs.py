"""What the services of this room take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDetails:
    """An order as placed with the manufacturer. A slot beyond the month's quota needs `quota_reason`."""

    __pydantic_config__ = INPUT_CONFIG

    manufacturer_order_id: Annotated[str, MaxLen(60)] = ""
    chain_of_identity: Annotated[str, MaxLen(60)] = ""
    apheresis_id: Annotated[str, MaxLen(60)] = ""
    batch_number: Annotated[str, MaxLen(60)] = ""
    slot_number: Annotated[str, MaxLen(60)] = ""
    slot_on: Day | None = None
    quota_reason: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDetails:
    """What was made. Cells are CAR-positive viable cells in all bags together."""

    __pydantic_config__ = INPUT_CONFIG

    lot: Annotated[str, MaxLen(60)] = ""
    bags: Annotated[int, Ge(1), Le(50)] | None = None
    car_positive_viable_cells: Annotated[int, Gt(0), Le(10**12)] | None = None
    viability_percent: Annotated[float, Ge(0), Le(100)] | None = None
    expires_on: Day | None = None
    certificate: Annotated[str, MaxLen(120)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingTest:
    """A test whose result comes after the release, by the protocol's row; the day it is awaited, if told."""

    __pydantic_config__ = INPUT_CONFIG

    parameter: Annotated[str, MinLen(1), MaxLen(80)]
    expected_on: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseTerms:
    """A release in two stages: what is still out, and why the product goes on before. Empty: one stage."""

    __pydantic_config__ = INPUT_CONFIG

    pending: tuple[PendingTest, ...] = ()
    reason: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityEntry:
    """What was found of one parameter: a number in the unit of its row, or whether it conforms."""

    __pydantic_config__ = INPUT_CONFIG

    parameter: Annotated[str, MinLen(1), MaxLen(80)]
    value: Annotated[float, Ge(0), Le(10**12)] | None = None
    finding: Literal["met", "not_met"] | None = None
    method: Annotated[str, MaxLen(120)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport:
    """Results as one certificate or one message tells them."""

    __pydantic_config__ = INPUT_CONFIG

    results: tuple[QualityEntry, ...]
    certificate: Annotated[str, MaxLen(120)] = ""
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalPageTyped:
    """One page of a portal that somebody typed: the fields by the protocol's rows, the minutes if timed."""

    __pydantic_config__ = INPUT_CONFIG

    page: Literal["enrollment", "order", "collection", "receipt"]
    asked: tuple[Annotated[str, MaxLen(80)], ...]
    minutes: Annotated[int, Ge(0), Le(600)] | None = None
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneDate:
    """When a milestone is expected now, and why."""

    __pydantic_config__ = INPUT_CONFIG

    milestone: Annotated[str, MinLen(1), MaxLen(30)]
    expected_on: Day
    reason_code: Annotated[str, MinLen(1), MaxLen(20)]
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """The parameter that missed its limit, in the manufacturer's words."""

    __pydantic_config__ = INPUT_CONFIG

    parameter: Annotated[str, MinLen(1), MaxLen(120)]
    parameter_id: Annotated[str, MaxLen(80)] = ""
    limit: Annotated[str, MaxLen(120)] = ""
    value: Annotated[str, MaxLen(120)] = ""
    risk_statement: Annotated[str, MaxLen(800)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(Deviation):
    """A release is withdrawn: which parameter, what was found, and what is to be done now."""

    reason: Annotated[str, MinLen(1), MaxLen(400)]
    what_to_do: Annotated[str, MinLen(1), MaxLen(800)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationDecision:
    """What the physician decides about an out-of-specification product, and on what grounds."""

    __pydantic_config__ = INPUT_CONFIG

    decision: Literal["use", "remanufacture", "collect_again", "abandon"]
    reason: Annotated[str, MinLen(1), MaxLen(800)]
    reference: Annotated[str, MaxLen(120)] = ""
    reference_kind: Literal["regulator", "program", "trial", "ethics", ""] = ""
    consent_on: Day | None = None
    consent_by: Literal["parents", "parent", "guardian", "patient", ""] = ""
    certificate: Annotated[str, MaxLen(120)] = ""
