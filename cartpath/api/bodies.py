"""What the API takes in: the services' own inputs, and what only a request has to say."""

from dataclasses import dataclass, field
from typing import Annotated, Literal
from uuid import UUID

from annotated_types import Ge, Le, MaxLen, MinLen

from cartpath.api.coded import CodedObservation
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment
from manufacturing.custody.inputs import StepDetails
from patients.inputs import PatientDetails, ReferralDetails
from toxicity.inputs import AssessmentDetails, DosingWeightDetails, InterventionDetails
from toxicity.observations.inputs import ObservationEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralBody:
    """A referral. `center` may be left out by a client of one center; `referred_at` is now unless given."""

    __pydantic_config__ = INPUT_CONFIG

    patient: PatientDetails
    referral: ReferralDetails
    center: str | None = None
    referred_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingBody:
    """Which journey takes which slot.

    `days` are slots of further days of the same collection. With `hold_minutes` the slots are only held until
    they are confirmed or the time is over.
    """

    __pydantic_config__ = INPUT_CONFIG

    journey: UUID
    slot: UUID
    days: Annotated[list[UUID], MaxLen(9)] = field(default_factory=list)
    hold_minutes: Annotated[int, Ge(1), Le(20_160)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmBody:
    """Nothing has to be said to confirm a hold."""

    __pydantic_config__ = INPUT_CONFIG


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseBody:
    """Nothing has to be said to give a hold back."""

    __pydantic_config__ = INPUT_CONFIG


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveBody:
    """To which slot a day of a booking goes, and why."""

    __pydantic_config__ = INPUT_CONFIG

    slot: UUID
    reason_code: Annotated[str, MaxLen(30)]
    day: Annotated[int, Ge(1)] = 1
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelBody:
    """Why a slot is given back."""

    __pydantic_config__ = INPUT_CONFIG

    reason_code: Annotated[str, MaxLen(30)]
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentBody(AssessmentDetails):
    """A toxicity assessment; `assessed_at` is now unless given."""

    __pydantic_config__ = INPUT_CONFIG

    assessed_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationsBody(ObservationEntry):
    """A set of bedside observations, by name or by code; `observed_at` is now unless given."""

    __pydantic_config__ = INPUT_CONFIG

    observed_at: Moment | None = None
    observations: Annotated[tuple[CodedObservation, ...], MaxLen(40)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeBody:
    """A word with the acknowledgement, if any."""

    __pydantic_config__ = INPUT_CONFIG

    note: Annotated[str, MaxLen(800)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteBody:
    """How it was settled."""

    __pydantic_config__ = INPUT_CONFIG

    reason: Annotated[str, MaxLen(800)]


@dataclass(frozen=True, slots=True, kw_only=True)
class InterventionBody(InterventionDetails):
    """Something given against toxicity; `given_at` is now unless given."""

    __pydantic_config__ = INPUT_CONFIG

    given_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InterventionStopBody:
    """The end of a course; `stopped_at` is now unless given."""

    __pydantic_config__ = INPUT_CONFIG

    stopped_at: Moment | None = None
    reason: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyStepBody(StepDetails):
    """A hand-over of items by their ids; `at` is now unless given."""

    __pydantic_config__ = INPUT_CONFIG

    step: Annotated[str, MinLen(1), MaxLen(40)]
    items: tuple[UUID, ...]
    at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DosingWeightBody(DosingWeightDetails):
    """The weight that doses are counted from, from now on."""

    __pydantic_config__ = INPUT_CONFIG


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAnswerBody:
    """One answer to alerts of a child. `answered_by` is the person who gave it, as the ledger names them."""

    __pydantic_config__ = INPUT_CONFIG

    cases: Annotated[tuple[Annotated[str, MaxLen(80)], ...], MinLen(1), MaxLen(50)]
    answer: Literal["with_the_child", "help_called", "treated", "watched", "explained", "other"]
    answered_by: Annotated[str, MinLen(1), MaxLen(80)]
    note: Annotated[str, MaxLen(400)] = ""
