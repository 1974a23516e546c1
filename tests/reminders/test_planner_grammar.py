"""What rows of a plan can say: birthdays, anchors by what they hold, each event an anchor, resets."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.core.dates import age_on
from cartpath.protocols import checks, registry
from cartpath.protocols.plan import At, Fulfilment, Series, Window
from cartpath.protocols.schema import Protocol
from cartpath.reminders.enums import Cause
from cartpath.reminders.facts import Fact
from cartpath.reminders.planner import Planned, plan, relevant_kinds

ROME = ZoneInfo("Europe/Rome")
EU = registry.get("tisagenlecleucel-eu", "1")
DAY_0 = datetime(2026, 3, 2, 11, 0, tzinfo=ROME)
DAY = timedelta(days=1)

Keys = dict[tuple[str, int], Planned]


def task(**fields: Any) -> Series:
    """A row of tasks; what a test doesn't speak of is plain."""
    plain: dict[str, Any] = {
        "id": "a_task",
        "source": ("DESIGN",),
        "status": "center_default",
        "item": "a_task",
        "label": "A task",
        "anchor": "infused",
        "at": At(days=(10,)),
        "window": Window(before_days=2, after_days=2),
        "role": "clinician",
        "priority": 3,
        "fulfilled_by": Fulfilment(kind="visit_recorded"),
    }
    return Series(**plain | fields)


def protocol_with(row: Series) -> Protocol:
    """A protocol with one task in it."""
    return replace(EU, follow_up=replace(EU.follow_up, tasks=(row,)))


