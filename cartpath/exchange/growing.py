"""Growing up in a journey file: agreements signed and withdrawn, guardians, hand-over, tracing, letters."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Final

from annotated_types import MaxLen, MinLen

from cartpath.core.errors import Invalid
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.exchange import shapes
from cartpath.exchange.scene import Handler, Scene, named
from cartpath.ledger.kinds import EventKind
from followup.growing.inputs import (
    AttemptDetails,
    CareHandedOver,
    FindDetails,
    HandOverStepDetails,
    LetterDetails,
    LossDetails,
)
from followup.growing.letters import letter_take_over
from followup.growing.services import (
    attempt_record,
    care_hand_over,
    hand_over_step_record,
    loss_end,
    loss_record,
)
from patients.consents import consent_record, consent_withdraw
from patients.donors import donor_consent_record
from patients.guardians import guardian_change, home_hospital_record
from patients.inputs import (
    ConsentDetails,
    ConsentWithdrawal,
    DonationConsent,
    GuardianDetails,
    HomeHospitalDetails,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSeal:
    """The digest of a letter's text: the text itself stays where it was written."""

    __pydantic_config__ = INPUT_CONFIG

    digest: Annotated[str, MinLen(64), MaxLen(64)]


def record_consent(scene: Scene, told: shapes.ConsentSigned) -> object:
    """The consent of the child's side, or the one to a donation, which says who signed it."""
    signed = {name: value for name, value in asdict(told).items() if name not in ("kind", "signer")}
    if told.kind != "donation":
        if told.signer is not None:
            raise Invalid(
                "invalid_input", "Only a donation names its signer.", fields={"signer": "Leave it."}
            )
        return consent_record(consent=ConsentDetails(kind=told.kind, **signed), **scene.call)
    if told.signer is None:
        sentence = "A consent to a donation names its signer: donor or guardian."
        raise Invalid("invalid_input", sentence, fields={"signer": sentence})
    return donor_consent_record(consent=DonationConsent(signer=told.signer, **signed), **scene.call)


def change_guardian(scene: Scene, guardian: GuardianDetails, change: shapes.ForReason) -> object:
    """Record or change a guardian."""
    return guardian_change(guardian=guardian, reason=change.reason, **scene.call)


def take_letter(scene: Scene, letter: LetterDetails, seal: LetterSeal) -> object:
    """Keep that a letter was made, by its digest."""
    return letter_take_over(letter=letter, digest=seal.digest, **scene.call)


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.CONSENT_RECORDED: Handler((shapes.ConsentSigned,), record_consent),
    EventKind.CONSENT_WITHDRAWN: Handler((ConsentWithdrawal,), named(consent_withdraw, "withdrawal")),
    EventKind.GUARDIAN_CHANGED: Handler((GuardianDetails, shapes.ForReason), change_guardian),
    EventKind.HOME_HOSPITAL_RECORDED: Handler(
        (HomeHospitalDetails,), named(home_hospital_record, "hospital")
    ),
    EventKind.HAND_OVER_STEP_RECORDED: Handler((HandOverStepDetails,), named(hand_over_step_record, "step")),
    EventKind.CARE_HANDED_OVER: Handler((CareHandedOver,), named(care_hand_over, "hand_over")),
    EventKind.CONTACT_ATTEMPTED: Handler((AttemptDetails,), named(attempt_record, "attempt")),
    EventKind.PATIENT_LOST: Handler((LossDetails,), named(loss_record, "loss")),
    EventKind.PATIENT_FOUND: Handler((FindDetails,), named(loss_end, "found")),
    EventKind.LETTER_MADE: Handler((LetterDetails, LetterSeal), take_letter),
}
