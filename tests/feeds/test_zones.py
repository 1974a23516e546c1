"""Time zones in iCalendar: the moment of a change stands on the clock before it (RFC 5545, 3.6.5)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Timezone

from leukapheresis.feeds.zones import timezone_of


def parts(zone: Timezone) -> list[tuple[str, bytes, bytes | None]]:
    """Kind, beginning and rule of each part."""
    return [
        (part.name, part["dtstart"].to_ical(), part["rrule"].to_ical() if "rrule" in part else None)
        for part in zone.subcomponents
    ]


def test_rome_changes_on_the_last_sundays_of_march_and_october() -> None:
    assert parts(timezone_of("Europe/Rome", 2025, 2028)) == [
        ("STANDARD", b"20250101T010000", None),
        ("DAYLIGHT", b"20250330T020000", b"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"),
        ("STANDARD", b"20251026T030000", b"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"),
    ]


def test_new_york_changes_on_the_second_and_the_first_sunday() -> None:
    assert [rule for _kind, _at, rule in parts(timezone_of("America/New_York", 2025, 2028))] == [
        None,
        b"FREQ=YEARLY;BYDAY=2SU;BYMONTH=3",
        b"FREQ=YEARLY;BYDAY=1SU;BYMONTH=11",
    ]


def test_a_zone_without_summer_time_has_one_part() -> None:
    assert len(timezone_of("America/Sao_Paulo", 2025, 2028).subcomponents) == 1


def test_changes_without_a_rule_are_listed() -> None:
    zone = timezone_of("Africa/Casablanca", 2025, 2028)
    assert any("rdate" in part for part in zone.subcomponents)


@pytest.mark.parametrize("key", ["Europe/Rome", "Europe/Dublin", "America/New_York", "Australia/Lord_Howe"])
def test_the_component_says_at_every_hour_what_the_zone_says(key: str) -> None:
    told, known = timezone_of(key, 2025, 2028).to_tz(), ZoneInfo(key)
    at = datetime(2025, 2, 1, tzinfo=UTC)
    while at < datetime(2027, 12, 1, tzinfo=UTC):
        assert at.astimezone(told).replace(tzinfo=None) == at.astimezone(known).replace(tzinfo=None), at
        at += timedelta(hours=7)
