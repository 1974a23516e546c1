"""The days of follow-up, B-cell aplasia, and whose IgG it is."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.protocols import registry
from followup.rules.b_cell_aplasia import BCellSample, b_cell_aplasia, b_cell_course
from followup.rules.immunoglobulin import read_igg
from tests.rules.stages.asking import ask, refused

DATA = Path(__file__).parents[1] / "data"
DAYS = json.loads((DATA / "follow_up_days.json").read_text(encoding="utf-8"))
PLAN = registry.get("tisagenlecleucel-eu", "1").follow_up
DAY_0 = date(2026, 1, 10)


def schedule(infused_on: str) -> dict[str, dict[str, object]]:
    answer = ask("follow_up_schedule", protocol="tisagenlecleucel-eu", infused_on=infused_on)
    return {row["item"]: row for row in answer.result["items"]}  # type: ignore[attr-defined]


def sample(day: int, percent: float | None, per_ul: float | None = 0) -> BCellSample:
    return BCellSample(DAY_0 + timedelta(days=day), percent=percent, per_ul=per_ul)


@pytest.mark.parametrize("case", DAYS, ids=lambda case: case["infused_on"])
def test_months_are_clamped_and_never_chained(case: dict[str, object]) -> None:
    found = schedule(str(case["infused_on"]))
    due = case["due"]
    assert isinstance(due, dict)
    assert {item: found[item]["due"] for item in due} == due


@pytest.mark.parametrize(
    ("item", "before", "after"),
    [
        ("visit_day_28", 3, 7),
        ("visit_month_1", 7, 7),
        ("visit_month_6", 7, 7),
        ("registry_day_100", 14, 14),
        ("visit_month_9", 21, 21),
        ("visit_month_24", 21, 21),
        ("visit_month_30", 60, 60),
        ("visit_year_15", 60, 60),
    ],
)
def test_the_window_holds_the_due_day(item: str, before: int, after: int) -> None:
    row = schedule("2026-01-10")[item]
    due = date.fromisoformat(str(row["due"]))
    assert row["window"] == [
        (due - timedelta(days=before)).isoformat(),
        (due + timedelta(days=after)).isoformat(),
    ]


def test_the_plan_has_exactly_these_items() -> None:
    months = (*range(1, 7), *range(9, 25, 3), *range(30, 61, 6))
    visits = [
        "visit_day_28",
        *(f"visit_month_{n}" for n in months),
        *(f"visit_year_{n}" for n in range(6, 16)),
    ]
    registry_items = ["registry_day_100", "registry_month_6", *(f"registry_year_{n}" for n in range(1, 16))]
    assert sorted(schedule("2026-01-10")) == sorted([*visits, *registry_items])


def test_items_come_in_the_order_of_their_days() -> None:
    answer = ask("follow_up_schedule", protocol="tisagenlecleucel-us", infused_on="2026-01-10")
    days = [row["due"] for row in answer.result["items"]]  # type: ignore[attr-defined]
    assert days == sorted(days)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"protocol": "nobody"}, "protocol"),
        ({"infused_on": "2026-02-30"}, "infused_on"),
        ({"infused_on": "20260210"}, "infused_on"),
        ({"infused_on": "2026-02-10T00:00:00Z"}, "infused_on"),
        ({"infused_on": "9999-01-01"}, "infused_on"),
        ({"infused_on": 5}, "infused_on"),
    ],
)
def test_a_schedule_without_sense_is_refused(given: dict[str, object], field: str) -> None:
    sound: dict[str, object] = {"protocol": "tisagenlecleucel-eu", "infused_on": "2026-01-10"}
    assert refused("follow_up_schedule", **sound | given) == {field}


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_any_day_of_infusion_has_a_plan_to_year_fifteen(infused_on: date) -> None:
    last = date.fromisoformat(str(schedule(infused_on.isoformat())["visit_year_15"]["due"]))
    assert last.year == infused_on.year + 15
    assert last.month == infused_on.month


@pytest.mark.parametrize(
    ("samples", "state"),
    [
        ([], None),
        ([sample(28, None, None)], None),
        ([sample(28, 0.2)], "ongoing"),
        ([sample(28, 1.0, 100)], "ongoing"),  # not more than the thresholds
        ([sample(28, 1.1)], "suspected_loss"),
        ([sample(28, 0.5, 101)], "suspected_loss"),
        ([sample(28, None, 101)], "suspected_loss"),
        ([sample(28, 0.2), sample(60, 5), sample(73, 5)], "suspected_loss"),  # 13 days: too soon to confirm
        ([sample(28, 0.2), sample(60, 5), sample(74, 5)], "lost"),
        ([sample(28, 0.2), sample(60, 5), sample(88, 5)], "lost"),
        ([sample(28, 0.2), sample(60, 5), sample(89, 5)], "lost"),
        ([sample(28, 0.2), sample(60, 5), sample(74, 0.1)], "ongoing"),
        ([sample(28, 0.2), sample(60, 5), sample(74, 0.1), sample(90, 5)], "suspected_loss"),
        ([sample(60, 5), sample(74, 5), sample(120, 0.1)], "lost"),
        ([sample(-3, 20, 500)], None),  # before the infusion
    ],
)
def test_a_second_sample_two_to_four_weeks_later_confirms_the_loss(
    samples: list[BCellSample], state: str | None
) -> None:
    assert b_cell_aplasia(PLAN.b_cell_aplasia, samples, infused_on=DAY_0) == state


def test_a_late_confirmation_counts_and_is_flagged() -> None:
    course = b_cell_course(PLAN.b_cell_aplasia, [sample(60, 5), sample(89, 5)], infused_on=DAY_0)
    assert course.state == "lost"
    assert "confirmed_late" in course.flags


def test_the_loss_dates_from_the_first_sample() -> None:
    course = b_cell_course(PLAN.b_cell_aplasia, [sample(60, 5), sample(80, 5)], infused_on=DAY_0)
    assert course.since == course.first_positive_on == DAY_0 + timedelta(days=60)
    assert course.confirm_from == DAY_0 + timedelta(days=74)
    assert course.confirm_until == DAY_0 + timedelta(days=88)


@pytest.mark.parametrize(("on", "early"), [("2026-07-09", True), ("2026-07-10", False)])
def test_early_means_before_six_calendar_months(on: str, early: bool) -> None:
    first = BCellSample(date.fromisoformat(on), percent=5, per_ul=0)
    course = b_cell_course(PLAN.b_cell_aplasia, [first], infused_on=DAY_0)
    assert course.is_early is early
    assert ("early_loss" in course.flags) is early


def test_after_conditioning_aplasia_is_no_longer_followed() -> None:
    samples = [sample(28, 0.1), sample(100, 30)]
    course = b_cell_course(
        PLAN.b_cell_aplasia, samples, infused_on=DAY_0, conditioning_on=DAY_0 + timedelta(days=90)
    )
    assert course.state == "not_applicable"
    assert course.first_positive_on is None
    assert course.flags == ()


def test_a_loss_before_conditioning_stays_on_record() -> None:
    course = b_cell_course(
        PLAN.b_cell_aplasia,
        [sample(60, 5), sample(80, 5)],
        infused_on=DAY_0,
        conditioning_on=DAY_0 + timedelta(days=90),
    )
    assert course.state == "not_applicable"
    assert course.first_positive_on == DAY_0 + timedelta(days=60)


def test_a_drug_against_b_cells_is_flagged_because_it_hides_a_loss() -> None:
    course = b_cell_course(
        PLAN.b_cell_aplasia,
        [sample(28, 0.1)],
        infused_on=DAY_0,
        depleting_drug_on=[DAY_0 + timedelta(days=20)],
    )
    assert course.flags == ("b_cell_depleting_drug",)


def test_a_sample_with_one_value_says_that_the_other_is_missing() -> None:
    course = b_cell_course(PLAN.b_cell_aplasia, [sample(28, 0.1, None)], infused_on=DAY_0)
    assert course.state == "ongoing"
    assert course.missing == ("b_cells_per_ul",)


def test_without_an_infusion_there_is_no_state() -> None:
    assert b_cell_aplasia(PLAN.b_cell_aplasia, [sample(28, 5)], infused_on=None) is None


@given(st.lists(st.tuples(st.integers(0, 900), st.floats(0, 100)), max_size=12), st.randoms())
def test_the_order_in_which_samples_become_known_does_not_matter(
    rows: list[tuple[int, float]], random: object
) -> None:
    samples = [sample(day, percent) for day, percent in dict(rows).items()]
    shuffled = sorted(samples, key=lambda _: random.random())  # type: ignore[attr-defined]
    rule = PLAN.b_cell_aplasia
    assert b_cell_course(rule, samples, infused_on=DAY_0) == b_cell_course(rule, shuffled, infused_on=DAY_0)


@pytest.mark.parametrize(
    ("last_on", "ever", "native"),
    [
        (date(2026, 3, 1), True, False),  # 30 days before
        (date(2026, 2, 28), True, True),  # 31 days before
        (date(2026, 3, 31), True, False),  # the same day
        (date(2026, 4, 1), True, None),  # after the sample: nothing is known of before
        (None, False, True),
        (None, None, None),
        (None, True, None),
    ],
)
def test_an_igg_is_own_when_immunoglobulin_is_more_than_thirty_days_ago(
    last_on: date | None, ever: bool | None, native: bool | None
) -> None:
    reading = read_igg(
        PLAN.immunoglobulin,
        igg_mg_dl=500,
        sampled_on=date(2026, 3, 31),
        last_immunoglobulin_on=last_on,
        ever_replaced=ever,
    )
    assert reading.is_native is native
    assert ("last_immunoglobulin_on" in reading.missing) is (native is None)


@pytest.mark.parametrize(("igg", "low"), [(400, True), (400.1, False), (None, None)])
def test_an_igg_of_four_hundred_asks_for_replacement(igg: float | None, low: bool | None) -> None:
    reading = read_igg(
        PLAN.immunoglobulin,
        igg_mg_dl=igg,
        sampled_on=date(2026, 3, 31),
        last_immunoglobulin_on=None,
        ever_replaced=False,
    )
    assert reading.is_low is low
    assert ("adult_limit" in reading.flags) is bool(low)
