"""The table of a journey file: for each kind of event what its data is, and the service that makes it.

`given` are shapes that together read the data. `checked` are keys that services add to the ledger: a file
that names them must agree with what the services find. `ignored` are keys that mean something only in the
database or the version a file came from. A dot leads into an object.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from cartpath.accounts.models import Center, User
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.exchange import shapes
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.reminders.models import reminder_key
from cartpath.reminders.services import reminder_acknowledge, reminder_complete
from followup.inputs import VisitDetails
from followup.models import Visit
from followup.services import relapse_record, transplant_record, visit_record, visit_skip, visit_strike
from infusion.inputs import ChecklistAnswer, DoseGiven, InfusionDetails
from infusion.services import (
    checklist_item_record,
    identity_verify,
    infusion_record,
    lymphodepletion_record,
    lymphodepletion_waive,
    thaw_start,
)
from leukapheresis.inputs import CollectionDayDetails
from leukapheresis.models import Resource, Slot
from leukapheresis.selectors import live_booking
from leukapheresis.services import (
    booking_cancel,
    booking_create,
    collection_complete,
    collection_day_record,
    slot_open,
)
from manufacturing.inputs import BatchDetails, Deviation, DeviationDecision, OrderDetails
from manufacturing.services import (
    manufacturing_fail,
    milestone_record,
    out_of_specification_decide,
    out_of_specification_report,
    product_order,
    product_receive,
    product_release,
)
from patients.enums import Stage
from patients.inputs import (
    BodyMeasurement,
    ConsentDetails,
    ContactDetails,
    CriterionAssessment,
    PatientDetails,
    ReferralDetails,
    TreatmentDetails,
)
from patients.models import Journey
from patients.referrals import (
    eligibility_assess,
    referral_accept,
    referral_decline,
    referral_defer,
    referral_register,
)
from patients.services import (
    consent_record,
    contact_record,
    journey_close,
    measurement_record,
    patient_change,
    treatment_record,
)
from toxicity.inputs import AssessmentDetails, InterventionDetails
from toxicity.models import Assessment
from toxicity.services import (
    acute_monitoring_end,
    assessment_record,
    assessment_strike,
    intervention_record,
)

_PATIENT: Final = TypeAdapter(PatientDetails)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a call needs beside the data: whose journey, when, and by whom.

    `death` is the day named by a `died` event just read, `corrected` the ledger event that is corrected.
    """

    center: Center
    journey_id: UUID
    patient: PatientDetails
    by: Actor
    at: datetime
    death: shapes.Death | None = None
    corrected: Event | None = None

    @property
    def call(self) -> dict[str, Any]:
        """The arguments that nearly every service takes."""
        return {"journey_id": self.journey_id, "by": self.by, "at": self.at}

    def person(self, name: str, *, field: str) -> User:
        """A person of the center, by e-mail address or by the name as signed. Raises `Invalid`."""
        members = User.objects.filter(is_active=True, memberships__center=self.center).distinct()
        found = list(members.filter(email__iexact=name) if "@" in name else members.filter(name=name))
        if len(found) != 1:
            why = "Nobody" if not found else "More than one person"
            sentence = f"{why} of the center {self.center.code} is known as “{name}”. Give an e-mail address."
            raise Invalid("unknown_person", sentence, fields={field: sentence})
        return found[0]


Play = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Handler:
    """How one kind of event is read and made."""

    given: tuple[type, ...]
    play: Play
    checked: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def _plain(service: Play) -> Play:
    """A service whose arguments have the names of the data's keys."""
    return lambda scene, *given: service(
        **{name: value for each in given for name, value in asdict(each).items()}, **scene.call
    )


def _named(service: Play, argument: str) -> Play:
    """A service that takes the data as one argument."""
    return lambda scene, given: service(**{argument: given}, **scene.call)


def _refer(scene: Scene, referral: ReferralDetails) -> object:
    return referral_register(center=scene.center, patient=scene.patient, referral=referral, **scene.call)


def _change_patient(scene: Scene, told: shapes.PatientChanges) -> object:
    after = asdict(scene.patient) | {name: change.to for name, change in told.changes.items()}
    try:
        changed = _PATIENT.validate_json(json.dumps(after, default=str))
    except ValidationError as error:
        raise Invalid("invalid_input", str(error), fields={"changes": error.errors()[0]["msg"]}) from error
    changes = {name: getattr(changed, name) for name in told.changes}
    return patient_change(changes=changes, reason=told.reason, **scene.call)


def _assess(scene: Scene, assessment: CriterionAssessment, signed: shapes.SecondClinician) -> object:
    second = scene.person(signed.second, field="second") if signed.second else None
    return eligibility_assess(assessment=assessment, second=second, **scene.call)


