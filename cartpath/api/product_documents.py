"""What the API answers about a child's product: its orders with quality, and what the infusion waits for."""

from typing import Annotated, Literal

from typing_extensions import TypedDict  # pydantic reads that of `typing` from Python 3.12 on

from cartpath.api.documents import Day, FhirStatus, Id, Time, words
from cartpath.protocols.words import Severity
from infusion.ready.words import HoldEnd
from infusion.rules.ready import State
from manufacturing.enums import BatchState, Milestone, OrderState, OutOfSpecificationDecision
from manufacturing.quality.words import Finding, SecondStageState
from manufacturing.rules.release import Verdict

MilestoneCode = Annotated[str, words(Milestone)]


class MilestoneDocument(TypedDict):
    """A milestone that was reached, with the day on which it was expected then."""

    milestone: MilestoneCode
    reached_at: Time
    expected_on: Day | None


class ParameterDocument(TypedDict):
    """One parameter of the specification with its limit and verdict; `value` in `unit`, unknown is null.

    `decides` is false for a limit that only informs. A parameter in words has a `finding` and no limit.
    """

    parameter: str
    label: str
    operator: str | None
    limit: float | None
    unit: str | None
    value: float | None
    finding: Annotated[str, words(Finding)] | None
    verdict: Verdict
    decides: bool


class ResultDocument(TypedDict):
    """A result that quality control told; what was entered in error stays, with its status."""

    id: Id
    status: FhirStatus
    parameter: str
    value: float | None
    finding: Annotated[str, words(Finding)] | None
    certificate: str | None
    method: str | None
    recorded_by: str
    recorded_at: Time


class DeviationDocument(TypedDict):
    """A product out of specification, and what a physician decided; null until then."""

    parameter: str
    limit: str | None
    value: str | None
    risk_statement: str | None
    reported_at: Time
    decision: Annotated[str, words(OutOfSpecificationDecision)] | None
    reason: str | None
    reference: str | None
    consent_on: Day | None
    decided_by: str | None
    decided_at: Time | None


class BatchDocument(TypedDict):
    """The product that came of an order. `second_stage` is null where the release was complete."""

    id: Id
    lot: str | None
    state: Annotated[str, words(BatchState)]
    bags: int | None
    car_positive_viable_cells: int | None
    viability_percent: float | None
    expires_on: Day | None
    certificate: str | None
    released_by: str | None
    released_at: Time | None
    received_at: Time | None
    second_stage: Annotated[str, words(SecondStageState)] | None


class OrderDocument(TypedDict):
    """An order with the manufacturer's identifiers, milestones, quality and release. Unknown is null."""

    id: Id
    journey: Id
    product: str
    region: str | None
    protocol_version: str | None
    state: Annotated[str, words(OrderState)]
    order_number: str | None
    chain_of_identity: str | None
    apheresis_id: str | None
    batch_number: str | None
    slot_number: str | None
    slot_on: Day | None
    weight_kg: float | None
    remakes: Id | None
    ordered_at: Time
    milestones: list[MilestoneDocument]
    specification: list[ParameterDocument]
    results: list[ResultDocument]
    batch: BatchDocument | None
    deviation: DeviationDocument | None


class ConditionDocument(TypedDict):
    """One condition of the infusion, as the day's rules and the record have it."""

    name: str
    label: str
    state: State
    severity: Severity
    said: list[str]
    source: str | None
    reason: str | None
    by: str | None


class HoldDocument(TypedDict):
    """Why the infusion waits, and when somebody looks at it again. Without `ended_at` it stands."""

    id: Id
    reason: str
    note: str | None
    held_by: str
    held_at: Time
    review_at: Time
    ended_at: Time | None
    outcome: Annotated[str, words(HoldEnd)] | None


class ReadinessDocument(TypedDict):
    """Whether anything stands in the way of the infusion; it decides nothing and orders nothing.

    `state` is `waits` while a hard stop is not met or unknown, else `clear`. `first_on` and `last_on` are the
    days on which the infusion may follow lymphodepletion, null while that is unknown.
    """

    journey: Id
    at: Time
    part: int
    state: Literal["waits", "clear"]
    conditions: list[ConditionDocument]
    holds: list[HoldDocument]
    first_on: Day | None
    last_on: Day | None
