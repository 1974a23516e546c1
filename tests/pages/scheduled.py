"""What tests of scheduling pages share: a treatment, a hold, a booking, what buttons send."""

import re
from datetime import date

from leukapheresis.models import (
    Booking,
)
from leukapheresis.scheduling.booking import booking_create, booking_hold
from patients.inputs import TreatmentDetails
from patients.services import treatment_record
from tests.factories import Story


def treated(story: Story, drug: str, last_dose: date | None) -> None:
    treatment_record(
        journey_id=story.journey_id,
        treatment=TreatmentDetails(drug=drug, drug_class="cytotoxic", last_dose=last_dose),
        by=story.clinician.actor,
        at=story.at,
    )


def offered(page: str, button: str = "book") -> list[str]:
    """What the buttons of a page send, in the page's order."""
    return re.findall(rf'name="{button}" value="([^"]+)"', page)


def held(story: Story, in_days: int = 3, minutes: int = 120) -> Booking:
    return booking_hold(
        journey_id=story.journey_id,
        times=[story.slot(in_days=in_days).pk],
        minutes=minutes,
        by=story.coordinator.actor,
        at=story.at,
    )


def booked(story: Story, *in_days: int) -> Booking:
    return booking_create(
        journey_id=story.journey_id,
        times=[story.slot(in_days=days).pk for days in in_days],
        by=story.coordinator.actor,
        at=story.at,
    )