def _close(scene: Scene, told: shapes.ClosingReason) -> object:
    stage = Journey.objects.values_list("stage", flat=True).get(pk=scene.journey_id)
    if told.reason_code == "declined" and stage == Stage.REFERRED:
        return referral_decline(reason=told.note, **scene.call)
    died_on = scene.death.died_on if scene.death else None
    return journey_close(reason_code=told.reason_code, note=told.note, died_on=died_on, **scene.call)


def _book(scene: Scene, told: shapes.BookedSlot, override: shapes.Override) -> object:
    machine = Resource.objects.filter(center=scene.center, name=told.machine).first()
    if machine is None:
        sentence = f"The center {scene.center.code} has no machine “{told.machine}”."
        raise Invalid("unknown_machine", sentence, fields={"machine": sentence})
    slot = Slot.objects.filter(resource=machine, starts_at=told.starts_at, ends_at=told.ends_at).first()
    if slot is None:
        slot = slot_open(resource=machine, starts_at=told.starts_at, ends_at=told.ends_at)
    return booking_create(slot_id=slot.pk, override_reason=override.override_reason, **scene.call)


def _cancel(scene: Scene, told: shapes.Cancellation) -> object:
    booking = live_booking(scene.journey_id)
    if booking is None:
        raise Conflict("not_booked", "There is no live booking to cancel.")
    return booking_cancel(booking_id=booking.pk, **asdict(told), by=scene.by, at=scene.at)


def _verify(scene: Scene, told: shapes.TwoPeople) -> object:
    first, second = scene.person(told.first, field="first"), scene.person(told.second, field="second")
    return identity_verify(journey_id=scene.journey_id, first=first, second=second, at=scene.at)


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
    act: dict[str, Any] = {"reason": told.reason, "by": scene.by, "at": scene.at}
    if corrected.kind == EventKind.VISIT_RECORDED:
        return visit_strike(visit_id=Visit.objects.get(event_id=corrected.pk).pk, **act)
    if corrected.kind == EventKind.TOXICITY_ASSESSED:
        return assessment_strike(assessment_id=Assessment.objects.get(event_id=corrected.pk).pk, **act)
    sentence = "Only a visit or a toxicity assessment can be entered in error."
    raise Invalid("invalid_correction", sentence, fields={"corrects": sentence})


def _reminder(service: Play) -> Play:
    def play(scene: Scene, named: shapes.ReminderNamed, said: object) -> object:
        key = reminder_key(scene.journey_id, named.item, named.occurrence)
        return service(reminder_id=key, by=scene.by, at=scene.at, **asdict(said))  # type: ignore[call-overload]

    return play


_BOOKING_IDS: Final = ("booking", "slot")
_MADE: Final = ("batch", "order")
_GRADES: Final = (
    *("crs.grade", "crs.computed_grade", "crs.at_least"),
    *("icans.grade", "icans.computed_grade", "icans.at_least"),
)
_GRADING: Final = (
    *("crs.scale", "crs.scale_version", "crs.missing", "crs.flags"),
    *("icans.scale", "icans.scale_version", "icans.missing", "icans.flags"),
)

