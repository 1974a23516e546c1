"""The plan of one journey, from facts alone: no database, no clock."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cartpath.protocols import registry
from cartpath.reminders.enums import Cause, ReminderState
from cartpath.reminders.facts import Fact
from cartpath.reminders.planner import Planned, plan

ROME = ZoneInfo("Europe/Rome")
PROTOCOL = registry.get("tisagenlecleucel-eu", "1")
DAY_0 = datetime(2026, 3, 2, 11, 0, tzinfo=ROME)


class Ledger:
    """Facts in the order in which they became known."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def add(self, kind: str, at: datetime, corrects: Fact | None = None, **data: Any) -> Fact:
        """Write one fact."""
        number = len(self.facts) + 1
        fact = Fact(
            id=1000 + number,
            seq=number,
            kind=kind,
            occurred_at=at.astimezone(UTC),
            data=data,
            corrects_id=corrects.id if corrects else None,
            actor_name="Ada",
        )
        self.facts.append(fact)
        return fact

    def plan(self) -> dict[tuple[str, int], Planned]:
        """What is planned, by item and occurrence."""
        return {(each.item.item, each.occurrence): each for each in plan(self.facts, PROTOCOL, zone=ROME)}

    def open(self) -> set[str]:
        """Items that still wait."""
        return {item for (item, _), each in self.plan().items() if each.closing is None}


@pytest.fixture
def ledger() -> Ledger:
    """A ledger with nothing in it."""
    return Ledger()


def infused(ledger: Ledger, at: datetime = DAY_0) -> Fact:
    """Day 0."""
    return ledger.add("infused", at)


@pytest.mark.parametrize(
    ("day_0", "item", "due"),
    [
        (date(2024, 2, 29), "visit_day_28", date(2024, 3, 28)),
        (date(2024, 2, 29), "visit_month_1", date(2024, 3, 29)),
        (date(2024, 2, 29), "visit_month_12", date(2025, 2, 28)),
        (date(2024, 2, 29), "visit_month_48", date(2028, 2, 29)),
        (date(2024, 2, 29), "visit_year_15", date(2039, 2, 28)),
        (date(2024, 8, 31), "registry_day_100", date(2024, 12, 9)),
        (date(2024, 8, 31), "visit_month_1", date(2024, 9, 30)),
        (date(2024, 8, 31), "visit_month_2", date(2024, 10, 31)),
        (date(2024, 8, 31), "visit_month_6", date(2025, 2, 28)),
        (date(2024, 8, 31), "visit_month_12", date(2025, 8, 31)),
    ],
)
def test_months_are_counted_from_day_0_and_clamped(ledger: Ledger, day_0: date, item: str, due: date) -> None:
    infused(ledger, datetime(day_0.year, day_0.month, day_0.day, 10, 30, tzinfo=ROME))
    assert ledger.plan()[item, 1].due.due_on == due


def test_an_infusion_just_after_local_midnight_counts_from_the_local_day(ledger: Ledger) -> None:
    infused(ledger, datetime(2026, 7, 1, 0, 30, tzinfo=ROME))  # 30 June in UTC
    assert ledger.plan()["visit_month_1", 1].due.due_on == date(2026, 8, 1)


def test_a_calendar_item_is_announced_at_seven_in_the_morning_also_after_a_clock_change(
    ledger: Ledger,
) -> None:
    infused(ledger)
    plan_of = ledger.plan()
    winter_and_summer = plan_of["visit_day_28", 1], plan_of["visit_month_12", 1]
    assert [each.notify_at.astimezone(ROME).time().hour for each in winter_and_summer] == [7, 7]
    assert plan_of["visit_day_28", 1].notify_at == datetime(2026, 3, 27, 6, 0, tzinfo=UTC)
    assert plan_of["visit_month_2", 1].notify_at == datetime(2026, 4, 25, 5, 0, tzinfo=UTC)


def test_an_item_counted_in_hours_is_announced_at_its_hour(ledger: Ledger) -> None:
    infused(ledger)
    assert ledger.plan()["toxicity_assessment", 1].notify_at == DAY_0 + timedelta(hours=12)


def test_the_plan_reaches_fifteen_years(ledger: Ledger) -> None:
    infused(ledger)
    last = max(ledger.plan().values(), key=lambda each: each.due.due_at)
    assert last.due.due_on == date(2041, 3, 2)


