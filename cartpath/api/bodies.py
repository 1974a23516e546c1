"""What the API takes in: the services' own inputs, and what only a request has to say."""

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from annotated_types import Ge, Le, MaxLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment
from patients.inputs import PatientDetails, ReferralDetails
from toxicity.inputs import AssessmentDetails


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
class AcknowledgeBody:
    """A word with the acknowledgement, if any."""

    __pydantic_config__ = INPUT_CONFIG

    note: Annotated[str, MaxLen(800)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteBody:
    """How it was settled."""

    __pydantic_config__ = INPUT_CONFIG

    reason: Annotated[str, MaxLen(800)]
