"""A child at the bedside in tests: what a nurse enters, and when."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from patients.models import Patient
from tests.factories import Story
from toxicity.episodes.selectors import episodes
from toxicity.grading.capd import CapdAnswer
from toxicity.grading.crs import CrsInput, OxygenDevice
from toxicity.grading.icans import Consciousness, RaisedIcp, Seizure
from toxicity.grading.ice import Ice
from toxicity.inputs import AssessmentDetails, InterventionDetails
from toxicity.interventions.services import intervention_record
from toxicity.models import Assessment, ObservationSet
from toxicity.observations.inputs import ObservationEntry
from toxicity.observations.services import observations_record
from toxicity.services import assessment_record

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


class Stay:
    """A child just infused: entries at hours after the infusion, in whatever order they are made."""

    def __init__(self, story: Story) -> None:
        story.infused()
        self.story, self.begun = story, story.at

    def at(self, hour: float) -> datetime:
        """So many hours after the infusion."""
        return self.begun + timedelta(hours=hour)

    def saw(self, hour: float, found: CrsInput) -> Assessment:
        """One assessment of CRS."""
        return assessment_record(
            journey_id=self.story.journey_id,
            assessment=AssessmentDetails(crs=found),
            by=self.story.nurse.actor,
            at=self.at(hour),
        )

    def gave(self, hour: float, agent: str) -> None:
        """One dose of something."""
        intervention_record(
            journey_id=self.story.journey_id,
            intervention=InterventionDetails(agent=agent),  # type: ignore[arg-type]
            by=self.story.nurse.actor,
            at=self.at(hour),
        )


def episodes_told(journey_id: UUID) -> list[dict[str, Any]]:
    """The stored episodes of a journey, as the worked cases write them."""
    return [
        {
            "scale": row.scale,
            "number": row.number,
            "onset": row.onset_at,
            "onset_grade": row.onset_grade,
            "peak": row.peak_at,
            "peak_grade": row.peak_grade,
            "last_sign": row.last_sign_at,
            "resolved": row.resolved_at,
            "settled": row.settled_at,
        }
        for row in episodes(journey_id)
    ]
