"""Rounds at the bedside in a journey file: the same sets, corrections and grades come back elsewhere."""

from datetime import timedelta

from cartpath.accounts.models import Center
from cartpath.ledger.kinds import EventKind
from tests.exchange.test_round_trip import carried_over
from tests.exchange.test_round_trip import elsewhere as elsewhere
from tests.factories import Story
from tests.toxicity.bedside import ALERT, WELL, observed
from toxicity.models import Assessment, Observation, ObservationSet
from toxicity.observations.catalog import NotTakenReason, ObservationCode
from toxicity.observations.inputs import NotTaken
from toxicity.observations.retiming import observations_retime
from toxicity.observations.services import observations_correct, observations_strike, set_entry
from toxicity.signing import result_confirm


def test_rounds_with_corrections_strikes_and_signatures_come_back(story: Story, elsewhere: Center) -> None:
    story.infused()
    story.later(hours=4)
    first = observed(story, WELL, temperature_c=39.6, systolic=77, diastolic=40, weight_kg=18.7)
    story.later(hours=4)
    signed = observed(story, ALERT, fever_other_cause=True, note="Tired.")
    assert signed.assessment is not None
    result_confirm(
        assessment_id=signed.assessment.pk,
        rule="icans",
        grade=1,
        reason="Writes worse than yesterday.",
        by=story.clinician.actor,
        at=story.later(minutes=20),
    )
    observations_correct(
        set_id=first.pk,
        changes={"temperature_c": 38.6, "spo2": None},
        reason="Typed wrong.",
        by=story.nurse.actor,
        at=story.later(minutes=5),
    )
    struck = observed(story, WELL, temperature_c=41.2)
    observations_strike(
        set_id=struck.pk, reason="Another child.", by=story.nurse.actor, at=story.later(minutes=5)
    )
    told, again = carried_over(story.journey_id, elsewhere)
    assert again == told
    kinds = [event["kind"] for event in told["events"]]
    assert kinds.count(EventKind.OBSERVATIONS_RECORDED) == 3
    (correction,) = (each for each in told["events"] if each["kind"] == EventKind.OBSERVATION_CORRECTED)
    assert told["events"][correction["confirms"]]["data"]["systolic"] == 77
    copies = ObservationSet.objects.filter(center=elsewhere)
    assert [each.struck_reason for each in copies.order_by("event_id")] == ["", "", "Another child."]
    warm = Observation.objects.filter(observation_set__center=elsewhere, code="temperature_c")
    assert sorted((float(each.value or 0), each.struck_at is None) for each in warm) == [
        (38.6, True),
        (39.6, False),
        (41.2, True),
    ]
    graded = Assessment.objects.filter(center=elsewhere, struck_at=None).order_by("assessed_at")
    assert [(each.crs_final, each.icans_final) for each in graded] == [(2, None), (None, 1)]


def test_a_round_under_a_wrong_time_and_what_could_not_be_taken_come_back(
    story: Story, elsewhere: Center
) -> None:
    story.infused()
    story.later(hours=8)
    asleep = (NotTaken(ObservationCode.SYSTOLIC, NotTakenReason.ASLEEP),)
    wrong = observed(story, WELL, systolic=None, diastolic=None, not_taken=asleep)
    story.later(hours=1)
    observations_retime(
        set_id=wrong.pk,
        observed_at=wrong.observed_at - timedelta(hours=1),
        reason="Clock of the ward.",
        by=story.nurse.actor,
        at=story.at,
    )
    told, again = carried_over(story.journey_id, elsewhere)
    assert again == told
    copies = ObservationSet.objects.filter(center=elsewhere).order_by("event_id")
    assert [each.struck_at is None for each in copies] == [False, True]
    assert [set_entry(each).not_taken for each in copies] == [asleep, asleep]
