"""One child at the bedside, read once: what stands, how long, in how many queries."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.models import Journey, Patient
from tests.factories import Story
from tests.toxicity.bedside import ALERT, RESTLESS, WELL, infused_teenager, observed
from toxicity.bedside import bedside
from toxicity.observations.inputs import ObservationEntry
from toxicity.observations.services import observations_correct, observations_strike


def test_readings_go_three_days_back_and_leave_out_what_was_struck(story: Story) -> None:
    story.infused()
    story.later(hours=1)
    observed(story, ObservationEntry(temperature_c=36.6))
    story.later(hours=70)
    wrong = observed(story, ObservationEntry(temperature_c=41.0))
    observations_strike(set_id=wrong.pk, reason="Another child.", by=story.nurse.actor, at=story.at)
    typed = observed(story, ObservationEntry(temperature_c=39.5))
    observations_correct(
        set_id=typed.pk,
        changes={"temperature_c": 38.5},
        reason="Typed wrong.",
        by=story.nurse.actor,
        at=story.at,
    )
    seen = bedside(story.journey, at=story.at)
    assert [each.value for each in seen.readings["temperature_c"]] == [36.6, 38.5]
    story.later(hours=3)
    later = bedside(story.journey, at=story.at)
    assert [each.value for each in later.readings["temperature_c"]] == [38.5]
    assert later.latest("spo2") is None


def test_grades_stay_known_however_old_and_say_what_they_miss(story: Story) -> None:
    story.infused()
    story.later(hours=4)
    observed(story, ObservationEntry(temperature_c=39.0))
    story.later(days=5)
    seen = bedside(story.journey, at=story.at)
    assert seen.graded == []
    assert seen.crs is not None
    assert (seen.crs.grade, seen.crs.at_least, seen.crs.missing) == (1, True, ("hypotension", "hypoxia"))
    assert seen.icans is None


def test_the_child_s_own_values_before_the_infusion_are_the_baseline(story: Story) -> None:
    story.infused()
    infused_at = story.journey.infused_at
    assert infused_at is not None
    observed(story, WELL, systolic=108, seen_at=infused_at - timedelta(days=2))
    observed(story, WELL, systolic=104, seen_at=infused_at - timedelta(hours=3))
    observed(story, ALERT, capd=RESTLESS, seen_at=infused_at - timedelta(hours=3))
    story.later(days=6)
    graded = observed(story, ALERT)
    seen = bedside(story.journey, at=story.at)
    assert {code: each.value for code, each in seen.baseline.items()} == {"systolic": 104.0, "capd": 20.0}
    assert graded.assessment is not None and graded.assessment.icans is not None
    assert graded.assessment.icans["inputs"]["capd_baseline"] == 20


def test_age_instrument_and_limits_are_those_of_the_day(story: Story) -> None:
    infused_teenager(story)
    story.later(hours=2)
    seen = bedside(story.journey, at=story.at)
    assert (seen.age_years, seen.instrument, seen.dosing_weight_kg) == (14, "ICE", None)
    assert seen.limits["systolic"].urgent_low == 90
    observed(story, ALERT, developmental_delay=True)
    assert bedside(story.journey, at=story.at).instrument == "CAPD"


def test_ice_begins_on_the_twelfth_birthday(story: Story) -> None:
    story.infused()
    birthday = (story.at + timedelta(days=2)).date()
    born = birthday.replace(year=birthday.year - 12)
    Patient.objects.filter(pk=story.journey.patient_id).update(birth_date=born)
    story.later(days=1)
    assert bedside(story.journey, at=story.at).instrument == "CAPD"
    story.later(days=1)
    assert bedside(story.journey, at=story.at).instrument == "ICE"


def test_a_bedside_full_of_rounds_is_read_in_six_queries(story: Story) -> None:
    story.infused()
    for _round in range(4):
        story.later(hours=4)
        observed(story, WELL, temperature_c=39.0)
        observed(story, ALERT)
    journey = Journey.objects.select_related("patient", "center").get(pk=story.journey_id)
    with CaptureQueriesContext(connection) as asked:
        seen = bedside(journey, at=story.at)
    assert len(asked) == 6
    assert len(seen.readings["temperature_c"]) == 4
