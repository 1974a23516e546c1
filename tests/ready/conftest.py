"""A child whose product is on site, and what is planned, held and recorded before the infusion."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from cartpath.accounts.models import User
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from infusion.bridging.inputs import CourseDetails, CourseEnd
from infusion.bridging.services import bridging_end, bridging_start
from infusion.depletion.inputs import PlanDetails
from infusion.depletion.services import depletion_plan
from infusion.inputs import ChecklistAnswer
from infusion.models import BridgingCourse, ChecklistItem, InfusionHold, LymphodepletionPlan
from infusion.ready.conditions import ReadyPicture, ready_picture
from infusion.ready.holding import infusion_hold, infusion_hold_end
from infusion.ready.inputs import HoldDetails, HoldEnding
from infusion.rules.ready import Condition
from infusion.services import checklist_item_record
from tests.factories import Story
from tests.pages.conftest import Desk

Sit = Callable[[User], Desk]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Nobody attacks these passwords, so that hashing them need not be slow."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def child(story: Story) -> Story:
    """The product is on site, nothing else was done; 18.4 kg and 110 cm."""
    story.released()
    story.later(days=1)
    return story


@pytest.fixture
def desk(story: Story) -> Sit:
    """`desk(ben)` is Ben at his screen."""
    return lambda user: Desk(user, story)


def today(story: Story) -> date:
    """The center's day."""
    return story.center.local_day(story.at)


def begun(story: Story, **told: Any) -> BridgingCourse:
    """A course of bridging that began a week ago."""
    course: dict[str, Any] = {
        "bridging_class": "low_maintenance",
        "regimen": "Mercaptopurine 50 mg/m²",
        "started_on": today(story) - timedelta(days=7),
    }
    return bridging_start(
        journey_id=story.journey_id, course=CourseDetails(**course | told), by=story.nurse.actor, at=story.at
    )


def ended(story: Story, number: int = 1, **told: Any) -> BridgingCourse:
    """The course ended today."""
    end: dict[str, Any] = {"ended_on": today(story), "response": "stable"}
    return bridging_end(
        journey_id=story.journey_id,
        number=number,
        end=CourseEnd(**end | told),
        by=story.nurse.actor,
        at=story.at,
    )


def planned(story: Story, **told: Any) -> LymphodepletionPlan:
    """Lymphodepletion from tomorrow, the infusion six days later."""
    first = today(story) + timedelta(days=1)
    plan: dict[str, Any] = {
        "regimen": "tisagenlecleucel_b_all",
        "starts_on": first,
        "infusion_on": first + timedelta(days=6),
    }
    return depletion_plan(
        journey_id=story.journey_id, plan=PlanDetails(**plan | told), by=story.clinician.actor, at=story.at
    )


def held(story: Story, reason: str = "hold_infection", **told: Any) -> InfusionHold:
    """On hold, to be looked at again tomorrow."""
    hold: dict[str, Any] = {"reason": reason, "review_at": story.at + timedelta(days=1)}
    return infusion_hold(
        journey_id=story.journey_id, hold=HoldDetails(**hold | told), by=story.clinician.actor, at=story.at
    )


def facts(kind: EventKind) -> dict[str, object]:
    """What the last event of a kind says."""
    return dict(Event.objects.filter(kind=kind).order_by("seq").last().data)  # type: ignore[union-attr]


def picture(story: Story) -> ReadyPicture:
    """The ready page as it stands."""
    return ready_picture(story.journey, at=story.at)


def condition(story: Story, name: str) -> Condition:
    """One condition of the ready page."""
    return next(each for each in picture(story).conditions if each.name == name)


def end_hold(story: Story, outcome: str, note: str = "", *, by: object = None, hold: int = 1) -> InfusionHold:
    """A hold ends, by Ben unless said otherwise."""
    return infusion_hold_end(
        journey_id=story.journey_id,
        ending=HoldEnding(hold=hold, outcome=outcome, note=note),  # type: ignore[arg-type]
        by=(by or story.clinician).actor,  # type: ignore[attr-defined]
        at=story.at,
    )


def overridden(story: Story, item: str, *, by: object = None, reason: str = "Discussed.") -> ChecklistItem:
    """Ben goes on against a stop."""
    return checklist_item_record(
        journey_id=story.journey_id,
        answer=ChecklistAnswer(item=item, verdict="overridden", reason=reason),
        by=(by or story.clinician).actor,  # type: ignore[attr-defined]
        at=story.at,
    )
