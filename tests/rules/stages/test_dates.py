"""Calendar and clock arithmetic."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.core.dates import (
    Period,
    add_elapsed,
    add_months,
    age_on,
    day_post,
    months_between,
    parse_moment,
)
from cartpath.core.quantities import cells_text

ROME = ZoneInfo("Europe/Rome")
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("first", "months", "then"),
    [
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2024-08-31", 1, "2024-09-30"),
        ("2024-08-31", 2, "2024-10-31"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-12-15", 1, "2025-01-15"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2024-03-31", 0, "2024-03-31"),
    ],
)
def test_months_are_clamped_to_the_end_of_the_month(first: str, months: int, then: str) -> None:
    assert add_months(date.fromisoformat(first), months) == date.fromisoformat(then)


def test_a_day_outside_the_calendar_is_refused() -> None:
    with pytest.raises(OverflowError):
        add_months(date(9999, 12, 1), 1)


@given(days, st.integers(-1200, 1200))
def test_added_months_land_in_the_right_month(day: date, months: int) -> None:
    then = add_months(day, months)
    assert then.year * 12 + then.month - day.year * 12 - day.month == months
    assert then.day <= day.day


@given(days, st.integers(1, 600))
def test_completed_months_undo_added_months(day: date, months: int) -> None:
    assert months_between(day, add_months(day, months)) == months
    assert months_between(day, add_months(day, months) - timedelta(days=1)) == months - 1


@pytest.mark.parametrize(
    ("birth", "on", "shown"),
    [
        ("2026-03-02", "2026-03-02", "0 d"),
        ("2026-02-03", "2026-03-02", "27 d"),
        ("2026-02-02", "2026-03-02", "4 w"),
        ("2025-12-03", "2026-03-02", "12 w"),
        ("2025-12-02", "2026-03-02", "3 m"),
        ("2024-03-03", "2026-03-02", "23 m"),
        ("2024-03-02", "2026-03-02", "2 y 0 m"),
        ("2021-03-12", "2026-11-22", "5 y 8 m"),
        ("2024-02-29", "2025-02-28", "12 m"),
    ],
)
def test_an_age_is_shown_as_a_ward_says_it(birth: str, on: str, shown: str) -> None:
    assert str(age_on(date.fromisoformat(birth), date.fromisoformat(on))) == shown


@pytest.mark.parametrize(("on", "years"), [("2026-03-01", 11), ("2026-03-02", 12), ("2026-03-03", 12)])
def test_a_birthday_counts_from_its_morning(on: str, years: int) -> None:
    assert age_on(date(2014, 3, 2), date.fromisoformat(on)).years == years


def test_nobody_has_an_age_before_birth() -> None:
    with pytest.raises(ValueError, match="before birth"):
        age_on(date(2026, 3, 2), date(2026, 3, 1))


@pytest.mark.parametrize(("on", "day"), [("2026-03-01", -1), ("2026-03-02", 0), ("2026-03-30", 28)])
def test_the_day_of_infusion_is_day_0(on: str, day: int) -> None:
    assert day_post(date(2026, 3, 2), date.fromisoformat(on)) == day


def test_elapsed_hours_survive_the_clock_change() -> None:
    before = datetime(2026, 3, 28, 12, 0, tzinfo=ROME)
    after = add_elapsed(before, timedelta(hours=24))
    assert after.hour == 13
    assert after.tzinfo is ROME


def test_elapsed_time_needs_an_offset() -> None:
    with pytest.raises(ValueError, match="offset"):
        add_elapsed(datetime(2026, 3, 28, 12, 0), timedelta(hours=1))  # noqa: DTZ001


def test_a_period_holds_its_start_and_not_its_end() -> None:
    start, end = datetime(2026, 3, 2, 8, tzinfo=ROME), datetime(2026, 3, 2, 12, tzinfo=ROME)
    period = Period(start, end)
    assert period.contains(start)
    assert not period.contains(end)
    assert not period.contains(start - timedelta(seconds=1))


def test_periods_that_touch_do_not_overlap() -> None:
    eight, ten, noon = (datetime(2026, 3, 2, hour, tzinfo=ROME) for hour in (8, 10, 12))
    assert not Period(eight, ten).overlaps(Period(ten, noon))
    assert Period(eight, noon).overlaps(Period(ten, noon))
    assert not Period(ten, ten).overlaps(Period(eight, noon))


def test_a_period_is_measured_in_elapsed_time() -> None:
    night = Period(datetime(2026, 3, 28, 20, tzinfo=ROME), datetime(2026, 3, 29, 8, tzinfo=ROME))
    assert night.duration == timedelta(hours=11)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(2026, 3, 2, 8), datetime(2026, 3, 2, 9, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 7, tzinfo=UTC)),
    ],
)
def test_an_impossible_period_is_refused(start: datetime, end: datetime) -> None:
    with pytest.raises(ValueError, match="period"):
        Period(start, end)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02", date(2026, 3, 2)),
        ("2026-03-02T08:15Z", datetime(2026, 3, 2, 8, 15, tzinfo=UTC)),
        ("2026-03-02T08:15:30.5Z", datetime(2026, 3, 2, 8, 15, 30, 500_000, tzinfo=UTC)),
        ("2026-03-02 08:15:30+00:00", datetime(2026, 3, 2, 8, 15, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_a_day_or_a_time_with_its_offset(text: str, moment: date) -> None:
    found = parse_moment(text)
    assert found == moment
    assert type(found) is type(moment)


@pytest.mark.parametrize(
    "text",
    [
        "20260302",
        "1772668800",
        "2026-03-02T08:15",
        "2026-13-01",
        "2026-03-02T25:00Z",
        "1899-12-31",
        "2201-01-01",
    ],
)
def test_anything_else_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_moment(text)


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (0, "0"),
        (9999, "9999"),
        (20_000, "20 ×10³"),
        (2.6e9, "2.6 ×10⁹"),
        (410e6, "410 ×10⁶"),
        (1e12, "1 ×10¹²"),
    ],
)
def test_many_cells_are_written_with_a_power_of_ten(cells: float, text: str) -> None:
    assert cells_text(cells) == text
