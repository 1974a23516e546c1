"""A dose in parts comes back from its journey file."""

import json
from uuid import uuid4

import pytest
from django.utils import timezone

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.exchange.exporting import journey_export
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import read
from cartpath.ledger.verify import verify
from infusion.models import InfusionPart
from infusion.part_services import parts_stop
from leukapheresis.models import Resource
from tests.conftest import person
from tests.factories import Story
from tests.stages.parts import checked, day, graded, part


@pytest.fixture
def elsewhere(db: None) -> Center:
    """Another installation, as far as a file needs it."""
    center = Center.objects.create(code="C", name="Center C", timezone="Europe/Rome", region="EU")
    for email, name, role in (
        ("ben@c.example", "Ben", Role.CLINICIAN),
        ("cara@c.example", "Cara", Role.CLINICIAN),
        ("nina@c.example", "Nina", Role.APHERESIS_NURSE),
    ):
        person(email, name, role, center)
    Resource.objects.create(center=center, name="Machine 1")
    return center


def test_a_dose_in_parts_comes_back_from_its_file(obe: Story, elsewhere: Center) -> None:
    day(obe, 5)
    graded(obe, 3)
    day(obe, 9)
    graded(obe, 0)
    checked(obe)
    part(obe, gate_reason="Board of 4 May", second=obe.second)
    told = journey_export(obe.journey_id)
    moved = json.loads(json.dumps(told))
    moved["journey"] |= {"center": elsewhere.code, "id": str(uuid4())}
    done = journey_import(
        file=read(json.dumps(moved), now=max(timezone.now(), obe.at)), by=Actor.system("import")
    )
    again = journey_export(done.journey_id)
    assert again["events"] == told["events"]
    assert InfusionPart.objects.get(journey_id=done.journey_id).gate_second == "Cara"
    assert verify(obe.journey_id).breaks == []


def test_a_stopped_series_comes_back_from_its_file(obe: Story, elsewhere: Center) -> None:
    parts_stop(journey_id=obe.journey_id, reason="Infection", by=obe.clinician.actor, at=obe.at)
    told = journey_export(obe.journey_id)
    moved = json.loads(json.dumps(told))
    moved["journey"] |= {"center": elsewhere.code, "id": str(uuid4())}
    done = journey_import(
        file=read(json.dumps(moved), now=max(timezone.now(), obe.at)), by=Actor.system("import")
    )
    assert journey_export(done.journey_id)["events"] == told["events"]
