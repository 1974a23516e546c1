"""When a resource is there: hours, exceptional days, closures, and hours that stay hours."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.core.dates import Period
from leukapheresis.rules.opening import (
    ClosedDays,
    DayHours,
    Hours,
    Opening,
    ready_from,
    with_buffers,
)
from leukapheresis.rules.quota import WeeklyQuota, first_full, week_of

ROME = ZoneInfo("Europe/Rome")
WORKDAYS = tuple(Hours(weekday, time(8), time(18)) for weekday in range(5))
MONDAY = date(2026, 3, 2)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=ROME)


def on(day: date, first: int, last: int) -> Period:
    return Period(at(day, first), at(day, last))


def why(opening: Opening, period: Period) -> str | None:
    shut = opening.shut(period)
    return shut and shut.why


def test_within_its_hours_a_resource_is_there_up_to_both_ends() -> None:
    opening = Opening(ROME, WORKDAYS)
    assert why(opening, on(MONDAY, 8, 18)) is None
    assert why(opening, Period(at(MONDAY, 7, 59), at(MONDAY, 12))) == "hours"
    assert why(opening, Period(at(MONDAY, 12), at(MONDAY, 18, 1))) == "hours"
    assert why(opening, on(MONDAY + timedelta(days=5), 9, 10)) == "hours"


def test_a_lunch_break_is_no_working_time_and_hours_that_touch_are_one() -> None:
    broken = Opening(ROME, (Hours(0, time(8), time(12)), Hours(0, time(13), time(18))))
    whole = Opening(ROME, (Hours(0, time(12), time(18)), Hours(0, time(8), time(12))))
    assert why(broken, on(MONDAY, 11, 14)) == "hours"
    assert why(whole, on(MONDAY, 11, 14)) is None


def test_without_hours_a_resource_is_there_day_and_night() -> None:
    assert why(Opening(ROME), Period(at(MONDAY, 20), at(MONDAY + timedelta(days=3), 8))) is None


def test_a_night_shift_joins_the_days() -> None:
    nights = Opening(ROME, tuple(Hours(weekday, time(20), time(8)) for weekday in range(7)))
    assert why(nights, Period(at(MONDAY, 22), at(MONDAY + timedelta(days=1), 8))) is None
    assert why(nights, Period(at(MONDAY, 22), at(MONDAY + timedelta(days=1), 9))) == "hours"
    always = Opening(ROME, tuple(Hours(weekday, time(0), time(0)) for weekday in range(7)))
    assert why(always, Period(at(MONDAY, 22), at(MONDAY + timedelta(days=4), 9))) is None


def closed(day: date, *, whole_center: bool = True) -> Sequence[ClosedDays]:
    return (ClosedDays(day, day, "holiday", "Easter", whole_center),)


def test_a_holiday_closes_the_day_and_says_its_name() -> None:
    opening = Opening(ROME, WORKDAYS, closed=closed(MONDAY))
    shut = opening.shut(on(MONDAY, 9, 10))
    assert shut is not None and (shut.why, shut.on) == ("closed", MONDAY)
    assert "Easter" in shut.sentence
    assert why(opening, on(MONDAY + timedelta(days=1), 9, 10)) is None


def test_an_exceptional_day_beats_hours_and_the_centers_closure_but_not_its_own() -> None:
    sunday = MONDAY - timedelta(days=1)
    extra = (DayHours(sunday, time(8), time(12)), DayHours(MONDAY, time(10), time(12)))
    opening = Opening(ROME, WORKDAYS, extra, closed(MONDAY))
    assert why(opening, on(sunday, 8, 12)) is None
    assert why(opening, on(MONDAY, 10, 12)) is None
    assert why(opening, on(MONDAY, 8, 12)) == "hours"
    own = Opening(ROME, WORKDAYS, extra, closed(MONDAY, whole_center=False))
    assert why(own, on(MONDAY, 10, 12)) == "closed"


def test_a_stay_over_a_closed_day_is_closed() -> None:
    opening = Opening(ROME, closed=closed(MONDAY + timedelta(days=1)))
    assert why(opening, Period(at(MONDAY, 20), at(MONDAY + timedelta(days=2), 8))) == "closed"


def test_nothing_takes_no_time() -> None:
    assert Opening(ROME, closed=closed(MONDAY)).shut(on(MONDAY, 9, 9)) is None


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_the_days_on_which_the_clocks_change_have_other_lengths(day: date, hours: int) -> None:
    always = Opening(ROME, (Hours(6, time(0), time(0)),))
    (span,) = always.spans(day, day)
    assert span.duration == timedelta(hours=hours)


def test_hours_after_the_change_are_those_of_the_new_clock() -> None:
    """08:00 is 07:00 UTC on the Friday and 06:00 UTC on the Monday."""
    opening = Opening(ROME, WORKDAYS)
    friday, monday = date(2026, 3, 27), date(2026, 3, 30)
    assert why(opening, Period(datetime(2026, 3, 27, 7, tzinfo=UTC), at(friday, 12))) is None
    assert why(opening, Period(datetime(2026, 3, 27, 6, tzinfo=UTC), at(friday, 12))) == "hours"
    assert why(opening, Period(datetime(2026, 3, 30, 6, tzinfo=UTC), at(monday, 12))) is None


hours_of_week = st.lists(
    st.builds(
        Hours,
        st.integers(0, 6),
        st.times(max_value=time(23)).map(lambda t: t.replace(second=0, microsecond=0)),
        st.times(max_value=time(23)).map(lambda t: t.replace(second=0, microsecond=0)),
    ),
    max_size=6,
)


@given(
    hours_of_week,
    st.integers(0, 400),
    st.integers(0, 23 * 60),
    st.integers(1, 30 * 60),
)
def test_a_period_is_possible_exactly_when_each_of_its_minutes_is(
    hours: list[Hours], days: int, minute: int, length: int
) -> None:
    """Minute by minute, counted by hand across a year with both clock changes."""
    opening = Opening(ROME, hours)
    starts_at = at(MONDAY + timedelta(days=days), 0).astimezone(UTC) + timedelta(minutes=minute)
    period = Period(starts_at, starts_at + timedelta(minutes=length))
    first, last = starts_at.astimezone(ROME).date(), period.ends_at.astimezone(ROME).date()
    spans = list(opening.spans(first - timedelta(days=1), last))
    moments = (starts_at + timedelta(minutes=each) for each in range(length))
    assert (opening.shut(period) is None) == all(any(span.contains(m) for span in spans) for m in moments)


def test_buffers_widen_a_period_on_both_sides() -> None:
    wider = with_buffers(on(MONDAY, 8, 12), before_minutes=15, after_minutes=30)
    assert (wider.starts_at, wider.ends_at) == (at(MONDAY, 7, 45), at(MONDAY, 12, 30))


def test_a_lead_time_is_elapsed_hours() -> None:
    friday = at(date(2026, 3, 27), 12)
    assert ready_from(friday, lead_hours=72).astimezone(ROME) == at(date(2026, 3, 30), 13)


def full(quotas: Sequence[WeeklyQuota], used: int, **collection: str) -> bool:
    told = {"product": "tisagenlecleucel", "referring_center": "X", **collection}
    return first_full(quotas, lambda _quota: used, on=MONDAY, **told) is not None


def test_a_quota_is_full_at_its_number_and_not_before() -> None:
    assert not full([WeeklyQuota(1, 2)], 1)
    assert full([WeeklyQuota(1, 2)], 2)
    assert full([WeeklyQuota(1, 0)], 0)


def test_a_quota_concerns_its_product_its_referrer_and_its_days() -> None:
    assert not full([WeeklyQuota(1, 0, product="brexucabtagene")], 9)
    assert not full([WeeklyQuota(1, 0, referring_center="Y")], 9)
    assert full([WeeklyQuota(1, 0, referring_center="X", valid_from=MONDAY)], 9)
    assert not full([WeeklyQuota(1, 0, valid_from=MONDAY + timedelta(days=1))], 9)
    assert not full([WeeklyQuota(1, 0, valid_from=date.min, valid_to=MONDAY)], 9)


def test_a_week_begins_on_monday_and_ends_before_the_next() -> None:
    assert week_of(MONDAY + timedelta(days=6)) == (MONDAY, MONDAY + timedelta(days=7))
    assert week_of(MONDAY) == (MONDAY, MONDAY + timedelta(days=7))
