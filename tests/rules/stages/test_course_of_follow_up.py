"""What a plan has become: days, states, resets and the two clocks."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.core.dates import add_months
from cartpath.protocols import registry
from followup.rules.course import (
    Clocks,
    DatedVisit,
    Happening,
    clocks,
    dated_visits,
    days_off,
    visit_state,
)

ROME = ZoneInfo("Europe/Rome")
EU = registry.get("tisagenlecleucel-eu", "1")
DAY_0 = datetime(2026, 3, 2, 11, 0, tzinfo=ROME)
DAY = timedelta(days=1)


def at_day(count: int, kind: str) -> Happening:
    return Happening(kind=kind, at=DAY_0 + count * DAY)


def visits(*happened: Happening, day_0: datetime = DAY_0) -> dict[str, DatedVisit]:
    infused = Happening(kind="infused", at=day_0)
    found = dated_visits(EU.follow_up.visits, [infused, *happened], ROME)
    return {each.expected.item: each for each in found}


def state(visit: DatedVisit, on: date, held_on: date | None = None, **said: bool) -> str:
    known = {"is_skipped": False, "is_closed": False} | said
    return visit_state(visit, held_on=held_on, on=on, zone=ROME, **known)


@pytest.mark.parametrize(
    ("day_0", "months"),
    [
        (
            date(2024, 2, 29),
            {1: "2024-03-29", 3: "2024-05-29", 6: "2024-08-29", 12: "2025-02-28", 24: "2026-02-28"},
        ),
        (
            date(2024, 8, 31),
            {1: "2024-09-30", 2: "2024-10-31", 3: "2024-11-30", 6: "2025-02-28", 12: "2025-08-31"},
        ),
    ],
)
def test_months_count_from_day_0_clamped_and_never_chained(day_0: date, months: dict[int, str]) -> None:
    found = visits(day_0=datetime(day_0.year, day_0.month, day_0.day, 9, 0, tzinfo=ROME))
    for month, due in months.items():
        assert found[f"visit_month_{month}"].due_on == date.fromisoformat(due)
    assert found["visit_year_15"].due_on == add_months(day_0, 180)


@given(day_0=st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_a_month_visit_is_due_in_the_right_month_on_the_day_of_the_infusion_or_the_months_last(
    day_0: date,
) -> None:
    found = visits(day_0=datetime(day_0.year, day_0.month, day_0.day, 12, 0, tzinfo=ROME))
    for months in (1, 6, 60):
        due = found[f"visit_month_{months}"].due_on
        assert (due.year * 12 + due.month) - (day_0.year * 12 + day_0.month) == months
        assert due.day == day_0.day or (due.day < day_0.day and (due + DAY).day == 1)


def test_visits_stand_in_the_order_of_their_due_days() -> None:
    dues = [each.due_on for each in visits().values()]
    assert dues == sorted(dues)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 3, 26), "planned"),
        (date(2026, 3, 27), "due"),
        (date(2026, 4, 6), "due"),
        (date(2026, 4, 7), "missed"),
    ],
)
def test_the_window_has_both_its_days(on: date, expected: str) -> None:
    assert state(visits()["visit_day_28"], on) == expected


@pytest.mark.parametrize(
    ("held_on", "expected", "off"),
    [
        (date(2026, 3, 25), "early", -2),
        (date(2026, 3, 26), "early", -1),
        (date(2026, 3, 27), "done", 0),
        (date(2026, 4, 6), "done", 0),
        (date(2026, 4, 7), "late", 1),
        (date(2026, 4, 20), "late", 14),
    ],
)
def test_a_visit_outside_its_window_is_early_or_late_by_its_days(
    held_on: date, expected: str, off: int
) -> None:
    visit = visits()["visit_day_28"]
    assert state(visit, date(2026, 5, 1), held_on) == expected
    assert days_off(visit, held_on) == off


def test_a_relapse_stops_what_was_to_come_and_says_why() -> None:
    found = visits(at_day(70, "relapsed"))
    stopped = found["visit_month_4"]
    assert state(stopped, date(2026, 6, 1)) == "stopped"
    assert stopped.stopped is not None and stopped.stopped.kind == "relapsed"
    assert state(found["visit_month_3"], date(2026, 6, 1)) == "due"
    assert state(found["visit_month_1"], date(2026, 6, 1)) == "not_held"


def test_what_was_held_or_left_out_stays_so_after_a_relapse() -> None:
    visit = visits(at_day(70, "relapsed"))["visit_month_1"]
    assert state(visit, date(2026, 6, 1), date(2026, 4, 2)) == "done"
    assert state(visit, date(2026, 6, 1), is_skipped=True) == "skipped"


def test_the_visits_of_a_transplant_count_from_it() -> None:
    assert not [item for item in visits() if "hct" in item]
    found = visits(at_day(100, "transplanted"))
    assert found["visit_hct_month_1"].due_on == date(2026, 7, 10)
    assert found["visit_month_12"].stopped is None
    assert found["visit_month_9"].stopped is not None


def test_of_several_stops_the_earliest_counts() -> None:
    visit = visits(at_day(200, "transplanted"), at_day(150, "relapsed"))["visit_month_9"]
    assert visit.stopped is not None and visit.stopped.kind == "relapsed"


def test_a_closed_journey_awaits_nothing() -> None:
    assert state(visits()["visit_month_12"], date(2026, 6, 1), is_closed=True) == "not_held"


def clock(on: date, *happened: Happening) -> Clocks:
    return clocks(infused_at=DAY_0, happened=happened, on=on, zone=ROME)


@pytest.mark.parametrize(
    ("on", "year"),
    [
        (date(2026, 3, 2), 1),
        (date(2027, 3, 1), 1),
        (date(2027, 3, 2), 2),
        (date(2041, 3, 1), 15),
        (date(2041, 3, 2), None),
    ],
)
def test_the_safety_clock_counts_fifteen_years(on: date, year: int | None) -> None:
    assert clock(on).safety_year == year
    assert clock(on).safety_ends_on == date(2041, 3, 2)


@pytest.mark.parametrize("kind", ["relapsed", "transplanted", "reinfused"])
def test_each_reset_stops_the_efficacy_clock_and_leaves_the_safety_clock(kind: str) -> None:
    found = clock(date(2027, 1, 1), at_day(100, kind))
    assert not found.is_efficacy_running
    assert found.stopped_on == date(2026, 6, 10)
    assert found.safety_year == 1
    assert clock(date(2027, 1, 1)).is_efficacy_running
