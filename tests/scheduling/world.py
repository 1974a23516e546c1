"""A center with twelve resources for many children: what a race is run in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from leukapheresis.enums import ResourceKind
from leukapheresis.inputs import PreparationDetails
from leukapheresis.models import Resource
from leukapheresis.scheduling.preparing import preparation_record
from leukapheresis.services import slot_open
from patients.inputs import BodyMeasurement
from patients.referrals import referral_accept, referral_register
from patients.services import measurement_record
from tests.factories import patient_details, referral_details

# Twelve resources: what is scarce besides machines differs by the hour.
RESOURCES: Final = (
    *((ResourceKind.MACHINE, f"Machine {number}", 1) for number in range(1, 5)),
    *((ResourceKind.CHAIR, f"Chair {number}", 1) for number in range(1, 4)),
    *((ResourceKind.NURSE, f"Nurse {number}", 1) for number in range(1, 4)),
    (ResourceKind.RED_CELL_PRIME, "Blood bank", 2),
    (ResourceKind.CRYOPRESERVATION, "Cell laboratory", 2),
)
BY: Final = Actor.system("race")
DAYS: Final = 3
HOURS: Final = (0, 2, 4)
LONG: Final = timedelta(hours=3)


@dataclass(slots=True)
class World:
    """A center with twelve resources, overlapping slots, and a child for every client."""

    center_id: int
    start: datetime
    children: list[UUID]
    slots: list[UUID]
    machines: list[UUID]

    @classmethod
    def made(cls, clients: int, *, at: datetime) -> "World":
        """Fill the database."""
        center = Center.objects.create(code=uuid4().hex[:8], name="Race", timezone="Europe/Rome", region="EU")
        resources = [
            Resource.objects.create(center=center, kind=kind, name=name, capacity=capacity)
            for kind, name, capacity in RESOURCES
        ]
        machines = [resource for resource in resources if resource.kind == ResourceKind.MACHINE]
        slots = [
            slot_open(
                resource=machine,
                starts_at=at + timedelta(days=10 + day, hours=hour),
                ends_at=at + timedelta(days=10 + day, hours=hour) + LONG,
            )
            for machine in machines
            for day in range(DAYS)
            for hour in HOURS
        ]
        return cls(
            center.pk,
            at,
            [_child(center, at) for _ in range(clients)],
            [slot.pk for slot in slots],
            [machine.pk for machine in machines],
        )


def _child(center: Center, at: datetime) -> UUID:
    """An accepted child whose bundle is known: the race is about bookings."""
    journey = referral_register(
        center=center, patient=patient_details(), referral=referral_details(), by=BY, at=at
    )
    referral_accept(journey_id=journey.pk, override_reason="For the race.", by=BY, at=at)
    measurement_record(
        journey_id=journey.pk, measurement=BodyMeasurement(weight_kg=18.4, height_cm=110), by=BY, at=at
    )
    preparation_record(
        journey_id=journey.pk,
        details=PreparationDetails(vascular_access="central_present", sedation="no"),
        by=BY,
        at=at,
    )
    return journey.pk
