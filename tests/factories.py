"""Journeys for tests, told step by step through the services. A step leaves the journey in its stage."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from cartpath.accounts.models import Center, User
from cartpath.protocols.rows import in_force
from followup.inputs import VisitDetails
from followup.services import visit_record
from infusion.inputs import ChecklistAnswer, DoseGiven, InfusionDetails
from infusion.selectors import checklist
from infusion.services import (
    checklist_item_record,
    identity_verify,
    infusion_record,
    lymphodepletion_record,
    thaw_start,
)
from leukapheresis.inputs import CollectionDayDetails
from leukapheresis.models import Booking, Resource, Slot
from leukapheresis.services import booking_create, collection_complete, collection_day_record, slot_open
from manufacturing.inputs import BatchDetails, OrderDetails, QualityEntry, QualityReport
from manufacturing.quality.services import quality_record
from manufacturing.services import milestone_record, product_order, product_receive, product_release
from patients.eligibility import protocol_for
from patients.inputs import BodyMeasurement, CriterionAssessment, PatientDetails, ReferralDetails
from patients.models import Journey
from patients.referrals import (
    eligibility_assess_several,
    referral_accept,
    referral_register,
)
from patients.services import (
    measurement_record,
)
from toxicity.inputs import AssessmentDetails
from toxicity.models import Assessment
from toxicity.services import acute_monitoring_end, assessment_record

PASSWORD = "correct-horse-battery-staple"
_numbers = iter(range(1, 10**9))


def patient_details(**changes: Any) -> PatientDetails:
    """A five-year-old girl with a fresh MRN."""
    number = next(_numbers)
    given = {
        "mrn": f"MRN-{number:06d}",
        "family_name": "Rossi",
        "given_name": "Giulia",
        "birth_date": date(2021, 1, 15),
        "sex": "female",
    }
    return PatientDetails(**given | changes)


def referral_details(**changes: Any) -> ReferralDetails:
    """A second relapse of B-ALL, for tisagenlecleucel."""
    given = {
        "referring_center": "Ospedale di Provincia",
        "product": "tisagenlecleucel",
        "diagnosis": "b_all",
        "disease_status": "second_or_later_relapse",
        "cd19_status": "positive",
        "cd19_tested_on": date(2026, 2, 20),
        "performance_scale": "lansky",
        "performance_score": 80,
    }
    return ReferralDetails(**given | changes)


@dataclass
class Story:
    """One center's staff, a clock that goes forward, and the steps of a journey."""

    center: Center
    coordinator: User
    clinician: User
    second: User
    nurse: User
    lab: User
    at: datetime
    journey_id: UUID = field(init=False)
    # What every referral of this story says, and who is referred.
    wanted: dict[str, Any] = field(default_factory=dict)
    child: PatientDetails | None = None

    @property
    def journey(self) -> Journey:
        """The journey as it stands now."""
        return Journey.objects.select_related("patient", "center", "status", "referral").get(
            pk=self.journey_id
        )

    def later(self, **span: float) -> datetime:
        """Let time pass: `later(days=3)`."""
        self.at += timedelta(**span)
        return self.at

    def referred(self, *, patient: PatientDetails | None = None, **referral: Any) -> Journey:
        """Refer a child."""
        made = referral_register(
            center=self.center,
            patient=patient or self.child or patient_details(),
            referral=referral_details(**self.wanted | referral),
            by=self.coordinator.actor,
            at=self.at,
        )
        self.journey_id = made.pk
        return made

    def measured(self, weight_kg: float = 18.4, height_cm: float = 110) -> None:
        """Weigh and measure."""
        measurement_record(
            journey_id=self.journey_id,
            measurement=BodyMeasurement(weight_kg=weight_kg, height_cm=height_cm),
            by=self.nurse.actor,
            at=self.at,
        )

    def eligible(self) -> None:
        """Find every criterion met today."""
        today = self.at.date()
        eligibility_assess_several(
            journey_id=self.journey_id,
            assessments=[
                CriterionAssessment(criterion=criterion.id, verdict="met", observed_on=today)
                for criterion in protocol_for(self.journey).eligibility
                if criterion.in_force(today)
            ],
            by=self.clinician.actor,
            at=self.at,
        )

    def accepted(self, **referral: Any) -> Journey:
        """Refer, measure, assess and accept."""
        self.referred(**referral)
        self.measured()
        self.later(hours=1)
        self.eligible()
        self.later(hours=1)
        return referral_accept(journey_id=self.journey_id, by=self.clinician.actor, at=self.at)

    def slot(self, *, in_days: int = 3, machine: str = "Machine 1") -> Slot:
        """A free slot from 08:00 on a coming day."""
        resource, _made = Resource.objects.get_or_create(center=self.center, name=machine)
        starts_at = (self.at + timedelta(days=in_days)).replace(hour=8, minute=0, second=0, microsecond=0)
        return slot_open(resource=resource, starts_at=starts_at, ends_at=starts_at + timedelta(hours=6))

    def booked(self, slot: Slot | None = None, **referral: Any) -> Booking:
        """Accept, then book a slot."""
        self.accepted(**referral)
        self.later(hours=1)
        return booking_create(
            journey_id=self.journey_id,
            slot_id=(slot or self.slot()).pk,
            by=self.coordinator.actor,
            at=self.at,
        )

    def collected(self, **day: Any) -> None:
        """Book, collect on one day, complete."""
        booking = self.booked()
        self.at = booking.slot.starts_at
        found = {
            "decision": "enough",
            "tnc": 5_600_000_000,
            "cd3": 2_600_000_000,
            "device": "Spectra Optia",
            "identity_missing_reason": "A test.",
        }
        collection_day_record(
            journey_id=self.journey_id,
            day=CollectionDayDetails(**found | day),
            by=self.nurse.actor,
            at=self.at,
        )
        at = self.later(hours=6)
        known = protocol_for(self.journey).collection_targets(self.center.local_day(at))
        collection_complete(
            journey_id=self.journey_id,
            by=self.nurse.actor,
            at=at,
            reason="" if known else "The manufacturer accepts",
        )

    def manufacturing(self) -> None:
        """Collect, order, and have manufacturing started."""
        self.collected()
        product_order(
            journey_id=self.journey_id,
            order=OrderDetails(
                manufacturer_order_id=f"ORD-{next(_numbers)}", chain_of_identity=f"COI-{next(_numbers)}"
            ),
            by=self.coordinator.actor,
            at=self.later(hours=2),
        )
        milestone_record(
            journey_id=self.journey_id,
            milestone="manufacturing_started",
            by=self.coordinator.actor,
            at=self.later(days=5),
        )

    def tested(self, **told: float) -> None:
        """Have quality control find every parameter of the specification in force conforming."""
        section, today = protocol_for(self.journey).manufacturing, self.center.local_day(self.at)
        margin = {">=": 1.2, ">": 1.2, "<=": 0.8, "<": 0.8}
        figures = [
            QualityEntry(parameter=row.id, value=told.get(row.id, row.value * margin[row.op]))
            for row in in_force(section.release, today)
        ]
        findings = [
            QualityEntry(parameter=row.id, finding="met") for row in in_force(section.release_findings, today)
        ]
        if figures or findings:
            quality_record(
                journey_id=self.journey_id,
                report=QualityReport(results=(*figures, *findings)),
                by=self.lab.actor,
                at=self.at,
            )

    def released(self, **batch: Any) -> None:
        """Manufacture, release, receive."""
        self.manufacturing()
        self.tested()
        made = {"lot": f"LOT-{next(_numbers)}", "bags": 1, "car_positive_viable_cells": 50_000_000}
        product_release(
            journey_id=self.journey_id,
            batch=BatchDetails(**made | batch),
            by=self.lab.actor,
            at=self.later(days=21),
        )
        product_receive(journey_id=self.journey_id, by=self.lab.actor, at=self.later(days=2))

    def lymphodepleted(self) -> None:
        """Release, then give four days of fludarabine."""
        self.released()
        self.later(days=2)
        self.measured()
        for _day in range(4):
            lymphodepletion_record(
                journey_id=self.journey_id,
                dose=DoseGiven(drug="fludarabine", dose_mg=22.5),
                by=self.nurse.actor,
                at=self.at,
            )
            self.later(days=1)

    def ready(self) -> None:
        """Lymphodeplete, tick the checklist, confirm identity and start the thaw."""
        self.lymphodepleted()
        self.later(days=2)
        for line in checklist(self.journey, on=self.center.local_day(self.at)):
            checklist_item_record(
                journey_id=self.journey_id,
                answer=ChecklistAnswer(item=line.item, verdict="met"),
                by=self.clinician.actor,
                at=self.at,
            )
        identity_verify(journey_id=self.journey_id, first=self.clinician, second=self.nurse, at=self.at)
        thaw_start(journey_id=self.journey_id, by=self.lab.actor, at=self.later(minutes=5))

    def infused(self) -> None:
        """Everything up to day 0."""
        self.ready()
        infusion_record(
            journey_id=self.journey_id,
            infusion=InfusionDetails(dose_cells=50_000_000),
            by=self.clinician.actor,
            at=self.later(minutes=15),
        )

    def assessed(self, **found: Any) -> Assessment:
        """One assessment four hours on."""
        return assessment_record(
            journey_id=self.journey_id,
            assessment=AssessmentDetails(**found),
            by=self.nurse.actor,
            at=self.later(hours=4),
        )

    def in_follow_up(self) -> None:
        """Infused, and out of acute monitoring after 14 days."""
        self.infused()
        acute_monitoring_end(journey_id=self.journey_id, by=self.clinician.actor, at=self.later(days=14))

    def visited(self, item: str, **found: Any) -> None:
        """Hold a visit today."""
        visit_record(
            journey_id=self.journey_id,
            visit=VisitDetails(item=item, visited_on=self.at.astimezone(self.center.zone).date(), **found),
            by=self.clinician.actor,
            at=self.at,
        )