HANDLERS: Final[Mapping[EventKind, Handler]] = MappingProxyType(
    {
        EventKind.REFERRED: Handler((ReferralDetails,), _refer),
        EventKind.TREATMENT_RECORDED: Handler((TreatmentDetails,), _named(treatment_record, "treatment")),
        EventKind.MEASURED: Handler((BodyMeasurement,), _named(measurement_record, "measurement")),
        EventKind.ELIGIBILITY_ASSESSED: Handler((CriterionAssessment, shapes.SecondClinician), _assess),
        EventKind.PATIENT_CHANGED: Handler((shapes.PatientChanges,), _change_patient),
        EventKind.CONTACT_RECORDED: Handler((ContactDetails,), _named(contact_record, "contact")),
        EventKind.CONSENT_RECORDED: Handler((ConsentDetails,), _named(consent_record, "consent")),
        EventKind.ACCEPTED: Handler(
            (shapes.Override,),
            _plain(referral_accept),
            checked=("product", "protocol_id", "protocol_version", "eligibility"),
        ),
        EventKind.DEFERRED: Handler((shapes.Deferral,), _plain(referral_defer)),
        EventKind.CLOSED: Handler((shapes.ClosingReason,), _close),
        EventKind.ENTERED_IN_ERROR: Handler((shapes.Because,), _strike, checked=("b_cell_aplasia",)),
        EventKind.APHERESIS_BOOKED: Handler(
            (shapes.BookedSlot, shapes.Override), _book, checked=("washout_open",), ignored=_BOOKING_IDS
        ),
        EventKind.APHERESIS_CANCELED: Handler((shapes.Cancellation,), _cancel, ignored=_BOOKING_IDS),
        EventKind.COLLECTION_DAY_RECORDED: Handler(
            (CollectionDayDetails,), _named(collection_day_record, "day"), checked=("round", "day")
        ),
        EventKind.COLLECTION_COMPLETED: Handler(
            (shapes.CollectionEnd,),
            _plain(collection_complete),
            checked=("round", "days", "tnc_total", "cd3_total", "accepted"),
            ignored=("reasons",),
        ),
        EventKind.PRODUCT_ORDERED: Handler(
            (OrderDetails,), _named(product_order, "order"), checked=("product", "weight_kg")
        ),
        EventKind.MANUFACTURING_MILESTONE: Handler(
            (shapes.MilestoneReached,), _plain(milestone_record), ignored=_MADE
        ),
        EventKind.PRODUCT_RELEASED: Handler((BatchDetails,), _named(product_release, "batch"), ignored=_MADE),
        EventKind.OUT_OF_SPECIFICATION_REPORTED: Handler(
            (BatchDetails, Deviation),
            lambda scene, batch, deviation: out_of_specification_report(
                batch=batch, deviation=deviation, **scene.call
            ),
            ignored=_MADE,
        ),
        EventKind.OUT_OF_SPECIFICATION_DECIDED: Handler(
            (DeviationDecision,),
            _named(out_of_specification_decide, "decision"),
            ignored=_MADE,
        ),
        EventKind.PRODUCT_RECEIVED: Handler(
            (shapes.Noted,), _plain(product_receive), checked=("lot",), ignored=_MADE
        ),
        EventKind.MANUFACTURING_FAILED: Handler((shapes.Failure,), _plain(manufacturing_fail), ignored=_MADE),
        EventKind.LYMPHODEPLETION_GIVEN: Handler(
            (DoseGiven,),
            _named(lymphodepletion_record, "dose"),
            checked=("expected_mg", "body_surface_m2"),
        ),
        EventKind.LYMPHODEPLETION_WAIVED: Handler((shapes.Because,), _plain(lymphodepletion_waive)),
        EventKind.CHECKLIST_ITEM_RECORDED: Handler(
            (ChecklistAnswer,), _named(checklist_item_record, "answer")
        ),
        EventKind.IDENTITY_VERIFIED: Handler(
            (shapes.TwoPeople,), _verify, checked=("lot", "chain_of_identity"), ignored=_MADE
        ),
        EventKind.THAW_STARTED: Handler((), _plain(thaw_start), ignored=_MADE),
        EventKind.INFUSED: Handler(
            (InfusionDetails,),
            _named(infusion_record, "infusion"),
            checked=("lot", "weight_kg", "min_cells", "max_cells", "dose_in_range"),
            ignored=_MADE,
        ),
        EventKind.TOXICITY_ASSESSED: Handler(
            (shapes.ToxicitySeen,), _assess_toxicity, checked=_GRADES, ignored=_GRADING
        ),
        EventKind.INTERVENTION_GIVEN: Handler(
            (InterventionDetails,), _named(intervention_record, "intervention"), checked=("weight_kg",)
        ),
        EventKind.ACUTE_MONITORING_ENDED: Handler((shapes.Noted,), _plain(acute_monitoring_end)),
        EventKind.VISIT_RECORDED: Handler(
            (VisitDetails,), _named(visit_record, "visit"), checked=("b_cell_aplasia",)
        ),
        EventKind.VISIT_SKIPPED: Handler((shapes.LeftOut,), _plain(visit_skip)),
        EventKind.TRANSPLANTED: Handler(
            (shapes.Transplant,), _plain(transplant_record), checked=("b_cell_aplasia",)
        ),
        EventKind.RELAPSED: Handler((shapes.Relapse,), _plain(relapse_record)),
        EventKind.REMINDER_ACKNOWLEDGED: Handler(
            (shapes.ReminderNamed, shapes.Noted), _reminder(reminder_acknowledge)
        ),
        EventKind.REMINDER_COMPLETED: Handler(
            (shapes.ReminderNamed, shapes.Because), _reminder(reminder_complete)
        ),
    }
)
# Read and checked, never made by themselves: a death comes with its closing, a move with its act.
COMPANIONS: Final[Mapping[EventKind, type]] = MappingProxyType(
    {EventKind.STAGE_CHANGED: shapes.StageChange, EventKind.DIED: shapes.Death}
)
