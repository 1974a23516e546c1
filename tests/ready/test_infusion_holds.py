"""Holds of the infusion through the services: nothing is given while one is open."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cartpath.core.errors import Conflict, Invalid
from cartpath.reminders.enums import ReminderState
from cartpath.reminders.models import Reminder
from infusion.inputs import InfusionDetails
from infusion.models import InfusionHold
from infusion.ready.holding import hold_strike, infusion_hold
from infusion.ready.inputs import HoldDetails
from infusion.services import (
    infusion_record,
)
from tests.factories import Story
from tests.ready.conftest import (
    condition,
    end_hold,
    held,
    picture,
)


def test_nothing_is_thawed_or_given_while_a_hold_is_open(story: Story) -> None:
    story.ready()
    held(story)
    with pytest.raises(Conflict, match="Active uncontrolled infection") as refused:
        infusion_record(
            journey_id=story.journey_id,
            infusion=InfusionDetails(dose_cells=50_000_000),
            by=story.clinician.actor,
            at=story.later(minutes=10),
        )
    assert refused.value.code == "infusion_held"
    end_hold(story, "resolved")
    infusion_record(
        journey_id=story.journey_id,
        infusion=InfusionDetails(dose_cells=50_000_000),
        by=story.clinician.actor,
        at=story.later(minutes=1),
    )
    assert story.journey.infused_at == story.at


def test_a_hold_is_looked_at_when_its_reminder_says_and_each_review_plans_the_next(child: Story) -> None:
    hold = held(child)
    due = Reminder.objects.get(item="hold_review")
    assert (due.due_at, due.state) == (hold.review_at, ReminderState.OPEN)
    child.later(hours=20)
    again = infusion_hold(
        journey_id=child.journey_id,
        hold=HoldDetails(hold=1, reason="hold_infection", review_at=child.at + timedelta(hours=12)),
        by=child.clinician.actor,
        at=child.at,
    )
    assert (again.pk, again.reviews) == (hold.pk, 1)
    states = Reminder.objects.filter(item="hold_review").order_by("due_at")
    assert [row.state for row in states] == [ReminderState.COMPLETED, ReminderState.OPEN]
    end_hold(child, "resolved")
    assert not Reminder.objects.filter(item="hold_review", state=ReminderState.OPEN).exists()


def test_two_holds_are_told_apart_and_both_must_end(child: Story) -> None:
    held(child)
    held(child, "hold_bag", note="A drop at the port.")
    end_hold(child, "resolved", hold=1)
    assert [line.reason for line in picture(child).holds if line.ended_at is None] == ["hold_bag"]
    assert condition(child, "hold").stands_in_the_way
    with pytest.raises(Conflict):
        end_hold(child, "resolved", hold=1)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"reason": "hold_nothing"}, "reason"),
        ({"reason": "hold_bag"}, "note"),
        ({"reason": "hold_infection", "review_at": timedelta()}, "review_at"),
        ({"reason": "hold_infection", "hold": 7}, "hold"),
    ],
)
def test_a_hold_that_says_too_little_is_refused(child: Story, told: dict[str, object], field: str) -> None:
    given = {
        name: child.at + value if isinstance(value, timedelta) else value for name, value in told.items()
    }
    with pytest.raises(Invalid) as refused:
        held(child, **given)  # type: ignore[arg-type]
    assert field in refused.value.fields


def test_to_go_on_against_a_hold_is_a_clinician_s_decision_with_a_reason(child: Story) -> None:
    held(child)
    with pytest.raises(Invalid) as refused:
        end_hold(child, "decided")
    assert "note" in refused.value.fields
    with pytest.raises(Invalid, match="clinician"):
        end_hold(child, "decided", "It has to be.", by=child.nurse)
    assert end_hold(child, "decided", "Donor waits.").outcome == "decided"


def test_the_database_keeps_a_decision_without_a_reason_out(child: Story) -> None:
    hold = held(child)
    with pytest.raises(IntegrityError), transaction.atomic():
        InfusionHold.objects.filter(pk=hold.pk).update(outcome="decided", ended_at=child.at)


def test_a_struck_hold_holds_nothing(child: Story) -> None:
    hold = held(child)
    hold_strike(hold_id=hold.pk, reason="Another child.", by=child.clinician.actor, at=child.at)
    assert condition(child, "hold").state == "met"
    assert not Reminder.objects.filter(item="hold_review", state=ReminderState.OPEN).exists()


def test_an_infusion_that_was_given_up_stays_barred_until_that_is_struck(story: Story) -> None:
    story.ready()
    hold = held(story)
    end_hold(story, "given_up", "The family decided against it.")
    with pytest.raises(Conflict) as refused:
        infusion_record(
            journey_id=story.journey_id,
            infusion=InfusionDetails(dose_cells=50_000_000),
            by=story.clinician.actor,
            at=story.later(minutes=1),
        )
    assert refused.value.code == "infusion_held"
    hold_strike(hold_id=hold.pk, reason="Said of another child.", by=story.clinician.actor, at=story.at)
    assert condition(story, "hold").state == "met"
