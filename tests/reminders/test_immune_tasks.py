"""Tasks that blood samples bring: a second sample for B cells, an early return, another IgG."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cartpath.protocols import registry
from cartpath.protocols.plan import Fulfilment
from cartpath.reminders.enums import Cause, ReminderState
from cartpath.reminders.facts import Fact
from cartpath.reminders.models import Reminder
from cartpath.reminders.planner import Planned, plan, relevant_kinds
from followup.immune.inputs import SampleDetails
from followup.immune.services import sample_record, sample_strike
from tests.factories import Story

ROME = ZoneInfo("Europe/Rome")
EU = registry.get("tisagenlecleucel-eu", "1")
DAY_0 = datetime(2026, 3, 2, 11, 0, tzinfo=ROME)
SUSPECTED = {"b_cell_aplasia": "suspected_loss", "b_cell_turn": "suspected_loss"}


class Told:
    """Facts as they became known."""

    def __init__(self: Any) -> None:
        self.facts: list[Fact] = []

    def add(self: Any, kind: str, day: int, corrects: Fact | None = None, **data: Any) -> Fact:
        number = len(self.facts) + 1
        at = DAY_0 + timedelta(days=day)
        fact = Fact(
            id=number,
            seq=number,
            kind=kind,
            occurred_at=at,
            data=data,
            actor_name="Ben",
            corrects_id=corrects.id if corrects else None,
            recorded_at=at,
        )
        self.facts.append(fact)
        return fact

    def of(self: Any, item: str) -> list[Planned]:
        return [each for each in plan(self.facts, EU, ROME) if each.item.item == item]

    def causes(self: Any, item: str) -> list[Cause | None]:
        return [each.closing.cause if each.closing else None for each in self.of(item)]


@pytest.fixture
def told() -> Told:
    """A child infused on 2 March 2026."""
    found = Told()
    found.add("infused", 0)
    return found


def test_a_second_sample_is_asked_for_from_14_to_28_days_after_the_first(told: Told) -> None:
    told.add("sample_recorded", 60, **SUSPECTED)
    (asked,) = told.of("b_cell_second_sample")
    first = (DAY_0 + timedelta(days=60)).date()
    assert asked.due.first_on == first + timedelta(days=14)
    assert asked.due.last_on == first + timedelta(days=28)
    assert asked.item.role == "clinician"


@pytest.mark.parametrize("kind", ["sample_recorded", "visit_recorded", "findings_added"])
@pytest.mark.parametrize("state", ["lost", "ongoing"])
def test_any_later_sample_that_tells_fulfils_it_wherever_it_was_taken(
    told: Told, kind: str, state: str
) -> None:
    told.add("visit_recorded", 60, item="visit_month_2", **SUSPECTED)
    assert told.causes("b_cell_second_sample") == [None]
    told.add(kind, 80, b_cell_aplasia=state)
    assert told.causes("b_cell_second_sample") == [Cause.FULFILLED]


def test_a_visit_that_leaves_the_suspicion_open_fulfils_nothing_and_asks_for_no_second(told: Told) -> None:
    told.add("sample_recorded", 60, **SUSPECTED)
    told.add("visit_recorded", 65, item="visit_month_2", b_cell_aplasia="suspected_loss")
    assert told.causes("b_cell_second_sample") == [None]


@pytest.mark.parametrize("kind", ["transplanted", "reinfused", "closed"])
def test_a_transplant_or_another_infusion_cancels_it(told: Told, kind: str) -> None:
    told.add("sample_recorded", 60, **SUSPECTED)
    told.add(kind, 70, transplanted_on="2026-05-11", reason_code="transferred")
    (cause,) = told.causes("b_cell_second_sample")
    assert cause in (Cause.STOPPED, Cause.JOURNEY_CLOSED)


def test_a_struck_sample_takes_its_task_along(told: Told) -> None:
    first = told.add("sample_recorded", 60, **SUSPECTED)
    told.add("entered_in_error", 61, corrects=first)
    assert told.causes("b_cell_second_sample") == [Cause.ENTERED_IN_ERROR]


def test_each_suspicion_asks_anew(told: Told) -> None:
    told.add("sample_recorded", 60, **SUSPECTED)
    told.add("sample_recorded", 76, b_cell_aplasia="ongoing", b_cell_turn="ongoing")
    told.add("sample_recorded", 200, **SUSPECTED)
    assert told.causes("b_cell_second_sample") == [Cause.FULFILLED, None]
    assert [each.occurrence for each in told.of("b_cell_second_sample")] == [1, 2]


def test_an_early_return_is_put_to_the_clinician_until_somebody_decided(told: Told) -> None:
    told.add("sample_recorded", 60, **SUSPECTED, b_cell_alert="early_loss")
    (asked,) = told.of("b_cell_early_loss")
    assert (asked.item.role, asked.item.priority) == ("clinician", 1)
    assert asked.due.due_on == date(2026, 5, 1)
    told.add("reminder_completed", 62, item="b_cell_early_loss", occurrence=1)
    assert told.causes("b_cell_early_loss") == [Cause.FULFILLED]


def test_a_suspicion_taken_back_settles_the_early_return_too(told: Told) -> None:
    told.add("sample_recorded", 60, **SUSPECTED, b_cell_alert="early_loss")
    told.add("visit_recorded", 80, item="visit_month_3", b_cell_aplasia="ongoing")
    assert told.causes("b_cell_early_loss") == [Cause.SKIPPED]


def test_a_late_return_alarms_nobody(told: Told) -> None:
    told.add("sample_recorded", 300, **SUSPECTED)
    assert told.of("b_cell_early_loss") == []


def test_a_low_igg_asks_for_another_a_month_later_until_it_is_enough(told: Told) -> None:
    told.add("visit_recorded", 60, item="visit_month_2", igg_level="low")
    told.add("sample_recorded", 90, igg_level="low")
    told.add("sample_recorded", 120, igg_level="enough")
    assert told.causes("igg_again") == [Cause.FULFILLED, Cause.FULFILLED]
    assert told.of("igg_again")[0].due.due_on == date(2026, 6, 1)


def test_every_kind_that_anchors_or_fulfils_is_watched() -> None:
    assert {"sample_recorded", "visit_recorded", "findings_added"} <= relevant_kinds(EU)


def test_a_fulfilment_of_several_kinds_matches_each_of_them_and_no_other() -> None:
    wanted = Fulfilment(kind="sample_recorded", also=("visit_recorded",), match={"igg_level": "low"})
    assert wanted.matches("visit_recorded", {"igg_level": "low"})
    assert not wanted.matches("visit_recorded", {"igg_level": "enough"})
    assert not wanted.matches("visit_skipped", {"igg_level": "low"})


def test_through_the_services_the_task_opens_and_closes_with_the_samples(story: Story) -> None:
    story.in_follow_up()
    story.later(days=40)

    def sampled(percent: float) -> Any:
        return sample_record(
            journey_id=story.journey_id,
            sample=SampleDetails(taken_on=story.center.local_day(story.at), b_cells_percent=percent),
            by=story.clinician.actor,
            at=story.at,
        )

    sampled(5)
    asked = Reminder.objects.get(item="b_cell_second_sample")
    assert asked.state == ReminderState.OPEN
    assert Reminder.objects.get(item="b_cell_early_loss").state == ReminderState.OPEN
    story.later(days=15)
    second = sampled(5)
    asked.refresh_from_db()
    assert (asked.state, asked.cause) == (ReminderState.COMPLETED, Cause.FULFILLED)
    sample_strike(sample_id=second.pk, reason="Mixed up.", by=story.clinician.actor, at=story.at)
    asked.refresh_from_db()
    assert asked.state == ReminderState.OPEN
