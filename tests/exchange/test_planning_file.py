"""Arranged days and what resets a plan come back from a journey file as they went in."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.exchange.exporting import journey_export
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import read
from cartpath.reminders.models import Reminder
from followup.arranging import Arrangement, visit_arrange, visit_unarrange
from followup.models import ArrangedVisit, DiseaseEvent
from followup.services import disease_event_strike, relapse_record
from infusion.second_infusion import reinfusion_record
from leukapheresis.models import Resource
from tests.conftest import person
from tests.factories import Story


@pytest.fixture
def elsewhere(db: None) -> Center:
    """Another installation, as far as a file needs it."""
    center = Center.objects.create(code="C", name="Center C", timezone="Europe/Rome", region="EU")
    person("ben@c.example", "Ben", Role.CLINICIAN, center)
    person("nina@c.example", "Nina", Role.APHERESIS_NURSE, center)
    Resource.objects.create(center=center, name="Machine 1")
    return center


def open_items(journey_id: Any) -> set[str]:
    return set(Reminder.objects.open().filter(journey_id=journey_id).values_list("item", flat=True))


def test_days_and_resets_come_back_with_the_plan_they_make(story: Story, elsewhere: Center) -> None:
    story.in_follow_up()
    act: dict[str, Any] = {"journey_id": story.journey_id, "by": story.clinician.actor}
    day = story.center.local_day(story.at)
    for items, in_days in ((("visit_day_28", "visit_month_1"), 15), (("visit_month_1",), 20)):
        told = Arrangement(items=items, planned_on=day + timedelta(days=in_days), starts_at="09:30")
        visit_arrange(arrangement=told, at=story.later(hours=1), **act)
    visit_unarrange(item="visit_day_28", reason_code="family", at=story.later(hours=1), **act)
    wrong = relapse_record(relapsed_on=day, at=story.later(hours=1), **act)
    disease_event_strike(
        row_id=wrong.pk, reason="Other child", by=story.clinician.actor, at=story.later(hours=1)
    )
    at = story.later(days=3)
    infused_on = story.center.local_day(at)
    reinfusion_record(infused_on=infused_on, product="tisagenlecleucel", at=at, **act)

    file = journey_export(story.journey_id)
    moved = json.loads(json.dumps(file))
    moved["journey"] |= {"center": elsewhere.code, "id": str(uuid4())}
    made = journey_import(file=read(json.dumps(moved), now=timezone.now()), by=Actor.system("import"))
    again = journey_export(made.journey_id)
    assert again["events"] == file["events"]
    assert open_items(made.journey_id) == open_items(story.journey_id)
    assert "visit_year_15" in open_items(made.journey_id)
    assert "visit_day_28" not in open_items(made.journey_id)
    days = ArrangedVisit.objects.filter(canceled_at=None).order_by("journey_id")
    assert len({(each.planned_on, each.starts_at) for each in days}) == 1
    assert DiseaseEvent.objects.exclude(struck_at=None).count() == 2
