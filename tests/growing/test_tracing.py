"""Where is my patient: attempts, lost and found, and the list."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cartpath.accounts.models import User
from cartpath.core.errors import Conflict, Invalid
from followup.growing.inputs import AttemptDetails, FindDetails, LossDetails
from followup.growing.services import attempt_record, loss_end, loss_record
from followup.growing.tracing import trace_rows
from followup.models import ContactAttempt, Loss
from patients.services import journey_close
from tests.factories import Story, patient_details
from tests.growing.conftest import act, days_ago, today


def tried(story: Story, outcome: str = "no_answer", in_days: int | None = None) -> ContactAttempt:
    details = AttemptDetails(
        how="phone",
        outcome=outcome,  # type: ignore[arg-type]
        whom="Maria Rossi",
        next_on=None if in_days is None else today(story) + timedelta(days=in_days),
    )
    return attempt_record(attempt=details, **act(story))


def lost(story: Story) -> Loss:
    return loss_record(loss=LossDetails(since=today(story), last_known="Via Roma 1"), **act(story))


def test_a_child_is_lost_once_and_found_again(child: Story) -> None:
    lost(child)
    with pytest.raises(Conflict):
        lost(child)
    found = FindDetails(found_on=days_ago(child, 1), where="Lyon")
    with pytest.raises(Invalid):
        loss_end(found=found, **act(child))
    child.later(days=40)
    loss_end(found=FindDetails(found_on=today(child), where="Lyon"), **act(child))
    with pytest.raises(Conflict):
        loss_end(found=FindDetails(found_on=today(child), where="Lyon"), **act(child))
    lost(child)
    assert Loss.objects.filter(found_on=None).count() == 1


def test_the_next_try_lies_not_before_this_one(child: Story) -> None:
    with pytest.raises(Invalid) as refused:
        tried(child, in_days=-1)
    assert "next_on" in refused.value.fields
    assert tried(child, in_days=0).pk


def test_the_database_knows_one_open_loss_and_no_find_before_it(child: Story) -> None:
    loss = lost(child)
    with pytest.raises(IntegrityError), transaction.atomic():
        Loss.objects.create(journey=child.journey, since_on=today(child))
    with pytest.raises(IntegrityError), transaction.atomic():
        Loss.objects.filter(pk=loss.pk).update(found_on=days_ago(child, 1))


def test_nothing_is_tried_in_a_closed_journey(child: Story) -> None:
    journey_close(reason_code="transferred", note="Elsewhere.", **act(child))
    for do in (tried, lost):
        with pytest.raises(Conflict):
            do(child)


def several(story: Story) -> dict[str, str]:
    """Five children infused on neighboring days, each told another way; journeys by what they are."""
    made, begun_at = {}, story.at
    for days, name in enumerate(("calm", "unseen", "tried", "lost", "found")):
        story.at = begun_at + timedelta(days=days)
        story.child = patient_details(family_name=name.title())
        story.in_follow_up()
        made[name] = str(story.journey_id)
    return made


def test_the_list_is_sorted_by_risk(story: Story, ada: User) -> None:
    made = several(story)
    story.at = story.at + timedelta(days=150)
    for name in ("calm", "tried", "lost", "found"):
        story.journey_id = made[name]  # type: ignore[assignment]
        if name == "calm":
            tried(story, "reached")
        if name == "tried":
            tried(story, in_days=7)
        if name in ("lost", "found"):
            lost(story)
        if name == "found":
            story.later(days=1)
            loss_end(found=FindDetails(found_on=today(story), where="Lyon"), **act(story))
    rows = trace_rows(ada, center_id=story.center.pk, on=today(story))
    assert [row.journey.patient.family_name for row in rows] == ["Lost", "Unseen", "Tried", "Found", "Calm"]
    states = [row.trace.state for row in rows]
    assert states == ["lost", "not_seen", "looked_for", "found", "in_contact"]
    assert [row.is_missing for row in rows] == [True, True, True, True, False]


def test_the_list_costs_six_queries_however_many_children(story: Story, ada: User) -> None:
    counted, begun_at = [], story.at
    for number in range(2):
        story.at = begun_at + timedelta(days=number)
        story.child = patient_details(family_name=f"Child {number}")
        story.in_follow_up()
        trace_rows(ada, center_id=story.center.pk, on=today(story))
        with CaptureQueriesContext(connection) as asked:
            trace_rows(ada, center_id=story.center.pk, on=today(story))
        counted.append(len(asked))
    assert counted[0] == counted[1] <= 7


def test_the_list_shows_nobody_of_another_center(child: Story, cleo: User) -> None:
    assert trace_rows(cleo, center_id=child.center.pk, on=today(child)) == []
