"""The table of a journey file: for each kind of event what its data is, and the service that makes it.

`scene.Handler` says what the columns mean.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Final

from pydantic import TypeAdapter, ValidationError

from cartpath.core.errors import Invalid
from cartpath.exchange import (
    alerting,
    bags,
    bedside,
    checking,
    collecting,
    custody,
    episodes,
    giving,
    growing,
    immune,
    infusing,
    labels,
    laboratory,
    ordering,
    papers,
    planning,
    readying,
    reminding,
    scheduling,
    shapes,
    sheets,
    visiting,
)
from cartpath.exchange.scene import Handler, Scene, Strike, strike_of
from cartpath.exchange.scene import named as _named
from cartpath.exchange.scene import plain as _plain
from cartpath.ledger.kinds import EventKind
from followup.inputs import VisitDetails
from followup.services import relapse_record, transplant_record, visit_record, visit_skip
from leukapheresis.inputs import AwayDetails, PreparationDetails, WaitingDetails
from leukapheresis.models import FamilyAway
from leukapheresis.scheduling.preparing import family_away_strike
from patients.donors import donor_record
from patients.enums import Stage
from patients.inputs import (
    BodyMeasurement,
    ContactDetails,
    CriterionAssessment,
    DonorDetails,
    PatientDetails,
    ReferralDetails,
    TreatmentDetails,
)
from patients.models import Journey
from patients.protocol_move import journey_protocol_move
from patients.referrals import (
    eligibility_assess,
    referral_accept,
    referral_decline,
    referral_defer,
    referral_register,
)
from patients.services import (
    contact_record,
    journey_close,
    measurement_record,
    patient_change,
    treatment_record,
)
from toxicity.inputs import AssessmentDetails
from toxicity.models import Assessment
from toxicity.services import acute_monitoring_end, assessment_record, assessment_strike
from toxicity.signing import result_confirm

_PATIENT: Final = TypeAdapter(PatientDetails)


def _refer(scene: Scene, referral: ReferralDetails) -> object:
    return referral_register(center=scene.center, patient=scene.patient, referral=referral, **scene.call)


def _change_patient(scene: Scene, told: shapes.PatientChanges) -> object:
    after = asdict(scene.patient) | {name: change.to for name, change in told.changes.items()}
    try:
        changed = _PATIENT.validate_json(json.dumps(after, default=str))
    except ValidationError as error:
        raise Invalid("invalid_input", str(error), fields={"changes": error.errors()[0]["msg"]}) from error
    changes = {name: getattr(changed, name) for name in told.changes}
    wrong = told.name_was_wrong
    return patient_change(changes=changes, reason=told.reason, name_was_wrong=wrong, **scene.call)


def _assess(scene: Scene, assessment: CriterionAssessment, signed: shapes.SecondClinician) -> object:
    second = scene.person(signed.second, field="second") if signed.second else None
    return eligibility_assess(
        assessment=assessment, second=second, protocol_version=scene.version, **scene.call
    )


def _accept(scene: Scene, override: shapes.Override, pinned: shapes.PinnedVersion) -> object:
    version = pinned.protocol_version or scene.version
    return referral_accept(override_reason=override.override_reason, protocol_version=version, **scene.call)


def _record_donor(scene: Scene, donor: DonorDetails, change: shapes.ForReason) -> object:
    return donor_record(donor=donor, reason=change.reason, **scene.call)


def _close(scene: Scene, told: shapes.ClosingReason) -> object:
    stage = Journey.objects.values_list("stage", flat=True).get(pk=scene.journey_id)
    if told.reason_code == "declined" and stage == Stage.REFERRED:
        return referral_decline(reason=told.note, **scene.call)
    died_on = scene.death.died_on if scene.death else None
    return journey_close(reason_code=told.reason_code, note=told.note, died_on=died_on, **scene.call)


def _assess_toxicity(scene: Scene, told: shapes.ToxicitySeen) -> object:
    assessment = AssessmentDetails(
        crs=told.crs.inputs if told.crs else None,
        icans=told.icans.inputs if told.icans else None,
        crs_confirmed_grade=told.crs.confirmed_grade if told.crs else None,
        icans_confirmed_grade=told.icans.confirmed_grade if told.icans else None,
        override_reason=told.override_reason,
        note=told.note,
    )
    return assessment_record(assessment=assessment, **scene.call)


def _strike(scene: Scene, told: shapes.Because) -> object:
    corrected = scene.corrected
    if corrected is None:
        sentence = "Give the place of the corrected event in `events`, counted from 0."
        raise Invalid("invalid_input", "Nothing is named.", fields={"corrects": sentence})
    strike = STRIKES.get(EventKind(corrected.kind))
    if strike is None:
        sentence = "An event of this kind can't be marked as entered in error."
        raise Invalid("invalid_correction", sentence, fields={"corrects": sentence})
    return strike(scene, corrected.pk, told.reason)


# What can be entered in error, and how it is struck.
STRIKES: Final[Mapping[EventKind, Strike]] = {
    EventKind.TOXICITY_ASSESSED: strike_of(Assessment, assessment_strike, "assessment_id"),
    EventKind.FAMILY_AWAY_RECORDED: strike_of(FamilyAway, family_away_strike, "family_away_id"),
    **bags.STRIKES,
    **bedside.STRIKES,
    **collecting.STRIKES,
    **custody.STRIKES,
    **giving.STRIKES,
    **immune.STRIKES,
    **labels.STRIKES,
    **laboratory.STRIKES,
    **ordering.STRIKES,
    **planning.STRIKES,
    **readying.STRIKES,
    **sheets.STRIKES,
    **visiting.STRIKES,
}


def _sign(scene: Scene, told: shapes.GradeSigned) -> object:
    confirmed = scene.confirmed
    if confirmed is None or confirmed.kind != EventKind.TOXICITY_ASSESSED:
        sentence = "Give the place of a toxicity assessment in `events`, counted from 0."
        raise Invalid("invalid_input", "Nothing is named.", fields={"confirms": sentence})
    return result_confirm(
        assessment_id=Assessment.objects.get(event_id=confirmed.pk).pk,
        rule=told.rule,
        grade=int(told.value),
        reason=told.reason,
        by=scene.by,
        at=scene.at,
    )


_BOOKING_IDS: Final = ("booking", "slot", "version", "entry", "offer")
_OFFERED: Final = ("machine", "starts_at", "ends_at", "expires_at")
_GRADES: Final = (
    *("crs.grade", "crs.computed_grade", "crs.at_least"),
    *("icans.grade", "icans.computed_grade", "icans.at_least"),
)
_GRADING: Final = (
    *("crs.scale", "crs.scale_version", "crs.missing", "crs.flags"),
    *("icans.scale", "icans.scale_version", "icans.missing", "icans.flags"),
)

_SCHEDULING: Final[Mapping[EventKind, Handler]] = {
    EventKind.APHERESIS_HELD: Handler(
        (scheduling.ToldBooking, scheduling.HeldUntil, shapes.Override),
        scheduling.hold,
        checked=("washout_open",),
        ignored=_BOOKING_IDS,
    ),
    EventKind.APHERESIS_HOLD_RELEASED: Handler(
        (scheduling.HoldEnded,), scheduling.end_hold, ignored=_BOOKING_IDS
    ),
    EventKind.APHERESIS_BOOKED: Handler(
        (scheduling.ToldBooking, shapes.Override),
        scheduling.book,
        checked=("washout_open",),
        ignored=_BOOKING_IDS,
    ),
    EventKind.APHERESIS_MOVED: Handler(
        (scheduling.Moved, scheduling.WholeBooking, shapes.Override),
        scheduling.move,
        checked=("from", "first_starts_at"),
        ignored=_BOOKING_IDS,
    ),
    EventKind.APHERESIS_DAY_ADDED: Handler(
        (scheduling.ToldDay, scheduling.DayChanged, scheduling.WholeBooking, shapes.Override),
        scheduling.add_day,
        checked=("first_starts_at",),
        ignored=_BOOKING_IDS,
    ),
    EventKind.APHERESIS_DAY_RELEASED: Handler(
        (scheduling.DayNumber, scheduling.DayChanged, scheduling.WholeBooking, shapes.Override),
        scheduling.release_day,
        checked=("machine", "starts_at", "ends_at", "first_starts_at"),
        ignored=_BOOKING_IDS,
    ),
    EventKind.APHERESIS_PARTS_CHANGED: Handler(
        (scheduling.Choices, scheduling.WholeBooking, shapes.Override),
        scheduling.change_parts,
        checked=("first_starts_at",),
        ignored=_BOOKING_IDS,
    ),
    EventKind.APHERESIS_CANCELED: Handler((shapes.Cancellation,), scheduling.cancel, ignored=_BOOKING_IDS),
    EventKind.PREPARATION_RECORDED: Handler((PreparationDetails,), scheduling.prepare),
    EventKind.FAMILY_AWAY_RECORDED: Handler((AwayDetails,), scheduling.away),
    EventKind.WAITING_LIST_JOINED: Handler((WaitingDetails,), scheduling.join, ignored=_BOOKING_IDS),
    EventKind.WAITING_LIST_CHANGED: Handler((WaitingDetails,), scheduling.change_entry, ignored=_BOOKING_IDS),
    EventKind.WAITING_LIST_LEFT: Handler((scheduling.WaitingEnded,), scheduling.leave, ignored=_BOOKING_IDS),
    EventKind.SLOT_OFFERED: Handler((), scheduling.offer, checked=_OFFERED, ignored=_BOOKING_IDS),
    EventKind.SLOT_OFFER_CLOSED: Handler(
        (scheduling.OfferClosed,), scheduling.close_offer, ignored=_BOOKING_IDS
    ),
}

HANDLERS: Final[Mapping[EventKind, Handler]] = MappingProxyType(
    {
        EventKind.REFERRED: Handler((ReferralDetails,), _refer),
        EventKind.TREATMENT_RECORDED: Handler((TreatmentDetails,), _named(treatment_record, "treatment")),
        EventKind.MEASURED: Handler((BodyMeasurement,), _named(measurement_record, "measurement")),
        EventKind.ELIGIBILITY_ASSESSED: Handler((CriterionAssessment, shapes.SecondClinician), _assess),
        EventKind.PATIENT_CHANGED: Handler((shapes.PatientChanges,), _change_patient),
        EventKind.CONTACT_RECORDED: Handler((ContactDetails,), _named(contact_record, "contact")),
        EventKind.DONOR_RECORDED: Handler((DonorDetails, shapes.ForReason), _record_donor),
        EventKind.ACCEPTED: Handler(
            (shapes.Override, shapes.PinnedVersion),
            _accept,
            checked=("product", "protocol_id", "eligibility"),
        ),
        EventKind.PROTOCOL_CHANGED: Handler(
            (shapes.ProtocolMove,),
            lambda scene, told: journey_protocol_move(version=told.to, reason=told.reason, **scene.call),
            checked=("protocol_id", "from"),
        ),
        EventKind.DEFERRED: Handler((shapes.Deferral,), _plain(referral_defer)),
        EventKind.CLOSED: Handler((shapes.ClosingReason,), _close),
        EventKind.ENTERED_IN_ERROR: Handler(
            (shapes.Because,),
            _strike,
            checked=(*immune.JUDGED, "days", "tnc_total", "cd3_total", "accepted"),
        ),
        **_SCHEDULING,
        **alerting.HANDLERS,
        **bags.HANDLERS,
        **bedside.HANDLERS,
        **checking.HANDLERS,
        **collecting.HANDLERS,
        **custody.HANDLERS,
        **giving.HANDLERS,
        **growing.HANDLERS,
        **immune.HANDLERS,
        **infusing.HANDLERS,
        **labels.HANDLERS,
        **laboratory.HANDLERS,
        **ordering.HANDLERS,
        **papers.HANDLERS,
        **planning.HANDLERS,
        **readying.HANDLERS,
        **reminding.HANDLERS,
        **sheets.HANDLERS,
        **visiting.HANDLERS,
        EventKind.TOXICITY_ASSESSED: Handler(
            (shapes.ToxicitySeen,), _assess_toxicity, checked=_GRADES, ignored=_GRADING
        ),
        EventKind.RESULT_CONFIRMED: Handler(
            (shapes.GradeSigned,), _sign, checked=("computed_value",), ignored=("event",)
        ),
        EventKind.ACUTE_MONITORING_ENDED: Handler((shapes.Noted,), _plain(acute_monitoring_end)),
        EventKind.VISIT_RECORDED: Handler(
            (VisitDetails,), _named(visit_record, "visit"), checked=immune.JUDGED
        ),
        EventKind.VISIT_SKIPPED: Handler((shapes.LeftOut,), _plain(visit_skip)),
        EventKind.TRANSPLANTED: Handler(
            (shapes.Transplant,), _plain(transplant_record), checked=immune.JUDGED
        ),
        EventKind.RELAPSED: Handler((shapes.Relapse,), _plain(relapse_record)),
    }
)
# Read and checked, never made by themselves: a death comes with its closing, a move with its act,
# an episode with the grades it follows from.
COMPANIONS: Final[Mapping[EventKind, type]] = MappingProxyType(
    {
        EventKind.STAGE_CHANGED: shapes.StageChange,
        EventKind.DIED: shapes.Death,
        **alerting.COMPANIONS,
        **checking.COMPANIONS,
        **episodes.COMPANIONS,
    }
)
# Acts that another act may make with itself: a file names them, and nothing is done twice.
FOLLOWERS: Final = frozenset(
    {
        EventKind.CLOSED,
        EventKind.APHERESIS_BOOKED,
        EventKind.APHERESIS_HOLD_RELEASED,
        EventKind.WAITING_LIST_LEFT,
        # A corrected day of collection strikes what was recorded of it before.
        EventKind.ENTERED_IN_ERROR,
        *bags.FOLLOWERS,
        *bedside.FOLLOWERS,
        *custody.FOLLOWERS,
    }
)
