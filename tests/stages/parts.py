"""A dose in parts, as the tests of its rooms tell it."""

from datetime import date, timedelta
from typing import Any

import pytest

from cartpath.accounts.models import User
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from infusion.fractions import Series, series
from infusion.inputs import FindingDetails, InfusionDetails, PartDetails
from infusion.models import InfusionPart, LymphodepletionDose
from infusion.part_services import part_record
from infusion.services import (
    finding_record,
    identity_verify,
    infusion_record,
    thaw_start,
)
from tests.factories import Story, patient_details
from toxicity.grading.crs import CrsInput, Oxygen, OxygenDevice

NO_OXYGEN = Oxygen(device=OxygenDevice.NONE)
CRS: dict[int, CrsInput] = {
    0: CrsInput(temperature_c=36.8, hypotension=False, vasopressors=(), oxygen=NO_OXYGEN),
    1: CrsInput(temperature_c=38.6, hypotension=False, vasopressors=(), oxygen=NO_OXYGEN),
    2: CrsInput(temperature_c=38.6, hypotension=True, vasopressors=(), oxygen=NO_OXYGEN),
    3: CrsInput(temperature_c=38.6, hypotension=True, vasopressors=("norepinephrine",), oxygen=NO_OXYGEN),
}


def found(story: Story, quantity: str, value: float, on: date) -> None:
    finding_record(
        journey_id=story.journey_id,
        finding=FindingDetails(quantity=quantity, value=value, found_on=on),  # type: ignore[arg-type]
        by=story.nurse.actor,
        at=story.at,
    )


def today(story: Story) -> date:
    return story.center.local_day(story.at)


def prepared(story: Story, product: str, *, blasts: float | None) -> None:
    """Ready for the first part: lymphodepletion, checklist, identity and thaw; marrow of the day before."""
    story.wanted = {"product": product}
    story.child = patient_details(birth_date=date(2003, 5, 1))
    story.ready()
    if blasts is not None:
        first = LymphodepletionDose.objects.order_by("given_at")[0]
        found(story, "marrow_blasts", blasts, story.center.local_day(first.given_at) - timedelta(days=1))


def given(story: Story, **infusion: Any) -> None:
    infusion_record(
        journey_id=story.journey_id,
        infusion=InfusionDetails(**infusion),
        by=story.clinician.actor,
        at=story.later(minutes=15),
    )


@pytest.fixture
def obe(story: Story) -> Story:
    """Obecabtagene with 10 % blasts: the first part of 100 million cells was given."""
    prepared(story, "obecabtagene", blasts=10)
    given(story, dose_cells=100_000_000)
    return story


def graded(story: Story, grade: int) -> None:
    story.assessed(crs=CRS[grade])


def day(story: Story, number: int) -> None:
    """Let it become noon or so of D+`number`."""
    infused_at = story.journey.infused_at
    assert infused_at is not None
    story.at = infused_at + timedelta(days=number, hours=-5)


def checked(story: Story, fraction: int = 2) -> None:
    identity_verify(
        journey_id=story.journey_id,
        first=story.clinician,
        second=story.nurse,
        at=story.at,
        fraction=fraction,
    )
    thaw_start(journey_id=story.journey_id, by=story.lab.actor, at=story.later(minutes=5), fraction=fraction)


def part(story: Story, *, by: User | None = None, second: User | None = None, **told: Any) -> InfusionPart:
    details = {"fraction": 2, "dose_cells": 310_000_000} | told
    return part_record(
        journey_id=story.journey_id,
        part=PartDetails(**details),
        by=(by or story.clinician).actor,
        at=story.later(minutes=10),
        second=second,
    )


def parts_of(story: Story) -> Series:
    known = series(story.journey, at=story.at)
    assert known is not None
    return known


def event(story: Story, kind: EventKind) -> Event:
    return Event.objects.of(story.journey_id).filter(kind=kind).latest("seq")
