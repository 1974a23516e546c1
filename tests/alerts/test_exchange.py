"""Alerts in a journey file: made again by what raised them, compared, and answered as they were."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.exchange.exporting import journey_export
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import JourneyFileError, read
from tests.alerts.conftest import Night
from tests.exchange.test_round_trip import carried_over
from tests.exchange.test_round_trip import elsewhere as elsewhere
from toxicity.grading.crs import CrsInput
from toxicity.grading.icans import IcansInput, Seizure
from toxicity.models import Alert

pytestmark = pytest.mark.django_db

WELL = CrsInput(temperature_c=36.8, hypotension=False, vasopressors=())


def alerts(center: Center) -> list[tuple[Any, ...]]:
    """Everything of the alerts of a center but their keys."""
    found = Alert.objects.filter(center=center).order_by("event_id")
    return list(
        found.values_list("case", "urgency", "degree", "answer", "note", "raised_at", "cleared_because")
    )


def test_alerts_come_back_with_their_answers(night: Night, elsewhere: Center) -> None:
    night.story.assessed(crs=CrsInput(temperature_c=38.9), icans=IcansInput(seizure=Seizure.RESOLVED))
    night.answers("alert_seizure", "alert_new_fever", answer="help_called")
    for _look in range(2):
        night.story.later(hours=20)
        night.story.assessed(crs=WELL, icans=IcansInput(seizure=Seizure.NONE))
    told, again = carried_over(night.story.journey_id, elsewhere)
    kinds = [event["kind"] for event in told["events"]]
    assert (kinds.count("alert_raised"), kinds.count("alert_acknowledged")) >= (2, 2)
    assert "alert_cleared" in kinds
    assert again == told
    assert alerts(elsewhere) == alerts(night.story.center)


def test_a_file_that_tells_another_alert_than_the_facts_give_is_refused(
    night: Night, elsewhere: Center
) -> None:
    night.story.assessed(crs=CrsInput(temperature_c=38.9))
    told = journey_export(night.story.journey_id)
    told["journey"] |= {"center": elsewhere.code, "id": str(uuid4())}
    raised = next(event for event in told["events"] if event["kind"] == "alert_raised")
    raised["data"]["degree"] = 7.0
    with pytest.raises(JourneyFileError) as refused:
        journey_import(file=read(json.dumps(told), now=timezone.now()), by=Actor.system("import"))
    assert "degree" in str(refused.value)
