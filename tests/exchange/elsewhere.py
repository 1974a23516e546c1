"""A journey file played in a center that knows nothing of the child yet."""

import json
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.exchange.importing import journey_import
from cartpath.exchange.journey_file import read
from leukapheresis.models import Resource
from tests.conftest import person
from tests.factories import Story


def imported(story: Story, told: dict[str, object]) -> str:
    """The same file in another center."""
    elsewhere = Center.objects.create(code="C", name="Center C", timezone="Europe/Rome", region="EU")
    Resource.objects.create(center=elsewhere, name="Machine 1")
    for known in (story.coordinator, story.clinician, story.second, story.nurse, story.lab):
        person(f"{known.name.lower()}@c.example", known.name, known.memberships.get().role, elsewhere)
    moved = json.loads(json.dumps(told))
    moved["journey"] |= {"center": "C", "id": str(uuid4())}
    now = timezone.now() + timedelta(days=3650)
    return str(journey_import(file=read(json.dumps(moved), now=now), by=Actor.system("import")).journey_id)
