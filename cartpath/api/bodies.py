"""What the API takes in: the services' own inputs, and what only a request has to say."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from annotated_types import MaxLen
from pydantic import ValidationInfo, ValidatorFunctionWrapHandler, WrapValidator

from cartpath.core.errors import Invalid
from cartpath.core.inputs import INPUT_CONFIG, invalid_input
from cartpath.core.moments import Moment
from patients.inputs import PatientDetails, ReferralDetails
from toxicity.grading.crs import CrsInput
from toxicity.grading.icans import IcansInput
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


def _with_place(given: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """Name the scale in front of the fields that a scale's own checks refuse."""
    try:
        return read(given)
    except Invalid as refused:
        raise invalid_input(
            {f"{info.field_name}.{name}": why for name, why in refused.fields.items()}
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentBody(AssessmentDetails):
    """A toxicity assessment; `assessed_at` is now unless given."""

    __pydantic_config__ = INPUT_CONFIG

    assessed_at: Moment | None = None
    crs: Annotated[CrsInput | None, WrapValidator(_with_place)] = None
    icans: Annotated[IcansInput | None, WrapValidator(_with_place)] = None


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
