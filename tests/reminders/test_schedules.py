"""Dates of fifteen years, worked out elsewhere, and the days on which the clocks change."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cartpath.protocols import registry
from cartpath.reminders.facts import Fact
from cartpath.reminders.planner import Planned, plan

PROTOCOL = registry.get("tisagenlecleucel-eu", "1")
ROME = ZoneInfo("Europe/Rome")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")

# Counted from day 0 in calendar months, clamped to the month's end, never month by month.
OF_29_FEBRUARY = {
    "visit_day_28": date(2024, 3, 28),
    "registry_day_100": date(2024, 6, 8),
    "visit_month_1": date(2024, 3, 29),
    "visit_month_3": date(2024, 5, 29),
    "visit_month_6": date(2024, 8, 29),
    "visit_month_12": date(2025, 2, 28),
    "visit_month_24": date(2026, 2, 28),
    "visit_month_36": date(2027, 2, 28),
    "visit_month_48": date(2028, 2, 29),
    "visit_month_60": date(2029, 2, 28),
    "visit_year_15": date(2039, 2, 28),
}
OF_31_AUGUST = {
    "visit_day_28": date(2024, 9, 28),
    "registry_day_100": date(2024, 12, 9),
    "visit_month_1": date(2024, 9, 30),
    "visit_month_2": date(2024, 10, 31),
    "visit_month_3": date(2024, 11, 30),
    "visit_month_6": date(2025, 2, 28),
    "visit_month_12": date(2025, 8, 31),
    "visit_month_24": date(2026, 8, 31),
    "visit_month_36": date(2027, 8, 31),
    "visit_month_48": date(2028, 8, 31),
    "visit_month_60": date(2029, 8, 31),
    "visit_year_15": date(2039, 8, 31),
}
# Days before and after the due day that still count.
WINDOWS = {
    "visit_day_28": (3, 7),
    "registry_day_100": (14, 14),
    "visit_month_2": (7, 7),
    "visit_month_6": (7, 7),
    "visit_month_9": (21, 21),
    "visit_month_24": (21, 21),
    "visit_month_30": (60, 60),
    "visit_year_15": (60, 60),
}
# The day on which the clocks go forward, and the one on which they go back; in Lord Howe by half an hour.
CLOCK_CHANGES = [
    (ROME, date(2026, 3, 29), 23),
    (ROME, date(2026, 10, 25), 25),
    (NEW_YORK, date(2026, 3, 8), 23),
    (NEW_YORK, date(2026, 11, 1), 25),
    (LORD_HOWE, date(2026, 10, 4), 23.5),
    (LORD_HOWE, date(2026, 4, 5), 24.5),
]


def planned(day_0: datetime, zone: ZoneInfo) -> dict[str, list[Planned]]:
    """What is planned for an infusion at a moment, by item."""
    infused = Fact(id=1, seq=1, kind="infused", occurred_at=day_0.astimezone(UTC), data={})
    found: dict[str, list[Planned]] = {}
    for each in plan([infused], PROTOCOL, zone):
        found.setdefault(each.item.item, []).append(each)
    return found


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("day_0", "dates"), [(date(2024, 2, 29), OF_29_FEBRUARY), (date(2024, 8, 31), OF_31_AUGUST)]
)
@pytest.mark.parametrize("zone", [ROME, NEW_YORK, LORD_HOWE])
@pytest.mark.parametrize("hour", [0, 10, 23])
def test_fifteen_years_fall_on_these_days(
    day_0: date, dates: dict[str, date], zone: ZoneInfo, hour: int
) -> None:
    found = planned(datetime(day_0.year, day_0.month, day_0.day, hour, 30, tzinfo=zone), zone)
    assert {item: found[item][0].due.due_on for item in dates} == dates


@pytest.mark.parametrize("item", WINDOWS)
def test_windows_are_whole_local_days(item: str) -> None:
    due = planned(datetime(2024, 8, 31, 10, tzinfo=ROME), ROME)[item][0].due
    assert due.due_on is not None
    before, after = WINDOWS[item]
    assert due.first_on == due.due_on - timedelta(days=before)
    assert due.last_on == due.due_on + timedelta(days=after)
    assert due.opens_at == midnight(due.first_on, ROME)
    assert due.closes_at == midnight(due.last_on + timedelta(days=1), ROME)


@pytest.mark.parametrize(("zone", "changing", "hours"), CLOCK_CHANGES)
def test_a_day_on_which_the_clocks_change_is_a_whole_day(
    zone: ZoneInfo, changing: date, hours: float
) -> None:
    """Day 28 falls on it: it begins and ends at local midnight and people are told at seven by the clock."""
    day_0 = changing - timedelta(days=28)
    visit = planned(datetime(day_0.year, day_0.month, day_0.day, 9, tzinfo=zone), zone)["visit_day_28"][0]
    assert visit.due.due_on == changing
    assert visit.due.due_at == midnight(changing, zone)
    assert midnight(changing + timedelta(days=1), zone) - visit.due.due_at == timedelta(hours=hours)
    told = visit.notify_at.astimezone(zone)
    assert (told.date(), told.hour, told.minute) == (changing - timedelta(days=3), 7, 0)


@pytest.mark.parametrize(("zone", "changing", "_hours"), CLOCK_CHANGES)
def test_a_window_that_opens_on_such_a_day_is_told_at_seven_by_the_clock(
    zone: ZoneInfo, changing: date, _hours: float
) -> None:
    day_0 = changing - timedelta(days=25)
    visit = planned(datetime(day_0.year, day_0.month, day_0.day, 9, tzinfo=zone), zone)["visit_day_28"][0]
    assert visit.due.first_on == changing
    assert visit.due.opens_at == midnight(changing, zone)
    assert visit.notify_at == datetime(
        changing.year, changing.month, changing.day, 7, tzinfo=zone
    ).astimezone(UTC)


@pytest.mark.parametrize(("zone", "changing", "_hours"), CLOCK_CHANGES)
def test_checks_by_the_hour_count_elapsed_hours_over_the_change(
    zone: ZoneInfo, changing: date, _hours: float
) -> None:
    eve = changing - timedelta(days=1)
    day_0 = datetime(eve.year, eve.month, eve.day, 20, tzinfo=zone)
    checks = planned(day_0, zone)["toxicity_assessment"]
    moments = [each.due.due_at for each in checks]
    gaps = {after - before for before, after in itertools.pairwise(moments)}
    every = checks[0].item.recurrence
    assert every is not None
    assert gaps == {timedelta(hours=every.every_hours)}
    assert moments[0] - day_0 == timedelta(hours=checks[0].item.offset.hours or 0)


@pytest.mark.parametrize("minute", [0, 59])
def test_an_infusion_in_the_hour_that_comes_twice_has_one_day_0(minute: int) -> None:
    """Half past two on 25 October 2026 comes twice in Rome; both are the same day."""
    for fold in (0, 1):
        day_0 = datetime(2026, 10, 25, 2, minute, tzinfo=ROME, fold=fold)
        assert planned(day_0, ROME)["visit_month_1"][0].due.due_on == date(2026, 11, 25)