class Told:
    """Facts as they became known, and the task that comes of them."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def add(self, kind: str, at: datetime, corrects: Fact | None = None, **data: Any) -> Fact:
        """Write one fact."""
        number = len(self.facts) + 1
        strikes = corrects.id if corrects else None
        fact = Fact(1000 + number, number, kind, at.astimezone(UTC), data, strikes, "Ada")
        self.facts.append(fact)
        return fact

    def tasks(self, row: Series, birth: date | None = None) -> Keys:
        """What is planned of one row, by item and occurrence."""
        found = plan(self.facts, protocol_with(row), ROME, birth=birth)
        return {(each.item.item, each.occurrence): each for each in found if each.item.series == row.id}

    def visits(self) -> Keys:
        """What the shipped protocol plans."""
        return {(each.item.item, each.occurrence): each for each in plan(self.facts, EU, ROME)}


@pytest.fixture
def told() -> Told:
    """A story with nothing in it but day 0."""
    story = Told()
    story.add("infused", DAY_0)
    return story


def cause(planned: Planned) -> Cause | None:
    return planned.closing.cause if planned.closing else None


# --- Birthdays ---------------------------------------------------------------------------------------------

COMING_OF_AGE = task(item="age_{n}", label="Age {n}", at=At(ages=(12, 18)))


def test_a_birthday_counts_from_the_birth_and_not_from_the_anchor(told: Told) -> None:
    found = told.tasks(COMING_OF_AGE, birth=date(2012, 5, 7))
    assert {item: each.due.due_on for (item, _), each in found.items()} == {"age_18": date(2030, 5, 7)}
    assert found["age_18", 1].due.first_on == date(2030, 5, 5)


@pytest.mark.parametrize(
    ("birth", "planned"),
    [
        (date(2008, 3, 1), set()),
        (date(2008, 3, 2), set()),
        (date(2008, 3, 3), {"age_18"}),
        (date(2014, 3, 2), {"age_18"}),
        (date(2014, 3, 3), {"age_12", "age_18"}),
    ],
)
def test_a_birthday_is_planned_only_when_it_comes_after_the_anchors_day(
    told: Told, birth: date, planned: set[str]
) -> None:
    assert {item for item, _ in told.tasks(COMING_OF_AGE, birth=birth)} == planned


def test_who_was_born_on_29_february_turns_18_on_28_february(told: Told) -> None:
    found = told.tasks(COMING_OF_AGE, birth=date(2012, 2, 29))
    assert found["age_18", 1].due.due_on == date(2030, 2, 28)


def test_without_a_birth_date_no_birthday_is_planned(told: Told) -> None:
    assert told.tasks(COMING_OF_AGE, birth=None) == {}


@given(birth=st.dates(date(2009, 1, 1), date(2026, 3, 1)))
def test_on_a_planned_birthday_the_child_is_that_old_for_the_first_day(birth: date) -> None:
    story = Told()
    story.add("infused", DAY_0)
    for (item, _), each in story.tasks(COMING_OF_AGE, birth=birth).items():
        years = int(item.rpartition("_")[2])
        assert each.due.due_on is not None
        assert age_on(birth, each.due.due_on).years == years
        assert age_on(birth, each.due.due_on - DAY).years == years - 1


def test_a_changed_birth_date_matters_only_where_birthdays_are_planned() -> None:
    assert "patient_changed" in relevant_kinds(protocol_with(COMING_OF_AGE))
    assert "patient_changed" not in relevant_kinds(protocol_with(task()))


# --- Anchors -----------------------------------------------------------------------------------------------


def test_an_anchor_can_be_chosen_by_what_it_holds(told: Told) -> None:
    row = task(anchor="therapy_started", anchor_match={"drug": "acyclovir"})
    told.add("therapy_started", DAY_0 + DAY, drug="levofloxacin")
    assert told.tasks(row) == {}
    told.add("therapy_started", DAY_0 + 2 * DAY, drug="acyclovir")
    assert told.tasks(row)["a_task", 1].due.due_on == date(2026, 3, 14)


CASE = task(
    anchor="malignancy_suspected",
    anchor_event="each",
    same="case",
    fulfilled_by=Fulfilment(
        kind="malignancy_step_recorded", match={"step": ("sample_sent", "sample_refused")}
    ),
    stops_with=("died", "closed", "malignancy_closed"),
)


def test_of_each_every_event_plans_for_itself(told: Told) -> None:
    told.add("malignancy_suspected", DAY_0 + DAY, case="one")
    told.add("malignancy_suspected", DAY_0 + 5 * DAY, case="two")
    found = told.tasks(CASE)
    assert [each.due.due_on for each in found.values()] == [date(2026, 3, 13), date(2026, 3, 17)]
    assert [cause(each) for each in found.values()] == [None, None]


def test_a_step_settles_its_own_case_only(told: Told) -> None:
    told.add("malignancy_suspected", DAY_0 + DAY, case="one")
    told.add("malignancy_suspected", DAY_0 + 5 * DAY, case="two")
    told.add("malignancy_step_recorded", DAY_0 + 6 * DAY, case="two", step="sample_sent")
    assert [cause(each) for each in told.tasks(CASE).values()] == [None, Cause.FULFILLED]


def test_a_match_takes_one_of_several_values(told: Told) -> None:
    told.add("malignancy_suspected", DAY_0 + DAY, case="one")
    told.add("malignancy_step_recorded", DAY_0 + 2 * DAY, case="one", step="reported")
    assert cause(told.tasks(CASE)["a_task", 1]) is None
    told.add("malignancy_step_recorded", DAY_0 + 3 * DAY, case="one", step="sample_refused")
    assert cause(told.tasks(CASE)["a_task", 1]) == Cause.FULFILLED


def test_the_end_of_one_case_leaves_the_other_and_death_ends_both(told: Told) -> None:
    told.add("malignancy_suspected", DAY_0 + DAY, case="one")
    told.add("malignancy_suspected", DAY_0 + 2 * DAY, case="two")
    told.add("malignancy_closed", DAY_0 + 3 * DAY, case="one")
    assert [cause(each) for each in told.tasks(CASE).values()] == [Cause.STOPPED, None]
    told.add("died", DAY_0 + 4 * DAY, died_on="2026-03-06")
    assert [cause(each) for each in told.tasks(CASE).values()] == [Cause.STOPPED, Cause.DIED]


def test_a_struck_one_of_each_keeps_its_number_and_the_others_theirs(told: Told) -> None:
    first = told.add("malignancy_suspected", DAY_0 + DAY, case="one")
    told.add("malignancy_suspected", DAY_0 + 2 * DAY, case="two")
    told.add("entered_in_error", DAY_0 + 3 * DAY, corrects=first)
    found = told.tasks(CASE)
    assert cause(found["a_task", 1]) == Cause.ENTERED_IN_ERROR
    assert cause(found["a_task", 2]) is None


def test_an_anchor_does_not_fulfil_what_is_counted_from_it(told: Told) -> None:
    doses = task(
        anchor="immunoglobulin_given",
        anchor_event="each",
        fulfilled_by=Fulfilment(kind="immunoglobulin_given"),
    )
    told.add("immunoglobulin_given", DAY_0 + DAY)
    assert cause(told.tasks(doses)["a_task", 1]) is None
    told.add("immunoglobulin_given", DAY_0 + 22 * DAY)
    assert [cause(each) for each in told.tasks(doses).values()] == [Cause.FULFILLED, None]


def test_an_anchor_does_not_stop_what_is_counted_from_it(told: Told) -> None:
    row = task(anchor="therapy_started", anchor_event="each", stops_with=("therapy_started",))
    told.add("therapy_started", DAY_0 + DAY)
    told.add("therapy_started", DAY_0 + 5 * DAY)
    assert [cause(each) for each in told.tasks(row).values()] == [Cause.STOPPED, None]


def test_same_says_nothing_without_each() -> None:
    problems = list(checks.row_problems((), task(same="case"), EU.sources))
    assert [problem.path for problem in problems] == [("same",)]


# --- Resets ------------------------------------------------------------------------------------------------

VISITS = [item for row in EU.follow_up.visits for item in row.items() if item.anchor == "infused"]
EFFICACY = {item.item for item in VISITS if item.clock == "efficacy"}
SAFETY = {item.item for item in VISITS if item.clock == "safety"}
REGISTRY = {item.item for row in EU.follow_up.registry if row.anchor == "infused" for item in row.items()}


def waiting(story: Told) -> set[str]:
    """Visits and forms that still wait."""
    names = {item.item for row in (*EU.follow_up.visits, *EU.follow_up.registry) for item in row.items()}
    return {item for (item, _), each in story.visits().items() if each.closing is None} & names


def test_every_visit_belongs_to_one_of_the_two_clocks_and_the_clocks_have_all_of_them() -> None:
    assert {item.item for item in VISITS} == EFFICACY | SAFETY
    assert not EFFICACY & SAFETY
    assert {"visit_day_28", "visit_month_9"} <= EFFICACY
    assert {"visit_month_3", "visit_month_60", "visit_year_15"} <= SAFETY


def test_a_relapse_stops_efficacy_visits_and_leaves_safety_and_registry(told: Told) -> None:
    told.add("relapsed", DAY_0 + 40 * DAY)
    assert waiting(told) == SAFETY | REGISTRY
    assert cause(told.visits()["visit_month_2", 1]) == Cause.STOPPED


def test_a_visit_held_before_the_relapse_stays_done(told: Told) -> None:
    told.add("visit_recorded", DAY_0 + 28 * DAY, item="visit_day_28")
    told.add("relapsed", DAY_0 + 40 * DAY)
    assert cause(told.visits()["visit_day_28", 1]) == Cause.FULFILLED


def test_a_relapse_entered_in_error_opens_them_again(told: Told) -> None:
    before = waiting(told)
    wrong = told.add("relapsed", DAY_0 + 40 * DAY)
    told.add("entered_in_error", DAY_0 + 41 * DAY, corrects=wrong)
    assert waiting(told) == before


def test_a_transplant_starts_combined_follow_up_and_leaves_the_safety_clock(told: Told) -> None:
    told.add("transplanted", DAY_0 + 100 * DAY)
    combined = {item for item in waiting(told) if "hct" in item}
    assert waiting(told) - combined == SAFETY
    transplanted_on = (DAY_0 + 100 * DAY).date()
    found = told.visits()
    assert found["registry_hct_day_100", 1].due.due_on == transplanted_on + 100 * DAY
    assert found["visit_hct_month_12", 1].due.due_on == date(2027, 6, 10)
    assert found["visit_month_12", 1].due.due_on == date(2027, 3, 2)


def test_a_relapse_before_the_transplant_does_not_stop_the_follow_up_of_the_transplant(told: Told) -> None:
    told.add("relapsed", DAY_0 + 60 * DAY)
    told.add("transplanted", DAY_0 + 100 * DAY)
    assert "visit_hct_month_1" in waiting(told)
    told.add("relapsed", DAY_0 + 200 * DAY)
    assert not {item for item in waiting(told) if item.startswith("visit_hct")}


def test_another_infusion_elsewhere_leaves_only_the_safety_clock(told: Told) -> None:
    told.add("reinfused", DAY_0 + 300 * DAY)
    assert waiting(told) == SAFETY


def test_after_death_the_next_registry_form_of_the_transplant_is_still_owed(told: Told) -> None:
    told.add("transplanted", DAY_0 + 100 * DAY)
    told.add("died", DAY_0 + 120 * DAY, died_on=(DAY_0 + 120 * DAY).date().isoformat())
    told.add("closed", DAY_0 + 120 * DAY, reason_code="died")
    assert waiting(told) == {"registry_hct_day_100"}
