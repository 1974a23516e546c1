"""What the API takes in: the services' own inputs, and what only a request has to say."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import MaxLen

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
    """Which journey takes which slot."""

    __pydantic_config__ = INPUT_CONFIG

    journey: UUID
    slot: UUID


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
