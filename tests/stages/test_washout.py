"""The washout of a drug as the booking counts it."""

from datetime import UTC, datetime, timedelta

from leukapheresis.selectors import washout_of
from patients.inputs import TreatmentDetails
from patients.services import treatment_record
from tests.factories import Story


def test_the_half_life_of_a_drug_shortens_its_washout(story: Story) -> None:
    story.accepted()
    given = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    treatment_record(
        journey_id=story.journey_id,
        treatment=TreatmentDetails(
            drug="Trial drug", drug_class="systemic_therapy", last_dose=given, half_life_hours=12
        ),
        by=story.clinician.actor,
        at=story.at,
    )
    assert washout_of(story.journey, on=story.at.date()).earliest == given + timedelta(hours=60)
