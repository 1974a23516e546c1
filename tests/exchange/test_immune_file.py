"""Samples, drugs, immunoglobulin and vaccines go out in a file and come in again as the same."""

from datetime import timedelta

import pytest

from cartpath.exchange.exporting import journey_export
from cartpath.exchange.journey_file import JourneyFileError
from cartpath.ledger.verify import verify
from followup.immune.inputs import (
    CourseDetails,
    CourseEnd,
    ImmunoglobulinDetails,
    SampleDetails,
    VaccinationDetails,
)
from followup.immune.services import (
    course_start,
    course_stop,
    course_strike,
    immunoglobulin_give,
    immunoglobulin_strike,
    sample_record,
    sample_strike,
    vaccine_give,
    vaccine_strike,
)
from followup.models import Course, ImmuneSample, Immunoglobulin, Vaccination
from followup.services import transplant_record
from tests.exchange.elsewhere import imported
from tests.factories import Story


def everything(story: Story) -> None:
    """Each kind of record once, and each struck once."""
    story.in_follow_up()
    by = story.clinician.actor

    def day() -> object:
        return story.center.local_day(story.at)

    def act() -> dict[str, object]:
        return {"by": by, "at": story.later(hours=1)}

    def sample(**found: object) -> ImmuneSample:
        details = SampleDetails(taken_on=day(), **found)
        return sample_record(journey_id=story.journey_id, sample=details, **act())

    story.later(days=30)
    sample(b_cells_percent=0.0, igg_mg_dl=380.0, origin="home")
    story.later(days=30)
    sample(b_cells_percent=4.0, vaccine_response="impaired")
    wrong = sample(b_cells_percent=50.0, note="Mixed up.")
    sample_strike(sample_id=wrong.pk, reason="Mixed up.", **act())
    pjp = CourseDetails(group="pjp", drug="Pentamidine", started_on=day())
    course = course_start(journey_id=story.journey_id, course=pjp, **act())
    story.later(days=5)
    end = CourseEnd(stopped_on=day(), reason="Allergy.")
    course_stop(course_id=course.pk, end=end, **act())
    course_strike(course_id=course.pk, reason="Still given.", **act())
    dose = ImmunoglobulinDetails(given_on=day(), route="iv", dose_g=9.0)
    immunoglobulin_give(journey_id=story.journey_id, dose=dose, **act())
    second = immunoglobulin_give(journey_id=story.journey_id, dose=dose, **act())
    immunoglobulin_strike(dose_id=second.pk, reason="Twice.", **act())
    told = VaccinationDetails(vaccine="mmr", given_on=day(), lot="L1", override_reason="Outbreak.")
    first = vaccine_give(journey_id=story.journey_id, vaccination=told, **act())
    vaccine_strike(vaccination_id=first.pk, reason="Not given.", **act())
    influenza = VaccinationDetails(vaccine="influenza", given_on=day(), dose_number=1)
    vaccine_give(journey_id=story.journey_id, vaccination=influenza, **act())
    story.later(days=20)
    sample(list_complete=True)
    transplant_record(
        journey_id=story.journey_id,
        transplanted_on=day(),
        conditioning_on=day() - timedelta(days=7),
        **act(),
    )


def test_every_record_comes_back_as_it_was(story: Story) -> None:
    everything(story)
    told = journey_export(story.journey_id)
    made = imported(story, told)
    again = journey_export(made)
    assert [event["kind"] for event in again["events"]] == [event["kind"] for event in told["events"]]
    for before, after in zip(told["events"], again["events"], strict=True):
        assert after["data"] == before["data"], before["kind"]
    assert verify().breaks == []
    for table in (ImmuneSample, Course, Immunoglobulin, Vaccination):
        assert table.objects.filter(journey_id=made).count() == (
            table.objects.filter(journey_id=story.journey_id).count()
        )
    assert Course.objects.get(journey_id=made).stopped_on is None


def test_a_file_that_ends_a_drug_nobody_began_is_refused(story: Story) -> None:
    everything(story)
    told = journey_export(story.journey_id)
    events = [event for event in told["events"] if event["kind"] != "therapy_started"]
    kept = [event for event in events if event["kind"] != "entered_in_error"]
    with pytest.raises(JourneyFileError, match="No such drug is running"):
        imported(story, told | {"events": [{k: v for k, v in e.items() if k != "corrects"} for e in kept]})
    assert not Course.objects.filter(journey__center__code="C").exists()
