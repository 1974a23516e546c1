"""A child at the bedside in tests: what a nurse enters, and when."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from patients.models import Patient
from tests.factories import Story
from toxicity.grading.capd import CapdAnswer
from toxicity.grading.crs import OxygenDevice
from toxicity.grading.icans import Consciousness, RaisedIcp, Seizure
from toxicity.grading.ice import Ice
from toxicity.models import ObservationSet
from toxicity.observations.inputs import ObservationEntry
from toxicity.observations.services import observations_record

CALM = (*[CapdAnswer.ALWAYS] * 4, *[CapdAnswer.NEVER] * 4)
RESTLESS = (*[CapdAnswer.SOMETIMES] * 4, *[CapdAnswer.OFTEN] * 4)
FULL_ICE = Ice(orientation=4, naming=3, command=1, writing=1, attention=1)

# A five-year-old without any sign; her lowest normal systolic pressure is 80 mmHg.
WELL = ObservationEntry(
    temperature_c=36.8,
    heart_rate=98,
    systolic=100,
    diastolic=60,
    respiratory_rate=22,
    spo2=99,
    oxygen_device=OxygenDevice.NONE,
    vasopressors=(),
)
ALERT = ObservationEntry(
    capd=CALM,
    consciousness=Consciousness.SPONTANEOUS,
    seizure=Seizure.NONE,
    motor_weakness=False,
    raised_icp=RaisedIcp.NONE,
)


def observed(
    story: Story, entry: ObservationEntry = WELL, *, seen_at: datetime | None = None, **changes: Any
) -> ObservationSet:
    """One set, seen and recorded by the nurse now unless it was seen earlier."""
    return observations_record(
        journey_id=story.journey_id,
        observed_at=seen_at or story.at,
        entry=replace(entry, **changes),
        by=story.nurse.actor,
        at=story.at,
    )


def infused_teenager(story: Story) -> None:
    """A child of fourteen, infused: the test is ICE."""
    story.infused()
    born = story.at.date() - timedelta(days=round(14.5 * 365.25))
    Patient.objects.filter(pk=story.journey.patient_id).update(birth_date=born)
