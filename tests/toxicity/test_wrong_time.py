"""A set that was entered under a wrong time is moved in one act, and everything follows."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.verify import verify
from patients.models import Measurement
from tests.factories import Story
from tests.toxicity.bedside import WELL, observed
from toxicity.grading.crs import CrsInput
from toxicity.inputs import InterventionDetails
from toxicity.interventions.services import intervention_record
from toxicity.models import CheckPlan, Episode, ObservationSet
from toxicity.observations.retiming import observations_retime


@pytest.fixture
def child(story: Story) -> Story:
    """A child eight hours after the infusion."""
    story.infused()
    story.later(hours=8)
    return story


def moved(
    story: Story, wrong: ObservationSet, hours: float, reason: str = "Typed 2 for 12."
) -> ObservationSet:
    """The set, seen so many hours later than it was recorded under."""
    return observations_retime(
        set_id=wrong.pk,
        observed_at=wrong.observed_at + timedelta(hours=hours),
        reason=reason,
        by=story.nurse.actor,
        at=story.at,
    )


def test_the_old_set_stays_struck_and_the_new_one_has_the_same_values(child: Story) -> None:
    wrong = observed(child, WELL, weight_kg=18.6, seen_at=child.at - timedelta(hours=6))
    right = moved(child, wrong, 5)
    wrong.refresh_from_db()
    assert wrong.struck_at == child.at
    assert "Typed 2 for 12." in wrong.struck_reason
    assert right.observed_at.astimezone(child.center.zone).strftime("%Y-%m-%d %H:%M") in wrong.struck_reason
    values = {each.code: each.value for each in right.observations.all()}
    assert values == {each.code: each.value for each in wrong.observations.all()}
    assert (right.completes_vitals, right.completes_weight) == (True, True)
    weights = Measurement.objects.filter(patient_id=child.journey.patient_id, weight_kg="18.60")
    assert [each.measured_at for each in weights] == [right.observed_at]
    kinds = [event.kind for event in Event.objects.of(child.journey_id)]
    assert kinds.count(EventKind.OBSERVATIONS_RECORDED) == 2
    assert verify(child.journey_id).breaks == []


def test_episode_and_next_check_follow_the_right_time(child: Story) -> None:
    wrong = observed(child, WELL, temperature_c=39.0, seen_at=child.at - timedelta(hours=6))
    right = moved(child, wrong, 5)
    episode = Episode.objects.get(journey_id=child.journey_id, withdrawn_at=None)
    assert episode.onset_at == right.observed_at
    plan = CheckPlan.objects.get(journey_id=child.journey_id, check_kind="vitals")
    assert plan.done_at == right.observed_at


def test_the_grade_is_that_of_the_right_time(child: Story) -> None:
    """Before the first fever low pressure is no CRS; after it and after treatment it is."""
    low = observed(child, WELL, systolic=70, hypotension=True, seen_at=child.at - timedelta(hours=4))
    assert low.assessment is not None
    assert low.assessment.crs_grade == 0
    child.assessed(crs=CrsInput(temperature_c=39.0))
    child.later(hours=1)
    intervention_record(
        journey_id=child.journey_id,
        intervention=InterventionDetails(agent="antipyretic"),
        by=child.nurse.actor,
        at=child.at,
    )
    child.later(hours=2)
    right = moved(child, low, 10)
    low.refresh_from_db()
    assert low.assessment is not None and right.assessment is not None
    assert low.assessment.struck_at is not None
    assert right.assessment.crs_grade == 2


@pytest.mark.parametrize(("hours", "reason"), [(48, "Wrong."), (1, "  ")])
def test_a_time_to_come_or_no_reason_changes_nothing(child: Story, hours: float, reason: str) -> None:
    wrong = observed(child, seen_at=child.at - timedelta(hours=6))
    with pytest.raises(Invalid):
        moved(child, wrong, hours, reason)
    wrong.refresh_from_db()
    assert wrong.struck_at is None
    assert ObservationSet.objects.count() == 1


def test_the_same_time_and_a_struck_set_are_refused(child: Story) -> None:
    wrong = observed(child, seen_at=child.at - timedelta(hours=6))
    with pytest.raises(Conflict, match="the time it was recorded under"):
        moved(child, wrong, 0)
    moved(child, wrong, 1)
    with pytest.raises(Conflict, match="already"):
        moved(child, wrong, 2)
    assert ObservationSet.objects.filter(struck_at=None).count() == 1


def test_a_nurse_moves_a_set_on_its_page_and_what_she_typed_stays_when_refused(
    child: Story, client: Client
) -> None:
    wrong = observed(child, seen_at=child.at - timedelta(hours=6))
    client.force_login(child.nurse)
    shown = client.get(reverse("toxicity:observation_set", args=[child.journey_id, wrong.pk]))
    url = reverse("toxicity:observation_retime", args=[child.journey_id, wrong.pk])
    assert url in shown.content.decode()
    refused = client.post(url, {"at": "2999-01-01T10:00", "reason": "Clock of the ward."})
    assert refused.status_code == 422
    assert "Clock of the ward." in refused.content.decode()
    at = (wrong.observed_at + timedelta(hours=1)).astimezone(child.center.zone).strftime("%Y-%m-%dT%H:%M")
    assert client.post(url, {"at": at, "reason": "Clock of the ward."}).status_code == 302
    assert ObservationSet.objects.get(struck_at=None).observed_at == wrong.observed_at + timedelta(hours=1)