def test_a_recorded_visit_completes_its_own_reminder_only(ledger: Ledger) -> None:
    infused(ledger)
    visit = ledger.add("visit_recorded", DAY_0 + timedelta(days=61), item="visit_month_2")
    closed = {key: each.closing for key, each in ledger.plan().items() if each.closing}
    assert set(closed) == {("visit_month_2", 1)}
    assert closed["visit_month_2", 1].state == ReminderState.COMPLETED
    assert closed["visit_month_2", 1].fact == visit


def test_a_visit_entered_in_error_opens_its_reminder_again(ledger: Ledger) -> None:
    infused(ledger)
    visit = ledger.add("visit_recorded", DAY_0 + timedelta(days=61), item="visit_month_2")
    ledger.add("entered_in_error", DAY_0 + timedelta(days=62), corrects=visit, reason="other child")
    assert "visit_month_2" in ledger.open()


def test_a_skipped_visit_is_canceled_and_says_so(ledger: Ledger) -> None:
    infused(ledger)
    ledger.add("visit_skipped", DAY_0 + timedelta(days=61), item="visit_month_2")
    closing = ledger.plan()["visit_month_2", 1].closing
    assert closing is not None
    assert (closing.state, closing.cause) == (ReminderState.CANCELED, Cause.SKIPPED)


def test_an_assessment_fulfils_the_occurrence_in_whose_window_it_lies(ledger: Ledger) -> None:
    infused(ledger)
    ledger.add("toxicity_assessed", DAY_0 + timedelta(hours=23))
    closings = [ledger.plan()["toxicity_assessment", number].closing for number in (1, 2, 3)]
    assert [closing and closing.cause for closing in closings] == [Cause.OVERTAKEN, Cause.FULFILLED, None]


def test_a_late_assessment_completes_the_last_one_that_had_opened(ledger: Ledger) -> None:
    infused(ledger)
    ledger.add(
        "toxicity_assessed", DAY_0 + timedelta(hours=16)
    )  # after the window of hour 12, before that of 24
    closings = [ledger.plan()["toxicity_assessment", number].closing for number in (1, 2)]
    assert [closing and closing.cause for closing in closings] == [Cause.FULFILLED, None]


def test_an_assessment_recorded_late_still_completes_the_one_it_belongs_to(ledger: Ledger) -> None:
    infused(ledger)
    ledger.add("toxicity_assessed", DAY_0 + timedelta(hours=24))
    ledger.add("toxicity_assessed", DAY_0 + timedelta(hours=12))
    closings = [ledger.plan()["toxicity_assessment", number].closing for number in (1, 2)]
    assert [closing and closing.cause for closing in closings] == [Cause.FULFILLED, Cause.FULFILLED]


def test_an_assessment_before_the_infusion_fulfils_nothing(ledger: Ledger) -> None:
    ledger.add("toxicity_assessed", DAY_0 - timedelta(hours=2))
    infused(ledger)
    assert "toxicity_assessment" in ledger.open()
    assert all(each.closing is None for each in ledger.plan().values())


def test_the_end_of_acute_monitoring_stops_assessments_but_no_visits(ledger: Ledger) -> None:
    infused(ledger)
    ledger.add("acute_monitoring_ended", DAY_0 + timedelta(days=9))
    assert "toxicity_assessment" not in ledger.open()
    assert "visit_day_28" in ledger.open()
    assert ledger.plan()["acute_monitoring_review", 1].closing.cause == Cause.FULFILLED


def test_a_second_infusion_leaves_the_first_day_0_in_force(ledger: Ledger) -> None:
    infused(ledger)
    before = ledger.plan()
    infused(ledger, DAY_0 + timedelta(days=90))
    assert ledger.plan() == before


def test_a_corrected_infusion_plans_anew_and_keeps_what_was_planned_before(ledger: Ledger) -> None:
    wrong = infused(ledger)
    right = ledger.add("infused", DAY_0 + timedelta(days=1), corrects=wrong)
    plan_of = ledger.plan()
    old, new = plan_of["visit_day_28", 1], plan_of["visit_day_28", 2]
    assert old.due.due_on == date(2026, 3, 30)
    assert old.closing.cause == Cause.ENTERED_IN_ERROR
    assert (new.due.due_on, new.closing, new.anchor) == (date(2026, 3, 31), None, right)


def test_a_visit_done_before_the_infusion_was_corrected_counts_for_the_new_plan(ledger: Ledger) -> None:
    wrong = infused(ledger)
    ledger.add("visit_recorded", DAY_0 + timedelta(days=28), item="visit_day_28")
    ledger.add("infused", DAY_0 + timedelta(days=1), corrects=wrong)
    assert ledger.plan()["visit_day_28", 2].closing.cause == Cause.FULFILLED


def test_a_struck_infusion_cancels_everything_counted_from_it(ledger: Ledger) -> None:
    wrong = infused(ledger)
    ledger.add("entered_in_error", DAY_0 + timedelta(days=1), corrects=wrong, reason="other child")
    assert ledger.open() == set()


def test_an_earlier_infusion_that_becomes_known_later_takes_over(ledger: Ledger) -> None:
    infused(ledger)
    infused(ledger, DAY_0 - timedelta(days=10))
    plan_of = ledger.plan()
    assert plan_of["visit_day_28", 1].closing.cause == Cause.NEW_ANCHOR
    assert plan_of["visit_day_28", 2].due.due_on == date(2026, 3, 20)


def test_a_new_booking_moves_what_is_counted_from_the_latest_one(ledger: Ledger) -> None:
    first = ledger.add("apheresis_booked", DAY_0)
    second = ledger.add("apheresis_booked", DAY_0 + timedelta(days=2))
    plan_of = {key: each for key, each in ledger.plan().items() if each.item.anchor == "apheresis_booked"}
    replaced = [each for each in plan_of.values() if each.anchor == first]
    assert [each.closing.cause for each in replaced] == [Cause.NEW_ANCHOR] * len(replaced)
    assert [each.closing for each in plan_of.values() if each.anchor == second] == [None] * len(replaced)


def test_a_release_does_not_pass_for_the_release_of_a_later_collection(ledger: Ledger) -> None:
    ledger.add("collection_completed", DAY_0)
    ledger.add("product_released", DAY_0 + timedelta(days=26))
    ledger.add("collection_completed", DAY_0 + timedelta(days=40))
    plan_of = ledger.plan()
    assert plan_of["product_release", 1].closing.cause == Cause.FULFILLED
    assert plan_of["product_release", 2].closing is None


def test_closing_the_journey_cancels_everything(ledger: Ledger) -> None:
    infused(ledger)
    ledger.add("closed", DAY_0 + timedelta(days=50), reason_code="lost_to_follow_up")
    assert ledger.open() == set()


def test_after_death_only_the_next_registry_form_is_still_wanted(ledger: Ledger) -> None:
    infused(ledger)
    died_at = DAY_0 + timedelta(days=60)
    ledger.add("died", died_at, died_on=died_at.date().isoformat())
    ledger.add("closed", died_at, reason_code="died")
    assert ledger.open() == {"registry_day_100"}
    assert ledger.plan()["registry_year_1", 1].closing.cause == Cause.DIED


def test_a_registry_form_that_was_owed_before_death_stays_owed(ledger: Ledger) -> None:
    infused(ledger)
    died_at = DAY_0 + timedelta(days=150)
    ledger.add("died", died_at, died_on=died_at.date().isoformat())
    ledger.add("closed", died_at, reason_code="died")
    assert ledger.open() == {"registry_day_100", "registry_month_6"}


def test_completing_by_hand_closes_that_occurrence_only(ledger: Ledger) -> None:
    infused(ledger)
    ledger.add("reminder_completed", DAY_0, item="toxicity_assessment", occurrence=2, reason="on paper")
    closings = [ledger.plan()["toxicity_assessment", number].closing for number in (1, 2, 3)]
    assert [closing and closing.cause for closing in closings] == [None, Cause.BY_HAND, None]


def test_the_order_in_which_facts_become_known_does_not_change_the_outcome(ledger: Ledger) -> None:
    day = timedelta(days=1)
    story: list[tuple[str, datetime, dict[str, Any]]] = [
        ("infused", DAY_0, {}),
        ("toxicity_assessed", DAY_0 + day, {}),
        ("acute_monitoring_ended", DAY_0 + 9 * day, {}),
        ("visit_recorded", DAY_0 + 28 * day, {"item": "visit_day_28"}),
        ("visit_recorded", DAY_0 + 59 * day, {"item": "visit_month_2"}),
    ]
    backwards = Ledger()
    for kind, at, data in story:
        ledger.add(kind, at, **data)
    for kind, at, data in reversed(story):
        backwards.add(kind, at, **data)
    causes = [
        {key: each.closing and each.closing.cause for key, each in told.plan().items()}
        for told in (ledger, backwards)
    ]
    assert causes[0] == causes[1]


def test_fifteen_years_are_planned_in_a_few_milliseconds(ledger: Ledger) -> None:
    infused(ledger)
    for month in range(1, 7):
        ledger.add("visit_recorded", DAY_0 + timedelta(days=30 * month), item=f"visit_month_{month}")
    started = time.perf_counter()
    for _ in range(5):
        ledger.plan()
    assert (time.perf_counter() - started) / 5 < 0.025
